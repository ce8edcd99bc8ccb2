/* How the arrays of a program are called in a function of C. */
#ifndef GRADC_EMIT_STORAGE_H
#define GRADC_EMIT_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

enum holding {
    HELD_NOT,
    HELD_ARRAY,    /* NAME[place] */
    HELD_SINGLE,   /* a single number that NAME stands for, whatever it is */
    HELD_VARIABLE, /* likewise, a variable that the body declares where it is needed first */
    HELD_OUTSIDE,  /* likewise, which is declared before the body */
    HELD_CONSTANT  /* a whole number that is set once: NAME, or the text of its value */
};

/* Where a single number of cut code is that has no place in a vector. */
enum cells { CELLS_NONE, CELLS_KEPT, CELLS_WHOLE };

struct storage {
    const char *name;
    uint8_t kind;           /* enum holding */
    uint8_t cells;          /* SINGLE: enum cells */
    bool read, written;     /* by the piece that is being written */
    uint32_t declared_at;   /* VARIABLE: by this store, */
    uint32_t home;          /* or where this body is opened */
    const char *step;       /* ARRAY: from one element to the next; NULL: 1 */
    const char *count;      /* how many elements it has, where that is known; NULL: not */
    const char *value_name; /* CONSTANT: what its variable is to be called */
};

#endif
