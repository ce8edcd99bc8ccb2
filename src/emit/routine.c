#include "emit/routine.h"

#include <stdlib.h>
#include <string.h>

#include "emit/maker.h"
#include "ir/expand.h"
#include "schedule/schedule.h"

/* gcc takes least for pieces of this length; code that it compiles in about a second stays whole. */
enum { LONGEST_OFFSET = 40 };
static const struct plan_limits limits = {.longest_sequence = 1024, .piece_length = 256};

const char *maker_format(struct maker *m, const char *form, const char *a, const char *b) {
    const char *text = arena_format(m->u->arena, form, a, b);
    if (!text) m->failed = true;
    return text ? text : "";
}

static const char *numbered(struct maker *m, const char *name, size_t number) {
    const char *text = arena_format(m->u->arena, "%s[%zu]", name, number);
    return text ? text : "";
}

/* ---- Preparation ---- */

static bool make_code(struct maker *m) {
    struct unit *u = m->u;
    if (!program_expand(&m->program, m->r->program)) return unit_out_of_memory(u);
    if (!schedule_program(&m->code, &m->program, u->diags)) return false;
    size_t arrays = m->program.arrays.count, count = m->code.instructions.count;
    m->storage = calloc(arrays, sizeof *m->storage);
    m->seats = calloc(arrays, sizeof *m->seats);
    m->sizes = calloc(arrays, sizeof *m->sizes);
    m->wanted = calloc(arrays, sizeof *m->wanted);
    m->stored = calloc(arrays, sizeof *m->stored);
    m->own_cells = calloc(arrays, sizeof *m->own_cells);
    m->body.phrases = calloc(count, sizeof *m->body.phrases);
    m->body.carried = calloc(count, sizeof *m->body.carried);
    bool good = m->storage && m->seats && m->sizes && m->wanted && m->stored && m->own_cells &&
                m->body.phrases && m->body.carried && plan_make(&m->plan, &m->code, &limits) &&
                fold_make(&m->fold, &m->code, &m->plan);
    if (good) m->cells = calloc(m->plan.slots + 1, sizeof *m->cells);
    return (good && m->cells) || unit_out_of_memory(u);
}

/* Numbers of the cells between pieces, by kind. */
static void number_cells(struct maker *m) {
    for (uint32_t i = 1; i < m->code.instructions.count; i++) {
        const struct instruction *in = &m->code.instructions.at[i];
        bool real = in->type == TYPE_REAL && in->kind != CODE_LOOP;
        if (m->plan.slot[i]) m->cells[m->plan.slot[i] - 1] = real ? m->kept++ : m->whole++;
    }
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        bool real = m->program.arrays.at[a].type == TYPE_REAL;
        bool own = maker_is_cut(m) && m->program.arrays.at[a].rank == 0 && code_is_local(&m->program, a);
        if (m->plan.local_slot[a])
            m->cells[m->plan.local_slot[a] - 1] = real ? m->kept++ : m->whole++;
        else if (own && m->seats[a].touched)
            m->own_cells[a] = real ? m->kept++ : m->whole++;
    }
}

static void find_touched(struct maker *m) {
    for (uint32_t i = 1; i < m->code.instructions.count; i++) {
        const struct instruction *in = &m->code.instructions.at[i];
        if (in->kind == CODE_LOAD || in->kind == CODE_STORE || in->kind == CODE_CLEAR)
            m->seats[in->source].touched = true;
    }
}

static void seat_in(struct maker *m, size_t vector, size_t part) {
    array_id a = m->r->vectors[vector].parts[part].array;
    if (!a) return;
    m->seats[a].vector = (int)vector;
    m->seats[a].part = part;
}

static void take_seats(struct maker *m) {
    for (array_id a = 1; a < m->program.arrays.count; a++) m->seats[a].vector = NO_VECTOR;
    for (size_t v = 0; v < m->r->vector_count; v++)
        for (size_t k = 0; k < m->r->vectors[v].count; k++) seat_in(m, v, k);
    if (m->r->returned) m->seats[m->r->returned].vector = RETURNED;
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct array *array = &m->program.arrays.at[a];
        bool elsewhere = m->seats[a].vector != NO_VECTOR || unit_is_input(&m->program, a) ||
                         code_is_local(&m->program, a) || !m->seats[a].touched;
        if (elsewhere || (array->rank == 0 && !maker_is_cut(m))) continue;
        m->seats[a].vector = WORKSPACE;
        m->stored[m->stored_count++] = a;
    }
}

