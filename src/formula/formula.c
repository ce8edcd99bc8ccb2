#include "formula/formula.h"

#include <stdlib.h>
#include <string.h>

#include "formula/page.h"
#include "ir/build.h"

/* ---- Derivatives ---- */

/* The variable that dimension number `at` belongs to: that of the function, then those of the variables. */
static struct dimension range_of(const struct formula_target *target, uint32_t at) {
    const struct formula_variable *v = &target->of;
    for (uint32_t k = 0; at >= v->rank; v = &target->wrt[k++]) at -= v->rank;
    return v->dims[at];
}

static uint32_t rank_of(const struct formula_target *target) {
    uint32_t rank = target->of.rank;
    for (uint32_t k = 0; k < target->order; k++) rank += target->wrt[k].rank;
    return rank;
}

/* A derivative that no step computes is zero. */
static bool show_zero(struct page *page, struct shown *s) {
    static const char *const letters[] = {"k", "l", "m", "p", "q", "r"};
    struct sheet *sheet = &page->sheet;
    struct program *p = sheet->program;
    s->zero = true;
    s->value = mk_zero(p->graph);
    s->rank = rank_of(s->target);
    s->indices = ARENA_ARRAY(p->arena, index_id, s->rank + 1);
    s->ranges = ARENA_ARRAY(p->arena, struct dimension, s->rank + 1);
    if (!s->indices || !s->ranges) return false;
    for (uint32_t k = 0; k < s->rank; k++) {
        s->ranges[k] = range_of(s->target, k);
        s->indices[k] = index_table_add(&sheet->indices, p, letters[k % 6], s->ranges[k]);
    }
    return !p->failed;
}

static bool show(struct page *page, struct shown *s, const struct formula_target *target) {
    s->target = target;
    const struct sheet *sheet = &page->sheet;
    const struct entry *entry =
        target->array < sheet->entries.count ? &sheet->entries.at[target->array] : NULL;
    /* What does not depend on a direction does not change along it. */
    if (!target->array || !entry || !entry->value || entry->rank != rank_of(target))
        return show_zero(page, s);
    s->indices = entry->indices;
    s->ranges = entry->ranges;
    s->rank = entry->rank;
    s->value = entry->value;
    s->zero = node_is_number(sheet->program->graph, s->value, 0);
    return true;
}

static bool show_all(struct page *page, const struct formula_target *targets) {
    page->shown = calloc(page->count + 1, sizeof *page->shown);
    if (!page->shown) return false;
    for (size_t k = 0; k < page->count; k++)
        if (!show(page, &page->shown[k], &targets[k])) return false;
    return true;
}

/* ---- The elements that are chosen ---- */

struct elements {
    VEC(struct chosen_element) all;
};

static void add_element(struct elements *e, const struct formula_variable *v, uint32_t before) {
    for (size_t k = 0; k < e->all.count; k++)
        if (e->all.at[k].seed == v->seed) return;
    if (v->seed)
        VEC_PUSH(&e->all, ((struct chosen_element){
                              .seed = v->seed, .dims = v->dims, .rank = v->rank, .before = before}));
}

static bool find_elements(struct elements *e, const struct formula_target *targets, size_t count) {
    for (size_t k = 0; k < count; k++) {
        uint32_t before = targets[k].of.rank;
        add_element(e, &targets[k].of, 0);
        for (uint32_t i = 0; i < targets[k].order; i++) {
            add_element(e, &targets[k].wrt[i], before);
            before += targets[k].wrt[i].rank;
        }
    }
    return !e->all.failed;
}

/* ---- Pages ---- */

static bool make_page(struct page *page, struct program *p, const struct program *function,
                      const struct formula_target *targets, bool for_eyes, struct formula_names *names) {
    struct elements elements = {0};
    array_id *arrays = calloc(page->count + 1, sizeof *arrays);
    for (size_t k = 0; arrays && k < page->count; k++) arrays[k] = targets[k].array;
    bool good = arrays && find_elements(&elements, targets, page->count) &&
                sheet_make(&page->sheet, p, function, arrays, page->count, elements.all.at,
                           elements.all.count, for_eyes, names) &&
                show_all(page, targets);
    free(arrays);
    VEC_FREE(&elements.all);
    return good;
}

bool formula_print(struct program *p, const struct program *function, const struct formula_target *targets,
                   size_t count, enum formula_format format, struct formula_names *names, struct text *out) {
    static void (*const writers[])(struct page *) = {
        [FORMULA_TEXT] = write_text, [FORMULA_STATEMENTS] = write_statements,
        [FORMULA_JSON] = write_json, [FORMULA_LATEX] = write_latex,
        [FORMULA_DOT] = write_dot,
    };
    struct page page = {.count = count, .names = names, .out = out};
    bool for_eyes = format != FORMULA_STATEMENTS && format != FORMULA_JSON;
    bool good = make_page(&page, p, function, targets, for_eyes, names);
    if (good) writers[format](&page);
    good = good && !page.sheet.failed && !page.sheet.layout.failed && !out->failed;
    sheet_release(&page.sheet);
    free(page.shown);
    return good;
}
