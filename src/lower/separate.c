#include "lower/separate.h"

#include <stdlib.h>

#include "ir/build.h"

static node_id replace_read(void *context, node_id read, const node_id *subscripts) {
    struct separation *s = context;
    struct graph *g = s->tree->graph;
    array_id a = node_payload(g, read);
    array_id copy = a < s->copy.count ? s->copy.at[a] : 0;
    return copy ? mk_read(g, copy, node_type(g, read), subscripts, node_count(g, read)) : 0;
}

void separation_init(struct separation *s, struct tree *t) {
    *s = (struct separation){.tree = t};
    rewrite_init(&s->rewrite, t);
    s->rewrite.read = replace_read;
    s->rewrite.context = s;
}

void separation_release(struct separation *s) {
    rewrite_release(&s->rewrite);
    VEC_FREE(&s->copy);
    VEC_FREE(&s->copied);
    VEC_FREE(&s->becomes);
    VEC_FREE(&s->renamed);
}

static index_id new_index(const struct separation *s, index_id index) {
    return index && index < s->becomes.count ? s->becomes.at[index] : 0;
}

/* The index becomes `value`; 0: that of `to`, a fresh one where that is 0. */
static void rename_loop(struct separation *s, item_id loop, index_id to, node_id value) {
    struct tree *t = s->tree;
    index_id from = tree_step(t, loop)->index;
    struct loop_index like = t->p.indices.at[from];
    if (!to) to = program_index(&t->p, like.name, like.span);
    while (s->becomes.count <= from && VEC_PUSH(&s->becomes, 0)) continue;
    if (s->becomes.failed || !VEC_PUSH(&s->renamed, from)) {
        t->failed = true;
        return;
    }
    s->becomes.at[from] = to;
    tree_step(t, loop)->index = to;
    rewrite_index(&s->rewrite, from, value ? value : mk_index(t->graph, to));
}

/* Once all loops are renamed: bounds may use any index around. */
static void copy_array(struct separation *s, array_id a) {
    struct tree *t = s->tree;
    struct array copy = t->p.arrays.at[a];
    while (s->copy.count < t->p.arrays.count && VEC_PUSH(&s->copy, 0)) continue;
    if (s->copy.failed) t->failed = true;
    if (t->failed || s->copy.at[a]) return;
    copy.owner = new_index(s, copy.owner);
    array_id fresh = tree_array(t, copy, t->neutral.at[a]);
    if (t->failed || t->p.failed || !VEC_PUSH(&s->copied, a)) {
        t->failed = true;
        return;
    }
    s->copy.at[a] = fresh;
    struct array *made = &t->p.arrays.at[fresh];
    for (uint32_t k = 0; k < made->rank; k++) {
        made->dims[k].lower = rewrite_node(&s->rewrite, made->dims[k].lower);
        made->dims[k].upper = rewrite_node(&s->rewrite, made->dims[k].upper);
    }
}

static bool writes(const struct step *step) {
    return step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
}

/* What is read within a loop that owns it is written there too. */
static void copy_arrays(struct separation *s, item_id top) {
    struct tree *t = s->tree;
    for (item_id i = top; i; i = tree_next(t, i, top)) {
        const struct step *step = tree_step(t, i);
        if (writes(step) && new_index(s, t->p.arrays.at[step->array].owner)) copy_array(s, step->array);
    }
}

static void forget(struct separation *s) {
    for (size_t k = 0; k < s->copied.count; k++) s->copy.at[s->copied.at[k]] = 0;
    for (size_t k = 0; k < s->renamed.count; k++) s->becomes.at[s->renamed.at[k]] = 0;
    s->copied.count = s->renamed.count = 0;
}

static void replace_all(struct separation *s, item_id top) {
    struct tree *t = s->tree;
    for (item_id i = top; i && !t->failed; i = tree_next(t, i, top)) {
        rewrite_item(&s->rewrite, i);
        struct step *step = tree_step(t, i);
        if (writes(step) && step->array < s->copy.count && s->copy.at[step->array])
            step->array = s->copy.at[step->array];
    }
}

static void rename_all(struct separation *s, item_id loop, index_id to, node_id value) {
    struct tree *t = s->tree;
    struct rewrite *r = &s->rewrite;
    rewrite_begin(r);
    rename_loop(s, loop, to, value);
    for (item_id i = tree_next(t, loop, loop); i && !t->failed; i = tree_next(t, i, loop))
        if (tree_is_loop(t, i)) rename_loop(s, i, 0, 0);
    if (!t->failed) copy_arrays(s, loop);
    rewrite_forget(r); /* reads of arrays that have got copies since */
    if (!t->failed) replace_all(s, loop);
    forget(s);
}

void separate_move(struct separation *s, item_id loop, index_id to) {
    rename_all(s, loop, to, 0);
}

void separate_loop(struct separation *s, item_id loop) {
    rename_all(s, loop, 0, 0);
}

void separate_once(struct separation *s, item_id loop, node_id value, index_id owner) {
    s->rewrite.simplifies = true;
    rename_all(s, loop, owner, value);
    s->rewrite.simplifies = false;
}

static item_id copy_item(struct tree *t, item_id i) {
    struct step step = *tree_step(t, i);
    if (step.kind == STEP_UPDATE) {
        uint32_t rank = t->p.arrays.at[step.array].rank, from = step.subscripts;
        step.subscripts = (uint32_t)t->subscripts.count;
        for (uint32_t k = 0; k < rank; k++) {
            node_id subscript = t->subscripts.at[from + k];
            VEC_PUSH(&t->subscripts, subscript);
        }
        t->failed |= t->subscripts.failed;
    }
    item_id copy = tree_new(t, step);
    if (!copy) return 0;
    tree_item(t, copy)->opens = tree_item(t, i)->opens;
    tree_item(t, copy)->is_member = tree_item(t, i)->is_member;
    return copy;
}

item_id separate_copy(struct separation *s, item_id top) {
    struct tree *t = s->tree;
    item_id copy = copy_item(t, top), at = copy;
    for (item_id i = top, next; copy && (next = tree_next(t, i, top)) != 0; i = next) {
        item_id parent = tree_item(t, next)->parent;
        if (parent != i) /* up from i's copy to that of next's parent */
            for (item_id k = i; k != parent; k = tree_item(t, k)->parent) at = tree_item(t, at)->parent;
        item_id made = copy_item(t, next);
        if (!made) return 0;
        tree_append(t, at, made);
        at = made;
    }
    if (copy && !t->failed) separate_loop(s, copy);
    return copy;
}

/* Inner loops first, so that those in a loop differ when it is renamed. */
bool lower_separate(struct tree *t) {
    struct separation s;
    VEC(item_id) loops = {0};
    bool *seen = calloc(t->p.indices.count, sizeof *seen);
    separation_init(&s, t);
    for (item_id i = ROOT; i; i = tree_next(t, i, ROOT))
        if (tree_is_loop(t, i)) VEC_PUSH(&loops, i);
    t->failed |= loops.failed || !seen;
    for (size_t k = loops.count; k-- > 0 && !t->failed;) {
        index_id index = tree_step(t, loops.at[k])->index;
        if (seen[index])
            separate_loop(&s, loops.at[k]);
        else
            seen[index] = true;
    }
    separation_release(&s);
    VEC_FREE(&loops);
    free(seen);
    return !t->failed;
}
