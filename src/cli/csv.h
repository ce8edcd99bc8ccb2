/* Comma separated values, cell by cell. */
#ifndef GRADC_CLI_CSV_H
#define GRADC_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct csv_reader {
    const char *at; /* the unread rest, NUL-terminated */
    size_t line;    /* where the reader is, from 1 */
    bool in_row;    /* there are more cells in the row */
    char *unquoted; /* the last cell that was quoted */
    size_t room;    /* for it */
};

/* Without blanks around it, and without quotes. */
struct csv_cell {
    const char *text; /* in the text that is read, or valid until the next quoted cell is read */
    size_t length;
};

/* Goes to the next row that is not empty; false at the end. */
bool csv_begin_row(struct csv_reader *reader);
/* The next cell of the row; false where there is none. */
bool csv_read_cell(struct csv_reader *reader, struct csv_cell *cell);
/* Releases what the reader has allocated. */
void csv_release(struct csv_reader *reader);
/* One cell, quoted where it must be. */
void csv_write_text(FILE *out, const char *text);

#endif
