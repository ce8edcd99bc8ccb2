#include "formula/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "formula/rewrite.h"
#include "formula/widen.h"
#include "ir/build.h"
#include "ir/prune.h"

enum { SHORTEST_SHARED = 25, LONGEST_REPEATED = 70 };

/* ---- Which arrays have lines ---- */

static bool belongs_to_file(const struct sheet *s, array_id array) {
    enum array_role role = s->program->arrays.at[array].role;
    return role_is_input(role) || role == ROLE_LET || role == ROLE_OUTPUT || role == ROLE_OBJECTIVE;
}

/* What is shown itself. */
static bool is_derivative(enum array_role role) {
    return role == ROLE_GRADIENT || role == ROLE_TANGENT;
}

static const struct definition *definition_of(const struct sheet *s, array_id array) {
    const struct definition *def = array < s->definitions.count ? &s->definitions.of[array] : NULL;
    return def && def->array ? def : NULL;
}

static bool has_loops(const struct definition *def) {
    for (size_t k = 0; k < def->terms.count; k++)
        for (uint32_t w = 0; w < def->terms.at[k].count; w++)
            if (def->terms.at[k].wrappers[w].index) return true;
    return false;
}

/* What is used once can stand where it is read: sums of a body, and elements that are no sums themselves. */
static bool can_be_inlined(const struct sheet *s, array_id array) {
    const struct definition *def = definition_of(s, array);
    if (!def || s->uses[array] != 1) return false;
    return s->program->arrays.at[array].rank == 0 || (!def->recurrent && !has_loops(def));
}

bool sheet_shows_name(const struct sheet *s, array_id array) {
    return belongs_to_file(s, array) || !definition_of(s, array) || !can_be_inlined(s, array);
}

/* ---- Uses ---- */

struct count {
    struct sheet *s;
    VEC(array_id) open;
    VEC(node_id) stack;
};

static bool make_room(struct sheet *s) {
    size_t count = graph_count(s->program->graph), old = s->users.count;
    if (count <= old) return true;
    if (!VEC_RESERVE(&s->users, count)) return false;
    memset(s->users.at + old, 0, (count - old) * sizeof *s->users.at);
    s->users.count = count;
    return true;
}

static void use_node(struct count *c, node_id n) {
    struct sheet *s = c->s;
    const struct graph *g = s->program->graph;
    bool first = s->users.at[n]++ == 0;
    if (node_op(g, n) == OP_READ) {
        array_id array = node_payload(g, n);
        s->uses[array]++;
        if (!belongs_to_file(s, array) && !s->needed[array]) {
            s->needed[array] = true;
            VEC_PUSH(&c->open, array);
        }
    }
    if (first) VEC_PUSH(&c->stack, n);
}

static void use(struct count *c, node_id root) {
    const struct graph *g = c->s->program->graph;
    if (!root) return;
    if (!make_room(c->s)) {
        c->s->failed = true;
        return;
    }
    use_node(c, root);
    while (c->stack.count > 0) {
        node_id n = VEC_POP(&c->stack);
        bool is_leaf = node_count(g, n) == 0;
        if (!is_leaf && node_type(g, n) == TYPE_REAL && node_op(g, n) != OP_READ &&
            !VEC_PUSH(&c->s->shared, n))
            c->s->failed = true;
        for (uint32_t k = 0; k < node_count(g, n); k++) use_node(c, node_operand(g, n, k));
    }
}

static void count_uses(struct sheet *s, const array_id *targets, size_t count) {
    struct count c = {.s = s};
    for (size_t k = 0; k < count; k++) {
        if (!targets[k] || s->needed[targets[k]]) continue;
        s->needed[targets[k]] = true;
        VEC_PUSH(&c.open, targets[k]);
    }
    while (c.open.count > 0) {
        const struct definition *def = definition_of(s, VEC_POP(&c.open));
        for (size_t k = 0; def && k < def->terms.count; k++) {
            const struct term *term = &def->terms.at[k];
            use(&c, term->value);
            for (uint32_t w = 0; w < term->count; w++) {
                use(&c, term->wrappers[w].lower);
                use(&c, term->wrappers[w].upper);
                use(&c, term->wrappers[w].condition);
            }
        }
    }
    s->failed |= c.open.failed || c.stack.failed;
    VEC_FREE(&c.open);
    VEC_FREE(&c.stack);
}

