#include "jit/plan.h"

#include <stdlib.h>

/* Something that stays in one piece: an instruction, or a loop or branch with its body. */
struct item {
    uint32_t begin, end, weight;
    bool loop; /* uncut */
};

struct planner {
    struct plan *plan;
    const struct code *code;
    VEC(struct item) items;  /* of all open bodies */
    VEC(uint32_t) bodies;    /* where the items of each open body begin */
    VEC(uint32_t) weights;   /* of the finished bodies of each open bracket */
    VEC(uint32_t) pieces_at; /* pieces made before each open bracket */
    bool failed;
};

static void add_piece(struct planner *pl, uint32_t begin, uint32_t end, bool optimise) {
    struct piece piece = {begin, end, optimise};
    if (!VEC_PUSH(&pl->plan->pieces, piece)) pl->failed = true;
}

/* Cuts the items from `first` on into pieces; gives how many. */
static uint32_t cut(struct planner *pl, size_t first) {
    uint32_t pieces = 0;
    for (size_t i = first; i < pl->items.count;) {
        const struct item *item = &pl->items.at[i];
        uint32_t begin = item->begin, end = item->end, weight = item->weight;
        bool loop = item->loop;
        i++;
        while (!loop && i < pl->items.count && !pl->items.at[i].loop &&
               weight + pl->items.at[i].weight <= PIECE_LENGTH) {
            weight += pl->items.at[i].weight;
            end = pl->items.at[i].end;
            i++;
        }
        add_piece(pl, begin, end, loop);
        pieces++;
    }
    return pieces;
}

/* The weight of the innermost open body, which is cut where it is long. */
static uint32_t close_body(struct planner *pl) {
    uint32_t first = VEC_LAST(&pl->bodies);
    uint64_t weight = 0;
    for (size_t i = first; i < pl->items.count; i++) weight += pl->items.at[i].weight;
    pl->plan->weight = weight > pl->plan->weight ? weight : pl->plan->weight;
    if (weight > LONGEST_SEQUENCE) weight = cut(pl, first);
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
    add_item(pl, (struct item){begin, end, weight, loop && whole});
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
    add_item(pl, (struct item){i, i + 1, 1, false});
}

/* Pieces within another come before it, so that the innermost is noted last. */
static void find_homes(struct plan *plan) {
    for (size_t k = plan->pieces.count; k-- > 0;) {
        for (uint32_t i = plan->pieces.at[k].begin; i < plan->pieces.at[k].end; i++)
            plan->home[i] = (uint32_t)k;
    }
}

static void use(struct plan *plan, const struct code *code, uint32_t at, code_register r) {
    uint8_t kind = code->instructions.at[r].kind;
    if (!r || kind == CODE_REAL || kind == CODE_INTEGER || kind == CODE_TRUTH) return;
    if (plan->home[r] != plan->home[at] && !plan->slot[r]) plan->slot[r] = (uint32_t)++plan->slots;
}

static void give_slots(struct plan *plan, const struct code *code) {
    for (uint32_t i = 1; i < code->instructions.count; i++) {
        const struct instruction *in = &code->instructions.at[i];
        if (in->kind == CODE_REAL || in->kind == CODE_INTEGER || in->kind == CODE_TRUTH) continue;
        use(plan, code, i, in->a);
        use(plan, code, i, in->b);
        use(plan, code, i, in->c);
    }
    if (plan->pieces.count == 1) return;
    for (array_id a = 1; a < code->program->arrays.count; a++) {
        if (code_is_local(code->program, a)) plan->local_slot[a] = (uint32_t)++plan->slots;
    }
}

bool plan_make(struct plan *plan, const struct code *code) {
    size_t count = code->instructions.count;
    struct planner pl = {.plan = plan, .code = code};
    *plan = (struct plan){.weight = 0};
    plan->home = calloc(count, sizeof *plan->home);
    plan->slot = calloc(count, sizeof *plan->slot);
    plan->local_slot = calloc(code->program->arrays.count, sizeof *plan->local_slot);
    pl.failed = !plan->home || !plan->slot || !plan->local_slot;
    open_body(&pl);
    for (uint32_t i = 1; i < count && !pl.failed; i++) visit(&pl, i);
    if (!pl.failed) close_body(&pl);
    bool cut_somewhere = plan->pieces.count > 0;
    if (!pl.failed) add_piece(&pl, 1, (uint32_t)count, !cut_somewhere);
    if (!pl.failed) {
        find_homes(plan);
        give_slots(plan, code);
    }
    VEC_FREE(&pl.items);
    VEC_FREE(&pl.bodies);
    VEC_FREE(&pl.weights);
    VEC_FREE(&pl.pieces_at);
    return !pl.failed;
}

void plan_release(struct plan *plan) {
    VEC_FREE(&plan->pieces);
    free(plan->home);
    free(plan->slot);
    free(plan->local_slot);
}
