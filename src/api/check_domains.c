#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/check.h"
#include "check/proof.h"
#include "check/witness.h"
#include "eval/constant.h"
#include "support/number.h"

struct operands {
    node_id *at;
    size_t count, capacity;
    bool failed;
};

/* A program whose operations are looked at. */
struct domain_search {
    struct checking *checking;
    const struct subject *subject;
    const struct program *program;
    bool in_gradient;
    const struct reach *known;   /* nodes that have been looked at before, or NULL */
    const struct reach *varying; /* of the program */
    struct proof proof;
    bool *constant; /* by node */
    VEC(struct target) targets;
    struct operands *unsafe_operands; /* of the value's operations that were not proved */
};

/* ---- Words ---- */

static void add_number(struct text *text, double value) {
    text_add_double(text, value);
}

static void add_range(struct text *text, struct range range) {
    text_add(text, range.low_open ? "(" : "[");
    add_number(text, range.low);
    text_add(text, ", ");
    add_number(text, range.high);
    text_add(text, range.high_open ? ")" : "]");
    if (range.no_zero) text_add(text, " without 0");
}

/* "it must be above 0" */
static void add_requirement(struct text *text, const struct requirement *q) {
    bool low = isfinite(q->range.low), high = isfinite(q->range.high);
    switch (q->kind) {
    case REQUIRES_RANGE:
        text_add(text, low && high ? "must lie in " : "must be ");
        if (low && high) add_range(text, q->range);
        if (low != high) {
            bool open = low ? q->range.low_open : q->range.high_open;
            text_add(text, low ? (open ? "above " : "at least ") : (open ? "below " : "at most "));
            add_number(text, low ? q->range.low : q->range.high);
        }
        break;
    case REQUIRES_NOT_ZERO:
    case REQUIRES_NOT_BOTH_0: text_add(text, "must not be 0"); break;
    case REQUIRES_NO_POLE: text_add(text, "must be above 0, or not whole"); break;
    case REQUIRES_NO_TANGENT_POLE: text_add(text, "must not be pi/2 + k*pi"); break;
    case REQUIRES_POWER: text_add(text, "must be above 0 (or at least 0 under a positive exponent)"); break;
    }
}

static const char *operand_words(const struct graph *g, node_id n, const struct requirement *q) {
    enum op op = node_op(g, n);
    if (op == OP_DIV || (op == OP_MOD && q->operand == 1)) return "the divisor";
    if (op == OP_POWI || op == OP_POW) return "the base";
    if (q->kind == REQUIRES_NOT_BOTH_0) return "each of the operands";
    return "the operand";
}

static void add_state(struct text *text, const struct finding *finding, const struct requirement *q,
                      const struct target *target) {
    bool zero = q->kind == REQUIRES_NOT_ZERO || q->kind == REQUIRES_NOT_BOTH_0;
    if (target && target->crosses) {
        text_add(text, " changes its sign: somewhere near it is 0");
        return;
    }
    bool known = (target && target->found) || range_is_point(finding->operand);
    text_add(text, known ? " is " : " lies in ");
    if (target && target->found)
        add_number(text, target->operand);
    else if (known)
        add_number(text, finding->operand.low);
    else
        add_range(text, finding->operand);
    if (finding->safety == SAFE || (zero && target && target->found)) return;
    text_add(text, ", and ");
    add_requirement(text, q);
}

static const char *detail_of(const struct domain_search *d, node_id n, const struct finding *finding,
                             const struct requirement *q, const struct target *target) {
    struct text text = {0};
    text_add(&text, operand_words(d->program->graph, n, q));
    add_state(&text, finding, q, target);
    if (finding->safety != SAFE && !(target && target->found)) text_add(&text, "; no bad point was found");
    return check_take_text(d->checking, &text);
}

/* log(u + 1) is computed as log1p(u): what is told is told of what is written. */
static double shift_of(enum op op, const struct gradc_place *place) {
    return op == OP_LOG1P && place->text && strncmp(place->text, "log1p", strlen("log1p")) != 0 ? 1 : 0;
}

static struct range shifted(struct range range, double shift) {
    range.low += shift;
    range.high += shift;
    return range;
}

/* ---- Results ---- */

/* Safe, unknown, unsafe. */
static int severity(enum gradc_safety safety) {
    static const int severities[] = {[GRADC_SAFE] = 0, [GRADC_NOT_PROVED] = 1, [GRADC_UNSAFE] = 2};
    return severities[safety];
}

static bool same_place(const struct gradc_place *a, const struct gradc_place *b) {
    return a->file == b->file && a->line == b->line && a->column == b->column && a->end_line == b->end_line &&
           a->end_column == b->end_column;
}