/* ---- Names ---- */

/* Whether a name belongs to an array, but for one, or to the file. */
static bool is_array_name(const struct sheet *s, const char *name, array_id but) {
    for (array_id a = 1; a < s->program->arrays.count; a++) {
        const char *other = s->program->arrays.at[a].name;
        if (a != but && other && strcmp(other, name) == 0) return true;
    }
    for (size_t k = 0; k < s->names->taken.count; k++)
        if (strcmp(s->names->taken.at[k], name) == 0) return true;
    return false;
}

static const char *new_name(struct sheet *s) {
    const char *name;
    do {
        name = arena_format(s->program->arena, "t%u", ++s->names->lines);
    } while (name && is_array_name(s, name, 0));
    if (!name) s->failed = true;
    return name ? name : "t";
}

/* Adjoints of the file's arrays keep their names; what the reductions made is numbered. */
static void name_arrays(struct sheet *s) {
    for (array_id a = 1; a < s->definitions.count; a++) {
        struct array *array = &s->program->arrays.at[a];
        if (!s->needed[a] || belongs_to_file(s, a) || is_derivative(array->role) || can_be_inlined(s, a))
            continue;
        bool of_file = array->role == ROLE_ADJOINT && belongs_to_file(s, array->of);
        if (!of_file) array->name = new_name(s);
        const char *base = array->name;
        for (unsigned k = 2; array->name && is_array_name(s, array->name, a); k++)
            array->name = arena_format(s->program->arena, "%s_%u", base, k);
        if (!array->name) array->name = base;
    }
}

