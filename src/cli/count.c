#include "cli/count.h"

#include <math.h>
#include <string.h>

#include "cli/message.h"

bool read_count(const struct request *request, enum option_id id, double most, double *value) {
    const char *text = option_value(request, id);
    if (!text) return true;
    bool good = gradc_number_parse(text, strlen(text), value) && *value >= 0 && *value <= most &&
                *value == floor(*value);
    if (!good)
        complain("bad-value", NULL, "`--%s`: expected a whole number from 0 to %.0f, found `%.100s`",
                 option_name(id), most, text);
    return good;
}
