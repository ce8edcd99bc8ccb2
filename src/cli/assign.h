/* NAME=VALUE lists of the command line, and points made of them. */
#ifndef GRADC_CLI_ASSIGN_H
#define GRADC_CLI_ASSIGN_H

#include <gradc/gradc.h>
#include <stdbool.h>
#include <stddef.h>

struct assignment {
    char *name;     /* "x", "x[3]", "m[1,2]" */
    double *values; /* row by row */
    size_t count;   /* 0: a name without a value */
    bool is_array;  /* written with brackets */
};

struct assignments {
    struct assignment *at;
    size_t count;
};

/* Appends what a text such as "x=1,b=[1,2],x[3]=4" assigns; "@FILE.json" reads an object of names, or the
 * result of a run. `option` names the culprit in messages. Values may be missing where that is allowed. False
 * after an error, which is printed. */
bool assignments_read(struct assignments *list, const char *text, const char *option, bool may_lack_value);
void assignments_free(struct assignments *list);
/* The end of a list item: the next comma outside brackets, or the end of the text. */
const char *list_item_end(const char *text);
/* The items of a list, split at commas, without blanks around them; released with free_list. */
char **split_list(const char *text, size_t *count);
void free_list(char **items, size_t count);

/* The elements of a point that a name stands for: an unknown or one of its elements, such as "m[1,2]". False
 * after an error, which is printed. */
bool find_elements(const struct gradc_model *model, const char *name, const char *option, size_t *first,
                   size_t *count);
/* Writes the values into a point; where marks is not NULL the elements written are set there. */
bool assign_point(const struct gradc_model *model, const struct assignments *list, const char *option,
                  double *point, bool *marks);

#endif
