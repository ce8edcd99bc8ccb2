#include "eval/binding.h"

#include <stdlib.h>
#include <string.h>

#include "eval/integer.h"
#include "eval/interval.h"
#include "ir/build.h"
#include "support/number.h"

bool binding_init(struct binding *b, const struct program *program) {
    size_t count = program->arrays.count;
    *b = (struct binding){.program = program, .array_count = count};
    b->arrays = calloc(count ? count : 1, sizeof *b->arrays);
    b->slots = calloc(count + 1, sizeof *b->slots);
    if (b->arrays && b->slots) return true;
    binding_release(b);
    return false;
}

void binding_release(struct binding *b) {
    for (size_t a = 0; b->arrays && a < b->array_count; a++) {
        if (b->arrays[a].owned) free(b->arrays[a].at.real);
        free(b->arrays[a].lower);
        free(b->arrays[a].extent);
    }
    free(b->arrays);
    free(b->slots);
    *b = (struct binding){.program = NULL};
}

static void set(struct binding *b, array_id array, void *values, size_t count) {
    struct bound_array *bound = &b->arrays[array];
    if (bound->owned) free(bound->at.real);
    bound->owned = false;
    bound->at.real = values;
    bound->count = count;
    b->slots[array] = values;
}

void binding_set_real(struct binding *b, array_id array, double *values, size_t count) {
    set(b, array, values, count);
}

void binding_set_integer(struct binding *b, array_id array, int64_t *values, size_t count) {
    set(b, array, values, count);
}

void binding_share_inputs(struct binding *b, const struct binding *from) {
    size_t count = b->array_count < from->array_count ? b->array_count : from->array_count;
    for (array_id a = 1; a < count; a++) {
        if (!role_is_input(b->program->arrays.at[a].role) || !from->arrays[a].at.real) continue;
        set(b, a, from->arrays[a].at.real, from->arrays[a].count);
    }
}

bool binding_integer(const struct binding *b, node_id n, int64_t *value, struct diag_list *diags) {
    return integer_evaluate(b, NULL, n, value, diags);
}

/* What binding_allocate works with. */
struct allocation {
    struct binding *b;
    struct walk walk;
    struct interval *indices; /* by index_id, in the loops entered last */
    struct diag_list *diags;
};

static bool refuse(struct allocation *al, array_id a, const char *code, const char *message) {
    const struct array *array = program_array_at(al->b->program, a);
    const char *name = array->name ? array->name : "of loop bounds";
    if (al->diags) diag_error(al->diags, code, array->span, "array %s %s", name, message);
    return false;
}

static bool no_memory(struct allocation *al, array_id a) {
    return refuse(al, a, "too-large", "does not fit into memory");
}

static bool make_shape(struct bound_array *bound, uint32_t rank) {
    if (bound->lower) return true;
    bound->lower = calloc(rank ? rank : 1, sizeof *bound->lower);
    bound->extent = calloc(rank ? rank : 1, sizeof *bound->extent);
    return bound->lower && bound->extent;
}

/* upper - lower + 1; a range that ends just below its start is empty. */
static bool measure(struct allocation *al, array_id a, int64_t lower, int64_t upper, int64_t *extent) {
    if (__builtin_sub_overflow(upper, lower, extent) || __builtin_add_overflow(*extent, 1, extent))
        return refuse(al, a, "too-large", "has more elements than can be counted");
    return *extent >= 0 ? true : refuse(al, a, "negative-extent", "would have a negative number of elements");
}

static bool fixed_shape(struct allocation *al, array_id a) {
    const struct array *array = program_array_at(al->b->program, a);
    struct bound_array *bound = &al->b->arrays[a];
    if (!make_shape(bound, array->rank)) return no_memory(al, a);
    for (uint32_t k = 0; k < array->rank; k++) {
        node_id lower = array->dims[k].lower, upper = array->dims[k].upper;
        walk_begin(&al->walk);
        if (!walk_evaluate(&al->walk, lower) || !walk_evaluate(&al->walk, upper)) {
            if (al->walk.exhausted) no_memory(al, a);
            return false;
        }
        bound->lower[k] = al->walk.integers[lower];
        if (!measure(al, a, bound->lower[k], al->walk.integers[upper], &bound->extent[k])) return false;
    }
    return true;
}

/* Widens the extents by what they may be inside the loop entered last. */
static bool widen(struct allocation *al, array_id a) {
    const struct array *array = program_array_at(al->b->program, a);
    struct bound_array *bound = &al->b->arrays[a];
    if (!make_shape(bound, array->rank)) return no_memory(al, a);
    for (uint32_t k = 0; k < array->rank; k++) {
        struct interval extent;
        /* As one expression, in which an index common to both bounds cancels. */
        node_id difference = mk_isub(al->b->program->graph, array->dims[k].upper, array->dims[k].lower);
        if (al->b->program->graph->failed || !interval_of(al->b, al->indices, difference, &extent))
            return no_memory(al, a);
        if (extent.low > extent.high || extent.high < 0) continue;
        if (extent.high == INT64_MAX)
            return refuse(al, a, "too-large", "has more elements than can be counted");
        if (extent.high >= bound->extent[k]) bound->extent[k] = extent.high + 1;
    }
    return true;
}

