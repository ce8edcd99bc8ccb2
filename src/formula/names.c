#include <stdlib.h>
#include <string.h>

#include "ir/rewrite.h"
#include "formula/sheet.h"
#include "ir/build.h"

enum { LETTERS = 16 };

/* ---- Names of arrays and lines ---- */

/* The names of the file and of its arrays. */
static bool take_names(struct sheet *s) {
    bool good = true;
    for (array_id a = 1; good && a < s->definitions.count; a++) {
        const char *name = s->program->arrays.at[a].name;
        bool shown = sheet_belongs_to_file(s, a);
        good = !name || !shown || name_set_add(&s->taken, name);
    }
    for (size_t k = 0; good && k < s->names->taken.count; k++)
        good = name_set_add(&s->taken, s->names->taken.at[k]);
    return good;
}

static void take(struct sheet *s, const char *name) {
    if (!name_set_add(&s->taken, name) || !VEC_PUSH(&s->names->taken, name)) s->failed = true;
}

static const char *new_name(struct sheet *s) {
    const char *name;
    do {
        name = arena_format(s->program->arena, "t%u", ++s->names->lines);
    } while (name && name_set_has(&s->taken, name));
    if (!name) {
        s->failed = true;
        return "t";
    }
    take(s, name);
    return name;
}

/* Adjoints of the file's arrays keep their names; other lines are numbered in their order. */
void sheet_name_lines(struct sheet *s) {
    for (size_t k = 0; k < s->lines.count; k++) {
        array_id a = s->lines.at[k].array;
        struct array *array = &s->program->arrays.at[a];
        bool of_file = array->role == ROLE_ADJOINT && sheet_belongs_to_file(s, array->of);
        const char *base = array->name, *name = base;
        if (!of_file) {
            array->name = new_name(s);
            continue;
        }
        for (unsigned suffix = 2; name && name_set_has(&s->taken, name); suffix++)
            name = arena_format(s->program->arena, "%s_%u", base, suffix);
        array->name = name ? name : base;
        take(s, array->name);
    }
}

/* ---- Loops ---- */

static bool is_taken_around(const struct sheet *s, const char *name, const uint32_t *open, size_t count) {
    for (size_t k = 0; k < count; k++) {
        const struct step *step = &s->program->steps.at[open[k]];
        if (step->kind == STEP_LOOP && strcmp(s->indices.names.at[step->index], name) == 0) return true;
    }
    return false;
}

static struct dimension range_of_loop(const struct sheet *s, const struct step *loop) {
    const struct graph *g = s->program->graph;
    bool down = node_op(g, loop->by) == OP_INT && node_integer(g, loop->by) < 0;
    return down ? (struct dimension){loop->upper, loop->lower} : (struct dimension){loop->lower, loop->upper};
}

/* Loops keep the names of the file, but for those inside a loop of the same name. */
static void name_loops(struct sheet *s) {
    VEC(uint32_t) open = {0};
    for (uint32_t i = 0; i < s->program->steps.count; i++) {
        const struct step *step = &s->program->steps.at[i];
        if (step->kind == STEP_END) open.count--;
        if (step->kind != STEP_LOOP && step->kind != STEP_WHEN) continue;
        if (step->kind == STEP_LOOP && !s->indices.names.at[step->index]) {
            const char *base = s->program->indices.at[step->index].name, *name = base;
            for (unsigned k = 2; name && is_taken_around(s, name, open.at, open.count); k++)
                name = arena_format(s->program->arena, "%s%u", base, k);
            s->indices.names.at[step->index] = name ? name : base;
            s->indices.ranges.at[step->index] = range_of_loop(s, step);
        }
        if (!VEC_PUSH(&open, i)) s->failed = true;
    }
    VEC_FREE(&open);
}

/* ---- Elements ---- */

/* How many letters the indices of chosen elements take before those of an array's own element. */
static uint32_t first_letter(const struct sheet *s, array_id array) {
    const struct chosen *chosen = &s->definitions.chosen;
    struct number_set set = chosen_of_array(chosen, array);
    uint32_t first = 0;
    for (uint32_t k = 0; k < set.count; k++) {
        const struct chosen_element *element = &chosen->elements[set.members[k]];
        if (element->before + element->rank > first) first = element->before + element->rank;
    }
    return first;
}

/* k, l, m, ... where the file does not use these. */
static bool choose_letters(struct sheet *s, const char *chosen[LETTERS]) {
    static const char *const letters[] = {"k", "l", "m", "p", "q", "r", "u", "v", "w", "z"};
    struct name_set loops = {.slots = NULL};
    bool good = true;
    size_t count = 0;
    for (index_id i = 1; good && i < s->first_element; i++)
        if (s->indices.names.at[i]) good = name_set_add(&loops, s->indices.names.at[i]);
    for (size_t k = 0; k < sizeof letters / sizeof *letters && count < LETTERS; k++)
        if (!name_set_has(&loops, letters[k]) && !name_set_has(&s->taken, letters[k]))
            chosen[count++] = letters[k];
    for (unsigned k = 1; good && count < LETTERS; k++) {
        const char *name = arena_format(s->program->arena, "k_%u", k);
        good = name != NULL;
        if (good && !name_set_has(&loops, name) && !name_set_has(&s->taken, name)) chosen[count++] = name;
    }
    name_set_release(&loops);
    return good;
}

