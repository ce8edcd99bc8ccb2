#include <math.h>
#include <string.h>

#include "api/check.h"

enum { SHOWN_TEXT = 40 };

/* ---- Places ---- */

/* One line of what stands at a place. */
static const char *text_of(const struct checking *c, const struct source *source, struct span span) {
    size_t length = strcspn(source->text + span.begin, "\r\n");
    struct text text = {0};
    if (length > span.end - span.begin) length = span.end - span.begin;
    bool cut = length > SHOWN_TEXT || length < span.end - span.begin;
    if (length > SHOWN_TEXT) length = SHOWN_TEXT;
    while (length > 0 && ((unsigned char)source->text[span.begin + length] & 0xC0u) == 0x80u) length--;
    text_add_bytes(&text, source->text + span.begin, length);
    if (cut) text_add(&text, "...");
    return check_take_text(c, &text);
}

struct gradc_place check_place(const struct checking *c, struct span span) {
    const struct source *source = source_get(&c->e->owner->model->sources, span.source);
    if (!source) return (struct gradc_place){.file = NULL};
    struct position begin = source_position(source, span.begin), end = source_position(source, span.end);
    return (struct gradc_place){.file = source->name,
                                .line = begin.line,
                                .column = begin.column,
                                .end_line = end.line,
                                .end_column = end.column,
                                .text = text_of(c, source, span)};
}

const char *check_take_text(const struct checking *c, struct text *text) {
    const char *string = text_string(text);
    const char *copy = text->failed ? NULL : arena_text(&c->memory->arena, string, strlen(string));
    text_free(text);
    return copy;
}

int check_compare_places(const struct gradc_place *a, const struct gradc_place *b) {
    if (a->file != b->file) return !a->file ? -1 : !b->file ? 1 : strcmp(a->file, b->file);
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

bool check_writes_relation(const struct checking *c, struct span span, bool equality) {
    const struct source *source = source_get(&c->e->owner->model->sources, span.source);
    int depth = 0;
    for (uint32_t at = span.begin; source && at + 1 < span.end; at++) {
        char first = source->text[at], second = source->text[at + 1];
        if (first == '(' || first == '[') depth++;
        if (first == ')' || first == ']') depth--;
        if (depth != 0) continue;
        if ((first == '=' || first == '!') && second == '=') return true;
        if (!equality && (first == '<' || first == '>')) return true;
    }
    return false;
}

/* ---- Names ---- */

static void add_element(const struct checking *c, enum gradc_kind kind, size_t k, size_t element,
                        struct text *text) {
    struct gradc_array array = gradc_array_at(c->e->owner, kind, k);
    static const char *const unnamed[] = {"x", "p", "output", "residual", "constraint"};
    bool numbered = !array.name && gradc_count(c->e->owner, kind) > 1;
    if (!array.name) array.name = unnamed[kind];
    char *name = gradc_element_name(&array, element);
    text_add(text, name ? name : array.name);
    if (numbered) text_addf(text, " #%zu", k + 1);
    free(name);
}

void check_add_unknown(const struct checking *c, size_t element, struct text *text) {
    const struct model *model = c->e->owner->model;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        if (element - u->offset < u->shape.count)
            add_element(c, GRADC_UNKNOWNS, k, element - u->offset, text);
    }
}

void check_add_result(const struct checking *c, const struct check_results *r, size_t row,
                      struct text *text) {
    static const enum gradc_kind kinds[] = {GRADC_OUTPUTS, GRADC_CONSTRAINTS};
    const struct check_block *block = block_of(r->rows, r->row_blocks, row);
    const struct model *model = c->e->owner->model;
    if (!block || block->array == model->objective) text_add(text, "f");
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; block && k < model_count(model, kinds[i]); k++)
            if (model_shape(model, kinds[i], k)->array == block->array)
                add_element(c, kinds[i], k, row - block->offset, text);
}

static void add_row(const struct check_matrix *m, size_t row, struct text *text) {
    for (size_t k = 0; k < m->source.row_blocks; k++) {
        const struct check_block *block = &m->source.rows[k];
        if (row - block->offset < block->count)
            add_element(m->checking, m->kind, k, row - block->offset, text);
    }
}

