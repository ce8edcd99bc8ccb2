#include <string.h>

#include "emit/maker.h"

/* C++ compilers need take no more than 256 arguments, those of C 127. */
enum { MOST_ARGUMENTS = 100 };

struct kernel {
    struct maker *m;
    struct text parameters, arguments;
    bool uses_inputs;
};

/* An argument, or a local scalar. */
static bool is_argument(const struct maker *m, array_id a) {
    const struct seat *seat = &m->seats[a];
    return !unit_is_input(&m->program, a) && seat->touched &&
           (seat->vector >= 0 || seat->vector == WORKSPACE);
}

static bool is_array_argument(const struct maker *m, array_id a) {
    return m->program.arrays.at[a].rank > 0 && is_argument(m, a);
}

static bool touches_array(const struct maker *m, uint8_t kind) {
    for (uint32_t i = 1; i < m->code.instructions.count; i++)
        if (m->code.instructions.at[i].kind == kind &&
            is_array_argument(m, m->code.instructions.at[i].source))
            return true;
    return false;
}

/* Only where something is read that another pointer might have written. */
bool maker_wants_kernel(const struct maker *m) {
    size_t arguments = 0, arrays = 0;
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        if (is_argument(m, a)) arguments += maker_layout(m, a) == LAYOUT_APART ? 2 : 1;
        arrays += is_array_argument(m, a);
    }
    return !maker_is_cut(m) && arrays > 1 && arguments <= MOST_ARGUMENTS && touches_array(m, CODE_STORE) &&
           touches_array(m, CODE_LOAD);
}

/* ---- Arguments ---- */

static void add_parameter(struct kernel *k, const char *type, const char *name, const char *comment) {
    text_addf(&k->parameters, "%s\n    %s%s", k->parameters.length ? "," : "", type, name);
    text_add(&k->parameters, comment);
}

static void add_argument(struct kernel *k, const char *argument) {
    text_addf(&k->arguments, "%s%s", k->arguments.length ? ", " : "", argument);
}

static void add_array(struct kernel *k, array_id a) {
    struct maker *m = k->m;
    const struct storage *s = &m->storage[a];
    m->u->needs.helpers[HELPER_RESTRICT] = true;
    const char *type = maker_format(m, "%s%s *GRADC_RESTRICT ", s->written ? "" : "const ", maker_type(m, a));
    add_parameter(k, type, s->name, maker_comment(m, a));
    add_argument(k, maker_place(m, a));
    if (!s->step) return;
    m->r->uses_step = true;
    add_parameter(k, "int64_t ", s->step, "");
    add_argument(k, arena_format(m->u->arena, "step[%zu]", m->seats[a].part));
}

/* An element of the point by its value, a single result by its place. */
static void add_single(struct kernel *k, array_id a) {
    struct maker *m = k->m;
    struct seat *seat = &m->seats[a];
    if (m->storage[a].kind == HELD_SINGLE) {
        if (!m->storage[a].read) return;
        add_parameter(k, maker_format(m, "%s%s ", maker_type(m, a), ""), m->storage[a].name,
                      maker_comment(m, a));
        add_argument(k,
                     phrase_element(maker_phrasing(m), m->r->vectors[seat->vector].name, seat->place).text);
    } else {
        seat->target = names_take(&m->names, maker_format(m, "%s_target%s", m->storage[a].name, ""));
        add_parameter(k, maker_format(m, "%s *GRADC_RESTRICT %s", maker_type(m, a), ""), seat->target, "");
        add_argument(k, maker_place(m, a));
    }
    m->r->uses_vector[seat->vector] = true;
}

static void add_arrays(struct kernel *k) {
    struct maker *m = k->m;
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const struct storage *s = &m->storage[a];
        if (!is_argument(m, a)) continue;
        if (s->kind != HELD_ARRAY)
            add_single(k, a);
        else if (s->read || s->written)
            add_array(k, a);
    }
}

/* ---- Both functions ---- */

static void declare_variables(struct maker *m, struct text *out) {
    for (array_id a = 1; a < m->program.arrays.count; a++) {
        const char *zero =
            m->program.arrays.at[a].type == TYPE_REAL ? phrase_real(maker_phrasing(m), 0).text : "0";
        if (m->storage[a].kind == HELD_OUTSIDE)
            text_addf(out, "    %s %s = %s;\n", maker_type(m, a), m->storage[a].name, zero);
    }
}

static const char *returned_type(const struct maker *m) {
    return m->r->returned ? unit_real(m->u) : "void";
}

static void write_kernel(struct kernel *k, const struct text *inputs) {
    struct maker *m = k->m;
    struct text *out = &m->r->pieces;
    text_addf(out, "static %s %s_kernel(%s) {\n%s", returned_type(m), m->r->name, text_string(&k->parameters),
              text_string(inputs));
    declare_variables(m, out);
    text_add(out, text_string(&m->lines));
    maker_add_results(m, out);
    text_add(out, "}\n\n");
}

static void write_call(struct kernel *k) {
    struct maker *m = k->m;
    struct routine *r = m->r;
    text_add(&r->statements, text_string(&m->setup));
    maker_add_zeros(m, &r->statements);
    const char *call = arena_format(m->u->arena, "%s%s_kernel(%s);", r->returned ? "return " : "", r->name,
                                    text_string(&k->arguments));
    lines_add(&r->statements, 1, call ? call : "");
}

/* Marks of inputs by what stands before the body go into the calling function, those of the body into its
 * own. */
void maker_write_kernel(struct maker *m) {
    struct kernel k = {.m = m};
    struct text inputs = {0};
    declare_inputs(m->u, &m->program, m->storage, "inputs->", 1, &m->r->statements, &m->r->uses_inputs);
    for (array_id a = 1; a < m->program.arrays.count; a++) m->storage[a].read = m->storage[a].written = false;
    m->body.out = &m->lines;
    m->body.depth = 1;
    body_write(&m->body, 0);
    declare_inputs(m->u, &m->program, m->storage, "inputs->", 1, &inputs, &k.uses_inputs);
    maker_note_vectors(m);
    if (k.uses_inputs) {
        add_parameter(&k, maker_format(m, "const struct %s_inputs *%s", m->u->prefix, ""), "inputs", "");
        add_argument(&k, "inputs");
        m->r->uses_inputs = true;
    }
    add_arrays(&k);
    write_kernel(&k, &inputs);
    write_call(&k);
    m->failed |= inputs.failed || k.parameters.failed || k.arguments.failed;
    text_free(&inputs);
    text_free(&k.parameters);
    text_free(&k.arguments);
}
