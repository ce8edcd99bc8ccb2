#include "cli/csv.h"

#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

/* The longest that a quoted cell can be. */
static size_t quoted_room(const char *at) {
    const char *end = at + 1;
    while (*end && !(*end == '"' && end[1] != '"')) end += *end == '"' ? 2 : 1;
    return (size_t)(end - at);
}

/* Returns the place behind the closing quote. */
static const char *read_quoted(struct csv_reader *reader, const char *at, struct csv_cell *cell) {
    size_t room = quoted_room(at), length = 0;
    if (room > reader->room) reader->unquoted = allocate_again(reader->unquoted, room);
    if (room > reader->room) reader->room = room;
    for (at++; *at; at++) {
        if (*at == '"' && at[1] != '"') break;
        if (*at == '"') at++;
        if (*at == '\n') reader->line++;
        reader->unquoted[length++] = *at;
    }
    *cell = (struct csv_cell){reader->unquoted, length};
    return *at ? at + 1 : at;
}

static bool ends_cell(char c) {
    return c == ',' || c == '\n' || c == '\r' || c == '\0';
}

static const char *read_plain(const char *at, struct csv_cell *cell) {
    const char *end = at;
    while (!ends_cell(*end)) end++;
    *cell = (struct csv_cell){at, (size_t)(end - at)};
    while (cell->length && (at[cell->length - 1] == ' ' || at[cell->length - 1] == '\t')) cell->length--;
    return end;
}

bool csv_begin_row(struct csv_reader *reader) {
    for (; *reader->at == '\n' || *reader->at == '\r'; reader->at++) reader->line += *reader->at == '\n';
    reader->in_row = *reader->at != '\0';
    return reader->in_row;
}

bool csv_read_cell(struct csv_reader *reader, struct csv_cell *cell) {
    const char *at = reader->at;
    if (!reader->in_row) return false;
    while (*at == ' ' || *at == '\t') at++;
    at = *at == '"' ? read_quoted(reader, at, cell) : read_plain(at, cell);
    while (!ends_cell(*at)) at++;
    reader->in_row = *at == ',';
    reader->at = at + reader->in_row;
    return true;
}

void csv_release(struct csv_reader *reader) {
    free(reader->unquoted);
    reader->unquoted = NULL;
    reader->room = 0;
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
