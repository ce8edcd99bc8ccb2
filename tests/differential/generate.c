#include "differential/generate.h"

#include <stdbool.h>
#include <stdio.h>

#include "ir/ops.h"

uint64_t random_next(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

unsigned random_below(uint64_t *state, unsigned limit) {
    return (unsigned)(random_next(state) >> 33) % limit;
}

double random_between(uint64_t *state, double low, double high) {
    return low + (high - low) * ((double)(random_next(state) >> 11) * 0x1p-53);
}

enum { MOST_INDICES = 4, MOST_ARRAYS = 6 };

struct generator {
    uint64_t state;
    struct text *out;
    unsigned indices; /* open loop indices, named i1, i2, ... */
    unsigned fresh;   /* for names of indices */
    unsigned names[MOST_INDICES];
    const char *arrays[MOST_ARRAYS]; /* lets of length n that may be read */
    unsigned array_count;
    unsigned scalars;    /* scalar lets, named c1, c2, ... */
    unsigned reductions; /* open ones: they are nested twice at most */
};

static unsigned below(struct generator *gen, unsigned limit) {
    return random_below(&gen->state, limit);
}

static void add(struct generator *gen, const char *string) {
    text_add(gen->out, string);
}

static void expression(struct generator *gen, unsigned depth);

/* A number with few digits, so that files stay readable. */
static void number(struct generator *gen, double low, double high) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.3g", random_between(&gen->state, low, high));
    add(gen, digits[0] == '-' ? "(" : "");
    add(gen, digits);
    add(gen, digits[0] == '-' ? ")" : "");
}

static void any_index(struct generator *gen) {
    text_addf(gen->out, "i%u", gen->names[below(gen, gen->indices)]);
}

/* A subscript in 1..n. */
static void subscript(struct generator *gen) {
    if (gen->indices == 0) {
        add(gen, below(gen, 2) ? "1" : "n");
        return;
    }
    switch (below(gen, 8)) {
    case 0:
        add(gen, "n + 1 - ");
        any_index(gen);
        break;
    case 1:
        add(gen, "1 + ");
        any_index(gen);
        add(gen, " % n");
        break;
    case 2:
        add(gen, "max(");
        any_index(gen);
        add(gen, " - 1, 1)");
        break;
    case 3:
        add(gen, "pick[");
        any_index(gen);
        add(gen, "]");
        break;
    default: any_index(gen); break;
    }
}

static void element(struct generator *gen, const char *array) {
    add(gen, array);
    add(gen, "[");
    subscript(gen);
    add(gen, "]");
}

static void leaf(struct generator *gen) {
    switch (below(gen, 10)) {
    case 0: number(gen, -2, 2); break;
    case 1: add(gen, below(gen, 2) ? "a" : "1/3"); break;
    case 2:
    case 3: add(gen, below(gen, 2) ? "x" : "y"); break;
    case 4:
    case 5: element(gen, below(gen, 2) ? "u" : "v"); break;
    case 6:
        if (gen->array_count) {
            element(gen, gen->arrays[below(gen, gen->array_count)]);
            break;
        }
        element(gen, "u");
        break;
    case 7:
        if (gen->scalars)
            text_addf(gen->out, "c%u", 1 + below(gen, gen->scalars));
        else
            add(gen, "x");
        break;
    case 8:
        add(gen, "m[");
        subscript(gen);
        text_addf(gen->out, ", %u]", 1 + below(gen, 2));
        break;
    default:
        if (gen->indices) {
            add(gen, "(");
            any_index(gen);
            add(gen, "/n)");
        } else {
            add(gen, "y");
        }
        break;
    }
}

/* An operand between low and high, whatever the expression inside gives. */
static void operand_between(struct generator *gen, double low, double high, unsigned depth) {
    text_addf(gen->out, "%.6g + %.6g*sin(", (low + high) / 2, (high - low) / 2 * 0.999);
    expression(gen, depth);
    add(gen, ")");
}

/* An operand that may not depend on unknowns. */
static void fixed_operand(struct generator *gen, enum op op) {
    double unit = random_between(&gen->state, 0, 1);
    if (op_info(op)->has_order && gen->indices && below(gen, 2))
        any_index(gen);
    else
        text_addf(gen->out, "%.4g", op_sample(op, 0, unit));
}

static void function_call(struct generator *gen, unsigned depth) {
    enum op op = OP_NONE;
    while (op == OP_NONE || !op_info(op)->is_function) op = (enum op)(1 + below(gen, OP_COUNT - 1));
    const struct op_info *info = op_info(op);
    unsigned count = info->arity == ARITY_VARIADIC ? 1 + below(gen, 3) : info->arity;
    add(gen, info->name);
    add(gen, "(");
    for (unsigned k = 0; k < count; k++) {
        if (k) add(gen, ", ");
        if (op_is_fixed(op, k))
            fixed_operand(gen, op);
        else if (op == OP_CLAMP && k > 0)
            add(gen, k == 1 ? "-0.7" : "0.9");
        else
            operand_between(gen, info->low, info->high, depth);
    }
    add(gen, ")");
}

