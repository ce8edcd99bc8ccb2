#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/print.h"

enum { CELL = 24, NAME = 22 };

static const char *plural(size_t count) {
    return count == 1 ? "" : "s";
}

/* ---- Cells ---- */

static void write_error(char cell[CELL], double error) {
    snprintf(cell, CELL, error == 0 ? "0" : isfinite(error) ? "%.1e" : "%g", error);
}

static void write_ulps(char cell[CELL], double ulps) {
    snprintf(cell, CELL, !isfinite(ulps) ? "%g" : ulps < 999.95 ? "%.1f" : "%.1e", ulps);
}

static void write_time(char cell[CELL], double seconds) {
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}};
    size_t k = 0;
    while (k < 3 && seconds >= 999.5 * units[k].unit) k++;
    snprintf(cell, CELL, seconds < 999.5 ? "%.3g %s" : "%.0f %s", seconds / units[k].unit, units[k].name);
}

static void write_ratio(char cell[CELL], double ratio) {
    snprintf(cell, CELL, ratio < 9.995 ? "%.2f" : ratio < 99.95 ? "%.1f" : "%.0f", ratio);
}

/* ---- The table ---- */

static bool has_times(const struct bench_run *run) {
    return !run->options.no_times;
}

static void print_head(const struct bench_run *run) {
    bool errors = run->bench.compared > 0;
    printf("%-*s", NAME, "");
    if (errors) printf(" %17s %17s %11s", "relative error", "error in ULP", "right bits");
    printf(" %7s", "values");
    if (has_times(run)) printf(" %8s %4s %7s", "", "", "times");
    printf("\n%-*s", NAME, "gradient");
    if (errors) printf(" %8s %8s %8s %8s %5s %5s", "worst", "median", "worst", "median", "worst", "med.");
    printf(" %7s", "of f");
    if (has_times(run)) printf(" %8s %4s %7s", "time", "+-", "f");
    putchar('\n');
}

static void print_errors(const struct gradc_bench_way *way) {
    char worst[CELL], median[CELL], worst_ulps[CELL], median_ulps[CELL];
    write_error(worst, way->worst_error);
    write_error(median, way->median_error);
    write_ulps(worst_ulps, way->worst_ulps);
    write_ulps(median_ulps, way->median_ulps);
    printf(" %8s %8s %8s %8s %5.1f %5.1f", worst, median, worst_ulps, median_ulps, way->worst_bits,
           way->median_bits);
}

static void print_times(const struct gradc_bench_way *way) {
    char time[CELL], ratio[CELL], spread[CELL];
    write_time(time, way->seconds);
    write_ratio(ratio, way->ratio);
    snprintf(spread, sizeof spread, "%.0f%%", way->seconds > 0 ? 100 * way->spread / way->seconds : 0);
    printf(" %8s %4s %7s%s", time, spread, ratio, way->interpreted ? "*" : "");
}

static void print_way(const struct bench_run *run, const struct gradc_bench_way *way) {
    printf("%-*s", NAME, way->name);
    if (way->obstacle) {
        printf("  %s\n", way->obstacle);
        return;
    }
    if (run->bench.compared > 0) print_errors(way);
    if (way->evaluations > 0)
        printf(" %7.0f", way->evaluations);
    else
        printf(" %7s", "-");
    if (has_times(run)) print_times(way);
    putchar('\n');
}

static void print_table(const struct bench_run *run) {
    enum gradc_bench_kind kind = GRADC_BENCH_EXACT;
    print_head(run);
    for (size_t k = 0; k < run->bench.way_count; k++) {
        const struct gradc_bench_way *way = &run->bench.ways[k];
        if (way->kind != kind) putchar('\n');
        kind = way->kind;
        print_way(run, way);
    }
}

/* ---- What was compared ---- */

static size_t defined_points(const struct gradc_bench *bench) {
    size_t count = 0;
    for (size_t k = 0; k < bench->point_count; k++) count += bench->point_defined[k];
    return count;
}

static void print_first_line(const struct bench_run *run) {
    const struct gradc_bench *bench = &run->bench;
    size_t points = defined_points(bench);
    printf("f of %zu unknown%s", bench->dimension, plural(bench->dimension));
    if (has_times(run)) {
        char time[CELL];
        write_time(time, bench->value_seconds);
        printf(", a value in %s", time);
    }
    if (bench->compared > 0)
        printf("; %zu partial%s at %zu point%s against a reference at 464 bits", bench->partial_count,
               plural(bench->partial_count), points, plural(points));
    fputs("\n\n", stdout);
}

