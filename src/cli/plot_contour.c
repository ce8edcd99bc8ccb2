#include "cli/plot_contour.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

struct grid grid_make(size_t columns, size_t rows) {
    return (struct grid){.columns = columns,
                         .rows = rows,
                         .x = allocate(columns, sizeof(double)),
                         .y = allocate(rows, sizeof(double)),
                         .values = allocate(columns * rows, sizeof(double))};
}

void grid_free(struct grid *grid) {
    free(grid->x);
    free(grid->y);
    free(grid->values);
    *grid = (struct grid){0};
}

/* The coordinates with the first and the last one twice. */
static void surround(const double *inner, size_t count, double *outer) {
    memcpy(outer + 1, inner, count * sizeof *inner);
    outer[0] = inner[0];
    outer[count + 1] = inner[count - 1];
}

struct grid grid_surround(const struct grid *grid, double value) {
    struct grid outer = grid_make(grid->columns + 2, grid->rows + 2);
    surround(grid->x, grid->columns, outer.x);
    surround(grid->y, grid->rows, outer.y);
    for (size_t k = 0; k < outer.columns * outer.rows; k++) outer.values[k] = value;
    for (size_t row = 0; row < grid->rows; row++)
        memcpy(outer.values + (row + 1) * outer.columns + 1, grid->values + row * grid->columns,
               grid->columns * sizeof *grid->values);
    return outer;
}

/* ---- Crossings ---- */

/* An edge between neighbouring nodes is crossed at most once. A contour passes from edge to edge through the
 * cells between them: each crossed edge has a neighbour in each of its two cells, or none. Edges along x come
 * first. */
struct crossings {
    const struct grid *grid;
    double level;
    uint32_t (*next)[2]; /* by edge; NONE */
};

static const uint32_t NONE = UINT32_MAX;

static size_t horizontal(const struct grid *g, size_t column, size_t row) {
    return row * (g->columns - 1) + column;
}

static size_t vertical(const struct grid *g, size_t column, size_t row) {
    return g->rows * (g->columns - 1) + row * g->columns + column;
}

static size_t edge_count(const struct grid *g) {
    return vertical(g, 0, g->rows - 1);
}

static void link_one(struct crossings *c, size_t from, size_t to) {
    c->next[from][c->next[from][0] != NONE] = (uint32_t)to;
}

static void link_both(struct crossings *c, size_t a, size_t b) {
    link_one(c, a, b);
    link_one(c, b, a);
}

/* Joins the crossed edges of a cell in pairs. Where all four are crossed, the corners that are above are
 * joined if the middle is above too. */
static void cross_cell(struct crossings *c, size_t column, size_t row) {
    const struct grid *g = c->grid;
    const double *low = g->values + row * g->columns + column, *high = low + g->columns;
    double middle = (low[0] + low[1] + high[0] + high[1]) / 4;
    if (!isfinite(middle)) return;
    bool corner[4] = {low[0] > c->level, low[1] > c->level, high[1] > c->level, high[0] > c->level};
    size_t edge[4] = {horizontal(g, column, row), vertical(g, column + 1, row),
                      horizontal(g, column, row + 1), vertical(g, column, row)};
    size_t crossed[4], count = 0;
    for (size_t k = 0; k < 4; k++)
        if (corner[k] != corner[(k + 1) % 4]) crossed[count++] = edge[k];
    if (count == 2) link_both(c, crossed[0], crossed[1]);
    if (count < 4) return;
    size_t turn = corner[0] == (middle > c->level) ? 0 : 1; /* around corner 1 and 3, or around 0 and 2 */
    link_both(c, edge[0], edge[turn ? 3 : 1]);
    link_both(c, edge[2], edge[turn ? 1 : 3]);
}

static struct contour_point point_on(const struct crossings *c, size_t edge) {
    const struct grid *g = c->grid;
    size_t horizontals = g->rows * (g->columns - 1), column, row;
    bool across = edge < horizontals;
    row = across ? edge / (g->columns - 1) : (edge - horizontals) / g->columns;
    column = across ? edge % (g->columns - 1) : (edge - horizontals) % g->columns;
    const double *at = g->values + row * g->columns + column;
    double a = at[0], b = at[across ? 1 : g->columns], t = (c->level - a) / (b - a);
    struct contour_point p = {g->x[column], g->y[row]};
    if (across)
        p.x += t * (g->x[column + 1] - p.x);
    else
        p.y += t * (g->y[row + 1] - p.y);
    return p;
}

/* ---- Lines ---- */

static void add_point(struct contours *lines, struct contour_point point) {
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? 2 * lines->capacity : 256;
        lines->points = allocate_again(lines->points, lines->capacity * sizeof *lines->points);
    }
    lines->points[lines->count++] = point;
}

static void end_line(struct contours *lines) {
    if (lines->line_count == lines->line_capacity) {
        lines->line_capacity = lines->line_capacity ? 2 * lines->line_capacity : 16;
        lines->ends = allocate_again(lines->ends, lines->line_capacity * sizeof *lines->ends);
    }
    lines->ends[lines->line_count++] = lines->count;
}

/* Follows a line from an edge to its end, or around, and takes its links away. */
static void follow(struct crossings *c, size_t first, struct contours *lines) {
    size_t edge = first;
    add_point(lines, point_on(c, edge));
    for (;;) {
        uint32_t next = c->next[edge][0] != NONE ? c->next[edge][0] : c->next[edge][1];
        if (next == NONE) break;
        c->next[edge][c->next[edge][0] != NONE ? 0 : 1] = NONE;
        c->next[next][c->next[next][0] == edge ? 0 : 1] = NONE;
        edge = next;
        add_point(lines, point_on(c, edge));
    }
    end_line(lines);
}

void contours_trace(struct contours *contours, const struct grid *grid, double level) {
    size_t edges = edge_count(grid);
    struct crossings c = {grid, level, allocate(edges, sizeof *c.next)};
    for (size_t k = 0; k < edges; k++) c.next[k][0] = c.next[k][1] = NONE;
    for (size_t row = 0; row + 1 < grid->rows; row++)
        for (size_t column = 0; column + 1 < grid->columns; column++) cross_cell(&c, column, row);
    for (size_t k = 0; k < edges; k++)
        if ((c.next[k][0] != NONE) != (c.next[k][1] != NONE)) follow(&c, k, contours);
    for (size_t k = 0; k < edges; k++)
        if (c.next[k][0] != NONE) follow(&c, k, contours);
    free(c.next);
}

size_t contours_begin(const struct contours *contours, size_t k) {
    return k ? contours->ends[k - 1] : 0;
}

/* Whether a ray from the point to the right crosses the line an odd number of times. */
static bool surrounds(const struct contours *c, size_t line, struct contour_point p) {
    bool inside = false;
    for (size_t k = contours_begin(c, line); k + 1 < c->ends[line]; k++) {
        struct contour_point a = c->points[k], b = c->points[k + 1];
        if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (b.x - a.x) * (p.y - a.y) / (b.y - a.y))
            inside = !inside;
    }
    return inside;
}

size_t contours_depth(const struct contours *contours, size_t k) {
    size_t depth = 0;
    struct contour_point p = contours->points[contours_begin(contours, k)];
    for (size_t line = 0; line < contours->line_count; line++)
        if (line != k) depth += surrounds(contours, line, p);
    return depth;
}

void contours_free(struct contours *contours) {
    free(contours->points);
    free(contours->ends);
    *contours = (struct contours){0};
}