static void condition(struct generator *gen, unsigned depth) {
    if (gen->indices && below(gen, 2)) {
        static const char *const tests[] = {" == 1", " % 2 == 0", " > 1", " < n", " != 2"};
        any_index(gen);
        add(gen, tests[below(gen, 5)]);
        if (below(gen, 4) == 0) {
            add(gen, below(gen, 2) ? " and x < " : " or not y > ");
            number(gen, -1, 1);
        }
        return;
    }
    expression(gen, depth);
    add(gen, below(gen, 2) ? " < " : " >= ");
    expression(gen, depth);
}

static void conditional(struct generator *gen, unsigned depth) {
    add(gen, "(if ");
    condition(gen, depth ? depth - 1 : 0);
    add(gen, " then ");
    expression(gen, depth);
    add(gen, " else ");
    expression(gen, depth);
    add(gen, ")");
}

/* The untaken side is out of its domain. */
static void guarded_root(struct generator *gen, unsigned depth) {
    unsigned kind = below(gen, 2);
    add(gen, "(if ");
    add(gen, kind ? "x" : "u[1]");
    add(gen, " > 0 then ");
    add(gen, kind ? "sqrt(x)" : "log(u[1])");
    add(gen, "*(");
    expression(gen, depth);
    add(gen, ") else ");
    expression(gen, depth);
    add(gen, ")");
}

static void range(struct generator *gen) {
    unsigned name = ++gen->fresh;
    text_addf(gen->out, "i%u in ", name);
    switch (below(gen, 6)) {
    case 0: add(gen, "n..1 by -1"); break;
    case 1: add(gen, "1..n by 2"); break;
    case 2: add(gen, "2..n"); break;
    case 3:
        if (gen->indices) {
            add(gen, "1..");
            any_index(gen);
            break;
        }
        add(gen, "1..n");
        break;
    default: add(gen, "1..n"); break;
    }
    gen->names[gen->indices++] = name;
}

static void reduction(struct generator *gen, unsigned depth) {
    static const char *const kinds[] = {"sum", "sum", "sum", "prod", "min", "max", "logsumexp", "norm"};
    const char *kind = kinds[below(gen, 8)];
    bool extremum = kind[0] == 'm', product = kind[0] == 'p';
    /* The range is written behind the element but opens its index first. */
    struct text *whole = gen->out, inner = {0}, ranges = {0};
    unsigned indices = gen->indices;
    gen->reductions++;
    gen->out = &ranges;
    range(gen);
    if (below(gen, 4) == 0 && gen->indices < MOST_INDICES && !extremum) {
        add(gen, ", ");
        range(gen);
    }
    if (below(gen, 4) == 0 && !extremum) {
        add(gen, " if ");
        condition(gen, 0);
    }
    gen->out = &inner;
    if (product)
        operand_between(gen, 0.4, 1.4, depth);
    else
        expression(gen, depth);
    gen->out = whole;
    text_addf(whole, "%s(%s for %s)", kind, text_string(&inner), text_string(&ranges));
    text_free(&inner);
    text_free(&ranges);
    gen->indices = indices;
    gen->reductions--;
}

static void binary(struct generator *gen, const char *sign, unsigned depth) {
    add(gen, "(");
    expression(gen, depth);
    add(gen, sign);
    expression(gen, depth);
    add(gen, ")");
}

static void power(struct generator *gen, unsigned depth) {
    add(gen, "(");
    if (below(gen, 3) == 0) {
        operand_between(gen, 0.3, 2.5, depth);
        static const char *const exponents[] = {")^0.5", ")^1.5", ")^-0.5", ")^0.3", ")^-2", ")^y"};
        add(gen, exponents[below(gen, 6)]);
        return;
    }
    expression(gen, depth);
    if (gen->indices && below(gen, 3) == 0) {
        add(gen, ")^(");
        any_index(gen);
        add(gen, " - 1)");
    } else {
        static const char *const exponents[] = {")^2", ")^3", ")^4", ")^1"};
        add(gen, exponents[below(gen, 4)]);
    }
}

static void expression(struct generator *gen, unsigned depth) {
    if (depth == 0) {
        leaf(gen);
        return;
    }
    depth--;
    switch (below(gen, 14)) {
    case 0:
    case 1: binary(gen, " + ", depth); break;
    case 2: binary(gen, " - ", depth); break;
    case 3:
    case 4: binary(gen, "*", depth); break;
    case 5:
        add(gen, "(");
        expression(gen, depth);
        add(gen, ")/(");
        operand_between(gen, 0.5, 2.5, depth);
        add(gen, ")");
        break;
    case 6: power(gen, depth); break;
    case 7:
    case 8:
    case 9: function_call(gen, depth); break;
    case 10: conditional(gen, depth); break;
    case 11:
        if (below(gen, 3) == 0)
            guarded_root(gen, depth);
        else
            leaf(gen);
        break;
    default:
        if (gen->reductions < 2 && gen->indices < MOST_INDICES - 1)
            reduction(gen, depth);
        else
            leaf(gen);
        break;
    }
}

