#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/check.h"
#include "check/kinks.h"
#include "check/switches.h"
#include "ir/prune.h"

/* What counts as near to a kink. */
static const double near = 1e-6;

/* ---- All results ---- */

static bool add_rows(struct check_results *r, struct checking *c) {
    const struct model *model = c->e->owner->model;
    size_t most = 1 + model->outputs.count + model->constraints.count;
    r->rows = ARENA_ARRAY(&c->memory->arena, struct check_block, most);
    if (!r->rows) return false;
    if (model->objective)
        r->rows[r->row_blocks++] = (struct check_block){.array = model->objective, .count = 1};
    r->row_count = r->row_blocks;
    static const enum gradc_kind kinds[] = {GRADC_OUTPUTS, GRADC_CONSTRAINTS};
    for (size_t i = c->descends; i < 2; i++) {
        for (size_t k = 0; k < model_count(model, kinds[i]); k++) {
            const struct model_array *shape = model_shape(model, kinds[i], k);
            r->rows[r->row_blocks++] =
                (struct check_block){.array = shape->array, .offset = r->row_count, .count = shape->count};
            r->row_count += shape->count;
        }
    }
    return true;
}

static bool make_subject(struct check_results *r, struct checking *c) {
    struct model *model = c->e->owner->model;
    struct arena *arena = &c->memory->arena;
    struct check_block *unknowns = ARENA_ARRAY(arena, struct check_block, model->unknowns.count + 1);
    double *point = ARENA_ARRAY(arena, double, model->dimension + 1);
    if (!unknowns || !point) return false;
    for (size_t k = 0; k < model->unknowns.count; k++) {
        const struct model_unknown *u = &model->unknowns.at[k];
        unknowns[k] =
            (struct check_block){.array = u->shape.array, .offset = u->offset, .count = u->shape.count};
    }
    r->subject = (struct subject){.unknowns = unknowns,
                                  .unknown_blocks = model->unknowns.count,
                                  .dimension = model->dimension,
                                  .inputs = &model->binding,
                                  .point = point,
                                  .diags = &model->diags};
    return true;
}

enum gradc_outcome check_results_init(struct check_results *r, struct checking *c) {
    struct model *model = c->e->owner->model;
    *r = (struct check_results){0};
    if (!add_rows(r, c) || !make_subject(r, c)) return GRADC_EXHAUSTED;
    array_id *ids = model_unknown_ids(model), *wanted = calloc(r->row_blocks + 1, sizeof *wanted);
    for (size_t k = 0; wanted && k < r->row_blocks; k++) wanted[k] = r->rows[k].array;
    bool good = ids && wanted && program_prune(&r->program, &model->program, wanted, r->row_blocks) &&
                reach_find(&r->reach, &r->program, wanted, r->row_blocks, ids, model->unknowns.count);
    free(ids);
    free(wanted);
    return good ? GRADC_DONE : GRADC_EXHAUSTED;
}

void check_results_release(struct check_results *r) {
    program_release(&r->program);
    reach_release(&r->reach);
}

static enum gradc_outcome outcome_of(const struct checking *c, enum evaluation done) {
    if (done == EVALUATED) return GRADC_DONE;
    return diag_has_errors(&c->e->owner->model->diags) ? GRADC_REFUSED : GRADC_EXHAUSTED;
}

/* ---- Kinks ---- */

static const char *operation_name(enum op op) {
    return op_compares_reals(op) ? "comparison" : op_info(op)->name;
}

static const char *kink_words(enum op op) {
    switch ((int)op) {
    case OP_ABS:
    case OP_SIGN: return "the operand is 0";
    case OP_HYPOT: return "both operands are 0";
    case OP_MIN:
    case OP_MAX: return "operands are equal";
    case OP_CLAMP: return "the operand is at a limit";
    case OP_HUBER: return "the operand is as large as the width";
    case OP_FLOOR:
    case OP_CEIL:
    case OP_ROUND:
    case OP_TRUNC:
    case OP_MOD: return "it jumps";
    default: return "both sides are equal";
    }
}

static const char *describe_kink(const struct checking *c, const struct kink *kink) {
    struct text text = {0};
    text_add(&text, kink_words(kink->op));
    if (kink->distance > 0) text_addf(&text, " within %.1e", kink->distance);
    return check_take_text(c, &text);
}

static bool give_kink(struct checking *c, const struct kink *kink, size_t point) {
    bool compares = op_compares_reals(kink->op);
    if (compares && !check_writes_relation(c, kink->span, false)) return true;
    for (size_t k = 0; k < c->memory->kinks.count; k++) {
        const struct gradc_kink *known = &c->memory->kinks.at[k];
        struct gradc_place place = check_place(c, kink->span);
        if (known->place.line == place.line && known->place.column == place.column &&
            known->place.file == place.file && strcmp(known->operation, operation_name(kink->op)) == 0)
            return true;
    }
    struct gradc_kink given = {.place = check_place(c, kink->span),
                               .operation = operation_name(kink->op),
                               .point = point,
                               .distance = kink->distance,
                               .detail = describe_kink(c, kink)};
    return given.detail && VEC_PUSH(&c->memory->kinks, given);
}

