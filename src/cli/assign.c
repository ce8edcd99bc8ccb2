#include "cli/assign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"
#include "cli/point_file.h"

const char *list_item_end(const char *text) {
    int depth = 0;
    for (; *text; text++) {
        if (*text == '[') depth++;
        if (*text == ']') depth--;
        if (*text == ',' && depth <= 0) break;
    }
    return text;
}

static const char *skip_blanks(const char *text) {
    return text + strspn(text, " \t\r\n");
}

static void trim(const char **begin, const char **end) {
    while (*begin < *end && strchr(" \t\r\n", **begin)) ++*begin;
    while (*end > *begin && strchr(" \t\r\n", (*end)[-1])) --*end;
}

static bool add_value(struct assignment *a, const char *begin, const char *end) {
    double value;
    trim(&begin, &end);
    if (!gradc_number_parse(begin, (size_t)(end - begin), &value)) return false;
    a->values = allocate_again(a->values, (a->count + 1) * sizeof *a->values);
    a->values[a->count++] = value;
    return true;
}

/* Reads numbers between brackets, nested or not. */
static bool read_array(struct assignment *a, const char *at, const char *end) {
    int depth = 0;
    bool expects_item = true;
    while ((at = skip_blanks(at)) < end) {
        if (*at == '[' && expects_item) {
            depth++;
            at++;
        } else if (*at == ']' && depth > 0) {
            depth--;
            at++;
            expects_item = false;
        } else if (*at == ',' && !expects_item && depth > 0) {
            at++;
            expects_item = true;
        } else {
            const char *stop = at + strcspn(at, "[],");
            if (!expects_item || depth == 0 || !add_value(a, at, stop < end ? stop : end)) return false;
            at = stop;
            expects_item = false;
        }
    }
    return depth == 0;
}

static bool read_value(struct assignment *a, const char *begin, const char *end) {
    trim(&begin, &end);
    a->is_array = begin < end && *begin == '[';
    return a->is_array ? read_array(a, begin, end) : add_value(a, begin, end);
}

static bool read_item(struct assignments *list, const char *begin, const char *end, const char *option,
                      bool may_lack_value) {
    const char *equals = memchr(begin, '=', (size_t)(end - begin));
    const char *name_begin = begin, *name_end = equals ? equals : end;
    trim(&name_begin, &name_end);
    struct assignment item = {.name = copy_text(name_begin, (size_t)(name_end - name_begin))};
    bool good = name_begin < name_end && (equals ? read_value(&item, equals + 1, end) : may_lack_value);
    list->at = allocate_again(list->at, (list->count + 1) * sizeof *list->at);
    list->at[list->count++] = item;
    if (!good)
        complain("bad-assignment", "write NAME=NUMBER, NAME=[NUMBER,...] or NAME[I]=NUMBER",
                 "`%s` does not understand `%.*s`", option, (int)(end - begin), begin);
    return good;
}

bool assignments_read(struct assignments *list, const char *text, const char *option, bool may_lack_value) {
    if (*text == '@') return point_file_read(list, text + 1);
    for (;;) {
        const char *end = list_item_end(text);
        if (!read_item(list, text, end, option, may_lack_value)) return false;
        if (!*end) return true;
        text = end + 1;
    }
}

void assignments_free(struct assignments *list) {
    for (size_t k = 0; k < list->count; k++) {
        free(list->at[k].name);
        free(list->at[k].values);
    }
    free(list->at);
    *list = (struct assignments){0};
}

static void complain_unknown_name(const struct gradc_model *model, const char *name, const char *option) {
    size_t count = gradc_count(model, GRADC_UNKNOWNS);
    const char **names = allocate(count, sizeof *names);
    for (size_t k = 0; k < count; k++) names[k] = gradc_array_at(model, GRADC_UNKNOWNS, k).name;
    const char *nearest = gradc_nearest_name(name, names, count);
    char hint[200];
    if (nearest) snprintf(hint, sizeof hint, "did you mean `%s`?", nearest);
    bool is_param = gradc_find(model, GRADC_PARAMS, name) != SIZE_MAX;
    complain("unknown-name",
             is_param  ? "params are set with -D"
             : nearest ? hint
                       : NULL,
             is_param ? "`%s`: `%s` is a param, no unknown" : "`%s`: there is no unknown `%s`", option, name);
    free(names);
}

/* Reads "[1,2]" into the place of an element; false where it is none of the array's. */
static bool element_place(const struct gradc_array *array, const char *subscripts, size_t *place) {
    const char *at = subscripts + 1;
    *place = 0;
    for (size_t k = 0; k < array->rank; k++) {
        char *end;
        errno = 0;
        long long subscript = strtoll(at, &end, 10);
        if (end == at || errno || subscript < array->lower[k] ||
            subscript - array->lower[k] >= array->extent[k])
            return false;
        *place = *place * (size_t)array->extent[k] + (size_t)(subscript - array->lower[k]);
        at = skip_blanks(end);
        if (*at++ != (k + 1 < array->rank ? ',' : ']')) return false;
    }
    return array->rank > 0 && *skip_blanks(at) == '\0';
}

bool find_elements(const struct gradc_model *model, const char *name, const char *option, size_t *first,
                   size_t *count) {
    size_t length = strcspn(name, "[");
    while (length > 0 && name[length - 1] == ' ') length--;
    char *base = copy_text(name, length);
    size_t k = gradc_find(model, GRADC_UNKNOWNS, base);
    if (k == SIZE_MAX) complain_unknown_name(model, base, option);
    free(base);
    if (k == SIZE_MAX) return false;
    struct gradc_array unknown = gradc_array_at(model, GRADC_UNKNOWNS, k);
    const char *subscripts = strchr(name, '[');
    size_t place = 0;
    if (subscripts && !element_place(&unknown, subscripts, &place)) {
        complain("bad-subscript", NULL, "`%s`: `%s` is no element of `%s`", option, name, unknown.name);
        return false;
    }
    *first = unknown.offset + place;
    *count = subscripts ? 1 : unknown.count;
    return true;
}

/* A single number fills a whole array. */
static bool assign_one(const struct gradc_model *model, const struct assignment *a, const char *option,
                       double *point, bool *marks) {
    size_t first, count;
    if (!find_elements(model, a->name, option, &first, &count)) return false;
    bool fills = a->count == 1 && !a->is_array;
    if (a->count != 0 && !fills && a->count != count) {
        complain("shape-mismatch", NULL, "`%s`: `%s` has %zu element%s, %zu given", option, a->name, count,
                 count == 1 ? "" : "s", a->count);
        return false;
    }
    for (size_t k = 0; k < count; k++) {
        if (a->count) point[first + k] = a->values[fills ? 0 : k];
        if (marks) marks[first + k] = true;
    }
    return true;
}

bool assign_point(const struct gradc_model *model, const struct assignments *list, const char *option,
                  double *point, bool *marks) {
    for (size_t k = 0; k < list->count; k++)
        if (!assign_one(model, &list->at[k], option, point, marks)) return false;
    return true;
}

char **split_list(const char *text, size_t *count) {
    char **items = NULL;
    *count = 0;
    while (text && *text) {
        const char *end = list_item_end(text), *last = end;
        text += strspn(text, " ");
        while (last > text && last[-1] == ' ') last--;
        items = allocate_again(items, (*count + 1) * sizeof *items);
        items[(*count)++] = copy_text(text, (size_t)(last - text));
        text = *end ? end + 1 : end;
    }
    return items;
}

void free_list(char **items, size_t count) {
    for (size_t k = 0; k < count; k++) free(items[k]);
    free(items);
}
