#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/constant.h"
#include "eval/doubles.h"
#include "eval/integer.h"
#include "ir/build.h"
#include "ir/prune.h"
#include "sema/checker.h"

static struct contents *contents_at(struct checker *c, array_id array) {
    while (c->contents.count <= array)
        if (!VEC_PUSH(&c->contents, (struct contents){0})) return NULL;
    return &c->contents.at[array];
}

void contents_set_real(struct checker *c, array_id array, double *values, size_t count) {
    struct contents *contents = contents_at(c, array);
    if (contents) *contents = (struct contents){.real = values, .count = count};
}

void contents_set_integer(struct checker *c, array_id array, int64_t *values, size_t count) {
    struct contents *contents = contents_at(c, array);
    if (contents) *contents = (struct contents){.integer = values, .count = count};
}

bool bind_inputs(struct checker *c, struct binding *binding, const struct program *p) {
    if (!binding_init(binding, p)) return false;
    for (array_id a = 1; a < p->arrays.count && a < c->contents.count; a++) {
        const struct contents *contents = &c->contents.at[a];
        if (contents->real) binding_set_real(binding, a, contents->real, contents->count);
        if (contents->integer) binding_set_integer(binding, a, contents->integer, contents->count);
    }
    return true;
}

static void out_of_memory(struct checker *c) {
    diag_error(c->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
}

bool evaluate_integer(struct checker *c, node_id n, int64_t *value) {
    if (node_op(c->graph, n) == OP_INT) {
        *value = node_integer(c->graph, n);
        return true;
    }
    if (node_op(c->graph, n) == OP_READ && node_count(c->graph, n) == 0) {
        const struct contents *contents = contents_at(c, node_payload(c->graph, n));
        *value = contents && contents->integer ? *contents->integer : 0;
        return contents && contents->integer;
    }
    struct binding binding;
    if (!bind_inputs(c, &binding, c->program)) {
        out_of_memory(c);
        return false;
    }
    bool good =
        binding_measure_inputs(&binding, c->diags) && integer_evaluate(&binding, NULL, n, value, c->diags);
    binding_release(&binding);
    return good;
}

/* ---- Expressions over the ranges of a declaration ---- */

static double *copy_values(struct checker *c, const double *values, size_t count) {
    double *copy = calloc(count + 1, sizeof *copy);
    if (copy && count) memcpy(copy, values, count * sizeof *copy);
    if (!copy) out_of_memory(c);
    return copy;
}

/* A value that is NaN has a culprit, but the declaration is the better place. */
static bool all_defined(struct checker *c, const struct ast *ast, const double *values, size_t count) {
    for (size_t k = 0; k < count; k++) {
        if (!isnan(values[k])) continue;
        diag_error(c->diags, "not-a-number", ast->span, "this value is not a number");
        return false;
    }
    return true;
}

/* Runs a program that has been written into `p` and takes the elements of one array. */
static double *run_for(struct checker *c, const struct program *p, array_id result, const struct ast *ast,
                       size_t count) {
    struct program pruned;
    struct binding binding;
    double *values = NULL;
    if (!program_prune(&pruned, p, &result, 1)) {
        program_release(&pruned);
        out_of_memory(c);
        return NULL;
    }
    if (!bind_inputs(c, &binding, &pruned)) {
        out_of_memory(c);
    } else {
        if (binding_allocate(&binding, c->diags) && doubles_run(&pruned, &binding, c->diags) == EVALUATED &&
            all_defined(c, ast, binding.arrays[result].at.real, count))
            values = copy_values(c, binding.arrays[result].at.real, count);
        binding_release(&binding);
    }
    program_release(&pruned);
    return values;
}

/* Runs the root body, behind what the file has computed so far. */
static double *run_root(struct checker *c, uint32_t back, array_id result, const struct ast *ast,
                        size_t count) {
    struct program p;
    program_like(&p, c->program);
    bodies_replay(&c->bodies, 0, &p);
    bodies_close_root(&c->bodies, back, &p);
    double *values = p.failed || c->graph->failed ? NULL : run_for(c, &p, result, ast, count);
    program_release(&p);
    return values;
}

static double *repeated(struct checker *c, double value, size_t count) {
    double *values = calloc(count + 1, sizeof *values);
    if (!values) out_of_memory(c);
    for (size_t k = 0; values && value != 0 && k < count; k++) values[k] = value;
    return values;
}

double *evaluate_elements(struct checker *c, const struct ast_declaration *d, const struct ast *ast,
                          const char *what, size_t count) {
    uint32_t back = c->bodies.current;
    size_t locals = c->scope.locals.count;
    unsigned errors = c->diags->errors;
    struct dimensions dims;
    double value;
    c->fixed = what;
    c->broken = false;
    c->uniform = false;
    bodies_open_root(&c->bodies);
    uint32_t root = c->bodies.current;
    array_id result = 0;
    node_id node = 0;
    if (open_ranges(c, d, &dims, NULL)) {
        node = lower(c, ast, WANT_REAL);
        result = new_array(c, "value", ROLE_OUTPUT, TYPE_REAL, &dims, d->span);
        bodies_update(&c->bodies, result, dims.subscripts, dims.rank, UPDATE_SET, node, ast->span);
        close_ranges(c, dims.rank, root, locals);
    }
    c->fixed = NULL;
    c->bodies.current = root;
    if (!result || c->broken || c->diags->errors != errors || c->graph->failed) {
        bodies_discard(&c->bodies, back);
        return NULL;
    }
    if (constant_value(c->graph, node, &value)) {
        bodies_discard(&c->bodies, back);
        c->uniform = true;
        return all_defined(c, ast, &value, 1) ? repeated(c, value, count) : NULL;
    }
    return run_root(c, back, result, ast, count);
}
