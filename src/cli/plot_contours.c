#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot_axis.h"
#include "cli/plot_contour.h"
#include "cli/plot_levels.h"
#include "cli/plot_region.h"
#include "cli/plot_stationary.h"
#include "cli/plot_values.h"

enum {
    NODES = 201,
    LEAST_NODES = 41,
    ARROWS_ACROSS = 15,
    ARROWS_UP = 11,
    SEARCH_NODES = 61,
    MOST_STATIONARY = 64
};

/* The objective over two axes. Where it is maximised its negative is drawn, from the top down. */
struct landscape {
    struct plot *plot;
    struct picture *picture;
    struct extent across, up;
    double sign;
    struct grid grid, violation;
    struct grid *equalities; /* by number */
    size_t *equality_rows, equality_count;
    struct levels levels;
    struct stationary stationary[MOST_STATIONARY];
    size_t stationary_count;
};

/* ---- Values on the grid ---- */

static void place(struct landscape *l, struct grid *grid, size_t nodes) {
    *grid = grid_make(nodes, nodes);
    for (size_t k = 0; k < nodes; k++) {
        double share = (double)k / (double)(nodes - 1);
        grid->x[k] = l->across.low + share * extent_width(l->across);
        grid->y[k] = l->up.low + share * extent_width(l->up);
    }
}

/* Fewer where an evaluation takes long, which its operations tell alike on all machines. */
static size_t count_nodes(struct plot *plot) {
    const double affordable = 1e10;
    struct gradc_report report;
    if (plot->grid) return plot->grid;
    double operations = 0;
    if (gradc_report(plot->evaluator, false, plot->point, &report) <= GRADC_UNDEFINED) {
        operations = report.additions + report.multiplications + report.divisions + report.others;
        for (size_t k = 0; k < report.call_count; k++) operations += 20 * report.calls[k].count;
    }
    gradc_report_free(&report);
    double nodes = operations > 0 ? floor(sqrt(affordable / operations)) : NODES;
    return nodes >= NODES ? NODES : nodes > LEAST_NODES ? (size_t)nodes : LEAST_NODES;
}

static void show_progress(struct progress *progress, size_t row, size_t rows) {
    if (progress_is_due(progress)) fprintf(stderr, "\r%zu of %zu rows of values \033[K", row, rows);
}

/* Beyond the bounds there are no values. */
static bool fill_values(struct landscape *l) {
    struct progress progress = progress_begin(l->plot->request);
    struct grid *g = &l->grid;
    bool good = true;
    for (size_t row = 0; row < g->rows && good; row++) {
        show_progress(&progress, row, g->rows);
        for (size_t column = 0; column < g->columns && good; column++) {
            double at[] = {g->x[column], g->y[row]}, value = NAN;
            if (extent_holds(l->plot->bounds[0], at[0]) && extent_holds(l->plot->bounds[1], at[1]))
                good = plot_evaluate(l->plot, at, &value, NULL);
            g->values[row * g->columns + column] = l->sign * value;
        }
    }
    progress_end(&progress);
    return good;
}

/* Contours of the square root of the height are truer: near a minimum that is about the distance. */
static double depth(const struct levels *levels, double value) {
    return levels->logarithmic && !isnan(value) ? sqrt(fmax(0, value - levels->base)) : value;
}

/* Whether the least value lies within. */
static bool has_valley(const struct grid *g) {
    size_t best = SIZE_MAX;
    for (size_t k = 0; k < g->columns * g->rows; k++)
        if (isfinite(g->values[k]) && (best == SIZE_MAX || g->values[k] < g->values[best])) best = k;
    if (best == SIZE_MAX) return false;
    size_t column = best % g->columns, row = best / g->columns;
    return column > 0 && column + 1 < g->columns && row > 0 && row + 1 < g->rows;
}

