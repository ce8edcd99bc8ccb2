/* The simplifier on random expressions: simplifying twice changes nothing, values stay, and what is undefined
 * at a point stays undefined there. */
#include "formula/simplify.h"

#include <stdlib.h>

#include "eval/doubles.h"
#include "eval_fixture.h"

enum { UNKNOWNS = 3, DEEPEST = 5, EXPRESSIONS = 3000 };

struct draw {
    struct fixture f;
    struct reductions reductions;
    struct index_table indices;
    array_id unknowns[UNKNOWNS], raw, simple;
    uint64_t state;
};

static unsigned next(struct draw *d, unsigned below) {
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(d->state >> 33) % below;
}

static void draw_init(struct draw *d, unsigned seed) {
    static const char *const names[UNKNOWNS] = {"x", "y", "z"};
    *d = (struct draw){.state = seed * UINT64_C(1000003) + 17};
    fixture_init(&d->f);
    d->f.graph.plain = true;
    for (int k = 0; k < UNKNOWNS; k++)
        d->unknowns[k] = fixture_scalar(&d->f, names[k], ROLE_UNKNOWN, TYPE_REAL);
    d->raw = fixture_scalar(&d->f, "raw", ROLE_OUTPUT, TYPE_REAL);
    d->simple = fixture_scalar(&d->f, "simple", ROLE_OUTPUT, TYPE_REAL);
    d->reductions = (struct reductions){
        .program = &d->f.program, .indices = &d->indices, .first = (array_id)d->f.program.arrays.count};
}

static void draw_release(struct draw *d) {
    reductions_release(&d->reductions);
    fixture_release(&d->f);
}

static node_id draw_leaf(struct draw *d) {
    struct graph *g = &d->f.graph;
    if (next(d, 4) == 0)
        return mk_ratio(g, next(d, 2) ? (long)next(d, 5) + 1 : -(long)next(d, 4) - 1, next(d, 3) + 1);
    return fixture_read0(&d->f, d->unknowns[next(d, UNKNOWNS)]);
}

static node_id draw_function(struct draw *d, node_id a) {
    static const enum op ops[] = {OP_EXP, OP_LOG, OP_SQRT, OP_SIN, OP_COS, OP_ABS, OP_TANH, OP_COSH, OP_SINH};
    return mk_call1(&d->f.graph, ops[next(d, sizeof ops / sizeof *ops)], a);
}

/* A condition that no NaN meets. */
static node_id draw_condition(struct draw *d) {
    struct graph *g = &d->f.graph;
    return mk_lt(g, mk_mul(g, draw_leaf(d), draw_leaf(d)), mk_add(g, draw_leaf(d), draw_leaf(d)));
}

static node_id draw_node(struct draw *d, int depth) {
    struct graph *g = &d->f.graph;
    if (depth == DEEPEST || next(d, 6) == 0) return draw_leaf(d);
    node_id a = draw_node(d, depth + 1), b = draw_node(d, depth + 1);
    switch (next(d, 9)) {
    case 0:
    case 1: return mk_add(g, a, b);
    case 2: return mk_sub(g, a, b);
    case 3:
    case 4: return mk_mul(g, a, b);
    case 5: return mk_div(g, a, b);
    case 6: return mk_powi(g, a, mk_int(g, (int64_t)next(d, 6) - 2));
    case 7: return mk_select(g, draw_condition(d), a, b);
    default: return draw_function(d, a);
    }
}

static node_id simplified(struct draw *d, node_id n) {
    struct simplifier s = {.program = &d->f.program, .reductions = &d->reductions};
    s.weights = (struct weights){.program = &d->f.program,
                                 .reductions = &d->reductions,
                                 .indices = &d->indices,
                                 .first_temporary = d->reductions.first};
    cr_assert(simplify_count(&s, n));
    node_id result = simplify(&s, n);
    cr_assert(!s.failed);
    simplifier_release(&s);
    return result;
}

static unsigned scale(void) {
    const char *percent = getenv("GRADC_TEST_SCALE");
    return percent ? (unsigned)atoi(percent) : 100;
}

