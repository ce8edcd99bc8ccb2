/* What the command says on standard error, and memory without which it cannot go on. */
#ifndef GRADC_CLI_MESSAGE_H
#define GRADC_CLI_MESSAGE_H

#include <gradc/gradc.h>
#include <stdbool.h>
#include <stddef.h>

enum exit_status { EXIT_FINE, EXIT_WRONG, EXIT_UNFINISHED, EXIT_DOMAIN, EXIT_MACHINE };

/* How errors are shown; decided once, before anything can go wrong. */
void messages_begin(bool json, bool quiet);
/* An error of the command itself; the hint may be NULL. */
void complain(const char *code, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Prints the diagnostics from number `from` on; with -q errors only. Returns the count of all. */
size_t print_diagnostics(const struct gradc_model *model, size_t from);

/* These end the command with status 4 where memory is exhausted. */
void *allocate(size_t count, size_t size);
void *allocate_again(void *at, size_t size);
char *copy_text(const char *text, size_t length);
/* Ends the command where a text could not be made; returns the text. */
char *require_text(char *text);
/* The whole of a stream, NUL-terminated. NULL, with errno, where reading fails. */
char *read_stream(void *stream, size_t *length);
/* The same of a file; an error is printed. */
char *read_file(const char *path, size_t *length);

/* Writes a file, or where the path is NULL or "-" standard output. False after an error, which is printed. */
bool put_file(const char *path, const char *text, size_t length);

#endif