/* Declarations. */

static void unknowns(struct generator *gen, unsigned n) {
    text_addf(gen->out, "param n = %u, a = ", n);
    number(gen, -1.5, 1.5);
    add(gen, "\nparam pick[n] = [");
    for (unsigned i = 0; i < n; i++) text_addf(gen->out, "%s%u", i ? ", " : "", 1 + below(gen, n));
    add(gen, "]\nvar x = ");
    number(gen, -2, 2);
    add(gen, ", y = ");
    number(gen, -2, 2);
    static const char *const arrays[] = {"u", "v"};
    for (unsigned k = 0; k < 2; k++) {
        text_addf(gen->out, "\nvar %s[n] = [", arrays[k]);
        for (unsigned i = 0; i < n; i++) {
            if (i) add(gen, ", ");
            number(gen, -2, 2);
        }
        add(gen, "]");
    }
    add(gen, "\nvar m[i in 1..n, j in 1..2] = ");
    number(gen, -1, 1);
    add(gen, " + ");
    number(gen, 0.1, 0.6);
    add(gen, "*i - 0.7*j\n");
}

static void array_let(struct generator *gen, const char *name) {
    text_addf(gen->out, "let %s[i0 in 1..n] = ", name);
    gen->names[gen->indices++] = 0;
    expression(gen, 2);
    gen->indices--;
    add(gen, "\n");
}

static void recurrence(struct generator *gen, const char *name) {
    static const char *const heads[] = {"let %s[i0 in 1..n] = if i0 == 1 then ",
                                        "let %s[i0 in n..1 by -1] = if i0 == n then "};
    static const char *const tails[] = {" else 0.6*sin(%s[i0 - 1]) + 0.3*(", " else 0.6*cos(%s[i0 + 1])*(",
                                        " else tanh(sum(%s[k] for k in 1..i0 - 1)) + 0.2*("};
    unsigned kind = below(gen, 3);
    text_addf(gen->out, kind == 1 ? heads[1] : heads[0], name);
    expression(gen, 1);
    gen->names[gen->indices++] = 0;
    text_addf(gen->out, kind == 0 ? tails[0] : kind == 1 ? tails[1] : tails[2], name);
    expression(gen, 1);
    gen->indices--;
    add(gen, ")\n");
}

static void mutual(struct generator *gen, const char *first, const char *second) {
    text_addf(gen->out, "let %s[i0 in 1..n] = if i0 == 1 then x else 0.5*%s[i0 - 1] + 0.2*sin(", first,
              second);
    gen->names[gen->indices++] = 0;
    expression(gen, 1);
    text_addf(gen->out,
              "),\n    %s[i0 in 1..n] = if i0 == 1 then %s[1]*y else cos(%s[i0])*%s[i0 - 1] + 0.1*(", second,
              first, first, second);
    expression(gen, 1);
    gen->indices--;
    add(gen, ")\n");
}

static void lets(struct generator *gen) {
    if (below(gen, 2)) {
        add(gen, "let c1 = ");
        expression(gen, 2);
        add(gen, "\n");
        gen->scalars = 1;
    }
    if (below(gen, 3) == 0) {
        array_let(gen, "q");
        gen->arrays[gen->array_count++] = "q";
    }
    if (below(gen, 3) == 0) {
        recurrence(gen, "r");
        gen->arrays[gen->array_count++] = "r";
    }
    if (below(gen, 5) == 0) {
        mutual(gen, "s", "t");
        gen->arrays[gen->array_count++] = "s";
        gen->arrays[gen->array_count++] = "t";
    }
}

static void objective(struct generator *gen) {
    add(gen, below(gen, 2) ? "minimize " : "maximize ");
    expression(gen, 3);
    if (below(gen, 2)) {
        add(gen, " + ");
        reduction(gen, 2);
    }
    add(gen, "\n");
}

static void outputs(struct generator *gen) {
    add(gen, "output g[i0 in 1..n] = ");
    gen->names[gen->indices++] = 0;
    expression(gen, 2);
    gen->indices--;
    add(gen, "\noutput h = ");
    expression(gen, 2);
    add(gen, "\n");
}

static void whole(uint64_t seed, struct text *out, bool with_outputs) {
    struct generator gen = {.state = seed * 0x2545F4914F6CDD1DU + 1, .out = out};
    unknowns(&gen, 2 + below(&gen, 3));
    lets(&gen);
    objective(&gen);
    if (with_outputs) outputs(&gen);
}

void generate_program(uint64_t seed, struct text *out) {
    whole(seed, out, false);
}

void generate_program_with_outputs(uint64_t seed, struct text *out) {
    whole(seed, out, true);
}
