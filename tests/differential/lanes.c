/* Kernels in vector lanes: every width, and fast arithmetic, against the reference; each twice, for the bits.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "differential/comparison.h"
#include "lower/lower.h"

static const struct way {
    const char *what;
    enum arithmetic arithmetic;
    unsigned lanes;
    bool lowered;
    bool sized; /* small params are constants of the code */
} ways[] = {
    {"2 lanes", ARITHMETIC_LANES, 2, false, false},
    {"8 lanes, sized", ARITHMETIC_LANES, 8, false, true},
    {"4 lanes, lowered", ARITHMETIC_LANES, 4, true, false},
    {"8 lanes, lowered, sized", ARITHMETIC_LANES, 8, true, true},
    {"4 lanes, lowered, fast", ARITHMETIC_FAST, 4, true, false},
};

static bool is_result(const struct comparison *c, array_id a) {
    return c->gradient.arrays.at[a].role == ROLE_GRADIENT || a == c->model->objective;
}

static void compare_element(struct comparison *c, const struct way *way, const struct binding *first,
                            const struct binding *second, const struct reference *r, array_id a, size_t e) {
    double got = first->arrays[a].at.real[e], again = second->arrays[a].at.real[e];
    double exact = reference_value(r, a, e);
    const char *name = c->gradient.arrays.at[a].name;
    if (!same_bits(got, again)) comparison_differs(c, "a second run differs", name, e, again, got);
    if (!comparison_is_exact(got, exact, reference_error(r, a, e)))
        comparison_differs(c, way->what, name, e, got, exact);
}

static void run(const struct kernel *kernel, struct binding *b) {
    double *scratch = kernel->scratch ? malloc(kernel->scratch * sizeof *scratch) : NULL;
    if (scratch) memset(scratch, 0xA5, kernel->scratch * sizeof *scratch);
    b->slots[0] = scratch;
    kernel->run(b->slots);
    b->slots[0] = NULL;
    free(scratch);
}

static bool compare_program(struct comparison *c, const struct program *p, const struct way *way,
                            const struct reference *r) {
    struct binding first, second;
    struct kernel_options options = {.level = c->how.level < 1 ? 1 : c->how.level,
                                     .arithmetic = way->arithmetic,
                                     .lanes = way->lanes,
                                     .all_loops = true,
                                     .inputs = way->sized ? &first : NULL};
    bool good = comparison_bind(c, &first, p);
    good = comparison_bind(c, &second, p) && good;
    struct kernel *kernel = good ? kernel_compile(p, &options, NULL, &c->model->diags) : NULL;
    if (kernel) {
        run(kernel, &first);
        run(kernel, &second);
        for (array_id a = 1; a < c->gradient.arrays.count; a++)
            for (size_t e = 0; is_result(c, a) && e < first.arrays[a].count; e++)
                compare_element(c, way, &first, &second, r, a, e);
        kernel_free(kernel);
    }
    binding_release(&first);
    binding_release(&second);
    return kernel != NULL;
}

static bool compare_way(struct comparison *c, const struct way *way, const struct reference *r) {
    struct program lowered = {0};
    bool good = !way->lowered || lower_program(&lowered, &c->gradient);
    good = good && compare_program(c, way->lowered ? &lowered : &c->gradient, way, r);
    program_release(&lowered);
    return good;
}

void compare_lanes(struct comparison *c, const struct reference *r) {
    for (size_t k = 0; k < sizeof ways / sizeof *ways && c->verdict == VERDICT_AGREES; k++)
        if (!compare_way(c, &ways[k], r)) comparison_fails(c, "no kernel in lanes can be made");
}
