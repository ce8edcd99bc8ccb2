#include "schedule/affine.h"

#include <stdlib.h>

static const struct variation none = {VARIATION_NONE, 0}, any = {VARIATION_ANY, 0};

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

static struct variation linear(int64_t slope) {
    return slope ? (struct variation){VARIATION_LINEAR, slope} : none;
}

struct variation affine_of(const struct affine *a, uint32_t loop, code_register r) {
    return r < loop ? none : a->of[r];
}

bool affine_is_private(const struct affine *a, uint32_t loop, array_id array) {
    index_id owner = program_array_at(a->code->program, array)->owner;
    return owner && a->inside[owner] == loop;
}

static struct variation sum(struct variation x, struct variation y) {
    int64_t slope;
    if (x.kind == VARIATION_ANY || y.kind == VARIATION_ANY) return any;
    return __builtin_add_overflow(x.slope, y.slope, &slope) ? any : linear(slope);
}

static struct variation multiple(const struct affine *a, code_register factor, struct variation x) {
    int64_t slope;
    if (x.kind == VARIATION_NONE) return none;
    if (x.kind == VARIATION_ANY || at(a, factor)->kind != CODE_INTEGER) return any;
    return __builtin_mul_overflow(x.slope, at(a, factor)->constant.integer, &slope) ? any : linear(slope);
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
    return same ? x : any;
}

void affine_find(struct affine *a, uint32_t loop) {
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
            a->of[i] = i == loop ? linear(at(a, in->c)->constant.integer) : none;
            break;
        case CODE_VALUE: a->of[i] = value(a, loop, in); break;
        case CODE_LOAD: a->of[i] = load(a, loop, in); break;
        case CODE_CHOICE: a->of[i] = choice(a, loop, in, condition); break;
        }
    }
}
