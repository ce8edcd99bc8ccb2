#include "emit/unit.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST_QUOTE = 84, COMMENT_WIDTH = 112 };

bool unit_is_input(const struct program *p, array_id a) {
    enum array_role role = p->arrays.at[a].role;
    return role == ROLE_PARAM || role == ROLE_COLUMN || role == ROLE_SIZE;
}

bool unit_out_of_memory(const struct unit *u) {
    diag_error(u->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    return false;
}

/* A character of a quote: none that could end the comment or begin another. */
static void add_quoted(struct text *text, char c) {
    char last = text->length ? text->at[text->length - 1] : ' ';
    bool bracket = (c == '/' && last == '*') || (c == '*' && last == '/');
    char plain[2] = {c == '\t' ? ' ' : c, 0};
    if (bracket) text_add(text, " ");
    text_add(text, plain);
}

const char *unit_quote(const struct unit *u, struct span span) {
    const struct source *source = u->sources && span.source ? source_get(u->sources, span.source) : NULL;
    if (!source) return "";
    size_t length, kept = 0;
    const char *line = source_line(source, span.begin, &length);
    struct text text = {0};
    text_addf(&text, "line %u: ", source_position(source, span.begin).line);
    while (length > 0 && isspace((unsigned char)*line)) line++, length--;
    while (length > 0 && isspace((unsigned char)line[length - 1])) length--;
    kept = length <= LONGEST_QUOTE ? length : LONGEST_QUOTE;
    while (kept < length && ((unsigned char)line[kept] & 0xC0) == 0x80) kept--;
    for (size_t k = 0; k < kept; k++) add_quoted(&text, line[k]);
    if (kept < length) text_add(&text, " ..");
    const char *quote = arena_text(u->arena, text_string(&text), text.length);
    text_free(&text);
    return quote ? quote : "";
}

void unit_comment(struct text *out, unsigned depth, const char *text) {
    size_t room = COMMENT_WIDTH - 4 * (size_t)depth - 6, length = strlen(text);
    bool first = true;
    for (; first || length > 0; first = false) {
        const char *end = memchr(text, '\n', length);
        size_t line = end ? (size_t)(end - text) : length, next = line;
        if (line > room) {
            for (line = room; line > 0 && text[line] != ' ';) line--;
            if (line == 0) line = room;
            next = line;
        }
        for (unsigned k = 0; k < depth; k++) text_add(out, "    ");
        text_add(out, first ? "/* " : line ? " * " : " *");
        text_add_bytes(out, text, line);
        bool done = next >= length;
        text_add(out, done ? " */\n" : "\n");
        next += !done && (text[next] == ' ' || text[next] == '\n');
        text += next;
        length -= next;
        if (done) return;
    }
}

static void add_inputs(const struct unit *u, struct text *out, char letter) {
    bool some = u->has_inputs;
    switch (letter) {
    case 'S':
        if (some) text_addf(out, "const struct %s_inputs *inputs, ", u->prefix);
        break;
    case 'I': text_add(out, some ? "inputs, " : ""); break;
    case 'v': text_add(out, some ? "inputs" : ""); break;
    default:
        if (some) text_addf(out, "const struct %s_inputs *inputs", u->prefix);
        if (!some) text_add(out, "void");
    }
}

void unit_template(const struct unit *u, struct text *out, const char *text) {
    for (const char *at = text; *at; at++) {
        if (*at != '@') {
            text_add_bytes(out, at, 1);
            continue;
        }
        at++;
        switch (*at) {
        case 'P': text_add(out, u->prefix); break;
        case 'R': text_add(out, unit_real(u)); break;
        case 'F': text_add(out, u->single ? "f" : ""); break;
        case 'W':
            if (u->has_workspace) text_addf(out, ", %s *workspace", unit_real(u));
            break;
        case 'w': text_add(out, u->has_workspace ? ", workspace" : ""); break;
        default: add_inputs(u, out, *at);
        }
    }
}
