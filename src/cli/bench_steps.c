#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/bench.h"
#include "cli/picture.h"
#include "cli/print.h"

enum { WIDTH = 760, HEIGHT = 520 };

static const char *const names[GRADC_BENCH_FORMULAS] = {"forward", "central", "five_point"};
static const char *const titles[GRADC_BENCH_FORMULAS] = {"forward", "central", "five-point"};

/* ---- As a table ---- */

static void write_row(FILE *out, const struct gradc_bench *bench, const struct gradc_bench_step *step) {
    print_number(out, step->h);
    for (int k = 0; k < GRADC_BENCH_FORMULAS; k++) {
        const double cells[] = {step->error[k], step->truncation[k], step->rounding[k]};
        for (size_t i = 0; i < 3; i++) {
            fputc(',', out);
            print_number(out, cells[i]);
        }
    }
    fputc(',', out);
    print_number(out, bench->exact_floor);
    fputc('\n', out);
}

bool bench_write_steps(const struct bench_run *run, const char *path) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out) require_text(NULL);
    fputc('h', out);
    for (int k = 0; k < GRADC_BENCH_FORMULAS; k++)
        fprintf(out, ",%s,%s_truncation,%s_rounding", names[k], names[k], names[k]);
    fputs(",exact\n", out);
    for (size_t k = 0; k < run->bench.step_count; k++) write_row(out, &run->bench, &run->bench.steps[k]);
    fclose(out);
    bool good = put_file(path, require_text(text), length);
    free(text);
    return good;
}

/* ---- As a picture ---- */

/* A logarithmic axis has no 0. */
static const double least_shown = 1e-17, bottom = 2e-18;

static void write_shown(struct picture *p, double value) {
    fputc(' ', p->script);
    picture_number(p, isfinite(value) ? fmax(value, least_shown) : value);
}

/* What is predicted ends where nothing could be seen of it. */
static void write_branch(struct picture *p, double value) {
    fputc(' ', p->script);
    picture_number(p, value >= least_shown ? value : NAN);
}

static void write_data(struct picture *p, const struct gradc_bench *bench) {
    fputs("$steps << EOD\n", p->script);
    for (size_t k = 0; k < bench->step_count; k++) {
        const struct gradc_bench_step *step = &bench->steps[k];
        picture_number(p, step->h);
        for (int i = 0; i < GRADC_BENCH_FORMULAS; i++) {
            write_shown(p, step->error[i]);
            write_branch(p, step->truncation[i]);
            write_branch(p, step->rounding[i]);
        }
        fputc('\n', p->script);
    }
    fputs("EOD\n", p->script);
}

static void write_axes(struct picture *p, const struct gradc_bench *bench) {
    fputs("set logscale xy\n"
          "set format x '10^{%L}'\nset format y '10^{%L}'\n"
          "set xrange [1e-16:1e-1]\n"
          "set key inside center top vertical Left reverse noautotitle\n"
          "set xtics 1e-16,1e2\nset ytics 1e-16,1e2\n"
          "set grid xtics ytics linewidth 0.4 linecolor rgb '#DDDDDD'\n",
          p->script);
    fputs("set yrange [", p->script);
    picture_number(p, bottom);
    fputs(":1e2]\n", p->script);
    fputs("set xlabel 'step h, in units of max(|x|, 1)'\n", p->script);
    if (bench->step_partials > 1)
        fprintf(p->script, "set ylabel 'relative error of a partial (median of %zu)'\n",
                bench->step_partials);
    else
        fputs("set ylabel 'relative error of the partial'\n", p->script);
}

static void write_curves(struct picture *p, const struct gradc_bench *bench) {
    fputs("plot ", p->script);
    for (int k = 0; k < GRADC_BENCH_FORMULAS; k++) {
        const char *colour = picture_colour((size_t)k);
        for (int branch = 3; branch <= 4; branch++)
            fprintf(p->script,
                    "$steps using 1:%d with lines linecolor rgb '%s' linewidth 1 dashtype 2 notitle, \\\n",
                    3 * k + branch, colour);
        fprintf(p->script,
                "$steps using 1:%d with linespoints linecolor rgb '%s' linewidth 1.6 pointtype %d "
                "pointsize 0.5 title '%s', \\\n",
                3 * k + 2, colour, 5 + 2 * k, titles[k]);
    }
    fputs("NaN with lines linecolor rgb '#606060' linewidth 1 dashtype 2 title 'predicted', \\\n", p->script);
    picture_number(p, fmax(bench->exact_floor, least_shown));
    fprintf(p->script, " with lines linecolor rgb '#000000' linewidth 2 title 'exact gradient%s'\n",
            bench->exact_floor > 0 ? "" : ": no error");
}

enum exit_status bench_draw_steps(const struct bench_run *run, const char *path) {
    struct picture p;
    if (!picture_begin(&p, path, WIDTH, HEIGHT)) return EXIT_WRONG;
    write_data(&p, &run->bench);
    write_axes(&p, &run->bench);
    write_curves(&p, &run->bench);
    return picture_end(&p);
}
