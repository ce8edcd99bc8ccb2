/* What results and their first and second derivatives are on both sides of a place on a line. */
#ifndef GRADC_CHECK_SIDES_H
#define GRADC_CHECK_SIDES_H

#include "check/subject.h"
#include "eval/reference.h"

struct switches_request;

/* One program at both places. */
struct pair {
    const struct program *program;
    struct binding bindings[2];
    struct reference at[2];
    unsigned made; /* how many of them */
};

/* How an element differs between both sides. */
struct gap {
    double before, after;
    double absolute, relative; /* to its size, or to what it is made of */
};

struct sides {
    const struct switches_request *request;
    struct program first, second; /* derivatives of the results along a direction, and again */
    struct pair values, firsts, seconds;
    struct gap *gaps; /* by row: of the nearer places */
    mpfr_prec_t bits;
    double work; /* done so far, in additions */
};

/* Two places on a line, near to each other. */
struct sides_place {
    const double *from, *to;
    size_t moved; /* the unknown that changes; SIZE_MAX: all may */
    mpfr_srcptr low, high;
};

struct sides_jump {
    unsigned order;       /* of what jumps: 0 the value, 1 or 2 a derivative; SWITCH_SMOOTH: none of them */
    size_t row, column;   /* which result; for a derivative by which unknown */
    double before, after; /* what it is */
    bool undefined;       /* something is no number on one side */
};

/* Sets all unknowns of a reference to a place on a line. False where memory is exhausted. */
bool line_place(const struct subject *s, const double *from, const double *to, size_t moved, mpfr_srcptr t,
                struct reference *r);

bool sides_init(struct sides *sides, const struct switches_request *request, mpfr_prec_t bits);
void sides_release(struct sides *sides);
enum evaluation sides_compare(struct sides *sides, const struct sides_place *place, struct sides_jump *jump);

#endif
