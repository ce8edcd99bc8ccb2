/* Kernels in vector lanes: every width, and fast arithmetic, against the reference; each twice, for the bits.
 * Of loops in chunks the second run takes the last chunk first, each with memory of its own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "differential/comparison.h"
#include "ir/verify.h"
#include "lower/chunk.h"
#include "lower/lower.h"

static const struct way {
    const char *what;
    enum arithmetic arithmetic;
    unsigned lanes;
    bool lowered;
    bool sized;      /* small params are constants of the code */
    unsigned chunks; /* of each loop that can be shared; 0: loops stay whole */
} ways[] = {
    {"2 lanes", ARITHMETIC_LANES, 2, false, false, 0},
    {"8 lanes, sized", ARITHMETIC_LANES, 8, false, true, 0},
    {"4 lanes, lowered", ARITHMETIC_LANES, 4, true, false, 0},
    {"8 lanes, lowered, sized", ARITHMETIC_LANES, 8, true, true, 0},
    {"4 lanes, lowered, 3 chunks", ARITHMETIC_LANES, 4, true, false, 3},
    {"2 lanes, lowered, sized, 2 chunks", ARITHMETIC_LANES, 2, true, true, 2},
    {"4 lanes, lowered, fast", ARITHMETIC_FAST, 4, true, false, 0},
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

/* Memory with rubbish in it. */
static double *rubbish(size_t count) {
    double *memory = malloc((count + 1) * sizeof *memory);
    if (memory) memset(memory, 0xA5, count * sizeof *memory);
    return memory;
}

/* One that runs chunks from the last to the first. */
struct team {
    struct kernel_team as_team;
    const struct kernel *kernel;
    const struct binding *binding;
};

static bool is_local(const struct binding *b, array_id a) {
    const struct array *array = &b->program->arrays.at[a];
    return array_is_of_lanes(array) && !array->unused;
}

static void run_chunk(const struct team *t, kernel_chunks chunks, void *const *slots, const double *scratch,
                      int64_t chunk) {
    const struct binding *b = t->binding;
    void **own = calloc(b->array_count + 1, sizeof *own);
    for (array_id a = 1; own && a < b->array_count; a++)
        own[a] = is_local(b, a) ? rubbish(b->arrays[a].count * BINDING_LANES) : slots[a];
    if (!own) return;
    if (t->kernel->scratch) own[0] = rubbish(t->kernel->scratch);
    chunks(own, scratch, chunk, chunk);
    for (array_id a = 1; a < b->array_count; a++)
        if (is_local(b, a)) free(own[a]);
    free(own[0]);
    free(own);
}

static void run_backwards(struct kernel_team *team, kernel_chunks chunks, void *const *slots,
                          const double *scratch, int64_t first, int64_t last) {
    for (int64_t k = last; k >= first; k--) run_chunk((const struct team *)team, chunks, slots, scratch, k);
}

static void run(const struct kernel *kernel, struct binding *b, bool backwards) {
    struct team team = {{run_backwards}, kernel, b};
    double *scratch = kernel->scratch ? rubbish(kernel->scratch) : NULL;
    b->slots[0] = scratch;
    b->slots[b->array_count] = backwards ? &team : NULL;
    kernel->run(b->slots);
    b->slots[0] = b->slots[b->array_count] = NULL;
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
        run(kernel, &first, false);
        run(kernel, &second, true);
        for (array_id a = 1; a < c->gradient.arrays.count; a++)
            for (size_t e = 0; is_result(c, a) && e < first.arrays[a].count; e++)
                compare_element(c, way, &first, &second, r, a, e);
        kernel_free(kernel);
    }
    binding_release(&first);
    binding_release(&second);
    return kernel != NULL;
}

/* Loops of the program in chunks. */
static bool cut(struct comparison *c, struct program *p, unsigned chunks) {
    struct program chunked;
    struct binding inputs;
    bool changed = false, good = comparison_bind(c, &inputs, p);
    good = good && lower_chunk(&chunked, p, &inputs, chunks, &changed);
    binding_release(&inputs);
    if (!good || !changed) return good;
    program_release(p);
    *p = chunked;
    return program_verify(p, "chunk", &c->model->diags);
}

static bool compare_way(struct comparison *c, const struct way *way, const struct reference *r) {
    struct program lowered = {0};
    bool good = !way->lowered || lower_program(&lowered, &c->gradient);
    if (good && way->chunks) good = cut(c, &lowered, way->chunks);
    good = good && compare_program(c, way->lowered ? &lowered : &c->gradient, way, r);
    program_release(&lowered);
    return good;
}

void compare_lanes(struct comparison *c, struct reference *r) {
    reference_add_in_any_order(r);
    if (reference_run(r) != EVALUATED) {
        comparison_fails(c, "the reference cannot be run again");
        return;
    }
    for (size_t k = 0; k < sizeof ways / sizeof *ways && c->verdict == VERDICT_AGREES; k++)
        if (!compare_way(c, &ways[k], r)) comparison_fails(c, "no kernel in lanes can be made");
}
