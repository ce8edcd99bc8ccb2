/* Formulas as a graph in the language of Graphviz: equal parts are one node. Edges leave a node in the order
 * of its operands. An edge marked "-" subtracts its term, one marked "below" divides by its factor; a dashed
 * one leads from an element to the line that defines it. */
#include <stdlib.h>
#include <string.h>

#include "formula/page.h"
#include "support/intern.h"
#include "support/map.h"

struct dot_slot {
    uint64_t structure;
    unsigned node; /* 0: free */
};

struct dot {
    struct page *page;
    struct text *out;
    struct dot_slot *slots; /* nodes of forms */
    size_t capacity, count;
    VEC(struct form *) open; /* nodes that are named and not written */
    struct intern seen;
    struct map line_of; /* by name: the node of the line */
    bool failed;
};

static unsigned new_node(struct dot *d) {
    return ++d->page->names->nodes;
}

/* ---- Nodes of forms ---- */

static struct dot_slot *find(struct dot_slot *slots, size_t capacity, uint64_t structure) {
    size_t at = (size_t)structure & (capacity - 1);
    while (slots[at].node && slots[at].structure != structure) at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static bool grow(struct dot *d) {
    size_t capacity = d->capacity ? 2 * d->capacity : 256;
    struct dot_slot *slots = calloc(capacity, sizeof *slots);
    if (!slots) return false;
    for (size_t k = 0; k < d->capacity; k++)
        if (d->slots[k].node) *find(slots, capacity, d->slots[k].structure) = d->slots[k];
    free(d->slots);
    d->slots = slots;
    d->capacity = capacity;
    return true;
}

static unsigned line_node(struct dot *d, const struct form *f) {
    if (f->kind != FORM_NAME && f->kind != FORM_ELEMENT) return 0;
    const char *name = intern_text(&d->seen, f->text);
    uint32_t node = name ? map_get(&d->line_of, name) : MAP_NONE;
    return node == MAP_NONE ? 0 : node;
}

/* The node of a form, which is still to be written where it is new. A name is its line. */
static unsigned node_of(struct dot *d, struct form *f) {
    unsigned line = f->kind == FORM_NAME && !f->negative ? line_node(d, f) : 0;
    if (line) return line;
    if (2 * d->count >= d->capacity && !grow(d)) d->failed = true;
    if (d->failed) return 0;
    struct dot_slot *slot = find(d->slots, d->capacity, f->structure);
    if (slot->node) return slot->node;
    *slot = (struct dot_slot){f->structure, new_node(d)};
    d->count++;
    if (!VEC_PUSH(&d->open, f)) d->failed = true;
    return slot->node;
}

static struct form *unsigned_form(struct dot *d, struct form *f) {
    struct form *positive = form_signed(d->page->sheet.program->arena, f, false);
    if (!positive) d->failed = true;
    return positive ? positive : f;
}

/* ---- Writing ---- */

static void write_label(struct dot *d, unsigned node, const struct text *label, const char *more) {
    text_addf(d->out, "    n%u [label=", node);
    text_add_json(d->out, text_string(label));
    text_addf(d->out, "%s];\n", more);
    if (label->failed) d->failed = true;
}

static void write_edge(struct dot *d, unsigned from, unsigned to, const char *more) {
    text_addf(d->out, "    n%u -> n%u%s;\n", from, to, more);
}

/* A sum over ranges tells them. */
static void add_ranges_of(struct dot *d, const struct form *f, struct text *label) {
    text_add(label, f->text);
    for (uint32_t k = 1; k < f->count; k++) {
        text_add(label, k > 1 ? ", " : " for ");
        if (!form_write(f->parts[k], BINDS_IF, 0, label)) d->failed = true;
    }
}

static void add_label(struct dot *d, const struct form *f, struct text *label) {
    if (f->negative) {
        text_add(label, "-");
        return;
    }
    switch (f->kind) {
    case FORM_NUMBER:
    case FORM_NAME:
    case FORM_CALL: text_add(label, f->text); break;
    case FORM_ELEMENT:
        if (!form_write(f, BINDS_IF, 0, label)) d->failed = true;
        break;
    case FORM_SUM: text_add(label, "+"); break;
    case FORM_PRODUCT: text_add(label, f->above < f->count ? "/" : "*"); break;
    case FORM_POWER: text_add(label, "^"); break;
    case FORM_CHOICE: text_add(label, "if"); break;
    case FORM_COMPARISON: text_addf(label, "%.*s", (int)strcspn(f->text + 1, " "), f->text + 1); break;
    case FORM_AND: text_add(label, "and"); break;
    case FORM_OR: text_add(label, "or"); break;
    case FORM_NOT: text_add(label, "not"); break;
    case FORM_REMAINDER: text_add(label, "%"); break;
    case FORM_REDUCTION:
    case FORM_RANGE: add_ranges_of(d, f, label); break;
    }
}

static const char *edge_label(const struct form *f, uint32_t part) {
    static const char *const of_choice[] = {" [label=\"if\"]", " [label=\"then\"]", " [label=\"else\"]"};
    if (f->kind == FORM_CHOICE) return of_choice[part];
    if (f->kind == FORM_SUM && part > 0 && f->parts[part]->negative) return " [label=\"-\"]";
    return f->kind == FORM_PRODUCT && part >= f->above ? " [label=\"below\"]" : "";
}

static void write_edges(struct dot *d, unsigned node, struct form *f) {
    if (f->negative) {
        write_edge(d, node, node_of(d, unsigned_form(d, f)), "");
        return;
    }
    unsigned line = line_node(d, f);
    if (line) write_edge(d, node, line, " [style=dashed]");
    uint32_t count = f->kind == FORM_REDUCTION ? 1 : f->kind == FORM_ELEMENT ? 0 : f->count;
    for (uint32_t k = 0; k < count && !d->failed; k++) {
        bool term = f->kind == FORM_SUM && k > 0;
        write_edge(d, node, node_of(d, term ? unsigned_form(d, f->parts[k]) : f->parts[k]), edge_label(f, k));
    }
}

static void write_open(struct dot *d) {
    while (d->open.count > 0 && !d->failed) {
        struct form *f = VEC_POP(&d->open);
        struct text label = {0};
        unsigned node = node_of(d, f);
        add_label(d, f, &label);
        write_label(d, node, &label, "");
        write_edges(d, node, f);
        text_free(&label);
    }
}

/* A derivative or a line: its text and an edge to its value. */
static void write_root(struct dot *d, unsigned node, const struct text *label, node_id value,
                       const char *more) {
    struct form *form = sheet_form(&d->page->sheet, value);
    write_label(d, node, label, more);
    if (form)
        write_edge(d, node, node_of(d, form), "");
    else
        d->failed = true;
    write_open(d);
}

static void write_derivative(struct dot *d, const struct shown *s) {
    struct text label = {0};
    page_add_heading(d->page, s->target, s->indices, &label);
    page_add_for(d->page, s->indices, s->ranges, s->rank, NULL, &label);
    write_root(d, new_node(d), &label, s->value, ", shape=box, style=bold");
    text_free(&label);
}

static void write_line(struct dot *d, const struct sheet_line *line) {
    const struct entry *entry = &d->page->sheet.entries.at[line->array];
    const char *name = d->page->sheet.program->arrays.at[line->array].name;
    const char *key = intern_text(&d->seen, name);
    struct text label = {0};
    text_add(&label, name);
    page_add_subscripts(d->page, entry->indices, entry->rank, &label);
    page_add_for(d->page, entry->indices, entry->ranges, entry->rank, entry->down, &label);
    if (key) write_root(d, map_get(&d->line_of, key), &label, entry->value, ", shape=box");
    text_free(&label);
}

static void name_lines(struct dot *d) {
    const struct sheet *sheet = &d->page->sheet;
    for (size_t k = 0; k < sheet->lines.count; k++) {
        const char *name = intern_text(&d->seen, sheet->program->arrays.at[sheet->lines.at[k].array].name);
        if (!name || !map_set(&d->line_of, name, new_node(d))) d->failed = true;
    }
}

void write_dot(struct page *page) {
    struct dot d = {.page = page, .out = page->out};
    intern_init(&d.seen, page->sheet.program->arena);
    name_lines(&d);
    for (size_t k = 0; k < page->count && !d.failed; k++) write_derivative(&d, &page->shown[k]);
    for (size_t k = 0; k < page->sheet.lines.count && !d.failed; k++)
        write_line(&d, &page->sheet.lines.at[k]);
    if (d.failed) page->sheet.failed = true;
    intern_release(&d.seen);
    map_release(&d.line_of);
    VEC_FREE(&d.open);
    free(d.slots);
}
