#include "contest/model.h"

#include <stdlib.h>
#include <string.h>

#include "contest/contest.h"

enum { FIRST_PARAM = 4 };

static bool read_param(char *argument, double *value, struct gradc_param_value *param) {
    char *equals = strchr(argument, '='), *end = NULL;
    if (!equals) return false;
    *value = strtod(equals + 1, &end);
    if (end == equals + 1 || *end) return false;
    *equals = '\0';
    *param = (struct gradc_param_value){.name = argument, .values = value, .count = 1};
    return true;
}

struct gradc_model *contest_model(const char *path, int argc, char **argv) {
    size_t count = argc > FIRST_PARAM ? (size_t)(argc - FIRST_PARAM) : 0;
    struct gradc_param_value *params = calloc(count + 1, sizeof *params);
    double *values = calloc(count + 1, sizeof *values);
    if (!params || !values) contest_skip("memory is exhausted");
    for (size_t k = 0; k < count; k++)
        if (!read_param(argv[FIRST_PARAM + k], &values[k], &params[k]))
            contest_skip("a param is no NAME=VALUE");
    struct gradc_load_options options = {.params = params, .param_count = count};
    struct gradc_model *model = gradc_load_file(path, &options);
    free(params);
    free(values);
    if (!model || gradc_has_errors(model)) contest_skip("the model does not load");
    return model;
}
