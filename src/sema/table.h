/* Tables of comma-separated values (RFC 4180 quotes, blanks around cells trimmed).
 *
 * Reading a table finds its rows and the names of its columns; cells are looked at only when a column is
 * taken, so that columns which are not used may hold anything. Empty lines are passed over. */
#ifndef GRADC_SEMA_TABLE_H
#define GRADC_SEMA_TABLE_H

#include "support/diag.h"
#include "support/intern.h"

struct table {
    const char *path;
    char *text; /* of the file */
    size_t length;
    const char **names; /* per column; NULL where it has none */
    size_t rows, columns;
    VEC(size_t) starts; /* of the rows, in the text */
    bool names_given;   /* not by a header */
};

/* Reads the file at `path`. `names` are those of a file without a header, or NULL: then a first line that is
 * not all numbers is the header. False, after an error: "missing-table" at `span`; "empty-table",
 * "ragged-table", "unterminated-quote" in the file. */
bool table_read(struct table *t, const char *path, const char *const *names, size_t name_count,
                struct intern *strings, struct diag_list *diags, struct span span);
void table_release(struct table *t);
bool table_has_column(const struct table *t, const char *name);
/* Takes all cells of a column into values[0], values[stride], ... False, after an error at the cell:
 * "empty-cell", "cell-not-a-number", "cell-not-whole". */
bool table_column(const struct table *t, size_t column, bool whole, double *values, size_t stride,
                  struct diag_list *diags);

#endif
