#include <math.h>
#include <stdlib.h>

#include "cli/plot_axis.h"
#include "cli/plot_fit.h"

enum { DRAWN_ROWS = 5000 };

/* The fits of a model on common axes. */
struct drawing {
    struct plot *plot;
    struct picture *picture;
    struct fit_series *series;
    size_t count;
    struct extent across, up, residuals;
    bool logarithmic_x, logarithmic_y;
};

/* ---- What is shown ---- */

static bool collect(struct drawing *d) {
    size_t residuals = gradc_count(d->plot->model, GRADC_RESIDUALS), first_row = 0;
    d->series = allocate(residuals, sizeof *d->series);
    for (size_t k = 0; k < residuals; k++) {
        if (gradc_is_fit(d->plot->model, k)) {
            struct fit_series *s = &d->series[d->count++];
            if (!fit_series_open(d->plot, k, first_row, s)) return false;
            if (s->replace && !s->by_fitted) fit_series_trace(d->plot, s);
        }
        first_row += gradc_array_at(d->plot->model, GRADC_RESIDUALS, k).count;
    }
    return true;
}

static bool decades(const struct drawing *d, bool of_x) {
    bool all = true;
    for (size_t k = 0; k < d->count && all; k++) {
        const struct fit_series *s = &d->series[k];
        double *values = allocate(s->rows, sizeof *values);
        for (size_t i = 0; i < s->rows; i++) values[i] = of_x ? s->x[i] : s->observed[i];
        all = spans_decades(values, s->rows);
        free(values);
    }
    return all;
}

/* The band may go far beyond the data where they say little: it is shown half the height of the rest away. */
static void include_band(struct drawing *d, const double *value, const double *reach, size_t count) {
    struct extent band = d->up, room = extent_widen(extent_open(d->up), 0.5);
    for (size_t k = 0; k < count; k++) {
        extent_include(&band, value[k] - reach[k]);
        extent_include(&band, value[k] + reach[k]);
    }
    d->up = extent_meet(band, room);
}

static void choose_axes(struct drawing *d) {
    d->across = d->up = d->residuals = extent_empty();
    d->logarithmic_x = decades(d, true);
    d->logarithmic_y = decades(d, false);
    extent_include(&d->residuals, 0);
    for (size_t k = 0; k < d->count; k++) {
        const struct fit_series *s = &d->series[k];
        for (size_t i = 0; i < s->rows; i++) {
            extent_include(&d->across, s->x[i]);
            extent_include(&d->up, s->observed[i]);
            extent_include(&d->up, s->fitted[i]);
            extent_include(&d->residuals, s->observed[i] - s->fitted[i]);
        }
        if (!d->logarithmic_y && s->curve.count)
            include_band(d, s->curve.value, s->curve.reach, s->curve.count);
        else if (!d->logarithmic_y && !s->by_fitted && !s->scattered)
            include_band(d, s->fitted, s->reach, s->rows);
    }
    double ratio = d->across.high / d->across.low;
    d->across = d->logarithmic_x
                    ? (struct extent){d->across.low / pow(ratio, 0.04), d->across.high * pow(ratio, 0.04)}
                    : extent_widen(extent_open(d->across), 0.04);
    ratio = pow(d->up.high / d->up.low, 0.06);
    d->up = d->logarithmic_y && d->up.low > 0 ? (struct extent){d->up.low / ratio, d->up.high * ratio}
                                              : extent_widen(extent_open(d->up), 0.06);
    d->logarithmic_y &= d->up.low > 0;
    d->residuals = extent_widen(extent_open(d->residuals), 0.1);
}

/* ---- Data ---- */

