#include "emit/routine.h"

#include <stdlib.h>
#include <string.h>

#include "ir/expand.h"
#include "schedule/schedule.h"

/* gcc takes least for pieces of this length; code that it compiles in about a second stays whole. */
static const struct plan_limits limits = {.longest_sequence = 1024, .piece_length = 256};

enum { NO_VECTOR = -1, WORKSPACE = -2, RETURNED = -3, LONGEST_OFFSET = 40 };

/* Where an array of the program stands. */
struct seat {
    int vector;          /* place among the vectors, or one of the above */
    struct phrase place; /* of its first element there */
    bool touched;
    const char *name; /* of its pointer, or of its variable */
};

/* A sum that has a name. */
struct begin {
    const char *sum, *name;
};

struct maker {
    struct unit *u;
    struct routine *r;
    struct program program;
    struct code code;
    struct plan plan;
    struct fold fold;
    struct names names;
    struct storage *storage;
    struct seat *seats;
    struct phrase *sizes;
    bool *wanted;
    uint32_t *cells, kept, whole;
    uint32_t *own_cells; /* by array: of local scalars of cut code that one piece uses */
    struct body body;
    struct text frame;        /* fields of the structure that pieces share */
    struct text lines, setup; /* the body; what stands before it */
    struct phrase room;       /* of the arrays in the workspace */
    VEC(struct begin) begins;
    array_id *stored; /* those */
    size_t stored_count;
    const char *frame_name;
    bool uses_whole, failed;
};

static bool is_cut(const struct maker *m) {
    return m->plan.pieces.count > 1;
}

static const struct phrasing *phrasing(const struct maker *m) {
    return &m->body.phrasing;
}

static const char *format(struct maker *m, const char *form, const char *a, const char *b) {
    const char *text = arena_format(m->u->arena, form, a, b);
    if (!text) m->failed = true;
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
    bool good = m->storage && m->seats && m->sizes && m->wanted && m->stored && m->own_cells &&
                m->body.phrases && plan_make(&m->plan, &m->code, &limits) &&
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
        bool own = is_cut(m) && m->program.arrays.at[a].rank == 0 && code_is_local(&m->program, a);
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

static void take_seats(struct maker *m) {
    for (array_id a = 1; a < m->program.arrays.count; a++) m->seats[a].vector = NO_VECTOR;
    for (size_t v = 0; v < m->r->vector_count; v++)
        for (size_t k = 0; k < m->r->vectors[v].count; k++)
            if (m->r->vectors[v].parts[k].array) m->seats[m->r->vectors[v].parts[k].array].vector = (int)v;
    if (m->r->returned) m->seats[m->r->returned].vector = RETURNED;
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct array *array = &m->program.arrays.at[a];
        bool elsewhere = m->seats[a].vector != NO_VECTOR || unit_is_input(&m->program, a) ||
                         code_is_local(&m->program, a) || !m->seats[a].touched;
        if (elsewhere || (array->rank == 0 && !is_cut(m))) continue;
        m->seats[a].vector = WORKSPACE;
        m->stored[m->stored_count++] = a;
    }
}

static void reserve_names(struct maker *m) {
    static const char *const own[] = {"inputs", "workspace", "frame", "kept", "whole"};
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
        bool last = k + 1 == end && is_made(m, part);
        if (!last) m->wanted[part->like] = m->program.arrays.at[part->like].rank > 0;
    }
}

static void setup_line(struct maker *m, const char *line) {
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
    struct phrase place = tally_sum_phrase(phrasing(m), sum);
    if (place.length <= LONGEST_OFFSET) return place;
    const char *name = begin_named(m, place.text);
    if (!name) {
        name = names_take(&m->names, format(m, "%s_%s", what, "begin"));
        setup_line(m, format(m, "const int64_t %s = %s;", name, place.text));
        struct begin begin = {place.text, name};
        if (!VEC_PUSH(&m->begins, begin)) m->failed = true;
    }
    *sum = (struct tally_sum){.rest = phrase_name(name)};
    return phrase_name(name);
}

