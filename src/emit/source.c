#include "emit/source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "emit/library.h"
#include "emit/listing.h"

/* ---- The list of functions ---- */

struct routine *listing_add(struct listing *l, const char *name, const struct program *p,
                            const char *comment) {
    struct routine *r = &l->routines[l->routine_count++];
    *r = (struct routine){.program = p, .name = arena_format(l->unit.arena, "%s_%s", l->unit.prefix, name)};
    struct entry entry = {.comment = comment, .routine = r};
    if (r->name && VEC_PUSH(&l->entries, entry)) return r;
    unit_out_of_memory(&l->unit);
    return NULL;
}

void listing_add_vector(struct routine *r, const char *name, const struct routine_part *parts, size_t count,
                        bool is_result) {
    r->vectors[r->vector_count++] =
        (struct routine_vector){.name = name, .parts = parts, .count = count, .is_result = is_result};
}

bool listing_template(struct listing *l, const char *comment, const char *text) {
    struct entry entry = {.comment = comment, .template = text};
    return VEC_PUSH(&l->entries, entry) || unit_out_of_memory(&l->unit);
}

bool listing_demand(struct listing *l, struct demand demand) {
    return VEC_PUSH(&l->demands, demand) || unit_out_of_memory(&l->unit);
}

bool listing_count(struct listing *l, const char *name, const struct tally *tally, const char *comment) {
    struct text text = {0};
    text_addf(&text, "size_t %s(@V) {\n", name);
    if (tally->known) {
        if (l->unit.binding) text_addf(&text, "#    return %zu;\n", tally->total);
    } else {
        text_add(&text, tally->uses_inputs ? "" : "#");
        text_add(&text, text_string(&tally->statements));
    }
    text_add(&text, "}\n");
    const char *copy = arena_text(l->unit.arena, text_string(&text), text.length);
    bool good = copy && !text.failed;
    text_free(&text);
    return good ? listing_template(l, comment, copy) : unit_out_of_memory(&l->unit);
}

/* ---- What was asked for ---- */

static const char *sense(const struct listing *l) {
    return l->request->maximize ? "maximized" : "minimized";
}

static bool add_value(struct listing *l) {
    const struct source_request *q = l->request;
    const char *comment = arena_format(l->unit.arena, "The objective at a point, which is to be %s.%s%s",
                                       sense(l), unit_quote(&l->unit, q->objective_span)[0] ? "\n" : "",
                                       unit_quote(&l->unit, q->objective_span));
    struct routine *r = listing_add(l, "value", q->value, comment);
    if (!r) return false;
    r->returned = q->objective;
    listing_add_vector(r, "point", q->point, q->unknown_count, false);
    return listing_demand(l, (struct demand){.routine = r});
}

static bool add_gradient(struct listing *l) {
    const struct source_request *q = l->request;
    struct routine *r = listing_add(
        l, "gradient", q->gradient,
        "The objective at a point; its derivatives by the elements of the point go to `gradient`.");
    if (!r) return false;
    r->returned = q->objective;
    listing_add_vector(r, "point", q->point, q->unknown_count, false);
    listing_add_vector(r, "gradient", q->derivatives, q->unknown_count, true);
    return listing_demand(l, (struct demand){.routine = r});
}

static bool add_product(struct listing *l) {
    const struct source_request *q = l->request;
    const char *comment = "The Hessian at a point times a direction; both vectors are as long as the point.";
    struct routine *r = listing_add(l, "hessian_times", q->product, q->wants_product ? comment : NULL);
    if (!r) return false;
    r->is_static = !q->wants_product;
    listing_add_vector(r, "point", q->point, q->unknown_count, false);
    listing_add_vector(r, "direction", q->direction, q->unknown_count, false);
    listing_add_vector(r, "product", q->curvature, q->unknown_count, true);
    return listing_demand(l, (struct demand){.routine = r});
}

