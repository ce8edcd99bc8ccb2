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
static bool all_defined(struct diag_list *diags, struct span span, const double *values, size_t count) {
    for (size_t k = 0; k < count; k++) {
        if (!isnan(values[k])) continue;
        diag_error(diags, "not-a-number", span, "this value is not a number");
        return false;
    }
    return true;
}

bool model_input_is_defined(struct model *model, const struct model_input *input) {
    return all_defined(&model->diags, input->span, input->values, input->count);
}

/* Runs a program and takes the elements of one array. */
static double *run_now(struct checker *c, const struct program *p, array_id result, struct span span,
                       size_t count) {
    struct binding binding;
    double *values = NULL;
    if (!bind_inputs(c, &binding, p)) {
        out_of_memory(c);
        return NULL;
    }
    if (binding_allocate(&binding, c->diags) && doubles_run(p, &binding, c->diags) == EVALUATED &&
        all_defined(c->diags, span, binding.arrays[result].at.real, count))
        values = copy_values(c, binding.arrays[result].at.real, count);
    binding_release(&binding);
    return values;
}

/* ---- Elements that wait ---- */

/* So few elements are evaluated at once, and what is wrong with them is said when the file is loaded. */
enum { FEW_ELEMENTS = 64 };

static bool may_wait(const struct checker *c, size_t count) {
    return c->may_wait && count > FEW_ELEMENTS;
}

static double *leave_waiting(struct checker *c, struct model_input input) {
    input.values = calloc(input.count + 1, sizeof *input.values);
    if (input.values && VEC_PUSH(&c->model->inputs, input)) {
        c->waits = true;
        return input.values;
    }
    free(input.values);
    program_release(&input.program);
    out_of_memory(c);
    return NULL;
}

/* Takes the program over. */
static double *run_later(struct checker *c, struct program *p, array_id result, struct span span,
                         size_t count) {
    struct binding binding;
    unsigned errors = c->diags->errors;
    bool bound = bind_inputs(c, &binding, p);
    if (!bound) out_of_memory(c);
    if (bound && binding_measure_inputs(&binding, c->diags)) check_accesses(c, p, &binding);
    if (bound) binding_release(&binding);
    if (c->diags->errors == errors)
        return leave_waiting(
            c, (struct model_input){.count = count, .span = span, .program = *p, .result = result});
    program_release(p);
    return NULL;
}

static bool is_waiting(const struct checker *c, array_id array) {
    const double *values = array < c->contents.count ? c->contents.at[array].real : NULL;
    for (size_t k = 0; values && k < c->model->inputs.count; k++)
        if (c->model->inputs.at[k].values == values) return true;
    return false;
}

/* Evaluates what waits, for something that is needed now and reads it. */
static bool settle(struct checker *c) {
    for (size_t k = 0; k < c->model->inputs.count; k++) {
        struct model_input *input = &c->model->inputs.at[k];
        bool runs = input->result && !diag_has_errors(c->diags);
        double *values = runs ? run_now(c, &input->program, input->result, input->span, input->count) : NULL;
        for (size_t i = 0; i < input->count && (values || !input->result); i++)
            input->values[i] = values ? values[i] : input->uniform;
        free(values);
        program_release(&input->program);
    }
    c->model->inputs.count = 0;
    return !diag_has_errors(c->diags);
}

static bool settle_for(struct checker *c, const struct program *p) {
    for (array_id a = 1; a < p->arrays.count; a++)
        if (!p->arrays.at[a].unused && is_waiting(c, a)) return settle(c);
    return true;
}

/* Runs a program that has been written into `p`, or lets it wait. */
static double *run_for(struct checker *c, const struct program *p, array_id result, const struct ast *ast,
                       size_t count) {
    struct program pruned;
    if (!program_prune(&pruned, p, &result, 1)) {
        program_release(&pruned);
        out_of_memory(c);
        return NULL;
    }
    if (may_wait(c, count)) return run_later(c, &pruned, result, ast->span, count);
    double *values = settle_for(c, &pruned) ? run_now(c, &pruned, result, ast->span, count) : NULL;
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

static double *repeated(struct checker *c, double value, struct span span, size_t count) {
    if (value != 0 && may_wait(c, count))
        return leave_waiting(c, (struct model_input){.count = count, .span = span, .uniform = value});
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
    c->waits = false;
    bodies_open_root(&c->bodies);
    uint32_t root = c->bodies.current;
    array_id result = 0;
    bool good = false, constant = false;
    if (open_ranges(c, d, &dims, NULL)) {
        node_id node = lower(c, ast, WANT_REAL);
        good = !c->broken && c->diags->errors == errors && !c->graph->failed;
        constant = good && constant_value(c->graph, node, &value);
        if (good && !constant) {
            result = new_array(c, "value", ROLE_OUTPUT, TYPE_REAL, &dims, d->span);
            bodies_update(&c->bodies, result, dims.subscripts, dims.rank, UPDATE_SET, node, ast->span);
        }
        close_ranges(c, dims.rank, root, locals);
    }
    c->fixed = NULL;
    c->bodies.current = root;
    if (result) return run_root(c, back, result, ast, count);
    bodies_discard(&c->bodies, back);
    if (!constant || !all_defined(c->diags, ast->span, &value, 1)) return NULL;
    return repeated(c, value, ast->span, count);
}
