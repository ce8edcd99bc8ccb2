/* Programs as functions of an object file, an assembly file or LLVM's text, for any machine that LLVM knows.
 *
 * Unlike a kernel (jit/kernel.h) such a function is called with vectors in which the arrays of the program
 * stand one after the other, and its inputs are constants of the file. The arithmetic is the strict one. */
#ifndef GRADC_JIT_OBJECT_H
#define GRADC_JIT_OBJECT_H

#include "eval/binding.h"
#include "ir/ops.h"
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

enum { OBJECT_VECTORS = 5 };

/* double NAME(vectors.., workspace), or void where nothing is returned. */
struct object_function {
    const char *name;
    const struct program *program;
    const struct binding *binding; /* allocated for the program, inputs bound */
    array_id returned;             /* 0: nothing */
    struct object_vector vectors[OBJECT_VECTORS];
    size_t vector_count;
    bool is_hidden; /* only a matrix calls it */
};

/* A sparse matrix: NAME_terms, NAME_pattern and NAME, which call functions of the file. */
struct object_matrix {
    const char *name;
    const char *values; /* gives the terms at a point; of a dense matrix the product with a direction */
    const char *places; /* gives rows and columns of the terms; NULL: the matrix is dense */
    size_t terms, rows, columns;
    bool lower;    /* only entries on and below the diagonal */
    bool weighted; /* a factor and multipliers stand behind the point */
};

/* size_t NAME(void), which gives a number. */
struct object_count {
    const char *name;
    size_t count;
};

enum object_format { OBJECT_LLVM, OBJECT_ASSEMBLY, OBJECT_CODE };

struct object_request {
    const char *prefix;
    const struct object_function *functions;
    size_t function_count;
    const struct object_matrix *matrices;
    size_t matrix_count;
    const struct object_count *counts;
    size_t count_count;
    const char *triple, *cpu; /* NULL: those of this machine */
    enum object_format format;
};

/* What was made. */
struct object_result {
    size_t workspace; /* how many doubles the functions take: what PREFIX_workspace() gives */
    /* Functions of src/special that are called: PREFIX_digamma for gradc_digamma, and so on. The file does
     * not have them. */
    bool called[OP_COUNT];
};

/* Makes the file. False after an error: "llvm", "too-large", "bad-value" where there is no such machine. */
bool object_make(const struct object_request *request, struct text *out, struct object_result *result,
                 struct diag_list *diags);

#endif
