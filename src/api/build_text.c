#include <stdlib.h>
#include <string.h>

#include "api/build.h"

static const size_t longest_text = (size_t)1 << 28;

/* A place among pieces: where writing or counting goes on. */
struct place {
    size_t next, end;
    bool bracket; /* one is to be closed behind them */
};

/* Pieces from which on it is worth a function that a formula is not written out again. */
enum { LONG_TERM = 16 };

/* How a term is written where it is used. */
enum naming { NAME_NONE, NAME_LET, NAME_FUNCTION };

/* What is known of a term. */
struct fact {
    uint32_t uses;
    bool certain;        /* it is computed whatever happens, outside of families */
    bool repeats;        /* written out, it has a reduction: functions with one are computed at every call */
    uint8_t naming;      /* enum naming */
    size_t first, ready; /* statements, from 1: that uses it first, behind which it may be written */
    double size;         /* pieces, written out */
};

struct writer {
    const struct gradc_builder *b;
    struct text *text;
    struct fact *facts; /* by term */
    const char *indices[LAST_INDEX_BIT];
    VEC(struct place) places;
    bool failed;
};

static bool is_element(const struct gradc_builder *b, const struct term *t) {
    const struct piece *first = &b->pieces.at[t->first];
    return !first->text && b->terms.at[first->term].kind == TERM_ARRAY && t->level == LEVEL_ATOM;
}

/* ---- Uses ---- */

static void note_use(struct writer *w, const struct piece *piece, bool certain, size_t statement) {
    struct fact *f = &w->facts[piece->term];
    if (f->uses < UINT32_MAX) f->uses++;
    f->certain |= certain && !piece->only_at_times;
    if (!f->first || statement < f->first) f->first = statement;
}

static void note_uses(struct writer *w, size_t first, size_t count, bool certain, size_t statement) {
    for (size_t k = first; k < first + count; k++)
        if (!w->b->pieces.at[k].text) note_use(w, &w->b->pieces.at[k], certain, statement);
}

/* From the last term down, so that each is complete before its own parts are counted. */
static void count_uses(struct writer *w) {
    const struct gradc_builder *b = w->b;
    for (size_t k = 0; k < b->statements.count; k++) {
        const struct statement *s = &b->statements.at[k];
        note_uses(w, s->first, s->count, !s->is_family, k + 1);
    }
    for (size_t k = b->terms.count; k-- > 1;)
        if (w->facts[k].uses)
            note_uses(w, b->terms.at[k].first, b->terms.at[k].count, w->facts[k].certain, w->facts[k].first);
}

/* ---- Names ---- */

/* Adds up what the parts of a term say of it. */
static void gather(struct writer *w, const struct term *t, struct fact *f) {
    f->ready = t->ready;
    f->repeats = t->is_loop;
    for (size_t k = t->first; k < t->first + t->count; k++) {
        const struct piece *piece = &w->b->pieces.at[k];
        const struct fact *part = &w->facts[piece->term];
        f->size += piece->text || part->naming ? 1 : part->size;
        if (piece->text) continue;
        f->repeats |= part->repeats && part->naming != NAME_LET;
        if (part->ready > f->ready) f->ready = part->ready;
    }
}

/* A `let` is computed once, and in any case; a function is what it stands for, wherever that is. */
static enum naming naming_of(const struct term *t, const struct fact *f) {
    bool is_number = t->level == LEVEL_ANY || t->level >= LEVEL_ADD;
    if (t->kind != TERM_FORMULA || !is_number || f->uses < 2 || f->ready >= f->first) return NAME_NONE;
    if (!t->indices && f->certain) return NAME_LET;
    bool countable = t->indices && t->indices >> LAST_INDEX_BIT == 0;
    return countable && !f->repeats && f->size >= LONG_TERM ? NAME_FUNCTION : NAME_NONE;
}

