#include "eval/dependence.h"

#include <stdlib.h>

#include "sparse/sets.h"

struct finder {
    struct walk walk;
    struct sets sets;
    set_id *values;  /* by node */
    set_id **stored; /* by array; NULL: nothing was stored */
    size_t *first;   /* by array: 1 + the place of its first element among the unknowns; 0: none */
    const struct dependence_request *request;
};

/* ---- What the walk does with real values ---- */

static bool constant(void *context, node_id n) {
    struct finder *f = context;
    if (node_op(f->walk.graph, n) != OP_CONST) return false;
    f->values[n] = 0;
    return true;
}

static bool operation(void *context, node_id n) {
    struct finder *f = context;
    set_id all = 0;
    for (uint32_t k = 0; k < node_count(f->walk.graph, n); k++) {
        node_id operand = node_operand(f->walk.graph, n, k);
        if (node_type(f->walk.graph, operand) == TYPE_REAL)
            all = set_union(&f->sets, all, f->values[operand]);
    }
    f->values[n] = all;
    return !f->sets.failed;
}

static void read(void *context, node_id n, array_id array, size_t element) {
    struct finder *f = context;
    if (f->first[array])
        f->values[n] = set_single(&f->sets, (uint32_t)(f->first[array] - 1 + element));
    else
        f->values[n] = f->stored[array] ? f->stored[array][element] : 0;
}

static void take(void *context, node_id n, node_id taken) {
    struct finder *f = context;
    f->values[n] = f->values[taken];
}

/* Skeletons have no comparisons of real numbers. */
static bool compare(void *context, node_id n) {
    (void)context;
    (void)n;
    return true;
}

static set_id *storage(struct finder *f, array_id array) {
    if (!f->stored[array]) {
        f->stored[array] = calloc(f->walk.binding->arrays[array].count + 1, sizeof *f->stored[array]);
        if (!f->stored[array]) f->walk.exhausted = true;
    }
    return f->stored[array];
}

static void update(void *context, const struct step *step, size_t element) {
    struct finder *f = context;
    set_id *stored = storage(f, step->array), value = f->values[step->value];
    if (!stored) return;
    stored[element] = step->op == UPDATE_SET ? value : set_union(&f->sets, stored[element], value);
    f->walk.exhausted |= f->sets.failed;
}

static void clear(void *context, const struct step *step) {
    struct finder *f = context;
    set_id *stored = f->stored[step->array];
    for (size_t k = 0; stored && k < f->walk.binding->arrays[step->array].count; k++) stored[k] = 0;
}

static const struct walk_reals on_sets = {.constant = constant,
                                          .operation = operation,
                                          .read = read,
                                          .select = take,
                                          .compare = compare,
                                          .update = update,
                                          .clear = clear};

/* ---- The result ---- */

static bool add_row(struct finder *f, struct members *entries, set_id set, struct pattern *out, size_t row,
                    struct diag_list *diags) {
    if (!set_expand(&f->sets, set, entries)) return false;
    out->starts[row + 1] = entries->count;
    if (entries->count <= f->request->most) return true;
    diag_error(diags, "too-dense", (struct span){0}, "the matrix has more than %zu entries",
               f->request->most);
    return false;
}

static enum evaluation collect(struct finder *f, struct pattern *out, struct diag_list *diags) {
    const struct dependence_request *q = f->request;
    struct members entries = {0};
    unsigned errors = diags->errors;
    *out = (struct pattern){.rows = q->rows, .columns = q->columns};
    out->starts = calloc(q->rows + 1, sizeof *out->starts);
    bool good = out->starts != NULL;
    size_t row = 0;
    for (size_t k = 0; good && k < q->output_count; k++) {
        array_id array = q->outputs[k].array;
        for (; good && row < q->outputs[k].offset; row++) out->starts[row + 1] = entries.count;
        size_t count = f->walk.binding->arrays[array].count;
        for (size_t e = 0; good && e < count && row < q->rows; e++, row++)
            good = add_row(f, &entries, f->stored[array] ? f->stored[array][e] : 0, out, row, diags);
    }
    for (; good && row < q->rows; row++) out->starts[row + 1] = entries.count;
    out->entry = entries.at;
    if (good) return EVALUATED;
    pattern_release(out);
    return diags->errors > errors ? EVALUATION_ERROR : EVALUATION_MEMORY;
}

static bool start(struct finder *f, const struct program *skeleton, struct binding *b,
                  struct diag_list *diags) {
    sets_init(&f->sets);
    f->values = calloc(graph_count(skeleton->graph), sizeof *f->values);
    f->stored = calloc(skeleton->arrays.count, sizeof *f->stored);
    f->first = calloc(skeleton->arrays.count, sizeof *f->first);
    if (!f->values || !f->stored || !f->first || f->sets.failed) return false;
    for (size_t k = 0; k < f->request->unknown_count; k++)
        f->first[f->request->unknowns[k].array] = f->request->unknowns[k].offset + 1;
    return walk_init(&f->walk, skeleton, b, &on_sets, f, diags);
}

enum evaluation dependence_find(struct pattern *pattern, const struct program *skeleton, struct binding *b,
                                const struct dependence_request *request, struct diag_list *diags) {
    struct finder f = {.request = request};
    *pattern = (struct pattern){.rows = 0};
    enum evaluation result = start(&f, skeleton, b, diags) ? execute(&f.walk) : EVALUATION_MEMORY;
    if (result == EVALUATED) result = collect(&f, pattern, diags);
    for (size_t a = 0; f.stored && a < skeleton->arrays.count; a++) free(f.stored[a]);
    free(f.stored);
    free(f.values);
    free(f.first);
    sets_release(&f.sets);
    walk_release(&f.walk);
    return result;
}