static void reserve_names(struct maker *m) {
    static const char *const own[] = {"inputs", "workspace", "frame",  "kept",
                                      "whole",  "order",     "values", "begins"};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) names_reserve(&m->names, own[k]);
    for (size_t v = 0; v < m->r->vector_count; v++) names_reserve(&m->names, m->r->vectors[v].name);
}

static void name_arrays(struct maker *m) {
    reserve_names(m);
    if (!name_inputs(m->u, &m->program, &m->names, m->storage)) m->failed = true;
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct array *array = &m->program.arrays.at[a];
        if (unit_is_input(&m->program, a) || !m->seats[a].touched) continue;
        m->seats[a].name = names_take(&m->names, array->name ? array->name : "array");
    }
}

/* ---- Places ---- */

static bool is_made(const struct maker *m, const struct routine_part *part) {
    return part->array && m->seats[part->array].touched;
}

/* Which sizes are needed to tell where arrays begin: those of all before the last that is touched. */
static void want_sizes(struct maker *m, const struct routine_vector *v) {
    size_t end = v->count;
    while (end > 0 && !is_made(m, &v->parts[end - 1]) && !v->is_result) end--;
    for (size_t k = 0; k < end; k++) {
        const struct routine_part *part = &v->parts[k];
        bool needless = is_made(m, part) && (k + 1 == end || v->layout != LAYOUT_DENSE);
        if (!needless) m->wanted[part->like] = m->program.arrays.at[part->like].rank > 0;
    }
}

void maker_setup(struct maker *m, const char *line) {
    lines_add(&m->setup, 1, line);
}

/* The name that a sum has already; NULL: none. Vectors of one shape have the same sums. */
static const char *begin_named(const struct maker *m, const char *sum) {
    for (size_t k = 0; k < m->begins.count; k++)
        if (strcmp(m->begins.at[k].sum, sum) == 0) return m->begins.at[k].name;
    return NULL;
}

/* Long sums get a name on the way. */
static struct phrase place_here(struct maker *m, struct tally_sum *sum, const char *what) {
    struct phrase place = tally_sum_phrase(maker_phrasing(m), sum);
    if (place.length <= LONGEST_OFFSET) return place;
    const char *name = begin_named(m, place.text);
    if (!name) {
        name = names_take(&m->names, maker_format(m, "%s_%s", what, "begin"));
        maker_setup(m, maker_format(m, "const int64_t %s = %s;", name, place.text));
        struct begin begin = {place.text, name};
        if (!VEC_PUSH(&m->begins, begin)) m->failed = true;
    }
    *sum = (struct tally_sum){.rest = phrase_name(name)};
    return phrase_name(name);
}

/* Where part k begins, behind parts of that size. */
static struct phrase part_place(struct maker *m, const struct routine_vector *v, size_t k,
                                struct tally_sum *sum) {
    if (v->layout == LAYOUT_PLACED) return phrase_name(numbered(m, "begins", k));
    if (v->layout == LAYOUT_APART) return phrase_integer(maker_phrasing(m), 0);
    return tally_sum_phrase(maker_phrasing(m), sum);
}

static void place_vector(struct maker *m, const struct routine_vector *v) {
    struct tally_sum sum = {0};
    for (size_t k = 0; k < v->count; k++) {
        const struct routine_part *part = &v->parts[k];
        const char *name = m->program.arrays.at[part->like].name;
        if (is_made(m, part))
            m->seats[part->array].place =
                v->layout == LAYOUT_DENSE ? place_here(m, &sum, name) : part_place(m, v, k, &sum);
        if (m->sizes[part->like].text) tally_sum_add(maker_phrasing(m), &sum, m->sizes[part->like]);
    }
}

static void place_workspace(struct maker *m) {
    struct tally_sum sum = {0};
    for (size_t k = 0; k < m->stored_count; k++) {
        array_id a = m->stored[k];
        m->seats[a].place = place_here(m, &sum, m->program.arrays.at[a].name);
        if (m->sizes[a].text) tally_sum_add(maker_phrasing(m), &sum, m->sizes[a]);
    }
    m->room = tally_sum_phrase(maker_phrasing(m), &sum);
}

