/* A source and its header while they are composed. */
#ifndef GRADC_EMIT_LISTING_H
#define GRADC_EMIT_LISTING_H

#include "emit/source.h"

/* A function of the file, by a template or from a program. */
struct entry {
    const char *comment;  /* for the header; NULL: it is not public */
    const char *template; /* a definition, whose first line is its head; NULL: */
    struct routine *routine;
};

/* How much workspace a function takes: that of a routine and some counts. */
struct demand {
    const struct routine *routine;
    const char *counts[2]; /* functions NAME(inputs), as templates; NULL: none */
    const struct tally *tallies[2];
};

struct listing {
    const struct source_request *request;
    struct unit unit;
    struct text *source, *header;
    struct routine routines[20];
    size_t routine_count;
    struct tally dimension, hessian_terms, lagrangian_terms, counts[3], jacobian_terms[3];
    VEC(struct entry) entries;
    VEC(struct demand) demands;
};

/* Makes a function from a program and takes it into the list; NULL after an error. */
struct routine *listing_add(struct listing *l, const char *name, const struct program *p,
                            const char *comment);
/* The Hessian and the Jacobians (emit/matrices.c). */
bool listing_add_hessian(struct listing *l);
bool listing_add_lagrangian(struct listing *l);
bool listing_add_rows(struct listing *l, size_t k);
void listing_add_vector(struct routine *r, const char *name, const struct routine_part *parts, size_t count,
                        bool is_result);
bool listing_template(struct listing *l, const char *comment, const char *text);
bool listing_demand(struct listing *l, struct demand demand);
/* What a field of the structure of inputs is (emit/source.c). */
const char *listing_field_comment(struct listing *l, array_id a);
/* Tables as constants of the file; the inputs as they are bound (emit/data.c). */
void listing_write_frozen(struct listing *l);
void listing_write_data(const struct unit *u, struct text *out);
/* A function that gives a count. */
bool listing_count(struct listing *l, const char *name, const struct tally *tally, const char *comment);

#endif
