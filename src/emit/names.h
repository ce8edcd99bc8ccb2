/* Identifiers of an emitted file.
 *
 * A name of the model becomes an identifier of C and C++: Greek letters are spelled out, other signs become
 * `_`; what a language, its headers or the file itself uses gets a `_` behind it. Within the scopes that are
 * open no name is given twice: the second one like `sum` is `sum_2`. */
#ifndef GRADC_EMIT_NAMES_H
#define GRADC_EMIT_NAMES_H

#include "support/arena.h"
#include "support/intern.h"
#include "support/map.h"

struct names {
    struct arena *arena;
    const char *prefix; /* of the file's own names */
    struct intern texts;
    struct map taken; /* 1: by an open scope; 2: for ever */
    struct map last;  /* by wish: the last number given to one like it */
    VEC(struct given_name) given;
    bool failed; /* memory was exhausted */
};

struct given_name {
    const char *name, *wish;
    uint32_t before; /* the last number before this one */
};

/* `prefix`: of the names of the file itself. Names come from the arena. */
void names_init(struct names *n, struct arena *arena, const char *prefix);
void names_release(struct names *n);
/* A free identifier like the wish, taken until its scope is closed. */
const char *names_take(struct names *n, const char *wish);
/* Takes an identifier as it is, so that nothing else is called so. */
void names_reserve(struct names *n, const char *name);
/* The open scope, to be closed later: all names given since then are free again. */
size_t names_open(const struct names *n);
void names_close(struct names *n, size_t scope);

/* An identifier from a name of the model, by itself; NULL where memory is exhausted. */
const char *name_make(const char *name, struct arena *arena);

#endif