static void choose(struct landscape *l) {
    size_t count = l->grid.columns * l->grid.rows;
    double *values = allocate(count, sizeof *values), least = INFINITY;
    memcpy(values, l->grid.values, count * sizeof *values);
    for (size_t r = 0; r < l->plot->run_count && !l->plot->is_cut; r++) {
        const struct plot_run *run = &l->plot->runs[r];
        if (run->run.result.status == GRADC_CONVERGED)
            least = fmin(least, l->sign * run->run.result.objective);
    }
    l->levels = choose_levels(values, count, least, has_valley(&l->grid));
    free(values);
}

/* ---- Feasibility ---- */

/* False where there are too many for the memory, which is printed. */
static bool find_equalities(struct landscape *l, size_t nodes) {
    const size_t most_values = (size_t)1 << 26;
    size_t rows = gradc_constraint_count(l->plot->model), count = 0;
    for (size_t row = 0; row < rows; row++) count += plot_is_equality(l->plot, row);
    if (count > most_values / (nodes * nodes)) {
        complain("too-many", "a smaller --grid takes more", "the picture has no room for %zu equalities",
                 count);
        return false;
    }
    l->equalities = allocate(count, sizeof *l->equalities);
    l->equality_rows = allocate(count, sizeof *l->equality_rows);
    for (size_t row = 0; row < rows; row++) {
        if (!plot_is_equality(l->plot, row)) continue;
        l->equality_rows[l->equality_count] = row;
        place(l, &l->equalities[l->equality_count++], nodes);
    }
    return true;
}

static bool fill_region(struct landscape *l) {
    size_t nodes = l->grid.columns;
    double *excess = allocate(gradc_constraint_count(l->plot->model), sizeof *excess);
    place(l, &l->violation, nodes);
    bool good = find_equalities(l, nodes);
    for (size_t k = 0; k < nodes * nodes && good; k++) {
        double at[] = {l->grid.x[k % nodes], l->grid.y[k / nodes]};
        good = plot_violation(l->plot, at, &l->violation.values[k], excess);
        for (size_t e = 0; e < l->equality_count; e++)
            l->equalities[e].values[k] = excess[l->equality_rows[e]];
    }
    free(excess);
    return good;
}

/* ---- Lines and regions as data ---- */

/* Leaves out points that cannot be told from the one before. */
static void write_line(const struct landscape *l, const struct contours *c, size_t line,
                       const double *level) {
    const double visible = 0.004;
    struct contour_point last = {INFINITY, INFINITY};
    for (size_t k = contours_begin(c, line); k < c->ends[line]; k++) {
        struct contour_point p = c->points[k];
        double dx = (p.x - last.x) / extent_width(l->across), dy = (p.y - last.y) / extent_width(l->up);
        if (hypot(dx, dy) < visible && k + 1 < c->ends[line]) continue;
        picture_row(l->picture, level ? 3 : 2, p.x, p.y, level ? *level : 0);
        last = p;
    }
    fputc('\n', l->picture->script);
}

static void write_contours(const struct landscape *l) {
    struct grid depths = l->grid;
    size_t count = depths.columns * depths.rows;
    depths.values = allocate(count, sizeof(double));
    for (size_t k = 0; k < count; k++) depths.values[k] = depth(&l->levels, l->grid.values[k]);
    picture_data(l->picture, "contours", 0);
    for (size_t k = 0; k < l->levels.count; k++) {
        struct contours c = {0};
        double level = l->levels.at[k];
        contours_trace(&c, &depths, depth(&l->levels, l->levels.base + level));
        level *= l->levels.logarithmic ? 1 : l->sign;
        for (size_t line = 0; line < c.line_count; line++) write_line(l, &c, line, &level);
        contours_free(&c);
    }
    picture_data_end(l->picture);
    free(depths.values);
}

/* Infeasible regions lie in no other or in an even number of closed contours; feasible ones within them are
 * painted over. Returns how many blocks there are. */
