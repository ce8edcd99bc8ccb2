#include "formula/formula.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "formula/order.h"
#include "formula/sheet.h"
#include "ir/build.h"

/* One derivative, ready to be shown. */
struct shown {
    const struct formula_target *target;
    index_id *indices;
    struct dimension *ranges;
    uint32_t rank, of_rank; /* the first of_rank indices are those of the output */
    const char *formula;
};

struct page {
    struct sheet sheet;
    struct shown *shown;
    size_t count;
    struct text *out;
};

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

static void write_text(struct page *page) {
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        text_addf(page->out, "d%s", s->target->of);
        add_subscripts(page, s->indices, s->of_rank);
        text_addf(page->out, "/d%s", s->target->wrt);
        add_subscripts(page, s->indices + s->of_rank, s->rank - s->of_rank);
        text_addf(page->out, " = %s", s->formula);
        if (s->rank) {
            text_add(page->out, " for ");
            add_ranges(page, s->indices, s->ranges, s->rank, NULL);
        }
        text_add(page->out, "\n");
    }
    for (size_t k = 0; k < page->sheet.lines.count; k++)
        write_text_line(page, &page->sheet.lines.at[k], k == 0);
}

/* ---- Statements ---- */

static void write_declared(struct page *page, const char *name, const index_id *indices,
                           const struct dimension *ranges, uint32_t rank, const struct sheet_line *line,
                           const char *formula) {
    text_add(page->out, name);
    if (rank) {
        text_add(page->out, "[");
        add_ranges(page, indices, ranges, rank, line);
        text_add(page->out, "]");
    }
    text_addf(page->out, " = %s", formula);
}

static void write_statements(struct page *page) {
    for (size_t k = 0; k < page->sheet.lines.count; k++) {
        const struct sheet_line *line = &page->sheet.lines.at[k];
        text_add(page->out, k == 0 ? "let " : line->with_previous ? ",\n    " : "\nlet ");
        write_declared(page, line->name, line->indices, line->ranges, line->rank, line, line->formula);
    }
    if (page->sheet.lines.count) text_add(page->out, "\n");
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        text_addf(page->out, "output d%s_d", s->target->of);
        write_declared(page, s->target->wrt, s->indices, s->ranges, s->rank, NULL, s->formula);
        text_add(page->out, "\n");
    }
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

static void write_json(struct page *page) {
    for (size_t k = 0; k < page->count; k++) {
        const struct shown *s = &page->shown[k];
        text_add(page->out, k ? ", {\"of\": " : "{\"of\": ");
        text_add_json(page->out, strcmp(s->target->of, "f") == 0 ? "objective" : s->target->of);
        text_add(page->out, ", \"wrt\": [");
        text_add_json(page->out, s->target->wrt);
        text_add(page->out, "], \"order\": 1, \"indices\": ");
        write_json_indices(page, s->indices, s->ranges, s->rank);
        text_add(page->out, ", \"lets\": ");
        write_json_lets(page);
        text_add(page->out, ", \"formula\": ");
        text_add_json(page->out, s->formula);
        text_add(page->out, "}");
    }
}

/* ---- Pages ---- */

/* A derivative that no step computes is zero. */
static bool show_zero(struct page *page, struct shown *s) {
    static const char *const letters[] = {"k", "l", "m", "p", "q", "r"};
    struct program *p = page->sheet.program;
    s->of_rank = s->target->of_rank;
    s->rank = s->of_rank + s->target->rank;
    s->indices = ARENA_ARRAY(p->arena, index_id, s->rank + 1);
    s->ranges = ARENA_ARRAY(p->arena, struct dimension, s->rank + 1);
    const char **names = ARENA_ARRAY(p->arena, const char *, p->indices.count + s->rank + 1);
    if (!s->indices || !s->ranges || !names) return false;
    memcpy(names, page->sheet.renderer.index_names, p->indices.count * sizeof *names);
    for (uint32_t k = 0; k < s->rank; k++) {
        s->indices[k] = program_index(p, letters[k % 6], (struct span){0});
        s->ranges[k] = k < s->of_rank ? s->target->of_dims[k] : s->target->dims[k - s->of_rank];
        names[s->indices[k]] = letters[k % 6];
    }
    page->sheet.renderer.index_names = names;
    s->formula = "0";
    return true;
}

static bool show(struct page *page, struct shown *s, const struct formula_target *target) {
    s->target = target;
    const struct definition *def =
        target->array < page->sheet.definitions.count ? &page->sheet.definitions.of[target->array] : NULL;
    if (!target->array || !def || !def->array) return show_zero(page, s);
    enum binding_strength strength;
    s->indices = def->indices;
    s->ranges = def->ranges;
    s->rank = def->rank;
    s->of_rank = target->of_rank;
    s->formula = sheet_formula(&page->sheet, def, &strength);
    return s->formula != NULL;
}

static bool show_all(struct page *page, const struct formula_target *targets) {
    page->shown = calloc(page->count + 1, sizeof *page->shown);
    if (!page->shown) return false;
    for (size_t k = 0; k < page->count; k++)
        if (!show(page, &page->shown[k], &targets[k])) return false;
    return true;
}

bool formula_print(struct program *p, const struct formula_target *targets, size_t count,
                   enum formula_format format, struct formula_names *names, struct text *out) {
    struct page page = {.count = count, .out = out};
    array_id *arrays = calloc(count + 1, sizeof *arrays);
    for (size_t k = 0; arrays && k < count; k++) arrays[k] = targets[k].array;
    struct chosen_element element = {0};
    if (count)
        element = (struct chosen_element){targets->seed, targets->of_dims, targets->of_rank, NULL,
                                          format == FORMULA_TEXT};
    bool good =
        arrays && sheet_make(&page.sheet, p, arrays, count, element, names) && show_all(&page, targets);
    if (good) order_lines(page.sheet.lines.at, page.sheet.lines.count);
    if (good && format == FORMULA_TEXT) write_text(&page);
    if (good && format == FORMULA_STATEMENTS) write_statements(&page);
    if (good && format == FORMULA_JSON) write_json(&page);
    good = good && !page.sheet.failed && !page.sheet.renderer.failed && !out->failed;
    sheet_release(&page.sheet);
    free(page.shown);
    free(arrays);
    return good;
}

const char *formula_of_node(struct program *p, node_id n) {
    struct renderer r = {.program = p};
    r.index_names = ARENA_ARRAY(p->arena, const char *, p->indices.count + 1);
    const char *text = r.index_names ? render(&r, n, BINDS_IF) : NULL;
    bool failed = r.failed;
    renderer_release(&r);
    return failed ? NULL : text;
}