/* One for each place and operation, the worst; what fails in the value need not be told of the gradient. */
static bool give(const struct domain_search *d, const struct gradc_domain *domain) {
    struct gradc_check_memory *memory = d->checking->memory;
    for (size_t k = 0; k < memory->domains.count; k++) {
        struct gradc_domain *known = &memory->domains.at[k];
        if (!same_place(&known->place, &domain->place)) continue;
        if (domain->in_gradient && !known->in_gradient && known->safety != GRADC_SAFE) return true;
        if (known->in_gradient != domain->in_gradient) continue;
        if (!domain->in_gradient && strcmp(known->operation, domain->operation) != 0) continue;
        if (severity(domain->safety) > severity(known->safety)) *known = *domain;
        return true;
    }
    return VEC_PUSH(&memory->domains, *domain);
}

static const char *operation_name(enum op op) {
    return op == OP_POWI ? "^" : op_info(op)->name;
}

/* In a gradient the same divisor stands under many derivatives: it is told where it is written. */
static struct span span_of(const struct domain_search *d, node_id n, const struct requirement *q) {
    const struct graph *g = d->program->graph;
    node_id operand = node_operand(g, n, q->operand);
    bool written = d->known && operand < d->known->node_count && d->known->used[operand];
    return node_op(g, n) == OP_DIV && written && node_count(g, operand) > 0 && node_op(g, operand) != OP_READ
               ? node_span(g, operand)
               : node_span(g, n);
}

static bool give_node(const struct domain_search *d, node_id n, const struct target *target) {
    struct requirement requirements[MOST_REQUIREMENTS];
    enum op op = node_op(d->program->graph, n);
    size_t count = requirements_of(op, requirements);
    struct finding finding = d->proof.findings[n];
    if (count == 0 || finding.requirement >= count) return true;
    struct requirement q = requirements[finding.requirement];
    struct gradc_place place = check_place(d->checking, span_of(d, n, &q));
    double shift = shift_of(op, &place);
    struct target met = target ? *target : (struct target){.found = false};
    finding.operand = shifted(finding.operand, shift);
    q.range = shifted(q.range, shift);
    met.operand += shift;
    struct gradc_domain domain = {.place = place,
                                  .operation = operation_name(shift != 0 ? OP_LOG : op),
                                  .in_gradient = d->in_gradient,
                                  .safety = finding.safety == SAFE ? GRADC_SAFE
                                            : met.found            ? GRADC_UNSAFE
                                                                   : GRADC_NOT_PROVED,
                                  .at = met.found ? met.point : NULL,
                                  .low = finding.operand.low,
                                  .high = finding.operand.high};
    domain.detail = detail_of(d, n, &finding, &q, target ? &met : NULL);
    return domain.detail && domain.place.file ? give(d, &domain) : domain.detail != NULL;
}

static const struct target *target_of(const struct domain_search *d, node_id n) {
    for (size_t k = 0; k < d->targets.count; k++)
        if (d->targets.at[k].node == n) return &d->targets.at[k];
    return NULL;
}

/* ---- The search ---- */

/* What it is 0 with: x for x^2, abs(x), 3*x. */
static node_id root_of(const struct graph *g, node_id n) {
    for (;;) {
        enum op op = node_op(g, n);
        bool scaled = op == OP_MUL && node_count(g, n) == 2 && node_op(g, node_operand(g, n, 0)) == OP_CONST;
        if (op == OP_POWI || op == OP_ABS || op == OP_SQRT)
            n = node_operand(g, n, 0);
        else if (scaled)
            n = node_operand(g, n, 1);
        else
            return n;
    }
}

static node_id operand_of(const struct domain_search *d, node_id n) {
    struct requirement requirements[MOST_REQUIREMENTS];
    size_t count = requirements_of(node_op(d->program->graph, n), requirements);
    uint32_t k = d->proof.findings[n].requirement;
    return k < count ? root_of(d->program->graph, node_operand(d->program->graph, n, requirements[k].operand))
                     : 0;
}

/* Whether the value already fails where this does. */
static bool is_told_of_value(const struct domain_search *d, node_id n) {
    node_id operand = operand_of(d, n);
    for (size_t k = 0; d->unsafe_operands && k < d->unsafe_operands->count; k++)
        if (d->unsafe_operands->at[k] == operand) return true;
    return false;
}

/* How many operands of an extremum tie, which is 1 or more wherever it is asked for: an array that belongs to
 * the derivative alone. */
static bool is_count_of_ties(const struct domain_search *d, node_id n) {
    const struct graph *g = d->program->graph;
    if (!d->in_gradient || node_op(g, n) != OP_DIV) return false;
    node_id divisor = node_operand(g, n, 1);
    array_id array = node_op(g, divisor) == OP_READ ? node_payload(g, divisor) : 0;
    return array >= d->checking->e->owner->model->program.arrays.count &&
           d->program->arrays.at[array].role == ROLE_TEMPORARY;
}