static bool add_dimension(struct listing *l) {
    const struct source_request *q = l->request;
    array_id *unknowns = ARENA_ARRAY(l->unit.arena, array_id, q->unknown_count + 1);
    if (!unknowns) return unit_out_of_memory(&l->unit);
    for (size_t k = 0; k < q->unknown_count; k++) unknowns[k] = q->point[k].array;
    return tally_make(&l->dimension, &l->unit, q->model, unknowns, q->unknown_count, 0) &&
           listing_count(l, "@P_dimension", &l->dimension, "How many numbers a point has, and its gradient.");
}

static bool add_all(struct listing *l) {
    const struct source_request *q = l->request;
    bool good = add_dimension(l) && (!q->value || add_value(l)) && (!q->gradient || add_gradient(l)) &&
                (!q->product || add_product(l)) && (!q->wants_hessian || listing_add_hessian(l));
    if (good && q->lagrangian) good = listing_add_lagrangian(l);
    for (size_t k = 0; good && k < q->rows_count; k++) good = listing_add_rows(l, k);
    for (size_t k = 0; good && k < l->routine_count; k++) good = routine_make(&l->unit, &l->routines[k]);
    return good;
}

/* ---- The workspace ---- */

static bool is_known(const struct demand *d, size_t *total) {
    bool known = d->routine->room.known;
    *total = d->routine->room.total;
    for (size_t k = 0; k < 2 && d->tallies[k]; k++) {
        known = known && d->tallies[k]->known;
        *total += d->tallies[k]->total;
    }
    return known;
}

static void find_workspace(struct listing *l, bool *known, size_t *most) {
    *known = true;
    *most = l->request->workspace ? *l->request->workspace : 0;
    if (l->request->workspace) return;
    for (size_t k = 0; k < l->demands.count; k++) {
        size_t total;
        bool one = is_known(&l->demands.at[k], &total);
        *known = *known && one;
        if (one && total > *most) *most = total;
    }
}

/* With the inputs as they are. */
static size_t workspace_here(const struct listing *l) {
    size_t most = 0;
    for (size_t k = 0; k < l->demands.count; k++) {
        const struct demand *d = &l->demands.at[k];
        size_t room = d->routine->room.here;
        for (size_t i = 0; i < 2 && d->tallies[i]; i++) room += d->tallies[i]->here;
        if (room > most) most = room;
    }
    return most;
}

/* How many terms the matrices have, by the name of their function. */
static size_t terms_here(const void *context, const char *function) {
    const struct listing *l = context;
    const struct source_request *q = l->request;
    size_t n = l->dimension.here;
    if (strcmp(function, "hessian") == 0) return q->hessian.values ? l->hessian_terms.here : n * (n + 1) / 2;
    if (strcmp(function, "lagrangian") == 0)
        return q->lagrangian->matrix.values ? l->lagrangian_terms.here : n * (n + 1) / 2;
    for (size_t k = 0; k < q->rows_count; k++) {
        size_t length = strlen(q->rows[k].name);
        if (strncmp(function, q->rows[k].name, length) == 0)
            return q->rows[k].jacobian.values ? l->jacobian_terms[k].here : l->counts[k].here * n;
    }
    return 0;
}

static void add_demand(struct listing *l, const struct demand *d, struct text *out) {
    text_add(out, "    room = ");
    for (size_t k = 0; k < 2 && d->counts[k]; k++) text_addf(out, "%s + ", d->counts[k]);
    if (!d->routine->room.known)
        text_addf(out, "%s_room(@v);\n", d->routine->name);
    else if (d->routine->room.total > 0 || !d->counts[0])
        text_addf(out, "%zu;\n", d->routine->room.total);
    else
        out->length -= 3, text_add(out, ";\n");
    text_add(out, "    if (room > most) most = room;\n");
    (void)l;
}

