#include "check/requirement.h"

#include <math.h>
#include <string.h>

#include "support/number.h"

enum { OPERANDS = 3, NAME_CHARS = 8 };

/* ---- The domain column ---- */

struct names {
    char at[OPERANDS][NAME_CHARS];
};

/* As the documentation calls the operands, where it writes a call such as "clamp(x, lo, hi)"; else x, y, z.
 */
static struct names names_of(const struct op_info *info) {
    struct names names = {{"x", "y", "z"}};
    size_t length = strlen(info->name);
    const char *call = strstr(info->doc, info->name);
    if (!call || call[length] != '(' || info->arity < 2 || info->arity > OPERANDS) return names;
    const char *at = call + length + 1;
    for (uint32_t k = 0; k < info->arity; k++) {
        size_t end = strcspn(at, ",)");
        if (end >= NAME_CHARS) return names;
        memcpy(names.at[k], at, end);
        names.at[k][end] = '\0';
        at += end + (at[end] == ',');
        at += *at == ' ';
    }
    return names;
}

/* A number, also -1/e, at the begin of the text; returns its length. */
static size_t read_number(const char *text, double *value) {
    size_t length = strspn(text, "-.0123456789");
    if (strncmp(text, "-1/e", 4) == 0) {
        *value = -0.36787944117144233;
        return 4;
    }
    return length && number_parse(text, length, value) ? length : 0;
}

static size_t read_name(const char *text, const struct names *names, uint32_t *operand) {
    for (uint32_t k = 0; k < OPERANDS; k++) {
        size_t length = strlen(names->at[k]);
        bool ends = strchr(" ,;", text[length]) != NULL; /* the end of the text too */
        if (strncmp(text, names->at[k], length) == 0 && ends) {
            *operand = k;
            return length;
        }
    }
    return 0;
}

/* "<" or "<=" or their mirror images between blanks; -1: something else. */
static int read_relation(const char **text, bool *upwards) {
    const char *at = *text + (**text == ' ');
    if (*at != '<' && *at != '>') return -1;
    *upwards = *at == '<';
    int closed = at[1] == '=';
    *text = at + 1 + closed + (at[1 + closed] == ' ');
    return closed;
}

/* "x > 0" or "0 < x < 1" */
static bool read_clause(const char *text, const struct names *names, struct requirement *q) {
    double low, high;
    bool upwards;
    *q = (struct requirement){REQUIRES_RANGE, 0, range_everything()};
    size_t length = read_number(text, &low);
    if (length) {
        text += length;
        int closed = read_relation(&text, &upwards);
        if (closed < 0 || !upwards) return false;
        q->range.low = low;
        q->range.low_open = !closed;
    }
    length = read_name(text, names, &q->operand);
    if (!length) return false;
    text += length;
    int closed = read_relation(&text, &upwards);
    if (closed < 0 || !read_number(text, &high)) return false;
    if (upwards)
        q->range.high = high, q->range.high_open = !closed;
    else
        q->range.low = high, q->range.low_open = !closed;
    return true;
}

/* Forms that are no ranges, by what the table says. */
static bool read_special(const char *domain, const struct names *names, struct requirement *q) {
    static const struct {
        const char *text;
        enum requirement_kind kind;
    } forms[] = {{"or x not whole", REQUIRES_NO_POLE},
                 {"x != pi/2 + k*pi", REQUIRES_NO_TANGENT_POLE},
                 {"x > 0, or y whole", REQUIRES_POWER},
                 {"not both 0", REQUIRES_NOT_BOTH_0},
                 {"y != 0", REQUIRES_NOT_ZERO}};
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        const char *found = strstr(domain, forms[k].text);
        if (!found) continue;
        *q = (struct requirement){.kind = forms[k].kind};
        if (forms[k].kind == REQUIRES_NOT_ZERO) q->operand = 1;
        for (uint32_t i = 0; forms[k].kind == REQUIRES_NO_POLE && i < OPERANDS; i++)
            if (strcmp(names->at[i], "x") == 0) q->operand = i;
        return true;
    }
    return false;
}

