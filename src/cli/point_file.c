#include "cli/point_file.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

static bool json_number(const cJSON *item, double *value) {
    if (cJSON_IsNumber(item)) *value = item->valuedouble;
    if (cJSON_IsNumber(item)) return true;
    return cJSON_IsString(item) && gradc_number_parse(item->valuestring, strlen(item->valuestring), value);
}

static void push(struct assignment *a, double value) {
    a->values = allocate_again(a->values, (a->count + 1) * sizeof *a->values);
    a->values[a->count++] = value;
}

/* An unknown has few dimensions, so has its array; cJSON itself limits how deep they nest. */
static bool read_numbers(struct assignment *a, const cJSON *item) {
    enum { DEPTH = 64 };
    const cJSON *stack[DEPTH];
    size_t depth = 0;
    double value;
    stack[depth++] = item;
    while (depth > 0) {
        const cJSON *top = stack[--depth];
        if (!top) continue;
        if (top != item && depth + 2 < DEPTH) stack[depth++] = top->next;
        if (json_number(top, &value))
            push(a, value);
        else if (cJSON_IsArray(top) && depth + 2 < DEPTH)
            stack[depth++] = top->child;
        else
            return false;
    }
    return true;
}

static bool read_object(struct assignments *list, const cJSON *object, const char *path) {
    for (const cJSON *item = object->child; item; item = item->next) {
        struct assignment a = {.name = copy_text(item->string, strlen(item->string)),
                               .is_array = cJSON_IsArray(item)};
        bool good = read_numbers(&a, item);
        list->at = allocate_again(list->at, (list->count + 1) * sizeof *list->at);
        list->at[list->count++] = a;
        if (good) continue;
        complain("bad-point-file", NULL, "%s: `%s` is neither a number nor an array of numbers", path,
                 a.name);
        return false;
    }
    return true;
}

bool point_file_read(struct assignments *list, const char *path) {
    size_t length;
    char *text = read_file(path, &length);
    if (!text) return false;
    cJSON *root = cJSON_ParseWithLength(text, length);
    const cJSON *x = cJSON_GetObjectItemCaseSensitive(root, "x");
    const cJSON *object = cJSON_IsObject(x) ? x : root;
    bool good = cJSON_IsObject(object);
    if (!good) complain("bad-point-file", NULL, "%s: expected a JSON object of names and numbers", path);
    good = good && read_object(list, object, path);
    cJSON_Delete(root);
    free(text);
    return good;
}
