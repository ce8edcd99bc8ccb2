#include "ir/verify.h"

#include <stdlib.h>

#include "ir/prune.h"

#define NOT_WRITTEN UINT32_MAX

struct write_state {
    uint32_t last;   /* last step that writes it */
    uint32_t clears; /* steps that clear it */
    uint32_t sets, accumulations;
    enum update_op op;
};

struct verifier {
    const struct program *p;
    const char *pass;
    struct diag_list *diags;
    struct write_state *writes; /* per array */
    uint32_t *around;           /* per step: the loop or condition around it, plus 1 */
    uint32_t *body;             /* per step: the loop around it, plus 1 */
    struct read_walk walk;
    uint32_t at;
    bool good;
};

static void breach(struct verifier *v, const char *what, const char *name) {
    diag_error(v->diags, "internal", v->p->steps.count ? v->p->steps.at[v->at].span : (struct span){0},
               "internal error after %s, step %u: %s%s%s", v->pass, v->at, what, name ? ": " : "",
               name ? name : "");
    v->good = false;
}

static const char *array_name(const struct verifier *v, array_id a) {
    return v->p->arrays.at[a].name;
}

/* Brackets. */
static void check_structure(struct verifier *v) {
    uint32_t open = 0, body = 0;
    for (v->at = 0; v->at < v->p->steps.count; v->at++) {
        const struct step *step = &v->p->steps.at[v->at];
        if (step->kind == STEP_END) {
            if (open != step->partner + 1 || v->p->steps.at[step->partner].partner != v->at)
                breach(v, "bracket", NULL);
            open = v->around[step->partner];
            body = v->body[step->partner];
        }
        bool inside = step->kind == STEP_END && step->condition;
        v->around[v->at] = inside ? step->partner + 1 : open;
        v->body[v->at] = inside ? step->partner + 1 : body;
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) open = v->at + 1;
        if (step->kind == STEP_LOOP) body = open;
    }
    v->at = v->at ? v->at - 1 : 0;
    if (open) breach(v, "a body is not closed", NULL);
}

/* Whether a loop over the index is open around the current step (or is the step itself for `self`). */
static uint32_t loop_around(const struct verifier *v, index_id index) {
    for (uint32_t i = v->around[v->at]; i; i = v->around[i - 1]) {
        const struct step *step = &v->p->steps.at[i - 1];
        if (step->kind == STEP_LOOP && step->index == index) return i;
    }
    return 0;
}

static void check_scope(struct verifier *v, array_id a) {
    index_id owner = v->p->arrays.at[a].owner;
    if (owner && !loop_around(v, owner))
        breach(v, "a local array is used outside the loop that owns it", array_name(v, a));
}

static void note_write(struct verifier *v, const struct step *step) {
    struct write_state *w = &v->writes[step->array];
    const struct array *array = &v->p->arrays.at[step->array];
    if (role_is_input(array->role)) breach(v, "an input is written", array->name);
    check_scope(v, step->array);
    w->last = v->at;
    if (step->kind == STEP_CLEAR) {
        w->clears++;
        return;
    }
    w->sets += step->op == UPDATE_SET;
    if (step->op == UPDATE_SET) return;
    if (w->accumulations && w->op != step->op) breach(v, "two kinds of accumulation", array->name);
    if (!w->clears) breach(v, "accumulated before it is cleared", array->name);
    w->accumulations++;
    w->op = step->op;
}

static void check_writes(struct verifier *v) {
    for (v->at = 0; v->at < v->p->steps.count; v->at++) {
        const struct step *step = &v->p->steps.at[v->at];
        if (step->kind == STEP_UPDATE || step->kind == STEP_CLEAR) note_write(v, step);
        if (step->kind == STEP_UPDATE &&
            node_type(v->p->graph, step->value) != v->p->arrays.at[step->array].type)
            breach(v, "a value of another type", array_name(v, step->array));
        if (step->condition && node_type(v->p->graph, step->condition) != TYPE_BOOL)
            breach(v, "a condition that is none", NULL);
        const struct step *opening = &v->p->steps.at[step->partner];
        bool ordered = opening->kind == STEP_LOOP && order_is_sequential(opening->order);
        if (step->kind == STEP_END && step->condition && !ordered)
            breach(v, "what has no order ends early", NULL);
    }
    for (array_id a = 1; a < v->p->arrays.count; a++) {
        if (v->writes[a].sets && v->writes[a].accumulations)
            breach(v, "set and accumulated", array_name(v, a));
    }
}