static int by_place_of_kink(const void *a, const void *b) {
    return check_compare_places(&((const struct gradc_kink *)a)->place,
                                &((const struct gradc_kink *)b)->place);
}

enum gradc_outcome check_kinks(struct checking *c, struct check_results *r) {
    size_t n = r->subject.dimension;
    enum evaluation done = EVALUATED;
    for (size_t point = 0; done == EVALUATED && point < c->check->point_count; point++) {
        struct kinks kinks = {0};
        memcpy(r->subject.point, c->points + point * n, n * sizeof *c->points);
        done = kinks_find(&kinks, &r->subject, &r->program, &r->reach, near);
        for (size_t k = 0; done == EVALUATED && k < kinks.all.count; k++)
            if (!give_kink(c, &kinks.all.at[k], point)) done = EVALUATION_MEMORY;
        VEC_FREE(&kinks.all);
    }
    struct gradc_check_memory *m = c->memory;
    if (m->kinks.count) qsort(m->kinks.at, m->kinks.count, sizeof *m->kinks.at, by_place_of_kink);
    return outcome_of(c, done);
}

/* ---- Switches ---- */

static const char *jump_name(const struct checking *c, const struct check_results *r,
                             const struct crossing *found) {
    struct text text = {0};
    if (found->order) text_add(&text, found->order == 2 ? "d2" : "d");
    check_add_result(c, r, found->row, &text);
    bool along = found->order == 2 && found->column == SIZE_MAX;
    if (found->order) text_add(&text, along ? " along the line" : "/d");
    if (found->order && !along) check_add_unknown(c, found->column, &text);
    if (found->order == 2 && !along) text_add(&text, "^2");
    return check_take_text(c, &text);
}

static const char *switch_detail(const struct checking *c, const struct crossing *found, const char *name) {
    static const char *const before[] = {"", "the value is continuous, ", "value and gradient match, "};
    struct text text = {0};
    if (found->order == SWITCH_SMOOTH) {
        text_add(&text, "value, gradient and Hessian match");
    } else {
        text_addf(&text, "%s%s jumps from ", before[found->order], name);
        text_add_double(&text, found->before);
        text_add(&text, " to ");
        text_add_double(&text, found->after);
    }
    if (found->together) text_add(&text, "; another condition switches there too");
    return check_take_text(c, &text);
}

static bool give_switch(struct checking *c, const struct check_results *r, const struct crossing *found) {
    if (!check_writes_relation(c, found->span, false)) return true;
    static const enum gradc_smoothness kinds[] = {GRADC_JUMPS, GRADC_KINKS, GRADC_BENDS, GRADC_IS_SMOOTH};
    const char *name = found->order == SWITCH_SMOOTH ? NULL : jump_name(c, r, found);
    struct gradc_switch given = {.place = check_place(c, found->span),
                                 .smoothness = kinds[found->order],
                                 .name = name,
                                 .before = found->before,
                                 .after = found->after,
                                 .at = found->point,
                                 .moved = found->moved,
                                 .together = found->together,
                                 .detail = switch_detail(c, found, name)};
    return given.detail && VEC_PUSH(&c->memory->switches, given);
}

static enum gradc_outcome find_switches(struct checking *c, struct check_results *r) {
    const struct model *model = c->e->owner->model;
    struct switches switches = {0};
    struct switches_request request = {.subject = &r->subject,
                                       .program = &r->program,
                                       .rows = r->rows,
                                       .row_blocks = r->row_blocks,
                                       .row_count = r->row_count,
                                       .reach = &r->reach,
                                       .lower = model->lower,
                                       .upper = model->upper,
                                       .points = c->points,
                                       .point_count = c->check->point_count,
                                       .arena = &c->memory->arena};
    enum evaluation done = switches_find(&switches, &request);
    for (size_t k = 0; done == EVALUATED && k < switches.all.count; k++)
        if (!give_switch(c, r, &switches.all.at[k])) done = EVALUATION_MEMORY;
    VEC_FREE(&switches.all);
    return outcome_of(c, done);
}

static int by_place_of_switch(const void *a, const void *b) {
    return check_compare_places(&((const struct gradc_switch *)a)->place,
                                &((const struct gradc_switch *)b)->place);
}

enum gradc_outcome check_places(struct checking *c, struct check_results *r) {
    struct gradc_check_memory *m = c->memory;
    enum gradc_outcome outcome = check_kinks(c, r);
    if (outcome == GRADC_DONE) outcome = find_switches(c, r);
    if (m->switches.count)
        qsort(m->switches.at, m->switches.count, sizeof *m->switches.at, by_place_of_switch);
    return outcome;
}
