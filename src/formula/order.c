#include "formula/order.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "support/text.h"

enum { MOST_ORDERED = 2000 };

static bool is_name_character(char c) {
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Whether a formula has something in it, as a whole word. */
static bool names(const char *formula, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(formula, name); at; at = strstr(at + 1, name)) {
        bool begins = at == formula || !is_name_character(at[-1]);
        if (begins && !is_name_character(at[length]) && at[length] != '(') return true;
    }
    return false;
}

struct ordering {
    const struct sheet_line *lines;
    size_t count;
    bool *waits; /* count*count: whether a line names another */
    bool *done, *reached;
    size_t *open;
};

static bool must_wait(const struct ordering *o, size_t k, size_t other) {
    return other != k && !o->done[other] && o->waits[k * o->count + other];
}

static bool is_ready(const struct ordering *o, size_t k) {
    for (size_t other = 0; other < o->count; other++)
        if (must_wait(o, k, other)) return false;
    return !o->done[k];
}

/* How many lines a line waits for, directly or through others; they are marked as reached. */
static size_t reach(struct ordering *o, size_t k) {
    size_t count = 0, found = 1;
    memset(o->reached, 0, o->count * sizeof *o->reached);
    o->open[count++] = k;
    o->reached[k] = true;
    while (count > 0) {
        size_t at = o->open[--count];
        for (size_t other = 0; other < o->count; other++) {
            if (o->reached[other] || !must_wait(o, at, other)) continue;
            o->reached[other] = true;
            o->open[count++] = other;
            found++;
        }
    }
    return found;
}

/* ---- Reads of arrays in formulas ---- */

/* The first subscript of the next read of an array from `at` on; NULL: there is none. A read without
 * subscripts has an empty one. */
static const char *next_read(const char *at, const char *formula, const char *name, size_t *length) {
    size_t long_name = strlen(name);
    for (at = strstr(at, name); at; at = strstr(at + 1, name)) {
        if ((at > formula && is_name_character(at[-1])) || is_name_character(at[long_name])) continue;
        const char *subscript = at + long_name + (at[long_name] == '[');
        size_t depth = 0, k = 0;
        for (; at[long_name] == '[' && subscript[k]; k++) {
            depth += subscript[k] == '[' || subscript[k] == '(';
            if (depth == 0 && (subscript[k] == ',' || subscript[k] == ']')) break;
            depth -= depth > 0 && (subscript[k] == ']' || subscript[k] == ')');
        }
        *length = k;
        return subscript;
    }
    return NULL;
}

static bool is_text(const char *at, size_t length, const char *text) {
    return strlen(text) == length && strncmp(at, text, length) == 0;
}

/* Whether a formula reads an array where its first subscript is this. */
static bool reads_at(const char *formula, const char *name, const char *subscript) {
    size_t length;
    for (const char *at = next_read(formula, formula, name, &length); at;
         at = next_read(at, formula, name, &length))
        if (length == 0 || is_text(at, length, subscript)) return true;
    return false;
}

enum direction { UNKNOWN, UP, DOWN };

/* Of a sum's index: behind "s in k + 1..n" comes what is later than k, behind "s in 1..k - 1" what is
 * earlier. */
static enum direction direction_of_index(const char *formula, const char *subscript, size_t length,
                                         const char *index) {
    struct text text = {0};
    text_add_bytes(&text, subscript, length);
    text_addf(&text, " in %s + ", index);
    bool later = strstr(formula, text_string(&text)) != NULL;
    text.length = length;
    text_add(&text, " in ");
    const char *range = strstr(formula, text_string(&text));
    text.length = 0;
    text_addf(&text, "..%s - ", index);
    const char *end = range ? strstr(range, "..") : NULL;
    bool earlier = end && strncmp(end, text_string(&text), text.length) == 0;
    text_free(&text);
    return later ? DOWN : earlier ? UP : UNKNOWN;
}