static void place_vector(struct maker *m, const struct routine_vector *v) {
    struct tally_sum sum = {0};
    for (size_t k = 0; k < v->count; k++) {
        const struct routine_part *part = &v->parts[k];
        const char *name = m->program.arrays.at[part->like].name;
        if (is_made(m, part)) m->seats[part->array].place = place_here(m, &sum, name);
        if (m->sizes[part->like].text) tally_sum_add(phrasing(m), &sum, m->sizes[part->like]);
    }
}

static void place_workspace(struct maker *m) {
    struct tally_sum sum = {0};
    for (size_t k = 0; k < m->stored_count; k++) {
        array_id a = m->stored[k];
        m->seats[a].place = place_here(m, &sum, m->program.arrays.at[a].name);
        if (m->sizes[a].text) tally_sum_add(phrasing(m), &sum, m->sizes[a]);
    }
    m->room = tally_sum_phrase(phrasing(m), &sum);
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

/* In cut code single results stand where they belong, and so does the point. */
static void hold_single_in_cut(struct maker *m, array_id a) {
    struct seat *seat = &m->seats[a];
    struct storage *s = &m->storage[a];
    s->kind = HELD_SINGLE;
    if (seat->vector == RETURNED) {
        s->name = format(m, "frame->%s%s", seat->name, "");
    } else if (seat->vector == NO_VECTOR) {
        uint32_t slot = m->plan.local_slot[a], number = slot ? m->cells[slot - 1] : m->own_cells[a];
        bool real = m->program.arrays.at[a].type == TYPE_REAL;
        s->name = arena_format(m->u->arena, "%s[%u]", real ? "kept" : "whole", number);
    } else {
        s->name = phrase_element(phrasing(m), vector_name(m, seat->vector), seat->place).text;
        if (strpbrk(seat->place.text, "abcdefghijklmnopqrstuvwxyz"))
            s->name = format(m, "%s[0]%s", seat->name, "");
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
    if (!is_cut(m)) s->count = size_of(m, a);
    if (array->rank > 0)
        s->kind = HELD_ARRAY;
    else if (is_cut(m))
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

static const char *type_of(const struct maker *m, array_id a) {
    return body_type(&m->body, m->program.arrays.at[a].type);
}

/* A pointer of the frame, or a place in a vector that needs none. */
static bool has_pointer(const struct maker *m, array_id a) {
    const struct storage *s = &m->storage[a];
    if (m->seats[a].vector < 0 && m->seats[a].vector != WORKSPACE) return false;
    size_t length = strlen(m->seats[a].name);
    bool by_pointer =
        s->name && strncmp(s->name, m->seats[a].name, length) == 0 && strcmp(s->name + length, "[0]") == 0;
    return s->kind == HELD_ARRAY || by_pointer;
}

static const char *place_text(struct maker *m, array_id a) {
    const struct seat *seat = &m->seats[a];
    const char *vector = vector_name(m, seat->vector);
    return strcmp(seat->place.text, "0") == 0 ? vector : format(m, "%s + %s", vector, seat->place.text);
}

static const char *comment_of(struct maker *m, array_id a) {
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
    const char *type = type_of(m, a);
    if (s->kind == HELD_ARRAY) {
        m->u->needs.helpers[HELPER_RESTRICT] = true;
        const char *head = arena_format(m->u->arena, "%s%s *GRADC_RESTRICT const %s",
                                        s->written ? "" : "const ", type, s->name);
        setup_line(m, arena_format(m->u->arena, "%s = %s;%s", head, place_text(m, a), comment_of(m, a)));
    } else if (s->kind == HELD_SINGLE && seat->vector >= 0) {
        const char *element = phrase_element(phrasing(m), vector_name(m, seat->vector), seat->place).text;
        setup_line(m, arena_format(m->u->arena, "const %s %s = %s;", type, s->name, element));
    } else if (s->kind == HELD_OUTSIDE) {
        const char *zero = m->program.arrays.at[a].type == TYPE_REAL ? phrase_real(phrasing(m), 0).text : "0";
        setup_line(m, arena_format(m->u->arena, "%s %s = %s;", type, s->name, zero));
    }
}

static void note_vectors(struct maker *m) {
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct storage *s = &m->storage[a];
        if (!s->read && !s->written) continue;
        if (m->seats[a].vector >= 0) m->r->uses_vector[m->seats[a].vector] = true;
        if (m->seats[a].vector == WORKSPACE) m->r->uses_workspace = true;
    }
}

/* ---- Results ---- */

static void zero_part(struct maker *m, const struct routine_vector *v, struct phrase place,
                      struct phrase size, struct text *out) {
    const char *zero = phrase_real(phrasing(m), 0).text, *line;
    size_t scope = names_open(&m->names);
    if (strcmp(size.text, "1") == 0) {
        line = arena_format(m->u->arena, "%s = %s;", phrase_element(phrasing(m), v->name, place).text, zero);
    } else {
        const char *k = names_take(&m->names, "k");
        const char *at =
            phrase_element(phrasing(m), v->name, phrase_sum(phrasing(m), place, phrase_name(k))).text;
        if (strcmp(place.text, "0") == 0) at = phrase_element(phrasing(m), v->name, phrase_name(k)).text;
        line = arena_format(m->u->arena, "for (int64_t %s = 0; %s < %s; %s++) %s = %s;", k, k, size.text, k,
                            at, zero);
    }
    lines_add(out, 1, line ? line : "");
    names_close(&m->names, scope);
}

/* What is 0 everywhere, and single results, which the body has in variables. */
static void finish_vector(struct maker *m, size_t which, struct text *out) {
    const struct routine_vector *v = &m->r->vectors[which];
    struct tally_sum sum = {0};
    for (size_t k = 0; v->is_result && k < v->count; k++) {
        array_id a = v->parts[k].array, like = v->parts[k].like;
        bool made = is_made(m, &v->parts[k]);
        if (!made) {
            zero_part(m, v, tally_sum_phrase(phrasing(m), &sum), m->sizes[like], out);
            m->r->uses_vector[which] = true;
        } else if (!is_cut(m) && m->program.arrays.at[a].rank == 0) {
            const char *at = phrase_element(phrasing(m), v->name, m->seats[a].place).text;
            const char *line = arena_format(m->u->arena, "%s = %s;", at, m->storage[a].name);
            lines_add(out, 1, line ? line : "");
            m->r->uses_vector[which] = true;
        }
        if (m->sizes[like].text) tally_sum_add(phrasing(m), &sum, m->sizes[like]);
    }
}

static void finish(struct maker *m, struct text *out) {
    for (size_t v = 0; v < m->r->vector_count; v++) finish_vector(m, v, out);
    if (!m->r->returned) return;
    const char *name = m->storage[m->r->returned].name;
    const char *line =
        m->seats[m->r->returned].touched ? format(m, "return %s%s;", name ? name : "0", "") : "return 0;";
    lines_add(out, 1, line);
}

/* ---- Whole functions ---- */

static void write_whole(struct maker *m) {
    struct routine *r = m->r;
    m->body.out = &m->lines;
    m->body.depth = 1;
    body_write(&m->body, 0);
    declare_inputs(m->u, &m->program, m->storage, "inputs->", 1, &r->statements, &r->uses_inputs);
    note_vectors(m);
    struct text sizes = m->setup;
    text_add(&r->statements, text_string(&sizes));
    m->setup = (struct text){0};
    for (array_id a = 1; a < m->program.arrays.count; a++)
        if (!unit_is_input(&m->program, a) &&
            (m->storage[a].read || m->storage[a].written || m->storage[a].kind == HELD_OUTSIDE))
            declare_whole(m, a);
    text_add(&r->statements, text_string(&m->setup));
    text_add(&r->statements, text_string(&m->lines));
    finish(m, &r->statements);
    text_free(&sizes);
}

/* ---- Functions in pieces ---- */

static void clear_marks(struct maker *m) {
    for (array_id a = 1; a < m->program.arrays.count; a++) m->storage[a].read = m->storage[a].written = false;
}

/* What a piece uses, from the frame. */
static void declare_in_piece(struct maker *m, struct text *out) {
    bool vectors[ROUTINE_VECTORS] = {false}, by_workspace = false, uses_inputs = false;
    declare_inputs(m->u, &m->program, m->storage, "frame->inputs->", 1, out, &uses_inputs);
    m->r->uses_inputs |= uses_inputs;
    note_vectors(m);
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct storage *s = &m->storage[a];
        int vector = m->seats[a].vector;
        if ((!s->read && !s->written) || unit_is_input(&m->program, a)) continue;
        if (has_pointer(m, a))
            text_addf(out, "    %s%s *const %s = frame->%s;\n", s->written ? "" : "const ", type_of(m, a),
                      m->seats[a].name, m->seats[a].name);
        else if (vector >= 0)
            vectors[vector] = true;
        else if (vector == WORKSPACE)
            by_workspace = true;
    }
    for (size_t v = 0; v < m->r->vector_count; v++) {
        const struct routine_vector *vector = &m->r->vectors[v];
        const char *type = vector->is_integer ? "int64_t" : unit_real(m->u);
        if (vectors[v])
            text_addf(out, "    %s%s *const %s = frame->%s;\n", vector->is_result ? "" : "const ", type,
                      vector->name, vector->name);
    }
    if (by_workspace) text_addf(out, "    %s *const workspace = frame->workspace;\n", unit_real(m->u));
    if (m->body.uses_kept) text_addf(out, "    %s *const kept = frame->kept;\n", unit_real(m->u));
    if (m->body.uses_whole) text_add(out, "    int64_t *const whole = frame->whole;\n");
}

static void write_piece(struct maker *m, uint32_t piece) {
    struct text *out = &m->r->pieces, lines = {0};
    size_t scope = names_open(&m->names);
    clear_marks(m);
    m->body.out = &lines;
    m->body.depth = 1;
    body_write(&m->body, piece);
    text_addf(out, "GRADC_APART void %s_%u(const struct %s *frame) {\n", m->r->name, piece + 1,
              m->frame_name);
    declare_in_piece(m, out);
    text_add(out, text_string(&lines));
    text_add(out, "}\n\n");
    m->failed |= lines.failed;
    text_free(&lines);
    names_close(&m->names, scope);
}

static void frame_field(struct maker *m, const char *declaration, const char *name, const char *value) {
    text_addf(&m->frame, "    %s%s;\n", declaration, name);
    setup_line(m, arena_format(m->u->arena, "frame.%s = %s;", name, value));
}

/* The structure that pieces share, and the statements that fill it. */
static void make_frame(struct maker *m) {
    const char *real = unit_real(m->u);
    if (m->r->uses_inputs)
        frame_field(m, format(m, "const struct %s_inputs *%s", m->u->prefix, ""), "inputs", "inputs");
    for (size_t v = 0; v < m->r->vector_count; v++) {
        const struct routine_vector *vector = &m->r->vectors[v];
        const char *type = vector->is_integer ? "int64_t" : real;
        if (m->r->uses_vector[v])
            frame_field(m, format(m, "%s%s *", vector->is_result ? "" : "const ", type), vector->name,
                        vector->name);
    }
    if (m->stored_count > 0) frame_field(m, format(m, "%s *%s", real, ""), "workspace", "workspace");
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        if (!m->seats[a].touched || unit_is_input(&m->program, a) || !has_pointer(m, a)) continue;
        bool input = m->seats[a].vector >= 0 && !m->r->vectors[m->seats[a].vector].is_result;
        frame_field(m, format(m, "%s%s *", input ? "const " : "", type_of(m, a)), m->seats[a].name,
                    place_text(m, a));
    }
    if (m->kept) {
        const char *place = format(m, "workspace + %s%s", m->room.text, "");
        frame_field(m, format(m, "%s *%s", real, ""), "kept",
                    strcmp(m->room.text, "0") == 0 ? "workspace" : place);
        m->r->uses_workspace = true;
    }
    if (m->whole) {
        frame_field(m, "int64_t *", "whole", "whole");
    }
}

