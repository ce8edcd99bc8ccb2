#include "lower/fuse.h"

#include "ir/build.h"
#include "lower/access.h"
#include "lower/affine.h"
#include "lower/delay.h"
#include "lower/dependence.h"
#include "lower/separate.h"

#define MANY UINT32_MAX

enum {
    FARTHEST = 48,       /* groups back */
    MOST_WAITING = 64,   /* nests */
    MOST_ACCESSES = 512, /* of a group that others are compared with */
    WIDEST_SPREAD = 16,  /* of ranges that are joined */
    MOST_PEELED = 256,   /* items in a loop that is copied for its ends */
    LONG_BODY = 256      /* in longer ones the use of arrays is not counted */
};

/* A loop, or a run of neighbouring steps that are none. */
struct group {
    item_id first, last;
    bool is_loop;
    bool is_ragged; /* holds members */
    bool compares;  /* its values must not depend on how a range is cut */
    uint32_t items;
    size_t joined; /* the first access of what joined last */
    struct access_list accesses;
};

/* How two groups together use an array. */
struct flow {
    uint32_t stamp, items;
    item_id last;
    bool reads, writes;
};

struct fusion {
    struct tree *t;
    bool exact; /* each element gets its parts in the order of the program */
    struct separation separation;
    struct access_walk walk;
    VEC(struct group) groups; /* of the body at hand, in order */
    VEC(struct flow) flows;   /* by array */
    uint32_t asked;           /* stamp of flows */
    array_id placed;          /* whose waiting nests are joining a loop, */
    uint32_t placed_later;    /* and how many more of them will */
    struct body_scope scope;  /* of the body at hand */
    VEC(item_id) adders; /* by array: the loop of the body at hand that adds to it last, where there is one */
    VEC(item_id) waiting;  /* nests of the body at hand that wait for the first use of what they set */
    VEC(uint32_t) touches; /* by array: items that use it; MANY: more, or not counted */
    struct access_list list;
    VEC(uint32_t) chain, head; /* accesses of the group at hand by array: head by array, both plus 1 */
};

static void release_group(struct group *group) {
    access_list_release(&group->accesses);
}

/* Accesses of what lives inside do not matter outside. */
static void drop_inner_arrays(struct fusion *f, struct access_list *list, size_t from) {
    size_t kept = from;
    for (size_t k = from; k < list->all.count; k++) {
        index_id owner = f->t->p.arrays.at[list->all.at[k].array].owner;
        if (!owner || !body_scope_is_inner(&f->scope, owner)) list->all.at[kept++] = list->all.at[k];
    }
    list->all.count = kept;
}

static void add_accesses(struct fusion *f, struct group *group, item_id i) {
    size_t from = group->accesses.all.count;
    f->walk.compares = false;
    for (item_id k = i; k; k = tree_next(f->t, k, i)) {
        if (group->is_loop) access_begin(&f->walk);
        access_add(&f->walk, &group->accesses, k);
        group->items++;
    }
    group->compares |= f->walk.compares;
    drop_inner_arrays(f, &group->accesses, from);
}

/* ---- Private arrays ---- */

static void count_item(struct fusion *f, item_id i, bool is_long) {
    f->list.all.count = f->list.subscripts.count = 0;
    if (!is_long) access_begin(&f->walk);
    access_add(&f->walk, &f->list, i);
    for (size_t k = 0; k < f->list.all.count; k++) {
        uint32_t *touches = &f->touches.at[f->list.all.at[k].array];
        bool again = false;
        for (size_t j = 0; j < k && !again && k < LONG_BODY; j++)
            again = f->list.all.at[j].array == f->list.all.at[k].array;
        if (is_long || k >= LONG_BODY) *touches = MANY;
        if (!again && *touches < MANY) ++*touches;
    }
}

