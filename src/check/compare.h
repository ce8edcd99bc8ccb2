/* Derivatives in doubles against differences of what they are derivatives of, one point at a time.
 *
 * A source is a matrix of derivatives: rows are elements of results of a program, columns are elements of its
 * unknowns. The judge moves a column and sees all rows. The formula, a program derived from the function, is
 * run at high precision only where doubles and differences are not close. */
#ifndef GRADC_CHECK_COMPARE_H
#define GRADC_CHECK_COMPARE_H

#include "check/subject.h"
#include "check/verdict.h"
#include "eval/judge.h"

struct check_source {
    struct subject at; /* its unknowns are the columns */
    const struct program *function, *formula;
    const struct check_block *rows; /* the array of the function, and its derivative in the formula */
    size_t row_blocks, row_count;
    bool along; /* the formula differentiates along a direction; else there is one row */
    /* In doubles: the derivatives of all rows by a column. False: they cannot be had. */
    bool (*doubles)(void *context, size_t column, double *rows);
    /* Where `along`: the derivatives of all rows along a direction. */
    bool (*doubles_along)(void *context, const double *direction, double *rows);
    void *context;
};

/* One way of measuring: a judge, and the formula at the same precision. */
struct look {
    struct judge judge;
    struct reference formula;
    bool has_judge, has_formula;
    bool moved, derived; /* the judge has moved, the formula was run for the present column */
};

struct comparer {
    const struct check_source *source;
    struct binding at_function, at_formula;
    bool has_function, has_formula;
    struct look looks[2]; /* the second with smaller steps and more bits */
    struct judge_component *components;
    double *direction, *rows; /* by column; of doubles by row */
    size_t component_count;
    double work; /* of the last move, in additions */
    bool path_known, other_side;
};

/* A comparison that was made. */
struct compared {
    struct measurement measured;
    struct judgement judgement;
};

/* Prepares for the source's current point and evaluates the function there. */
enum evaluation comparer_open(struct comparer *c, const struct check_source *source);
void comparer_close(struct comparer *c);
/* What a move costs once the functions of its surroundings are known, in additions. */
enum evaluation comparer_measure_work(struct comparer *c, double *work);
/* Compares some rows of a column; a row's result goes to found[k]. */
enum evaluation comparer_column(struct comparer *c, size_t column, const size_t *rows, size_t count,
                                struct compared *found);
/* The same along a direction of more than one column; needs `along`. */
enum evaluation comparer_along(struct comparer *c, const double *direction, const size_t *rows, size_t count,
                               struct compared *found);
/* Where there is one row: finds, by differences along directions of many columns at once, columns whose
 * derivative may be wrong. `gradient` has its values in doubles; at most `most` suspects are found. */
enum evaluation comparer_suspects(struct comparer *c, const double *gradient, size_t *suspects, size_t most,
                                  size_t *count);

#endif
