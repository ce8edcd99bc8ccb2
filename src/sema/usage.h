/* How the names of a file are used, found before any of them is checked: a param is an integer if it stands
 * where a whole number must stand, a let is worth storing if loops use it, and a sum behind a let that is
 * used once can go straight into the objective. */
#ifndef GRADC_SEMA_USAGE_H
#define GRADC_SEMA_USAGE_H

#include "sema/gather.h"
#include "support/name_map.h"

struct name_use {
    bool integer;  /* somewhere a whole number is demanded of it */
    bool in_loop;  /* read in the body of a reduction, of an array, or of a function */
    uint32_t uses; /* how often it is written */
};

/* What a statement means depends on its file only through the order, so a list of all files' will do. */
struct usage {
    struct intern *names;
    LARGE(struct name_use) of; /* by the numbers of names */
    struct name_map functions; /* of the file, and their arguments that must be whole numbers */
    struct name_use nowhere;   /* takes what finds no memory */
    bool failed;               /* memory was exhausted */
};

void usage_collect(struct usage *u, struct intern *names, const struct gathered *statements);
/* The same of a single statement. */
void usage_collect_one(struct usage *u, struct intern *names, const struct ast_statement *statement);
void usage_release(struct usage *u);
/* Of a declared name; all zero where it is never used. */
struct name_use usage_of(const struct usage *u, const char *name);
/* Of a column of a table, by its number or name as text. */
struct name_use usage_of_column(const struct usage *u, const char *table, const char *column);
/* Whether argument k of a function must be a whole number. */
bool usage_integer_argument(const struct usage *u, const char *function, uint32_t k);

#endif
