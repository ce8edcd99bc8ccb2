#include "cli/arithmetic.h"

#include <string.h>

#include "cli/message.h"

static bool read_lanes(const char *text, unsigned *lanes) {
    double value = 0;
    if (!gradc_number_parse(text, strlen(text), &value)) return false;
    for (unsigned count = 1; count <= 8; count *= 2) {
        if (value == count) {
            *lanes = count;
            return true;
        }
    }
    return false;
}

bool read_arithmetic(const struct request *request, struct gradc_evaluator_options *options) {
    const char *lanes = option_value(request, OPTION_LANES);
    options->cache = request->cache;
    options->arithmetic = option_given(request, OPTION_STRICT) ? GRADC_STRICT
                          : option_given(request, OPTION_FAST) ? GRADC_FAST
                                                               : GRADC_LANES;
    if (!lanes || read_lanes(lanes, &options->lanes)) return true;
    complain("bad-value", NULL, "`--lanes`: expected 1, 2, 4 or 8, found `%.100s`", lanes);
    return false;
}
