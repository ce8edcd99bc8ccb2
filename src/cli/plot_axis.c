#include "cli/plot_axis.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MARKED_STEPS = 100, LONG_TITLE = 20, LONG_BESIDE_COLOURS = 16 };

/* A step that is far worse than the start is no part of what should be seen: a descent that diverges would
 * leave nothing else to see. */
static bool belongs(const struct path_step *step, const struct path_step *start, bool maximizes) {
    double worse = maximizes ? start->objective - step->objective : step->objective - start->objective;
    return !(worse > 100 * fmax(1, fabs(start->objective)));
}

struct extent plot_path_extent(const struct plot *plot, size_t axis) {
    struct extent range = extent_empty();
    bool maximizes = gradc_maximizes(plot->model);
    for (size_t r = 0; r < plot->run_count; r++) {
        const struct plot_path *path = &plot->runs[r].path;
        for (size_t k = 0; k < path->count; k++)
            if (belongs(&path->steps[k], &path->steps[0], maximizes))
                extent_include(&range, path->steps[k].at[axis]);
        extent_include(&range, plot->runs[r].run.start[plot->axes[axis]]);
        const struct gradc_multistart *found = &plot->runs[r].run.found;
        for (size_t b = 0; b < found->basin_count; b++)
            extent_include(&range, found->basins[b].point[plot->axes[axis]]);
    }
    return extent_open(range);
}

/* A bound is shown where it is nearer than a third of the width. */
struct extent plot_axis_extent(const struct plot *plot, size_t axis, struct extent seen) {
    if (extent_width(plot->shown[axis]) > 0) return plot->shown[axis];
    struct extent wide = extent_widen(seen, 1.0 / 3), bounds = plot->bounds[axis];
    if (extent_holds(wide, bounds.low)) extent_include(&seen, bounds.low);
    if (extent_holds(wide, bounds.high)) extent_include(&seen, bounds.high);
    return extent_widen(seen, plot->axis_count == 1 ? 0.1 : 0.15);
}

void plot_write_range(struct picture *picture, const char *axis, struct extent range) {
    fprintf(picture->script, "set %srange [", axis);
    picture_number(picture, range.low);
    fputc(':', picture->script);
    picture_number(picture, range.high);
    fputs("]\n", picture->script);
}

void plot_write_label(struct picture *picture, const char *axis, const char *label) {
    fprintf(picture->script, "set %slabel ", axis);
    picture_text(picture, label);
    fputs(" noenhanced\n", picture->script);
}

/* ---- Paths ---- */

static void write_step(const struct plot_path *path, size_t k, struct picture *picture) {
    const struct path_step *step = &path->steps[k];
    picture_row(picture, 2, step->at[0], path->axis_count > 1 ? step->at[1] : step->objective);
}

static void write_path(const struct plot *plot, size_t r, struct picture *picture, struct extent across,
                       struct extent up) {
    struct plot_path *path = &plot->runs[r].path;
    picture_data(picture, "path", r + 1);
    for (size_t k = path_next(path, SIZE_MAX, across, up); k < path->count;
         k = path_next(path, k, across, up), path->drawn++)
        write_step(path, k, picture);
    picture_data_end(picture);
}

void plot_write_path_data(const struct plot *plot, struct picture *picture, struct extent across,
                          struct extent up) {
    for (size_t r = 0; r < plot->run_count; r++) write_path(plot, r, picture, across, up);
    for (int last = 0; last < 2; last++) {
        picture_data(picture, last ? "end" : "start", 0);
        for (size_t r = 0; r < plot->run_count; r++) {
            const struct plot_path *path = &plot->runs[r].path;
            if (path->count) write_step(path, last ? path->count - 1 : 0, picture);
        }
        picture_data_end(picture);
    }
}

char *plot_run_title(const struct plot *plot, size_t run) {
    const struct run *r = &plot->runs[run].run;
    const char *title = r->method.title, *article = "the ";
    if (strncmp(title, article, strlen(article)) == 0) title += strlen(article);
    size_t most = plot->axis_count > 1 ? LONG_BESIDE_COLOURS : LONG_TITLE;
    if (plot->run_count > 1 || strlen(title) > most) title = r->method.name;
    size_t iterations = r->result.iterations, room = strlen(title) + 64;
    char *text = allocate(room, 1);
    snprintf(text, room, "%s (%zu iteration%s%s)", title, iterations, iterations == 1 ? "" : "s",
             plot->is_cut ? ", projected" : "");
    return text;
}

void plot_write_paths(const struct plot *plot, struct picture *picture) {
    for (size_t r = 0; r < plot->run_count; r++) {
        char *title = plot_run_title(plot, r);
        /* Points that touch each other would make a thick line. */
        const char *marks =
            plot->runs[r].path.drawn > MARKED_STEPS ? "lines" : "linespoints pointtype 7 pointsize 0.4";
        fprintf(picture->script,
                ", \\\n  $path%zu with %s linewidth 1.5 %s linecolor rgb "
                "'%s' title ",
                r + 1, marks, plot->is_cut ? "dashtype 3" : "dashtype 1", picture_colour(r));
        picture_text(picture, title);
        fputs(" noenhanced", picture->script);
        free(title);
    }
    fputs(", \\\n  $start with points pointtype 6 pointsize 1.3 linewidth 1.5 linecolor rgb '#000000' title "
          "'start'"
          ", \\\n  $end with points pointtype 7 pointsize 0.9 linecolor rgb '#000000' title 'end'",
          picture->script);
}
