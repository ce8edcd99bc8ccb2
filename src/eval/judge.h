/* The judge of derivatives: central differences of a program at high precision. It knows no rule of
 * differentiation, only values: with steps of 2^-130 of the unknown and 460 bits or more a partial is right
 * to about 2^-260, far below a double. */
#ifndef GRADC_EVAL_JUDGE_H
#define GRADC_EVAL_JUDGE_H

#include "eval/precise_cache.h"
#include "eval/reference.h"

/* How an element of an input moves: by weight times the step. */
struct judge_component {
    array_id array;
    size_t element;
    double weight;
};

/* Steps are 2^-step of the weights. */
struct judge_effort {
    mpfr_prec_t bits;
    unsigned step;
};

struct judge {
    struct reference above, below;
    struct reference centre; /* made by judge_stand */
    mpfr_prec_t precision;
    unsigned step;
    mpfr_t half_distance; /* of the two sides */
    struct precise_cache cache;
    VEC(struct judge_component) moved;
    bool stands;
};

/* For the current inputs of the binding; with unknowns near 0 the precision is raised. False where memory is
 * exhausted. */
bool judge_init(struct judge *j, const struct program *p, struct binding *b, struct diag_list *diags);
bool judge_init_with(struct judge *j, const struct program *p, struct binding *b, struct judge_effort effort,
                     struct diag_list *diags);
void judge_release(struct judge *j);
/* Runs the program at the point itself, with error bounds: needed by what is said below to need it. */
enum evaluation judge_stand(struct judge *j);
/* Moves one element of an input and runs the program on both sides. */
enum evaluation judge_move(struct judge *j, array_id unknown, size_t element);
/* Moves several: what is asked for then is the sum of weight times partial. */
enum evaluation judge_move_along(struct judge *j, const struct judge_component *components, size_t count);
/* The partial of an element of a result by what was moved last. */
void judge_get(const struct judge *j, array_id output, size_t element, mpfr_ptr partial);
double judge_value(const struct judge *j, array_id output, size_t element);
/* The same from one side each; needs judge_stand. */
void judge_sides(const struct judge *j, array_id output, size_t element, double *below, double *above);
/* How far off rounding has left the partial; needs judge_stand. */
double judge_error(const struct judge *j, array_id output, size_t element);
/* Whether both sides and the point itself have decided alike (see struct precise), so that no kink lies
 * between them; needs judge_stand. */
bool judge_is_smooth(const struct judge *j);
/* What has been done so far, in additions. */
double judge_work(const struct judge *j);
/* The smallest distance to a kink met. */
double judge_kink(const struct judge *j);

/* All of it at once, for one partial. */
enum evaluation judge_partial(const struct program *p, struct binding *b, array_id output, size_t element,
                              array_id unknown, size_t unknown_element, double *partial,
                              struct diag_list *diags);

#endif