static size_t write_regions(const struct landscape *l) {
    struct contours c = {0};
    struct grid closed = grid_surround(&l->violation, -1);
    for (size_t k = 0; k < closed.columns * closed.rows; k++)
        if (!isfinite(closed.values[k])) closed.values[k] = closed.values[k] < 0 ? -1 : 1;
    contours_trace(&c, &closed, 0);
    size_t blocks = 0, *depths = allocate(c.line_count, sizeof *depths);
    for (size_t line = 0; line < c.line_count; line++) {
        depths[line] = contours_depth(&c, line);
        if (depths[line] + 1 > blocks) blocks = depths[line] + 1;
    }
    for (size_t block = 0; block < blocks; block++) {
        picture_data(l->picture, "region", block + 1);
        for (size_t line = 0; line < c.line_count; line++)
            if (depths[line] == block) write_line(l, &c, line, NULL);
        picture_data_end(l->picture);
    }
    free(depths);
    contours_free(&c);
    grid_free(&closed);
    return blocks;
}

static void write_zero(const struct landscape *l, const char *name, size_t number, const struct grid *grid) {
    struct contours c = {0};
    contours_trace(&c, grid, 0);
    picture_data(l->picture, name, number);
    for (size_t line = 0; line < c.line_count; line++) write_line(l, &c, line, NULL);
    picture_data_end(l->picture);
    contours_free(&c);
}

/* Of one length in the picture: how steep it is, the contours tell. */
static bool write_arrows(struct landscape *l) {
    const double length = 0.04, aspect = 1.4; /* of the picture */
    picture_data(l->picture, "arrows", 0);
    for (size_t k = 0; k < (size_t)ARROWS_ACROSS * ARROWS_UP; k++) {
        double at[2], value, slope[2], violation = 0;
        at[0] = l->across.low + ((double)(k % ARROWS_ACROSS) + 0.5) / ARROWS_ACROSS * extent_width(l->across);
        at[1] = l->up.low + ((double)(k / ARROWS_ACROSS) + 0.5) / ARROWS_UP * extent_width(l->up);
        if (l->plot->has_region && !plot_violation(l->plot, at, &violation, NULL)) return false;
        if (violation > 0) continue;
        if (!plot_evaluate(l->plot, at, &value, slope)) return false;
        double dx = -l->sign * slope[0] / extent_width(l->across),
               dy = -l->sign * slope[1] / extent_width(l->up);
        double scale = length / hypot(aspect * dx, dy);
        if (!isfinite(value) || !isfinite(scale)) continue;
        dx *= scale * extent_width(l->across);
        dy *= scale * extent_width(l->up);
        picture_row(l->picture, 4, at[0] - dx / 2, at[1] - dy / 2, dx, dy);
    }
    picture_data_end(l->picture);
    return true;
}

/* ---- Critical points ---- */

/* Beyond the bounds there is no slope. */
static bool slope_at(void *context, const double at[2], double slope[2]) {
    struct plot *plot = context;
    double value;
    slope[0] = slope[1] = NAN;
    if (!extent_holds(plot->bounds[0], at[0]) || !extent_holds(plot->bounds[1], at[1])) return true;
    return plot_evaluate(plot, at, &value, slope);
}

static bool curvature_at(void *context, const double at[2], double curvature[3]) {
    return plot_curvature(context, at, curvature);
}

/* Those of the objective that are feasible; on the line of an equality it has hardly any. */
static bool find_critical_points(struct landscape *l) {
    if (l->equality_count > 0) return true;
    struct surface surface = {slope_at, curvature_at, l->plot};
    struct stationary found[MOST_STATIONARY];
    size_t nodes = l->grid.columns > NODES ? SEARCH_NODES : 3 + l->grid.columns * (SEARCH_NODES - 3) / NODES;
    bool good;
    size_t count = find_stationary(&surface, l->across, l->up, nodes, found, MOST_STATIONARY, &good);
    for (size_t k = 0; k < count && good; k++) {
        double violation = 0;
        if (l->plot->has_region) good = plot_violation(l->plot, found[k].at, &violation, NULL);
        if (good && violation <= 0) l->stationary[l->stationary_count++] = found[k];
    }
    return good;
}

