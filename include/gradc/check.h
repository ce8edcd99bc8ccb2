/** @file
 * Derivatives compared with differences, domains proved, doubtful places; part of gradc.h. */
#ifndef GRADC_CHECK_H
#define GRADC_CHECK_H

#include "gradc/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/** What a comparison says of a derivative. */
enum gradc_verdict { GRADC_AGREES, GRADC_CANNOT_TELL, GRADC_DISAGREES };

/** A derivative in doubles that was compared with central differences at 400 bits and more: what was found at
 * the point where it was worst. */
struct gradc_checked {
    const char *name;           /**< "df/dx[3]", "dg[2]/dx", "d2f/dx dy" */
    unsigned order;             /**< 1 or 2 */
    enum gradc_verdict verdict; /**< what the comparison says */
    size_t agreed;              /**< at how many points it agrees, of `points` */
    size_t points;              /**< at how many points it was compared */
    unsigned digits;            /**< decimal ones in which both are the same there, at most 16; 0: nowhere */
    size_t point;               /**< where it is worst, from 0: */
    double value;               /**< the derivative in doubles */
    double expected;            /**< what the differences say */
    double condition;           /**< how much the calculation amplifies a rounding; 0: not needed */
    const char *reason;         /**< "kink", "cancels", ...; NULL where it agrees */
    const char *detail;         /**< the same as a sentence without its full stop; NULL likewise */
};

/** What was compared of a matrix of derivatives. */
struct gradc_check_scope {
    const char *what;   /**< "gradient", "outputs", "residuals", "constraints", "hessian" */
    size_t rows;        /**< that were compared; a gradient has one row */
    size_t columns;     /**< that were compared */
    size_t all_rows;    /**< rows that there are */
    size_t all_columns; /**< columns that there are */
    bool together;      /**< all columns at once were compared as well, along a direction */
};

/** What gradc_check looks at. */
struct gradc_check_options {
    size_t points; /**< random ones, beside the start */
    uint64_t seed; /**< of the random points */
    /** Called now and then: what is being done, and how much of it is, from 0 to 1. NULL: none. */
    void (*progress)(void *context, const char *what, double share);
    void *context; /**< handed to progress */
};

/** A place in a file; the end is exclusive. */
struct gradc_place {
    const char *file;    /**< NULL: no place */
    uint32_t line;       /**< the first line, from 1 */
    uint32_t column;     /**< the first column, in code points from 1 */
    uint32_t end_line;   /**< the line of the end */
    uint32_t end_column; /**< the column behind the end */
    const char *text;    /**< what stands there, cut where it is long */
};

/** Where a function is not smooth, at a point or within 1e-6 of it. */
struct gradc_kink {
    struct gradc_place place; /**< where it stands in the file */
    const char *operation;    /**< "abs", "max", "floor", ..., "<" */
    size_t point;             /**< of the check's points, from 0 */
    double distance;          /**< in relation to the larger operand or 1 */
    const char *detail;       /**< a sentence without its full stop */
};

/** How results match across a switch. */
enum gradc_smoothness {
    GRADC_JUMPS,    /**< the value does */
    GRADC_KINKS,    /**< the value is continuous, the gradient jumps */
    GRADC_BENDS,    /**< value and gradient are continuous, the Hessian jumps */
    GRADC_IS_SMOOTH /**< all of them match */
};

/** Where a comparison of real numbers changes, and whether results match across. */
struct gradc_switch {
    struct gradc_place place;         /**< of the condition */
    enum gradc_smoothness smoothness; /**< how results match across */
    const char *name;                 /**< of what jumps: "f", "df/dx[2]"; NULL: nothing */
    double before;      /**< the limit of what jumps on one side, by ascending unknown where only one moves */
    double after;       /**< and on the other */
    const double *at;   /**< a point on the switch */
    size_t moved;       /**< the only unknown in which it differs from the start; SIZE_MAX: there are more */
    bool together;      /**< another condition switches there too */
    const char *detail; /**< a sentence without its full stop */
};

/** Whether an operation stays within its domain. */
enum gradc_safety {
    GRADC_SAFE,      /**< its operands lie in its domain, whatever the unknowns are within their bounds */
    GRADC_UNSAFE,    /**< there is a point where they do not */
    GRADC_NOT_PROVED /**< neither is known */
};

/** An operation that is not defined everywhere: log, sqrt, a division, ... */
struct gradc_domain {
    struct gradc_place place; /**< where it stands in the file */
    const char *operation;    /**< "log", "/", "^" */
    bool in_gradient;         /**< it belongs to the derivatives of what stands at the place */
    enum gradc_safety safety; /**< whether it stays within its domain */
    double low;               /**< the operand that matters lies above, by interval arithmetic */
    double high;              /**< and below */
    const double *at;         /**< a point where it is unsafe; NULL: none */
    const char *detail;       /**< a sentence without its full stop */
};

/** What is allowed, but hardly meant. */
struct gradc_check_warning {
    struct gradc_place place; /**< where it stands in the file */
    const char *code; /**< stable: "unused-unknown", "unused-param", "constant-not-finite", "real-equality",
                         "start-moved", "no-influence", "zero-derivative", "too-few-residuals" */
    const char *message; /**< a sentence without its full stop */
};

/** The memory behind a gradc_check. */
struct gradc_check_memory;

/** What gradc_check has found. */
struct gradc_check {
    bool too_large;       /**< to be evaluated at high precision: only domains and warnings were looked at */
    size_t point_count;   /**< with the start, which is the first */
    const double *points; /**< one after the other */
    const bool *point_defined; /**< by point: the objective is a number there; else nothing was compared */
    struct gradc_checked *derivatives;    /**< that were compared */
    size_t derivative_count;              /**< how many */
    struct gradc_check_scope *scopes;     /**< what was compared of each matrix */
    size_t scope_count;                   /**< how many matrices */
    struct gradc_kink *kinks;             /**< that were found at a point */
    size_t kink_count;                    /**< how many */
    struct gradc_switch *switches;        /**< the worst place of each comparison that was found to change */
    size_t switch_count;                  /**< how many */
    struct gradc_domain *domains;         /**< of operations that are not defined everywhere */
    size_t domain_count;                  /**< how many */
    struct gradc_check_warning *warnings; /**< about what is hardly meant */
    size_t warning_count;                 /**< how many */
    struct gradc_check_memory *memory;    /**< everything above belongs to it */
};

/** Compares derivatives with differences at the start and at random points within the bounds. The result is
 * released with gradc_check_free, whatever the outcome. */
enum gradc_outcome gradc_check(struct gradc_evaluator *evaluator, const struct gradc_check_options *options,
                               struct gradc_check *check);
/** The kinks of the objective and of the constraints at a point; nothing else of the result is filled in but
 * its one point, and too_large where high precision would take more than about a tenth of a second. The
 * result is released with gradc_check_free, whatever the outcome. */
enum gradc_outcome gradc_find_kinks(struct gradc_evaluator *evaluator, const double *point,
                                    struct gradc_check *check);
/** Releases what gradc_check has filled in. */
void gradc_check_free(struct gradc_check *check);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
