/* Programs as functions of an object file, an assembly file or LLVM's text, for any machine that LLVM knows.
 *
 * Unlike a kernel (jit/kernel.h) such a function is called with vectors in which the arrays of the program
 * stand one after the other, and its inputs are constants of the file. The arithmetic is the strict one. */
#ifndef GRADC_JIT_OBJECT_H
#define GRADC_JIT_OBJECT_H

#include "eval/binding.h"
#include "support/diag.h"
#include "support/text.h"

/* An array with its elements in a vector; 0: there is none, but room for zeros. */
struct object_part {
    array_id array;
    size_t count;
};

struct object_vector {
    const struct object_part *parts;
    size_t count;
    bool is_result;
};

/* double NAME(point, [further vectors,] workspace), or void where nothing is returned. */
struct object_function {
    const char *name;
    const struct program *program;
    const struct binding *binding; /* allocated for the program, inputs bound */
    array_id returned;             /* 0: nothing */
    struct object_vector vectors[3];
    size_t vector_count;
};

enum object_format { OBJECT_LLVM, OBJECT_ASSEMBLY, OBJECT_CODE };

struct object_request {
    const char *prefix;
    const struct object_function *functions;
    size_t function_count;
    size_t dimension;         /* of the point: what PREFIX_dimension() gives */
    const char *triple, *cpu; /* NULL: those of this machine */
    enum object_format format;
};

/* Makes the file; `workspace` becomes how many doubles the functions take, which PREFIX_workspace() gives.
 * False after an error: "llvm", "too-large", "bad-value" where there is no such machine, "needs-library"
 * where a function of src/special is called. */
bool object_make(const struct object_request *request, struct text *out, size_t *workspace,
                 struct diag_list *diags);

#endif
