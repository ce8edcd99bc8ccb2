#include "cli/csv.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

/* Reads a quoted cell into `cell`; returns the place behind its closing quote. */
static const char *read_quoted(const char *at, char *cell, size_t *line) {
    for (at++; *at; at++) {
        if (*at == '"' && at[1] != '"') return at + 1;
        if (*at == '"') at++;
        if (*at == '\n') ++*line;
        *cell++ = *at;
    }
    return at;
}

static const char *read_plain(const char *at, char *cell) {
    size_t length = strcspn(at, ",\r\n");
    memcpy(cell, at, length);
    for (char *end = cell + length; end > cell && (end[-1] == ' ' || end[-1] == '\t');) *--end = '\0';
    return at + length;
}

/* The longest that a cell can be. */
static size_t cell_room(const char *at) {
    if (*at != '"') return strcspn(at, ",\r\n") + 1;
    const char *end = at + 1;
    while (*end && !(*end == '"' && end[1] != '"')) end += *end == '"' ? 2 : 1;
    return (size_t)(end - at) + 1;
}

bool csv_read_row(struct csv_reader *reader, char ***cells, size_t *count) {
    const char *at = reader->at + strspn(reader->at, "\r\n");
    for (const char *c = reader->at; c < at; c++) reader->line += *c == '\n';
    reader->at = at;
    *cells = NULL;
    *count = 0;
    if (!*at) return false;
    for (bool more = true; more;) {
        at += strspn(at, " \t");
        char *cell = allocate(cell_room(at), 1);
        at = *at == '"' ? read_quoted(at, cell, &reader->line) : read_plain(at, cell);
        *cells = allocate_again(*cells, (*count + 1) * sizeof **cells);
        (*cells)[(*count)++] = cell;
        at += strcspn(at, ",\r\n");
        more = *at == ',';
        if (more) at++;
    }
    reader->at = at;
    return true;
}

void csv_free_row(char **cells, size_t count) {
    for (size_t k = 0; k < count; k++) free(cells[k]);
    free(cells);
}

void csv_write_text(FILE *out, const char *text) {
    if (!strpbrk(text, ",\"\n\r")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}
