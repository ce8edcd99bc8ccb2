#include "eval/walk.h"

#include <string.h>

#include "eval/integer.h"
#include "eval/interval.h"

#define FOREVER UINT32_MAX
enum outcome { DONE, DONE_FOREVER, WAITING, FAILED };

static bool grow(struct walk *w) {
    size_t wanted = graph_count(w->graph);
    int64_t *integers = realloc(w->integers, wanted * sizeof *integers);
    if (integers) w->integers = integers;
    /* Fresh zero pages are cheaper than cleared ones where few nodes are visited. */
    uint32_t *stamps = calloc(wanted, sizeof *stamps);
    if (!integers || !stamps) {
        free(stamps);
        w->exhausted = true;
        return false;
    }
    if (w->capacity) memcpy(stamps, w->stamps, w->capacity * sizeof *stamps);
    free(w->stamps);
    w->stamps = stamps;
    w->capacity = wanted;
    return true;
}

static void find_moving(struct walk *w) {
    for (array_id a = 1; a < w->program->arrays.count; a++) w->moving[a] = array_is_moving(w->program, a);
}

bool walk_init(struct walk *w, const struct program *program, const struct binding *binding,
               const struct walk_reals *reals, void *context, struct diag_list *diags) {
    *w = (struct walk){.program = program,
                       .graph = program->graph,
                       .binding = binding,
                       .reals = reals,
                       .context = context,
                       .diags = diags,
                       .stamp = 1};
    w->index_values = calloc(program->indices.count, sizeof *w->index_values);
    w->moving = calloc(program->arrays.count, sizeof *w->moving);
    if (!w->index_values || !w->moving || !grow(w)) {
        walk_release(w);
        w->exhausted = true;
        return false;
    }
    find_moving(w);
    return true;
}

void walk_release(struct walk *w) {
    free(w->index_values);
    free(w->moving);
    free(w->integers);
    free(w->stamps);
    VEC_FREE(&w->stack);
    *w = (struct walk){.graph = NULL};
}

void walk_begin(struct walk *w) {
    if (++w->stamp < FOREVER) return;
    for (size_t n = 0; n < w->capacity; n++) {
        if (w->stamps[n] != FOREVER) w->stamps[n] = 0;
    }
    w->stamp = 1;
}

static bool known(const struct walk *w, node_id n) {
    return w->stamps[n] == w->stamp || w->stamps[n] == FOREVER;
}

static void error_at(struct walk *w, node_id n, const char *code, const char *message) {
    if (w->diags) diag_error(w->diags, code, node_span(w->graph, n), "%s", message);
}

/* Asks for a node; those that need no visit are done at once. */
static bool want(struct walk *w, node_id n) {
    if (known(w, n)) return false;
    enum op op = node_op(w->graph, n);
    if (op == OP_INDEX || op == OP_INT) {
        w->integers[n] =
            op == OP_INT ? node_integer(w->graph, n) : w->index_values[node_payload(w->graph, n)];
        w->stamps[n] = op == OP_INT ? FOREVER : w->stamp;
        return false;
    }
    if (!VEC_PUSH(&w->stack, n)) w->exhausted = true;
    return true;
}

static bool want_bounds(struct walk *w, array_id a) {
    const struct array *array = program_array_at(w->program, a);
    bool waiting = false;
    for (uint32_t k = 0; k < array->rank; k++) {
        waiting |= want(w, array->dims[k].lower);
        waiting |= want(w, array->dims[k].upper);
    }
    return waiting;
}

static bool want_operands(struct walk *w, node_id n) {
    const struct node *node = &w->graph->nodes.at[n];
    const node_id *operands = w->graph->operands.at + node->first;
    bool waiting = false;
    for (uint32_t k = node->count; k-- > 0;) waiting |= want(w, operands[k]);
    if (node->op == OP_READ && w->moving[node->payload]) waiting |= want_bounds(w, node->payload);
    return waiting;
}

static bool outside(struct walk *w, array_id a, uint32_t k, int64_t value, int64_t lower, int64_t extent,
                    struct span span) {
    if (!w->diags) return false;
    const char *name = program_array_at(w->program, a)->name;
    if (extent <= 0) {
        diag_error(w->diags, "index-out-of-range", span, "index %lld, but %s has no elements here",
                   (long long)value, name);
    } else {
        diag_error(w->diags, "index-out-of-range", span,
                   "index %lld of %s is outside %lld..%lld (dimension %u)", (long long)value, name,
                   (long long)lower, (long long)(lower + extent - 1), k + 1);
    }
    return false;
}

bool walk_element(struct walk *w, array_id a, const node_id *subscripts, struct span span, size_t *element) {
    const struct array *array = program_array_at(w->program, a);
    const struct bound_array *bound = &w->binding->arrays[a];
    size_t place = 0;
    if (!bound->at.real || (array->rank && !bound->lower)) return outside(w, a, 0, 0, 0, 0, span);
    for (uint32_t k = 0; k < array->rank; k++) {
        int64_t value = w->integers[subscripts[k]], lower = bound->lower[k], extent = bound->extent[k], at;
        if (w->moving[a]) {
            int64_t upper = w->integers[array->dims[k].upper];
            lower = w->integers[array->dims[k].lower];
            int64_t current = upper < lower ? 0 : upper - lower + 1;
            if (current < extent) extent = current;
        }
        if (__builtin_sub_overflow(value, lower, &at) || at < 0 || at >= extent)
            return outside(w, a, k, value, lower, extent, span);
        place = place * (size_t)bound->extent[k] + (size_t)at;
    }
    *element = place;
    return true;
}

