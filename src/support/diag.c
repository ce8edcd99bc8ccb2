#include "support/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const severity_names[] = {"error", "warning", "note"};
static const char *const severity_colours[] = {"\033[1;31m", "\033[1;35m", "\033[1;36m"};

enum { SHOWN_LINE = 160 }; /* longer source lines are cut around the offending text */

void diag_init(struct diag_list *list, struct arena *arena, const struct source_set *sources) {
    *list = (struct diag_list){.arena = arena, .sources = sources};
}

void diag_release(struct diag_list *list) {
    for (size_t i = 0; i < list->items.count; i++) VEC_FREE(&list->items.at[i].notes);
    VEC_FREE(&list->items);
}

static const char *format_message(struct diag_list *list, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *message = length < 0 ? NULL : arena_alloc(list->arena, (size_t)length + 1);
    if (!message) return "out of memory";
    vsnprintf(message, (size_t)length + 1, format, args);
    return message;
}

static struct diag *find_same(struct diag_list *list, const char *code, struct span span) {
    for (size_t i = 0; i < list->items.count; i++) {
        struct diag *d = &list->items.at[i];
        if (span.source && d->span.source == span.source && d->span.begin == span.begin &&
            strcmp(d->code, code) == 0)
            return d;
    }
    return NULL;
}

static struct diag *add(struct diag_list *list, enum severity severity, const char *code, struct span span,
                        const char *format, va_list args) {
    struct diag *same = find_same(list, code, span);
    if (same) return same;
    if (severity == SEVERITY_ERROR && ++list->errors > DIAG_LIMIT) return &list->items.at[DIAG_LIMIT - 1];
    struct diag diag = {
        .severity = severity, .code = code, .span = span, .message = format_message(list, format, args)};
    if (!VEC_PUSH(&list->items, diag)) {
        list->arena->failed = true;
        struct diag *scratch = ARENA_NEW(list->arena, struct diag);
        if (list->items.count) return &VEC_LAST(&list->items);
        return scratch;
    }
    return &VEC_LAST(&list->items);
}

struct diag *diag_add(struct diag_list *list, enum severity severity, const char *code, struct span span,
                      const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct diag *diag = add(list, severity, code, span, format, args);
    va_end(args);
    return diag;
}

struct diag *diag_error(struct diag_list *list, const char *code, struct span span, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct diag *diag = add(list, SEVERITY_ERROR, code, span, format, args);
    va_end(args);
    return diag;
}

void diag_hint(struct diag_list *list, struct diag *diag, const char *format, ...) {
    va_list args;
    if (diag->hint) return; /* it was said already, at this place */
    va_start(args, format);
    diag->hint = format_message(list, format, args);
    va_end(args);
}

void diag_note(struct diag_list *list, struct diag *diag, struct span span, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct diag_note note = {span, format_message(list, format, args)};
    va_end(args);
    for (size_t i = 0; i < diag->notes.count; i++) {
        if (diag->notes.at[i].span.begin == span.begin &&
            strcmp(diag->notes.at[i].message, note.message) == 0)
            return;
    }
    VEC_PUSH(&diag->notes, note);
}

bool diag_has_errors(const struct diag_list *list) {
    return list->errors > 0;
}

/* The number of code points in bytes[0..length). */
static size_t code_points(const char *bytes, size_t length) {
    size_t points = 0;
    for (size_t i = 0; i < length; i++) points += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    return points;
}

/* Shows the line and underlines begin..end of it; both are byte offsets in the line. */
static void render_excerpt(const char *line, size_t length, size_t begin, size_t end, const char *colour,
                           const char *reset, struct text *out) {
    size_t from = 0;
    if (end > length) end = length;
    if (length > SHOWN_LINE && begin > SHOWN_LINE / 2) from = begin - SHOWN_LINE / 2;
    while (from > 0 && from < begin && ((unsigned char)line[from] & 0xC0) == 0x80) from++;
    size_t shown = length - from > SHOWN_LINE ? SHOWN_LINE : length - from;
    text_add(out, "    ");
    if (from) text_add(out, "...");
    for (size_t i = from; i < from + shown; i++) text_add_bytes(out, line[i] == '\t' ? " " : line + i, 1);
    if (from + shown < length) text_add(out, "...");
    text_addf(out, "\n    %s%s", from ? "   " : "", colour);
    for (size_t i = 0, n = code_points(line + from, begin - from); i < n; i++) text_add(out, " ");
    size_t last = end < from + shown ? end : from + shown;
    size_t width = last > begin ? code_points(line + begin, last - begin) : 0;
    text_add(out, "^");
    for (size_t i = 1; i < width; i++) text_add(out, "~");
    text_addf(out, "%s\n", reset);
}