/* The number that is returned is reached through a pointer, as the pieces only read the structure. */
static void write_cut(struct maker *m) {
    struct routine *r = m->r;
    array_id returned = r->returned && m->seats[r->returned].touched ? r->returned : 0;
    uint32_t last = (uint32_t)m->plan.pieces.count - 1;
    m->frame_name = format(m, "%s_%s", r->name, "frame");
    declare_inputs(m->u, &m->program, m->storage, "inputs->", 1, &r->statements,
                   &r->uses_inputs); /* of sizes */
    if (returned) m->storage[returned].name = format(m, "*frame->%s%s", m->seats[returned].name, "");
    for (uint32_t k = 0; k <= last; k++) write_piece(m, k);
    struct text sizes = m->setup;
    m->setup = (struct text){0};
    make_frame(m);
    if (returned)
        frame_field(m, format(m, "%s *%s", type_of(m, returned), ""), m->seats[returned].name,
                    format(m, "&%s%s", m->seats[returned].name, ""));
    text_add(&r->statements, text_string(&sizes));
    if (returned)
        text_addf(&r->statements, "    %s %s = 0;\n", type_of(m, returned), m->seats[returned].name);
    if (m->whole) text_addf(&r->statements, "    int64_t whole[%u];\n", m->whole);
    text_addf(&r->statements, "    struct %s frame;\n%s    %s_%u(&frame);\n", m->frame_name,
              text_string(&m->setup), r->name, last + 1);
    if (returned) m->storage[returned].name = m->seats[returned].name;
    finish(m, &r->statements);
    struct text pieces = {0};
    text_addf(&pieces, "/* What the parts of %s share. */\nstruct %s {\n%s};\n\n", r->name, m->frame_name,
              text_string(&m->frame));
    text_add(&pieces, text_string(&r->pieces));
    text_free(&r->pieces);
    r->pieces = pieces;
    m->u->needs.helpers[HELPER_APART] = true;
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
    if (good) {
        find_touched(&m);
        number_cells(&m);
        m.body.cells = m.cells;
        take_seats(&m);
        name_arrays(&m);
        good = write_sizes(&m);
    }
    if (good) {
        for (size_t v = 0; v < r->vector_count; v++) place_vector(&m, &r->vectors[v]);
        place_workspace(&m);
        good = hold_all(&m);
    }
    if (good && is_cut(&m)) write_cut(&m);
    if (good && !is_cut(&m)) write_whole(&m);
    bool failed = m.failed || m.names.failed || m.lines.failed || r->statements.failed || r->pieces.failed ||
                  u->arena->failed;
    if (good && failed) good = unit_out_of_memory(u);
    good = good && tally_make(&r->room, u, &m.program, m.stored, m.stored_count, m.kept);
    release(&m);
    return good;
}