/* Constants are warned of by themselves. */
static bool is_of_interest(const struct domain_search *d, node_id n) {
    if (d->proof.findings[n].safety == SAFETY_NONE || d->constant[n] || is_count_of_ties(d, n)) return false;
    if (d->known && n < d->known->node_count && d->known->used[n]) return false;
    if (d->in_gradient && d->proof.findings[n].safety != SAFE && is_told_of_value(d, n)) return false;
    const struct graph *g = d->program->graph;
    struct requirement requirements[MOST_REQUIREMENTS];
    size_t count = requirements_of(node_op(g, n), requirements);
    uint32_t k = d->proof.findings[n].requirement;
    if (k >= count || d->proof.findings[n].safety != SAFE) return true;
    /* A good operand that does not depend on unknowns is no news. */
    node_id operand = node_operand(g, n, requirements[k].operand);
    return operand >= d->varying->node_count || d->varying->varies[operand];
}

static bool add_targets(struct domain_search *d) {
    for (node_id n = 1; n < d->proof.node_count; n++) {
        if (!is_of_interest(d, n) || d->proof.findings[n].safety == SAFE) continue;
        struct requirement requirements[MOST_REQUIREMENTS];
        requirements_of(node_op(d->program->graph, n), requirements);
        struct target target = {.node = n, .requirement = requirements[d->proof.findings[n].requirement]};
        if (!VEC_PUSH(&d->targets, target)) return false;
        if (!d->in_gradient && !VEC_PUSH(d->unsafe_operands, operand_of(d, n))) return false;
    }
    return true;
}

static enum evaluation search(struct domain_search *d) {
    struct checking *c = d->checking;
    const struct model *model = c->e->owner->model;
    struct proof_request request = {
        .subject = d->subject, .program = d->program, .lower = model->lower, .upper = model->upper};
    enum evaluation done = proof_make(&d->proof, &request);
    d->constant = constant_nodes(d->program->graph);
    if (done != EVALUATED || !d->constant || !add_targets(d))
        return done == EVALUATED ? EVALUATION_MEMORY : done;
    struct witness_request witness = {.subject = d->subject,
                                      .program = d->program,
                                      .lower = model->lower,
                                      .upper = model->upper,
                                      .points = c->points,
                                      .point_count = c->check->point_count,
                                      .seed = c->options->seed,
                                      .arena = &c->memory->arena};
    if (!c->is_large) done = witness_find(&witness, d->targets.at, d->targets.count);
    for (node_id n = 1; done == EVALUATED && n < d->proof.node_count; n++)
        if (is_of_interest(d, n) && !give_node(d, n, target_of(d, n))) done = EVALUATION_MEMORY;
    return done;
}

static enum gradc_outcome search_program(struct checking *c, struct check_results *r,
                                         const struct program *program, bool in_gradient,
                                         struct operands *unsafe) {
    const struct model *model = c->e->owner->model;
    struct reach reach = {0};
    array_id *ids = model_unknown_ids(model);
    struct domain_search d = {.checking = c,
                              .subject = &r->subject,
                              .program = program,
                              .varying = &reach,
                              .in_gradient = in_gradient,
                              .known = in_gradient ? &r->reach : NULL,
                              .unsafe_operands = unsafe};
    bool good = ids && reach_find(&reach, program, NULL, 0, ids, model->unknowns.count);
    enum evaluation done = good ? search(&d) : EVALUATION_MEMORY;
    reach_release(&reach);
    free(ids);
    proof_release(&d.proof);
    free(d.constant);
    VEC_FREE(&d.targets);
    if (done == EVALUATED) return GRADC_DONE;
    return diag_has_errors(&c->e->owner->model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

static int by_place(const void *a, const void *b) {
    const struct gradc_domain *x = a, *y = b;
    int order = check_compare_places(&x->place, &y->place);
    return order ? order : x->in_gradient - y->in_gradient;
}

enum gradc_outcome check_domains(struct checking *c, struct check_results *r) {
    struct gradc_check_memory *m = c->memory;
    struct operands unsafe = {0};
    enum gradc_outcome outcome = search_program(c, r, &r->program, false, &unsafe);
    if (outcome == GRADC_DONE && gradc_has_objective(c->e->owner)) {
        outcome = evaluator_prepare_gradient(c->e);
        if (outcome == GRADC_DONE) outcome = search_program(c, r, &c->e->gradient.program, true, &unsafe);
    }
    VEC_FREE(&unsafe);
    if (m->domains.count) qsort(m->domains.at, m->domains.count, sizeof *m->domains.at, by_place);
    return outcome;
}
