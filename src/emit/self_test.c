#include "emit/self_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emit/unit.h"

/* ---- Tables ---- */

/* One digit, rounded up. */
static const char *tolerance_text(const struct unit *u, double tolerance) {
    const struct phrasing p = {u->arena, u->single};
    int exponent = tolerance > 0 && isfinite(tolerance) ? (int)floor(log10(tolerance)) : 0;
    double digit = ceil(tolerance / pow(10, exponent));
    if (!(tolerance > 0) || !isfinite(tolerance)) return phrase_real(&p, tolerance).text;
    const char *text = arena_format(u->arena, "%de%d%s", (int)digit, exponent, u->single ? "f" : "");
    return text ? text : "0";
}

static void add_row(const struct unit *u, const double *numbers, size_t count, bool tolerances,
                    struct text *out) {
    const struct phrasing p = {u->arena, u->single};
    size_t width = 0;
    text_add(out, "    {");
    for (size_t k = 0; k < count; k++) {
        const char *text =
            tolerances ? tolerance_text(u, numbers[k]) : phrase_signed(&p, phrase_real(&p, numbers[k])).text;
        if (k) text_add(out, width > 90 ? ",\n     " : ", ");
        if (k && width > 90) width = 0;
        text_add(out, text);
        width += strlen(text) + 2;
    }
    text_add(out, count ? "},\n" : "0},\n");
}

static void add_table(const struct unit *u, const struct self_test *t, size_t figure, bool tolerances,
                      struct text *out) {
    size_t count = t->points[0].figures[figure].count;
    text_addf(out, "    static const %s %s[%zu][%zu] = {\n", unit_real(u),
              tolerances ? "tolerance" : "expected", t->point_count, count ? count : 1);
    for (size_t k = 0; k < t->point_count; k++) {
        const struct figure *f = &t->points[k].figures[figure];
        text_add(out, "    ");
        add_row(u, tolerances ? f->tolerances : f->values, count, tolerances, out);
    }
    text_add(out, "    };\n");
}

/* ---- Comparisons ---- */

static const char head[] = "\n/* ---- The self-test ---- */\n\n#include <stdio.h>\n\n"
                           "struct @P_counts {\n    int passed, failed;\n};\n\n"
                           "/* Compares numbers with those that were expected. */\n"
                           "static void @P_compare(const char *what, const @R *got, const @R *expected,\n"
                           "    const @R *tolerance, int count, struct @P_counts *counts) {\n"
                           "    for (int k = 0; k < count; k++) {\n"
                           "        if (fabs@F(got[k] - expected[k]) <= tolerance[k]) {\n"
                           "            counts->passed++;\n"
                           "        } else {\n"
                           "            counts->failed++;\n"
                           "            printf(\"%s, number %d: %.9g instead of %.9g\\n\", what, k, "
                           "(double)got[k], (double)expected[k]);\n"
                           "        }\n"
                           "    }\n"
                           "}\n\n";

/* A matrix is compared by its product with the direction; what cancels there widens the tolerance. */
static const char matrix_head[] = "/* Adds an entry of a matrix times an element of the direction. */\n"
                                  "static void @P_add_entry(@R *product, @R *bound, @R entry, @R element) {\n"
                                  "    *product += entry * element;\n"
                                  "    *bound += @E@F * fabs@F(entry * element);\n"
                                  "}\n\n";

static const char matrix_body[] = "    static int64_t row[@T], column[@T], order[@T], scratch[2 * @T];\n"
                                  "    static @R entries[@T], product[@C], bound[@C];\n"
                                  "    const size_t count = @P_#_pattern(@Jrow, column, order, scratch@w);\n"
                                  "    @P_#(@Jpoints[test], ~order, entries@w);\n"
                                  "    for (int k = 0; k < @C; k++) {\n"
                                  "        product[k] = 0;\n"
                                  "        bound[k] = tolerance[test][k];\n"
                                  "    }\n"
                                  "    for (size_t k = 0; k < count; k++) {\n"
                                  "        const int64_t i = row[k], j = column[k];\n"
                                  "        @P_add_entry(&product[i], &bound[i], entries[k], direction[j]);\n";