void routine_declare(const struct unit *u, const struct routine *r, struct text *out) {
    const char *gap = "";
    text_addf(out, "%s%s %s(", r->is_static ? "static " : "", r->returned ? unit_real(u) : "void", r->name);
    if (u->has_inputs) {
        text_addf(out, "const struct %s_inputs *inputs", u->prefix);
        gap = ", ";
    }
    for (size_t v = 0; v < r->vector_count; v++) {
        const struct routine_vector *vector = &r->vectors[v];
        const char *type = vector->is_integer ? "int64_t" : unit_real(u);
        text_addf(out, "%s%s%s *%s", gap, vector->is_result ? "" : "const ", type, vector->name);
        gap = ", ";
    }
    if (u->has_workspace) text_addf(out, "%s%s *workspace", gap, unit_real(u));
    text_add(out, ")");
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
    for (size_t v = 0; v < r->vector_count; v++)
        if (!r->uses_vector[v]) text_addf(out, "    (void)%s;\n", r->vectors[v].name);
    if (u->has_workspace && !r->uses_workspace) text_add(out, "    (void)workspace;\n");
    text_addf(out, "%s}\n", text_string(&r->statements));
}

void routine_release(struct routine *r) {
    tally_release(&r->room);
    text_free(&r->pieces);
    text_free(&r->statements);
}
