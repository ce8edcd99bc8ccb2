/* The names of a program's arrays by hash, to find free ones. */
#ifndef GRADC_IR_ARRAY_NAMES_H
#define GRADC_IR_ARRAY_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct program;

struct array_names {
    struct array_name *slots;
    size_t capacity;
    size_t noted; /* arrays of the program that are in the table, and the unused first one */
};

/* The name, or where an array of the program has it already, the first of name_2, name_3, ... that is free.
 * From the program's arena; NULL where memory is exhausted. */
const char *array_name_make(struct program *p, const char *name);
void array_names_release(struct array_names *names);

#endif
