#include <string.h>

#include "formula/latex.h"
#include "formula/page.h"

struct latex_page {
    struct page *page;
    struct latex_names names;
    struct text *out;
};

static void add_node(struct latex_page *l, node_id n, bool alone) {
    struct form *form = sheet_form(&l->page->sheet, n);
    if (!form || !latex_write(&l->names, form, alone, l->out)) l->page->sheet.failed = true;
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

/* ",\quad k = 1, \dots, n"; `down`: by index, whether its range is turned round. */
static void add_ranges(struct latex_page *l, const index_id *indices, const struct dimension *ranges,
                       uint32_t count, const bool *down) {
    for (uint32_t k = 0; k < count; k++) {
        bool turned = down && down[k];
        text_add(l->out, k ? ",\\; " : ",\\quad ");
        add_name(l, l->page->sheet.indices.names.at[indices[k]], NULL, 0);
        text_add(l->out, " = ");
        add_node(l, turned ? ranges[k].upper : ranges[k].lower, false);
        text_add(l->out, ", \\dots, ");
        add_node(l, turned ? ranges[k].lower : ranges[k].upper, false);
    }
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
    add_node(l, s->value, true);
    add_ranges(l, s->indices, s->ranges, s->rank, NULL);
}

static void write_line(struct latex_page *l, const struct sheet_line *line, bool first) {
    const struct entry *entry = &l->page->sheet.entries.at[line->array];
    begin_row(l);
    if (first) text_add(l->out, "\\text{where } ");
    add_name(l, l->page->sheet.program->arrays.at[line->array].name, entry->indices, entry->rank);
    text_add(l->out, " &= ");
    add_node(l, entry->value, true);
    add_ranges(l, entry->indices, entry->ranges, entry->rank, entry->down);
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

void write_latex(struct page *page) {
    struct latex_page l = {.page = page, .out = page->out};
    latex_names_init(&l.names, page->sheet.program);
    for (size_t k = 0; k < page->count; k++)
        if (!shown_at_the_end(&page->shown[k])) write_shown(&l, &page->shown[k]);
    for (size_t k = 0; k < page->sheet.lines.count; k++) write_line(&l, &page->sheet.lines.at[k], k == 0);
    write_zeros(&l);
    if (l.names.failed) page->sheet.failed = true;
    latex_names_release(&l.names);
}
