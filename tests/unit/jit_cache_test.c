/* Code from the cache against code that has just been made, over random programs; and objects that are
 * damaged. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/handle.h"
#include "differential/generate.h"
#include "jit/image.h"
#include "support/store.h"

static char folder[64];

static void begin(void) {
    strcpy(folder, "/tmp/gradc-cache-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void end(void) {
    struct store_state removed;
    store_clear(folder, &removed);
    cr_expect_eq(rmdir(folder), 0);
}

TestSuite(jit_cache, .init = begin, .fini = end);

static size_t kept(void) {
    struct store_state state;
    store_look(folder, &state);
    return state.files;
}

static struct gradc_model *load(const char *text) {
    struct gradc_model *model = gradc_load_text("text", ".", text, strlen(text), NULL);
    cr_assert(model && !gradc_has_errors(model), "%.200s", text);
    return model;
}

/* Value and gradient; returns whether the gradient's code was there already. */
static bool evaluate(struct gradc_model *model, struct gradc_evaluator_options options, double *results) {
    struct gradc_evaluator *e = gradc_evaluator_new(model, &options);
    size_t before = kept();
    cr_assert_leq(gradc_evaluate(e, gradc_start(model), results, results + 1), GRADC_UNDEFINED);
    cr_assert(e->gradient.kernel, "there is no native code");
    bool found = kept() == before;
    gradc_evaluator_free(e);
    return found;
}

static bool same_bits(const double *a, const double *b, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (memcmp(&a[k], &b[k], sizeof *a) != 0 && !(a[k] != a[k] && b[k] != b[k])) return false;
    return true;
}

/* Made, found by the same model, and found by another one. */
static void check_text(const char *text, enum gradc_arithmetic arithmetic, unsigned lanes) {
    struct gradc_evaluator_options options = {
        .native = true, .arithmetic = arithmetic, .lanes = lanes, .cache = folder};
    struct gradc_model *model = load(text), *other = load(text);
    size_t count = gradc_dimension(model) + 1;
    double *made = calloc(count, sizeof *made), *found = calloc(count, sizeof *found);
    cr_expect(!evaluate(model, options, made), "%.200s", text);
    cr_expect(evaluate(model, options, found), "not found again: %.200s", text);
    cr_expect(same_bits(made, found, count), "%.200s", text);
    cr_expect(evaluate(other, options, found), "not found by another model: %.200s", text);
    cr_expect(same_bits(made, found, count), "%.200s", text);
    free(made);
    free(found);
    gradc_free(model);
    gradc_free(other);
}

Test(jit_cache, random_programs, .timeout = 280) {
    static const enum gradc_arithmetic arithmetics[] = {GRADC_STRICT, GRADC_LANES, GRADC_FAST};
    const char *scale = getenv("GRADC_TEST_SCALE");
    uint64_t last = 60 * (uint64_t)(scale ? atoi(scale) : 100) / 100 + 3;
    for (uint64_t seed = 1; seed <= last; seed++) {
        struct text text = {0};
        struct store_state removed;
        generate_program(seed, &text);
        check_text(text_string(&text), arithmetics[seed % 3], seed % 2 ? 0 : 4);
        store_clear(folder, &removed);
        text_free(&text);
    }
}

/* Long code is cut into functions that call each other. */
Test(jit_cache, long_code, .timeout = 120) {
    struct text text = {0};
    text_add(&text, "var x = 0.3, y = 0.4\nlet v0 = x, v1 = y\n");
    for (int k = 2; k < 3000; k++) text_addf(&text, "let v%d = sin(v%d) + v%d*v%d\n", k, k - 1, k - 2, k / 2);
    text_add(&text, "minimize v2999 + besselj(2, v1000) + sum(tanh(i*x) for i in 1..100)\n");
    check_text(text_string(&text), GRADC_LANES, 0);
    text_free(&text);
}

