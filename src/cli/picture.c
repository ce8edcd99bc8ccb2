#include "cli/picture.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/process.h"

const char *picture_colour(size_t k) {
    static const char *const colours[PICTURE_COLOURS] = {"#0072B2", "#D55E00", "#009E73", "#E69F00",
                                                         "#CC79A7", "#56B4E9", "#000000", "#F0E442"};
    return colours[k % PICTURE_COLOURS];
}

/* ---- The script ---- */

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

static bool find_format(struct picture *picture) {
    const char *path = picture->path;
    picture->format = PICTURE_SVG;
    if (!path || strcmp(path, "-") == 0 || ends_with(path, ".svg")) return true;
    picture->format = ends_with(path, ".png") ? PICTURE_PNG : PICTURE_SCRIPT;
    if (picture->format == PICTURE_PNG || ends_with(path, ".gp")) return true;
    complain("bad-value", "pictures end in .svg or .png, a script for gnuplot in .gp",
             "there is no kind of picture for `%s`", path);
    return false;
}

/* A picture of points has twice as many of them as it is large, for sharp screens. */
static void choose_terminal(struct picture *picture, unsigned width, unsigned height) {
    if (picture->format == PICTURE_SCRIPT) fputs("# gnuplot THIS.gp > PICTURE.svg\n", picture->script);
    if (picture->format == PICTURE_PNG)
        fprintf(
            picture->script,
            "set terminal pngcairo size %u,%u font 'sans-serif,12' fontscale 2 linewidth 2 pointscale 2\n",
            2 * width, 2 * height);
    else
        fprintf(picture->script,
                "set terminal svg size %u,%u fixed font 'sans-serif,13' background 'white'\n", width, height);
}

bool picture_begin(struct picture *picture, const char *path, unsigned width, unsigned height) {
    *picture = (struct picture){.path = path};
    if (!find_format(picture)) return false;
    picture->script = open_memstream(&picture->text, &picture->length);
    if (!picture->script) {
        complain("failed", NULL, "memory is exhausted");
        return false;
    }
    choose_terminal(picture, width, height);
    fputs("set encoding utf8\n"
          "set minussign\n"
          "set border 3 linewidth 0.8 linecolor rgb '#404040'\n"
          "set tics nomirror out scale 0.6 textcolor rgb '#202020'\n"
          "set key tmargin left horizontal Left reverse samplen 2 spacing 1.2 maxrows 3 width -4\n",
          picture->script);
    return true;
}

void picture_text(struct picture *picture, const char *text) {
    fputc('\'', picture->script);
    for (; *text; text++) {
        if (*text == '\'') fputc('\'', picture->script);
        fputc(*text == '\n' ? ' ' : *text, picture->script);
    }
    fputc('\'', picture->script);
}

void picture_number(struct picture *picture, double value) {
    if (isfinite(value))
        fprintf(picture->script, "%.7g", value == 0 ? 0 : value); /* no -0 */
    else
        fputs("NaN", picture->script);
}

void picture_number_text(struct picture *picture, const char *text) {
    fputc('\'', picture->script);
    for (; *text; text++) fputs(*text == '-' ? "\xe2\x88\x92" : (char[]){*text, '\0'}, picture->script);
    fputc('\'', picture->script);
}

void picture_data(struct picture *picture, const char *name, size_t number) {
    if (number)
        fprintf(picture->script, "$%s%zu << END\n", name, number);
    else
        fprintf(picture->script, "$%s << END\n", name);
}

void picture_data_end(struct picture *picture) {
    fputs("END\n", picture->script);
}

void picture_row(struct picture *picture, int count, ...) {
    va_list args;
    va_start(args, count);
    for (int k = 0; k < count; k++) {
        if (k) fputc(' ', picture->script);
        picture_number(picture, va_arg(args, double));
    }
    va_end(args);
    fputc('\n', picture->script);
}

/* ---- gnuplot ---- */

/* What gnuplot reads and writes: files without a name, so that neither side waits for the other. */
struct streams {
    FILE *script, *drawn, *said;
};

static bool open_streams(struct streams *s, const struct picture *picture) {
    *s = (struct streams){tmpfile(), tmpfile(), tmpfile()};
    return s->script && s->drawn && s->said &&
           fwrite(picture->text, 1, picture->length, s->script) == picture->length &&
           fflush(s->script) == 0 && lseek(fileno(s->script), 0, SEEK_SET) == 0;
}

static void close_streams(struct streams *s) {
    if (s->script) fclose(s->script);
    if (s->drawn) fclose(s->drawn);
    if (s->said) fclose(s->said);
}

static enum exit_status complain_absent(int reason) {
    if (reason == ENOENT || reason == EACCES)
        complain("no-gnuplot",
                 "install the Debian package gnuplot-nox, or write a script for it: name it FILE.gp",
                 "pictures are drawn by gnuplot, which is not installed");
    else
        complain("no-gnuplot", NULL, "gnuplot cannot be started: %s", strerror(reason));
    return EXIT_MACHINE;
}

/* What gnuplot says, without the blanks around it. */
static const char *trim(char *text) {
    size_t length = strlen(text);
    while (length > 0 && strchr(" \n", text[length - 1])) text[--length] = '\0';
    return length > 0 ? text + strspn(text, " \n") : "it wrote nothing";
}

static enum exit_status deliver(struct streams *s, const struct picture *picture, bool good) {
    size_t length = 0;
    rewind(good ? s->drawn : s->said);
    char *text = read_stream(good ? s->drawn : s->said, &length);
    enum exit_status status = EXIT_MACHINE;
    if (good && text && length > 0)
        status = put_file(picture->path, text, length) ? EXIT_FINE : EXIT_MACHINE;
    else
        complain("gnuplot-failed", NULL, "gnuplot could not draw the picture: %s",
                 text ? trim(text) : strerror(errno));
    free(text);
    return status;
}

/* Gnuplot runs without the settings of its user. */
static enum exit_status draw(const struct picture *picture) {
    char *words[] = {"gnuplot", "-d", "-", NULL};
    struct streams streams;
    enum exit_status status = EXIT_MACHINE;
    bool good;
    if (!open_streams(&streams, picture)) {
        complain("cannot-write", NULL, "cannot write a temporary file: %s", strerror(errno));
    } else {
        struct process_files files = {streams.script, streams.drawn, streams.said};
        int reason = process_run(words, &files, &good);
        status = reason ? complain_absent(reason) : deliver(&streams, picture, good);
    }
    close_streams(&streams);
    return status;
}

void picture_abandon(struct picture *picture) {
    if (picture->script) fclose(picture->script);
    free(picture->text);
    *picture = (struct picture){0};
}

enum exit_status picture_end(struct picture *picture) {
    enum exit_status status = EXIT_MACHINE;
    bool good = !ferror(picture->script);
    if (fclose(picture->script) != 0) good = false;
    picture->script = NULL;
    if (!good)
        complain("failed", NULL, "memory is exhausted");
    else if (picture->format == PICTURE_SCRIPT)
        status = put_file(picture->path, picture->text, picture->length) ? EXIT_FINE : EXIT_MACHINE;
    else
        status = draw(picture);
    picture_abandon(picture);
    return status;
}
