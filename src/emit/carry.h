/* What an iteration hands to the next one in a variable.
 *
 * A recurrence of single numbers stores an element that the next iteration loads. gcc -O2 does not see that:
 * each iteration then waits for the memory. So the element is in a variable, too. */
#ifndef GRADC_EMIT_CARRY_H
#define GRADC_EMIT_CARRY_H

#include "emit/body.h"

/* Finds such pairs of a load and a store in a loop that is about to be written, and declares their variables.
 */
void carry_find(struct body *b, uint32_t loop);
/* The variable of a load or a store; NULL: it has none. */
static inline const char *carry_of(const struct body *b, uint32_t i) {
    return b->carried ? b->carried[i] : NULL;
}

#endif
