#include "formula/order.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ORDERED = 2000 };

static bool is_name_character(char c) {
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Whether a formula names something, as a whole word. */
static bool names(const char *formula, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(formula, name); at; at = strstr(at + 1, name)) {
        bool begins = at == formula || !is_name_character(at[-1]);
        if (begins && !is_name_character(at[length]) && at[length] != '(') return true;
    }
    return false;
}

static bool waits(const struct sheet_line *lines, const bool *done, size_t count, size_t k) {
    for (size_t other = 0; other < count; other++)
        if (other != k && !done[other] && names(lines[k].formula, lines[other].name)) return true;
    return false;
}

void order_lines(struct sheet_line *lines, size_t count) {
    struct sheet_line *sorted = calloc(count + 1, sizeof *sorted);
    bool *done = calloc(count + 1, sizeof *done);
    size_t placed = 0;
    while (sorted && done && count <= MOST_ORDERED && placed < count) {
        size_t k = 0;
        while (k < count && (done[k] || waits(lines, done, count, k))) k++;
        /* A circle: recurrences that advance together. */
        for (size_t other = 0; k == count && other < count; other++)
            if (!done[other]) k = other;
        done[k] = true;
        sorted[placed++] = lines[k];
    }
    if (placed == count && count) memcpy(lines, sorted, count * sizeof *lines);
    free(sorted);
    free(done);
}
