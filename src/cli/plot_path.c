#include "cli/plot_path.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "cli/message.h"

/* Keeps every second step. */
static void thin(struct plot_path *path) {
    size_t kept = 0;
    path->stride *= 2;
    for (size_t k = 0; k < path->count; k++)
        if (path->steps[k].iteration % path->stride == 0) path->steps[kept++] = path->steps[k];
    path->count = kept;
}

static void make_room(struct plot_path *path) {
    if (path->count < path->capacity) return;
    if (path->count >= PATH_LIMIT) {
        thin(path);
        return;
    }
    path->capacity = path->capacity ? 2 * path->capacity : 64;
    path->steps = allocate_again(path->steps, path->capacity * sizeof *path->steps);
}

void path_add(struct plot_path *path, const struct gradc_iteration *seen) {
    if (path->stride == 0) path->stride = 1;
    if (path->ends_between) path->count--;
    make_room(path);
    struct path_step step = {seen->iteration, seen->objective, seen->gradient_norm, {0}};
    for (size_t k = 0; k < path->axis_count; k++) step.at[k] = seen->point[path->axes[k]];
    path->steps[path->count++] = step;
    path->ends_between = seen->iteration % path->stride != 0;
}

/* In relation to the picture. */
static double distance(const struct plot_path *path, size_t a, size_t b, struct extent across,
                       struct extent up) {
    const struct path_step *s = &path->steps[a], *t = &path->steps[b];
    double dx = (s->at[0] - t->at[0]) / extent_width(across);
    double dy = path->axis_count > 1 ? s->at[1] - t->at[1] : s->objective - t->objective;
    return hypot(dx, dy / extent_width(up));
}

size_t path_next(const struct plot_path *path, size_t k, struct extent across, struct extent up) {
    const double visible = 0.004;
    if (k == SIZE_MAX) return 0;
    size_t next = k + 1;
    while (next + 1 < path->count && distance(path, k, next, across, up) < visible) next++;
    return next;
}

void path_free(struct plot_path *path) {
    free(path->steps);
    *path = (struct plot_path){0};
}