static bool write_sizes(struct maker *m) {
    for (size_t v = 0; v < m->r->vector_count; v++) want_sizes(m, &m->r->vectors[v]);
    for (size_t k = 0; k < m->stored_count; k++) {
        bool last = k + 1 == m->stored_count && m->kept == 0;
        m->wanted[m->stored[k]] |= !last && m->program.arrays.at[m->stored[k]].rank > 0;
    }
    struct measure measure = {.unit = m->u,
                              .program = &m->program,
                              .wanted = m->wanted,
                              .names = &m->names,
                              .phrasing = m->body.phrasing,
                              .storage = m->storage,
                              .sizes = m->sizes,
                              .out = &m->setup};
    return measure_write(&measure);
}

/* ---- How arrays are called ---- */

static const char *vector_name(const struct maker *m, int vector) {
    return vector == WORKSPACE ? "workspace" : m->r->vectors[vector].name;
}

enum routine_layout maker_layout(const struct maker *m, array_id a) {
    int vector = m->seats[a].vector;
    return vector < 0 ? LAYOUT_DENSE : m->r->vectors[vector].layout;
}

static bool is_apart(const struct maker *m, array_id a) {
    return maker_layout(m, a) == LAYOUT_APART;
}

/* In cut code single results stand where they belong, and so does the point. */
static void hold_single_in_cut(struct maker *m, array_id a) {
    struct seat *seat = &m->seats[a];
    struct storage *s = &m->storage[a];
    s->kind = HELD_SINGLE;
    if (is_apart(m, a)) {
        s->name = maker_format(m, "%s[0]%s", seat->name, "");
    } else if (seat->vector == RETURNED) {
        s->name = maker_format(m, "frame->%s%s", seat->name, "");
    } else if (seat->vector == NO_VECTOR) {
        uint32_t slot = m->plan.local_slot[a], number = slot ? m->cells[slot - 1] : m->own_cells[a];
        bool real = m->program.arrays.at[a].type == TYPE_REAL;
        s->cells = real ? CELLS_KEPT : CELLS_WHOLE;
        s->name = arena_format(m->u->arena, "%s[%u]", real ? "kept" : "whole", number);
    } else {
        s->name = phrase_element(maker_phrasing(m), vector_name(m, seat->vector), seat->place).text;
        if (strpbrk(seat->place.text, "abcdefghijklmnopqrstuvwxyz"))
            s->name = maker_format(m, "%s[0]%s", seat->name, "");
    }
}

/* An array of a vector has the size of what it is like; NULL: it is not known. */
static const char *size_in_vector(const struct maker *m, const struct routine_vector *v, array_id a) {
    for (size_t k = 0; k < v->count && m->seats[a].vector >= 0; k++)
        if (v->parts[k].array == a) return m->sizes[v->parts[k].like].text;
    return NULL;
}

/* The name of its size, or NULL; pieces of cut code do not see it. */
static const char *size_of(const struct maker *m, array_id a) {
    const char *size = m->sizes[a].text;
    for (size_t v = 0; v < m->r->vector_count && !size; v++) size = size_in_vector(m, &m->r->vectors[v], a);
    return size;
}

static void hold(struct maker *m, array_id a) {
    const struct array *array = &m->program.arrays.at[a];
    struct storage *s = &m->storage[a];
    if (unit_is_input(&m->program, a) || !m->seats[a].touched) return;
    s->name = m->seats[a].name;
    if (!maker_is_cut(m) && !m->has_kernel) s->count = size_of(m, a);
    if (is_apart(m, a) && array->rank > 0)
        s->step = names_take(&m->names, maker_format(m, "%s_step%s", s->name, ""));
    if (array->rank > 0)
        s->kind = HELD_ARRAY;
    else if (maker_is_cut(m))
        hold_single_in_cut(m, a);
    else
        s->kind = role_is_input(array->role) ? HELD_SINGLE : HELD_VARIABLE;
}

/* Results that the body sets in an inner block are declared before it. */
static bool hold_all(struct maker *m) {
    for (array_id a = 1; a < m->program.arrays.count; a++) hold(m, a);
    if (!body_place_variables(&m->code, &m->fold, m->storage)) return unit_out_of_memory(m->u);
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        struct storage *s = &m->storage[a];
        bool outer =
            s->home == 0 || m->seats[a].vector != NO_VECTOR || role_is_output(m->program.arrays.at[a].role);
        if (s->kind != HELD_VARIABLE || !outer || (s->declared_at && s->home == 0)) continue;
        s->kind = HELD_OUTSIDE;
        s->declared_at = 0;
    }
    return true;
}

