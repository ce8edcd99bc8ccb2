#include "sparse/colour.h"

#include <stdlib.h>

#define NONE UINT32_MAX

void colouring_release(struct colouring *c) {
    free(c->colour);
    *c = (struct colouring){.colour = NULL};
}

/* ---- Work shared by both ---- */

struct painter {
    struct colouring *c;
    const struct pattern *p;
    size_t *forbidden; /* by colour: the column, plus 1, for which it is */
};

static bool painter_init(struct painter *w, struct colouring *c, const struct pattern *p) {
    *w = (struct painter){.c = c, .p = p};
    *c = (struct colouring){.colour = malloc((p->columns + 1) * sizeof *c->colour)};
    w->forbidden = calloc(p->columns + 1, sizeof *w->forbidden);
    for (size_t k = 0; c->colour && k < p->columns; k++) c->colour[k] = NONE;
    return c->colour && w->forbidden;
}

static void forbid(struct painter *w, size_t for_column, uint32_t neighbour) {
    uint32_t colour = w->c->colour[neighbour];
    if (colour != NONE) w->forbidden[colour] = for_column + 1;
}

static void paint(struct painter *w, size_t column) {
    uint32_t colour = 0;
    while (w->forbidden[colour] == column + 1) colour++;
    w->c->colour[column] = colour;
    if (colour >= w->c->count) w->c->count = colour + 1;
}

/* ---- Columns that share no row ---- */

bool colour_columns(struct colouring *c, const struct pattern *p) {
    struct painter w;
    struct pattern rows_of = {.rows = 0};
    bool good = painter_init(&w, c, p) && pattern_transpose(&rows_of, p);
    for (size_t k = 0; good && k < p->columns; k++) {
        for (size_t e = rows_of.starts[k]; e < rows_of.starts[k + 1]; e++) {
            size_t row = rows_of.entry[e];
            for (size_t i = p->starts[row]; i < p->starts[row + 1]; i++) forbid(&w, k, p->entry[i]);
        }
        paint(&w, k);
    }
    pattern_release(&rows_of);
    free(w.forbidden);
    if (!good) colouring_release(c);
    return good;
}

/* ---- Stars ---- */

/* Visits to the neighbours' neighbours are quadratic in a dense column; such columns stand for themselves. */
static bool is_dense(const struct pattern *p, size_t column) {
    enum { ALWAYS_THIN = 64 };
    size_t degree = p->starts[column + 1] - p->starts[column];
    return degree > ALWAYS_THIN && degree * degree > 64 * p->columns;
}

/* Whether a colour occurs at a neighbour of the middle column, beside one that is left out. */
static bool occurs_beside(const struct painter *w, uint32_t middle, uint32_t colour, uint32_t left_out) {
    const struct pattern *p = w->p;
    for (size_t e = p->starts[middle]; e < p->starts[middle + 1]; e++) {
        uint32_t x = p->entry[e];
        if (x != left_out && x != middle && w->c->colour[x] == colour) return true;
    }
    return false;
}

/* Colours behind a neighbour: all of them, where the neighbour has none yet; else those with which a path of
 * four columns would have two colours only. */
static void forbid_behind(struct painter *w, uint32_t v, uint32_t middle) {
    const struct pattern *p = w->p;
    uint32_t colour = w->c->colour[middle];
    for (size_t e = p->starts[middle]; e < p->starts[middle + 1]; e++) {
        uint32_t x = p->entry[e];
        if (x == v || x == middle || w->c->colour[x] == NONE || is_dense(p, x)) continue;
        if (colour == NONE || occurs_beside(w, x, colour, middle)) forbid(w, v, x);
    }
}

static void paint_thin(struct painter *w, uint32_t v) {
    const struct pattern *p = w->p;
    for (size_t e = p->starts[v]; e < p->starts[v + 1]; e++) {
        uint32_t middle = p->entry[e];
        if (middle == v || is_dense(p, middle)) continue;
        forbid(w, v, middle);
        forbid_behind(w, v, middle);
    }
    paint(w, v);
}

bool colour_symmetric(struct colouring *c, const struct pattern *p) {
    struct painter w;
    bool good = painter_init(&w, c, p);
    for (size_t k = 0; good && k < p->columns; k++)
        if (!is_dense(p, k)) paint_thin(&w, (uint32_t)k);
    for (size_t k = 0; good && k < p->columns; k++)
        if (is_dense(p, k)) c->colour[k] = c->count++;
    free(w.forbidden);
    if (!good) colouring_release(c);
    return good;
}

bool *colour_readings(const struct colouring *c, const struct pattern *p) {
    bool *readings = malloc(pattern_count(p) + 1);
    uint32_t *seen = calloc(c->count + 1, sizeof *seen);
    for (size_t row = 0; readings && seen && row < p->rows; row++) {
        for (size_t e = p->starts[row]; e < p->starts[row + 1]; e++) seen[c->colour[p->entry[e]]]++;
        for (size_t e = p->starts[row]; e < p->starts[row + 1]; e++)
            readings[e] = seen[c->colour[p->entry[e]]] == 1;
        for (size_t e = p->starts[row]; e < p->starts[row + 1]; e++) seen[c->colour[p->entry[e]]] = 0;
    }
    if (!seen) {
        free(readings);
        readings = NULL;
    }
    free(seen);
    return readings;
}