/* What a key must tell apart. */
Test(jit_cache, other_programs_and_options_have_other_keys) {
    static const char *const texts[] = {
        "var x = 2\nminimize sum(x^2*i for i in 1..5)\n",
        "var x = 2\nminimize sum(x^3*i for i in 1..5)\n",
        "var x = 2\nminimize sum(x^2*i for i in 1..6)\n",
        "var x = 2\nminimize sum(2.5*x^2*i for i in 1..5)\n",
        "var x = 2\nminimize sum(3.5*x^2*i for i in 1..5)\n",
        "var x = 2\nmaximize sum(sin(x*i) for i in 1..5)\n",
        "var x = 2\nmaximize sum(cos(x*i) for i in 1..5)\n",
        "var x[2] = 2\nminimize sum(x[1]*x[2]*i for i in 1..5)\n",
        "var x[2] = 2\nminimize sum(x[1]*x[1]*i for i in 1..5)\n",
    };
    double results[3];
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct gradc_model *model = load(texts[k]);
        struct gradc_evaluator_options options = {.native = true, .lanes = 1, .cache = folder};
        cr_expect(!evaluate(model, options, results), "%s", texts[k]);
        options.lanes = 2;
        cr_expect(!evaluate(model, options, results), "%s, 2 lanes", texts[k]);
        options.lanes = 1;
        options.arithmetic = GRADC_FAST;
        cr_expect(!evaluate(model, options, results), "%s, fast", texts[k]);
        cr_expect(evaluate(model, options, results), "%s, fast again", texts[k]);
        gradc_free(model);
    }
}

/* Numbers of nodes depend on what else a model has made; programs are the same all the same. */
Test(jit_cache, what_else_was_made_does_not_matter) {
    struct gradc_evaluator_options options = {.native = true, .cache = folder};
    const char *text = "var x = 2, y = 3\noutput f = sin(x*y)\nminimize sum(sin(x*i)*y for i in 1..5)\n";
    struct gradc_model *model = load(text), *other = load(text);
    double results[3], others[3];
    cr_expect(!evaluate(model, options, results));
    struct gradc_evaluator *e = gradc_evaluator_new(
        other, &(struct gradc_evaluator_options){.interpret = true, .arithmetic = GRADC_STRICT});
    gradc_element_gradient(e, GRADC_OUTPUTS, 0, 0, gradc_start(other), others);
    cr_expect(evaluate(other, options, others), "not found");
    cr_expect(same_bits(results, others, 3));
    gradc_evaluator_free(e);
    gradc_free(model);
    gradc_free(other);
}

/* ---- Damaged objects ---- */

/* The first object of what is kept. */
static unsigned char *take_object(size_t *length) {
    struct gradc_model *model =
        load("var x = 2, y = 1\nminimize sum(log(x*i)*erfc(y*i)/i for i in 1..7) + gamma(x)\n");
    double results[3];
    unsigned char key[DIGEST_BYTES], *copy = NULL;
    struct gradc_evaluator_options how = {.native = true, .arithmetic = GRADC_STRICT, .cache = folder};
    evaluate(model, how, results);
    char command[200], name[2 * DIGEST_BYTES + 2] = "";
    snprintf(command, sizeof command, "ls %s", folder);
    FILE *list = popen(command, "r");
    cr_assert(list && fgets(name, sizeof name, list));
    pclose(list);
    for (int k = 0; k < DIGEST_BYTES; k++) {
        char pair[3] = {name[2 * k], name[2 * k + 1], 0};
        key[k] = (unsigned char)strtoul(pair, NULL, 16);
    }
    size_t whole;
    unsigned char *contents = store_find(folder, key, &whole);
    cr_assert(contents && whole > 16);
    uint64_t size;
    memcpy(&size, contents + 8, sizeof size);
    cr_assert(size <= whole - 16);
    copy = malloc(size);
    memcpy(copy, contents + 16, size);
    *length = size;
    free(contents);
    gradc_free(model);
    return copy;
}

Test(jit_cache, damaged_objects_are_refused_or_linked_but_never_trusted, .timeout = 120) {
    size_t length;
    unsigned char *object = take_object(&length), *damaged = malloc(length);
    uint64_t state = 5;
    size_t refused = 0, tries = 20000;
    struct image *image = image_link(&(struct image_object){object, length}, 1);
    cr_expect_not_null(image);
    image_free(image);
    for (size_t k = 0; k < tries; k++) {
        memcpy(damaged, object, length);
        size_t count = 1 + random_below(&state, 3),
               shorter = k % 4 ? length : random_below(&state, (unsigned)length);
        for (size_t i = 0; i < count; i++)
            damaged[random_below(&state, (unsigned)length)] ^= (unsigned char)(1 + random_below(&state, 255));
        image = image_link(&(struct image_object){damaged, shorter}, 1);
        refused += image == NULL;
        image_free(image);
    }
    cr_expect_gt(refused, tries / 8);
    free(damaged);
    free(object);
}