/* ---- Declarations ---- */

const char *maker_type(const struct maker *m, array_id a) {
    return body_type(&m->body, m->program.arrays.at[a].type);
}

const char *maker_place(struct maker *m, array_id a) {
    const struct seat *seat = &m->seats[a];
    const char *vector = vector_name(m, seat->vector);
    if (is_apart(m, a)) return numbered(m, "target", seat->part);
    return strcmp(seat->place.text, "0") == 0 ? vector : maker_format(m, "%s + %s", vector, seat->place.text);
}

const char *maker_comment(struct maker *m, array_id a) {
    const struct array *array = &m->program.arrays.at[a];
    const struct source *source = array->span.source ? source_get(m->u->sources, array->span.source) : NULL;
    if (!source || array->of) return "";
    const char *text =
        arena_format(m->u->arena, " /* line %u */", source_position(source, array->span.begin).line);
    return text ? text : "";
}

static void declare_whole(struct maker *m, array_id a) {
    const struct storage *s = &m->storage[a];
    const struct seat *seat = &m->seats[a];
    const char *type = maker_type(m, a);
    if (s->kind == HELD_ARRAY) {
        m->u->needs.helpers[HELPER_RESTRICT] = true;
        const char *head = arena_format(m->u->arena, "%s%s *GRADC_RESTRICT const %s",
                                        s->written ? "" : "const ", type, s->name);
        maker_setup(m, arena_format(m->u->arena, "%s = %s;%s", head, maker_place(m, a), maker_comment(m, a)));
        if (!s->step) return;
        maker_setup(m, maker_format(m, "const int64_t %s = %s;", s->step, numbered(m, "step", seat->part)));
        m->r->uses_step = true;
    } else if (s->kind == HELD_SINGLE && seat->vector >= 0) {
        const char *element =
            phrase_element(maker_phrasing(m), vector_name(m, seat->vector), seat->place).text;
        maker_setup(m, arena_format(m->u->arena, "const %s %s = %s;", type, s->name, element));
    } else if (s->kind == HELD_OUTSIDE) {
        const char *zero =
            m->program.arrays.at[a].type == TYPE_REAL ? phrase_real(maker_phrasing(m), 0).text : "0";
        maker_setup(m, arena_format(m->u->arena, "%s %s = %s;", type, s->name, zero));
    }
}

void maker_note_vectors(struct maker *m) {
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct storage *s = &m->storage[a];
        if (!s->read && !s->written) continue;
        if (m->seats[a].vector >= 0) m->r->uses_vector[m->seats[a].vector] = true;
        if (m->seats[a].vector == WORKSPACE) m->r->uses_workspace = true;
    }
}

/* ---- Results ---- */

/* Element k of a part. */
static const char *element_of(struct maker *m, size_t which, size_t part, struct phrase place,
                              const char *k) {
    const struct routine_vector *v = &m->r->vectors[which];
    if (v->layout == LAYOUT_APART) {
        const char *text = arena_format(m->u->arena, "target[%zu][%s * step[%zu]]", part, k, part);
        m->r->uses_step = true;
        return text ? text : "";
    }
    struct phrase at = phrase_name(k);
    if (strcmp(place.text, "0") != 0) at = phrase_sum(maker_phrasing(m), place, at);
    return phrase_element(maker_phrasing(m), v->name, at).text;
}

static void zero_part(struct maker *m, size_t which, size_t part, struct phrase place, struct text *out) {
    const struct routine_vector *v = &m->r->vectors[which];
    struct phrase size = m->sizes[v->parts[part].like];
    const char *zero = phrase_real(maker_phrasing(m), 0).text, *line;
    size_t scope = names_open(&m->names);
    if (strcmp(size.text, "1") == 0 && v->layout != LAYOUT_APART) {
        line = arena_format(m->u->arena, "%s = %s;", phrase_element(maker_phrasing(m), v->name, place).text,
                            zero);
    } else {
        const char *k = names_take(&m->names, "k");
        line = arena_format(m->u->arena, "for (int64_t %s = 0; %s < %s; %s++) %s = %s;", k, k, size.text, k,
                            element_of(m, which, part, place, k), zero);
    }
    lines_add(out, 1, line ? line : "");
    names_close(&m->names, scope);
}

