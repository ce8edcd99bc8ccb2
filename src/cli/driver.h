/* The C compiler of a machine, as a tool: `cc` here, TRIPLE-gcc for another one. */
#ifndef GRADC_CLI_DRIVER_H
#define GRADC_CLI_DRIVER_H

#include <stdbool.h>

enum driver_result { DRIVER_ASSEMBLY, DRIVER_OBJECT, DRIVER_LIBRARY };

struct driver_machine {
    const char *triple, *cpu; /* NULL: this one */
};

/* Compiles a C file; output NULL: to standard output. False after an error, which is printed. */
bool driver_compile(const char *source, enum driver_result result, const char *output,
                    const struct driver_machine *machine);
/* Makes a shared library of an object file; likewise. */
bool driver_link(const char *object, const char *library, const struct driver_machine *machine);

#endif
