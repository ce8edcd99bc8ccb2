/* Native code from modules, linked into this process. */
#ifndef GRADC_JIT_MACHINE_H
#define GRADC_JIT_MACHINE_H

#include "jit/generate.h"
#include "jit/kernel.h"

struct kernel_machine;
struct image; /* jit/image.h */

struct machine_request {
    struct modules *modules;       /* the first straight one has been written */
    struct generation *generation; /* of the others */
    bool optimise_straight;        /* the straight module is small, or holds all there is */
    int level;                     /* 1: compile fast; 2, 3: optimise more */
    struct text *objects;          /* NULL, or where object files are added, as jit/keep.c reads them */
};

/* Verifies, optimises, compiles and links; the modules stay the caller's, but for those in whose compilation
 * LLVM met a fatal error: they are lost, and set to none. NULL after an error, "llvm" or "too-large". Adds
 * sizes and times to the report. */
struct kernel_machine *machine_link(const struct machine_request *request, struct kernel_report *report,
                                    struct diag_list *diags);
/* A machine whose code needs no LLVM; takes the image over. NULL where the image has no kernel, or memory is
 * exhausted. */
struct kernel_machine *machine_of_image(struct image *image);
/* The kernel's function. */
kernel_function machine_function(const struct kernel_machine *machine);
void machine_release(struct kernel_machine *machine);

/* Seconds of a clock that only goes forward. */
double machine_seconds(void);

#endif
