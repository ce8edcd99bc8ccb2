/* What one evaluation of a program at high precision takes, found by an evaluation in doubles. */
#ifndef GRADC_CHECK_EFFORT_H
#define GRADC_CHECK_EFFORT_H

#include "check/subject.h"
#include "eval/execute.h"

/* In additions, of which a million takes a fifth of a second; an elementary function counts as many. */
enum evaluation effort_measure(const struct subject *s, const struct program *p, double *additions);

#endif
