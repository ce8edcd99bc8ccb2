/* Names in LaTeX: alpha_max is \alpha_{\mathrm{max}}, x1 is x_{1}, Greek letters are commands. No two names
 * of a program look the same; those that would are set as they are written. */
#ifndef GRADC_FORMULA_LATEX_NAME_H
#define GRADC_FORMULA_LATEX_NAME_H

#include "ir/program.h"
#include "support/intern.h"
#include "support/map.h"

struct latex_name {
    const char *base, *below; /* below: subscripts, "" for none */
    bool is_word;             /* not one letter: it needs space around it */
};

struct latex_names {
    struct arena *arena;
    struct intern seen;
    struct map place; /* by name: its place among these */
    VEC(struct latex_name) names;
    struct map ranked; /* arrays that have subscripts */
    struct map taken;  /* what names look like */
    bool has_e;        /* a name that is not the base of logarithms */
    bool failed;       /* memory was exhausted */
};

void latex_names_init(struct latex_names *names, const struct program *program);
void latex_names_release(struct latex_names *names);
/* How a name looks; empty where memory is exhausted. */
struct latex_name latex_name(struct latex_names *names, const char *name);

#endif