static bool add_workspace(struct listing *l) {
    bool known;
    size_t most;
    struct text text = {0};
    find_workspace(l, &known, &most);
    l->unit.has_workspace = !known || most > 0 || l->request->workspace || l->request->always_workspace ||
                            l->request->wants_hessian || l->request->lagrangian || l->request->rows_count > 0;
    text_add(&text, "size_t @P_workspace(@V) {\n");
    if (known) text_addf(&text, "#    return %zu;\n", most);
    if (!known) text_addf(&text, "    size_t room, most = %zu;\n", most);
    for (size_t k = 0; !known && k < l->demands.count; k++) {
        size_t total;
        if (!is_known(&l->demands.at[k], &total)) add_demand(l, &l->demands.at[k], &text);
    }
    text_add(&text, known ? "}\n" : "    return most;\n}\n");
    const char *copy = arena_text(l->unit.arena, text_string(&text), text.length);
    text_free(&text);
    const char *comment = l->unit.has_workspace ? "How many numbers of workspace the functions take. What it "
                                                  "holds does not matter, before and after."
                                                : "How many numbers of workspace the functions take: none.";
    return copy ? listing_template(l, comment, copy) : unit_out_of_memory(&l->unit);
}

/* ---- Inputs ---- */

/* Fields of a structure and constants of the file share no scope, but for the prefix. */
static bool name_fields(struct listing *l) {
    struct unit *u = &l->unit;
    struct names names;
    names_init(&names, u->arena, "");
    for (array_id a = 1; a < u->input_count; a++) {
        const char *name = u->model->arrays.at[a].name;
        if (!unit_is_input(u->model, a)) continue;
        u->fields[a] = names_take(&names, name ? name : "input");
        bool table = u->frozen && u->model->arrays.at[a].rank > 0;
        if (table) u->fields[a] = arena_format(u->arena, "%s_data_%s", u->prefix, u->fields[a]);
    }
    bool good = !names.failed && !u->arena->failed;
    names_release(&names);
    return good || unit_out_of_memory(u);
}

static const char *kind_of(const struct array *array) {
    if (array->role == ROLE_SIZE) return "the number of rows of a table";
    if (array->role == ROLE_COLUMN) return "a column of a table";
    return array->type == TYPE_INT ? "a whole param" : "a param";
}

const char *listing_field_comment(struct listing *l, array_id a) {
    struct unit *u = &l->unit;
    const struct array *array = &u->model->arrays.at[a];
    const struct bound_array *bound = &u->binding->arrays[a];
    const struct phrasing p = {u->arena, false};
    const char *quote = unit_quote(u, array->span);
    const char *shape = "";
    if (array->rank > 0)
        shape = arena_format(u->arena, ", %zu numbers here, row by row", bound->count);
    else if (bound->at.real)
        shape = arena_format(u->arena, ", here %s",
                             array->type == TYPE_INT
                                 ? phrase_signed(&p, phrase_integer(&p, *bound->at.integer)).text
                                 : phrase_signed(&p, phrase_real(&p, *bound->at.real)).text);
    const char *comment =
        arena_format(u->arena, "%s: %s%s; %s", array->name, kind_of(array), shape ? shape : "", quote);
    if (comment && !quote[0])
        comment = arena_format(u->arena, "%s: %s%s", array->name, kind_of(array), shape ? shape : "");
    return comment ? comment : "";
}

static void write_inputs(struct listing *l) {
    struct unit *u = &l->unit;
    unit_template(u, l->header,
                  "/* What the model is computed from beside the point. Nothing is copied: tables are read "
                  "while a function\n"
                  " * runs. Their lengths have to agree with each other as they do in the model. */\n"
                  "struct @P_inputs {\n");
    for (array_id a = 1; a < u->input_count; a++) {
        const struct array *array = &u->model->arrays.at[a];
        if (!unit_is_input(u->model, a) || !u->used[a]) continue;
        unit_comment(l->header, 1, listing_field_comment(l, a));
        const char *type = array->type == TYPE_INT ? "int64_t" : unit_real(u);
        text_addf(l->header, array->rank ? "    const %s *%s;\n" : "    %s %s;\n", type, u->fields[a]);
    }
    text_add(l->header, "};\n\n");
}

/* ---- The header ---- */