static const struct {
    enum gradc_critical_kind kind;
    const char *name;
    int pointtype;
} marks[] = {{GRADC_MINIMUM, "minimum", 10},
             {GRADC_MAXIMUM, "maximum", 8},
             {GRADC_SADDLE, "saddle", 12},
             {GRADC_DEGENERATE, "degenerate", 4}};
enum { MARKS = sizeof marks / sizeof marks[0] };

static size_t count_of(const struct landscape *l, enum gradc_critical_kind kind) {
    size_t count = 0;
    for (size_t k = 0; k < l->stationary_count; k++) count += l->stationary[k].kind == kind;
    return count;
}

static void write_critical_points(const struct landscape *l) {
    for (size_t i = 0; i < MARKS; i++) {
        if (count_of(l, marks[i].kind) == 0) continue;
        picture_data(l->picture, marks[i].name, 0);
        for (size_t k = 0; k < l->stationary_count; k++)
            if (l->stationary[k].kind == marks[i].kind)
                picture_row(l->picture, 2, l->stationary[k].at[0], l->stationary[k].at[1]);
        picture_data_end(l->picture);
    }
}

static void write_plot_of_critical_points(const struct landscape *l) {
    for (size_t i = 0; i < MARKS; i++)
        if (count_of(l, marks[i].kind) > 0)
            fprintf(l->picture->script,
                    ", \\\n  $%s with points pointtype %d pointsize 1.6 linewidth 1.5 linecolor rgb "
                    "'#000000' title '%s'",
                    marks[i].name, marks[i].pointtype, marks[i].name);
}

/* ---- Commands ---- */

/* What the levels count: the objective, or how far it is above its least or below its largest value. */
static void write_colour_label(const struct landscape *l) {
    double base = l->levels.base;
    char text[80];
    if (!l->levels.logarithmic || (base == 0 && l->sign > 0))
        snprintf(text, sizeof text, "objective");
    else if (l->sign > 0)
        snprintf(text, sizeof text, "objective %s %.6g", base < 0 ? "+" : "-", fabs(base));
    else
        snprintf(text, sizeof text, "%.6g - objective", base == 0 ? 0 : -base);
    fputs("set cblabel ", l->picture->script);
    picture_number_text(l->picture, text);
    fputs(" noenhanced offset 1\n", l->picture->script);
}

static void write_ticks(const struct landscape *l) {
    FILE *out = l->picture->script;
    if (l->levels.logarithmic && l->levels.digits == 1) fputs("set format cb '10^{%L}'\n", out);
    if (!l->levels.logarithmic || l->levels.digits == 1) return;
    fputs("set cbtics (", out);
    for (size_t k = 0; k < l->levels.count; k++) {
        if (k) fputs(", ", out);
        picture_number(l->picture, l->levels.at[k]);
    }
    fputs(")\n", out);
}

/* The better, the darker: greys leave the colours to the paths. */
static void write_palette(const struct landscape *l) {
    const struct levels *levels = &l->levels;
    FILE *out = l->picture->script;
    if (levels->count < 2) {
        fputs("unset colorbox\n", out);
        return;
    }
    double first = levels->at[0], last = levels->at[levels->count - 1];
    bool falls = l->sign < 0 && !levels->logarithmic;
    fprintf(out, "set palette defined (0 '%s', 1 '%s')\n", falls ? "#D0D0D0" : "#383838",
            falls ? "#383838" : "#D0D0D0");
    if (levels->logarithmic) fputs("set logscale cb\n", out);
    plot_write_range(l->picture, "cb", falls ? (struct extent){-last, -first} : (struct extent){first, last});
    fputs("set colorbox user origin 0.83,0.16 size 0.02,0.6 noborder\n", out);
    write_colour_label(l);
    write_ticks(l);
}