Test(simplify, twice_is_once) {
    for (unsigned seed = 1; seed <= EXPRESSIONS * scale() / 100 + 1; seed++) {
        struct draw d;
        draw_init(&d, seed);
        /* What others share keeps together; in the result nothing else shares it any more. */
        node_id once = simplified(&d, simplified(&d, draw_node(&d, 0))), twice = simplified(&d, once);
        struct text text = {0};
        program_dump_node(&d.f.program, once, &text);
        bool infinite = strstr(text_string(&text), "/ 0") != NULL;
        if (once != twice && !infinite) {
            text_add(&text, "  |  ");
            program_dump_node(&d.f.program, twice, &text);
            cr_expect(false, "seed %u: %s", seed, text_string(&text));
        }
        text_free(&text);
        draw_release(&d);
    }
}

static uint32_t weight(struct draw *d, node_id n) {
    struct weights w = {.program = &d->f.program,
                        .reductions = &d->reductions,
                        .indices = &d->indices,
                        .first_temporary = d->reductions.first};
    uint32_t result = weight_of(&w, n);
    weights_release(&w);
    return result;
}

/* A common fraction bar, terms in their order and a product moved into a choice may cost a little. */
Test(simplify, is_hardly_ever_longer) {
    for (unsigned seed = 1; seed <= EXPRESSIONS * scale() / 100 + 1; seed++) {
        struct draw d;
        draw_init(&d, seed);
        node_id raw = draw_node(&d, 0), simple = simplified(&d, raw);
        uint32_t before = weight(&d, raw), after = weight(&d, simple);
        cr_expect(after <= before + before / 2 + 8, "seed %u: %u characters are %u", seed, before, after);
        draw_release(&d);
    }
}

/* The values of both at a point. */
static void evaluate(struct draw *d, const double *point, double *raw, double *simple) {
    for (int k = 0; k < UNKNOWNS; k++) d->f.binding.arrays[d->unknowns[k]].at.real[0] = point[k];
    cr_assert_eq(doubles_run(&d->f.program, &d->f.binding, &d->f.diags), EVALUATED);
    *raw = d->f.binding.arrays[d->raw].at.real[0];
    *simple = d->f.binding.arrays[d->simple].at.real[0];
}

static void compare_at_points(struct draw *d, unsigned seed) {
    static const double points[][UNKNOWNS] = {
        {0.7, 1.3, 2.1}, {-0.4, 0.9, 1.7}, {1.2, -0.6, 0.3}, {0.35, 0.85, -1.45}, {2.3, 1.9, 0.55}};
    double raw, simple;
    for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
        evaluate(d, points[k], &raw, &simple);
        if (!isfinite(raw) || fabs(raw) > 1e6) continue;
        if (fabs(raw - simple) <= 1e-7 * (1 + fabs(raw))) continue;
        struct text text = {0};
        program_dump(&d->f.program, &text);
        cr_expect(false, "seed %u, point %zu: %.17g is %.17g in\n%s", seed, k, raw, simple,
                  text_string(&text));
        text_free(&text);
    }
}

Test(simplify, values_stay) {
    for (unsigned seed = 1; seed <= EXPRESSIONS * scale() / 100 + 1; seed++) {
        struct draw d;
        draw_init(&d, seed);
        node_id raw = draw_node(&d, 0);
        fixture_update(&d.f, d.raw, UPDATE_SET, 0, raw);
        fixture_update(&d.f, d.simple, UPDATE_SET, 0, simplified(&d, raw));
        fixture_bind(&d.f);
        double nothing = 0;
        for (int k = 0; k < UNKNOWNS; k++) binding_set_real(&d.f.binding, d.unknowns[k], &nothing, 1);
        cr_assert(binding_allocate(&d.f.binding, &d.f.diags));
        double point[UNKNOWNS];
        for (int k = 0; k < UNKNOWNS; k++) d.f.binding.arrays[d.unknowns[k]].at.real = &point[k];
        compare_at_points(&d, seed);
        draw_release(&d);
    }
}
