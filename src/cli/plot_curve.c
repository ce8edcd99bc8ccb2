#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot_axis.h"
#include "cli/plot_critical.h"
#include "cli/plot_region.h"
#include "cli/plot_values.h"

enum { SAMPLES = 601, MOST_CRITICAL = 64, LABELLED = 6 };

/* The curve and what stands on it. */
struct drawing {
    struct plot *plot;
    struct picture *picture;
    struct sample *samples;
    size_t count;
    struct extent across, up;
    bool logarithmic;
    struct critical critical[MOST_CRITICAL];
    size_t critical_count;
    bool labelled; /* they have room for their coordinates */
};

static bool evaluate(void *context, double at, double *value, double *slope) {
    return plot_evaluate(context, &at, value, slope);
}

/* ---- What is shown ---- */

/* Looks as far again on both sides of the path. */
static bool find_nearby(struct drawing *d) {
    struct plot *plot = d->plot;
    struct curve curve = {evaluate, plot};
    struct extent seen = plot_path_extent(plot, 0);
    struct extent search = extent_width(plot->shown[0]) > 0 ? plot->shown[0] : extent_widen(seen, 1);
    search = extent_meet(search, plot->bounds[0]);
    bool good = true;
    if (extent_width(search) > 0) {
        if (!curve_sample(&curve, search.low, search.high, d->samples, d->count)) return false;
        d->critical_count = find_critical(&curve, d->samples, d->count, d->critical, MOST_CRITICAL, &good);
    }
    for (size_t k = 0; k < d->critical_count; k++) extent_include(&seen, d->critical[k].at);
    d->across = plot_axis_extent(plot, 0, seen);
    return good;
}

/* Of descents that did not converge only what is not far beyond the values of the curve: they may have gone
 * down a pole. */
static void see_path(const struct drawing *d, const struct plot_run *r, struct extent usual,
                     struct extent *seen) {
    bool converged = r->run.result.status == GRADC_CONVERGED;
    for (size_t k = 0; k < r->path.count; k++) {
        const struct path_step *step = &r->path.steps[k];
        if (!extent_holds(d->across, step->at[0])) continue;
        if (converged || extent_holds(usual, step->objective)) extent_include(seen, step->objective);
    }
}

static struct extent seen_heights(const struct drawing *d, double *values) {
    struct extent seen = extent_empty();
    struct extent usual = {quantile(values, d->count, 0.1), quantile(values, d->count, 0.9)};
    usual = extent_widen(extent_open(usual), 5);
    for (size_t r = 0; r < d->plot->run_count && !d->plot->is_cut; r++)
        see_path(d, &d->plot->runs[r], usual, &seen);
    for (size_t k = 0; k < d->critical_count; k++)
        if (extent_holds(d->across, d->critical[k].at)) extent_include(&seen, d->critical[k].value);
    return seen;
}

static void choose_up(struct drawing *d) {
    double *values = allocate(d->count, sizeof *values);
    for (size_t k = 0; k < d->count; k++) values[k] = d->samples[k].value;
    d->logarithmic = spans_decades(values, d->count);
    d->up = choose_heights(seen_heights(d, values), values, d->count);
    double least = quantile(values, d->count, 0), most = quantile(values, d->count, 1);
    free(values);
    if (d->logarithmic)
        d->up = (struct extent){least / 2, most * 2};
    else
        d->up = extent_widen(d->up, 0.1); /* with room for labels */
}

static bool measure(struct drawing *d) {
    struct curve curve = {evaluate, d->plot};
    d->count = d->plot->grid ? d->plot->grid : SAMPLES;
    d->samples = allocate(d->count, sizeof *d->samples);
    if (!find_nearby(d)) return false;
    struct extent inside = extent_meet(d->across, d->plot->bounds[0]);
    if (!(extent_width(inside) > 0)) inside = d->across;
    if (!curve_sample(&curve, inside.low, inside.high, d->samples, d->count)) return false;
    choose_up(d);
    return true;
}

/* ---- Data ---- */

