#include "emit/source.h"

#include <stdlib.h>

#include "emit/function.h"
#include "emit/library.h"
#include "emit/names.h"
#include "emit/sizes.h"
#include "eval/binding.h"
#include "ir/expand.h"
#include "schedule/schedule.h"

struct listing {
    const struct source_request *request;
    struct diag_list *diags;
    struct text *out;
    struct text functions; /* kernels; they stand behind the helpers that they need */
    struct emit_needs needs;
    const struct program *main;           /* the program whose inputs are those of the file */
    const char **names;                   /* of its arrays */
    array_id *derivatives;                /* by array of the gradient's program; NULL without one */
    size_t value_memory, gradient_memory; /* doubles that the kernels take in slot 0 */
};

static bool out_of_memory(struct listing *s) {
    diag_error(s->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
    return false;
}

static const char *what_of(const struct listing *s, const struct program *p) {
    return p == s->request->gradient ? "gradient" : "value";
}

static size_t *memory_of(struct listing *s, const struct program *p) {
    return p == s->request->gradient ? &s->gradient_memory : &s->value_memory;
}

/* ---- Kernels ---- */

static bool write_kernel(struct listing *s, const struct program *p, const char *what, size_t *memory) {
    struct program expanded = {0};
    struct code code = {0};
    char *name = arena_format(p->arena, "%s_%s_kernel", s->request->prefix, what);
    bool good = name && program_expand(&expanded, p);
    if (!good) out_of_memory(s);
    good = good && schedule_program(&code, &expanded, s->diags);
    struct emit_request request = {.code = &code, .name = name, .alone = !memory};
    size_t none;
    if (good && !emit_function(&request, &s->needs, &s->functions, memory ? memory : &none))
        good = out_of_memory(s);
    text_add(&s->functions, "\n");
    code_release(&code);
    program_release(&expanded);
    return good;
}

static bool write_sizes(struct listing *s, const struct program *p, const char *what) {
    struct program sizes = {0};
    char *name = arena_format(p->arena, "%s_sizes", what);
    bool good = sizes_program(&sizes, p) && name ? write_kernel(s, &sizes, name, NULL) : out_of_memory(s);
    program_release(&sizes);
    return good;
}

/* ---- What the file depends on ---- */

static bool is_given(const struct program *p, array_id a) {
    enum array_role role = p->arrays.at[a].role;
    return role == ROLE_PARAM || role == ROLE_COLUMN || role == ROLE_SIZE;
}

static void add_shape(struct listing *s, array_id a) {
    const struct bound_array *bound = &s->request->binding->arrays[a];
    if (s->main->arrays.at[a].rank == 0) {
        const struct array *array = &s->main->arrays.at[a];
        text_add(s->out, " /* here ");
        if (!bound->at.real)
            text_add(s->out, "unknown");
        else if (array->type == TYPE_INT)
            text_addf(s->out, "%lld", (long long)*bound->at.integer);
        else
            text_add_double(s->out, *bound->at.real);
        text_add(s->out, " */\n");
    } else {
        text_addf(s->out, " /* here %zu elements, row by row */\n", bound->count);
    }
}

static void write_inputs(struct listing *s) {
    const char *prefix = s->request->prefix;
    unsigned count = 0;
    text_addf(s->out,
              "/* Params and table columns. Sizes must agree with each other, as they do in the model. */\n"
              "struct %s_inputs {\n",
              prefix);
    for (array_id a = 1; a < s->main->arrays.count; a++) {
        const struct array *array = &s->main->arrays.at[a];
        if (!is_given(s->main, a)) continue;
        const char *type = array->type == TYPE_INT ? "int64_t" : "double";
        text_addf(s->out, array->rank ? "    const %s *%s;" : "    %s %s;", type, s->names[a]);
        add_shape(s, a);
        count++;
    }
    if (count == 0) text_add(s->out, "    int unused; /* the model has none */\n");
    text_add(s->out, "};\n\n");
}

/* ---- Tables ----
 *
 * Where there are many arrays they are listed in tables, not in statements: compilers take long over those.
 */

enum { MOST_STATEMENTS = 64, TABLE_WIDTH = 16, PIECE_OF_INPUTS = 512 };

static bool many_unknowns(const struct listing *s) {
    return s->request->unknown_count > MOST_STATEMENTS;
}

/* Opens a table of the places of arrays. */
static void open_table(struct listing *s, const char *what, const char *name) {
    text_addf(s->out, "static const int %s_%s%s[] = {", s->request->prefix, what, name);
}

static void add_place(struct listing *s, size_t k, array_id a) {
    text_addf(s->out, k % TABLE_WIDTH ? " %u," : "\n    %u,", a);
}

static void close_table(struct listing *s) {
    text_add(s->out, "\n};\n\n");
}

/* The arrays of derivatives by array of the program, 0 where there is none; NULL where memory is exhausted.
 */
static array_id *find_derivatives(const struct program *p) {
    array_id *derivatives = calloc(p->arrays.count, sizeof *derivatives);
    for (array_id a = 1; derivatives && a < p->arrays.count; a++) {
        const struct array *array = &p->arrays.at[a];
        if (array->role == ROLE_GRADIENT && !array->unused) derivatives[array->of] = a;
    }
    return derivatives;
}

static void write_unknown_tables(struct listing *s) {
    const struct source_request *r = s->request;
    if (!many_unknowns(s)) return;
    text_add(s->out,
             "/* The unknowns in the table of arrays, and their derivatives, 0 where there are none. */\n");
    open_table(s, "", "unknowns");
    for (size_t k = 0; k < r->unknown_count; k++) add_place(s, k, r->unknowns[k]);
    close_table(s);
    if (!r->gradient) return;
    open_table(s, "", "derivatives");
    for (size_t k = 0; k < r->unknown_count; k++) add_place(s, k, s->derivatives[r->unknowns[k]]);
    close_table(s);
}

/* ---- Calls ---- */

static void write_input(struct listing *s, array_id a) {
    text_addf(s->out, "    slots[%u] = (void *)%sin->%s;\n", a, s->main->arrays.at[a].rank ? "" : "&",
              s->names[a]);
}

static size_t count_inputs(const struct listing *s) {
    size_t count = 0;
    for (array_id a = 1; a < s->main->arrays.count; a++) count += is_given(s->main, a);
    return count;
}

/* Many inputs are put into the table of arrays by functions of their own. */
static void write_binding(struct listing *s) {
    const char *prefix = s->request->prefix;
    size_t count = 0;
    if (count_inputs(s) <= MOST_STATEMENTS) return;
    for (array_id a = 1; a < s->main->arrays.count; a++) {
        if (!is_given(s->main, a)) continue;
        if (count % PIECE_OF_INPUTS == 0)
            text_addf(s->out, "%sGRADC_APART void %s_bind_%zu(const struct %s_inputs *in, void **slots) {\n",
                      count ? "}\n\n" : "", prefix, count / PIECE_OF_INPUTS, prefix);
        write_input(s, a);
        count++;
    }
    text_addf(s->out, "}\n\nstatic void %s_bind(const struct %s_inputs *in, void **slots) {\n", prefix,
              prefix);
    for (size_t k = 0; k * PIECE_OF_INPUTS < count; k++)
        text_addf(s->out, "    %s_bind_%zu(in, slots);\n", prefix, k);
    text_add(s->out, "}\n\n");
}

/* The table of arrays, with the inputs in it. */
static void write_slots(struct listing *s, const struct program *p) {
    size_t count = count_inputs(s);
    text_addf(s->out, "    void *slots[%zu] = {0};\n", p->arrays.count + 1);
    if (count == 0) text_add(s->out, "    (void)in;\n");
    if (count > MOST_STATEMENTS) {
        text_addf(s->out, "    %s_bind(in, slots);\n", s->request->prefix);
        return;
    }
    for (array_id a = 1; a < p->arrays.count; a++)
        if (is_given(p, a)) write_input(s, a);
}

static void write_count(struct listing *s, const struct program *p, const char *what) {
    text_addf(s->out, "    int64_t sizes[%zu];\n", p->arrays.count);
    write_slots(s, p);
    text_addf(s->out, "    slots[%zu] = sizes;\n    %s_%s_sizes_kernel(slots);\n", p->arrays.count,
              s->request->prefix, what);
}

/* The names of the unknowns with their counts, the first of many. */
static void add_unknowns(struct listing *s) {
    enum { SHOWN = 8 };
    size_t count = s->request->unknown_count, shown = many_unknowns(s) ? SHOWN : count;
    for (size_t k = 0; k < shown; k++) {
        array_id a = s->request->unknowns[k];
        text_addf(s->out, "%s %s (%zu)", k ? "," : "", s->main->arrays.at[a].name,
                  s->request->binding->arrays[a].count);
    }
    if (shown < count) text_addf(s->out, " and %zu more", count - shown);
}

static void write_dimension(struct listing *s) {
    const struct source_request *r = s->request;
    text_add(s->out,
             "/* How many numbers the point has (and so the gradient): the unknowns in the order of their\n"
             " * declaration, arrays row by row:");
    add_unknowns(s);
    text_addf(s->out, ". */\nsize_t %s_dimension(const struct %s_inputs *in) {\n", r->prefix, r->prefix);
    write_count(s, s->main, what_of(s, s->main));
    if (many_unknowns(s)) {
        text_addf(s->out,
                  "    int64_t count = 0;\n"
                  "    for (int k = 0; k < %zu; k++) count += sizes[%s_unknowns[k]];\n"
                  "    return (size_t)count;\n}\n\n",
                  r->unknown_count, r->prefix);
        return;
    }
    text_add(s->out, "    return (size_t)(0");
    for (size_t k = 0; k < r->unknown_count; k++) text_addf(s->out, " + sizes[%u]", r->unknowns[k]);
    text_add(s->out, ");\n}\n\n");
}

/* Arrays that live in the workspace: what a kernel stores besides its results. */
static bool in_workspace(const struct listing *s, const struct program *p, array_id a) {
    return sizes_needs_storage(p, a) && a != s->request->objective && p->arrays.at[a].role != ROLE_GRADIENT;
}

static size_t count_stored(const struct listing *s, const struct program *p) {
    size_t count = 0;
    for (array_id a = 1; a < p->arrays.count; a++) count += in_workspace(s, p, a);
    return count;
}

static void write_stored_table(struct listing *s, const struct program *p) {
    size_t count = 0;
    if (count_stored(s, p) <= MOST_STATEMENTS) return;
    text_add(s->out, "/* What lives in the workspace. */\n");
    open_table(s, what_of(s, p), "_stored");
    for (array_id a = 1; a < p->arrays.count; a++)
        if (in_workspace(s, p, a)) add_place(s, count++, a);
    close_table(s);
}

static void add_needed(struct listing *s, const struct program *p) {
    size_t stored = count_stored(s, p), memory = *memory_of(s, p);
    if (stored > MOST_STATEMENTS) {
        text_addf(s->out,
                  "    int64_t count = 0;\n"
                  "    for (int k = 0; k < %zu; k++) count += sizes[%s_%s_stored[k]];\n"
                  "    return count",
                  stored, s->request->prefix, what_of(s, p));
    } else {
        text_add(s->out, "    return 0");
        for (array_id a = 1; a < p->arrays.count; a++)
            if (in_workspace(s, p, a))
                text_addf(s->out, "\n        + sizes[%u] /* %s */", a, p->arrays.at[a].name);
    }
    if (memory) text_addf(s->out, "\n        + %zu /* between the pieces of the code */", memory);
    text_add(s->out, ";\n}\n\n");
}

static void write_needed(struct listing *s, const struct program *p) {
    write_stored_table(s, p);
    text_addf(s->out, "static int64_t %s_%s_needs(const struct %s_inputs *in) {\n", s->request->prefix,
              what_of(s, p), s->request->prefix);
    write_count(s, p, what_of(s, p));
    add_needed(s, p);
}

static void write_workspace(struct listing *s) {
    const struct source_request *r = s->request;
    if (r->value) write_needed(s, r->value);
    if (r->gradient) write_needed(s, r->gradient);
    text_addf(
        s->out,
        "/* How many doubles of workspace the functions below take; the workspace may be NULL where it is 0. "
        "*/\nsize_t %s_workspace(const struct %s_inputs *in) {\n",
        r->prefix, r->prefix);
    if (r->value && r->gradient)
        text_addf(s->out,
                  "    const int64_t value = %s_value_needs(in), gradient = %s_gradient_needs(in);\n"
                  "    return (size_t)(value > gradient ? value : gradient);\n}\n\n",
                  r->prefix, r->prefix);
    else
        text_addf(s->out, "    return (size_t)%s_%s_needs(in);\n}\n\n", r->prefix, what_of(s, s->main));
}

/* The places of many unknowns by the tables. */
static void write_many(struct listing *s, bool gradient) {
    const char *prefix = s->request->prefix;
    text_addf(s->out,
              "    for (int k = 0; k < %zu; k++) {\n"
              "        const int64_t size = sizes[%s_unknowns[k]];\n"
              "        slots[%s_unknowns[k]] = (void *)(x + at);\n",
              s->request->unknown_count, prefix, prefix);
    if (gradient)
        text_addf(s->out,
                  "        slots[%s_derivatives[k]] = gradient + at;\n"
                  "        for (int64_t i = 0; i < size && !%s_derivatives[k]; i++) gradient[at + i] = 0;\n",
                  prefix, prefix);
    text_add(s->out, "        at += size;\n    }\n");
}

static void write_one(struct listing *s, array_id a, bool gradient) {
    array_id derivative = gradient ? s->derivatives[a] : 0;
    text_addf(s->out, "    slots[%u] = (void *)(x + at); /* %s */\n", a, s->main->arrays.at[a].name);
    if (derivative)
        text_addf(s->out, "    slots[%u] = gradient + at;\n", derivative);
    else if (gradient)
        text_addf(s->out, "    for (int64_t k = 0; k < sizes[%u]; k++) gradient[at + k] = 0;\n", a);
    text_addf(s->out, "    at += sizes[%u];\n", a);
}

/* The places of the unknowns in the point, and of their derivatives in the gradient. */
static void write_point(struct listing *s, const struct program *p) {
    bool gradient = p == s->request->gradient;
    text_add(s->out, "    int64_t at = 0;\n");
    if (many_unknowns(s)) {
        write_many(s, gradient);
        return;
    }
    for (size_t k = 0; k < s->request->unknown_count; k++) write_one(s, s->request->unknowns[k], gradient);
    text_add(s->out, "    (void)at;\n");
}

static void write_storage(struct listing *s, const struct program *p) {
    size_t stored = count_stored(s, p), memory = *memory_of(s, p);
    const char *prefix = s->request->prefix, *what = what_of(s, p);
    text_add(s->out, "    int64_t used = 0;\n");
    if (stored > MOST_STATEMENTS) {
        text_addf(s->out,
                  "    for (int k = 0; k < %zu; k++) {\n"
                  "        slots[%s_%s_stored[k]] = workspace + used;\n"
                  "        used += sizes[%s_%s_stored[k]];\n"
                  "    }\n",
                  stored, prefix, what, prefix, what);
    } else {
        for (array_id a = 1; a < p->arrays.count; a++)
            if (in_workspace(s, p, a))
                text_addf(s->out, "    slots[%u] = workspace + used; /* %s */\n    used += sizes[%u];\n", a,
                          p->arrays.at[a].name, a);
    }
    if (memory) text_add(s->out, "    slots[0] = workspace + used;\n");
    text_add(s->out, "    (void)used;\n    (void)workspace;\n");
}

static void write_call(struct listing *s, const struct program *p) {
    bool gradient = p == s->request->gradient;
    const char *prefix = s->request->prefix, *what = what_of(s, p);
    text_addf(s->out,
              gradient ? "/* The value at the point x; the derivatives by all unknowns go to gradient. */\n"
                       : "/* The value at the point x. */\n");
    text_addf(s->out, "double %s_%s(const struct %s_inputs *in, const double *x%s, double *workspace) {\n",
              prefix, what, prefix, gradient ? ", double *gradient" : "");
    text_add(s->out, "    double objective = 0;\n");
    write_count(s, p, what);
    text_addf(s->out, "    slots[%u] = &objective;\n", s->request->objective);
    write_point(s, p);
    write_storage(s, p);
    text_addf(s->out, "    %s_%s_kernel(slots);\n    return objective;\n}\n", prefix, what);
}

/* ---- The file ---- */

static void write_head(struct listing *s) {
    text_addf(s->out,
              "/* Made by gradc %s from %s. C99; needs <math.h> and no other library.\n"
              " *\n"
              " * Compiled without contraction of products and sums (gcc and clang: -std=c99 or "
              "-ffp-contract=off) it\n"
              " * gives the same bits everywhere where the mathematical library does. Nothing here takes "
              "memory or\n"
              " * keeps state: calls with different workspaces may run at the same time. */\n"
              "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
              "#ifdef __clang__\n#pragma STDC FP_CONTRACT OFF\n#endif\n\n",
              s->request->version, s->request->origin);
}

static void write_file(struct listing *s) {
    const struct source_request *r = s->request;
    write_head(s);
    write_inputs(s);
    for (int helper = 0; helper < HELPER_COUNT; helper++)
        if (s->needs.helpers[helper]) text_addf(s->out, "%s\n", emit_helper_text((enum emit_helper)helper));
    if (!emit_library(s->needs.ops, s->out)) s->out->failed = true;
    text_add(s->out, text_string(&s->functions));
    write_unknown_tables(s);
    write_binding(s);
    write_dimension(s);
    write_workspace(s);
    if (r->value) write_call(s, r->value);
    if (r->value && r->gradient) text_add(s->out, "\n");
    if (r->gradient) write_call(s, r->gradient);
}

static bool write_kernels(struct listing *s, const struct program *p) {
    return !p || (write_sizes(s, p, what_of(s, p)) && write_kernel(s, p, what_of(s, p), memory_of(s, p)));
}

bool emit_source(const struct source_request *request, struct diag_list *diags, struct text *out) {
    struct listing s = {.request = request, .diags = diags, .out = out};
    s.main = request->gradient ? request->gradient : request->value;
    s.names = names_make(s.main, s.main->arena);
    if (request->gradient) s.derivatives = find_derivatives(request->gradient);
    bool good = s.names && (s.derivatives || !request->gradient)
                    ? write_kernels(&s, request->value) && write_kernels(&s, request->gradient)
                    : out_of_memory(&s);
    if (count_inputs(&s) > MOST_STATEMENTS) s.needs.helpers[HELPER_APART] = true;
    if (good) write_file(&s);
    if (good && (out->failed || s.functions.failed)) good = out_of_memory(&s);
    text_free(&s.functions);
    free(s.derivatives);
    return good;
}
