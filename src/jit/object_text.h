/* LLVM's text of functions that objects have beside their programs (jit/object_matrix.c fills it in).
 *
 * $P is the prefix of the file, $M the name of the matrix, $S the type size_t, $T how many terms the matrix
 * has, $R and $C its rows and columns, $V the function of its terms or of its product with a direction, $L
 * that of the places of its terms; the others stand for what depends on the kind of matrix. */
#ifndef GRADC_JIT_OBJECT_TEXT_H
#define GRADC_JIT_OBJECT_TEXT_H

/* Whether a term stands before another one, by row, by column and by number; a heap of terms; heapsort. */
extern const char object_order_text[];
/* NAME_terms. */
extern const char object_terms_text[];
/* NAME_pattern: sorts the terms that have a place, and marks those that join the one before. */
extern const char object_pattern_text[];
/* NAME: adds up the terms of each entry. */
extern const char object_values_text[];
/* NAME_pattern and NAME of a dense matrix: all places, or those of the lower triangle; products with unit
 * vectors. */
extern const char object_dense_pattern_text[];
extern const char object_dense_values_text[];

#endif