static void count_touches(struct fusion *f) {
    struct tree *t = f->t;
    while (f->touches.count < t->p.arrays.count && VEC_PUSH(&f->touches, 0)) continue;
    if (f->touches.failed) t->failed = true;
    for (item_id body = ROOT; body && !t->failed; body = tree_next(t, body, ROOT)) {
        uint32_t length = 0;
        item_id first = tree_item(t, body)->first;
        for (item_id i = first; i && length <= LONG_BODY; i = tree_item(t, i)->next) length++;
        access_begin(&f->walk);
        for (item_id i = first; i; i = tree_item(t, i)->next) count_item(f, i, length > LONG_BODY);
    }
}

static void note_flow(struct fusion *f, const struct access *a) {
    while (f->flows.count <= a->array && VEC_PUSH(&f->flows, (struct flow){0})) continue;
    if (f->flows.failed) {
        f->t->failed = true;
        return;
    }
    struct flow *flow = &f->flows.at[a->array];
    if (flow->stamp != f->asked) *flow = (struct flow){.stamp = f->asked};
    flow->items += flow->last != a->item;
    flow->last = a->item;
    if (a->kind == ACCESS_READ)
        flow->reads = true;
    else
        flow->writes = true;
}

/* Whether an array that is set and read in there is used nowhere else: then it becomes local before the loop
 * is cut, and each part has its own. */
static bool is_private(const struct fusion *f, array_id a) {
    const struct flow *flow = &f->flows.at[a];
    if (!flow->reads || !flow->writes) return true;
    if (a >= f->touches.count || f->touches.at[a] == MANY || role_is_output(f->t->p.arrays.at[a].role))
        return false;
    return flow->items + (a == f->placed ? f->placed_later : 0) == f->touches.at[a];
}

static bool flows_are_private(struct fusion *f, const struct group *a, const struct group *b) {
    const struct group *const both[] = {a, b};
    bool good = true;
    f->asked++;
    for (size_t g = 0; g < 2; g++)
        for (size_t k = 0; k < both[g]->accesses.all.count; k++) note_flow(f, &both[g]->accesses.all.at[k]);
    for (size_t g = 0; g < 2 && !f->t->failed; g++)
        for (size_t k = 0; good && k < both[g]->accesses.all.count; k++)
            good = is_private(f, both[g]->accesses.all.at[k].array);
    return good;
}

/* ---- Dependence ---- */

/* Lists the accesses of a group by array. */
static void index_accesses(struct fusion *f, const struct group *group) {
    f->chain.count = 0;
    while (f->head.count < f->t->p.arrays.count && VEC_PUSH(&f->head, 0)) continue;
    for (size_t k = 0; k < group->accesses.all.count && !f->head.failed && !f->chain.failed; k++) {
        array_id a = group->accesses.all.at[k].array;
        VEC_PUSH(&f->chain, f->head.at[a]);
        f->head.at[a] = (uint32_t)k + 1;
    }
    if (f->head.failed || f->chain.failed) f->t->failed = true;
}

static void forget_accesses(struct fusion *f, const struct group *group) {
    for (size_t k = 0; k < group->accesses.all.count; k++)
        if (group->accesses.all.at[k].array < f->head.count) f->head.at[group->accesses.all.at[k].array] = 0;
}

/* Whether every clash of a with the group b that is indexed passes: without `within`, none does. */
static bool no_clash(struct fusion *f, const struct group *a, const struct group *b, bool within) {
    struct two_loops loops = {tree_step(f->t, a->first)->index, tree_step(f->t, b->first)->index};
    if (a->accesses.all.count > MOST_ACCESSES) return false;
    for (size_t k = 0; k < a->accesses.all.count; k++) {
        const struct access *x = &a->accesses.all.at[k];
        for (uint32_t at = f->head.at[x->array]; at; at = f->chain.at[at - 1]) {
            const struct access *y = &b->accesses.all.at[at - 1];
            bool both_add = f->exact && x->kind != ACCESS_READ && y->kind != ACCESS_READ;
            if ((!access_kinds_clash(x->kind, y->kind) && !both_add) ||
                !may_meet(&f->scope, &a->accesses, x, &b->accesses, y))
                continue;
            if (!within || !meet_in_iteration(&f->scope, &loops, &a->accesses, x, &b->accesses, y))
                return false;
        }
    }
    return true;
}