static void note_sample(const struct gradc_bench *bench) {
    if (!bench->too_large && bench->partial_count < bench->dimension)
        printf("- %zu of %zu partials were compared, drawn at random; numeric gradients take all of them\n",
               bench->partial_count, bench->dimension);
    if (bench->too_large)
        puts("- errors were not measured: one evaluation at high precision would take too long");
    else if (bench->point_count < bench->points_asked)
        printf("- %zu of %zu points were compared: the reference would have taken too long\n",
               bench->point_count, bench->points_asked);
    size_t undefined = bench->point_count - defined_points(bench);
    if (bench->point_count && !bench->point_defined[0])
        puts("- the start is left out: the function is not defined there (`gradc eval` says why)");
    if (undefined > !bench->point_defined[0])
        printf("- %zu random points are left out: the function is not defined there\n",
               undefined - !bench->point_defined[0]);
}

static void note_kinks(const struct gradc_bench *bench) {
    if (bench->kinked)
        printf("- %zu partial%s left out: the function has a kink just there, and no derivative\n",
               bench->kinked, bench->kinked == 1 ? " was" : "s were");
    else if (isfinite(bench->kink) && bench->kink_point == 0)
        printf("- there is a kink %.1e from the start: differences across it are wrong\n", bench->kink);
    else if (isfinite(bench->kink))
        printf("- there is a kink %.1e from point %zu: differences across it are wrong\n", bench->kink,
               bench->kink_point);
}

static void note_zeros(const struct gradc_bench *bench) {
    bool missed = false;
    for (size_t k = 0; k < bench->way_count; k++) missed |= isinf(bench->ways[k].worst_error) != 0;
    if (bench->zeros && missed)
        printf("- %zu of %zu partials %s 0: what is not 0 there has no right bit\n", bench->zeros,
               bench->compared, bench->zeros == 1 ? "is" : "are");
}

static void note_undefined(const struct gradc_bench *bench) {
    for (size_t k = 0; k < bench->way_count; k++) {
        const struct gradc_bench_way *way = &bench->ways[k];
        if (way->undefined)
            printf("- %s: %zu of %zu partials are no number: the step leaves the domain\n", way->name,
                   way->undefined, bench->compared);
    }
}

static void note_times(const struct bench_run *run) {
    const struct gradc_bench *bench = &run->bench;
    size_t fewest = SIZE_MAX;
    bool interpreted = false;
    for (size_t k = 0; k < bench->way_count; k++) {
        const struct gradc_bench_way *way = &bench->ways[k];
        interpreted |= way->interpreted && !way->obstacle;
        if (!way->obstacle && way->timed < fewest) fewest = way->timed;
    }
    if (!has_times(run)) return;
    if (interpreted) {
        char time[CELL];
        write_time(time, bench->interpreted_seconds);
        printf("* in the interpreter, where a value takes %s\n", time);
    }
    if (fewest < bench->dimension)
        printf("- gradients by single partials were timed by %zu%s of them; the others are taken to cost as "
               "much\n",
               fewest, fewest < bench->partial_count ? " or more" : "");
}

static void print_wrapped(const char *text, size_t width) {
    size_t column = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column && column + 1 + length > width) {
            putchar('\n');
            column = 0;
        }
        if (column) putchar(' ');
        printf("%.*s", (int)length, text);
        column += length + (column > 0);
        text += length + strspn(text + length, " ");
    }
    putchar('\n');
}

/* ---- Descents ---- */

static void print_descent(const struct bench_run *run, const struct gradc_bench_descent *d) {
    char cell[CELL];
    printf("%-*s %-14s %10zu %9.0f", NAME, d->name, d->status, d->iterations, d->evaluations);
    if (d->gradients)
        printf(" %9zu", d->gradients);
    else
        printf(" %9s", "-");
    if (has_times(run)) {
        write_time(cell, d->seconds);
        printf(" %8s", cell);
    }
    printf(" %14.7g", d->objective);
    if (isnan(d->digits))
        printf(" %6s\n", "-");
    else
        printf(" %6.1f\n", d->digits);
}

static void print_descents(const struct bench_run *run) {
    const struct gradc_bench *bench = &run->bench;
    if (!bench->method) {
        printf("no descents: %s\n", bench->no_descents);
        return;
    }
    bool lm = strcmp(bench->method, "lm") == 0;
    char title[CELL + NAME];
    snprintf(title, sizeof title, "descent by %s", bench->method);
    printf("%-*s %-14s %10s %9s %9s", NAME, title, "ended", "iterations", lm ? "residuals" : "values",
           lm ? "Jacobians" : "gradients");
    if (has_times(run)) printf(" %8s", "time");
    printf(" %14s %6s\n", "f at the end", "digits");
    for (size_t k = 0; k < bench->descent_count; k++) print_descent(run, &bench->descents[k]);
}

void bench_print_text(const struct bench_run *run) {
    print_first_line(run);
    print_table(run);
    if (!run->options.no_descents) {
        putchar('\n');
        print_descents(run);
    }
    putchar('\n');
    note_sample(&run->bench);
    note_kinks(&run->bench);
    note_zeros(&run->bench);
    note_undefined(&run->bench);
    note_times(run);
    char *summary = bench_summary(run);
    print_wrapped(summary, 98);
    free(summary);
}