/* Whether the curve leaves the picture on one side and comes back on the other: a pole, not a line. */
static bool jumps(const struct drawing *d, double before, double after) {
    return (before > d->up.high && after < d->up.low) || (before < d->up.low && after > d->up.high);
}

/* Empty lines are gaps. */
static void write_curve(const struct drawing *d) {
    picture_data(d->picture, "curve", 0);
    for (size_t k = 0; k < d->count; k++) {
        const struct sample *s = &d->samples[k];
        if (!isfinite(s->value) || (k > 0 && jumps(d, s[-1].value, s->value)))
            fputc('\n', d->picture->script);
        if (isfinite(s->value)) picture_row(d->picture, 2, s->at, s->value);
    }
    picture_data_end(d->picture);
}

/* A piece of the tangent around the start: nowhere near the whole picture. */
static bool write_tangent(const struct drawing *d) {
    double start = d->plot->runs[0].run.start[d->plot->axes[0]], value, slope;
    if (!plot_evaluate(d->plot, &start, &value, &slope)) return false;
    double reach = extent_width(d->across) / 5, rise = extent_width(d->up) / 3;
    if (fabs(slope) * reach > rise) reach = rise / fabs(slope);
    picture_data(d->picture, "tangent", 0);
    if (isfinite(value) && isfinite(slope)) {
        picture_row(d->picture, 2, start - reach, value - slope * reach);
        picture_row(d->picture, 2, start + reach, value + slope * reach);
    }
    picture_data_end(d->picture);
    return true;
}

/* Of the path of a cut only its end lies on the curve. */
static void write_end(const struct drawing *d) {
    const struct run *run = &d->plot->runs[0].run;
    picture_data(d->picture, "end", 0);
    if (run->result.point)
        picture_row(d->picture, 2, run->result.point[d->plot->axes[0]], run->result.objective);
    picture_data_end(d->picture);
}

/* ---- Marks ---- */

static const char *kind_in_words(enum gradc_critical_kind kind) {
    return kind == GRADC_MINIMUM ? "minimum" : kind == GRADC_MAXIMUM ? "maximum" : "inflection point";
}

static int pointtype(enum gradc_critical_kind kind) {
    return kind == GRADC_MINIMUM ? 10 : kind == GRADC_MAXIMUM ? 8 : 12;
}

/* 0 for what cannot be told from it in the picture. */
static double visible(double value, double width) {
    return fabs(value) < 1e-6 * width ? 0 : value;
}

static bool is_shown(const struct drawing *d, const struct critical *c) {
    return extent_holds(d->across, c->at) && extent_holds(d->up, c->value);
}

/* How a label stands to its point: where there is room. */
enum side { SIDE_LEFT, SIDE_CENTER, SIDE_RIGHT };
static const double label_length = 0.3, label_height = 0.08; /* in relation to the picture */

static double place_of(const struct drawing *d, const struct critical *c) {
    return (c->at - d->across.low) / extent_width(d->across);
}

static enum side side_of(const struct drawing *d, const struct critical *c) {
    double place = place_of(d, c);
    return place < label_length / 2 ? SIDE_LEFT : place > 1 - label_length / 2 ? SIDE_RIGHT : SIDE_CENTER;
}

/* Where a label begins. */
static double label_start(const struct drawing *d, const struct critical *c) {
    return place_of(d, c) - label_length * (double)side_of(d, c) / 2;
}

/* Minima have their labels below, all others above. */
static bool collide(const struct drawing *d, const struct critical *a, const struct critical *b) {
    bool same_side = (a->kind == GRADC_MINIMUM) == (b->kind == GRADC_MINIMUM);
    double rise = d->logarithmic ? log(a->value / b->value) / log(d->up.high / d->up.low)
                                 : (a->value - b->value) / extent_width(d->up);
    return same_side && fabs(label_start(d, a) - label_start(d, b)) < label_length &&
           fabs(rise) < label_height;
}