static enum outcome read_element(struct walk *w, node_id n) {
    array_id a = node_payload(w->graph, n);
    size_t element;
    if (!walk_element(w, a, node_operands(w->graph, n), node_span(w->graph, n), &element)) return FAILED;
    if (node_type(w->graph, n) == TYPE_INT) {
        w->integers[n] = w->binding->arrays[a].at.integer[element];
        return DONE;
    }
    if (!w->reals) {
        error_at(w, n, "not-an-integer", "this is not an integer expression");
        return FAILED;
    }
    w->reals->read(w->context, n, a, element);
    return DONE;
}

static enum outcome compute_integer(struct walk *w, node_id n) {
    const struct node *node = &w->graph->nodes.at[n];
    const node_id *operands = w->graph->operands.at + node->first;
    int64_t a = node->count > 0 ? w->integers[operands[0]] : 0;
    int64_t b = node->count > 1 ? w->integers[operands[1]] : 0;
    const char *message, *code = integer_apply((enum op)node->op, a, b, &w->integers[n], &message);
    if (!code) return DONE;
    error_at(w, n, code, message);
    return FAILED;
}

static enum outcome compute(struct walk *w, node_id n) {
    const struct node *node = &w->graph->nodes.at[n];
    switch (node->op) {
    case OP_READ: return read_element(w, n);
    case OP_INT: w->integers[n] = node_integer(w->graph, n); return DONE_FOREVER;
    case OP_INDEX: w->integers[n] = w->index_values[node->payload]; return DONE;
    case OP_BOOL: w->integers[n] = node->payload; return DONE_FOREVER;
    case OP_LT:
    case OP_LE:
    case OP_EQ:
    case OP_NE:
        if (!w->reals) break;
        w->integers[n] = w->reals->compare(w->context, n);
        return DONE;
    default:
        if (node->type != TYPE_REAL) return compute_integer(w, n);
        if (!w->reals) break;
        if (w->reals->operation(w->context, n)) return DONE;
        w->exhausted = true;
        return FAILED;
    }
    error_at(w, n, "not-an-integer", "this is not an integer expression");
    return FAILED;
}

/* The condition first, then only the operand it chooses. */
static enum outcome advance_select(struct walk *w, node_id n) {
    const node_id *operands = node_operands(w->graph, n);
    if (want(w, operands[0])) return WAITING;
    node_id taken = operands[w->integers[operands[0]] ? 1 : 2];
    if (want(w, taken)) return WAITING;
    if (node_type(w->graph, n) == TYPE_REAL)
        w->reals->select(w->context, n, taken);
    else
        w->integers[n] = w->integers[taken];
    return DONE;
}

static enum outcome advance_logic(struct walk *w, node_id n) {
    const node_id *operands = node_operands(w->graph, n);
    bool decisive = node_op(w->graph, n) == OP_OR;
    if (want(w, operands[0])) return WAITING;
    if ((w->integers[operands[0]] != 0) == decisive) {
        w->integers[n] = decisive;
        return DONE;
    }
    if (want(w, operands[1])) return WAITING;
    w->integers[n] = w->integers[operands[1]];
    return DONE;
}

static enum outcome advance(struct walk *w, node_id n) {
    const struct node *node = &w->graph->nodes.at[n];
    if (node->type == TYPE_REAL && w->reals && w->reals->constant(w->context, n)) return DONE_FOREVER;
    if (node->op == OP_AND || node->op == OP_OR) return advance_logic(w, n);
    if (node->op == OP_ISELECT || (node->op == OP_SELECT && w->reals)) return advance_select(w, n);
    return want_operands(w, n) ? WAITING : compute(w, n);
}

bool walk_evaluate(struct walk *w, node_id root) {
    if (root >= w->capacity && !grow(w)) return false;
    w->stack.count = 0;
    want(w, root);
    while (w->stack.count && !w->exhausted) {
        node_id n = VEC_LAST(&w->stack);
        enum outcome outcome = known(w, n) ? WAITING : advance(w, n);
        if (outcome == FAILED) return false;
        if (outcome == DONE) w->stamps[n] = w->stamp;
        if (outcome == DONE_FOREVER) w->stamps[n] = FOREVER;
        if (known(w, n)) w->stack.count--;
    }
    return !w->exhausted;
}

bool walk_bounds(struct walk *w, array_id a) {
    const struct array *array = program_array_at(w->program, a);
    for (uint32_t k = 0; w->moving[a] && k < array->rank; k++) {
        if (!walk_evaluate(w, array->dims[k].lower) || !walk_evaluate(w, array->dims[k].upper)) return false;
    }
    return true;
}
