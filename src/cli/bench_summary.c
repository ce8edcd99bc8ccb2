#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"

const struct gradc_bench_way *bench_find(const struct gradc_bench *bench, const char *name) {
    for (size_t k = 0; k < bench->way_count; k++)
        if (strcmp(bench->ways[k].name, name) == 0 && !bench->ways[k].obstacle) return &bench->ways[k];
    return NULL;
}

static void add(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(FILE *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
}

/* The numeric way with most right bits in its worst partial, of those whose steps can be known beforehand. */
static const struct gradc_bench_way *best_usual(const struct gradc_bench *bench) {
    const struct gradc_bench_way *best = NULL;
    for (size_t k = 0; k < bench->way_count; k++) {
        const struct gradc_bench_way *way = &bench->ways[k];
        if (way->kind != GRADC_BENCH_NUMERIC || strstr(way->name, "best")) continue;
        if (!best || way->worst_bits > best->worst_bits) best = way;
    }
    return best;
}

/* "five-point differences", "Ridders' extrapolation" */
static void add_name(FILE *out, const struct gradc_bench_way *way) {
    if (strcmp(way->name, "Ridders") == 0)
        fputs("Ridders' extrapolation", out);
    else
        add(out, "%.*s differences", (int)strcspn(way->name, ","), way->name);
}

static void add_accuracy(FILE *out, const struct gradc_bench_way *exact,
                         const struct gradc_bench_way *central, const struct gradc_bench_way *best) {
    add(out, "The exact gradient has %.0f of 53 bits right in its worst partial, ", exact->worst_bits);
    if (best->worst_bits > exact->worst_bits + 1) {
        add_name(out, best);
        add(out, " even %.0f.", best->worst_bits);
        return;
    }
    if (exact->worst_bits <= best->worst_bits) {
        fputs(strcmp(best->name, "Ridders") == 0 ? "and so has " : "and so have ", out);
        add_name(out, best);
        fputc('.', out);
        return;
    }
    add(out, "central differences with the usual step %.0f", central->worst_bits);
    if (best->worst_bits > central->worst_bits + 0.5) {
        fputs(", ", out);
        add_name(out, best);
        add(out, " %.0f", best->worst_bits);
    }
    fputc('.', out);
}

static void add_times(FILE *out, double times) {
    add(out, times < 99.5 ? "%.2g" : "%.0f", times);
}

static void add_cost(FILE *out, const struct gradc_bench_way *exact, const struct gradc_bench_way *central) {
    if (!(exact->seconds > 0)) {
        add(out, " It takes one run, where central differences take %.0f values of f.", central->evaluations);
        return;
    }
    fputs(" It costs as much as ", out);
    add_times(out, exact->ratio);
    fputs(" values of f", out);
    double times = central->seconds / exact->seconds;
    if (times > 1.05) {
        fputs("; central differences take ", out);
        add_times(out, times);
        fputs(" times as long.", out);
    } else {
        fputs(", and central differences no more.", out);
    }
}

/* Digits that no derivative in doubles can have are a matter of the function. */
static void add_condition(FILE *out, const struct gradc_bench_way *exact) {
    if (exact->worst_bits < 40)
        add(out, " Where bits are lost even by the exact gradient, terms cancel in it: the partial is small "
                 "beside "
                 "what it is made of.");
}

/* "12.6 right digits": of the point at which a descent ended. */
static void add_descents(FILE *out, const struct gradc_bench *bench) {
    if (bench->descent_count < 3) return;
    const struct gradc_bench_descent *d = bench->descents;
    if (isnan(d[0].digits) || isnan(d[1].digits) || isnan(d[2].digits)) return;
    if (fabs(d[0].digits - d[1].digits) < 1 && fabs(d[0].digits - d[2].digits) < 1) {
        add(out, " A descent by %s ends equally near to the minimum with all of them.", bench->method);
        return;
    }
    add(out,
        " With exact derivatives a descent by %s ends with %.0f right digits, with central differences with "
        "%.0f, with "
        "forward ones with %.0f.",
        bench->method, d[0].digits, d[2].digits, d[1].digits);
}

char *bench_summary(const struct bench_run *run) {
    const struct gradc_bench *bench = &run->bench;
    const struct gradc_bench_way *exact = bench_find(bench, "exact, JIT");
    const struct gradc_bench_way *central = bench_find(bench, "central, usual step");
    const struct gradc_bench_way *best = best_usual(bench);
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out) return require_text(NULL);
    if (exact && central && best && bench->compared > 0) add_accuracy(out, exact, central, best);
    if (exact && central) add_cost(out, exact, central);
    if (exact && bench->compared > 0) add_condition(out, exact);
    add_descents(out, bench);
    fclose(out);
    return require_text(text);
}
