#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/load.h"

struct progress progress_begin(const struct request *request) {
    return (struct progress){.shows = isatty(STDERR_FILENO) && !option_given(request, OPTION_QUIET),
                             .last = clock_seconds()};
}

bool progress_is_due(struct progress *progress) {
    if (!progress->shows) return false;
    double time = clock_seconds();
    if (time - progress->last < 0.5) return false;
    progress->last = time;
    progress->has_shown = true;
    return true;
}

void progress_end(struct progress *progress) {
    if (progress->has_shown) fputs("\r\033[K", stderr);
    progress->has_shown = false;
}