size_t requirements_of(enum op op, struct requirement requirements[MOST_REQUIREMENTS]) {
    const struct op_info *info = op_info(op);
    if (op == OP_DIV || op == OP_POWI) {
        requirements[0] = (struct requirement){.kind = REQUIRES_NOT_ZERO, .operand = op == OP_DIV};
        return 1;
    }
    if (!info->is_function || !info->domain) return 0;
    struct names names = names_of(info);
    if (read_special(info->domain, &names, &requirements[0])) return 1;
    size_t count = 0;
    const char *at = info->domain;
    while (at && count < MOST_REQUIREMENTS) {
        at += strspn(at, ",; ");
        if (read_clause(at, &names, &requirements[count])) count++;
        at = strpbrk(at, ",;");
    }
    return count;
}

/* ---- Whether it holds ---- */

static enum safety safety_of(bool may_hold, bool may_fail) {
    return !may_fail ? SAFE : may_hold ? MAYBE_UNSAFE : NEVER_SAFE;
}

static enum safety in_range(struct range operand, struct range domain) {
    struct range inside = range_meet(operand, domain);
    return safety_of(!range_is_empty(inside), !range_equal(inside, operand));
}

static enum safety not_zero(struct range operand) {
    bool zero = range_contains(operand, 0);
    return safety_of(!range_is_point(operand) || !zero, zero);
}

/* Whole numbers of at most 0 within. */
static enum safety no_pole(struct range operand) {
    if (operand.low > 0 || (operand.low >= 0 && operand.low_open)) return SAFE;
    double whole = fmin(floor(operand.high), 0);
    bool pole = whole > operand.low || (whole >= operand.low && !operand.low_open);
    if (whole >= operand.high && operand.high_open) pole = whole - 1 >= operand.low;
    return safety_of(!range_is_point(operand) || !pole, pole);
}

/* Odd multiples of pi/2 are never met by doubles: near one nothing is sure. */
static enum safety no_tangent_pole(struct range operand) {
    static const double pi = 3.141592653589793;
    if (!isfinite(operand.low) || !isfinite(operand.high)) return MAYBE_UNSAFE;
    double low = operand.low / pi - 0.5, high = operand.high / pi - 0.5,
           margin = 1e-12 * (1 + fabs(low) + fabs(high));
    return safety_of(true, floor(low - margin) < floor(high + margin));
}

static enum safety power(struct range base, struct range exponent) {
    bool whole = range_is_point(exponent) && floor(exponent.low) >= exponent.low;
    if (base.low > 0 || (base.low >= 0 && base.low_open)) return SAFE;
    if (whole) return exponent.low >= 0 ? SAFE : not_zero(base);
    bool zero_is_good = exponent.low > 0 || (exponent.low >= 0 && exponent.low_open);
    if (base.low >= 0 && zero_is_good) return SAFE;
    return safety_of(base.high > 0 || !range_is_point(exponent), true);
}

enum safety requirement_holds(const struct requirement *q, const struct range *operands) {
    const struct range *operand = &operands[q->operand];
    if (range_is_empty(*operand)) return SAFETY_NONE;
    switch (q->kind) {
    case REQUIRES_RANGE: return in_range(*operand, q->range);
    case REQUIRES_NOT_ZERO: return not_zero(*operand);
    case REQUIRES_NO_POLE: return no_pole(*operand);
    case REQUIRES_NO_TANGENT_POLE: return no_tangent_pole(*operand);
    case REQUIRES_POWER: return power(operands[0], operands[1]);
    case REQUIRES_NOT_BOTH_0: break;
    }
    bool both = range_contains(operands[0], 0) && range_contains(operands[1], 0);
    return safety_of(!both || !range_is_point(operands[0]) || !range_is_point(operands[1]), both);
}
