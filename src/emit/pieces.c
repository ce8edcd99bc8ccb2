#include <string.h>

#include "emit/maker.h"

/* ---- What a piece uses ---- */

/* A pointer of the frame, or a place in a vector that needs none. */
static bool has_pointer(const struct maker *m, array_id a) {
    const struct storage *s = &m->storage[a];
    if (m->seats[a].vector < 0 && m->seats[a].vector != WORKSPACE) return false;
    size_t length = strlen(m->seats[a].name);
    bool by_pointer =
        s->name && strncmp(s->name, m->seats[a].name, length) == 0 && strcmp(s->name + length, "[0]") == 0;
    return s->kind == HELD_ARRAY || by_pointer;
}

static void clear_marks(struct maker *m) {
    for (array_id a = 1; a < m->program.arrays.count; a++) m->storage[a].read = m->storage[a].written = false;
}

/* Those of long vectors of many parts are found from few fields. */
static void declare_pointer(struct maker *m, array_id a, struct text *out) {
    const struct seat *seat = &m->seats[a];
    const struct storage *s = &m->storage[a];
    enum routine_layout layout = maker_layout(m, a);
    text_addf(out, "    %s%s *const %s = frame->", s->written ? "" : "const ", maker_type(m, a), seat->name);
    if (layout == LAYOUT_APART)
        text_addf(out, "target[%zu];\n", seat->part);
    else if (layout == LAYOUT_PLACED)
        text_addf(out, "%s + frame->begins[%zu];\n", m->r->vectors[seat->vector].name, seat->part);
    else
        text_addf(out, "%s;\n", seat->name);
    if (s->step) text_addf(out, "    const int64_t %s = frame->step[%zu];\n", s->step, seat->part);
}

/* What a piece uses, from the frame. */
static void declare_in_piece(struct maker *m, struct text *out) {
    bool vectors[ROUTINE_VECTORS] = {false}, by_workspace = false, uses_inputs = false;
    declare_inputs(m->u, &m->program, m->storage, "frame->inputs->", 1, out, &uses_inputs);
    m->r->uses_inputs |= uses_inputs;
    maker_note_vectors(m);
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct storage *s = &m->storage[a];
        int vector = m->seats[a].vector;
        if ((!s->read && !s->written) || unit_is_input(&m->program, a)) continue;
        if (has_pointer(m, a))
            declare_pointer(m, a, out);
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
    maker_setup(m, arena_format(m->u->arena, "frame.%s = %s;", name, value));
}

/* The structure that pieces share, and the statements that fill it. */
static void make_frame(struct maker *m) {
    const char *real = unit_real(m->u);
    if (m->r->uses_inputs)
        frame_field(m, maker_format(m, "const struct %s_inputs *%s", m->u->prefix, ""), "inputs", "inputs");
    for (size_t v = 0; v < m->r->vector_count; v++) {
        const struct routine_vector *vector = &m->r->vectors[v];
        const char *type = vector->is_integer ? "int64_t" : real;
        if (m->r->uses_vector[v] && vector->layout == LAYOUT_APART) {
            frame_field(m, maker_format(m, "%s *const *%s", type, ""), "target", "target");
            frame_field(m, "const int64_t *", "step", "step");
            m->r->uses_step = true;
        } else if (m->r->uses_vector[v])
            frame_field(m, maker_format(m, "%s%s *", vector->is_result ? "" : "const ", type), vector->name,
                        vector->name);
    }
    if (routine_has_begins(m->r)) frame_field(m, "const int64_t *", "begins", "begins");
    if (m->stored_count > 0) frame_field(m, maker_format(m, "%s *%s", real, ""), "workspace", "workspace");
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        if (!m->seats[a].touched || unit_is_input(&m->program, a) || !has_pointer(m, a)) continue;
        if (maker_layout(m, a) != LAYOUT_DENSE) continue;
        bool input = m->seats[a].vector >= 0 && !m->r->vectors[m->seats[a].vector].is_result;
        frame_field(m, maker_format(m, "%s%s *", input ? "const " : "", maker_type(m, a)), m->seats[a].name,
                    maker_place(m, a));
    }
    if (m->kept) {
        const char *place = maker_format(m, "workspace + %s%s", m->room.text, "");
        frame_field(m, maker_format(m, "%s *%s", real, ""), "kept",
                    strcmp(m->room.text, "0") == 0 ? "workspace" : place);
        m->r->uses_workspace = true;
    }
    if (m->whole) {
        frame_field(m, "int64_t *", "whole", "whole");
    }
}

/* The number that is returned is reached through a pointer, as the pieces only read the structure. */
void maker_write_pieces(struct maker *m) {
    struct routine *r = m->r;
    array_id returned = r->returned && m->seats[r->returned].touched ? r->returned : 0;
    uint32_t last = (uint32_t)m->plan.pieces.count - 1;
    m->frame_name = maker_format(m, "%s_%s", r->name, "frame");
    declare_inputs(m->u, &m->program, m->storage, "inputs->", 1, &r->statements,
                   &r->uses_inputs); /* of sizes */
    if (returned) m->storage[returned].name = maker_format(m, "*frame->%s%s", m->seats[returned].name, "");
    for (uint32_t k = 0; k <= last; k++) write_piece(m, k);
    struct text sizes = m->setup;
    m->setup = (struct text){0};
    make_frame(m);
    if (returned)
        frame_field(m, maker_format(m, "%s *%s", maker_type(m, returned), ""), m->seats[returned].name,
                    maker_format(m, "&%s%s", m->seats[returned].name, ""));
    text_add(&r->statements, text_string(&sizes));
    if (returned)
        text_addf(&r->statements, "    %s %s = 0;\n", maker_type(m, returned), m->seats[returned].name);
    if (m->whole) text_addf(&r->statements, "    int64_t whole[%u];\n", m->whole);
    text_addf(&r->statements, "    struct %s frame;\n%s    %s_%u(&frame);\n", m->frame_name,
              text_string(&m->setup), r->name, last + 1);
    if (returned) m->storage[returned].name = m->seats[returned].name;
    maker_add_zeros(m, &r->statements);
    maker_add_results(m, &r->statements);
    struct text pieces = {0};
    text_addf(&pieces, "/* What the parts of %s share. */\nstruct %s {\n%s};\n\n", r->name, m->frame_name,
              text_string(&m->frame));
    text_add(&pieces, text_string(&r->pieces));
    text_free(&r->pieces);
    r->pieces = pieces;
    m->u->needs.helpers[HELPER_APART] = true;
    text_free(&sizes);
}
