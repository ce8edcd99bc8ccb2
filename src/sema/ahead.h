/* A statement of a long program names values that are anywhere in memory. It is asked for some statements
 * before it is needed: what is found by a name's number, then what that points to, and so on. */
#ifndef GRADC_SEMA_AHEAD_H
#define GRADC_SEMA_AHEAD_H

#include "sema/checker.h"

/* Before statement k of a run is looked at for its uses, from the last to the first. */
void ahead_of_usage(const struct usage *usage, const struct gathered_run *run, uint32_t k);
/* Before statement k is looked at for what it declares, or is checked, from the first to the last. */
void ahead_of_names(const struct gathered_run *run, uint32_t k);
void ahead_of_check(const struct checker *c, const struct gathered_run *run, uint32_t k);

#endif
