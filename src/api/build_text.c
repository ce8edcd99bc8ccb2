#include <stdlib.h>
#include <string.h>

#include "api/build.h"

static const size_t longest_text = (size_t)1 << 28;

/* A place among pieces: where writing or counting goes on. */
struct place {
    size_t next, end;
    bool bracket; /* one is to be closed behind them */
};

struct writer {
    const struct gradc_builder *b;
    struct text *text;
    uint32_t *uses; /* of each term */
    bool *certain;  /* it is computed whatever happens, outside of families */
    bool *has_name; /* a `let` of its own has been written */
    VEC(struct place) places;
    bool failed;
};

static bool is_element(const struct gradc_builder *b, const struct term *t) {
    const struct piece *first = &b->pieces.at[t->first];
    return !first->text && b->terms.at[first->term].kind == TERM_ARRAY && t->level == LEVEL_ATOM;
}

/* Whether a term could be named by a `let`: a real formula without free indices. */
static bool could_be_named(const struct gradc_builder *b, uint32_t number) {
    const struct term *t = &b->terms.at[number];
    bool is_number = t->level == LEVEL_ANY || t->level >= LEVEL_ADD;
    return t->kind == TERM_FORMULA && is_number && !t->indices && !t->is_open && !is_element(b, t);
}

static bool is_named(const struct writer *w, uint32_t number) {
    return w->uses[number] > 1 && w->certain[number] && could_be_named(w->b, number);
}

/* ---- Counting ---- */

/* Counts the uses of terms from the last one down, so that each is complete before its own parts are counted.
 */
static void count_from(struct writer *w, size_t first, size_t count, bool certain) {
    for (size_t k = first; k < first + count; k++) {
        const struct piece *piece = &w->b->pieces.at[k];
        if (piece->text) continue;
        if (w->uses[piece->term] < UINT32_MAX) w->uses[piece->term]++;
        w->certain[piece->term] |= certain && !piece->only_at_times;
    }
}

static void count_uses(struct writer *w) {
    const struct gradc_builder *b = w->b;
    for (size_t k = 0; k < b->statements.count; k++) {
        const struct statement *s = &b->statements.at[k];
        count_from(w, s->first, s->count, !s->is_family);
    }
    for (size_t k = b->terms.count; k-- > 1;)
        if (w->uses[k]) count_from(w, b->terms.at[k].first, b->terms.at[k].count, w->certain[k]);
}

/* ---- Writing ---- */

static void go_into(struct writer *w, size_t first, size_t count, bool bracket) {
    struct place place = {.next = first, .end = first + count, .bracket = bracket};
    if (bracket) text_add(w->text, "(");
    if (!VEC_PUSH(&w->places, place)) w->failed = true;
}

static void write_piece(struct writer *w, const struct piece *piece) {
    if (piece->text) {
        text_add(w->text, piece->text);
        return;
    }
    const struct term *t = &w->b->terms.at[piece->term];
    if (w->has_name[piece->term])
        text_addf(w->text, "part_%u", piece->term);
    else
        go_into(w, t->first, t->count, t->level < piece->needed);
}

static void write_pieces(struct writer *w, size_t first, size_t count) {
    go_into(w, first, count, false);
    while (!w->failed && w->places.count > 0) {
        struct place *place = &VEC_LAST(&w->places);
        w->failed = w->text->failed || w->text->length > longest_text;
        if (place->next < place->end) {
            write_piece(w, &w->b->pieces.at[place->next++]);
            continue;
        }
        if (place->bracket) text_add(w->text, ")");
        w->places.count--;
    }
}

/* Names the parts that were made before a statement, each behind those that it uses. */
static void write_parts(struct writer *w, uint32_t from, uint32_t to) {
    for (uint32_t k = from; k < to && !w->failed; k++) {
        if (!is_named(w, k)) continue;
        text_addf(w->text, "let part_%u = ", k);
        write_pieces(w, w->b->terms.at[k].first, w->b->terms.at[k].count);
        text_add(w->text, "\n");
        w->has_name[k] = true;
    }
}

static void write_all(struct writer *w) {
    uint32_t written = 1;
    count_uses(w);
    for (size_t k = 0; k < w->b->statements.count && !w->failed; k++) {
        const struct statement *s = &w->b->statements.at[k];
        write_parts(w, written, s->terms);
        written = s->terms;
        write_pieces(w, s->first, s->count);
        text_add(w->text, "\n");
    }
}

bool builder_write(const struct gradc_builder *b, struct text *text) {
    struct writer w = {.b = b, .text = text};
    w.uses = calloc(b->terms.count, sizeof *w.uses);
    w.certain = calloc(b->terms.count, sizeof *w.certain);
    w.has_name = calloc(b->terms.count, sizeof *w.has_name);
    bool room = w.uses && w.certain && w.has_name;
    if (room) write_all(&w);
    free(w.uses);
    free(w.certain);
    free(w.has_name);
    VEC_FREE(&w.places);
    return room && !w.failed && !text->failed;
}
