#include "schedule/affine.h"

#include <stdlib.h>
#include <string.h>

static const struct variation none = {.kind = VARIATION_NONE}, any = {.kind = VARIATION_ANY};

bool affine_init(struct affine *a, const struct code *code) {
    *a = (struct affine){.code = code};
    a->of = calloc(code->instructions.count, sizeof *a->of);
    a->inside = calloc(code->program->indices.count + 1, sizeof *a->inside);
    return a->of && a->inside;
}

void affine_release(struct affine *a) {
    free(a->of);
    free(a->inside);
}

static const struct instruction *at(const struct affine *a, uint32_t i) {
    return &a->code->instructions.at[i];
}

struct variation affine_of(const struct affine *a, uint32_t loop, code_register r) {
    return r < loop ? none : a->of[r];
}

bool affine_is_private(const struct affine *a, uint32_t loop, array_id array) {
    index_id owner = program_array_at(a->code->program, array)->owner;
    return owner && a->inside[owner] == loop;
}

static struct variation with_slope(struct variation v, int64_t slope) {
    v.slope = slope;
    return slope ? v : none;
}

static struct variation sum(struct variation x, struct variation y) {
    int64_t slope;
    if (x.kind == VARIATION_NONE) return y;
    if (y.kind == VARIATION_NONE) return x;
    bool alike = x.kind == y.kind && memcmp(x.row, y.row, sizeof x.row) == 0;
    bool good = x.kind == VARIATION_LINEAR && alike && !__builtin_add_overflow(x.slope, y.slope, &slope);
    return good ? with_slope(x, slope) : any;
}

/* One more factor of the row. */
static struct variation in_rows(struct variation v, code_register factor) {
    if (v.row[MOST_ROW_FACTORS - 1]) return any;
    unsigned k = 0;
    while (v.row[k]) k++;
    for (; k > 0 && v.row[k - 1] > factor; k--) v.row[k] = v.row[k - 1];
    v.row[k] = factor;
    return v;
}

static struct variation multiple(const struct affine *a, code_register factor, struct variation x) {
    int64_t slope;
    if (x.kind != VARIATION_LINEAR) return x;
    if (at(a, factor)->kind != CODE_INTEGER) return in_rows(x, factor);
    bool fits = !__builtin_mul_overflow(x.slope, at(a, factor)->constant.integer, &slope);
    return fits ? with_slope(x, slope) : any;
}

static struct variation product(const struct affine *a, const struct instruction *in, struct variation x,
                                struct variation y) {
    if (x.kind == VARIATION_NONE) return multiple(a, in->a, y);
    return y.kind == VARIATION_NONE ? multiple(a, in->b, x) : any;
}

static struct variation value(const struct affine *a, uint32_t loop, const struct instruction *in) {
    struct variation x = affine_of(a, loop, in->a);
    struct variation y = in->count > 1 ? affine_of(a, loop, in->b) : none;
    struct variation z = in->count > 2 ? affine_of(a, loop, in->c) : none;
    if (in->op == OP_IADD) return sum(x, y);
    if (in->op == OP_IMUL) return product(a, in, x, y);
    bool same = x.kind == VARIATION_NONE && y.kind == VARIATION_NONE && z.kind == VARIATION_NONE;
    return same ? none : any;
}

static struct variation load(const struct affine *a, uint32_t loop, const struct instruction *in) {
    bool same = !affine_is_private(a, loop, in->source) && affine_of(a, loop, in->a).kind == VARIATION_NONE;
    return same ? none : any;
}

static struct variation choice(const struct affine *a, uint32_t loop, const struct instruction *in,
                               struct variation condition) {
    struct variation x = affine_of(a, loop, in->a), y = affine_of(a, loop, in->b);
    bool same = condition.kind == VARIATION_NONE && x.kind == y.kind && x.slope == y.slope;
    return same && memcmp(x.row, y.row, sizeof x.row) == 0 ? x : any;
}

/* The least number has no opposite: nothing is known then. */
static struct variation index_variation(const struct affine *a, const struct instruction *loop, bool turned) {
    struct variation v = {.kind = VARIATION_LINEAR};
    int64_t step = at(a, loop->c)->constant.integer;
    if (turned && step == INT64_MIN) return any;
    return with_slope(v, turned ? -step : step);
}

static void find(struct affine *a, uint32_t loop, bool turned) {
    struct variation condition = none;
    for (uint32_t i = loop; i < at(a, loop)->partner; i++) {
        const struct instruction *in = at(a, i);
        switch ((enum code_kind)in->kind) {
        case CODE_NONE:
        case CODE_REAL:
        case CODE_INTEGER:
        case CODE_TRUTH:
        case CODE_STORE:
        case CODE_CLEAR:
        case CODE_LOOP_END:
        case CODE_ELSE:
        case CODE_IF: break;
        case CODE_IF_END: condition = affine_of(a, loop, at(a, in->partner)->a); break;
        case CODE_LOOP:
            a->inside[in->source] = loop;
            a->of[i] = i == loop ? index_variation(a, in, turned) : none;
            break;
        case CODE_VALUE: a->of[i] = value(a, loop, in); break;
        case CODE_LOAD: a->of[i] = load(a, loop, in); break;
        case CODE_CHOICE: a->of[i] = choice(a, loop, in, condition); break;
        }
    }
}

void affine_find(struct affine *a, uint32_t loop) {
    find(a, loop, false);
}

void affine_find_turned(struct affine *a, uint32_t loop) {
    find(a, loop, true);
}
