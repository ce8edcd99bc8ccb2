/* Functions of vectors: SLEEF's, of at most 1 ulp, and libmvec's, of some ulp and faster. Which ones there
 * are stands in ir/ops.def. Both libraries are loaded when they are first needed. */
#ifndef GRADC_JIT_VECTOR_MATH_H
#define GRADC_JIT_VECTOR_MATH_H

#include <stdint.h>

#include "ir/ops.h"

struct vector_function {
    const char *symbol; /* NULL: there is none */
    uintptr_t address;
};

/* How many numbers the processor's vectors hold for which there are functions: 8, 4 or 2. */
unsigned vector_math_width(void);
/* The function for vectors of so many numbers, at most that width; may_err: also if it is off by some ulp. */
struct vector_function vector_math_find(enum op op, unsigned width, bool may_err);
/* Puts sine and cosine of its argument where the first argument points. */
struct vector_function vector_math_sine_and_cosine(unsigned width);
/* The function of that name; 0: there is none. */
uintptr_t vector_math_address(const char *name);
/* Which of the libraries are there, as a number. */
unsigned vector_math_libraries(void);

#endif
