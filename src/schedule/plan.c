#include "schedule/plan.h"

#include <stdlib.h>

/* Something that stays in one piece: an instruction, or a loop or branch with its body. */
struct item {
    uint32_t begin, end, weight;
    bool loop;   /* uncut */
    bool shared; /* a loop for several threads */
};

struct planner {
    struct plan *plan;
    const struct code *code;
    const struct plan_limits *limits;
    VEC(struct item) items;  /* of all open bodies */
    VEC(uint32_t) bodies;    /* where the items of each open body begin */
    VEC(uint32_t) weights;   /* of the finished bodies of each open bracket */
    VEC(uint32_t) pieces_at; /* pieces made before each open bracket */
    bool failed;
};

static void add_piece(struct planner *pl, struct item item) {
    struct piece piece = {
        .begin = item.begin, .end = item.end, .is_loop = item.loop, .is_shared = item.shared};
    if (!VEC_PUSH(&pl->plan->pieces, piece)) pl->failed = true;
}

static bool stands_alone(const struct item *item) {
    return item->loop || item->shared;
}

/* Cuts the items from `first` on into pieces; gives how many. */
static uint32_t cut(struct planner *pl, size_t first) {
    uint32_t pieces = 0;
    for (size_t i = first; i < pl->items.count;) {
        struct item whole = pl->items.at[i++];
        while (!stands_alone(&whole) && i < pl->items.count && !stands_alone(&pl->items.at[i]) &&
               whole.weight + pl->items.at[i].weight <= pl->limits->piece_length) {
            whole.weight += pl->items.at[i].weight;
            whole.end = pl->items.at[i++].end;
        }
        add_piece(pl, whole);
        pieces++;
    }
    return pieces;
}

/* The weight of the innermost open body, which is cut where it is long, or holds a loop for threads. */
static uint32_t close_body(struct planner *pl) {
    uint32_t first = VEC_LAST(&pl->bodies);
    uint64_t weight = 0;
    bool shared = false;
    for (size_t i = first; i < pl->items.count; i++) {
        weight += pl->items.at[i].weight;
        shared |= pl->items.at[i].shared;
    }
    pl->plan->weight = weight > pl->plan->weight ? weight : pl->plan->weight;
    if (weight > pl->limits->longest_sequence || shared) weight = cut(pl, first);
    pl->items.count = first;
    pl->bodies.count--;
    return (uint32_t)weight;
}

static void add_item(struct planner *pl, struct item item) {
    if (!VEC_PUSH(&pl->items, item)) pl->failed = true;
}

static void open_body(struct planner *pl) {
    uint32_t first = (uint32_t)pl->items.count;
    if (!VEC_PUSH(&pl->bodies, first)) pl->failed = true;
}

static void open_bracket(struct planner *pl) {
    uint32_t weight = 1, pieces = (uint32_t)pl->plan->pieces.count;
    if (!VEC_PUSH(&pl->weights, weight) || !VEC_PUSH(&pl->pieces_at, pieces)) pl->failed = true;
    open_body(pl);
}

static void close_bracket(struct planner *pl, uint32_t begin, uint32_t end, bool loop) {
    uint32_t weight = close_body(pl) + VEC_POP(&pl->weights);
    bool whole = VEC_POP(&pl->pieces_at) == pl->plan->pieces.count;
    bool shared = loop && pl->code->instructions.at[begin].order == ORDER_APART;
    bool uncut = loop && whole && (pl->limits->loops_apart || shared);
    add_item(pl, (struct item){begin, end, weight, uncut, shared});
}

static void visit(struct planner *pl, uint32_t i) {
    const struct instruction *in = &pl->code->instructions.at[i];
    switch ((enum code_kind)in->kind) {
    case CODE_NONE:
    case CODE_REAL:
    case CODE_INTEGER:
    case CODE_TRUTH: return;
    case CODE_LOOP:
    case CODE_IF: open_bracket(pl); return;
    case CODE_ELSE:
        VEC_LAST(&pl->weights) += close_body(pl);
        open_body(pl);
        return;
    case CODE_LOOP_END:
    case CODE_IF_END: close_bracket(pl, in->partner, i + 1, in->kind == CODE_LOOP_END); return;
    case CODE_CHOICE: /* stays with its branch */
        VEC_LAST(&pl->items).end = i + 1;
        VEC_LAST(&pl->items).weight++;
        return;
    case CODE_VALUE:
    case CODE_LOAD:
    case CODE_STORE:
    case CODE_CLEAR: break;
    }
    add_item(pl, (struct item){i, i + 1, 1, false, false});
}

/* Pieces within another come before it, so that the innermost is noted last, over those around it. */
static void find_homes(struct plan *plan) {
    uint32_t last = (uint32_t)plan->pieces.count - 1;
    for (uint32_t k = last + 1; k-- > 0;) {
        struct piece *piece = &plan->pieces.at[k];
        piece->parent = k == last ? k : plan->home[piece->begin];
        for (uint32_t i = piece->begin; i < piece->end; i++) plan->home[i] = k;
    }
}

