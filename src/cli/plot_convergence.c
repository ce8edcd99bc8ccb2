#include <math.h>
#include <stdlib.h>

#include "cli/plot_axis.h"

enum { DRAWN_STEPS = 1000, MARKED_STEPS = 100 };

/* How far each iteration is from the best value of all, and its gradient. */
struct convergence {
    struct plot *plot;
    struct picture *picture;
    double sign, best;
    size_t last; /* iteration */
    bool any_gap, any_norm;
};

static void look(struct convergence *c) {
    double worst = -INFINITY;
    c->best = INFINITY;
    for (size_t r = 0; r < c->plot->run_count; r++) {
        const struct plot_run *run = &c->plot->runs[r];
        if (isfinite(run->run.result.objective)) c->best = fmin(c->best, c->sign * run->run.result.objective);
        for (size_t k = 0; k < run->path.count; k++) {
            double value = c->sign * run->path.steps[k].objective;
            worst = fmax(worst, value);
            if (run->run.result.violation <= 0 && isfinite(value)) c->best = fmin(c->best, value);
            if (run->path.steps[k].iteration > c->last) c->last = run->path.steps[k].iteration;
        }
    }
    if (c->best > 0 && c->best <= 1e-12 * worst) c->best = 0; /* rounding: the least value is 0 */
}

/* What is 0 or less has no place on a logarithmic axis: a gap. */
static double positive(double value) {
    return value > 0 && isfinite(value) ? value : NAN;
}

static void write_run(struct convergence *c, size_t r) {
    const struct plot_path *path = &c->plot->runs[r].path;
    picture_data(c->picture, "path", r + 1);
    for (size_t k = 0; k < path->count; k++) {
        const struct path_step *step = &path->steps[k];
        double gap = positive(c->sign * step->objective - c->best), norm = positive(step->gradient_norm);
        c->any_gap |= isfinite(gap);
        c->any_norm |= isfinite(norm);
        /* Long paths are evenly thinned; their ends stay. */
        size_t stride = 1 + path->count / DRAWN_STEPS;
        if (k % stride == 0 || k + 1 == path->count)
            picture_row(c->picture, 3, (double)step->iteration, gap, norm);
    }
    picture_data_end(c->picture);
}

static void write_gap_label(const struct convergence *c) {
    char text[80];
    double best = c->sign * c->best;
    if (best == 0)
        snprintf(text, sizeof text, c->sign > 0 ? "objective" : "-objective");
    else if (c->sign > 0)
        snprintf(text, sizeof text, "objective %s %.6g", best < 0 ? "+" : "-", fabs(best));
    else
        snprintf(text, sizeof text, "%.6g - objective", best);
    fputs("set ylabel ", c->picture->script);
    picture_number_text(c->picture, text);
    fputs(" noenhanced\n", c->picture->script);
}

/* A panel of one column; one without positive values has a linear axis, for gnuplot draws no other. */
static void write_panel(const struct convergence *c, int column, bool logarithmic, bool titles) {
    FILE *out = c->picture->script;
    fputs(logarithmic ? "set yrange [*:*]\nset logscale y\nset format y '10^{%L}'\n"
                      : "unset logscale y\nset yrange [0:1]\n",
          out);
    fputs("plot ", out);
    for (size_t r = 0; r < c->plot->run_count; r++) {
        char *title = plot_run_title(c->plot, r);
        const char *marks =
            c->plot->runs[r].path.count > MARKED_STEPS ? "lines" : "linespoints pointtype 7 pointsize 0.4";
        fprintf(out, "%s$path%zu using 1:%d with %s linewidth 1.5 linecolor rgb '%s' ", r ? ", \\\n  " : "",
                r + 1, column, marks, picture_colour(r));
        fputs(titles ? "title " : "notitle", out);
        if (titles) picture_text(c->picture, title);
        if (titles) fputs(" noenhanced", out);
        free(title);
    }
    fputc('\n', out);
}

bool plot_convergence(struct plot *plot, struct picture *picture) {
    struct convergence c = {.plot = plot, .picture = picture, .sign = gradc_maximizes(plot->model) ? -1 : 1};
    FILE *out = picture->script;
    look(&c);
    for (size_t r = 0; r < plot->run_count; r++) write_run(&c, r);
    fputs("set multiplot\nset lmargin at screen 0.14\nset rmargin at screen 0.97\n", out);
    plot_write_range(picture, "x", (struct extent){0, c.last ? (double)c.last : 1});
    fputs("set tmargin at screen 0.84\nset bmargin at screen 0.51\nset format x ''\n", out);
    write_gap_label(&c);
    write_panel(&c, 2, c.any_gap, true);
    fputs(
        "set tmargin at screen 0.47\nset bmargin at screen 0.13\nset format x '%g'\nset xlabel 'iteration'\n",
        out);
    plot_write_label(picture, "y", "|gradient|");
    write_panel(&c, 3, c.any_norm, false);
    fputs("unset multiplot\n", out);
    return true;
}
