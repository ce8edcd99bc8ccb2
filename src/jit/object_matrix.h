/* The functions of sparse matrices in an object file: NAME_terms, NAME_pattern and NAME, as docs/emit.md
 * describes them, written as LLVM's text around the functions that programs have become. */
#ifndef GRADC_JIT_OBJECT_MATRIX_H
#define GRADC_JIT_OBJECT_MATRIX_H

#include "jit/llvm.h"
#include "jit/object.h"

/* Links the functions into a module; `size_bits` is the width of size_t. False after an error, of which
 * *message, where it is not NULL, tells; LLVM disposes of that. */
bool object_matrices_add(LLVMModuleRef module, const struct object_request *request, unsigned size_bits,
                         char **message);

#endif
