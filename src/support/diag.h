/* Diagnostics: collected, never printed by the library.
 *
 * A message has a stable code ("unknown-name"), a span, an optional hint and notes that point elsewhere.
 * After DIAG_LIMIT errors further ones are counted only. Rendering draws the source line with a caret under
 * the offending text; diag_json gives one object a line, as docs and cli contract describe. */
#ifndef GRADC_SUPPORT_DIAG_H
#define GRADC_SUPPORT_DIAG_H

#include <stdbool.h>

#include "support/source.h"
#include "support/text.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

enum { DIAG_LIMIT = 20 };

struct diag_note {
    struct span span;
    const char *message;
};

/* Facts of a value that left its domain; present where operation is not NULL. */
struct diag_domain {
    const char *operation;  /* "log" */
    const double *operands; /* operand values */
    unsigned operand_count;
    const char *const *indices; /* loop index names */
    const long long *index_values;
    unsigned index_count;
    const char *in; /* "objective" or "d/dx[3]" */
};

struct diag {
    enum severity severity;
    const char *code;
    struct span span;
    /* A place in a file that is no source (a CSV): used where span.source is 0 and file is not NULL. */
    const char *file;
    uint32_t line, column;
    const char *message;
    const char *hint; /* NULL: none */
    struct diag_domain domain;
    VEC(struct diag_note) notes;
};

struct diag_list {
    struct arena *arena;
    const struct source_set *sources;
    VEC(struct diag) items;
    unsigned errors; /* all of them, also beyond the limit */
};

void diag_init(struct diag_list *list, struct arena *arena, const struct source_set *sources);
void diag_release(struct diag_list *list);
/* Adds a message; code is a literal. Two messages of one code at one place are one. Returns it for a hint or
 * notes, never NULL (beyond the limit a scratch entry is returned). Valid until the next addition. */
struct diag *diag_add(struct diag_list *list, enum severity severity, const char *code, struct span span,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
struct diag *diag_error(struct diag_list *list, const char *code, struct span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* What may be done about it; of several hints the first one stays. */
void diag_hint(struct diag_list *list, struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(struct diag_list *list, struct diag *diag, struct span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool diag_has_errors(const struct diag_list *list);
/* For people: "file:line:col: error: message", the line, a caret line, hint and notes; colour on request. */
void diag_render(const struct diag_list *list, const struct diag *diag, bool colour, struct text *out);
/* For programs: one JSON object and a newline. */
void diag_json(const struct diag_list *list, const struct diag *diag, struct text *out);

#endif
