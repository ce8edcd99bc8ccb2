/* decimal_comma LOCALE FILE...: what the library reads and writes for each model while a program has set a
 * locale: bits of numbers, C and LLVM's text. The first line is the decimal point of the locale. */
#include <gradc/gradc.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_bits(const char *what, const double *numbers, size_t count) {
    for (size_t k = 0; k < count; k++) {
        unsigned char bytes[sizeof *numbers];
        memcpy(bytes, &numbers[k], sizeof bytes);
        printf("%s %zu ", what, k);
        for (size_t b = 0; b < sizeof bytes; b++) printf("%02x", bytes[b]);
        printf("\n");
    }
}

static bool write_numbers(struct gradc_model *model) {
    struct gradc_evaluator_options how = {.evaluations = 1, .arithmetic = GRADC_STRICT};
    struct gradc_evaluator *evaluator = gradc_evaluator_new(model, &how);
    size_t n = gradc_dimension(model);
    double value = 0, *gradient = calloc(n + 1, sizeof *gradient);
    bool good = evaluator && gradient &&
                gradc_evaluate(evaluator, gradc_start(model), &value, gradient) == GRADC_DONE;
    if (good) {
        write_bits("start", gradc_start(model), n);
        write_bits("value", &value, 1);
        write_bits("gradient", gradient, n);
    }
    free(gradient);
    gradc_evaluator_free(evaluator);
    return good;
}

static bool write_file(bool made, struct gradc_emitted *file) {
    if (!made) return false;
    printf("%s\n%s\n", file->header ? file->header : "", file->source);
    gradc_emitted_free(file);
    return true;
}

static bool write_code(struct gradc_model *model) {
    struct gradc_emit_options plain = {.value = true, .gradient = true, .hessian = true};
    struct gradc_emit_options whole = {.gradient = true, .freeze = true, .self_test = true};
    struct gradc_emit_options single = {.gradient = true, .freeze = true, .single = true};
    struct gradc_object_options text = {.format = GRADC_LLVM_TEXT};
    struct gradc_emitted file;
    return write_file(gradc_emit_c(model, &plain, &file), &file) &&
           write_file(gradc_emit_c(model, &whole, &file), &file) &&
           write_file(gradc_emit_c(model, &single, &file), &file) &&
           write_file(gradc_emit_object(model, &plain, &text, &file), &file);
}

static bool write_model(const char *path) {
    struct gradc_load_options load = {.params = NULL};
    struct gradc_model *model = gradc_load_file(path, &load);
    bool good =
        model && !gradc_has_errors(model) && gradc_start(model) && write_numbers(model) && write_code(model);
    if (!good) fprintf(stderr, "%s cannot be read, evaluated and emitted\n", path);
    gradc_free(model);
    return good;
}

int main(int argc, char **argv) {
    bool good = argc > 2;
    if (!good || !setlocale(LC_ALL, argv[1])) {
        fprintf(stderr, "there is no locale %s\n", argc > 1 ? argv[1] : "");
        return 1;
    }
    printf("%s\n", localeconv()->decimal_point);
    for (int k = 2; k < argc; k++) good &= write_model(argv[k]);
    return good ? 0 : 1;
}
