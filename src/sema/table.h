/* Tables: comma-separated values (RFC 4180 quotes, blanks around cells trimmed), or NumPy's `.npy`.
 *
 * Reading a table finds its rows and the names of its columns; cells are looked at only when a column is
 * taken, so that columns which are not used may hold anything. Empty lines of text are passed over. The file
 * is mapped, not copied: doubles in a `.npy` file can be used where they are. */
#ifndef GRADC_SEMA_TABLE_H
#define GRADC_SEMA_TABLE_H

#include "support/diag.h"
#include "support/intern.h"
#include "support/mapping.h"

enum cell_type {
    CELL_F64,
    CELL_F32,
    CELL_I64,
    CELL_I32,
    CELL_I16,
    CELL_I8,
    CELL_U64,
    CELL_U32,
    CELL_U16,
    CELL_U8
};

/* A column of a table in binary form. */
struct table_field {
    const char *name; /* NULL: it has none */
    enum cell_type type;
    size_t size, offset; /* offset: of the first cell */
};

struct table {
    const char *path;
    struct mapping file;
    const char **names; /* per column; NULL where it has none */
    size_t rows, columns;
    bool names_given; /* not by a header */
    /* Text: where the first two rows begin; plain: there are no quotes, and lines end as usual. */
    size_t first, second;
    bool plain;
    /* Numbers in binary form: NULL for text. */
    const char *cells;
    size_t stride; /* from row to row */
    struct table_field *fields;
};

/* Reads the file at `path`. `names` are those of a file without a header, or NULL: then a first line that is
 * not all numbers is the header. False, after an error: "missing-table" at `span`; "empty-table",
 * "ragged-table", "unterminated-quote" in the file; those of sema/npy.h. */
bool table_read(struct table *t, const char *path, const char *const *names, size_t name_count,
                struct intern *strings, struct diag_list *diags, struct span span);
/* The same of numbers in memory, row by row, that outlive it; `name` is what messages call them, `own` are
 * the names of their columns or NULL. */
bool table_of_numbers(struct table *t, const char *name, const double *values, size_t rows, size_t columns,
                      const char *const *own, struct intern *strings);
/* Takes the names of a data statement, where there are some, for those of the columns. False, after an error.
 */
bool table_rename(struct table *t, const char *const *names, size_t name_count, struct intern *strings,
                  struct diag_list *diags, struct span span);
void table_release(struct table *t);
bool table_has_column(const struct table *t, const char *name);
/* Takes all cells of a column into values[0], values[stride], ... False, after an error at the cell:
 * "empty-cell", "cell-not-a-number", "cell-not-whole". */
bool table_column(const struct table *t, size_t column, bool whole, double *values, size_t stride,
                  struct diag_list *diags);

/* The doubles of a column, or of all columns row by row, where they stand so in the file; NULL where they do
 * not. They live as long as the table. */
const double *table_column_in_place(const struct table *t, size_t column);
const double *table_rows_in_place(const struct table *t);
/* Whether the cells of a column that is used in place are numbers; else an error, as above. */
bool table_check(const struct table *t, size_t column, struct diag_list *diags);

#endif
