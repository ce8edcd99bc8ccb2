/* What a file computes besides its objective shares one space of names. */
#ifndef GRADC_SEMA_OBJECTIVE_H
#define GRADC_SEMA_OBJECTIVE_H

#include "sema/checker.h"

/* Takes the name of an output or a label; an error where it is taken. NULL is no name. */
bool name_result(struct checker *c, const char *name, struct span span);
/* The objective of a least-squares problem, cleared when it is first asked for; 0 after an error. */
array_id least_squares_objective(struct checker *c, const struct ast_statement *s);

#endif