/* What a vector has that the body does not make. */
static void add_zeros_of(struct maker *m, size_t which, struct text *out) {
    const struct routine_vector *v = &m->r->vectors[which];
    struct tally_sum sum = {0};
    for (size_t k = 0; v->is_result && k < v->count; k++) {
        struct phrase size = m->sizes[v->parts[k].like];
        if (!is_made(m, &v->parts[k])) {
            zero_part(m, which, k, part_place(m, v, k, &sum), out);
            m->r->uses_vector[which] = true;
        }
        if (size.text) tally_sum_add(maker_phrasing(m), &sum, size);
    }
}

void maker_add_zeros(struct maker *m, struct text *out) {
    for (size_t v = 0; v < m->r->vector_count; v++) add_zeros_of(m, v, out);
}

/* Where a single result goes that the body has in a variable; NULL: it is none. */
static const char *target_of(struct maker *m, array_id a) {
    const struct seat *seat = &m->seats[a];
    bool result = seat->vector >= 0 && m->r->vectors[seat->vector].is_result && seat->touched;
    if (!result || maker_is_cut(m) || m->program.arrays.at[a].rank > 0) return NULL;
    if (seat->target) return maker_format(m, "*%s%s", seat->target, "");
    m->r->uses_vector[seat->vector] = true;
    if (is_apart(m, a)) return maker_format(m, "%s%s", maker_place(m, a), "[0]");
    return phrase_element(maker_phrasing(m), m->r->vectors[seat->vector].name, seat->place).text;
}

void maker_add_results(struct maker *m, struct text *out) {
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const char *target = target_of(m, a);
        const char *line = target ? arena_format(m->u->arena, "%s = %s;", target, m->storage[a].name) : NULL;
        if (line) lines_add(out, 1, line);
    }
    if (!m->r->returned) return;
    const char *name = m->storage[m->r->returned].name;
    lines_add(out, 1,
              m->seats[m->r->returned].touched ? maker_format(m, "return %s%s;", name ? name : "0", "")
                                               : "return 0;");
}

/* ---- Whole functions ---- */

static void write_whole(struct maker *m) {
    struct routine *r = m->r;
    m->body.out = &m->lines;
    m->body.depth = 1;
    body_write(&m->body, 0);
    declare_inputs(m->u, &m->program, m->storage, "inputs->", 1, &r->statements, &r->uses_inputs);
    maker_note_vectors(m);
    struct text sizes = m->setup;
    text_add(&r->statements, text_string(&sizes));
    m->setup = (struct text){0};
    for (array_id a = 1; a < m->program.arrays.count; a++)
        if (!unit_is_input(&m->program, a) &&
            (m->storage[a].read || m->storage[a].written || m->storage[a].kind == HELD_OUTSIDE))
            declare_whole(m, a);
    text_add(&r->statements, text_string(&m->setup));
    text_add(&r->statements, text_string(&m->lines));
    maker_add_zeros(m, &r->statements);
    maker_add_results(m, &r->statements);
    text_free(&sizes);
}

/* ---- The whole ---- */

static void release(struct maker *m) {
    free(m->storage);
    free(m->seats);
    free(m->sizes);
    free(m->wanted);
    free(m->stored);
    free(m->cells);
    free(m->own_cells);
    free(m->body.phrases);
    free(m->body.carried);
    VEC_FREE(&m->body.scopes);
    VEC_FREE(&m->begins);
    text_free(&m->frame);
    text_free(&m->lines);
    text_free(&m->setup);
    names_release(&m->names);
    fold_release(&m->fold);
    plan_release(&m->plan);
    code_release(&m->code);
    program_release(&m->program);
}

