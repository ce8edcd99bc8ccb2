/* LLVM's C interface. Where the build says so (GRADC_LAZY) the library is loaded by llvm_load, and its
 * functions, those named in llvm.list, are called through pointers. */
#ifndef GRADC_JIT_LLVM_H
#define GRADC_JIT_LLVM_H

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdbool.h>

#ifdef GRADC_LAZY
#include "jit/llvm_functions.h"
#endif

/* Whether LLVM is there, and can make code for this machine; to be asked before anything of it is called. */
bool llvm_load(void);
/* The same, and for the other machines that LLVM was built for. */
bool llvm_load_targets(void);

#endif
