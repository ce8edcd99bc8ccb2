/* Points at which operations leave their domain: searched for where a proof (proof.h) has failed, and
 * evaluated. */
#ifndef GRADC_CHECK_WITNESS_H
#define GRADC_CHECK_WITNESS_H

#include "check/requirement.h"
#include "check/subject.h"
#include "eval/execute.h"

struct target {
    node_id node;
    struct requirement requirement;
    /* Found: */
    bool found;    /* the requirement does not hold at the point */
    bool crosses;  /* the operand changes its sign there: somewhere near it is 0 */
    double *point; /* in the arena */
    double operand;
};

struct witness_request {
    const struct subject *subject; /* its point is changed */
    const struct program *program;
    const double *lower, *upper;
    const double *points; /* to begin with, the start first */
    size_t point_count;
    uint64_t seed;
    struct arena *arena;
};

/* Tries the points given, corners, zeros and random points, goes on from the nearest ones, and bisects
 * between signs. */
enum evaluation witness_find(const struct witness_request *request, struct target *targets, size_t count);

#endif