/* ---- Ranges ---- */

enum fit { DIFFERENT, EQUAL, NEAR };

static enum fit compare_ranges(struct fusion *f, const struct group *a, const struct group *b) {
    const struct step *s = tree_step(f->t, a->first), *r = tree_step(f->t, b->first);
    int64_t lower, upper;
    if (s->order != ORDER_FREE || r->order != ORDER_FREE || s->by != r->by) return DIFFERENT;
    if (s->lower == r->lower && s->upper == r->upper && !a->is_ragged) return EQUAL;
    if (f->exact) return DIFFERENT;
    if (a->is_ragged && s->lower == r->lower && s->upper == r->upper && !b->compares)
        return flows_are_private(f, a, b) ? NEAR : DIFFERENT;
    if (!node_is_int(f->t->graph, s->by, 1) || a->compares || b->compares) return DIFFERENT;
    if (!affine_difference(f->t->graph, s->lower, r->lower, &lower) ||
        !affine_difference(f->t->graph, s->upper, r->upper, &upper))
        return DIFFERENT;
    if (lower > WIDEST_SPREAD || lower < -WIDEST_SPREAD || upper > WIDEST_SPREAD || upper < -WIDEST_SPREAD)
        return DIFFERENT;
    return a->items + b->items <= MOST_PEELED && flows_are_private(f, a, b) ? NEAR : DIFFERENT;
}

/* Puts everything inside of a loop under the condition that its index is in the loop's range. */
static item_id wrap(struct fusion *f, item_id loop, node_id lower, node_id upper) {
    struct tree *t = f->t;
    struct graph *g = t->graph;
    node_id index = mk_index(g, tree_step(t, loop)->index);
    struct step step = {.kind = STEP_WHEN, .span = tree_step(t, loop)->span, .lower = lower, .upper = upper};
    step.condition = mk_and(g, mk_ile(g, lower, index), mk_ile(g, index, upper));
    item_id member = tree_new(t, step);
    if (!member) return 0;
    tree_item(t, member)->is_member = true;
    tree_move_children(t, loop, member);
    tree_append(t, loop, member);
    return member;
}

static void widen(struct fusion *f, item_id loop, node_id lower, node_id upper) {
    struct step *s = tree_step(f->t, loop);
    int64_t difference;
    if (affine_difference(f->t->graph, lower, s->lower, &difference) && difference < 0) s->lower = lower;
    if (affine_difference(f->t->graph, upper, s->upper, &difference) && difference > 0) s->upper = upper;
}

/* ---- Fusing ---- */

/* Before an item that is inside of the loop; 0: to its end. */
static void move_children(struct tree *t, item_id from, item_id to, item_id before) {
    if (!before) {
        tree_move_children(t, from, to);
        return;
    }
    while (tree_item(t, before)->parent != to) before = tree_item(t, before)->parent;
    for (item_id child; (child = tree_item(t, from)->first) != 0;) {
        tree_unlink(t, child);
        tree_insert_before(t, before, child);
    }
}

static void join(struct fusion *f, struct group *a, struct group *b, enum fit fit, item_id before) {
    struct tree *t = f->t;
    item_id into = a->first, from = b->first;
    separate_move(&f->separation, from, tree_step(t, into)->index);
    struct step s = *tree_step(t, into), r = *tree_step(t, from);
    if (fit == NEAR) {
        if (!a->is_ragged) wrap(f, into, s.lower, s.upper);
        wrap(f, from, r.lower, r.upper);
        widen(f, into, r.lower, r.upper);
        a->is_ragged = true;
    }
    a->joined = a->accesses.all.count;
    access_begin(&f->walk);
    for (item_id i = tree_item(t, from)->first; i && !t->failed; i = tree_item(t, i)->next)
        add_accesses(f, a, i);
    move_children(t, from, into, before);
    tree_unlink(t, from);
    release_group(b);
}