static bool enter_loop(struct allocation *al, const struct step *loop) {
    const struct program *p = al->b->program;
    if (!interval_of_loop(al->b, al->indices, loop, &al->indices[loop->index])) return no_memory(al, 0);
    for (array_id a = 1; a < p->arrays.count; a++) {
        if (p->arrays.at[a].owner == loop->index && al->walk.moving[a] && !p->arrays.at[a].unused &&
            !widen(al, a))
            return false;
    }
    return true;
}

static bool has_moving(const struct allocation *al) {
    for (array_id a = 1; a < al->b->program->arrays.count; a++) {
        if (al->walk.moving[a] && !al->b->program->arrays.at[a].unused) return true;
    }
    return false;
}

static bool moving_shapes(struct allocation *al) {
    const struct program *p = al->b->program;
    for (size_t i = 0; has_moving(al) && i < p->steps.count; i++) {
        if (p->steps.at[i].kind == STEP_LOOP && !enter_loop(al, &p->steps.at[i])) return false;
    }
    return true;
}

/* With one element at least. */
static double *storage_for(const struct array *array, size_t count) {
    size_t lanes = array_is_of_lanes(array) ? BINDING_LANES : 1, all;
    if (__builtin_mul_overflow(count, lanes, &all)) return NULL;
    return numbers_allocate(all);
}

static bool give_storage(struct allocation *al, array_id a) {
    struct bound_array *bound = &al->b->arrays[a];
    size_t count = 1;
    if (!make_shape(bound, program_array_at(al->b->program, a)->rank)) return no_memory(al, a);
    for (uint32_t k = 0; k < program_array_at(al->b->program, a)->rank; k++) {
        if (__builtin_mul_overflow(count, (size_t)bound->extent[k], &count))
            return refuse(al, a, "too-large", "has more elements than can be counted");
    }
    if (bound->at.real) {
        if (bound->count >= count) return true;
        return refuse(al, a, "size-mismatch", "has been given too few values");
    }
    bound->at.real = storage_for(program_array_at(al->b->program, a), count);
    if (!bound->at.real) return no_memory(al, a);
    bound->owned = true;
    bound->count = count;
    al->b->slots[a] = bound->at.real;
    return true;
}

static bool allocate(struct allocation *al) {
    const struct program *p = al->b->program;
    bool done = true;
    /* In order, since dimensions may read the elements of earlier inputs. */
    for (array_id a = 1; a < p->arrays.count; a++) {
        const struct array *array = &p->arrays.at[a];
        if (al->walk.moving[a] || (array->unused && !role_is_input(array->role))) continue;
        done = fixed_shape(al, a) && give_storage(al, a) && done;
    }
    done = done && moving_shapes(al);
    for (array_id a = 1; done && a < p->arrays.count; a++) {
        if (al->walk.moving[a] && !p->arrays.at[a].unused) done = give_storage(al, a);
    }
    return done;
}

static bool begin(struct allocation *al, struct binding *b, struct diag_list *diags) {
    *al = (struct allocation){.b = b, .diags = diags};
    al->indices = calloc(b->program->indices.count, sizeof *al->indices);
    return walk_init(&al->walk, b->program, b, NULL, NULL, diags) && al->indices ? true : no_memory(al, 0);
}

static void end(struct allocation *al) {
    free(al->indices);
    walk_release(&al->walk);
}

static bool like(struct bound_array *bound, const struct bound_array *from, const struct array *array) {
    uint32_t rank = array->rank;
    *bound = (struct bound_array){.at = from->at, .count = from->count};
    if (from->lower && !make_shape(bound, rank)) return false;
    if (from->lower && rank) memcpy(bound->lower, from->lower, rank * sizeof *bound->lower);
    if (from->lower && rank) memcpy(bound->extent, from->extent, rank * sizeof *bound->extent);
    if (!from->owned) return true;
    bound->at.real = storage_for(array, from->count);
    bound->owned = bound->at.real != NULL;
    return bound->owned;
}

bool binding_like(struct binding *b, const struct binding *from) {
    if (!binding_init(b, from->program)) return false;
    bool good = b->array_count == from->array_count;
    for (array_id a = 1; good && a < b->array_count; a++) {
        good = like(&b->arrays[a], &from->arrays[a], &b->program->arrays.at[a]);
        b->slots[a] = b->arrays[a].at.real;
    }
    if (!good) binding_release(b);
    return good;
}

bool binding_measure_inputs(struct binding *b, struct diag_list *diags) {
    struct allocation al;
    bool done = begin(&al, b, diags);
    for (array_id a = 1; done && a < b->array_count; a++)
        if (role_is_input(b->program->arrays.at[a].role) && b->arrays[a].at.real) done = fixed_shape(&al, a);
    end(&al);
    return done;
}

bool binding_allocate(struct binding *b, struct diag_list *diags) {
    struct allocation al;
    bool done = begin(&al, b, diags) && allocate(&al);
    end(&al);
    return done;
}
