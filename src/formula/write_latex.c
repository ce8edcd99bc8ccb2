#include <string.h>

#include "formula/latex.h"
#include "formula/page.h"

/* The width of a page in letters, and what the longest left side leaves of it. */
enum { PAGE_WIDTH = 68, LEAST_RIGHT = 36 };

struct latex_page {
    struct page *page;
    struct latex_names names;
    struct text *out;
    size_t width; /* of right sides */
};

static void add_node(struct latex_page *l, node_id n) {
    struct form *form = sheet_form(&l->page->sheet, n);
    if (!form || !latex_write(&l->names, form, l->out)) l->page->sheet.failed = true;
}

/* A name with its own subscripts and those of the element. */
static void add_name(struct latex_page *l, const char *name, const index_id *indices, uint32_t count) {
    struct latex_name n = latex_name(&l->names, name);
    text_add(l->out, n.base);
    if (!n.below[0] && count == 0) return;
    text_addf(l->out, "_{%s", n.below);
    for (uint32_t k = 0; k < count; k++) {
        if (k || n.below[0]) text_add(l->out, ", ");
        add_name(l, l->page->sheet.indices.names.at[indices[k]], NULL, 0);
    }
    text_add(l->out, "}");
}

/* "k = 1, \dots, n, l = 1, \dots, m"; `down`: by index, whether its range is turned round. */
static void add_ranges(struct latex_page *l, const index_id *indices, const struct dimension *ranges,
                       uint32_t count, const bool *down) {
    for (uint32_t k = 0; k < count; k++) {
        bool turned = down && down[k];
        if (k) text_add(l->out, ",\\; ");
        add_name(l, l->page->sheet.indices.names.at[indices[k]], NULL, 0);
        text_add(l->out, " = ");
        add_node(l, turned ? ranges[k].upper : ranges[k].lower);
        text_add(l->out, ", \\dots, ");
        add_node(l, turned ? ranges[k].lower : ranges[k].upper);
    }
}

static size_t width_of_ranges(struct latex_page *l, const struct dimension *ranges, uint32_t count) {
    size_t width = 0;
    for (uint32_t k = 0; k < count; k++) {
        const struct form *lower = sheet_form(&l->page->sheet, ranges[k].lower),
                          *upper = sheet_form(&l->page->sheet, ranges[k].upper);
        if (lower && upper) width += strlen(", k = , ..., ") + lower->width + upper->width;
    }
    return width;
}

/* What stands right of the sign, with its ranges, which take a line of their own where they do not fit. */
static void add_right(struct latex_page *l, node_id value, const index_id *indices,
                      const struct dimension *ranges, uint32_t rank, const bool *down) {
    struct form *form = sheet_form(&l->page->sheet, value);
    size_t end = 0;
    if (!form || !latex_write_lines(&l->names, form, l->width, &end, l->out)) l->page->sheet.failed = true;
    if (rank == 0) return;
    bool fits = end + 2 + width_of_ranges(l, ranges, rank) <= l->width;
    text_add(l->out, fits ? ",\\quad " : ", \\\\\n&\\qquad ");
    add_ranges(l, indices, ranges, rank, down);
}

/* How many of the variables from number `at` on are written as one power. */
static uint32_t repeated(const struct formula_target *target, uint32_t at, bool with_indices) {
    uint32_t count = 1;
    if (with_indices && target->wrt[at].rank > 0) return 1;
    while (at + count < target->order && !strcmp(target->wrt[at + count].name, target->wrt[at].name)) count++;
    return count;
}

/* \frac{\partial^{2} f}{\partial x_{k}\,\partial x_{l}}; without indices, arrays stand as a whole. */
static void add_heading(struct latex_page *l, const struct formula_target *target, const index_id *indices) {
    const struct formula_variable *of = &target->of;
    const char *d = target->alone ? "d" : "\\partial";
    uint32_t used = of->rank;
    if (target->order) text_addf(l->out, "\\frac{%s", d);
    if (target->order > 1) text_addf(l->out, "^{%u}", target->order);
    if (target->order) text_add(l->out, " ");
    add_name(l, of->name, indices, indices ? of->rank : 0);
    if (target->order) text_add(l->out, "}{");
    for (uint32_t k = 0; k < target->order; k++) {
        uint32_t rank = target->wrt[k].rank, times = repeated(target, k, indices != NULL);
        text_addf(l->out, "%s%s ", k ? "\\," : "", d);
        add_name(l, target->wrt[k].name, indices ? indices + used : NULL, indices ? rank : 0);
        if (times > 1) text_addf(l->out, "^{%u}", times);
        used += rank;
        k += times - 1;
    }
    if (target->order) text_add(l->out, "}");
}

static void begin_row(struct latex_page *l) {
    if (l->page->names->rows++) text_add(l->out, " \\\\\n");
}

static void write_shown(struct latex_page *l, const struct shown *s) {
    begin_row(l);
    add_heading(l, s->target, s->indices);
    text_add(l->out, " &= ");
    add_right(l, s->value, s->indices, s->ranges, s->rank, NULL);
}

static void write_line(struct latex_page *l, const struct sheet_line *line, bool first) {
    const struct entry *entry = &l->page->sheet.entries.at[line->array];
    begin_row(l);
    if (first) text_add(l->out, "\\text{where } ");
    add_name(l, l->page->sheet.program->arrays.at[line->array].name, entry->indices, entry->rank);
    text_add(l->out, " &= ");
    add_right(l, entry->value, entry->indices, entry->ranges, entry->rank, entry->down);
}

/* Higher derivatives that are 0 are told together. */
static void write_zeros(struct latex_page *l) {
    bool any = false;
    for (size_t k = 0; k < l->page->count; k++) {
        const struct shown *s = &l->page->shown[k];
        if (!shown_at_the_end(s)) continue;
        if (!any) begin_row(l);
        if (any) text_add(l->out, " = ");
        add_heading(l, s->target, NULL);
        any = true;
    }
    if (any) text_add(l->out, " &= 0");
}

/* ---- The widths of left sides ---- */

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t width_of_heading(const struct formula_target *target) {
    size_t above = form_width_of_name(target->of.name) + target->of.rank + 3, below = 0;
    for (uint32_t k = 0; k < target->order; k++)
        below += strlen(target->wrt[k].name) + target->wrt[k].rank + 2;
    return larger(above, below);
}

static size_t widest_left(const struct page *page) {
    size_t width = 0;
    for (size_t k = 0; k < page->count; k++)
        if (!shown_at_the_end(&page->shown[k]))
            width = larger(width, width_of_heading(page->shown[k].target));
    for (size_t k = 0; k < page->sheet.lines.count; k++) {
        array_id array = page->sheet.lines.at[k].array;
        size_t name = form_width_of_name(page->sheet.program->arrays.at[array].name);
        width = larger(width, name + page->sheet.entries.at[array].rank + (k ? 0 : strlen("where ")));
    }
    return width;
}

void write_latex(struct page *page) {
    struct latex_page l = {.page = page, .out = page->out};
    latex_names_init(&l.names, page->sheet.program);
    size_t left = widest_left(page) + 3;
    l.width = left + LEAST_RIGHT < PAGE_WIDTH ? PAGE_WIDTH - left : LEAST_RIGHT;
    for (size_t k = 0; k < page->count; k++)
        if (!shown_at_the_end(&page->shown[k])) write_shown(&l, &page->shown[k]);
    for (size_t k = 0; k < page->sheet.lines.count; k++) write_line(&l, &page->sheet.lines.at[k], k == 0);
    write_zeros(&l);
    if (l.names.failed) page->sheet.failed = true;
    latex_names_release(&l.names);
}