static const char mirror_body[] =
    "        if (i != j) @P_add_entry(&product[j], &bound[j], entries[k], direction[i]);\n";
static const char matrix_end[] = "    }\n"
                                 "    @P_compare(\"#\", product, expected[test], bound, @C, counts);\n";

static const char value_body[] =
    "    const @R value = @P_value(@Jpoints[test]@w);\n"
    "    @P_compare(\"value\", &value, expected[test], tolerance[test], 1, counts);\n";
static const char gradient_body[] =
    "    static @R gradient[@N];\n"
    "    (void)@P_gradient(@Jpoints[test], gradient@w);\n"
    "    @P_compare(\"gradient\", gradient, expected[test], tolerance[test], @N, counts);\n";
static const char product_body[] =
    "    static @R product[@N];\n"
    "    @P_hessian_times(@Jpoints[test], direction, product@w);\n"
    "    @P_compare(\"hessian_times\", product, expected[test], tolerance[test], @N, counts);\n";
static const char rows_body[] =
    "    static @R numbers[@C];\n"
    "    @P_#(@Jpoints[test], numbers@w);\n"
    "    @P_compare(\"#\", numbers, expected[test], tolerance[test], @C, counts);\n";

static bool is_lagrangian(const struct figure *f) {
    return strcmp(f->function, "lagrangian") == 0;
}

/* Of which only the lower triangle is given. */
static bool is_symmetric(const struct figure *f) {
    return strcmp(f->function, "hessian") == 0 || is_lagrangian(f);
}

static bool is_matrix(const struct figure *f) {
    return is_symmetric(f) || strstr(f->function, "_jacobian");
}

static const char *body_of(const struct figure *f) {
    if (strcmp(f->function, "value") == 0) return value_body;
    if (strcmp(f->function, "gradient") == 0) return gradient_body;
    if (strcmp(f->function, "hessian_times") == 0) return product_body;
    return is_matrix(f) ? matrix_body : rows_body;
}

struct sizes {
    size_t dimension, count, terms;
    const char *function;
    bool is_weighted;
};

/* Fills in @T terms, @N dimension, @C count, @E the unit of rounding of matrices, @J the inputs with a comma,
 * #, and ~ what the Lagrangian takes beside them. */
static void add_filled(const struct unit *u, const char *text, const struct sizes *s, struct text *out) {
    struct text filled = {0};
    for (const char *at = text; *at; at++) {
        char letter = *at == '@' ? at[1] : *at == '#' || *at == '~' ? *at : 0;
        switch (letter) {
        case 'T': text_addf(&filled, "%zu", s->terms ? s->terms : 1); break;
        case 'N': text_addf(&filled, "%zu", s->dimension ? s->dimension : 1); break;
        case 'C': text_addf(&filled, "%zu", s->count ? s->count : 1); break;
        case 'E': text_add(&filled, u->single ? "4e-6" : "8e-15"); break;
        case 'J':
            if (u->has_inputs) text_addf(&filled, "&%s_here, ", u->prefix);
            break;
        case '#': text_add(&filled, s->function); break;
        case '~': text_add(&filled, s->is_weighted ? "factor, multipliers, " : ""); break;
        default: text_add_bytes(&filled, at, 1); continue;
        }
        at += *at == '@';
    }
    unit_template(u, out, text_string(&filled));
    text_free(&filled);
}

static bool uses_direction(const struct figure *f) {
    return is_matrix(f) || strcmp(f->function, "hessian_times") == 0;
}

static void add_weights(const struct unit *u, const struct self_test *t, struct text *out) {
    const struct phrasing p = {u->arena, u->single};
    text_addf(out, "    static const %s multipliers[%zu] =\n    ", unit_real(u),
              t->multiplier_count ? t->multiplier_count : 1);
    add_row(u, t->multipliers, t->multiplier_count, false, out);
    out->length -= 2; /* its comma */
    text_addf(out, ";\n    const %s factor = %s;\n", unit_real(u), phrase_real(&p, t->factor).text);
}