static void write_point(struct listing *l) {
    enum { SHOWN = 24 };
    const struct source_request *q = l->request;
    struct text text = {0};
    text_add(&text,
             "A point holds the unknowns one after the other in the order of the file, arrays row by row:");
    for (size_t k = 0; k < q->unknown_count && k < SHOWN; k++) {
        array_id a = q->point[k].array;
        size_t count = q->binding->arrays[a].count;
        text_addf(&text, "\n    %s: %zu number%s here; %s", q->model->arrays.at[a].name, count,
                  count == 1 ? "" : "s", unit_quote(&l->unit, q->model->arrays.at[a].span));
    }
    if (q->unknown_count > SHOWN) text_addf(&text, "\n    and %zu more", q->unknown_count - SHOWN);
    unit_comment(l->header, 0, text_string(&text));
    text_add(l->header, "\n");
    text_free(&text);
}

/* The head of a function made by a template: its first line, without the bracket. */
static void declare_template(const struct unit *u, const char *text, struct text *out) {
    struct text line = {0};
    const char *end = strstr(text, " {\n");
    char *head = end ? arena_text(u->arena, text, (size_t)(end - text)) : NULL;
    unit_template(u, &line, head ? head : "");
    text_add(&line, ";");
    lines_add(out, 0, text_string(&line));
    text_free(&line);
}

static void declare_entry(struct listing *l, const struct entry *e) {
    if (!e->comment) return;
    unit_comment(l->header, 0, e->comment);
    if (e->template) {
        declare_template(&l->unit, e->template, l->header);
    } else {
        struct text line = {0};
        routine_declare(&l->unit, e->routine, &line);
        text_add(&line, ";");
        lines_add(l->header, 0, text_string(&line));
        text_free(&line);
    }
    text_add(l->header, "\n");
}

static const char *upper_prefix(struct listing *l) {
    char *upper = arena_format(l->unit.arena, "%s", l->unit.prefix);
    for (char *at = upper; at && *at; at++) *at = (char)toupper((unsigned char)*at);
    return upper ? upper : "MODEL";
}

static void define_count(struct listing *l, const char *comment, const char *name, bool known, size_t total) {
    if (!known) return;
    text_addf(l->header, "/* %s */\n#define %s_%s %zu\n\n", comment, upper_prefix(l), name, total);
}