/* Of many rows evenly spaced ones are drawn, and the script says so. */
static void write_rows(const struct drawing *d, size_t k) {
    const struct fit_series *s = &d->series[k];
    size_t stride = 1 + (s->rows - 1) / DRAWN_ROWS;
    if (stride > 1) fprintf(d->picture->script, "# one of %zu rows is drawn, of %zu\n", stride, s->rows);
    picture_data(d->picture, "data", k + 1);
    for (size_t i = 0; i < s->rows; i += stride)
        picture_row(d->picture, 4, s->x[i], s->observed[i], s->fitted[i], s->observed[i] - s->fitted[i]);
    picture_data_end(d->picture);
}

struct place {
    double x, value, reach;
};

static int by_x(const void *a, const void *b) {
    const struct place *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->value > q->value) - (p->value < q->value);
}

/* Without points between the data the curve goes from one to the next. */
static void write_curve(const struct drawing *d, size_t k) {
    const struct fit_series *s = &d->series[k];
    size_t count = s->curve.count ? s->curve.count : s->rows, stride = 1 + (count - 1) / DRAWN_ROWS;
    struct place *places = allocate(count, sizeof *places);
    for (size_t i = 0; i < count; i++)
        places[i] = s->curve.count ? (struct place){s->curve.x[i], s->curve.value[i], s->curve.reach[i]}
                                   : (struct place){s->x[i], s->fitted[i], s->reach[i]};
    qsort(places, count, sizeof *places, by_x);
    picture_data(d->picture, "model", k + 1);
    for (size_t i = 0; i < count; i += stride) {
        double low = places[i].value - places[i].reach, high = places[i].value + places[i].reach;
        picture_row(d->picture, 4, places[i].x, places[i].value,
                    d->logarithmic_y ? fmax(low, d->up.low / 2) : low, high);
    }
    picture_data_end(d->picture);
    free(places);
}

/* ---- Commands ---- */

static bool has_band(const struct fit_series *s) {
    size_t count = s->curve.count ? s->curve.count : s->rows;
    const double *reach = s->curve.count ? s->curve.reach : s->reach;
    for (size_t i = 0; i < count; i++)
        if (isfinite(reach[i])) return !s->by_fitted && !s->scattered;
    return false;
}

/* "y" of several fits has its number. */
static void write_title(const struct drawing *d, const char *what, size_t k) {
    char text[80];
    if (d->count > 1)
        snprintf(text, sizeof text, "%s %zu", what, k + 1);
    else
        snprintf(text, sizeof text, "%s", what);
    fputs(" title ", d->picture->script);
    picture_text(d->picture, text);
}

static void write_band(const struct drawing *d, size_t k) {
    if (!has_band(&d->series[k])) return;
    fprintf(d->picture->script,
            "$model%zu using 1:3:4 with filledcurves fillstyle transparent solid 0.25 noborder linecolor rgb "
            "'%s'",
            k + 1, picture_colour(2 * k + 1));
    write_title(d, "95% confidence", k);
    fputs(", \\\n  ", d->picture->script);
}

/* A line along its regressor; else a point for each row, or the line on which both are the same. */
static void write_model(const struct drawing *d, size_t k) {
    const struct fit_series *s = &d->series[k];
    FILE *out = d->picture->script;
    if (s->by_fitted)
        fputs(", \\\n  x with lines linewidth 1 dashtype 2 linecolor rgb '#606060' title 'observed = fitted'",
              out);
    else if (s->scattered)
        fprintf(out, ", \\\n  $data%zu using 1:3 with points pointtype 6 pointsize 0.8 linecolor rgb '%s'",
                k + 1, picture_colour(2 * k + 1));
    else
        fprintf(out, ", \\\n  $model%zu using 1:2 with lines linewidth 2 linecolor rgb '%s'", k + 1,
                picture_colour(2 * k + 1));
    if (!s->by_fitted) write_title(d, "model", k);
}

