#include "ir/program.h"
#include "support/text.h"

/* One pending piece of output: a node, or a literal string. */
struct piece {
    node_id node;
    const char *string;
};

struct printer {
    const struct program *p;
    struct text *out;
    VEC(struct piece) pending;
};

static void later_node(struct printer *pr, node_id n) {
    struct piece piece = {n, NULL};
    VEC_PUSH(&pr->pending, piece);
}

static void later_text(struct printer *pr, const char *string) {
    struct piece piece = {0, string};
    VEC_PUSH(&pr->pending, piece);
}

/* Operands in reverse, since pending pieces are taken from the end. */
static void later_operands(struct printer *pr, node_id n, const char *separator, const char *close) {
    const struct graph *g = pr->p->graph;
    later_text(pr, close);
    for (uint32_t k = node_count(g, n); k-- > 0;) {
        later_node(pr, node_operand(g, n, k));
        if (k) later_text(pr, separator);
    }
}

static void print_constant(struct printer *pr, node_id n) {
    char *digits = mpq_get_str(NULL, 10, node_rational(pr->p->graph, n));
    if (!digits) return;
    text_add(pr->out, digits);
    void (*release)(void *, size_t);
    mp_get_memory_functions(NULL, NULL, &release);
    size_t length = 0;
    while (digits[length]) length++;
    release(digits, length + 1);
}

static void print_node(struct printer *pr, node_id n) {
    const struct graph *g = pr->p->graph;
    enum op op = node_op(g, n);
    const char *name = op_info(op)->name;
    if (op == OP_CONST) {
        print_constant(pr, n);
    } else if (op == OP_INT) {
        text_addf(pr->out, "%lld", (long long)node_integer(g, n));
    } else if (op == OP_BOOL) {
        text_add(pr->out, node_payload(g, n) ? "true" : "false");
    } else if (op == OP_INDEX) {
        text_add(pr->out, pr->p->indices.at[node_payload(g, n)].name);
    } else if (op == OP_READ) {
        text_add(pr->out, pr->p->arrays.at[node_payload(g, n)].name);
        if (node_count(g, n) == 0) return;
        text_add(pr->out, "[");
        later_operands(pr, n, ", ", "]");
    } else if (node_count(g, n) == 2 && !op_info(op)->is_function) {
        const char *sign = name[0] == 'i' && op != OP_IMIN && op != OP_IMAX ? name + 1 : name;
        text_add(pr->out, "(");
        later_text(pr, ")");
        later_node(pr, node_operand(g, n, 1));
        later_text(pr, " ");
        later_text(pr, op == OP_POWI ? "^" : sign);
        later_text(pr, " ");
        later_node(pr, node_operand(g, n, 0));
    } else {
        text_add(pr->out, name);
        if (node_count(g, n) == 0) return;
        text_add(pr->out, "(");
        later_operands(pr, n, ", ", ")");
    }
}

void program_dump_node(const struct program *p, node_id n, struct text *out) {
    struct printer pr = {.p = p, .out = out};
    later_node(&pr, n);
    while (pr.pending.count) {
        struct piece piece = VEC_POP(&pr.pending);
        if (piece.string)
            text_add(out, piece.string);
        else
            print_node(&pr, piece.node);
    }
    VEC_FREE(&pr.pending);
}

static void dump_target(const struct program *p, const struct step *step, struct text *out) {
    const struct array *array = program_array_at(p, step->array);
    text_add(out, array->name);
    for (uint32_t k = 0; step->kind == STEP_UPDATE && k < array->rank; k++) {
        text_add(out, k ? ", " : "[");
        program_dump_node(p, step_subscripts(p, step)[k], out);
    }
    if (step->kind == STEP_UPDATE && array->rank) text_add(out, "]");
}

static void dump_loop(const struct program *p, const struct step *step, struct text *out) {
    static const char *const orders[] = {"free", "apart", "up", "down"};
    text_addf(out, "loop %s in ", p->indices.at[step->index].name);
    program_dump_node(p, step->lower, out);
    text_add(out, "..");
    program_dump_node(p, step->upper, out);
    if (!node_is_int(p->graph, step->by, 1)) {
        text_add(out, " by ");
        program_dump_node(p, step->by, out);
    }
    text_addf(out, " %s\n", orders[step->order]);
}

static void dump_step(const struct program *p, const struct step *step, struct text *out) {
    static const char *const signs[] = {" = ", " += ", " max= ", " min= "};
    switch (step->kind) {
    case STEP_UPDATE:
    case STEP_CLEAR:
        text_add(out, step->kind == STEP_CLEAR ? "clear " : "");
        dump_target(p, step, out);
        text_add(out, signs[step->kind == STEP_CLEAR ? UPDATE_SET : step->op]);
        program_dump_node(p, step->value, out);
        text_add(out, "\n");
        break;
    case STEP_LOOP: dump_loop(p, step, out); break;
    case STEP_WHEN:
        text_add(out, "when ");
        program_dump_node(p, step->condition, out);
        text_add(out, "\n");
        break;
    case STEP_END:
        if (!step->condition) break;
        text_add(out, "end when ");
        program_dump_node(p, step->condition, out);
        text_add(out, "\n");
        break;
    }
}

void program_dump(const struct program *p, struct text *out) {
    size_t depth = 0;
    for (size_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        bool plain_end = step->kind == STEP_END && !step->condition;
        for (size_t k = 0; k < depth && !plain_end; k++) text_add(out, "  ");
        dump_step(p, step, out);
        if (step->kind == STEP_END) depth--;
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) depth++;
    }
}
