#include <ctype.h>
#include <string.h>

#include "formula/page.h"

static const char *index_name(const struct page *page, index_id index) {
    return page->sheet.renderer.index_names[index];
}

static const char *bound(struct page *page, node_id n) {
    return render(&page->sheet.renderer, n, BINDS_SUM);
}

/* ---- Lists of indices ---- */

/* "[k, l]", or nothing. */
static void add_subscripts(struct page *page, const index_id *indices, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        text_addf(page->out, "%s%s", k ? ", " : "[", index_name(page, indices[k]));
    if (count) text_add(page->out, "]");
}

/* "k in 1..n, l in 1..m" */
static void add_ranges(struct page *page, const index_id *indices, const struct dimension *ranges,
                       uint32_t count, const struct sheet_line *line) {
    for (uint32_t k = 0; k < count; k++) {
        bool turned = line && (k == 0 ? line->first_down : line->down && line->down[k]);
        const char *low = bound(page, ranges[k].lower), *high = bound(page, ranges[k].upper);
        text_addf(page->out, "%s%s in %s..%s%s", k ? ", " : "", index_name(page, indices[k]),
                  turned ? high : low, turned ? low : high, turned ? " by -1" : "");
    }
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

/* "d2f/dx[k]dx[l]" */
static void add_heading(struct page *page, const struct formula_target *target, const index_id *indices) {
    const struct formula_variable *of = &target->of;
    if (target->order) text_add(page->out, "d");
    if (target->order > 1) text_addf(page->out, "%u", target->order);
    text_add(page->out, of->name);
    if (indices) add_subscripts(page, indices, of->rank);
    uint32_t used = of->rank;
    for (uint32_t k = 0; k < target->order; k++) {
        uint32_t times = repeated(target, k, indices != NULL);
        text_addf(page->out, "%sd%s", k ? "" : "/", target->wrt[k].name);
        if (times > 1) text_addf(page->out, "%u", times);
        if (indices) add_subscripts(page, indices + used, target->wrt[k].rank);
        used += target->wrt[k].rank;
        k += times - 1;
    }
}

static void write_text_line(struct page *page, const struct sheet_line *line, bool first) {
    text_add(page->out, first ? "where " : "      ");
    text_add(page->out, line->name);
    add_subscripts(page, line->indices, line->rank);
    text_addf(page->out, " = %s", line->formula);
    if (line->rank) {
        text_add(page->out, " for ");
        add_ranges(page, line->indices, line->ranges, line->rank, line);
    }
    text_add(page->out, "\n");
}

/* Of higher derivatives, those that are 0 are told together. */
static bool is_told_at_the_end(const struct shown *s) {
    return s->zero && s->target->order > 1;
}

void write_text(struct page *page) {
    bool zero = false;
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        if (is_told_at_the_end(s)) continue;
        add_heading(page, s->target, s->indices);
        text_addf(page->out, " = %s", s->formula);
        if (s->rank) {
            text_add(page->out, " for ");
            add_ranges(page, s->indices, s->ranges, s->rank, NULL);
        }
        text_add(page->out, "\n");
    }
    for (size_t k = 0; k < page->sheet.lines.count; k++)
        write_text_line(page, &page->sheet.lines.at[k], k == 0);
    for (size_t k = 0; k < page->count; k++) {
        if (!is_told_at_the_end(&page->shown[k])) continue;
        zero = true;
        add_heading(page, page->shown[k].target, NULL);
        text_add(page->out, " = ");
    }
    if (zero) text_add(page->out, "0\n");
}

/* ---- Statements ---- */

static void write_declared(struct page *page, const index_id *indices, const struct dimension *ranges,
                           uint32_t rank, const struct sheet_line *line, const char *formula) {
    if (rank) {
        text_add(page->out, "[");
        add_ranges(page, indices, ranges, rank, line);
        text_add(page->out, "]");
    }
    text_addf(page->out, " = %s", formula);
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
        text_add(page->out, line->name);
        write_declared(page, line->indices, line->ranges, line->rank, line, line->formula);
    }
    if (page->sheet.lines.count) text_add(page->out, "\n");
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        if (is_told_at_the_end(s)) continue;
        text_add(page->out, "output ");
        add_output_name(page, s->target);
        write_declared(page, s->indices, s->ranges, s->rank, NULL, s->formula);
        text_add(page->out, "\n");
    }
    for (size_t k = 0; k < page->count; k++) {
        if (!is_told_at_the_end(&page->shown[k])) continue;
        text_add(page->out, zero ? " = " : "# ");
        add_output_name(page, page->shown[k].target);
        zero = true;
    }
    if (zero) text_add(page->out, " = 0\n");
}

/* ---- JSON ---- */

static void write_json_indices(struct page *page, const index_id *indices, const struct dimension *ranges,
                               uint32_t rank) {
    text_add(page->out, "[");
    for (uint32_t k = 0; k < rank; k++) {
        text_add(page->out, k ? ", {\"name\": " : "{\"name\": ");
        text_add_json(page->out, index_name(page, indices[k]));
        text_add(page->out, ", \"from\": ");
        text_add_json(page->out, bound(page, ranges[k].lower));
        text_add(page->out, ", \"to\": ");
        text_add_json(page->out, bound(page, ranges[k].upper));
        text_add(page->out, "}");
    }
    text_add(page->out, "]");
}

static void write_json_lets(struct page *page) {
    text_add(page->out, "[");
    for (size_t k = 0; k < page->sheet.lines.count; k++) {
        const struct sheet_line *line = &page->sheet.lines.at[k];
        text_add(page->out, k ? ", {\"name\": " : "{\"name\": ");
        text_add_json(page->out, line->name);
        if (line->rank) {
            text_add(page->out, ", \"indices\": ");
            write_json_indices(page, line->indices, line->ranges, line->rank);
        }
        text_add(page->out, ", \"formula\": ");
        text_add_json(page->out, line->formula);
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
        text_add_json(page->out, s->formula);
        text_add(page->out, "}");
    }
}
