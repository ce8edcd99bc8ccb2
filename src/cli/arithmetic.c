#include "cli/arithmetic.h"

#include <math.h>
#include <string.h>

#include "cli/message.h"

enum { MOST_THREADS = 1024 };

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

static bool read_threads(const struct request *request, unsigned *threads) {
    const char *text = option_value(request, OPTION_THREADS);
    double value = 0;
    *threads = gradc_processors();
    if (!text) return true;
    bool good = gradc_number_parse(text, strlen(text), &value) && value >= 1 && value == floor(value) &&
                value <= MOST_THREADS;
    *threads = good ? (unsigned)value : 0;
    if (!good)
        complain("bad-value", NULL, "`--threads`: expected a whole number from 1 to %d, found `%.100s`",
                 MOST_THREADS, text);
    return good;
}

bool read_arithmetic(const struct request *request, struct gradc_evaluator_options *options) {
    const char *lanes = option_value(request, OPTION_LANES);
    options->cache = request->cache;
    options->arithmetic = option_given(request, OPTION_STRICT) ? GRADC_STRICT
                          : option_given(request, OPTION_FAST) ? GRADC_FAST
                                                               : GRADC_LANES;
    if (!read_threads(request, &options->threads)) return false;
    if (!lanes || read_lanes(lanes, &options->lanes)) return true;
    complain("bad-value", NULL, "`--lanes`: expected 1, 2, 4 or 8, found `%.100s`", lanes);
    return false;
}