/* The last group after `from` that the indexed group depends on; `from` where there is none. */
static size_t last_needed(struct fusion *f, size_t from, const struct group *group) {
    for (size_t k = f->groups.count; k-- > from + 1;)
        if (!no_clash(f, &f->groups.at[k], group, false)) return k;
    return from;
}

/* Whether group `from` may be done after group `to`. */
static bool may_move(struct fusion *f, size_t from, size_t to) {
    const struct group *group = &f->groups.at[from];
    bool free_to_go = true;
    index_accesses(f, group);
    for (size_t k = from + 1; free_to_go && k <= to; k++)
        free_to_go = no_clash(f, &f->groups.at[k], group, false);
    forget_accesses(f, group);
    return free_to_go;
}

static void move_group(struct fusion *f, size_t from, size_t to) {
    if (from == to) return;
    struct group moved = f->groups.at[from];
    item_id place = f->groups.at[to].last;
    for (size_t k = from; k < to; k++) f->groups.at[k] = f->groups.at[k + 1];
    f->groups.at[to] = moved;
    tree_unlink(f->t, moved.first);
    tree_insert_after(f->t, place, moved.first);
}

static bool join_at(struct fusion *f, size_t k, struct group *group, size_t *place) {
    struct group *into = &f->groups.at[k];
    if (!into->is_loop || into->accesses.all.count + group->accesses.all.count > MOST_ACCESSES) return false;
    enum fit fit = compare_ranges(f, into, group);
    if (fit == DIFFERENT) return false;
    index_accesses(f, group);
    bool fits = no_clash(f, into, group, true);
    size_t to = fits ? last_needed(f, k, group) : k;
    forget_accesses(f, group);
    if (!fits || f->t->failed || !may_move(f, k, to)) return false;
    move_group(f, k, to);
    join(f, &f->groups.at[to], group, fit, 0);
    *place = to;
    return true;
}

/* The group that adds to the same array as a nest; the number of groups: there is none near. */
static size_t adder_of(const struct fusion *f, array_id a, size_t farthest) {
    size_t count = f->groups.count;
    item_id loop = a && a < f->adders.count ? f->adders.at[a] : 0;
    for (size_t k = count; loop && k-- > farthest;)
        if (f->groups.at[k].first == loop) return k;
    return count;
}

static void note_adder(struct fusion *f, array_id a, item_id loop) {
    while (a && f->adders.count <= a && VEC_PUSH(&f->adders, 0)) continue;
    if (f->adders.failed) f->t->failed = true;
    if (a && !f->t->failed) f->adders.at[a] = loop;
}

/* Finds an earlier loop that the group can join, and joins it: its place; the number of groups: there is
 * none. The one that adds to the same array comes first, then the farthest. */
static size_t try_join(struct fusion *f, struct group *group) {
    size_t count = f->groups.count, farthest = count > FARTHEST ? count - FARTHEST : 0, place = count;
    array_id a = delay_target(f->t, group->first);
    size_t adder = adder_of(f, a, farthest);
    bool joined = adder < count && join_at(f, adder, group, &place);
    for (size_t k = farthest; k < count && !joined && !f->t->failed; k++)
        if (k != adder) joined = join_at(f, k, group, &place);
    note_adder(f, a, joined ? f->groups.at[place].first : group->first);
    return place;
}

/* ---- What can wait ---- */

static bool reads_something(struct fusion *f, item_id i) {
    f->list.all.count = f->list.subscripts.count = 0;
    access_begin(&f->walk);
    access_add(&f->walk, &f->list, i);
    return f->list.all.count > 1;
}

/* The update of a nest that needs nothing and may be done late: an opening, or a count; 0: it is none. */
static item_id waiting_update(struct fusion *f, item_id loop) {
    const struct tree *t = f->t;
    item_id i = loop;
    while (tree_is_loop(t, i) && tree_item(t, i)->first && tree_item(t, i)->first == tree_item(t, i)->last)
        i = tree_item(t, i)->first;
    if (i == loop || tree_step(t, i)->kind != STEP_UPDATE) return 0;
    if (tree_is_pure_opening(t, i)) return i;
    bool counts =
        tree_step(t, i)->op == UPDATE_ADD && t->p.arrays.at[tree_step(t, i)->array].role == ROLE_MASK;
    return counts && !reads_something(f, i) ? i : 0;
}

