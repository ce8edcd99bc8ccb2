#include "cli/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/print.h"

/* The command has one standard error, hence one way of writing to it. */
static struct { bool json, quiet, colour; } style;

void messages_begin(bool json, bool quiet) {
    const char *no_colour = getenv("NO_COLOR");
    style.json = json;
    style.quiet = quiet;
    style.colour = isatty(STDERR_FILENO) && !(no_colour && no_colour[0]);
}

static void complain_json(const char *code, const char *hint, const char *message) {
    fputs("{\"severity\": \"error\", \"code\": ", stderr);
    print_json_text(stderr, code);
    fputs(", \"message\": ", stderr);
    print_json_text(stderr, message);
    fputs(", \"hint\": ", stderr);
    if (hint)
        print_json_text(stderr, hint);
    else
        fputs("null", stderr);
    fputs(", \"notes\": []}\n", stderr);
}

void complain(const char *code, const char *hint, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *message = allocate(length < 0 ? 1 : (size_t)length + 1, 1);
    if (length >= 0) vsnprintf(message, (size_t)length + 1, format, again);
    va_end(again);
    if (style.json) {
        complain_json(code, hint, message);
    } else {
        fprintf(stderr, "gradc: %serror%s: %s\n", style.colour ? "\033[1;31m" : "",
                style.colour ? "\033[0m" : "", message);
        if (hint) fprintf(stderr, "    hint: %s\n", hint);
    }
    free(message);
}

size_t print_diagnostics(const struct gradc_model *model, size_t from) {
    size_t count = gradc_diagnostic_count(model);
    for (size_t k = from; k < count; k++) {
        if (style.quiet && gradc_diagnostic_at(model, k).severity != GRADC_ERROR) continue;
        char *text =
            style.json ? gradc_diagnostic_json(model, k) : gradc_diagnostic_text(model, k, style.colour);
        fputs(require_text(text), stderr);
        free(text);
    }
    return count;
}

static void *require(void *at) {
    if (at) return at;
    fputs("gradc: error: memory is exhausted\n", stderr);
    exit(EXIT_MACHINE);
}

void *allocate(size_t count, size_t size) {
    return require(calloc(count ? count : 1, size));
}

void *allocate_again(void *at, size_t size) {
    return require(realloc(at, size ? size : 1));
}

char *copy_text(const char *text, size_t length) {
    char *copy = allocate(length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *require_text(char *text) {
    return require(text);
}

char *read_stream(void *stream, size_t *length) {
    size_t capacity = 1 << 16;
    char *text = allocate(capacity, 1);
    *length = 0;
    for (size_t got; (got = fread(text + *length, 1, capacity - *length - 1, stream)) > 0;) {
        *length += got;
        if (*length + 1 == capacity) text = allocate_again(text, capacity *= 2);
    }
    text[*length] = '\0';
    if (!ferror((FILE *)stream)) return text;
    free(text);
    return NULL;
}

char *read_file(const char *path, size_t *length) {
    FILE *stream = fopen(path, "rb");
    char *text = stream ? read_stream(stream, length) : NULL;
    if (!text) complain("cannot-read", NULL, "cannot read `%s`: %s", path, strerror(errno));
    if (stream) fclose(stream);
    return text;
}

bool put_file(const char *path, const char *text, size_t length) {
    FILE *out = path && strcmp(path, "-") != 0 ? fopen(path, "wb") : stdout;
    bool good = out && fwrite(text, 1, length, out) == length && fflush(out) == 0;
    int reason = errno;
    if (out && out != stdout && fclose(out) != 0) good = false;
    if (!good)
        complain("cannot-write", NULL, "cannot write `%s`: %s", path ? path : "standard output",
                 strerror(reason));
    return good;
}
