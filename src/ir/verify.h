/* The verifier: checks the discipline stated in ir/program.h after every pass, in debug builds and in the
 * tests.
 *
 * Checks that brackets match; that types, ranks and scopes of indices and local arrays are right; that inputs
 * are not written; that an array is either set or cleared and then accumulated by one kind of update; and
 * that it is read only after its last write, but for sequential loops. */
#ifndef GRADC_IR_VERIFY_H
#define GRADC_IR_VERIFY_H

#include "ir/program.h"
#include "support/diag.h"

/* Whether the program keeps the discipline. Each breach is an error "internal" that names the step; `pass`
 * says after which pass. */
bool program_verify(const struct program *p, const char *pass, struct diag_list *diags);

#endif