const char *check_name(const struct check_matrix *m, size_t row, size_t column) {
    struct text text = {0};
    if (column == CHECK_ALL_COLUMNS) {
        text_add(&text, m->order == 2 ? "d2f/d" : "d");
        if (m->order == 2)
            check_add_unknown(m->checking, row, &text);
        else
            add_row(m, row, &text);
        text_add(&text, " along a random direction");
    } else if (m->order == 2) {
        size_t low = row < column ? row : column, high = row < column ? column : row;
        text_add(&text, "d2f/d");
        check_add_unknown(m->checking, low, &text);
        text_add(&text, low == high ? "^2" : " d");
        if (low != high) check_add_unknown(m->checking, high, &text);
    } else {
        text_add(&text, "d");
        if (m->kind == GRADC_UNKNOWNS)
            text_add(&text, "f");
        else
            add_row(m, row, &text);
        text_add(&text, "/d");
        check_add_unknown(m->checking, column, &text);
    }
    const char *name =
        text.failed ? NULL
                    : arena_text(&m->checking->memory->arena, text_string(&text), strlen(text_string(&text)));
    text_free(&text);
    return name;
}

const char *check_reason(enum doubt doubt) {
    switch (doubt) {
    case DOUBT_NONE: return NULL;
    case DOUBT_KINK: return "kink";
    case DOUBT_JUMP: return "jump";
    case DOUBT_EDGE: return "edge";
    case DOUBT_NOT_FINITE: return "not-finite";
    case DOUBT_CANCELS: return "cancels";
    case DOUBT_SIDE: return "side";
    case DOUBT_JUDGE: return "no-limit";
    case DOUBT_FORMULA: return "formula";
    case DOUBT_ARITHMETIC: return "arithmetic";
    }
    return NULL;
}

static void add_number(struct text *text, const char *before, double value, const char *behind) {
    text_add(text, before);
    text_add_double(text, value);
    text_add(text, behind);
}

static void add_value(const struct measurement *m, const char *verb, struct text *text) {
    add_number(text, "is ", m->value, "");
    add_number(text, verb, m->expected, "");
}

/* Of something that large, what is as small as the step is nothing. */
static double beside(double value, double size) {
    return fabs(value) < 1e-30 * size ? 0 : value;
}

/* Where both sides have the same derivative, a condition holds at this very point only. */
static void add_kink(const struct measurement *m, struct text *text) {
    double size = fmax(fabs(m->above), fabs(m->below));
    if (fabs(m->above - m->below) <= 1e-9 * size) {
        add_number(text, "a condition holds at this very point only: around it the derivative is ", m->above,
                   "");
    } else {
        add_number(text, "there is a kink: the derivative is ", beside(m->below, size), " below");
        add_number(text, " and ", beside(m->above, size), " above");
    }
    add_number(text, ", and ", m->value, " is given");
}

const char *check_detail(struct arena *arena, const struct compared *compared) {
    const struct measurement *m = &compared->measured;
    struct text text = {0};
    switch (compared->judgement.doubt) {
    case DOUBT_NONE: return NULL;
    case DOUBT_KINK: add_kink(m, &text); break;
    case DOUBT_JUMP: add_number(&text, "there is a jump, and ", m->value, " is given"); break;
    case DOUBT_EDGE: text_add(&text, "the function ends there: it is defined on one side only"); break;
    case DOUBT_NOT_FINITE:
        add_number(&text, "is ", m->value, " in doubles");
        if (m->expected - m->expected == 0) add_number(&text, ", where differences say ", m->expected, "");
        break;
    case DOUBT_CANCELS:
        text_addf(&text, "digits cancel in doubles: %u are right", compared->judgement.digits);
        text_addf(&text, ", the condition number is %.1e", compared->judgement.condition);
        text_add(&text, "; at high precision the formula agrees");
        break;
    case DOUBT_SIDE: text_add(&text, "rounding decides a comparison there"); break;
    case DOUBT_JUDGE: text_add(&text, "differences come to no limit there"); break;
    case DOUBT_FORMULA:
        add_value(m, ", but differences say ", &text);
        text_add(&text, ": its formula is wrong");
        break;
    case DOUBT_ARITHMETIC:
        add_number(&text, "is ", m->value, "");
        add_number(&text, ", but its formula and differences say ", m->formula, "");
        text_addf(&text, " (condition number %.1e)", compared->judgement.condition);
        break;
    }
    const char *detail =
        text.failed ? NULL : arena_text(arena, text_string(&text), strlen(text_string(&text)));
    text_free(&text);
    return detail;
}
