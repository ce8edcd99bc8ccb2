#include <ctype.h>
#include <string.h>

#include "formula/page.h"

static const char *index_name(const struct page *page, index_id index) {
    return page->sheet.indices.names.at[index];
}

static void add_node_to(struct page *page, node_id n, enum binding_strength least, struct text *out) {
    struct form *form = sheet_form(&page->sheet, n);
    if (!form || !form_write(form, least, 0, out)) page->sheet.failed = true;
}

static void add_node(struct page *page, node_id n, enum binding_strength least) {
    add_node_to(page, n, least, page->out);
}

static const struct entry *entry_of(const struct page *page, const struct sheet_line *line) {
    return &page->sheet.entries.at[line->array];
}

static const char *name_of(const struct page *page, const struct sheet_line *line) {
    return page->sheet.program->arrays.at[line->array].name;
}

/* ---- Lists of indices ---- */

void page_add_subscripts(const struct page *page, const index_id *indices, uint32_t count, struct text *out) {
    for (uint32_t k = 0; k < count; k++) text_addf(out, "%s%s", k ? ", " : "[", index_name(page, indices[k]));
    if (count) text_add(out, "]");
}

/* "k in 1..n, l in 1..m" */
static void add_ranges(struct page *page, const index_id *indices, const struct dimension *ranges,
                       uint32_t count, const bool *down, struct text *out) {
    for (uint32_t k = 0; k < count; k++) {
        bool turned = down && down[k];
        text_addf(out, "%s%s in ", k ? ", " : "", index_name(page, indices[k]));
        add_node_to(page, turned ? ranges[k].upper : ranges[k].lower, BINDS_SUM, out);
        text_add(out, "..");
        add_node_to(page, turned ? ranges[k].lower : ranges[k].upper, BINDS_SUM, out);
        if (turned) text_add(out, " by -1");
    }
}

void page_add_for(struct page *page, const index_id *indices, const struct dimension *ranges, uint32_t count,
                  const bool *down, struct text *out) {
    if (count) text_add(out, " for ");
    add_ranges(page, indices, ranges, count, down, out);
}

/* ---- Text ---- */

/* How many of the variables from number `at` on are written as one power: `dx2`. */
static uint32_t repeated(const struct formula_target *target, uint32_t at, bool with_indices) {
    const struct formula_variable *first = &target->wrt[at];
    uint32_t count = 1;
    if ((with_indices && first->rank > 0) || isdigit((unsigned char)first->name[strlen(first->name) - 1]))
        return 1;
    while (at + count < target->order && strcmp(target->wrt[at + count].name, first->name) == 0) count++;
    return count;
}

void page_add_heading(const struct page *page, const struct formula_target *target, const index_id *indices,
                      struct text *out) {
    const struct formula_variable *of = &target->of;
    if (target->order) text_add(out, "d");
    if (target->order > 1) text_addf(out, "%u", target->order);
    text_add(out, of->name);
    if (indices) page_add_subscripts(page, indices, of->rank, out);
    uint32_t used = of->rank;
    for (uint32_t k = 0; k < target->order; k++) {
        uint32_t times = repeated(target, k, indices != NULL);
        text_addf(out, "%sd%s", k ? "" : "/", target->wrt[k].name);
        if (times > 1) text_addf(out, "%u", times);
        if (indices) page_add_subscripts(page, indices + used, target->wrt[k].rank, out);
        used += target->wrt[k].rank;
        k += times - 1;
    }
}

static void write_text_line(struct page *page, const struct sheet_line *line, bool first) {
    const struct entry *entry = entry_of(page, line);
    text_add(page->out, first ? "where " : "      ");
    text_add(page->out, name_of(page, line));
    page_add_subscripts(page, entry->indices, entry->rank, page->out);
    text_add(page->out, " = ");
    add_node(page, entry->value, BINDS_IF);
    page_add_for(page, entry->indices, entry->ranges, entry->rank, entry->down, page->out);
    text_add(page->out, "\n");
}

bool shown_at_the_end(const struct shown *s) {
    return s->zero && s->target->order > 1;
}

void write_text(struct page *page) {
    bool zero = false;
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        if (shown_at_the_end(s)) continue;
        page_add_heading(page, s->target, s->indices, page->out);
        text_add(page->out, " = ");
        add_node(page, s->value, BINDS_IF);
        page_add_for(page, s->indices, s->ranges, s->rank, NULL, page->out);
        text_add(page->out, "\n");
    }
    for (size_t k = 0; k < page->sheet.lines.count; k++)
        write_text_line(page, &page->sheet.lines.at[k], k == 0);
    for (size_t k = 0; k < page->count; k++) {
        if (!shown_at_the_end(&page->shown[k])) continue;
        zero = true;
        page_add_heading(page, page->shown[k].target, NULL, page->out);
        text_add(page->out, " = ");
    }
    if (zero) text_add(page->out, "0\n");
}