static array_id array_of(const struct tree *t, item_id nest) {
    while (tree_is_loop(t, nest)) nest = tree_item(t, nest)->first;
    return tree_step(t, nest)->array;
}

static void insert_group(struct fusion *f, size_t place, struct group group) {
    if (!VEC_PUSH(&f->groups, group)) {
        f->t->failed = true;
        return;
    }
    for (size_t k = f->groups.count - 1; k > place; k--) f->groups.at[k] = f->groups.at[k - 1];
    f->groups.at[place] = group;
}

static bool fits_loop(struct fusion *f, size_t place, const struct group *group, enum fit *fit) {
    const struct group *user = &f->groups.at[place];
    *fit = user->is_loop ? compare_ranges(f, user, group) : DIFFERENT;
    if (*fit == DIFFERENT) return false;
    index_accesses(f, group);
    bool fits = no_clash(f, user, group, true);
    forget_accesses(f, group);
    return fits;
}

static struct group group_of(struct fusion *f, item_id loop) {
    struct group group = {.first = loop, .last = loop, .is_loop = true};
    access_begin(&f->walk);
    add_accesses(f, &group, loop);
    return group;
}

/* All waiting nests of an array join the group that uses it first, before `front`, or all stand before it. */
static size_t place_nests(struct fusion *f, const item_id *nests, size_t count, size_t place, item_id front) {
    enum fit fit;
    bool fits = true;
    for (size_t k = 0; k < count && fits; k++) {
        struct group group = group_of(f, nests[k]);
        f->placed_later = (uint32_t)count - 1;
        fits = fits_loop(f, place, &group, &fit);
        release_group(&group);
    }
    for (size_t k = 0; k < count && !f->t->failed; k++) {
        struct group group = group_of(f, nests[k]);
        f->placed_later = (uint32_t)(count - 1 - k);
        if (fits && fits_loop(f, place, &group, &fit)) {
            join(f, &f->groups.at[place], &group, fit, front);
        } else {
            tree_unlink(f->t, nests[k]);
            tree_insert_before(f->t, f->groups.at[place].first, nests[k]);
            insert_group(f, place++, group);
        }
    }
    return place;
}

/* Whether group `place` uses an array from access `from` on: a nest that only counts may wait until it is
 * read. */
static bool is_used(const struct fusion *f, size_t place, size_t from, item_id nest) {
    const struct access_list *list = &f->groups.at[place].accesses;
    array_id a = array_of(f->t, nest);
    bool counted = f->t->p.arrays.at[a].role == ROLE_MASK;
    for (size_t k = from; k < list->all.count; k++)
        if (list->all.at[k].array == a && (!counted || list->all.at[k].kind == ACCESS_READ)) return true;
    return false;
}

/* Takes the nests of an array out of those that wait. */
static size_t take_nests(struct fusion *f, array_id a, item_id *nests) {
    size_t count = 0, kept = 0;
    for (size_t k = 0; k < f->waiting.count; k++) {
        if (array_of(f->t, f->waiting.at[k]) == a)
            nests[count++] = f->waiting.at[k];
        else
            f->waiting.at[kept++] = f->waiting.at[k];
    }
    f->waiting.count = kept;
    return count;
}

static void place_all_waiting(struct fusion *f, size_t place, size_t from) {
    item_id front = tree_item(f->t, f->groups.at[place].first)->first, nests[MOST_WAITING];
    for (size_t k = 0; k < f->waiting.count && !f->t->failed; k++) {
        if (!is_used(f, place, from, f->waiting.at[k])) continue;
        f->placed = array_of(f->t, f->waiting.at[k]);
        size_t count = take_nests(f, f->placed, nests);
        place = place_nests(f, nests, count, place, front);
        f->placed = 0;
        k = (size_t)-1; /* from the start: fewer wait */
    }
}

