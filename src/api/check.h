/* What the parts of gradc_check share. */
#ifndef GRADC_API_CHECK_H
#define GRADC_API_CHECK_H

#include "api/handle.h"
#include "check/compare.h"
#include "check/reach.h"
#include "support/arena.h"
#include "support/text.h"

/* What a test may do to see that wrong derivatives are found: change a value before it is compared. */
struct check_hooks {
    void (*falsify)(void *context, unsigned order, size_t row, size_t column, double *value);
    void *context;
};

struct gradc_check_memory {
    struct arena arena;
    VEC(struct gradc_checked) derivatives;
    VEC(struct gradc_check_scope) scopes;
    VEC(struct gradc_kink) kinks;
    VEC(struct gradc_switch) switches;
    VEC(struct gradc_domain) domains;
    VEC(struct gradc_check_warning) warnings;
};

struct checking {
    struct gradc_evaluator *e;
    const struct gradc_check_options *options;
    const struct check_hooks *hooks; /* NULL: none */
    struct gradc_check *check;
    struct gradc_check_memory *memory;
    double *points;      /* check->points */
    bool *point_defined; /* the function is a number there */
    bool is_large;       /* high precision would take too long */
    bool descends;       /* only what a descent goes by counts, not the outputs */
};

/* Tells how far a part of the work has come. */
void check_progress(const struct checking *c, const char *what, double share);

enum gradc_outcome check_with(struct gradc_evaluator *e, const struct gradc_check_options *options,
                              const struct check_hooks *hooks, struct gradc_check *check);

/* Compares first and second derivatives (api/check_derivatives.c). */
enum gradc_outcome check_derivatives(struct checking *c);

/* A program that computes all results, and what stands around it (api/check_places.c). */
struct check_results {
    struct subject subject;
    struct program program;
    struct check_block *rows; /* the objective, outputs, constraints */
    size_t row_blocks, row_count;
    struct reach reach;
};
enum gradc_outcome check_results_init(struct check_results *results, struct checking *c);
void check_results_release(struct check_results *results);
/* Looks for kinks at all points. */
enum gradc_outcome check_kinks(struct checking *c, struct check_results *results);
/* Looks for kinks and switches. */
enum gradc_outcome check_places(struct checking *c, struct check_results *results);

/* Looks for what is allowed but hardly meant (api/check_warnings.c). */
enum gradc_outcome check_warnings(struct checking *c, struct check_results *results);
/* Looks for operations that may leave their domain (api/check_domains.c). */
enum gradc_outcome check_domains(struct checking *c, struct check_results *results);

/* What a matrix of derivatives is called and made of (api/check_sources.c). */
struct check_matrix {
    struct checking *checking;
    struct check_source source;
    struct program made; /* the formula, where it was made for this */
    const char *what;
    unsigned order;
    enum gradc_kind kind; /* of rows; GRADC_UNKNOWNS: of the gradient */
    double *gradient;     /* at the current point, where there is one row */
    struct gradc_matrix matrix;
    bool has_matrix;
};
/* Prepares a matrix: order 1 with GRADC_UNKNOWNS is the gradient, order 2 the Hessian, else a Jacobian. */
enum gradc_outcome check_matrix_init(struct check_matrix *m, struct checking *c, unsigned order,
                                     enum gradc_kind kind);
void check_matrix_release(struct check_matrix *m);
/* Evaluates it in doubles at a point. */
enum gradc_outcome check_matrix_at(struct check_matrix *m, const double *point);

/* A place in a file; its text is in the arena. */
struct gradc_place check_place(const struct checking *c, struct span span);
/* By file, line and column. */
int check_compare_places(const struct gradc_place *a, const struct gradc_place *b);
/* Whether a relation (== or !=, or any) stands at a place outside of all brackets: other comparisons are of
 * our own making. */
bool check_writes_relation(const struct checking *c, struct span span, bool equality);
/* Adds the name of an element of the point. */
void check_add_unknown(const struct checking *c, size_t element, struct text *text);
/* Adds "f", or the name of an element of a result. */
void check_add_result(const struct checking *c, const struct check_results *results, size_t row,
                      struct text *text);
/* A copy of the text in the arena; releases it. NULL where memory is exhausted. */
const char *check_take_text(const struct checking *c, struct text *text);

/* Texts in the arena; NULL where memory is exhausted. */
#define CHECK_ALL_COLUMNS SIZE_MAX
const char *check_name(const struct check_matrix *m, size_t row, size_t column);
const char *check_reason(enum doubt doubt);
const char *check_detail(struct arena *arena, const struct compared *compared);

#endif
