/* What the descent methods share: the current and the best point, counting, and the reasons to stop. */
#ifndef GRADC_DESCEND_STATE_H
#define GRADC_DESCEND_STATE_H

#include <time.h>

#include "descend/descend.h"

enum { HISTORY = 10 }; /* values remembered by the non-monotone line search */

/* A point with the negated objective where it is maximized. */
struct evaluated_point {
    double *x, *gradient;
    double value;
};

struct descent {
    const struct objective *objective;
    const struct stop_criteria *stop;
    struct descent_result *result;
    double *memory; /* of the vectors that follow, in one piece: descents may be short */
    struct evaluated_point current, trial, best;
    double *direction, *units;
    double start_value, step;
    double history[HISTORY];
    struct timespec began;
    bool finished;
};

/* Allocates, moves the start into the bounds and evaluates it; false where the descent has ended already. */
bool descent_begin(struct descent *d, const struct objective *objective, const double *start,
                   const struct stop_criteria *stop, struct descent_result *result);
/* Fills the result and releases the rest. */
void descent_end(struct descent *d);

/* Ends the descent; the reason is formatted as by printf, which may hold %s and %zu. */
void descent_finish(struct descent *d, enum descent_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Value and gradient at point->x; false where the machine failed (the descent has ended then). */
bool descent_evaluate(struct descent *d, struct evaluated_point *point);
void descent_copy(const struct descent *d, struct evaluated_point *to, const struct evaluated_point *from);
bool point_is_finite(const struct descent *d, const struct evaluated_point *point);
/* Makes the trial the current point: counts the iteration, keeps the best, asks for the reasons to stop that
 * all methods share. False where the descent has ended. */
bool descent_accept(struct descent *d);
/* Ends the descent if the iterations or the time are used up. */
void descent_check_limits(struct descent *d);

/* The value moved into the bounds of element i. */
double descent_project(const struct descent *d, size_t i, double value);
/* Euclidean norm without overflow or underflow of the squares. */
double descent_norm(const double *values, size_t count);
/* Norm of the gradient without the components that point out of the bounds. */
double descent_projected_norm(const struct descent *d, const struct evaluated_point *point);
/* Units of the unknowns: their sizes, or those of their starts; 1 where they start at 0. So unknowns of
 * different magnitudes get along. */
void descent_choose_units(struct descent *d);
/* The norm of the projected gradient in these units; leaves the vector in the direction. */
double descent_scaled_norm(struct descent *d);
/* Ends the descent where that norm is at most tolerance*max(1, min(|value|, |value at the start|)). */
bool descent_is_critical(struct descent *d);
/* Ends the descent where the trial is below -1e100*(1 + |value at the start|). */
bool descent_is_unbounded(struct descent *d);
double descent_clamp(double value, double low, double high);
/* The number in the shortest form; for reasons. */
struct number_text {
    char digits[40];
};
struct number_text descent_number(double value);

#endif