static void render_place(const struct diag_list *list, struct span span, const char *head,
                         const char *message, const char *colour, const char *reset, struct text *out) {
    const struct source *source = source_get(list->sources, span.source);
    if (source) {
        struct position at = source_position(source, span.begin);
        text_addf(out, "%s:%u:%u: ", source->name, at.line, at.column);
    }
    text_addf(out, "%s%s:%s %s\n", colour, head, reset, message);
    if (!source) return;
    size_t length;
    const char *line = source_line(source, span.begin, &length);
    size_t begin = (size_t)(source->text + span.begin - line);
    render_excerpt(line, length, begin, begin + (span.end - span.begin), colour, reset, out);
}

void diag_render(const struct diag_list *list, const struct diag *diag, bool colour, struct text *out) {
    const char *on = colour ? severity_colours[diag->severity] : "", *off = colour ? "\033[0m" : "";
    if (!diag->span.source && diag->file) {
        text_add(out, diag->file);
        if (diag->line) text_addf(out, ":%u", diag->line);
        if (diag->column) text_addf(out, ":%u", diag->column);
        text_add(out, ": ");
    }
    render_place(list, diag->span, severity_names[diag->severity], diag->message, on, off, out);
    if (diag->hint) text_addf(out, "    hint: %s\n", diag->hint);
    const char *note_on = colour ? severity_colours[SEVERITY_NOTE] : "";
    for (size_t i = 0; i < diag->notes.count; i++)
        render_place(list, diag->notes.at[i].span, "note", diag->notes.at[i].message, note_on, off, out);
}

static void json_place(const struct diag_list *list, struct span span, bool with_end, struct text *out) {
    const struct source *source = source_get(list->sources, span.source);
    if (!source) return;
    struct position begin = source_position(source, span.begin), end = source_position(source, span.end);
    text_add(out, "\"file\": ");
    text_add_json(out, source->name);
    text_addf(out, ", \"line\": %u, \"column\": %u, ", begin.line, begin.column);
    if (with_end) text_addf(out, "\"end_line\": %u, \"end_column\": %u, ", end.line, end.column);
}

static void json_domain(const struct diag_domain *domain, struct text *out) {
    text_add(out, ", \"operation\": ");
    text_add_json(out, domain->operation);
    text_add(out, ", \"operands\": [");
    for (unsigned i = 0; i < domain->operand_count; i++) {
        if (i) text_add(out, ", ");
        text_add_json_double(out, domain->operands[i]);
    }
    text_add(out, "], \"indices\": {");
    for (unsigned i = 0; i < domain->index_count; i++) {
        if (i) text_add(out, ", ");
        text_add_json(out, domain->indices[i]);
        text_addf(out, ": %lld", domain->index_values[i]);
    }
    text_add(out, "}, \"in\": ");
    text_add_json(out, domain->in);
}

void diag_json(const struct diag_list *list, const struct diag *diag, struct text *out) {
    text_addf(out, "{\"severity\": \"%s\", \"code\": ", severity_names[diag->severity]);
    text_add_json(out, diag->code);
    text_add(out, ", ");
    if (!diag->span.source && diag->file) {
        text_add(out, "\"file\": ");
        text_add_json(out, diag->file);
        text_addf(out, ", \"line\": %u, \"column\": %u, ", diag->line, diag->column);
    }
    json_place(list, diag->span, true, out);
    text_add(out, "\"message\": ");
    text_add_json(out, diag->message);
    text_add(out, ", \"hint\": ");
    if (diag->hint)
        text_add_json(out, diag->hint);
    else
        text_add(out, "null");
    text_add(out, ", \"notes\": [");
    for (size_t i = 0; i < diag->notes.count; i++) {
        text_add(out, i ? ", {" : "{");
        json_place(list, diag->notes.at[i].span, false, out);
        text_add(out, "\"message\": ");
        text_add_json(out, diag->notes.at[i].message);
        text_add(out, "}");
    }
    text_add(out, "]");
    if (diag->domain.operation) json_domain(&diag->domain, out);
    text_add(out, "}\n");
}
