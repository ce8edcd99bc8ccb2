#include "emit/fold.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_FOLDED = 10 /* operations in a branch that becomes an expression */ };

struct folder {
    struct fold *f;
    const struct code *code;
    const struct plan *plan;
    uint32_t *user_block; /* by register: the body of its uses; NONE: there are several */
};

static const uint32_t NONE = UINT32_MAX;

static const struct instruction *at(const struct folder *f, uint32_t i) {
    return &f->code->instructions.at[i];
}

static bool is_constant(const struct instruction *in) {
    return in->kind == CODE_NONE || in->kind == CODE_REAL || in->kind == CODE_INTEGER ||
           in->kind == CODE_TRUTH;
}

static uint32_t end_of(const struct folder *f, uint32_t branch) {
    uint32_t partner = at(f, branch)->partner;
    return at(f, partner)->kind == CODE_ELSE ? at(f, partner)->partner : partner;
}

static bool is_choice(const struct folder *f, uint32_t i) {
    return i < f->code->instructions.count && at(f, i)->kind == CODE_CHOICE;
}

/* ---- Stores ---- */

static bool is_store(const struct instruction *in) {
    return in->kind == CODE_STORE || in->kind == CODE_CLEAR;
}

static bool find_stores(struct folder *f) {
    size_t arrays = f->code->program->arrays.count, count = f->code->instructions.count;
    uint32_t *starts = f->f->store_starts = calloc(arrays + 2, sizeof *starts);
    f->f->stores = calloc(count + 1, sizeof *f->f->stores);
    if (!starts || !f->f->stores) return false;
    for (uint32_t i = 1; i < count; i++)
        if (is_store(at(f, i))) starts[at(f, i)->source + 2]++;
    for (size_t a = 2; a < arrays + 2; a++) starts[a] += starts[a - 1];
    for (uint32_t i = 1; i < count; i++)
        if (is_store(at(f, i))) f->f->stores[starts[at(f, i)->source + 1]++] = i;
    return true;
}