/* Whether a sequential loop holds both the current step and step `other`. */
static bool in_one_sequence(const struct verifier *v, uint32_t other) {
    for (uint32_t i = v->around[v->at]; i; i = v->around[i - 1]) {
        const struct step *step = &v->p->steps.at[i - 1];
        if (step->kind == STEP_LOOP && order_is_sequential(step->order) && i - 1 < other &&
            other < step->partner)
            return true;
    }
    return false;
}

/* The last write within the body execution that the read belongs to. */
static uint32_t last_write(const struct verifier *v, array_id a) {
    index_id owner = v->p->arrays.at[a].owner;
    if (!owner) return v->writes[a].last;
    uint32_t loop = loop_around(v, owner);
    uint32_t last = NOT_WRITTEN;
    for (uint32_t i = loop; loop && i < v->p->steps.at[loop - 1].partner; i++) {
        const struct step *step = &v->p->steps.at[i];
        if ((step->kind == STEP_UPDATE || step->kind == STEP_CLEAR) && step->array == a) last = i;
    }
    return last;
}

static void check_read(void *context, node_id read) {
    struct verifier *v = context;
    const struct graph *g = v->p->graph;
    if (node_op(g, read) == OP_INDEX) {
        if (!loop_around(v, node_payload(g, read))) breach(v, "a loop index outside its loop", NULL);
        return;
    }
    array_id a = node_payload(g, read);
    if (a == 0 || a >= v->p->arrays.count) {
        breach(v, "a read of no array", NULL);
        return;
    }
    const struct array *array = &v->p->arrays.at[a];
    if (node_count(g, read) != array->rank)
        breach(v, "a read with a wrong number of subscripts", array->name);
    if (node_type(g, read) != array->type) breach(v, "a read of another type", array->name);
    check_scope(v, a);
    if (role_is_input(array->role)) return;
    uint32_t last = last_write(v, a);
    if (last == NOT_WRITTEN)
        breach(v, "read but never written", array->name);
    else if (last >= v->at && !in_one_sequence(v, last))
        breach(v, "read before its last write", array->name);
}

static void check_reads(struct verifier *v) {
    for (v->at = 0; v->at < v->p->steps.count; v->at++) {
        const struct step *step = &v->p->steps.at[v->at];
        const node_id roots[] = {step->value, step->lower, step->upper, step->by, step->condition};
        /* A node that was read earlier in the same body may be read later. */
        read_walk_enter(&v->walk, v->body[v->at]);
        for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
            read_walk_add(&v->walk, roots[i], check_read, v);
        for (uint32_t k = 0; step->kind == STEP_UPDATE && k < v->p->arrays.at[step->array].rank; k++)
            read_walk_add(&v->walk, step_subscripts(v->p, step)[k], check_read, v);
    }
}

bool program_verify(const struct program *p, const char *pass, struct diag_list *diags) {
    struct verifier v = {.p = p, .pass = pass, .diags = diags, .good = true};
    v.writes = calloc(p->arrays.count, sizeof *v.writes);
    v.around = calloc(p->steps.count + 1, sizeof *v.around);
    v.body = calloc(p->steps.count + 1, sizeof *v.body);
    read_walk_init(&v.walk, p->graph);
    bool enough = v.writes && v.around && v.body;
    if (enough) {
        for (size_t a = 0; a < p->arrays.count; a++) v.writes[a].last = NOT_WRITTEN;
        check_structure(&v);
        if (v.good) check_writes(&v);
        if (v.good) check_reads(&v);
    }
    read_walk_release(&v.walk);
    free(v.writes);
    free(v.around);
    free(v.body);
    return enough && v.good;
}