bool routine_make(struct unit *u, struct routine *r) {
    struct maker m = {.u = u, .r = r};
    names_init(&m.names, u->arena, u->prefix);
    bool good = make_code(&m);
    m.body.code = &m.code;
    m.body.plan = &m.plan;
    m.body.fold = &m.fold;
    m.body.storage = m.storage;
    m.body.names = &m.names;
    m.body.needs = &u->needs;
    m.body.phrasing = (struct phrasing){u->arena, u->single};
    m.body.name = r->name;
    m.body.sources = u->sources;
    m.body.frozen = u->frozen ? u->binding : NULL;
    if (good) {
        find_touched(&m);
        number_cells(&m);
        m.body.cells = m.cells;
        take_seats(&m);
        name_arrays(&m);
        m.has_kernel = maker_wants_kernel(&m);
        size_t scope = names_open(&m.names);
        good = write_sizes(&m);
        for (size_t v = 0; good && v < r->vector_count; v++) place_vector(&m, &r->vectors[v]);
        if (good) place_workspace(&m);
        if (m.has_kernel) names_close(&m.names, scope);
        good = good && hold_all(&m);
    }
    if (good && maker_is_cut(&m)) maker_write_pieces(&m);
    if (good && !maker_is_cut(&m) && !m.has_kernel) write_whole(&m);
    if (good && m.has_kernel) maker_write_kernel(&m);
    bool failed = m.failed || m.names.failed || m.lines.failed || r->statements.failed || r->pieces.failed ||
                  u->arena->failed;
    if (good && failed) good = unit_out_of_memory(u);
    good = good && tally_make(&r->room, u, &m.program, m.stored, m.stored_count, m.kept);
    release(&m);
    return good;
}

bool routine_has_begins(const struct routine *r) {
    for (size_t v = 0; v < r->vector_count; v++)
        if (r->vectors[v].layout == LAYOUT_PLACED) return true;
    return false;
}

void routine_declare(const struct unit *u, const struct routine *r, struct text *out) {
    const char *gap = "";
    const char *linkage = r->is_seldom ? "GRADC_SELDOM static " : r->is_static ? "static " : "";
    text_addf(out, "%s%s %s(", linkage, r->returned ? unit_real(u) : "void", r->name);
    if (u->has_inputs) {
        text_addf(out, "const struct %s_inputs *inputs", u->prefix);
        gap = ", ";
    }
    for (size_t v = 0; v < r->vector_count; v++) {
        const struct routine_vector *vector = &r->vectors[v];
        const char *type = vector->is_integer ? "int64_t" : unit_real(u);
        if (vector->layout == LAYOUT_APART)
            text_addf(out, "%s%s *const *target, const int64_t *step", gap, type);
        else
            text_addf(out, "%s%s%s *%s", gap, vector->is_result ? "" : "const ", type, vector->name);
        gap = ", ";
    }
    if (routine_has_begins(r)) text_add(out, ", const int64_t *begins");
    if (u->has_workspace) text_addf(out, "%s%s *workspace", gap, unit_real(u));
    text_add(out, ")");
}

/* A matrix may have no entries. */
static bool uses_begins(const struct routine *r) {
    bool used = false;
    for (size_t v = 0; v < r->vector_count; v++)
        used |= r->vectors[v].layout == LAYOUT_PLACED && r->uses_vector[v];
    return used;
}

void routine_write(const struct unit *u, const struct routine *r, struct text *out) {
    if (!r->room.known) {
        text_addf(out, "/* The workspace that %s takes. */\nstatic size_t %s_room(", r->name, r->name);
        unit_template(u, out, "@V) {\n");
        if (u->has_inputs && !r->room.uses_inputs) text_add(out, "    (void)inputs;\n");
        text_addf(out, "%s}\n\n", text_string(&r->room.statements));
    }
    text_add(out, text_string(&r->pieces));
    struct text head = {0};
    routine_declare(u, r, &head);
    text_add(&head, " {");
    lines_add(out, 0, text_string(&head));
    out->failed |= head.failed;
    text_free(&head);
    if (u->has_inputs && !r->uses_inputs) text_add(out, "    (void)inputs;\n");
    for (size_t v = 0; v < r->vector_count; v++) {
        bool apart = r->vectors[v].layout == LAYOUT_APART;
        if (apart && !r->uses_vector[v]) text_add(out, "    (void)target;\n");
        if (apart && !r->uses_step) text_add(out, "    (void)step;\n");
        if (apart) continue;
        if (!r->uses_vector[v]) text_addf(out, "    (void)%s;\n", r->vectors[v].name);
    }
    if (routine_has_begins(r) && !uses_begins(r)) text_add(out, "    (void)begins;\n");
    if (u->has_workspace && !r->uses_workspace) text_add(out, "    (void)workspace;\n");
    text_addf(out, "%s}\n", text_string(&r->statements));
}

void routine_release(struct routine *r) {
    tally_release(&r->room);
    text_free(&r->pieces);
    text_free(&r->statements);
}