/* ---- Statements ---- */

static void write_declared(struct page *page, const index_id *indices, const struct dimension *ranges,
                           uint32_t rank, const bool *down, node_id value) {
    if (rank) {
        text_add(page->out, "[");
        add_ranges(page, indices, ranges, rank, down, page->out);
        text_add(page->out, "]");
    }
    text_add(page->out, " = ");
    add_node(page, value, BINDS_IF);
}

/* "d2f_dx_dy" */
static void add_output_name(struct page *page, const struct formula_target *target) {
    if (target->order) text_add(page->out, "d");
    if (target->order > 1) text_addf(page->out, "%u", target->order);
    text_add(page->out, target->of.name);
    for (uint32_t k = 0; k < target->order; k++) text_addf(page->out, "_d%s", target->wrt[k].name);
}

void write_statements(struct page *page) {
    bool zero = false;
    for (size_t k = 0; k < page->sheet.lines.count; k++) {
        const struct sheet_line *line = &page->sheet.lines.at[k];
        text_add(page->out, k == 0 ? "let " : line->with_previous ? ",\n    " : "\nlet ");
        text_add(page->out, name_of(page, line));
        const struct entry *entry = entry_of(page, line);
        write_declared(page, entry->indices, entry->ranges, entry->rank, entry->down, entry->value);
    }
    if (page->sheet.lines.count) text_add(page->out, "\n");
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        if (shown_at_the_end(s)) continue;
        text_add(page->out, "output ");
        add_output_name(page, s->target);
        write_declared(page, s->indices, s->ranges, s->rank, NULL, s->value);
        text_add(page->out, "\n");
    }
    for (size_t k = 0; k < page->count; k++) {
        if (!shown_at_the_end(&page->shown[k])) continue;
        text_add(page->out, zero ? " = " : "# ");
        add_output_name(page, page->shown[k].target);
        zero = true;
    }
    if (zero) text_add(page->out, " = 0\n");
}

/* ---- JSON ---- */

static void add_json_node(struct page *page, node_id n, enum binding_strength least) {
    struct text *out = page->out, text = {0};
    page->out = &text;
    add_node(page, n, least);
    page->out = out;
    text_add_json(out, text_string(&text));
    out->failed |= text.failed;
    text_free(&text);
}

static void write_json_indices(struct page *page, const index_id *indices, const struct dimension *ranges,
                               uint32_t rank) {
    text_add(page->out, "[");
    for (uint32_t k = 0; k < rank; k++) {
        text_add(page->out, k ? ", {\"name\": " : "{\"name\": ");
        text_add_json(page->out, index_name(page, indices[k]));
        text_add(page->out, ", \"from\": ");
        add_json_node(page, ranges[k].lower, BINDS_SUM);
        text_add(page->out, ", \"to\": ");
        add_json_node(page, ranges[k].upper, BINDS_SUM);
        text_add(page->out, "}");
    }
    text_add(page->out, "]");
}

static void write_json_lets(struct page *page) {
    text_add(page->out, "[");
    for (size_t k = 0; k < page->sheet.lines.count; k++) {
        const struct sheet_line *line = &page->sheet.lines.at[k];
        text_add(page->out, k ? ", {\"name\": " : "{\"name\": ");
        const struct entry *entry = entry_of(page, line);
        text_add_json(page->out, name_of(page, line));
        if (entry->rank) {
            text_add(page->out, ", \"indices\": ");
            write_json_indices(page, entry->indices, entry->ranges, entry->rank);
        }
        text_add(page->out, ", \"formula\": ");
        add_json_node(page, entry->value, BINDS_IF);
        text_add(page->out, "}");
    }
    text_add(page->out, "]");
}

void write_json(struct page *page) {
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        text_add(page->out, k ? ", {\"of\": " : "{\"of\": ");
        text_add_json(page->out, s->target->of_objective ? "objective" : s->target->of.name);
        text_add(page->out, ", \"wrt\": [");
        for (uint32_t i = 0; i < s->target->order; i++) {
            if (i) text_add(page->out, ", ");
            text_add_json(page->out, s->target->wrt[i].name);
        }
        text_addf(page->out, "], \"order\": %u, \"indices\": ", s->target->order);
        write_json_indices(page, s->indices, s->ranges, s->rank);
        text_add(page->out, ", \"lets\": ");
        write_json_lets(page);
        text_add(page->out, ", \"formula\": ");
        add_json_node(page, s->value, BINDS_IF);
        text_add(page->out, "}");
    }
}
