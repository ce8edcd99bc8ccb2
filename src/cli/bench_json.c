#include <stdio.h>
#include <stdlib.h>

#include "cli/bench.h"
#include "cli/print.h"

static void print_field(const char *key, double value) {
    print_key(key);
    print_json_number(stdout, value);
}

static void print_text_field(const char *key, const char *text) {
    print_key(key);
    if (text)
        print_json_text(stdout, text);
    else
        fputs("null", stdout);
}

static void print_way(const struct bench_run *run, const struct gradc_bench_way *way) {
    static const char *const kinds[] = {"exact", "carried", "numeric"};
    fputs("{\"name\": ", stdout);
    print_json_text(stdout, way->name);
    print_text_field("kind", kinds[way->kind]);
    print_text_field("obstacle", way->obstacle);
    if (!way->obstacle && run->bench.compared > 0) {
        printf(", \"error\": {\"worst\": ");
        print_json_number(stdout, way->worst_error);
        print_field("median", way->median_error);
        fputs("}, \"ulps\": {\"worst\": ", stdout);
        print_json_number(stdout, way->worst_ulps);
        print_field("median", way->median_ulps);
        fputs("}, \"bits\": {\"worst\": ", stdout);
        print_json_number(stdout, way->worst_bits);
        print_field("median", way->median_bits);
        printf("}, \"undefined\": %zu", way->undefined);
    }
    if (!way->obstacle) print_field("evaluations", way->evaluations);
    if (!way->obstacle && !run->options.no_times) {
        print_field("seconds", way->seconds);
        print_field("spread", way->spread);
        print_field("times_value", way->ratio);
        printf(", \"timed_partials\": %zu", way->timed);
    }
    printf(", \"interpreted\": %s}", way->interpreted ? "true" : "false");
}

static void print_ways(const struct bench_run *run) {
    print_key("ways");
    putchar('[');
    for (size_t k = 0; k < run->bench.way_count; k++) {
        if (k) fputs(", ", stdout);
        print_way(run, &run->bench.ways[k]);
    }
    putchar(']');
}

static void print_points(const struct bench_run *run) {
    const struct gradc_bench *bench = &run->bench;
    print_key("points");
    putchar('[');
    for (size_t k = 0; k < bench->point_count; k++) {
        printf("%s{\"defined\": %s, \"x\": ", k ? ", " : "", bench->point_defined[k] ? "true" : "false");
        print_json_point(stdout, run->model, bench->points + k * bench->dimension);
        putchar('}');
    }
    putchar(']');
}

static void print_partials(const struct bench_run *run) {
    print_key("partials");
    putchar('[');
    for (size_t k = 0; k < run->bench.partial_count; k++) {
        char *name = element_name(run->model, run->bench.partials[k]);
        if (k) fputs(", ", stdout);
        print_json_text(stdout, name);
        free(name);
    }
    putchar(']');
}

static void print_list(const char *key, const double *values) {
    print_key(key);
    print_json_list(stdout, values, GRADC_BENCH_FORMULAS);
}

/* Lists are of forward, central and five-point differences. */
static void print_steps(const struct gradc_bench *bench) {
    printf(", \"steps\": {\"partials\": %zu", bench->step_partials);
    print_field("exact", bench->exact_floor);
    fputs(", \"formulas\": [\"forward\", \"central\", \"five-point\"], \"at\": [", stdout);
    for (size_t k = 0; k < bench->step_count; k++) {
        fputs(k ? ", {\"h\": " : "{\"h\": ", stdout);
        print_json_number(stdout, bench->steps[k].h);
        print_list("error", bench->steps[k].error);
        print_list("truncation", bench->steps[k].truncation);
        print_list("rounding", bench->steps[k].rounding);
        putchar('}');
    }
    fputs("]}", stdout);
}

static void print_descents(const struct bench_run *run) {
    const struct gradc_bench *bench = &run->bench;
    fputs(", \"descents\": {\"method\": ", stdout);
    if (bench->method)
        print_json_text(stdout, bench->method);
    else
        fputs("null", stdout);
    print_text_field("obstacle", bench->no_descents);
    fputs(", \"runs\": [", stdout);
    for (size_t k = 0; k < bench->descent_count; k++) {
        const struct gradc_bench_descent *d = &bench->descents[k];
        printf("%s{\"name\": \"%s\", \"status\": \"%s\", \"iterations\": %zu, \"gradients\": %zu",
               k ? ", " : "", d->name, d->status, d->iterations, d->gradients);
        print_field("evaluations", d->evaluations);
        if (!run->options.no_times) print_field("seconds", d->seconds);
        print_field("objective", d->objective);
        print_field("gradient_norm", d->gradient_norm);
        print_field("digits", d->digits);
        putchar('}');
    }
    fputs("]}", stdout);
}

void bench_print_json(const struct bench_run *run) {
    const struct gradc_bench *bench = &run->bench;
    printf("{\"gradc\": \"%s\", \"dimension\": %zu, \"too_large\": %s", gradc_version(), bench->dimension,
           bench->too_large ? "true" : "false");
    print_points(run);
    print_partials(run);
    printf(", \"compared\": %zu, \"zeros\": %zu, \"kinked\": %zu", bench->compared, bench->zeros,
           bench->kinked);
    print_field("kink", bench->kink);
    printf(", \"kink_point\": %zu", bench->kink_point);
    print_field("noise", bench->noise);
    if (!run->options.no_times) {
        print_key("value");
        fputs("{\"seconds\": ", stdout);
        print_json_number(stdout, bench->value_seconds);
        print_field("spread", bench->value_spread);
        print_field("interpreted_seconds", bench->interpreted_seconds);
        putchar('}');
    }
    print_ways(run);
    if (bench->step_count) print_steps(bench);
    if (!run->options.no_descents) print_descents(run);
    char *summary = bench_summary(run);
    print_text_field("summary", summary);
    free(summary);
    puts("}");
}
