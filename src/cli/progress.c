#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/load.h"

struct progress progress_begin(const struct request *request) {
    double now = clock_seconds();
    return (struct progress){
        .shows = isatty(STDERR_FILENO) && !option_given(request, OPTION_QUIET), .began = now, .last = now};
}

bool progress_is_due(struct progress *progress) {
    if (!progress->shows) return false;
    double time = clock_seconds();
    if (time - progress->last < 0.5) return false;
    progress->last = time;
    progress->has_shown = true;
    return true;
}

static void show_change(const struct progress *progress, const struct gradc_iteration *seen) {
    if (!progress->shown.is_set || seen->iteration <= progress->shown.iteration) return;
    double rate =
        (seen->objective - progress->shown.objective) / (double)(seen->iteration - progress->shown.iteration);
    fprintf(stderr, ", %s by %.2g per iteration", rate > 0 ? "rising" : "falling", fabs(rate));
}

void progress_of_descent(struct progress *progress, const struct gradc_iteration *seen) {
    if (!progress_is_due(progress)) return;
    fprintf(stderr, "\r%zu iterations, objective %.6g, gradient %.3g", seen->iteration, seen->objective,
            seen->gradient_norm);
    show_change(progress, seen);
    if (progress->timeout > 0)
        fprintf(stderr, ", %.0f s left", fmax(0, progress->timeout - (progress->last - progress->began)));
    fputs(" \033[K", stderr);
    progress->shown.iteration = seen->iteration;
    progress->shown.objective = seen->objective;
    progress->shown.is_set = true;
}

void progress_end(struct progress *progress) {
    if (progress->has_shown) fputs("\r\033[K", stderr);
    progress->has_shown = false;
}