static void write_series(const struct drawing *d, size_t k) {
    const struct fit_series *s = &d->series[k];
    if (k) fputs(", \\\n  ", d->picture->script);
    write_band(d, k);
    fprintf(d->picture->script, "$data%zu using 1:2 with points pointtype %d pointsize %s linecolor rgb '%s'",
            k + 1, k % 2 ? 5 : 7, s->rows > 300 ? "0.3" : "0.6", picture_colour(2 * k));
    write_title(d, "data", k);
    write_model(d, k);
}

static void write_data_panel(const struct drawing *d) {
    FILE *out = d->picture->script;
    fputs("set tmargin at screen 0.88\nset bmargin at screen 0.42\nset format x ''\n", out);
    plot_write_range(d->picture, "y", d->up);
    plot_write_label(d->picture, "y", d->series[0].y_name);
    if (d->logarithmic_y) fputs("set logscale y\nset format y '10^{%L}'\n", out);
    fputs("plot ", out);
    for (size_t k = 0; k < d->count; k++) write_series(d, k);
    fputc('\n', out);
}

static void write_residual_panel(const struct drawing *d) {
    FILE *out = d->picture->script;
    fputs("set tmargin at screen 0.38\nset bmargin at screen 0.13\n", out);
    if (d->logarithmic_y) fputs("unset logscale y\nset format y '%g'\n", out);
    fputs(d->logarithmic_x ? "set format x '10^{%L}'\n" : "set format x '%g'\n", out);
    plot_write_range(d->picture, "y", d->residuals);
    plot_write_label(d->picture, "y", "residual");
    plot_write_label(d->picture, "x", d->series[0].x_name);
    fputs("plot 0 with lines linewidth 1 dashtype 2 linecolor rgb '#606060' notitle", out);
    for (size_t k = 0; k < d->count; k++)
        fprintf(out,
                ", \\\n  $data%zu using 1:4 with impulses linewidth 0.8 linecolor rgb '#A0A0A0' notitle"
                ", \\\n  $data%zu using 1:4 with points pointtype %d pointsize %s linecolor rgb '%s' notitle",
                k + 1, k + 1, k % 2 ? 5 : 7, d->series[k].rows > 300 ? "0.3" : "0.6", picture_colour(2 * k));
    fputc('\n', out);
}

/* About how many characters the longest number at a tick has: some five ticks stand along the axis. */
static double tick_characters(struct extent range) {
    double most = fmax(fabs(range.low), fabs(range.high));
    if (most < 1e-3 || most >= 1e5) return 10; /* a power of ten */
    double decimals = fmax(0, -floor(log10(extent_width(range) / 5)));
    return (range.low < 0) + fmax(1, floor(log10(most)) + 1) + (decimals > 0) + decimals;
}

/* The part of the picture that labels and numbers of the vertical axes take. */
static double left_margin(const struct drawing *d) {
    double longest = fmax(tick_characters(d->residuals), d->logarithmic_y ? 4 : tick_characters(d->up));
    return 0.13 + 0.014 * fmin(5, fmax(0, longest - 5));
}

static void write_picture(const struct drawing *d) {
    for (size_t k = 0; k < d->count; k++) {
        write_rows(d, k);
        if (!d->series[k].by_fitted && !d->series[k].scattered) write_curve(d, k);
    }
    fprintf(d->picture->script,
            "set key width 1\nset multiplot\nset lmargin at screen %.3g\nset rmargin at screen 0.97\n",
            left_margin(d));
    plot_write_range(d->picture, "x", d->across);
    if (d->logarithmic_x) fputs("set logscale x\n", d->picture->script);
    write_data_panel(d);
    write_residual_panel(d);
    fputs("unset multiplot\n", d->picture->script);
}

bool plot_fit(struct plot *plot, struct picture *picture) {
    struct drawing d = {.plot = plot, .picture = picture};
    run_compute_fit(&plot->runs[0].run);
    bool good = collect(&d);
    if (good) {
        choose_axes(&d);
        write_picture(&d);
    }
    for (size_t k = 0; k < d.count; k++) fit_series_free(&d.series[k]);
    free(d.series);
    return good;
}
