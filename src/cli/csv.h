/* Comma separated values: rows of numbers below a row of names. */
#ifndef GRADC_CLI_CSV_H
#define GRADC_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct csv_reader {
    const char *at; /* the unread rest, NUL-terminated */
    size_t line;    /* of the next row, from 1 */
};

/* The cells of the next row, unquoted and trimmed; release with csv_free_row. False at the end. */
bool csv_read_row(struct csv_reader *reader, char ***cells, size_t *count);
void csv_free_row(char **cells, size_t count);
/* One cell, quoted where it must be. */
void csv_write_text(FILE *out, const char *text);

#endif
