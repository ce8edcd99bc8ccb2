#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/picture.h"

/* What stands in a script behind its first lines. */
static const char *written(struct picture *picture, const char *from) {
    fflush(picture->script);
    const char *found = strstr(picture->text, from);
    return found ? found : "";
}

Test(picture, knows_its_format_by_the_end_of_the_path) {
    struct picture picture;
    static const struct {
        const char *path;
        enum picture_format format;
    } known[] = {{NULL, PICTURE_SVG},
                 {"-", PICTURE_SVG},
                 {"a.svg", PICTURE_SVG},
                 {"b.png", PICTURE_PNG},
                 {"a.svg.gp", PICTURE_SCRIPT}};
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
        cr_assert(picture_begin(&picture, known[k].path, 100, 100));
        cr_expect_eq(picture.format, known[k].format, "%s", known[k].path ? known[k].path : "none");
        picture_abandon(&picture);
    }
    static const char *const unknown[] = {"a.pdf", "svg", ".svg", "a.svg ", "a.SVG", ""};
    for (size_t k = 0; k < sizeof unknown / sizeof unknown[0]; k++)
        cr_expect(!picture_begin(&picture, unknown[k], 100, 100), "%s", unknown[k]);
}

Test(picture, quotes_text_so_that_it_cannot_be_a_command) {
    struct picture picture;
    cr_assert(picture_begin(&picture, "a.gp", 100, 100));
    fputs("@", picture.script);
    picture_text(&picture, "it's\n\\n \"quoted\" `date`");
    cr_expect_str_eq(written(&picture, "@"), "@'it''s \\n \"quoted\" `date`'");
    picture_abandon(&picture);
}

Test(picture, writes_numbers_that_gnuplot_reads) {
    struct picture picture;
    static const double values[] = {1.0 / 3, -0.0, 1e300, NAN, -INFINITY, -123456789};
    cr_assert(picture_begin(&picture, "a.gp", 100, 100));
    fputs("@", picture.script);
    for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
        fputc(' ', picture.script);
        picture_number(&picture, values[k]);
    }
    cr_expect_str_eq(written(&picture, "@"), "@ 0.3333333 0 1e+300 NaN NaN -1.234568e+08");
    picture_abandon(&picture);
}

Test(picture, colours_are_different) {
    for (size_t k = 0; k < PICTURE_COLOURS; k++)
        for (size_t i = 0; i < k; i++) cr_expect_str_neq(picture_colour(k), picture_colour(i));
    cr_expect_str_eq(picture_colour(0), picture_colour(PICTURE_COLOURS));
}

/* Draws a line into a file of this name; returns what the file begins with, "" where there is none. */
static enum exit_status draw(const char *name, const char *command, char start[8]) {
    char path[] = "/tmp/gradc-picture-XXXXXX";
    struct picture picture;
    char *folder = mkdtemp(path), file[64];
    cr_assert(folder);
    snprintf(file, sizeof file, "%s/%s", folder, name);
    cr_assert(picture_begin(&picture, file, 200, 100));
    fprintf(picture.script, "%s\n", command);
    enum exit_status status = picture_end(&picture);
    FILE *in = fopen(file, "rb");
    memset(start, 0, 8);
    if (in) cr_expect_gt(fread(start, 1, 7, in), 0);
    if (in) fclose(in);
    remove(file);
    remove(folder);
    return status;
}

Test(picture, is_drawn_by_gnuplot) {
    char start[8];
    enum exit_status status = draw("a.svg", "plot x", start);
    if (status != EXIT_FINE) cr_skip_test("gnuplot (gnuplot-nox) is not installed");
    cr_expect_str_eq(start, "<?xml v");
    cr_expect_eq(draw("a.png", "plot x", start), EXIT_FINE);
    cr_expect_eq(memcmp(start, "\x89PNG", 4), 0);
    cr_expect_eq(draw("a.svg", "plot x\nplot nonsense", start), EXIT_MACHINE);
    cr_expect_str_eq(start, "", "a failure leaves no file");
}

Test(picture, is_a_script_without_gnuplot) {
    char start[8];
    setenv("PATH", "", 1);
    cr_expect_eq(draw("a.svg", "plot x", start), EXIT_MACHINE);
    cr_expect_str_eq(start, "");
    cr_expect_eq(draw("a.gp", "plot x", start), EXIT_FINE);
    cr_expect_str_eq(start, "# gnupl");
}
