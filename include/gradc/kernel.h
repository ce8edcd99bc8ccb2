/** @file
 * The calling convention of native code inside gradc; emitted functions have one of their own (docs/emit.md).
 *
 * A kernel is one function of a table of pointers, one per array of its program:
 *
 *     void kernel(void *const *slots);
 *
 * slots[a] is the base of array a, its elements row by row without gaps: double for real arrays, int64_t for
 * integer ones; a single number is an array of one element. Slot 0 is for what a long kernel keeps between
 * the functions it is cut into: memory for as many doubles as its maker says, or unused. Inputs (the point,
 * params, table columns, sizes) are only read. Everything else is written before it is read, so it needs no
 * initialisation; it is owned by the caller, results and workspace alike, and what it holds afterwards is
 * unspecified but for results. A slot whose array the kernel does not touch may be NULL.
 *
 * A kernel takes no memory, holds no state, makes no calls but to the mathematical library, and stops for no
 * floating-point condition: NaN and infinities pass through. Calls with different tables may run at the same
 * time as long as what they write does not overlap. */
#ifndef GRADC_KERNEL_H
#define GRADC_KERNEL_H

#ifdef __cplusplus
extern "C" {
#endif

/** A kernel, called with the table of its arrays. */
typedef void gradc_kernel(void *const *slots);

#ifdef __cplusplus
}
#endif

#endif
