#include <math.h>
#include <string.h>

#include "descend/search.h"

/* Nonlinear conjugate gradients (Hager and Zhang, A new conjugate gradient method with guaranteed descent and
 * an efficient line search, SIAM J. Optim. 16, 2005, equations 1.3 to 1.6). */

struct conjugate {
    bool has_step;
};

static void aim(struct search *s) {
    const struct conjugate *c = s->memory;
    double *d = s->direction;
    double dy = c->has_step ? search_dot(s, d, s->turn) : 0;
    double factor = 0;
    if (dy > 0 || dy < 0) {
        double yy = search_dot(s, s->turn, s->turn), yg = search_dot(s, s->turn, s->gradient);
        double dg = search_dot(s, d, s->gradient), norm = descent_norm(d, s->n);
        double least = -1 / (norm * fmin(0.01, descent_norm(s->gradient, s->n)));
        factor = fmax((yg - 2 * dg * yy / dy) / dy, least);
    }
    if (!isfinite(factor)) factor = 0;
    for (size_t i = 0; i < s->n; i++) d[i] = -s->gradient[i] + factor * d[i];
}

static void learn(struct search *s) {
    struct conjugate *c = s->memory;
    c->has_step = true;
    for (size_t i = 0; i < s->n; i++)
        if (s->fixed[i]) s->turn[i] = 0;
}

static void forget(struct search *s) {
    struct conjugate *c = s->memory;
    c->has_step = false;
}

/* As long as the last step, by what the slopes promise (Nocedal and Wright, section 3.5). */
static double first_length(struct search *s) {
    const struct conjugate *c = s->memory;
    double length = c->has_step ? s->length * s->former / s->slope : 0;
    return length > 0 && isfinite(length) ? length : 0.1 / descent_norm(s->gradient, s->n);
}

void descend_cg(const struct objective *objective, const double *start, const struct descent_options *options,
                struct descent_result *result) {
    struct conjugate c = {false};
    struct search s = {.curvature = 0.1,
                       .aim = aim,
                       .learn = learn,
                       .forget = forget,
                       .first_length = first_length,
                       .memory = &c};
    search_run(&s, objective, start, &options->stop, result);
}