static void choose_names(struct writer *w) {
    const struct gradc_builder *b = w->b;
    for (size_t k = 1; k < b->terms.count; k++) {
        const struct term *t = &b->terms.at[k];
        struct fact *f = &w->facts[k];
        gather(w, t, f);
        if (!is_element(b, t)) f->naming = (uint8_t)naming_of(t, f);
        bool is_index = t->kind == TERM_INDEX && t->indices >> LAST_INDEX_BIT == 0;
        if (is_index) w->indices[__builtin_ctzll(t->indices)] = t->name;
    }
}

/* ---- Writing ---- */

static void go_into(struct writer *w, size_t first, size_t count, bool bracket) {
    struct place place = {.next = first, .end = first + count, .bracket = bracket};
    if (bracket) text_add(w->text, "(");
    if (!VEC_PUSH(&w->places, place)) w->failed = true;
}

/* "part_7", or "part_7(i, j)" with the indices that are free in it. */
static void write_name(struct writer *w, uint32_t number) {
    uint64_t indices = w->b->terms.at[number].indices;
    text_addf(w->text, "part_%u", number);
    for (const char *before = "("; indices; indices &= indices - 1, before = ", ")
        text_addf(w->text, "%s%s", before, w->indices[__builtin_ctzll(indices)]);
    if (w->b->terms.at[number].indices) text_add(w->text, ")");
}

static void write_piece(struct writer *w, const struct piece *piece) {
    if (piece->text) {
        text_add(w->text, piece->text);
        return;
    }
    const struct term *t = &w->b->terms.at[piece->term];
    if (w->facts[piece->term].naming)
        write_name(w, piece->term);
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

/* Defines the parts that a statement is the first to use, each behind those that it uses itself. */
static void write_parts(struct writer *w, const uint32_t *parts, size_t count) {
    for (size_t k = 0; k < count && !w->failed; k++) {
        const struct term *t = &w->b->terms.at[parts[k]];
        text_add(w->text, w->facts[parts[k]].naming == NAME_LET ? "let " : "fn ");
        write_name(w, parts[k]);
        text_add(w->text, " = ");
        write_pieces(w, t->first, t->count);
        text_add(w->text, "\n");
    }
}

/* Parts by the statement that uses them first, and in their order: those of statement s, from 1, stand from
 * starts[s] to starts[s + 1] - 1. */
static void sort_parts(const struct writer *w, size_t *starts, uint32_t *parts) {
    size_t statements = w->b->statements.count;
    for (uint32_t k = 1; k < w->b->terms.count; k++)
        if (w->facts[k].naming) starts[w->facts[k].first]++;
    for (size_t s = 1; s <= statements + 1; s++) starts[s] += starts[s - 1];
    for (uint32_t k = (uint32_t)w->b->terms.count; k-- > 1;)
        if (w->facts[k].naming) parts[--starts[w->facts[k].first]] = k;
}

static void write_all(struct writer *w, size_t *starts, uint32_t *parts) {
    const struct gradc_builder *b = w->b;
    count_uses(w);
    choose_names(w);
    sort_parts(w, starts, parts);
    for (size_t k = 0; k < b->statements.count && !w->failed; k++) {
        const struct statement *s = &b->statements.at[k];
        write_parts(w, parts + starts[k + 1], starts[k + 2] - starts[k + 1]);
        write_pieces(w, s->first, s->count);
        text_add(w->text, "\n");
    }
}

bool builder_write(const struct gradc_builder *b, struct text *text) {
    struct writer w = {.b = b, .text = text};
    w.facts = calloc(b->terms.count, sizeof *w.facts);
    size_t *starts = calloc(b->statements.count + 3, sizeof *starts);
    uint32_t *parts = calloc(b->terms.count, sizeof *parts);
    bool room = w.facts && starts && parts;
    if (room) write_all(&w, starts, parts);
    free(w.facts);
    free(starts);
    free(parts);
    VEC_FREE(&w.places);
    return room && !w.failed && !text->failed;
}
