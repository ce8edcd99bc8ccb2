/* Whether a function is smooth across the switches of its conditions.
 *
 * Conditions that compare real numbers divide space. Along a line a switch is a place where the difference of
 * the two sides changes its sign; it is enclosed at high precision, and results and their derivatives along
 * the unknowns are compared just before and just behind it. */
#ifndef GRADC_CHECK_SWITCHES_H
#define GRADC_CHECK_SWITCHES_H

#include "check/reach.h"
#include "check/subject.h"
#include "eval/execute.h"

enum { SWITCH_SMOOTH = 3 };

struct crossing {
    node_id node; /* the comparison */
    struct span span;
    unsigned order;       /* of what jumps: 0 the value, 1 or 2 a derivative; SWITCH_SMOOTH: none of them */
    size_t row, column;   /* which result; for a derivative by which unknown */
    double before, after; /* what jumps, on both sides; by ascending unknown where only one moves */
    size_t moved;         /* the unknown that was moved from the start; SIZE_MAX: many */
    double *point;        /* where, in the arena */
    bool together;        /* another switch or kink lies at the same place */
};

struct switches_request {
    const struct subject *subject; /* its point may be changed */
    const struct program *program; /* computes the results */
    const struct check_block *rows;
    size_t row_blocks, row_count;
    const struct reach *reach; /* of the program */
    const double *lower, *upper;
    const double *points; /* one after the other, the start first */
    size_t point_count;
    struct arena *arena;
};

struct switches {
    VEC(struct crossing) all; /* the worst for each comparison */
    size_t comparisons;       /* that depend on unknowns */
};

/* Searches along each unknown from the start (some, where there are many), and between the points. */
enum evaluation switches_find(struct switches *switches, const struct switches_request *request);

#endif