static bool have_room(const struct drawing *d) {
    size_t shown = 0;
    for (size_t k = 0; k < d->critical_count; k++) {
        if (!is_shown(d, &d->critical[k])) continue;
        shown++;
        for (size_t i = 0; i < k; i++)
            if (is_shown(d, &d->critical[i]) && collide(d, &d->critical[i], &d->critical[k])) return false;
    }
    return shown <= LABELLED;
}

/* "minimum (2.25, -6.543)", at the side of the point where there is room. */
static void write_mark(const struct drawing *d, const struct critical *c) {
    FILE *out = d->picture->script;
    static const char *const sides[] = {"left", "center", "right"};
    char text[80] = "";
    if (d->labelled)
        snprintf(text, sizeof text, "%s (%.4g, %.4g)", kind_in_words(c->kind),
                 visible(c->at, extent_width(d->across)),
                 visible(c->value, d->logarithmic ? 0 : extent_width(d->up)));
    fputs("set label ", out);
    picture_number_text(d->picture, text);
    fputs(" at ", out);
    picture_number(d->picture, c->at);
    fputc(',', out);
    picture_number(d->picture, c->value);
    fprintf(out,
            " %s offset 0,%s front noenhanced point pointtype %d pointsize 1.6 linewidth 1.5 linecolor rgb "
            "'#000000'\n",
            sides[side_of(d, c)], c->kind == GRADC_MINIMUM ? "-1" : "1", pointtype(c->kind));
}

static void write_axes(const struct drawing *d) {
    plot_write_range(d->picture, "x", d->across);
    plot_write_range(d->picture, "y", d->up);
    plot_write_label(d->picture, "x", d->plot->names[0]);
    plot_write_label(d->picture, "y", "objective");
    if (d->logarithmic) fputs("set logscale y\nset format y '10^{%L}'\n", d->picture->script);
    for (size_t k = 0; k < d->critical_count; k++)
        if (is_shown(d, &d->critical[k])) write_mark(d, &d->critical[k]);
}

/* A legend for points that have no labels. */
static void write_kinds(const struct drawing *d) {
    static const enum gradc_critical_kind kinds[] = {GRADC_MINIMUM, GRADC_MAXIMUM, GRADC_SADDLE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !d->labelled; i++) {
        size_t k = 0;
        while (k < d->critical_count && (d->critical[k].kind != kinds[i] || !is_shown(d, &d->critical[k])))
            k++;
        if (k < d->critical_count)
            fprintf(d->picture->script,
                    ", \\\n  keyentry with points pointtype %d pointsize 1.6 linewidth 1.5 linecolor rgb "
                    "'#000000' "
                    "title '%s'",
                    pointtype(kinds[i]), kind_in_words(kinds[i]));
    }
}

static void write_plot(const struct drawing *d) {
    FILE *out = d->picture->script;
    fprintf(out, "plot $curve with lines linewidth 2 linecolor rgb '#808080' title 'objective'");
    if (!d->plot->is_cut && d->plot->run_count == 1)
        fprintf(out, ", \\\n  $tangent with lines dashtype 2 linewidth 1.5 linecolor rgb '#D55E00' title "
                     "'tangent at the start'");
    if (d->plot->is_cut)
        fputs(", \\\n  $end with points pointtype 7 pointsize 0.9 linecolor rgb '#000000' title 'end'", out);
    else
        plot_write_paths(d->plot, d->picture);
    write_kinds(d);
    plot_write_region_key(d->plot, d->picture);
    fputc('\n', out);
}

bool plot_curve(struct plot *plot, struct picture *picture) {
    struct drawing d = {.plot = plot, .picture = picture};
    bool good = measure(&d) && plot_write_bands(plot, picture, d.across, d.count);
    if (good) {
        d.labelled = have_room(&d);
        write_axes(&d);
        write_curve(&d);
        good = plot->is_cut || plot->run_count > 1 || write_tangent(&d);
        if (plot->is_cut)
            write_end(&d);
        else
            plot_write_path_data(plot, picture, d.across, d.up);
        write_plot(&d);
    }
    free(d.samples);
    return good;
}
