/* Whether two accesses of an array may be of one element, and in which iterations. */
#ifndef GRADC_LOWER_DEPENDENCE_H
#define GRADC_LOWER_DEPENDENCE_H

#include "lower/access.h"

/* The loops around a body: their indices are the same in all that is compared. */
struct body_scope {
    struct tree *tree;
    VEC(uint32_t) outer; /* by index: of a loop around, where equal to now */
    uint32_t now;
};

void body_scope_init(struct body_scope *s, struct tree *t);
void body_scope_release(struct body_scope *s);
/* A body, by the loop or condition that it belongs to, or ROOT. */
void body_scope_enter(struct body_scope *s, item_id body);
/* Whether an index is not that of a loop around the body. */
bool body_scope_is_inner(const struct body_scope *s, index_id index);

/* Whether x and y may be of one element, in any iterations of loops in the body. */
bool may_meet(const struct body_scope *s, const struct access_list *xs, const struct access *x,
              const struct access_list *ys, const struct access *y);

/* The indices of the loop that x is in, and of that of y; they may be one. */
struct two_loops {
    index_id x, y;
};

/* Whether x and y, where they are of one element, are in iterations with the same index. */
bool meet_in_iteration(const struct body_scope *s, const struct two_loops *loops,
                       const struct access_list *xs, const struct access *x, const struct access_list *ys,
                       const struct access *y);

#endif
