#include "cli/plot_options.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/assign.h"
#include "cli/plot_fit.h"
#include "cli/print.h"

static const char *const kinds[PLOT_KINDS] = {"auto", "curve", "contours", "convergence", "fit"};

const char *plot_kind_name(enum plot_kind kind) {
    return kinds[kind];
}

/* ---- --kind, --grid ---- */

static bool read_kind(struct plot *plot) {
    const char *text = option_value(plot->request, OPTION_KIND);
    for (int k = 0; k < PLOT_KINDS; k++) {
        if (text && strcmp(text, kinds[k]) != 0) continue;
        plot->kind = (enum plot_kind)k;
        return true;
    }
    const char *nearest = gradc_nearest_name(text, kinds, PLOT_KINDS);
    char hint[100];
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean `%s`?", nearest);
    else
        snprintf(hint, sizeof hint, "the kinds are auto, curve, contours, convergence, fit");
    complain("bad-value", hint, "`--kind`: there is no kind `%.100s` of picture", text);
    return false;
}

static bool read_grid(struct plot *plot) {
    const char *text = option_value(plot->request, OPTION_GRID);
    double value = 0;
    if (!text) return true;
    if (!gradc_number_parse(text, strlen(text), &value) || !(value >= 2 && value <= 2001) ||
        value != floor(value)) {
        complain("bad-value", NULL, "`--grid`: expected a whole number from 2 to 2001, found `%.100s`", text);
        return false;
    }
    plot->grid = (size_t)value;
    return true;
}

/* ---- Axes ---- */

static bool is_free(const struct run *run, size_t element) {
    return run->lower[element] < run->upper[element];
}

/* The unknowns that may move, as many as a picture has axes; returns how many there are of them. */
static size_t find_free(const struct plot *plot, size_t free_ones[PATH_AXES]) {
    size_t count = 0;
    for (size_t k = 0; k < gradc_dimension(plot->model); k++) {
        if (!is_free(&plot->runs[0].run, k)) continue;
        if (count < PATH_AXES) free_ones[count] = k;
        count++;
    }
    return count;
}

static bool add_axis(struct plot *plot, const char *name) {
    size_t first, count;
    if (!find_elements(plot->model, name, "--axes", &first, &count)) return false;
    for (size_t k = 0; k < count; k++) {
        if (plot->axis_count == PATH_AXES || (plot->axis_count == 1 && plot->axes[0] == first + k)) {
            complain("bad-value", "for example: --axes 'x[1],x[2]'",
                     "`--axes`: one or two different unknowns");
            return false;
        }
        plot->axes[plot->axis_count++] = first + k;
    }
    return true;
}

/* Whether a model has a fit. */
static bool has_fit(const struct plot *plot) {
    for (size_t k = 0; k < gradc_count(plot->model, GRADC_RESIDUALS); k++)
        if (gradc_is_fit(plot->model, k)) return true;
    return false;
}

/* Whether a fit reads the column in each of its rows. */
static bool reads_column(const struct plot *plot, size_t residual, const char *name) {
    size_t count = gradc_fit_columns(plot->model, residual, GRADC_FITTED, NULL, 0), k = 0;
    struct gradc_column *columns = allocate(count, sizeof *columns);
    gradc_fit_columns(plot->model, residual, GRADC_FITTED, columns, count);
    while (k < count && !plot_is_column(&columns[k], name)) k++;
    free(columns);
    return k < count;
}

/* A name that is no unknown's may be a column of the data, which all fits read. */
static bool names_column(const struct plot *plot, const char *name) {
    char *base = copy_text(name, strcspn(name, "["));
    bool known = gradc_find(plot->model, GRADC_UNKNOWNS, base) != SIZE_MAX;
    free(base);
    for (size_t k = 0; k < gradc_count(plot->model, GRADC_RESIDUALS) && !known; k++)
        if (gradc_is_fit(plot->model, k) && !reads_column(plot, k, name)) return false;
    return !known && has_fit(plot);
}

static bool read_axes(struct plot *plot) {
    size_t count;
    const char *list = option_value(plot->request, OPTION_AXES);
    char **names = split_list(list, &count);
    bool good = true;
    if (count == 1 && names_column(plot, names[0])) {
        plot->column = list;
        if (plot->kind == PLOT_AUTO) plot->kind = PLOT_FIT;
        free_list(names, count);
        return true;
    }
    for (size_t k = 0; k < count && good; k++) good = add_axis(plot, names[k]);
    free_list(names, count);
    return good;
}

