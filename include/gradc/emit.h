/** @file
 * Models as C and as machine code, for programs without gradc; part of gradc.h. */
#ifndef GRADC_EMIT_H
#define GRADC_EMIT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/** A model: what a file means, with its diagnostics. */
struct gradc_model;

/** What is emitted, and in which form. */
struct gradc_emit_options {
    const char *prefix; /**< of the generated names; NULL: "model" */
    const char *header; /**< the name by which the source includes its header; NULL: the source holds it */
    bool value;         /**< the objective */
    bool gradient;      /**< the objective with its gradient */
    bool hessian;       /**< the Hessian with its pattern */
    bool hessian_times; /**< the Hessian times a direction */
    bool jacobian;      /**< outputs, residuals and constraints with their Jacobians */
    bool lagrangian;    /**< the Hessian of factor*objective + the sum of multipliers times constraints */
    bool single;        /**< floats instead of doubles */
    bool freeze;        /**< params, tables and sizes become constants; otherwise they are arguments */
    bool workspace;     /**< all functions have a workspace, whether they need it or not */
    bool self_test;     /**< a main function that compares all others with exact figures at several points */
};
/** What was emitted. */
struct gradc_emitted {
    char *source;    /**< the file, NUL-terminated */
    char *header;    /**< its header */
    char *companion; /**< functions as C that machine code calls and no library has; NULL: it calls none */
    size_t size;     /**< of the file, in bytes */
};
/** Releases a file; what is left is empty. */
void gradc_emitted_free(struct gradc_emitted *file);
/** How many numbers code with frozen data holds: those of all params and tables. */
size_t gradc_frozen_count(const struct gradc_model *model);
/** As C; docs/emit.md describes it. The same model and options give the same bytes. False after an error. */
bool gradc_emit_c(struct gradc_model *model, const struct gradc_emit_options *options,
                  struct gradc_emitted *file);

/** Forms of machine code. */
enum gradc_object_format { GRADC_LLVM_TEXT, GRADC_ASSEMBLY, GRADC_OBJECT };
/** Which machine the code is for. */
struct gradc_object_options {
    enum gradc_object_format format; /**< the form */
    const char *triple;              /**< of the machine, as LLVM names it; NULL: this machine */
    const char *cpu;                 /**< likewise */
};
/** As machine code, or on the way there: the functions of a C file whose data are frozen, in doubles, with
 * the calling convention of C; all take a workspace. `header`, `freeze` and `workspace` of the options do not
 * matter; `single` and `self_test` are errors. Special functions that C's library lacks come as a C file of
 * their own, `companion`, which is to be compiled and linked with the code. False after an error. */
bool gradc_emit_object(struct gradc_model *model, const struct gradc_emit_options *options,
                       const struct gradc_object_options *object, struct gradc_emitted *file);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