static bool is_taken(const struct sheet *s, const char *name, const uint32_t *open, size_t count) {
    for (size_t k = 0; k < count; k++) {
        const struct step *step = &s->program->steps.at[open[k]];
        if (step->kind == STEP_LOOP && strcmp(s->renderer.index_names[step->index], name) == 0) return true;
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
    const char **names = s->renderer.index_names;
    VEC(uint32_t) open = {0};
    for (uint32_t i = 0; i < s->program->steps.count; i++) {
        const struct step *step = &s->program->steps.at[i];
        if (step->kind == STEP_END) open.count--;
        if (step->kind != STEP_LOOP && step->kind != STEP_WHEN) continue;
        if (step->kind == STEP_LOOP && !names[step->index]) {
            const char *base = s->program->indices.at[step->index].name, *name = base;
            for (unsigned k = 2; name && is_taken(s, name, open.at, open.count); k++)
                name = arena_format(s->program->arena, "%s%u", base, k);
            names[step->index] = name ? name : base;
            s->loop_of[step->index] = range_of_loop(s, step);
        }
        if (!VEC_PUSH(&open, i)) s->failed = true;
    }
    VEC_FREE(&open);
}

static bool is_index_name(const struct sheet *s, const char *name, size_t count) {
    for (size_t k = 1; k < count; k++)
        if (s->renderer.index_names[k] && strcmp(s->renderer.index_names[k], name) == 0) return true;
    return false;
}

/* How many letters the indices of chosen elements take before those of an array's own element. */
static uint32_t first_letter(const struct sheet *s, array_id array) {
    const struct chosen *chosen = &s->definitions.chosen;
    struct element_set set = chosen_of_array(chosen, array);
    uint32_t first = 0;
    for (uint32_t k = 0; k < set.count; k++) {
        const struct chosen_element *element = &chosen->elements[set.members[k]];
        if (element->before + element->rank > first) first = element->before + element->rank;
    }
    return first;
}

/* The indices of elements: k, l, m, ... where the file does not use these. */
static void name_elements(struct sheet *s, size_t loops) {
    static const char *const letters[] = {"k", "l", "m", "p", "q", "r", "u", "v", "w", "z"};
    const char *chosen[16];
    size_t count = 0;
    for (size_t k = 0; k < sizeof letters / sizeof *letters && count < 16; k++)
        if (!is_index_name(s, letters[k], loops) && !is_array_name(s, letters[k], 0))
            chosen[count++] = letters[k];
    for (unsigned k = 1; count < 16; k++) chosen[count++] = arena_format(s->program->arena, "k_%u", k);
    for (size_t e = 0; e < s->definitions.chosen.count; e++) {
        const struct chosen_element *element = &s->definitions.chosen.elements[e];
        for (uint32_t k = 0; k < element->rank; k++) {
            const char *name = chosen[(element->before + k) % 16];
            s->renderer.index_names[element->indices[k]] = name ? name : "k";
            s->loop_of[element->indices[k]] = element->dims[k];
        }
    }
    for (array_id a = 1; a < s->definitions.count; a++) {
        const struct definition *def = definition_of(s, a);
        uint32_t own = def ? s->program->arrays.at[a].rank : 0, first = own ? first_letter(s, a) : 0;
        for (uint32_t k = 0; k < own; k++) {
            index_id index = def->indices[def->own + k];
            s->renderer.index_names[index] = chosen[(first + k) % 16] ? chosen[(first + k) % 16] : "k";
            s->loop_of[index] = def->ranges[def->own + k];
        }
    }
}

/* ---- Inlining ---- */

static const char *inline_read(void *context, array_id array, const node_id *subscripts, uint32_t rank,
                               enum binding_strength *strength) {
    struct sheet *s = context;
    const struct definition *def = definition_of(s, array);
    if (sheet_shows_name(s, array) || !def || rank != def->rank) return NULL;
    /* The same element as the definition's: otherwise its indices are replaced. */
    struct definition moved = *def;
    size_t count = s->program->indices.count;
    node_id *replacements = calloc(count, sizeof *replacements);
    struct term *terms = ARENA_ARRAY(s->program->arena, struct term, def->terms.count + 1);
    if (!replacements || !terms) {
        s->failed = true;
        free(replacements);
        return NULL;
    }
    for (uint32_t k = 0; k < rank; k++) replacements[def->indices[k]] = subscripts[k];
    for (size_t k = 0; k < def->terms.count; k++) {
        terms[k] = def->terms.at[k];
        terms[k].value = replace_indices(s->program, terms[k].value, replacements, count);
        terms[k].wrappers = ARENA_ARRAY(s->program->arena, struct wrapper, terms[k].count + 1);
        for (uint32_t w = 0; terms[k].wrappers && w < terms[k].count; w++) {
            struct wrapper from = def->terms.at[k].wrappers[w];
            terms[k].wrappers[w] = (struct wrapper){
                .index = from.index,
                .lower = replace_indices(s->program, from.lower, replacements, count),
                .upper = replace_indices(s->program, from.upper, replacements, count),
                .by = replace_indices(s->program, from.by, replacements, count),
                .condition = replace_indices(s->program, from.condition, replacements, count)};
        }
        if (!terms[k].wrappers) terms[k].count = 0;
    }
    free(replacements);
    moved.terms.at = terms;
    return sheet_formula(s, &moved, strength);
}

/* ---- Lines ---- */

/* The indices that occur in a node, in order. */
static uint32_t indices_in(struct sheet *s, node_id n, index_id *found, uint32_t most) {
    uint32_t count = 0;
    for (index_id i = 1; i < s->program->indices.count && count < most; i++)
        if (s->renderer.index_names[i] && uses_index(s->program->graph, n, i)) found[count++] = i;
    return count;
}

static int by_number(const void *a, const void *b) {
    node_id x = *(const node_id *)a, y = *(const node_id *)b;
    return x < y ? -1 : x > y;
}

static bool make_name_room(struct sheet *s) {
    size_t count = graph_count(s->program->graph), old = s->renderer.names.count;
    if (count <= old) return true;
    if (!VEC_RESERVE(&s->renderer.names, count)) return false;
    memset(s->renderer.names.at + old, 0, (count - old) * sizeof *s->renderer.names.at);
    s->renderer.names.count = count;
    return true;
}

/* "t1[k, l]" */
static const char *element_text(struct sheet *s, const struct sheet_line *line) {
    struct text text = {0};
    text_add(&text, line->name);
    for (uint32_t k = 0; k < line->rank; k++)
        text_addf(&text, "%s%s", k ? ", " : "[", s->renderer.index_names[line->indices[k]]);
    if (line->rank) text_add(&text, "]");
    const char *shown = text.failed ? NULL : arena_text(s->program->arena, text_string(&text), text.length);
    text_free(&text);
    return shown;
}

struct reads {
    const struct graph *graph;
    VEC(node_id) all;
};

static void take_read(void *context, node_id n) {
    struct reads *reads = context;
    if (node_op(reads->graph, n) == OP_READ) VEC_PUSH(&reads->all, n);
}

static bool is_between(struct known *known, node_id number, struct dimension range) {
    struct graph *g = known->p->graph;
    return known_not_negative(known, mk_isub(g, number, range.lower)) &&
           known_not_negative(known, mk_isub(g, range.upper, number));
}

static bool is_inside(struct sheet *s, node_id read) {
    struct program *p = s->program;
    struct known *known = &s->definitions.known;
    const struct array *array = &p->arrays.at[node_payload(p->graph, read)];
    const struct definition *def = definition_of(s, node_payload(p->graph, read));
    uint32_t count = node_count(p->graph, read);
    bool inside = true;
    if (!def) {
        for (uint32_t k = 0; inside && k < array->rank; k++)
            inside = is_between(known, node_operand(p->graph, read, k), array->dims[k]);
        return inside;
    }
    node_id *subscripts = calloc(p->indices.count, sizeof *subscripts);
    inside = subscripts != NULL;
    for (uint32_t k = 0; inside && k < count; k++) {
        node_id subscript = node_operand(p->graph, read, k);
        struct dimension range = def->ranges[k];
        /* Ranges of loops may use the indices of those around. */
        range.lower = replace_indices(p, range.lower, subscripts, p->indices.count);
        range.upper = replace_indices(p, range.upper, subscripts, p->indices.count);
        inside = is_between(known, subscript, range);
        subscripts[def->indices[k]] = subscript;
    }
    free(subscripts);
    return inside;
}

/* Whether all elements that an expression reads exist, whatever its indices are in their ranges: then it can
 * stand in a line of its own, outside of the conditions around its uses. */
static bool is_defined_everywhere(struct sheet *s, node_id root, const index_id *indices, uint32_t count) {
    struct known *known = &s->definitions.known;
    struct read_walk walk;
    struct reads reads = {s->program->graph, {0}};
    known->ranges.count = 0;
    for (uint32_t k = 0; k < count; k++)
        known_add(known, indices[k], s->loop_of[indices[k]].lower, s->loop_of[indices[k]].upper);
    read_walk_init(&walk, s->program->graph);
    read_walk_enter(&walk, 1);
    bool inside = read_walk_add(&walk, root, take_read, &reads);
    for (size_t k = 0; inside && k < reads.all.count; k++) inside = is_inside(s, reads.all.at[k]);
    read_walk_release(&walk);
    VEC_FREE(&reads.all);
    return inside;
}

/* In a file the ranges of an array's indices do not depend on each other. */
static void declare_ranges(struct sheet *s, struct sheet_line *line) {
    if (s->definitions.for_eyes || line->rank < 2) return;
    struct dimension *ranges = ARENA_ARRAY(s->program->arena, struct dimension, line->rank);
    if (!ranges) return;
    memcpy(ranges, line->ranges, line->rank * sizeof *ranges);
    line->ranges = ranges;
    node_id inside = widen_ranges(s->program, line->indices, ranges, line->rank);
    if (node_op(s->program->graph, inside) == OP_BOOL) return;
    const char *condition = render(&s->renderer, inside, BINDS_OR);
    line->formula = arena_format(s->program->arena, "if %s then %s else 0", condition, line->formula);
    if (!line->formula) s->failed = true;
}

/* Gives a shared expression a name where that shortens the whole. */
static void name_shared(struct sheet *s, node_id n) {
    enum { MOST = 4 };
    index_id indices[MOST + 1];
    struct rendered r = render_node(&s->renderer, n);
    size_t length = r.text ? strlen(r.text) : 0;
    if (length < SHORTEST_SHARED) return;
    uint32_t count = indices_in(s, n, indices, MOST + 1);
    if (count > MOST || (count > 0 && length < LONGEST_REPEATED) || !make_name_room(s)) return;
    if (count > 0 && !is_defined_everywhere(s, n, indices, count)) return;
    struct sheet_line line = {
        .name = new_name(s), .rank = count, .formula = render(&s->renderer, n, BINDS_IF)};
    line.indices = ARENA_ARRAY(s->program->arena, index_id, count + 1);
    line.ranges = ARENA_ARRAY(s->program->arena, struct dimension, count + 1);
    for (uint32_t k = 0; line.indices && line.ranges && k < count; k++) {
        line.indices[k] = indices[k];
        line.ranges[k] = s->loop_of[indices[k]];
    }
    if (line.indices && line.ranges) declare_ranges(s, &line);
    const char *shown = line.indices && line.ranges ? element_text(s, &line) : NULL;
    if (count) line.first_index = s->renderer.index_names[line.indices[0]];
    if (!shown || !VEC_PUSH(&s->lines, line)) s->failed = true;
    s->renderer.names.at[n] = shown;
    s->renderer.nodes.at[n] = (struct rendered){.text = shown, .strength = BINDS_ATOM, .degree = 1};
}

static void name_all_shared(struct sheet *s) {
    if (s->shared.count) qsort(s->shared.at, s->shared.count, sizeof *s->shared.at, by_number);
    for (size_t k = 0; k < s->shared.count && !s->failed; k++)
        if (s->users.at[s->shared.at[k]] > 1) name_shared(s, s->shared.at[k]);
}

static void add_definition(struct sheet *s, const struct definition *def) {
    enum binding_strength strength;
    struct sheet_line line = {.name = s->program->arrays.at[def->array].name,
                              .indices = def->indices,
                              .ranges = def->ranges,
                              .rank = def->rank,
                              .down = def->down,
                              .definition = def};
    line.formula = sheet_formula(s, def, &strength);
    declare_ranges(s, &line);
    if (def->rank) {
        line.first_index = s->renderer.index_names[def->indices[0]];
        line.first_down = def->down[0];
    }
    if (!VEC_PUSH(&s->lines, line)) s->failed = true;
}

static int by_position(const void *a, const void *b) {
    const struct definition *x = *(const struct definition *const *)a,
                            *y = *(const struct definition *const *)b;
    return x->position < y->position ? -1 : x->position > y->position;
}

/* In the order in which they come about. */
static void add_definitions(struct sheet *s) {
    VEC(const struct definition *) list = {0};
    for (array_id a = 1; a < s->definitions.count; a++) {
        const struct definition *def = definition_of(s, a);
        bool line = def && s->needed[a] && !belongs_to_file(s, a) && !can_be_inlined(s, a) &&
                    !is_derivative(s->program->arrays.at[a].role);
        if (line && !VEC_PUSH(&list, def)) s->failed = true;
    }
    if (list.count) qsort(list.at, list.count, sizeof *list.at, by_position);
    for (size_t k = 0; k < list.count; k++) add_definition(s, list.at[k]);
    VEC_FREE(&list);
}

bool sheet_make(struct sheet *s, struct program *p, const array_id *targets, size_t count,
                const struct chosen_element *elements, size_t element_count, bool for_eyes,
                struct formula_names *names) {
    size_t loops = p->indices.count;
    *s = (struct sheet){.program = p, .names = names};
    if (!definitions_make(&s->definitions, p, elements, element_count, for_eyes)) return false;
    s->renderer = (struct renderer){
        .program = p, .inlined = inline_read, .context = s, .first_element = (index_id)loops};
    s->renderer.index_names = ARENA_ARRAY(p->arena, const char *, p->indices.count + 1);
    s->loop_of = ARENA_ARRAY(p->arena, struct dimension, p->indices.count + 1);
    s->needed = calloc(p->arrays.count, sizeof *s->needed);
    s->uses = calloc(p->arrays.count, sizeof *s->uses);
    if (!s->renderer.index_names || !s->loop_of || !s->needed || !s->uses) return false;
    count_uses(s, targets, count);
    name_loops(s);
    name_elements(s, loops);
    name_arrays(s);
    name_all_shared(s);
    add_definitions(s);
    for (size_t k = 0; k < s->lines.count; k++)
        if (!VEC_PUSH(&names->taken, s->lines.at[k].name)) s->failed = true;
    s->failed |= s->renderer.failed || p->failed || p->graph->failed;
    return !s->failed;
}

void sheet_release(struct sheet *s) {
    definitions_release(&s->definitions);
    renderer_release(&s->renderer);
    free(s->needed);
    free(s->uses);
    VEC_FREE(&s->users);
    VEC_FREE(&s->shared);
    VEC_FREE(&s->lines);
}
