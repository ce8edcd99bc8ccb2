#include "formula/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "formula/widen.h"
#include "ir/build.h"

static bool make_entries(struct sheet *s, const array_id *targets, size_t count) {
    size_t arrays = s->definitions.count;
    if (!VEC_RESERVE(&s->entries, arrays)) return false;
    memset(s->entries.at, 0, arrays * sizeof *s->entries.at);
    s->entries.count = arrays;
    if (!sheet_formulate(s)) return false;
    for (size_t k = 0; k < count; k++)
        if (targets[k] && s->entries.at[targets[k]].value) s->entries.at[targets[k]].kind = ENTRY_TARGET;
    return true;
}

static struct simplifier new_simplifier(struct sheet *s, enum simplifier_mode mode) {
    struct simplifier simplifier = {
        .mode = mode, .program = s->program, .reductions = &s->reductions, .known = &s->definitions.known};
    simplifier.weights = (struct weights){.program = s->program,
                                          .reductions = &s->reductions,
                                          .indices = &s->indices,
                                          .first_temporary = s->reductions.first};
    return simplifier;
}

/* What is known to be defined where the function is. */
static bool find_domain(struct sheet *s) {
    if (!s->function) return true;
    struct simplifier simplifier = new_simplifier(s, SIMPLIFY_TO_SHARE);
    bool good = simplify_on_domain(&simplifier, s->function);
    s->domain = simplifier.domain;
    simplifier.domain = (struct node_map){.slots = NULL};
    simplifier_release(&simplifier);
    return good;
}

bool sheet_simplify(struct sheet *s, enum simplifier_mode mode) {
    struct simplifier simplifier = new_simplifier(s, mode);
    bool good = true;
    simplifier.domain = s->domain;
    for (size_t k = 0; good && k < s->order.count; k++) {
        const struct entry *entry = &s->entries.at[s->order.at[k]];
        if (entry->kind != ENTRY_NONE) good = simplify_count(&simplifier, entry->value);
    }
    for (size_t k = 0; good && k < s->order.count; k++) {
        struct entry *entry = &s->entries.at[s->order.at[k]];
        if (entry->kind != ENTRY_NONE) entry->value = simplify(&simplifier, entry->value);
        s->reductions_of.at[k] = (uint32_t)s->reductions.all.count;
        good = !simplifier.failed;
    }
    simplifier.domain = (struct node_map){.slots = NULL};
    simplifier_release(&simplifier);
    reductions_changed(&s->reductions);
    return good;
}

/* In a file the ranges of an array's indices do not depend on each other. */
static void declare_ranges(struct sheet *s, struct entry *entry) {
    struct graph *g = s->program->graph;
    if (s->for_eyes || entry->rank < 2) return;
    struct dimension *ranges = ARENA_ARRAY(s->program->arena, struct dimension, entry->rank);
    if (!ranges) return;
    memcpy(ranges, entry->ranges, entry->rank * sizeof *ranges);
    entry->ranges = ranges;
    node_id inside = widen_ranges(s->program, entry->indices, ranges, entry->rank);
    entry->value = mk_select(g, inside, entry->value, mk_zero(g));
}

static bool make_lines(struct sheet *s) {
    for (size_t k = 0; k < s->order.count; k++) {
        array_id a = s->order.at[k];
        if (s->entries.at[a].kind != ENTRY_LINE) continue;
        declare_ranges(s, &s->entries.at[a]);
        if (!VEC_PUSH(&s->lines, ((struct sheet_line){.array = a}))) return false;
    }
    return true;
}

static bool simplify_all(struct sheet *s) {
    bool changed;
    if (!sheet_inline(s, &changed) || !sheet_simplify(s, SIMPLIFY_TO_SHARE)) return false;
    if (!sheet_join_alike(s) || !sheet_inline(s, &changed)) return false;
    if (changed && !sheet_simplify(s, SIMPLIFY_TO_SHARE)) return false;
    if (!sheet_simplify(s, SIMPLIFY_TO_SHOW) || !sheet_share(s) || !sheet_inline(s, &changed)) return false;
    if (!changed) return true;
    /* What has a name now can make others short enough to go without one. */
    return sheet_simplify(s, SIMPLIFY_TO_SHARE) && sheet_simplify(s, SIMPLIFY_TO_SHOW) &&
           sheet_inline(s, &changed);
}

bool sheet_make(struct sheet *s, struct program *p, const struct program *function, const array_id *targets,
                size_t count, const struct chosen_element *elements, size_t element_count, bool for_eyes,
                struct formula_names *names) {
    *s = (struct sheet){.program = p,
                        .function = function,
                        .names = names,
                        .was_plain = p->graph->plain,
                        .for_eyes = for_eyes,
                        .first_element = (index_id)p->indices.count};
    p->graph->plain = true;
    s->reductions =
        (struct reductions){.program = p, .indices = &s->indices, .first = (array_id)p->arrays.count};
    s->layout = (struct layout){.program = p,
                                .reductions = &s->reductions,
                                .indices = &s->indices,
                                .first_element = s->first_element};
    bool good = definitions_make(&s->definitions, p, elements, element_count, for_eyes) &&
                sheet_name_indices(s) && make_entries(s, targets, count) && find_domain(s) &&
                simplify_all(s) && make_lines(s) && sheet_rename_nested(s) && sheet_order(s);
    if (good) sheet_name_lines(s);
    return good && !s->failed && !p->failed && !p->graph->failed;
}

void sheet_release(struct sheet *s) {
    s->program->graph->plain = s->was_plain;
    definitions_release(&s->definitions);
    reductions_release(&s->reductions);
    layout_release(&s->layout);
    node_map_release(&s->domain);
    name_set_release(&s->taken);
    VEC_FREE(&s->indices.names);
    VEC_FREE(&s->indices.ranges);
    VEC_FREE(&s->entries);
    VEC_FREE(&s->order);
    VEC_FREE(&s->reductions_of);
    VEC_FREE(&s->lines);
}

struct form *sheet_form(struct sheet *s, node_id n) {
    struct form *form = layout_form(&s->layout, n);
    if (!form) s->failed = true;
    return form;
}