static enum plot_kind kind_of_axes(size_t axes) {
    return axes == 1 ? PLOT_CURVE : axes == 2 ? PLOT_CONTOURS : PLOT_CONVERGENCE;
}

static bool complain_about_axes(const struct plot *plot, size_t wanted, size_t have) {
    complain("bad-value", "choose them with --axes", "`--kind %s` takes %zu unknown%s, there %s %zu",
             kinds[plot->kind], wanted, wanted == 1 ? "" : "s", have == 1 ? "is" : "are", have);
    return false;
}

/* What is shown where the options leave it open: by the number of unknowns that move. */
static bool choose_axes(struct plot *plot) {
    size_t free_ones[PATH_AXES] = {0}, count = find_free(plot, free_ones), wanted = plot->axis_count;
    bool is_fit = has_fit(plot);
    if (count == 0 && wanted == 0 && !is_fit) {
        complain("no-unknowns", NULL, "there is no unknown that may move: nothing to draw");
        return false;
    }
    if (plot->kind == PLOT_AUTO && wanted == 0 && is_fit && plot->method_count == 0) plot->kind = PLOT_FIT;
    if (plot->kind == PLOT_AUTO) plot->kind = kind_of_axes(wanted ? wanted : count);
    if (plot->kind == PLOT_FIT && !is_fit) {
        complain("bad-value", NULL, "`--kind fit` needs a file with `fit`");
        return false;
    }
    if (plot->kind == PLOT_CONVERGENCE || plot->kind == PLOT_FIT) {
        plot->axis_count = 0;
        return true;
    }
    size_t needed = plot->kind == PLOT_CURVE ? 1 : 2;
    if (wanted == 0 && count >= needed) {
        memcpy(plot->axes, free_ones, sizeof plot->axes);
        plot->axis_count = wanted = needed;
    }
    if (wanted != needed) return complain_about_axes(plot, needed, wanted ? wanted : count);
    plot->is_cut = count > needed;
    for (size_t k = 0; k < needed; k++) plot->is_cut |= !is_free(&plot->runs[0].run, plot->axes[k]);
    return true;
}

static void describe_axes(struct plot *plot) {
    for (size_t k = 0; k < plot->axis_count; k++) {
        size_t element = plot->axes[k];
        plot->names[k] = element_name(plot->model, element);
        plot->bounds[k] =
            (struct extent){gradc_lower(plot->model)[element], gradc_upper(plot->model)[element]};
    }
}

/* ---- --range ---- */

static bool apply_range(struct plot *plot, const struct assignment *a) {
    size_t first, count, axis = 0;
    if (!find_elements(plot->model, a->name, "--range", &first, &count)) return false;
    while (axis < plot->axis_count && plot->axes[axis] != first) axis++;
    if (axis == plot->axis_count || count != 1) {
        complain("bad-value", NULL, "`--range`: `%s` is no axis of the picture", a->name);
        return false;
    }
    if (a->count != 2 || !isfinite(a->values[0]) || !isfinite(a->values[1]) || a->values[0] >= a->values[1]) {
        complain("bad-value", "write NAME=[LOW,HIGH]",
                 "`--range`: `%s` needs two numbers, the lower one first", a->name);
        return false;
    }
    plot->shown[axis] = (struct extent){a->values[0], a->values[1]};
    return true;
}

static bool read_ranges(struct plot *plot) {
    struct assignments list = {0};
    const struct option_values *values = &plot->request->values[OPTION_RANGE];
    bool good = true;
    for (size_t k = 0; k < PATH_AXES; k++) plot->shown[k] = extent_empty();
    for (size_t k = 0; k < values->count && good; k++)
        good = assignments_read(&list, values->at[k], "--range", false);
    for (size_t k = 0; k < list.count && good; k++) good = apply_range(plot, &list.at[k]);
    assignments_free(&list);
    return good;
}

/* ---- All of them ---- */

/* A picture is no text for a terminal. */
static bool check_output(const struct plot *plot) {
    const char *path = option_value(plot->request, OPTION_OUTPUT);
    if ((path && strcmp(path, "-") != 0) || !isatty(STDOUT_FILENO)) return true;
    complain("missing-output", "add -o FILE.svg, -o FILE.png or -o FILE.gp, or redirect standard output",
             "the picture needs a file");
    return false;
}

bool plot_read_options(struct plot *plot) {
    if (!check_output(plot) || !read_kind(plot) || !read_grid(plot) || !read_axes(plot) || !choose_axes(plot))
        return false;
    describe_axes(plot);
    return read_ranges(plot);
}