static void name_index(struct sheet *s, index_id index, const char *name, struct dimension range) {
    s->indices.names.at[index] = name;
    s->indices.ranges.at[index] = range;
}

static bool name_elements(struct sheet *s) {
    const char *letters[LETTERS];
    if (!choose_letters(s, letters)) return false;
    for (size_t e = 0; e < s->definitions.chosen.count; e++) {
        const struct chosen_element *element = &s->definitions.chosen.elements[e];
        for (uint32_t k = 0; k < element->rank; k++)
            name_index(s, element->indices[k], letters[(element->before + k) % LETTERS], element->dims[k]);
    }
    for (array_id a = 1; a < s->definitions.count; a++) {
        const struct definition *def = &s->definitions.of[a];
        if (!def->array) continue;
        uint32_t own = s->program->arrays.at[a].rank, first = own ? first_letter(s, a) : 0;
        for (uint32_t k = 0; k < own; k++)
            name_index(s, def->indices[def->own + k], letters[(first + k) % LETTERS],
                       def->ranges[def->own + k]);
    }
    return true;
}

/* ---- Indices that are the same ---- */

struct same {
    struct sheet *s;
    node_id *image;         /* by index: that which stands for it; 0: itself */
    struct node_map newest; /* by the lower bound: the newest index, which knows the one before */
    index_id *before;
};

static node_id with_images(const struct same *u, node_id n) {
    return replace_indices(u->s->program, n, u->image, u->s->indices.names.count);
}

/* The first index that has this name and range takes its place. */
static bool unify(struct same *u, index_id index) {
    struct sheet *s = u->s;
    struct dimension *range = &s->indices.ranges.at[index];
    *range = (struct dimension){with_images(u, range->lower), with_images(u, range->upper)};
    for (index_id other = node_map_get(&u->newest, range->lower); other; other = u->before[other]) {
        if (s->indices.ranges.at[other].upper != range->upper) continue;
        if (strcmp(s->indices.names.at[other], s->indices.names.at[index]) != 0) continue;
        u->image[index] = mk_index(s->program->graph, other);
        return true;
    }
    u->before[index] = node_map_get(&u->newest, range->lower);
    return node_map_set(&u->newest, range->lower, index);
}

static index_id image_index(const struct same *u, index_id index) {
    return index && u->image[index] ? node_payload(u->s->program->graph, u->image[index]) : index;
}

static node_id image_with_same(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    const struct same *u = w->context;
    struct graph *g = w->p->graph;
    if (node_op(g, n) != OP_INDEX) return same ? n : mk_again(g, n, operands);
    node_id image = u->image[node_payload(g, n)];
    return image ? image : n;
}

static void replace_in_term(const struct same *u, struct rewriting *w, struct term *term) {
    term->value = rewrite(w, term->value);
    for (uint32_t k = 0; k < term->count; k++) {
        struct wrapper *wrapper = &term->wrappers[k];
        wrapper->index = image_index(u, wrapper->index);
        wrapper->lower = rewrite(w, wrapper->lower);
        wrapper->upper = rewrite(w, wrapper->upper);
        wrapper->by = rewrite(w, wrapper->by);
        wrapper->condition = rewrite(w, wrapper->condition);
    }
}

static void replace_everywhere(const struct same *u) {
    struct sheet *s = u->s;
    struct rewriting w = {.p = s->program, .image = image_with_same, .context = (void *)u};
    for (array_id a = 1; a < s->definitions.count; a++) {
        struct definition *def = &s->definitions.of[a];
        if (!def->array) continue;
        for (uint32_t k = 0; k < def->rank; k++) {
            def->indices[k] = image_index(u, def->indices[k]);
            def->ranges[k].lower = rewrite(&w, def->ranges[k].lower);
            def->ranges[k].upper = rewrite(&w, def->ranges[k].upper);
        }
        for (size_t k = 0; k < def->terms.count; k++) replace_in_term(u, &w, &def->terms.at[k]);
    }
    rewriting_release(&w);
}

static bool unify_all(struct sheet *s) {
    size_t count = s->indices.names.count;
    struct same u = {.s = s};
    u.image = calloc(count, sizeof *u.image);
    u.before = calloc(count, sizeof *u.before);
    bool good = u.image && u.before;
    for (index_id i = 1; good && i < count; i++)
        if (s->indices.names.at[i]) good = unify(&u, i);
    bool any = false;
    for (index_id i = 1; good && i < count; i++) any |= u.image[i] != 0;
    if (any) replace_everywhere(&u);
    free(u.image);
    free(u.before);
    node_map_release(&u.newest);
    return good;
}

bool sheet_name_indices(struct sheet *s) {
    size_t count = s->program->indices.count;
    if (!VEC_RESERVE(&s->indices.names, count) || !VEC_RESERVE(&s->indices.ranges, count)) return false;
    memset(s->indices.names.at, 0, count * sizeof *s->indices.names.at);
    memset(s->indices.ranges.at, 0, count * sizeof *s->indices.ranges.at);
    s->indices.names.count = s->indices.ranges.count = count;
    if (!take_names(s)) return false;
    name_loops(s);
    if (!name_elements(s) || !unify_all(s)) return false;
    for (index_id i = 1; i < count; i++)
        if (!s->indices.names.at[i]) s->indices.names.at[i] = s->program->indices.at[i].name;
    return !s->failed;
}