static void add_figure(const struct unit *u, const struct self_test *t, size_t k, size_t terms,
                       struct text *out) {
    const struct figure *f = &t->points[0].figures[k];
    const struct sizes sizes = {t->dimension, f->count, terms, f->function, is_lagrangian(f)};
    text_addf(out, "static void %s_test_%s(int test, struct %s_counts *counts", u->prefix, f->function,
              u->prefix);
    unit_template(u, out, "@W) {\n");
    add_table(u, t, k, false, out);
    add_table(u, t, k, true, out);
    if (uses_direction(f))
        text_addf(out, "    const %s *const direction = %s_direction;\n", unit_real(u), u->prefix);
    if (is_lagrangian(f)) add_weights(u, t, out);
    text_addf(out, "    const %s (*const points)[%zu] = %s_points;\n", unit_real(u),
              t->dimension ? t->dimension : 1, u->prefix);
    add_filled(u, body_of(f), &sizes, out);
    if (is_symmetric(f)) add_filled(u, mirror_body, &sizes, out);
    if (is_matrix(f)) add_filled(u, matrix_end, &sizes, out);
    text_add(out, "}\n\n");
}

static void add_points(const struct unit *u, const struct self_test *t, bool direction, struct text *out) {
    size_t count = t->dimension ? t->dimension : 1;
    text_add(out, "/* Where the functions are tried. */\n");
    text_addf(out, "static const %s %s_points[%zu][%zu] = {\n", unit_real(u), u->prefix, t->point_count,
              count);
    for (size_t k = 0; k < t->point_count; k++) add_row(u, t->points[k].point, t->dimension, false, out);
    text_add(out, "};\n\n");
    if (!direction) return;
    text_addf(out,
              "/* What second derivatives and Jacobians are multiplied with. */\nstatic const %s "
              "%s_direction[%zu] =\n",
              unit_real(u), u->prefix, count);
    add_row(u, t->direction, t->dimension, false, out);
    out->length -= 2; /* its comma */
    text_add(out, ";\n\n");
}

static void add_main(const struct unit *u, const struct self_test *t, size_t workspace, struct text *out) {
    text_addf(out, "int main(void) {\n    struct %s_counts counts = {0, 0};\n", u->prefix);
    if (u->has_workspace)
        text_addf(out, "    static %s workspace[%zu];\n", unit_real(u), workspace ? workspace : 1);
    text_addf(out, "    for (int test = 0; test < %zu; test++) {\n", t->point_count);
    for (size_t k = 0; k < t->points[0].figure_count; k++)
        text_addf(out, "        %s_test_%s(test, &counts%s);\n", u->prefix, t->points[0].figures[k].function,
                  u->has_workspace ? ", workspace" : "");
    text_add(out, "    }\n    printf(\"%d passed, %d failed\\n\", counts.passed, counts.failed);\n    return "
                  "counts.failed > 0;\n}\n");
}

void self_test_write(const struct unit *u, const struct self_test *test, size_t workspace,
                     size_t (*terms_of)(const void *context, const char *function), const void *context,
                     struct text *out) {
    bool matrix = false, direction = false;
    for (size_t k = 0; k < test->points[0].figure_count; k++) {
        matrix |= is_matrix(&test->points[0].figures[k]);
        direction |= uses_direction(&test->points[0].figures[k]);
    }
    unit_template(u, out, head);
    if (matrix) add_filled(u, matrix_head, &(struct sizes){.function = ""}, out);
    add_points(u, test, direction, out);
    for (size_t k = 0; k < test->points[0].figure_count; k++)
        add_figure(u, test, k, terms_of(context, test->points[0].figures[k].function), out);
    add_main(u, test, workspace, out);
}
