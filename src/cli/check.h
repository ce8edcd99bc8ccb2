/* gradc check: derivatives against differences, kinks, domains, doubtful places. */
#ifndef GRADC_CLI_CHECK_H
#define GRADC_CLI_CHECK_H

#include "cli/load.h"

struct check_run {
    const struct request *request;
    struct gradc_model *model;
    struct gradc_evaluator *evaluator;
    struct gradc_check_options options;
    struct gradc_check check;
};

enum exit_status check_command(struct request *request);
void check_print_text(const struct check_run *run);
void check_print_json(const struct check_run *run);

#endif
