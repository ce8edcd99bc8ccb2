#include "emit/listing.h"

/* The elements of a table, several a line. */
static void write_elements(const struct unit *u, array_id a, struct text *out) {
    const struct bound_array *bound = &u->binding->arrays[a];
    size_t width = 0;
    for (size_t k = 0; k < bound->count; k++) {
        struct arena arena;
        arena_init(&arena);
        const struct phrasing p = {&arena, u->single};
        bool integer = u->model->arrays.at[a].type == TYPE_INT;
        struct phrase value = phrase_signed(&p, integer ? phrase_integer(&p, bound->at.integer[k])
                                                        : phrase_real(&p, bound->at.real[k]));
        if (width + value.length > 100) width = 0;
        text_add(out, width ? " " : "\n    ");
        text_addf(out, "%s,", value.text);
        width += value.length + 2;
        arena_release(&arena);
    }
    if (bound->count == 0) text_add(out, "\n    0,");
}

void listing_write_frozen(struct listing *l) {
    struct unit *u = &l->unit;
    for (array_id a = 1; u->frozen && a < u->input_count; a++) {
        const struct array *array = &u->model->arrays.at[a];
        if (!unit_is_input(u->model, a) || !u->used[a] || array->rank == 0) continue;
        unit_comment(l->source, 0, listing_field_comment(l, a));
        const char *type = array->type == TYPE_INT ? "int64_t" : unit_real(u);
        size_t count = u->binding->arrays[a].count;
        text_addf(l->source, "static const %s %s[%zu] = {", type, u->fields[a], count ? count : 1);
        write_elements(u, a, l->source);
        text_add(l->source, "\n};\n\n");
    }
}

/* ---- Inputs as they are here ---- */

static void write_table(const struct unit *u, array_id a, struct text *out) {
    const char *type = u->model->arrays.at[a].type == TYPE_INT ? "int64_t" : unit_real(u);
    size_t count = u->binding->arrays[a].count;
    text_addf(out, "static const %s %s_here_%s[%zu] = {", type, u->prefix, u->fields[a], count ? count : 1);
    write_elements(u, a, out);
    text_add(out, "\n};\n\n");
}

static void write_field(const struct unit *u, array_id a, struct text *out) {
    const struct array *array = &u->model->arrays.at[a];
    const struct bound_array *bound = &u->binding->arrays[a];
    const struct phrasing p = {u->arena, u->single};
    struct phrase value = phrase_name(arena_format(u->arena, "%s_here_%s", u->prefix, u->fields[a]));
    if (array->rank == 0)
        value = phrase_signed(&p, array->type == TYPE_INT ? phrase_integer(&p, *bound->at.integer)
                                                          : phrase_real(&p, *bound->at.real));
    text_addf(out, "    %s, /* %s */\n", value.text, u->fields[a]);
}

void listing_write_data(const struct unit *u, struct text *out) {
    for (array_id a = 1; a < u->input_count; a++)
        if (unit_is_input(u->model, a) && u->used[a] && u->model->arrays.at[a].rank > 0)
            write_table(u, a, out);
    text_addf(out, "static const struct %s_inputs %s_here = {\n", u->prefix, u->prefix);
    for (array_id a = 1; a < u->input_count; a++)
        if (unit_is_input(u->model, a) && u->used[a]) write_field(u, a, out);
    text_add(out, "};\n\n");
}