static void use(struct plan *plan, const struct code *code, uint32_t at, code_register r) {
    uint8_t kind = code->instructions.at[r].kind;
    if (!r || kind == CODE_REAL || kind == CODE_INTEGER || kind == CODE_TRUTH) return;
    if (plan->home[r] != plan->home[at] && !plan->slot[r]) plan->slot[r] = (uint32_t)++plan->slots;
}

static bool touches_memory(const struct instruction *in) {
    return in->kind == CODE_LOAD || in->kind == CODE_STORE || in->kind == CODE_CLEAR;
}

/* A local scalar of one piece needs none: it is set there before it is read. */
static void give_local_slot(struct plan *plan, uint32_t *first_home, array_id array, uint32_t home) {
    if (!first_home[array]) first_home[array] = home + 1;
    if (first_home[array] != home + 1 && !plan->local_slot[array])
        plan->local_slot[array] = (uint32_t)++plan->slots;
}

static void give_range_slots(struct plan *plan) {
    for (size_t k = 0; k < plan->pieces.count; k++) {
        if (!plan->pieces.at[k].is_shared) continue;
        plan->pieces.at[k].range_slot = (uint32_t)plan->slots + 1;
        plan->slots += 2;
    }
}

static bool give_slots(struct plan *plan, const struct code *code) {
    uint32_t *first_home = calloc(code->program->arrays.count, sizeof *first_home);
    if (!first_home) return false;
    for (uint32_t i = 1; i < code->instructions.count; i++) {
        const struct instruction *in = &code->instructions.at[i];
        if (in->kind == CODE_REAL || in->kind == CODE_INTEGER || in->kind == CODE_TRUTH) continue;
        use(plan, code, i, in->a);
        use(plan, code, i, in->b);
        use(plan, code, i, in->c);
        if (touches_memory(in) && code_is_local(code->program, in->source))
            give_local_slot(plan, first_home, in->source, plan->home[i]);
    }
    give_range_slots(plan);
    free(first_home);
    return true;
}

/* The arrays that a piece itself uses; noted by array: piece + 1. */
static bool find_arrays(struct plan *plan, const struct code *code, uint32_t piece, uint32_t *noted) {
    struct piece *p = &plan->pieces.at[piece];
    VEC(array_id) list = {0};
    for (uint32_t i = p->begin; i < p->end;) {
        uint32_t inner = plan_piece_at(plan, piece, i);
        const struct instruction *in = &code->instructions.at[i];
        i = inner == piece ? i + 1 : plan->pieces.at[inner].end;
        if (inner != piece || !touches_memory(in) || noted[in->source] == piece + 1 ||
            code_is_local(code->program, in->source))
            continue;
        noted[in->source] = piece + 1;
        VEC_PUSH(&list, in->source);
    }
    p->arrays = list.at;
    p->array_count = (uint32_t)list.count;
    return !list.failed;
}

static bool find_all_arrays(struct plan *plan, const struct code *code) {
    uint32_t *noted = calloc(code->program->arrays.count, sizeof *noted);
    bool good = noted != NULL;
    for (uint32_t k = 0; good && k < plan->pieces.count; k++) good = find_arrays(plan, code, k, noted);
    free(noted);
    return good;
}

static void release_planner(struct planner *pl) {
    VEC_FREE(&pl->items);
    VEC_FREE(&pl->bodies);
    VEC_FREE(&pl->weights);
    VEC_FREE(&pl->pieces_at);
}

static void find_pieces(struct planner *pl) {
    uint32_t count = (uint32_t)pl->code->instructions.count;
    open_body(pl);
    for (uint32_t i = 1; i < count && !pl->failed; i++) visit(pl, i);
    if (!pl->failed) close_body(pl);
    bool uncut = pl->plan->pieces.count == 0;
    if (!pl->failed) add_piece(pl, (struct item){.begin = 1, .end = count, .loop = uncut});
}

bool plan_make(struct plan *plan, const struct code *code, const struct plan_limits *limits) {
    size_t count = code->instructions.count;
    struct planner pl = {.plan = plan, .code = code, .limits = limits};
    *plan = (struct plan){.weight = 0};
    plan->home = calloc(count, sizeof *plan->home);
    plan->slot = calloc(count, sizeof *plan->slot);
    plan->local_slot = calloc(code->program->arrays.count, sizeof *plan->local_slot);
    pl.failed = !plan->home || !plan->slot || !plan->local_slot;
    if (!pl.failed) find_pieces(&pl);
    release_planner(&pl);
    if (pl.failed) return false;
    find_homes(plan);
    return give_slots(plan, code) && find_all_arrays(plan, code);
}

void plan_release(struct plan *plan) {
    for (size_t k = 0; k < plan->pieces.count; k++) free(plan->pieces.at[k].arrays);
    VEC_FREE(&plan->pieces);
    free(plan->home);
    free(plan->slot);
    free(plan->local_slot);
}

uint32_t plan_piece_at(const struct plan *plan, uint32_t piece, uint32_t instruction) {
    uint32_t at = plan->home[instruction];
    while (at != piece && plan->pieces.at[at].parent != piece) at = plan->pieces.at[at].parent;
    return at;
}
