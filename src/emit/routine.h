/* A function of C from a program.
 *
 * Its arguments are the inputs of the model, vectors that hold arrays of the program one after the other, and
 * a workspace for what it stores besides its results. Long code is cut (schedule/plan.h) into functions
 * NAME_1, NAME_2, ... that share a structure. */
#ifndef GRADC_EMIT_ROUTINE_H
#define GRADC_EMIT_ROUTINE_H

#include "emit/measure.h"

/* An array of a vector; 0: there is none, but room for as many zeros as `like` has elements. */
struct routine_part {
    array_id array, like;
};

enum routine_layout {
    LAYOUT_DENSE,  /* its parts stand one after the other */
    LAYOUT_PLACED, /* part k begins at element begins[k], an argument */
    LAYOUT_APART   /* elements of part k stand at target[k] and on by step[k]: arguments in the place of it */
};

struct routine_vector {
    const char *name;
    const struct routine_part *parts;
    size_t count;
    bool is_result, is_integer;
    enum routine_layout layout;
};

enum { ROUTINE_VECTORS = 5 };

struct routine {
    const char *name;
    const struct program *program;
    array_id returned; /* a single number; 0: it returns nothing */
    struct routine_vector vectors[ROUTINE_VECTORS];
    size_t vector_count;
    bool is_static;
    bool is_seldom; /* called once, or hardly more often: a compiler need not take long over it */
    /* Made by routine_make. */
    struct tally room;      /* workspace that it takes */
    struct text pieces;     /* what stands before it */
    struct text statements; /* its body */
    bool uses_inputs, uses_workspace, uses_step;
    bool uses_vector[ROUTINE_VECTORS];
};

/* False after an error. Afterwards it is known what inputs and helpers the function needs. */
bool routine_make(struct unit *u, struct routine *r);
/* "double NAME(const struct P_inputs *inputs, const double *point, ..)". */
void routine_declare(const struct unit *u, const struct routine *r, struct text *out);
/* The whole function, and NAME_room where its room is not known. */
void routine_write(const struct unit *u, const struct routine *r, struct text *out);
/* Whether `begins` is an argument. */
bool routine_has_begins(const struct routine *r);
void routine_release(struct routine *r);

#endif