/* In which order of its first index a line must come about that reads an array of its circle. */
static enum direction direction_of(const struct sheet_line *line, const char *name) {
    size_t length, shown = line->first_index ? strlen(line->first_index) : 0;
    for (const char *at = shown ? next_read(line->formula, line->formula, name, &length) : NULL; at;
         at = next_read(at, line->formula, name, &length)) {
        bool own = length > shown + 3 && strncmp(at, line->first_index, shown) == 0;
        if (own && strncmp(at + shown, " + ", 3) == 0) return DOWN;
        if (own && strncmp(at + shown, " - ", 3) == 0) return UP;
        enum direction found = direction_of_index(line->formula, at, length, line->first_index);
        if (found != UNKNOWN) return found;
    }
    return UNKNOWN;
}

/* Whether a line reads another line of its circle at its own place. */
static bool reads_same_place(const struct ordering *o, size_t k) {
    const struct sheet_line *line = &o->lines[k];
    for (size_t other = 0; other < o->count; other++) {
        if (!o->reached[other] || !must_wait(o, k, other)) continue;
        if (!line->first_index || reads_at(line->formula, o->lines[other].name, line->first_index))
            return true;
    }
    return false;
}

/* A line of a circle in which nothing waits for others: that from which the fewest lines are reached. */
static size_t find_circle(struct ordering *o) {
    size_t best = 0, least = o->count + 1;
    for (size_t k = 0; k < o->count; k++) {
        size_t found = o->done[k] ? least : reach(o, k);
        if (found >= least) continue;
        least = found;
        best = k;
    }
    return best;
}

/* Whether the lines that are marked as reached come about from the last to the first. */
static bool runs_down(const struct ordering *o) {
    bool down = false;
    for (size_t k = 0; k < o->count; k++) {
        if (!o->reached[k]) continue;
        down |= o->lines[k].first_down;
        for (size_t other = 0; other < o->count; other++) {
            enum direction found =
                o->reached[other] ? direction_of(&o->lines[k], o->lines[other].name) : UNKNOWN;
            if (found != UNKNOWN) return found == DOWN;
        }
    }
    return down;
}

/* Recurrences that advance together, in one direction, those first which others use at the same place. */
static size_t place_circle(struct ordering *o, struct sheet_line *sorted, size_t placed) {
    size_t first = find_circle(o), members = reach(o, first), begin = placed;
    bool down = runs_down(o);
    while (placed < begin + members) {
        size_t next = o->count;
        for (size_t k = 0; k < o->count; k++) {
            if (!o->reached[k] || o->done[k]) continue;
            if (next == o->count) next = k;
            if (reads_same_place(o, k)) continue;
            next = k;
            break;
        }
        o->done[next] = true;
        sorted[placed] = o->lines[next];
        sorted[placed].with_previous = placed > begin;
        sorted[placed].first_down = down;
        placed++;
    }
    return placed;
}

static void sort(struct ordering *o, struct sheet_line *sorted) {
    for (size_t placed = 0; placed < o->count;) {
        size_t k = 0;
        while (k < o->count && !is_ready(o, k)) k++;
        if (k == o->count) {
            placed = place_circle(o, sorted, placed);
            continue;
        }
        o->done[k] = true;
        sorted[placed] = o->lines[k];
        enum direction found = direction_of(&sorted[placed], sorted[placed].name);
        if (found != UNKNOWN) sorted[placed].first_down = found == DOWN;
        placed++;
    }
}

void order_lines(struct sheet_line *lines, size_t count) {
    if (count == 0 || count > MOST_ORDERED) return;
    struct sheet_line *sorted = calloc(count, sizeof *sorted);
    struct ordering o = {.lines = lines, .count = count};
    o.waits = calloc(count, count * sizeof *o.waits);
    o.done = calloc(count, sizeof *o.done);
    o.reached = calloc(count, sizeof *o.reached);
    o.open = calloc(count, sizeof *o.open);
    if (sorted && o.waits && o.done && o.reached && o.open) {
        for (size_t k = 0; k < count; k++)
            for (size_t other = 0; other < count; other++)
                o.waits[k * count + other] = k != other && names(lines[k].formula, lines[other].name);
        sort(&o, sorted);
        memcpy(lines, sorted, count * sizeof *lines);
    }
    free(sorted);
    free(o.waits);
    free(o.done);
    free(o.reached);
    free(o.open);
}
