#include "lowering/stencils.h"

#include <stdbool.h>

#include "differential/generate.h"

enum { MOST_ARRAYS = 12 };

/* A vector over 1 + before .. n - after. */
struct vector {
    char name;
    int before, after;
};

struct writer {
    uint64_t state;
    struct text *out;
    struct vector arrays[MOST_ARRAYS];
    unsigned count;
    char index;        /* of the loop at hand */
    int before, after; /* its range */
};

static unsigned below(struct writer *w, unsigned limit) {
    return random_below(&w->state, limit);
}

static void shifted(struct writer *w, const char *index, int shift) {
    text_add(w->out, index);
    if (shift) text_addf(w->out, " %c %d", shift < 0 ? '-' : '+', shift < 0 ? -shift : shift);
}

/* An element of some array near the index, or mirrored. */
static void element(struct writer *w) {
    const struct vector *v = &w->arrays[below(w, w->count)];
    int least = v->before - w->before, most = w->after - v->after;
    char index[2] = {w->index, 0};
    if (least > most) {
        text_addf(w->out, "x[%c]", w->index);
        return;
    }
    if (below(w, 6) == 0 && v->before <= w->after && v->after <= w->before) {
        text_addf(w->out, "%c[n + 1 - %c]", v->name, w->index);
        return;
    }
    int shift = least + (int)below(w, (unsigned)(most - least + 1));
    text_addf(w->out, "%c[", v->name);
    shifted(w, index, shift);
    text_add(w->out, "]");
}

static void factor(struct writer *w) {
    switch (below(w, 7)) {
    case 0: text_addf(w->out, "%u", 1 + below(w, 4)); break;
    case 1: text_addf(w->out, "%c", w->index); break;
    default: element(w); break;
    }
}

static void formula(struct writer *w) {
    static const char *const functions[] = {"sin(", "exp(-(", "sqrt(1 + (", "max(0.1, "};
    unsigned terms = 1 + below(w, 3);
    for (unsigned k = 0; k < terms; k++) {
        if (k) text_add(w->out, below(w, 2) ? " + " : " - ");
        unsigned kind = below(w, 8), function = below(w, 4);
        if (kind < 4) {
            factor(w);
            text_add(w->out, "*");
            factor(w);
        } else if (kind < 5) {
            text_addf(w->out, "(if %c %% 2 == 0 then ", w->index);
            factor(w);
            text_add(w->out, " else ");
            element(w);
            text_add(w->out, ")");
        } else if (kind < 6) {
            text_add(w->out, functions[function]);
            element(w);
            text_add(w->out, function == 1 ? ")/4)" : function == 2 ? ")^2)" : ")");
        } else {
            element(w);
            text_add(w->out, kind == 6 ? "" : "^2");
        }
    }
}

/* A sum over a range that depends on the index of the loop. */
static void inner_sum(struct writer *w, char outer) {
    static const char *const ranges[] = {"1..%c - 1", "%c..n", "1..n", "1..%c", "%c + 1..n"};
    struct writer inner = *w;
    inner.index = 'j';
    inner.before = inner.after = 0;
    text_add(w->out, "sum(");
    if (below(&inner, 2)) text_addf(w->out, "m[%c, j]*", outer);
    if (below(&inner, 3) == 0) text_addf(w->out, "x[%c]*", outer);
    element(&inner);
    text_add(w->out, below(&inner, 3) ? "" : "^2");
    text_add(w->out, " for j in ");
    const char *range = ranges[below(&inner, 5)];
    for (; *range; range++) {
        if (range[0] == '%')
            text_addf(w->out, "%c", outer), range++;
        else
            text_addf(w->out, "%c", *range);
    }
    text_add(w->out, ")");
    w->state = inner.state;
}

static void choose_range(struct writer *w, char index) {
    w->index = index;
    w->before = (int)below(w, 3);
    w->after = (int)below(w, 3);
}

static void range(struct writer *w) {
    text_addf(w->out, "%c in %d..n", w->index, 1 + w->before);
    if (w->after) text_addf(w->out, " - %d", w->after);
}

static void let(struct writer *w, char name) {
    unsigned kind = below(w, 5);
    choose_range(w, 'i');
    text_addf(w->out, "let %c[", name);
    range(w);
    text_add(w->out, "] = ");
    if (kind == 0) {
        text_addf(w->out, "if i == %d then x[i] else %c[i - 1]*0.5 + ", 1 + w->before, name);
        element(w);
    } else if (kind == 1) {
        inner_sum(w, 'i');
        text_add(w->out, " + ");
        element(w);
    } else {
        formula(w);
    }
    text_add(w->out, "\n");
    w->arrays[w->count++] = (struct vector){name, w->before, w->after};
}

static void term(struct writer *w) {
    choose_range(w, 'k');
    unsigned kind = below(w, 6);
    if (kind == 0) {
        text_add(w->out, "logsumexp(");
        element(w);
    } else if (kind == 1) {
        text_add(w->out, "max(0, max(");
        element(w);
    } else {
        text_add(w->out, "sum(");
        if (kind == 2)
            inner_sum(w, 'k');
        else
            formula(w);
        text_add(w->out, kind == 3 ? "*0.5" : "");
    }
    text_add(w->out, " for ");
    range(w);
    text_add(w->out, kind == 1 ? "))" : ")");
}

void generate_stencils(uint64_t seed, struct text *out) {
    struct writer w = {.state = seed * 0x9E3779B97F4A7C15U + 5, .out = out};
    text_addf(out, "param n = %u\n", below(&w, 8));
    text_add(out, "var x[i in 1..n] = 0.3*sin(i) + 0.5, y[i in 1..n] = cos(2*i)\n");
    text_add(out, "var m[i in 1..n, j in 1..n] = 0.1*sin(i + 3*j)\n");
    w.arrays[w.count++] = (struct vector){'x', 0, 0};
    w.arrays[w.count++] = (struct vector){'y', 0, 0};
    unsigned lets = below(&w, 5), terms = 1 + below(&w, 3);
    for (unsigned k = 0; k < lets; k++) let(&w, (char)('a' + (int)k));
    text_add(out, "minimize ");
    for (unsigned k = 0; k < terms; k++) {
        if (k) text_add(out, " + ");
        term(&w);
    }
    text_add(out, "\n");
    if (below(&w, 2)) {
        choose_range(&w, 'k');
        text_add(out, "output o[");
        range(&w);
        text_add(out, "] = ");
        formula(&w);
        text_add(out, "\n");
    }
}
