/* Expressions of C, composed with no more brackets than they need.
 *
 * A phrase is a text and how strongly it binds. It may stand for minus its text: so differences are written
 * as such, though programs know sums and products only. All of this keeps the bits: a + b is b + a, (-a)*b is
 * -(a*b), and a - b is a + (-b), but for the sign of a NaN. -a - b is not -(a + b), which is -0 where it
 * cancels.
 */
#ifndef GRADC_EMIT_PHRASE_H
#define GRADC_EMIT_PHRASE_H

#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"

/* From the strongest binding to the weakest. */
enum phrase_level {
    LEVEL_NAME, /* names, numbers, calls, elements */
    LEVEL_SIGN,
    LEVEL_PRODUCT,
    LEVEL_SUM,
    LEVEL_ORDER, /* < and the like */
    LEVEL_EQUALITY,
    LEVEL_AND,
    LEVEL_OR,
    LEVEL_CHOICE
};

struct phrase {
    const char *text; /* NULL: none */
    uint32_t length;
    uint8_t level;
    bool negative; /* stands for minus the text */
};

/* Makes phrases; texts live in the arena. */
struct phrasing {
    struct arena *arena;
    bool single; /* floats instead of doubles */
};

struct phrase phrase_name(const char *name);
struct phrase phrase_real(const struct phrasing *p, double value);
struct phrase phrase_integer(const struct phrasing *p, int64_t value);
/* Without a sign of its own: what stands alone, or between brackets and commas. */
struct phrase phrase_signed(const struct phrasing *p, struct phrase a);
struct phrase phrase_sum(const struct phrasing *p, struct phrase a, struct phrase b);
struct phrase phrase_product(const struct phrasing *p, struct phrase a, struct phrase b);
struct phrase phrase_quotient(const struct phrasing *p, struct phrase a, struct phrase b);
/* a OPERATOR b, of that level; operands of the same level are bracketed. */
struct phrase phrase_binary(const struct phrasing *p, struct phrase a, const char *operator_, struct phrase b,
                            enum phrase_level level);
struct phrase phrase_not(const struct phrasing *p, struct phrase a);
struct phrase phrase_choice(const struct phrasing *p, struct phrase condition, struct phrase a,
                            struct phrase b);
/* FUNCTION(a) or FUNCTION(a, b); b may be none. */
struct phrase phrase_call(const struct phrasing *p, const char *function, struct phrase a, struct phrase b);
struct phrase phrase_element(const struct phrasing *p, const char *array, struct phrase place);
struct phrase phrase_cast(const struct phrasing *p, const char *type, struct phrase a);

/* Whether it is a name, so that it costs nothing to write it twice. */
bool phrase_is_name(struct phrase a);

#endif