static void write_header(struct listing *l) {
    const struct source_request *q = l->request;
    const char *guard = upper_prefix(l);
    bool known;
    size_t most;
    text_addf(l->header,
              "/* Made by gradc %s from %s: C99, and C++. docs/emit.md of gradc describes it.\n *\n",
              q->version, q->origin);
    text_add(l->header, " * No function takes memory, keeps state or prints, so that they may run at the "
                        "same time with different\n"
                        " * workspaces. Vectors that are written overlap with nothing else. */\n");
    text_addf(l->header, "#ifndef %s_H\n#define %s_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n", guard,
              guard);
    text_add(l->header, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    write_point(l);
    if (l->unit.has_inputs) write_inputs(l);
    find_workspace(l, &known, &most);
    define_count(l, "How many numbers a point has, as a constant.", "DIMENSION", l->dimension.known,
                 l->dimension.total);
    define_count(l, "How many numbers of workspace the functions take, as a constant.", "WORKSPACE", known,
                 most);
    for (size_t k = 0; k < l->entries.count; k++) declare_entry(l, &l->entries.at[k]);
    text_add(l->header, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

/* ---- The source ---- */

static void write_head(struct listing *l) {
    const struct source_request *q = l->request;
    text_addf(l->source, "/* Made by gradc %s from %s. It needs <math.h> and no other library.\n *\n",
              q->version, q->origin);
    text_add(l->source, " * Compiled without contraction of products and sums (-ffp-contract=off) it gives "
                        "the same bits wherever the\n"
                        " * mathematical library does. */\n");
    if (q->header_name)
        text_addf(l->source, "#include \"%s\"\n\n#include <math.h>\n\n", q->header_name);
    else
        text_add(l->source, "#include <math.h>\n\n");
    text_add(l->source, "#ifdef __clang__\n#pragma STDC FP_CONTRACT OFF\n#endif\n\n");
    if (!q->header_name) text_addf(l->source, "%s\n", text_string(l->header));
}

/* In a template # stands where an argument may be unused. */
static void write_template(struct listing *l, const char *text) {
    struct text plain = {0}, out = {0};
    for (const char *at = text; *at; at++) {
        if (*at != '#')
            text_add_bytes(&plain, at, 1);
        else if (l->unit.has_inputs)
            text_add(&plain, "    (void)inputs;\n");
    }
    unit_template(&l->unit, &out, text_string(&plain));
    for (const char *at = text_string(&out); *at;) {
        size_t length = strcspn(at, "\n"), blanks = strspn(at, " ");
        char *line = arena_text(l->unit.arena, at + blanks, length - blanks);
        bool text_line = line && *line && strncmp(line, "/*", 2) != 0;
        if (text_line)
            lines_add(l->source, (unsigned)blanks / 4, line);
        else
            text_addf(l->source, "%.*s\n", (int)length, at);
        at += length + (at[length] == '\n');
    }
    text_free(&plain);
    text_free(&out);
}

static void write_source(struct listing *l) {
    write_head(l);
    for (int helper = 0; helper < HELPER_COUNT; helper++)
        if (l->unit.needs.helpers[helper]) body_write_helper((enum helper)helper, l->unit.single, l->source);
    if (!emit_library(l->unit.needs.ops, l->source)) l->source->failed = true;
    listing_write_frozen(l);
    for (size_t k = 0; k < l->entries.count; k++) {
        const struct entry *e = &l->entries.at[k];
        if (k) text_add(l->source, "\n");
        if (e->template)
            write_template(l, e->template);
        else
            routine_write(&l->unit, e->routine, l->source);
    }
}

static void write_test(struct listing *l) {
    text_add(l->source, "\n");
    if (l->unit.has_inputs) listing_write_data(&l->unit, l->source);
    self_test_write(&l->unit, l->request->test, workspace_here(l), terms_here, l, l->source);
}

/* ---- The whole ---- */

static bool prepare(struct listing *l) {
    const struct source_request *q = l->request;
    struct unit *u = &l->unit;
    u->fields = ARENA_ARRAY(u->arena, const char *, q->model->arrays.count);
    u->used = ARENA_ARRAY(u->arena, bool, q->model->arrays.count);
    u->input_count = q->model->arrays.count;
    if (!u->fields || !u->used) return unit_out_of_memory(u);
    return name_fields(l);
}

static void release(struct listing *l) {
    for (size_t k = 0; k < l->routine_count; k++) routine_release(&l->routines[k]);
    tally_release(&l->dimension);
    tally_release(&l->hessian_terms);
    tally_release(&l->lagrangian_terms);
    for (size_t k = 0; k < 3; k++) tally_release(&l->counts[k]);
    for (size_t k = 0; k < 3; k++) tally_release(&l->jacobian_terms[k]);
    VEC_FREE(&l->entries);
    VEC_FREE(&l->demands);
}

bool emit_source(const struct source_request *request, struct diag_list *diags, struct text *source,
                 struct text *header, struct text *data) {
    struct arena arena;
    struct listing l = {.request = request, .source = source, .header = header};
    arena_init(&arena);
    l.unit = (struct unit){.prefix = request->prefix,
                           .single = request->single,
                           .frozen = request->frozen,
                           .model = request->model,
                           .binding = request->binding,
                           .sources = request->sources,
                           .arena = &arena,
                           .diags = diags,
                           .counts_here = request->test != NULL};
    bool good = prepare(&l) && add_all(&l) && add_workspace(&l);
    for (array_id a = 1; good && a < l.unit.input_count; a++)
        l.unit.has_inputs |= l.unit.used[a] && !l.unit.frozen;
    if (good) {
        write_header(&l);
        write_source(&l);
        if (request->test) write_test(&l);
    }
    if (good && data && l.unit.has_inputs) listing_write_data(&l.unit, data);
    if (good && (source->failed || header->failed || arena.failed)) good = unit_out_of_memory(&l.unit);
    release(&l);
    arena_release(&arena);
    return good;
}
