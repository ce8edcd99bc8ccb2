/* gradc bench: exact against numeric gradients. */
#ifndef GRADC_CLI_BENCH_H
#define GRADC_CLI_BENCH_H

#include <gradc/laboratory.h>

#include "cli/load.h"

struct bench_run {
    const struct request *request;
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    struct gradc_bench_options options;
    struct gradc_bench bench;
};

enum exit_status bench_command(struct request *request);
void bench_print_text(const struct bench_run *run);
void bench_print_json(const struct bench_run *run);
/* Errors against the step: as a table, and as a picture (cli/bench_steps.c). */
bool bench_write_steps(const struct bench_run *run, const char *path);
enum exit_status bench_draw_steps(const struct bench_run *run, const char *path);
/* What it all means, in a sentence or two; the caller frees it (cli/bench_summary.c). */
char *bench_summary(const struct bench_run *run);
/* The way of that name, or NULL where it was not measured. */
const struct gradc_bench_way *bench_find(const struct gradc_bench *bench, const char *name);

#endif
