#include "emit/library.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emit/body.h"
#include "special/text.h"
#include "support/vec.h"

/* Consecutive lines that define something; what is used stands before its users. */
struct definition {
    size_t comment, first, end; /* lines: of its comment, its own, behind it */
    const char *name;
    size_t length; /* of the name */
    bool is_type, needed;
};

struct library {
    VEC(struct definition) all;
};

static bool starts_with(const char *line, const char *head) {
    return strncmp(line, head, strlen(head)) == 0;
}

static bool ends_with(const char *line, char last) {
    size_t length = strlen(line);
    return length > 0 && line[length - 1] == last;
}

static bool is_name_part(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* The line behind a definition: behind its closing bracket, or its semicolon where nothing is opened. */
static size_t end_of(size_t at, bool *has_body) {
    *has_body = false;
    for (; special_lines[at]; at++) {
        const char *line = special_lines[at];
        *has_body |= ends_with(line, '{');
        if (*has_body ? line[0] == '}' : ends_with(line, ';')) return at + 1;
    }
    return at;
}

/* The name stands before the first bracket, or, of a type, before the one that opens it. */
static void find_name(struct definition *d) {
    const char *line = special_lines[d->first], *end = strpbrk(line, "([{");
    d->is_type = end && *end == '{';
    while (end && end > line && !is_name_part(end[-1])) end--;
    const char *start = end ? end : line;
    while (start > line && is_name_part(start[-1])) start--;
    d->name = start;
    d->length = end ? (size_t)(end - start) : 0;
}

/* Adds what begins at a line, unless it only declares; gives the line behind it. */
static size_t add_definition(struct library *l, size_t comment, size_t at) {
    bool has_body;
    struct definition d = {.comment = comment, .first = at, .end = end_of(at, &has_body)};
    find_name(&d);
    if (has_body || strchr(special_lines[at], '=')) VEC_PUSH(&l->all, d);
    return d.end;
}

static size_t end_of_comment(size_t at) {
    while (special_lines[at] && !strstr(special_lines[at], "*/")) at++;
    return special_lines[at] ? at + 1 : at;
}

static void find_definitions(struct library *l) {
    size_t comment = SIZE_MAX, at = 0;
    while (special_lines[at]) {
        const char *line = special_lines[at];
        if (starts_with(line, "/*")) {
            comment = at;
            at = end_of_comment(at);
        } else if (line[0] == '\0' || line[0] == '#') {
            comment = SIZE_MAX;
            at++;
        } else {
            at = add_definition(l, comment == SIZE_MAX ? at : comment, at);
            comment = SIZE_MAX;
        }
    }
}

static void need(struct library *l, const char *name, size_t length) {
    for (size_t k = 0; k < l->all.count; k++) {
        struct definition *d = &l->all.at[k];
        d->needed |= d->length == length && strncmp(d->name, name, length) == 0;
    }
}

/* What a line mentions. */
static void need_names(struct library *l, const char *line) {
    while (*line) {
        size_t length = 0;
        while (is_name_part(line[length])) length++;
        if (length) need(l, line, length);
        line += length ? length : 1;
    }
}

/* What stands before the first line of a definition: functions of numbers are those that code calls. */
static const char *linkage_of(const struct definition *d) {
    const char *line = special_lines[d->first];
    if (d->is_type || starts_with(line, "static ")) return "";
    return starts_with(line, "double ") ? "GRADC_APART " : "static ";
}

/* NAN is a float. */
static void write_line(const char *line, struct text *out) {
    const char *nan = strstr(line, " NAN");
    for (; nan; nan = strstr(line, " NAN")) {
        text_add_bytes(out, line, (size_t)(nan - line));
        text_add(out, " (double)NAN");
        line = nan + 4;
    }
    text_addf(out, "%s\n", line);
}

static void write_definition(const struct definition *d, struct text *out) {
    for (size_t at = d->comment; at < d->end; at++) {
        if (at == d->first) text_add(out, linkage_of(d));
        write_line(special_lines[at], out);
    }
    text_add(out, "\n");
}

bool emit_library(const bool ops[OP_COUNT], struct text *out) {
    struct library l = {0};
    find_definitions(&l);
    for (int op = 0; op < OP_COUNT; op++)
        if (ops[op] && op_is_own((enum op)op)) need_names(&l, op_symbol((enum op)op));
    for (size_t k = l.all.count; k-- > 0;) {
        const struct definition *d = &l.all.at[k];
        for (size_t at = d->first; d->needed && at < d->end; at++) need_names(&l, special_lines[at]);
    }
    for (size_t k = 0; k < l.all.count; k++)
        if (l.all.at[k].needed) write_definition(&l.all.at[k], out);
    bool good = !l.all.failed && !out->failed;
    VEC_FREE(&l.all);
    return good;
}

/* A function that others see, which calls that of the library. */
static void write_entrance(const char *prefix, enum op op, struct text *out) {
    const char *symbol = op_symbol(op), *name = symbol + sizeof "gradc_" - 1;
    bool two = op_info(op)->libm2 != NULL;
    const char *arguments = two ? "double x, double y" : "double x";
    text_addf(out, "%sdouble %s_%s(%s);\n", "#ifdef __cplusplus\nextern \"C\"\n#endif\n", prefix, name,
              arguments);
    text_addf(out, "double %s_%s(%s) {\n    return %s(%s);\n}\n", prefix, name, arguments, symbol,
              two ? "x, y" : "x");
}

bool emit_companion(const char *prefix, const bool ops[OP_COUNT], struct text *out) {
    bool some = false;
    for (int op = 0; op < OP_COUNT; op++) some |= ops[op];
    if (!some) return true;
    text_addf(out,
              "/* Functions that the machine code of %s calls and that no library has: C99, and C++. */\n",
              prefix);
    text_add(out, "#include <math.h>\n#include <stdint.h>\n\n#ifdef __clang__\n#pragma STDC FP_CONTRACT "
                  "OFF\n#endif\n\n");
    body_write_helper(HELPER_APART, false, out);
    bool good = emit_library(ops, out);
    for (int op = 0, first = 1; op < OP_COUNT; op++) {
        if (!ops[op]) continue;
        if (!first) text_add(out, "\n");
        write_entrance(prefix, (enum op)op, out);
        first = 0;
    }
    return good && !out->failed;
}
