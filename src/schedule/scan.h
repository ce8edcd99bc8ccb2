/* Running products: loops over R[i] = e(i)*R[i - 1], or R[i] += e(i)*R[i - 1], where e needs no other
 * iteration. They run in lanes (jit/lane_scan.c), though each iteration needs the one before. */
#ifndef GRADC_SCHEDULE_SCAN_H
#define GRADC_SCHEDULE_SCAN_H

#include "schedule/affine.h"
#include "schedule/compared.h"

struct scan {
    code_register load;    /* of the element that the iteration before has set */
    code_register factor;  /* e */
    code_register product; /* of both */
    uint32_t store;
    array_id array;
    bool falls; /* the element of each iteration stands before that of the iteration before */
};

/* Whether a loop that `affine` has looked at last is one. */
bool scan_find(const struct affine *affine, const struct compared *compared, uint32_t loop,
               struct scan *scan);
/* Marks the registers of the body of a loop that those marked need; `needed` is by register. */
void scan_mark_operands(const struct code *code, uint32_t loop, bool *needed);

#endif
