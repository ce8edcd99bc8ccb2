/* Cells of a table in text form, one after the other. */
#ifndef GRADC_SEMA_CELL_H
#define GRADC_SEMA_CELL_H

#include "sema/table.h"

/* A place in a table's text; cells are read one after the other. */
struct cursor {
    const struct table *table;
    size_t at;
    bool open_quote; /* the cell read last has no closing quote */
};

/* The content of a cell: without blanks and quotes around it; inner doubled quotes are kept. */
struct cell {
    const char *text;
    size_t length, offset;
    bool ends_row, quoted;
};

struct cell cell_next(struct cursor *c);
/* Whether the line at a place holds blanks only; *next: where the line behind it begins. */
bool cell_line_is_empty(const struct table *t, size_t at, size_t *next);
/* An error at a place of the text. */
struct diag *cell_complain(const struct table *t, size_t offset, struct diag_list *diags, const char *code,
                           const char *message);

#endif