static void write_axes(const struct landscape *l) {
    fputs("set border 15\nset rmargin at screen 0.81\n", l->picture->script);
    plot_write_range(l->picture, "x", l->across);
    plot_write_range(l->picture, "y", l->up);
    plot_write_label(l->picture, "x", l->plot->names[0]);
    plot_write_label(l->picture, "y", l->plot->names[1]);
    write_palette(l);
}

static void write_plot_of_regions(const struct landscape *l, size_t blocks) {
    for (size_t k = 0; k < blocks; k++)
        fprintf(l->picture->script,
                "$region%zu with filledcurves closed fillstyle solid noborder linecolor rgb '%s' %s, \\\n  ",
                k + 1, k % 2 ? "#FFFFFF" : PLOT_SHADE, k ? "notitle" : "title 'infeasible'");
}

static void write_plot_of_equalities(const struct landscape *l) {
    for (size_t e = 0; e < l->equality_count; e++) {
        char *name = require_text(gradc_constraint_name(l->plot->model, l->equality_rows[e]));
        fprintf(l->picture->script,
                ", \\\n  $equality%zu with lines linewidth 2 linecolor rgb '#000000' title ", e + 1);
        picture_text(l->picture, name);
        fputs(" noenhanced", l->picture->script);
        free(name);
    }
}

static void write_plot(const struct landscape *l, size_t blocks) {
    FILE *out = l->picture->script;
    fputs("plot ", out);
    write_plot_of_regions(l, blocks);
    fputs("$contours using 1:2:3 with lines linewidth 1 linecolor palette notitle", out);
    if (blocks) fputs(", \\\n  $boundary with lines linewidth 1.2 linecolor rgb '#707070' notitle", out);
    write_plot_of_equalities(l);
    fputs(
        ", \\\n  $arrows with vectors head filled size screen 0.008,20 linewidth 0.7 linecolor rgb '#A0A0A0' "
        "notitle",
        out);
    plot_write_paths(l->plot, l->picture);
    write_plot_of_critical_points(l);
    fputc('\n', out);
}

static size_t write_feasibility(struct landscape *l) {
    size_t blocks = write_regions(l);
    if (blocks) write_zero(l, "boundary", 0, &l->violation);
    for (size_t e = 0; e < l->equality_count; e++) write_zero(l, "equality", e + 1, &l->equalities[e]);
    return blocks;
}

static void release(struct landscape *l) {
    grid_free(&l->grid);
    grid_free(&l->violation);
    for (size_t e = 0; e < l->equality_count; e++) grid_free(&l->equalities[e]);
    free(l->equalities);
    free(l->equality_rows);
}

static bool survey(struct landscape *l) {
    place(l, &l->grid, count_nodes(l->plot));
    if (!fill_values(l)) return false;
    choose(l);
    bool constrained = l->plot->has_region || l->plot->constraint_lower;
    return !constrained || fill_region(l);
}

bool plot_contours(struct plot *plot, struct picture *picture) {
    struct landscape l = {.plot = plot,
                          .picture = picture,
                          .across = plot_axis_extent(plot, 0, plot_path_extent(plot, 0)),
                          .up = plot_axis_extent(plot, 1, plot_path_extent(plot, 1)),
                          .sign = gradc_maximizes(plot->model) ? -1 : 1};
    bool good = survey(&l);
    if (good) {
        size_t blocks = l.violation.values ? write_feasibility(&l) : 0;
        write_contours(&l);
        good = write_arrows(&l) && find_critical_points(&l);
        write_critical_points(&l);
        plot_write_path_data(plot, picture, l.across, l.up);
        write_axes(&l);
        write_plot(&l, blocks);
    }
    release(&l);
    return good;
}