bool fold_is_written(const struct fold *f, array_id array, uint32_t after, uint32_t before) {
    uint32_t low = f->store_starts[array], high = f->store_starts[array + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (f->stores[middle] <= after)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->store_starts[array + 1] && f->stores[low] < before;
}

/* ---- Bodies ---- */

/* A comparison of constants that holds, such as that a loop over 1..3 has iterations. */
static bool is_true(const struct folder *f, code_register r) {
    const struct instruction *in = at(f, r), *a = at(f, in->a), *b = at(f, in->b);
    if (in->kind == CODE_TRUTH) return in->constant.integer != 0;
    if (in->kind != CODE_VALUE || in->count != 2 || a->kind != CODE_INTEGER || b->kind != CODE_INTEGER)
        return false;
    if (in->op == OP_ILT) return a->constant.integer < b->constant.integer;
    return in->op == OP_ILE && a->constant.integer <= b->constant.integer;
}

/* Branches that are always taken need no bracket. */
static void find_open(struct folder *f) {
    for (uint32_t i = 1; i < f->code->instructions.count; i++) {
        if (at(f, i)->kind != CODE_IF || at(f, at(f, i)->partner)->kind == CODE_ELSE) continue;
        uint32_t end = at(f, i)->partner;
        if (is_true(f, at(f, i)->a) && !is_choice(f, end + 1)) f->f->open[i] = f->f->open[end] = true;
    }
}

static bool find_blocks(struct folder *f) {
    VEC(uint32_t) open = {0};
    VEC_PUSH(&open, 0);
    for (uint32_t i = 1; i < f->code->instructions.count && !open.failed; i++) {
        uint8_t kind = f->f->open[i] ? CODE_NONE : at(f, i)->kind;
        bool ends = kind == CODE_LOOP_END || kind == CODE_IF_END || kind == CODE_ELSE;
        if (ends) open.count--;
        f->f->block[i] = VEC_LAST(&open);
        if (kind == CODE_LOOP || kind == CODE_IF || kind == CODE_ELSE) VEC_PUSH(&open, i);
    }
    bool good = !open.failed;
    VEC_FREE(&open);
    return good;
}

/* ---- Uses ---- */

/* Who uses a register, and in which body: an operand of a choice is used where its arm ends. */
typedef void visit_use(struct folder *f, code_register r, uint32_t user, uint32_t block, uint32_t place);

static void visit_choice(struct folder *f, uint32_t i, visit_use *visit) {
    uint32_t end = i - 1;
    while (at(f, end)->kind == CODE_CHOICE) end--;
    uint32_t branch = at(f, end)->partner, other = at(f, branch)->partner;
    if (f->f->flat[branch]) {
        visit(f, at(f, branch)->a, i, f->f->block[i], i);
        visit(f, at(f, i)->a, i, f->f->block[i], i);
        visit(f, at(f, i)->b, i, f->f->block[i], i);
        return;
    }
    visit(f, at(f, i)->a, i, branch, other);
    visit(f, at(f, i)->b, i, at(f, other)->kind == CODE_ELSE ? other : NONE, end);
}

static void visit_uses(struct folder *f, uint32_t i, visit_use *visit) {
    const struct instruction *in = at(f, i);
    uint32_t block = f->f->block[i];
    if (is_constant(in) || (in->kind == CODE_IF && (f->f->flat[i] || f->f->open[i]))) return;
    if (in->kind == CODE_CHOICE) {
        visit_choice(f, i, visit);
        return;
    }
    uint32_t again =
        in->kind == CODE_LOOP ? in->partner : i; /* the bounds are looked at in every iteration */
    visit(f, in->a, i, block, i);
    visit(f, in->b, i, block, again);
    visit(f, in->c, i, block, again);
}

static void count_use(struct folder *f, code_register r, uint32_t user, uint32_t block, uint32_t place) {
    (void)user;
    (void)place;
    f->user_block[r] = f->f->uses[r] == 0 || f->user_block[r] == block ? block : NONE;
    f->f->uses[r]++;
}

/* Users stand behind what they use; a result that no one uses, uses nothing. */
static void count_uses(struct folder *f) {
    memset(f->f->uses, 0, f->code->instructions.count * sizeof *f->f->uses);
    for (uint32_t i = (uint32_t)f->code->instructions.count; i-- > 1;) {
        uint8_t kind = at(f, i)->kind;
        bool result = kind == CODE_VALUE || kind == CODE_LOAD || kind == CODE_CHOICE;
        if (!result || f->f->uses[i] > 0) visit_uses(f, i, count_use);
    }
}

/* ---- Branches that are expressions ---- */

static bool is_folded_part(const struct folder *f, uint32_t i, uint32_t block) {
    const struct instruction *in = at(f, i);
    if (is_constant(in)) return true;
    if (in->kind == CODE_CHOICE && f->f->flat[i - 1]) return f->f->uses[i] == 1 && !f->plan->slot[i];
    if (f->f->flat[i]) return true;
    bool result = in->kind == CODE_VALUE || in->kind == CODE_LOAD;
    return result && f->f->uses[i] == 1 && f->user_block[i] == block && !f->plan->slot[i];
}

static bool is_flat(const struct folder *f, uint32_t branch) {
    uint32_t end = end_of(f, branch), other = at(f, branch)->partner;
    if (end - branch > 2 * MOST_FOLDED || !is_choice(f, end + 1) || is_choice(f, end + 2)) return false;
    uint32_t weight = 0;
    for (uint32_t i = branch + 1; i < end; i++) {
        if (f->plan->home[i] != f->plan->home[branch]) return false;
        if (i == other) continue;
        bool in_else = other != end && i > other;
        if (!is_folded_part(f, i, in_else ? other : branch)) return false;
        weight += !is_constant(at(f, i));
    }
    return weight <= MOST_FOLDED;
}

/* Inner branches end first. What a flat branch holds stands in the body around it from then on. */
static void find_flat(struct folder *f) {
    for (uint32_t i = 1; i < f->code->instructions.count; i++) {
        if (at(f, i)->kind != CODE_IF_END) continue;
        uint32_t branch = at(f, i)->partner;
        if (!is_flat(f, branch)) continue;
        for (uint32_t k = branch; k <= i; k++) f->f->flat[k] = true;
        uint32_t outer = f->f->block[branch];
        for (uint32_t k = branch; k <= i; k++) {
            f->f->block[k] = outer;
            if (f->user_block[k] >= branch && f->user_block[k] < i) f->user_block[k] = outer;
        }
    }
}

/* A branch without another side, of which a choice takes a result that is a constant elsewhere. */
static bool takes_result(const struct folder *f, uint32_t choice, uint32_t branch) {
    code_register r = at(f, choice)->a;
    if (f->f->flat[branch] || at(f, at(f, branch)->partner)->kind == CODE_ELSE || r <= branch) return false;
    return is_constant(at(f, at(f, choice)->b)) && f->f->uses[choice] > 0 && !f->f->taken[r] &&
           f->f->block[r] == branch && !f->plan->slot[r] && !f->plan->slot[choice];
}

static void find_taken(struct folder *f) {
    uint32_t end = 0;
    for (uint32_t i = 1; i < f->code->instructions.count; i++) {
        if (at(f, i)->kind == CODE_IF_END) end = i;
        if (at(f, i)->kind != CODE_CHOICE) continue;
        if (takes_result(f, i, at(f, end)->partner)) f->f->taken[at(f, i)->a] = i;
    }
}

/* ---- Folding ---- */

static void note_last(struct folder *f, code_register r, uint32_t user, uint32_t block, uint32_t place) {
    uint32_t last = f->f->folded[user] ? f->f->last[user] : place;
    (void)block;
    if (last > f->f->last[r]) f->f->last[r] = last;
}

/* An index or a size, and a constant. */
static bool is_simple(const struct folder *f, uint32_t i) {
    const struct instruction *in = at(f, i);
    if (in->kind != CODE_VALUE || (in->op != OP_IADD && in->op != OP_IMUL) || f->plan->slot[i]) return false;
    const struct instruction *a = at(f, in->a), *b = at(f, in->b);
    const struct instruction *other = a->kind == CODE_INTEGER ? b : a;
    if (a->kind != CODE_INTEGER && b->kind != CODE_INTEGER) return false;
    return other->kind == CODE_LOOP ||
           (other->kind == CODE_LOAD &&
            role_is_input(program_array_at(f->code->program, other->source)->role) &&
            program_array_at(f->code->program, other->source)->rank == 0);
}

/* Whether what it reads is not written before it is needed; of a choice, what its branch reads. */
static bool is_kept(const struct folder *f, uint32_t i) {
    uint32_t begin = at(f, i)->kind == CODE_CHOICE ? at(f, i - 1)->partner : i;
    for (uint32_t k = begin; k <= i; k++)
        if (at(f, k)->kind == CODE_LOAD && fold_is_written(f->f, at(f, k)->source, k, f->f->last[i]))
            return false;
    return true;
}

static void choose(struct folder *f, uint32_t i) {
    const struct instruction *in = at(f, i);
    bool flat_choice = in->kind == CODE_CHOICE && f->f->flat[i - 1];
    if (in->kind != CODE_VALUE && in->kind != CODE_LOAD && !flat_choice) return;
    bool once = f->f->uses[i] == 1 && f->user_block[i] == f->f->block[i] && !f->plan->slot[i];
    f->f->folded[i] = is_simple(f, i) || f->f->flat[i] || (once && is_kept(f, i));
}

bool fold_make(struct fold *f, const struct code *code, const struct plan *plan) {
    size_t count = code->instructions.count;
    struct folder folder = {.f = f, .code = code, .plan = plan};
    *f = (struct fold){.uses = calloc(count, sizeof *f->uses),
                       .block = calloc(count, sizeof *f->block),
                       .last = calloc(count, sizeof *f->last),
                       .folded = calloc(count, sizeof *f->folded),
                       .open = calloc(count, sizeof *f->open),
                       .flat = calloc(count, sizeof *f->flat),
                       .taken = calloc(count, sizeof *f->taken)};
    folder.user_block = calloc(count, sizeof *folder.user_block);
    bool good =
        f->uses && f->block && f->last && f->folded && f->open && f->flat && f->taken && folder.user_block;
    if (good) find_open(&folder);
    good = good && find_stores(&folder) && find_blocks(&folder);
    if (good) {
        count_uses(&folder);
        find_flat(&folder);
        count_uses(&folder);
        find_taken(&folder);
        for (uint32_t i = (uint32_t)count; i-- > 1;) {
            choose(&folder, i);
            visit_uses(&folder, i, note_last);
        }
    }
    free(folder.user_block);
    return good;
}

void fold_release(struct fold *f) {
    free(f->uses);
    free(f->block);
    free(f->last);
    free(f->folded);
    free(f->open);
    free(f->flat);
    free(f->taken);
    free(f->store_starts);
    free(f->stores);
}