/* Whether the item waits from now on. */
static bool put_off(struct fusion *f, item_id i) {
    if (f->exact || f->waiting.count == MOST_WAITING || !waiting_update(f, i)) return false;
    if (!VEC_PUSH(&f->waiting, i)) f->t->failed = true;
    return true;
}

/* Steps that are no loops and follow each other are one group. */
static bool extends_run(const struct fusion *f, item_id i) {
    if (tree_is_loop(f->t, i) || !f->groups.count || VEC_LAST(&f->groups).is_loop) return false;
    return tree_item(f->t, i)->previous == VEC_LAST(&f->groups).last;
}

static void add_group(struct fusion *f, item_id i) {
    struct group group = {.first = i, .last = i, .is_loop = tree_is_loop(f->t, i)};
    if (extends_run(f, i)) {
        struct group *run = &VEC_LAST(&f->groups);
        size_t from = run->accesses.all.count;
        add_accesses(f, run, i); /* nodes shared within a run are visited once */
        run->last = i;
        place_all_waiting(f, f->groups.count - 1, from);
        return;
    }
    access_begin(&f->walk);
    add_accesses(f, &group, i);
    size_t place = group.is_loop ? try_join(f, &group) : f->groups.count;
    size_t from = place < f->groups.count ? f->groups.at[place].joined : 0;
    if (place == f->groups.count && !VEC_PUSH(&f->groups, group)) f->t->failed = true;
    if (!f->t->failed) place_all_waiting(f, place, from);
}

/* What has waited for a use that is not in this body. */
static void join_late(struct fusion *f, item_id nest) {
    struct group group = group_of(f, nest);
    size_t count = f->groups.count;
    if (try_join(f, &group) == count && !VEC_PUSH(&f->groups, group)) f->t->failed = true;
}

static void fuse_body(struct fusion *f, item_id body) {
    struct tree *t = f->t;
    body_scope_enter(&f->scope, body);
    f->groups.count = 0;
    f->waiting.count = f->adders.count = 0;
    for (item_id i = tree_item(t, body)->first, next; i && !t->failed; i = next) {
        next = tree_item(t, i)->next;
        if (!put_off(f, i)) add_group(f, i);
    }
    for (size_t k = 0; k < f->waiting.count && !t->failed; k++) join_late(f, f->waiting.at[k]);
    for (size_t k = 0; k < f->groups.count; k++) {
        bool later = f->groups.at[k].is_ragged;
        if (later && !VEC_PUSH(&t->to_peel, f->groups.at[k].first)) t->failed = true;
        if (later) tree_item(t, f->groups.at[k].first)->is_member = true;
        release_group(&f->groups.at[k]);
    }
    for (item_id i = tree_item(t, body)->first; i; i = tree_item(t, i)->next) {
        bool later = tree_item(t, i)->is_member;
        tree_item(t, i)->is_member = false;
        if (tree_item(t, i)->first && !later && !VEC_PUSH(&t->to_fuse, i)) t->failed = true;
    }
}

static bool fuse_all(struct tree *t, bool exact) {
    struct fusion f = {.t = t, .exact = exact};
    separation_init(&f.separation, t);
    access_walk_init(&f.walk, t);
    body_scope_init(&f.scope, t);
    if (t->to_fuse.count) count_touches(&f);
    while (t->to_fuse.count && !t->failed) {
        item_id body = VEC_POP(&t->to_fuse);
        fuse_body(&f, body);
    }
    t->failed |= f.walk.failed;
    separation_release(&f.separation);
    access_walk_release(&f.walk);
    VEC_FREE(&f.groups);
    VEC_FREE(&f.flows);
    VEC_FREE(&f.touches);
    access_list_release(&f.list);
    body_scope_release(&f.scope);
    VEC_FREE(&f.waiting);
    VEC_FREE(&f.adders);
    VEC_FREE(&f.chain);
    VEC_FREE(&f.head);
    return !t->failed;
}

bool lower_fuse(struct tree *t) {
    return fuse_all(t, false);
}

bool lower_fuse_exactly(struct tree *t) {
    return fuse_all(t, true);
}
