#include "schedule/schedule.h"

#include <stdlib.h>

#include "schedule/place.h"
#include "schedule/region.h"
#include "schedule/writer.h"

/* An open body: of the program or of a loop. */
struct body {
    struct placement placement;
    struct draft_list before, list; /* before: computed once, where the loop has iterations */
    uint32_t scope;                 /* where the current loop stands in it */
    uint32_t region;                /* likewise */
    draft_id loop;
};

enum stage {
    STAGE_PLAIN,
    STAGE_GUARDED,
    STAGE_BESIDE,
    STAGE_FLAT_THEN,
    STAGE_FLAT_ELSE,
    STAGE_THEN,
    STAGE_ELSE
};

/* A region being computed. */
struct frame {
    uint32_t region;
    uint32_t until;  /* instances of later steps wait, */
    value_id before; /* and those of that step from this value on; 0: none */
    uint32_t instance;
    uint8_t stage;
    bool early;
    uint32_t first; /* a guard: the first instance that is new */
    uint32_t scope; /* of a flat arm, or beside the branch of a guard: the scope around it */
    draft_id then;
};

/* What a guard has computed. */
struct result {
    value_id value;
    draft_id in_guard;
};

struct scheduler {
    const struct program *p;
    struct values values;
    struct surroundings surroundings;
    struct writer writer;
    value_id *index_value; /* by loop index */
    VEC(struct body) bodies;
    VEC(struct frame) frames;
    VEC(struct result) results;
    struct draft_list whole;
    bool failed;
};

static struct body *current(struct scheduler *s) {
    return &VEC_LAST(&s->bodies);
}

static void push_frame(struct scheduler *s, struct frame frame) {
    if (!VEC_PUSH(&s->frames, frame)) s->failed = true;
}

static bool known(const void *context, value_id v, uint32_t *level) {
    const struct writer *w = context;
    if (!writer_knows(w, v)) return false;
    *level = w->scopes.at[w->set_in[v]].level;
    return true;
}

static struct instruction value_instruction(struct scheduler *s, value_id v) {
    const struct value *value = value_at(&s->values, v);
    struct instruction in = {.kind = value->op == OP_READ ? CODE_LOAD : CODE_VALUE,
                             .type = value->type,
                             .op = value->op,
                             .count = value->count,
                             .node = value->node,
                             .source = value->payload};
    if (value->count > 0) in.a = writer_get(&s->writer, value->operands[0]);
    if (value->count > 1) in.b = writer_get(&s->writer, value->operands[1]);
    if (value->count > 2) in.c = writer_get(&s->writer, value->operands[2]);
    return in;
}

static void write_choice(struct scheduler *s, value_id v, draft_id a, draft_id b) {
    const struct value *value = value_at(&s->values, v);
    struct instruction in = {.kind = CODE_CHOICE, .type = value->type, .a = a, .b = b, .node = value->node};
    writer_set(&s->writer, v, writer_add(&s->writer, in));
}

/* What may fail and is not needed on every path is computed behind its check. */
static void write_checked(struct scheduler *s, value_id v) {
    const struct value *value = value_at(&s->values, v);
    struct writer *w = &s->writer;
    writer_add(w, (struct instruction){.kind = CODE_IF, .a = writer_get(w, value->check)});
    draft_id then = writer_add(w, value_instruction(s, v));
    writer_add(w, (struct instruction){.kind = CODE_IF_END});
    write_choice(s, v, then, writer_zero(w, (enum value_type)value->type));
}

/* ---- Guards ---- */

static struct region *region_at(struct scheduler *s, uint32_t region) {
    return &current(s)->placement.regions.at[region];
}

/* The scope of a guard; 0: it has none. What was computed in a branch that has ended is computed again. */
static uint32_t scope_of(struct scheduler *s, uint32_t guard) {
    struct region *region = region_at(s, guard);
    const struct scope *scopes = s->writer.scopes.at;
    if (region->scope && scopes[scopes[region->scope].parent].closed)
        region->scope = region->cursor = region->early = 0;
    return region->scope;
}

/* Of the guard that an arm or a condition stands in. */
static uint32_t guard_scope(struct scheduler *s, uint32_t region) {
    return scope_of(s, region_at(s, region)->parent);
}

/* Enters what is taken under the condition of a guard: its results may be used. */
static void enter(struct scheduler *s, uint32_t region) {
    uint32_t scope = guard_scope(s, region);
    if (scope) writer_show(&s->writer, scope);
}

static void leave(struct scheduler *s, uint32_t region) {
    uint32_t scope = guard_scope(s, region);
    if (scope) writer_hide(&s->writer, scope);
}

static bool is_before_limit(const struct frame *frame, const struct instance *in) {
    if (in->step != frame->until) return in->step < frame->until;
    return !frame->before || in->value < frame->before;
}

/* Whether an instance is one of those that a frame computes. */
static bool is_of_frame(const struct frame *frame, const struct instance *in) {
    return (in->early || !frame->early) && (in->guarded || frame->stage != STAGE_GUARDED);
}

static uint32_t *cursor_of(struct scheduler *s, const struct frame *frame) {
    struct region *region = region_at(s, frame->region);
    return frame->early ? &region->early : &region->cursor;
}

/* Whether something is left to be computed in the frame. Where that is nothing at all, it is not looked at
 * again. */
static bool is_due(struct scheduler *s, const struct frame *frame) {
    const struct placement *pl = &current(s)->placement;
    const struct region *region = region_at(s, frame->region);
    uint32_t *cursor = cursor_of(s, frame), i = *cursor;
    for (; i < region->count; i++) {
        const struct instance *in = &pl->instances.at[pl->order.at[region->first + i]];
        if (!is_before_limit(frame, in)) break;
        if (is_of_frame(frame, in) && !writer_knows(&s->writer, in->value)) return true;
    }
    if (frame->stage != STAGE_GUARDED) *cursor = i;
    return false;
}

/* What is computed beside the branch of a guard may be used in the guard only. */
static void open_beside(struct scheduler *s, struct frame frame) {
    frame.stage = STAGE_BESIDE;
    frame.scope = s->writer.scope;
    s->writer.scope = region_at(s, frame.region)->scope;
    push_frame(s, frame);
}

static void close_beside(struct scheduler *s, const struct frame *frame) {
    s->writer.scope = frame->scope;
    writer_hide(&s->writer, region_at(s, frame->region)->scope);
}

static void open_branch(struct scheduler *s, struct frame frame) {
    const struct region *region = region_at(s, frame.region);
    struct writer *w = &s->writer;
    draft_id test = writer_get(w, region->condition);
    if (region->otherwise) {
        struct instruction in = {.kind = CODE_VALUE, .type = TYPE_BOOL, .op = OP_NOT, .count = 1, .a = test};
        test = writer_add(w, in);
    }
    writer_add(w, (struct instruction){.kind = CODE_IF, .a = test});
    writer_open(w, w->scopes.at[w->scope].level);
    push_frame(s, frame);
}

/* Begins what a guard has to compute for an instance or a step; false where that is nothing. */
static bool open_guard(struct scheduler *s, uint32_t guard, struct frame frame) {
    struct region *region = region_at(s, guard);
    frame.region = guard;
    if (region->count == 0) return false;
    if (!scope_of(s, guard)) region->scope = writer_hidden_scope(&s->writer);
    writer_show(&s->writer, region->scope);
    frame.first = *cursor_of(s, &frame);
    frame.stage = STAGE_GUARDED;
    if (is_due(s, &frame)) {
        open_branch(s, frame);
        return true;
    }
    frame.stage = STAGE_BESIDE;
    bool due = is_due(s, &frame);
    if (due)
        open_beside(s, frame);
    else
        writer_hide(&s->writer, region->scope);
    return due;
}

/* The instances of a frame whose registers were set in the scope. */
static void gather_results(struct scheduler *s, const struct frame *frame, uint32_t scope) {
    const struct placement *pl = &current(s)->placement;
    uint32_t first = region_at(s, frame->region)->first, end = *cursor_of(s, frame);
    s->results.count = 0;
    for (uint32_t i = frame->first; i < end; i++) {
        value_id v = pl->instances.at[pl->order.at[first + i]].value;
        struct result result = {v, s->writer.set[v]};
        if (s->writer.set_in[v] == scope && !VEC_PUSH(&s->results, result)) s->failed = true;
    }
}

/* What was computed in a guard is 0 where its condition does not hold, and not looked at. */
static void close_branch(struct scheduler *s, struct frame frame) {
    struct writer *w = &s->writer;
    gather_results(s, &frame, w->scope);
    writer_close(w);
    writer_add(w, (struct instruction){.kind = CODE_IF_END});
    uint32_t outer = w->scope;
    w->scope = region_at(s, frame.region)->scope;
    for (size_t i = 0; i < s->results.count; i++) {
        const struct result *result = &s->results.at[i];
        enum value_type type = (enum value_type)value_at(&s->values, result->value)->type;
        write_choice(s, result->value, result->in_guard, writer_zero(w, type));
    }
    w->scope = outer;
    *cursor_of(s, &frame) = frame.first;
    open_beside(s, frame);
}

/* Computes first what an arm of a choice needs of its guard; false where that is nothing. */
static bool open_guards(struct scheduler *s, const struct frame *frame, uint32_t i) {
    const struct instance *in = &current(s)->placement.instances.at[i];
    if (!value_at(&s->values, in->value)->lazy || writer_knows(&s->writer, in->value)) return false;
    struct frame need = {.until = in->step, .before = in->value};
    uint32_t *cursor = cursor_of(s, frame);
    for (unsigned k = 0; k < 2; k++) {
        uint32_t guard = region_at(s, in->arms[k])->parent;
        need.early = frame->early && region_at(s, guard)->parent == s->bodies.count - 1;
        if (!open_guard(s, guard, need)) continue;
        --*cursor; /* the choice comes again */
        return true;
    }
    return false;
}

/* ---- Choices ---- */

static void open_arm(struct scheduler *s, uint32_t instance, enum stage stage, draft_id then) {
    const struct placement *pl = &current(s)->placement;
    uint32_t region = pl->instances.at[instance].arms[stage == STAGE_ELSE];
    enter(s, region);
    writer_open(&s->writer, s->writer.scopes.at[s->writer.scope].level);
    push_frame(s, (struct frame){.region = region,
                                 .until = UINT32_MAX,
                                 .instance = instance,
                                 .stage = (uint8_t)stage,
                                 .then = then});
}

/* Both arms of a choice are computed one after the other; results of a guard's may be used in it only. */
static void open_flat_arm(struct scheduler *s, uint32_t instance, enum stage stage, draft_id then) {
    uint32_t region = current(s)->placement.instances.at[instance].arms[stage == STAGE_FLAT_ELSE];
    struct frame frame = {.region = region,
                          .until = UINT32_MAX,
                          .instance = instance,
                          .stage = (uint8_t)stage,
                          .scope = s->writer.scope,
                          .then = then};
    enter(s, region);
    if (guard_scope(s, region)) s->writer.scope = guard_scope(s, region);
    push_frame(s, frame);
}

static void close_flat_arm(struct scheduler *s, const struct frame *frame) {
    value_id v = current(s)->placement.instances.at[frame->instance].value;
    bool is_then = frame->stage == STAGE_FLAT_THEN;
    draft_id result = writer_get(&s->writer, value_at(&s->values, v)->operands[is_then ? 1 : 2]);
    s->writer.scope = frame->scope;
    leave(s, frame->region);
    if (is_then) {
        open_flat_arm(s, frame->instance, STAGE_FLAT_ELSE, result);
        return;
    }
    struct instruction in = value_instruction(s, v);
    in.b = frame->then;
    in.c = result;
    writer_set(&s->writer, v, writer_add(&s->writer, in));
}

static void write_lazy(struct scheduler *s, uint32_t i) {
    const struct instance *in = &current(s)->placement.instances.at[i];
    if (in->flat) {
        open_flat_arm(s, i, STAGE_FLAT_THEN, 0);
        return;
    }
    value_id condition = value_at(&s->values, in->value)->operands[0];
    draft_id test = writer_get(&s->writer, condition);
    writer_add(&s->writer, (struct instruction){.kind = CODE_IF, .a = test});
    open_arm(s, i, STAGE_THEN, 0);
}

static void write_instance(struct scheduler *s, uint32_t i) {
    const struct instance *in = &current(s)->placement.instances.at[i];
    const struct value *value = value_at(&s->values, in->value);
    if (writer_knows(&s->writer, in->value)) return;
    if (value->lazy)
        write_lazy(s, i);
    else if (value->may_fail && !in->certain)
        write_checked(s, in->value);
    else
        writer_set(&s->writer, in->value, writer_add(&s->writer, value_instruction(s, in->value)));
}

/* The results of the first arm of a choice are known: the other one follows. */
static void close_then(struct scheduler *s, const struct frame *frame) {
    const struct placement *pl = &current(s)->placement;
    const struct instance *in = &pl->instances.at[frame->instance];
    draft_id then = writer_get(&s->writer, value_at(&s->values, in->value)->operands[1]);
    writer_close(&s->writer);
    leave(s, frame->region);
    bool other = pl->regions.at[in->arms[1]].count > 0;
    if (other) writer_add(&s->writer, (struct instruction){.kind = CODE_ELSE});
    open_arm(s, frame->instance, STAGE_ELSE, then);
}

static void close_else(struct scheduler *s, const struct frame *frame) {
    value_id choice = current(s)->placement.instances.at[frame->instance].value;
    draft_id otherwise = writer_get(&s->writer, value_at(&s->values, choice)->operands[2]);
    writer_close(&s->writer);
    leave(s, frame->region);
    writer_add(&s->writer, (struct instruction){.kind = CODE_IF_END});
    write_choice(s, choice, frame->then, otherwise);
}

/* The region of a frame is done. */
static void finish_frame(struct scheduler *s) {
    struct frame frame = VEC_POP(&s->frames);
    switch ((enum stage)frame.stage) {
    case STAGE_PLAIN: break;
    case STAGE_GUARDED: close_branch(s, frame); break;
    case STAGE_BESIDE: close_beside(s, &frame); break;
    case STAGE_FLAT_THEN:
    case STAGE_FLAT_ELSE: close_flat_arm(s, &frame); break;
    case STAGE_THEN: close_then(s, &frame); break;
    case STAGE_ELSE: close_else(s, &frame); break;
    }
}

/* The next instance of a frame's region; false where there is none to be computed now. */
static bool next_instance(struct scheduler *s, struct frame *frame, uint32_t *instance) {
    struct placement *pl = &current(s)->placement;
    struct region *region = &pl->regions.at[frame->region];
    uint32_t *cursor = cursor_of(s, frame);
    while (*cursor < region->count) {
        *instance = pl->order.at[region->first + *cursor];
        const struct instance *in = &pl->instances.at[*instance];
        if (!is_before_limit(frame, in)) return false;
        ++*cursor;
        if (is_of_frame(frame, in)) return true;
    }
    return false;
}

static void write_frames(struct scheduler *s) {
    while (s->frames.count && !s->failed && !s->writer.failed) {
        uint32_t instance;
        struct frame frame = VEC_LAST(&s->frames);
        if (!next_instance(s, &frame, &instance))
            finish_frame(s);
        else if (!open_guards(s, &frame, instance))
            write_instance(s, instance);
    }
}

/* Computes what a region needs for the steps up to `until`. */
static void write_region(struct scheduler *s, uint32_t region, uint32_t until, bool early) {
    push_frame(s, (struct frame){.region = region, .until = until, .early = early});
    write_frames(s);
}

/* Computes what a guard needs for the steps up to `until`. */
static void write_guard(struct scheduler *s, uint32_t guard, uint32_t until, bool early) {
    if (open_guard(s, guard, (struct frame){.until = until, .early = early})) write_frames(s);
}

static void set_index(struct scheduler *s, const struct step *loop) {
    struct body *body = current(s);
    value_id v = s->index_value[loop->index];
    struct instruction in = {.kind = CODE_LOOP,
                             .type = TYPE_INT,
                             .order = (uint8_t)loop->order,
                             .source = loop->index,
                             .node = v ? value_at(&s->values, v)->node : 0};
    body->loop = writer_draft(&s->writer, in);
    if (v) writer_set(&s->writer, v, body->loop);
}

/* What does not depend on the loop is computed in the bodies around it. */
static void write_outside(struct scheduler *s) {
    uint32_t level = (uint32_t)s->bodies.count - 1, scope = s->writer.scope;
    for (uint32_t outer = 0; outer < level; outer++) {
        s->writer.scope = s->bodies.at[outer].scope;
        s->writer.list = &s->bodies.at[outer].list;
        write_region(s, outer, UINT32_MAX, false);
    }
    if (level > 0) {
        s->writer.scope = s->writer.scopes.at[scope].parent;
        s->writer.list = &current(s)->before;
        write_region(s, level, UINT32_MAX, true);
        for (uint32_t r = level; r < current(s)->placement.regions.count; r++)
            if (region_is_guard(&current(s)->placement, r) && region_at(s, r)->parent == level)
                write_guard(s, r, UINT32_MAX, true);
    }
    s->writer.scope = scope;
    s->writer.list = &current(s)->list;
}

static void open_body(struct scheduler *s, uint32_t begin, uint32_t end) {
    uint32_t level = (uint32_t)s->bodies.count;
    struct body body = {.region = level};
    if (level) current(s)->scope = s->writer.scope;
    if (!VEC_PUSH(&s->bodies, body)) {
        s->failed = true;
        return;
    }
    if (level) {
        uint32_t loop = begin - 1;
        writer_open(&s->writer, level);
        writer_open(&s->writer, level);
        set_index(s, &s->p->steps.at[loop]);
        if (!VEC_PUSH(&s->surroundings.loops, loop)) s->failed = true;
    }
    if (s->failed || !place_body(&current(s)->placement, &s->surroundings, begin, end)) {
        s->failed = true;
        return;
    }
    write_outside(s);
}

static draft_id write_test(struct scheduler *s, enum op op, enum value_type type, draft_id a, draft_id b,
                           draft_id c) {
    struct instruction in = {.kind = CODE_VALUE, .type = (uint8_t)type, .op = (uint8_t)op, .a = a, .b = b};
    in.c = c;
    in.count = c ? 3 : 2;
    return writer_add(&s->writer, in);
}

/* Whether the loop has iterations. */
static draft_id write_not_empty(struct scheduler *s, draft_id lower, draft_id upper, draft_id by) {
    const struct instruction *step = &s->writer.drafts.at[by].instruction;
    bool is_constant = step->kind == CODE_INTEGER, down = is_constant && step->constant.integer < 0;
    if (is_constant) return write_test(s, OP_ILE, TYPE_BOOL, down ? upper : lower, down ? lower : upper, 0);
    draft_id zero = writer_zero(&s->writer, TYPE_INT);
    draft_id up = write_test(s, OP_ILE, TYPE_BOOL, lower, upper, 0);
    draft_id falls = write_test(s, OP_ILE, TYPE_BOOL, upper, lower, 0);
    draft_id rises = write_test(s, OP_ILT, TYPE_BOOL, zero, by, 0);
    return write_test(s, OP_SELECT, TYPE_BOOL, rises, up, falls);
}

/* The condition under which the loop ends early; 0: none. */
static draft_id write_early_end(struct scheduler *s, uint32_t end) {
    value_id condition = s->values.of_step.at[end];
    if (!condition) return 0;
    write_region(s, current(s)->region, end, false);
    return writer_get(&s->writer, condition);
}

static void close_loop(struct scheduler *s, uint32_t loop) {
    struct writer *w = &s->writer;
    draft_id early = write_early_end(s, s->p->steps.at[loop].partner);
    struct body inner = VEC_POP(&s->bodies);
    placement_release(&inner.placement);
    s->surroundings.loops.count--;
    writer_close(w);
    writer_close(w);
    w->list = &current(s)->list;
    draft_id lower = writer_get(w, s->values.of_step.at[loop]);
    draft_id upper = writer_get(w, s->values.at_step.at[loop]);
    draft_id by = writer_get(w, s->values.step_size.at[loop]);
    if (inner.before.head) {
        draft_id test = write_not_empty(s, lower, upper, by);
        writer_add(w, (struct instruction){.kind = CODE_IF, .a = test});
        writer_join(w, w->list, &inner.before);
    }
    struct instruction *opening = &w->drafts.at[inner.loop].instruction;
    opening->a = lower;
    opening->b = upper;
    opening->c = by;
    writer_link(w, w->list, inner.loop);
    writer_join(w, w->list, &inner.list);
    writer_add(w, (struct instruction){.kind = CODE_LOOP_END, .a = early});
    if (inner.before.head) writer_add(w, (struct instruction){.kind = CODE_IF_END});
}

static void open_condition(struct scheduler *s, uint32_t i, const struct step *step) {
    struct body *body = current(s);
    uint32_t inner = s->surroundings.step_region[i];
    write_region(s, body->region, step->partner, false);
    write_guard(s, region_at(s, inner)->parent, step->partner, false);
    draft_id test = writer_get(&s->writer, s->values.of_step.at[i]);
    writer_add(&s->writer, (struct instruction){.kind = CODE_IF, .a = test});
    enter(s, inner);
    writer_open(&s->writer, s->writer.scopes.at[s->writer.scope].level);
    body->region = inner;
}

static void close_condition(struct scheduler *s) {
    struct body *body = current(s);
    writer_close(&s->writer);
    leave(s, body->region);
    writer_add(&s->writer, (struct instruction){.kind = CODE_IF_END});
    body->region = region_around(&body->placement, body->region);
}

static void write_update(struct scheduler *s, uint32_t i, const struct step *step) {
    write_region(s, current(s)->region, i, false);
    struct instruction in = {.kind = step->kind == STEP_CLEAR ? CODE_CLEAR : CODE_STORE,
                             .type = (uint8_t)program_array_at(s->p, step->array)->type,
                             .update = (uint8_t)step->op,
                             .source = step->array,
                             .a = writer_get(&s->writer, s->values.at_step.at[i]),
                             .b = writer_get(&s->writer, s->values.of_step.at[i])};
    writer_add(&s->writer, in);
}

static void write_step(struct scheduler *s, uint32_t i) {
    const struct step *step = &s->p->steps.at[i];
    switch (step->kind) {
    case STEP_UPDATE:
    case STEP_CLEAR: write_update(s, i, step); break;
    case STEP_LOOP:
        write_region(s, current(s)->region, i, false);
        open_body(s, i + 1, step->partner);
        break;
    case STEP_WHEN: open_condition(s, i, step); break;
    case STEP_END:
        if (s->p->steps.at[step->partner].kind == STEP_LOOP)
            close_loop(s, step->partner);
        else
            close_condition(s);
        break;
    }
}

static bool prepare(struct scheduler *s) {
    bool enough = values_make(&s->values, s->p);
    enough = enough && surroundings_init(&s->surroundings, &s->values) && writer_init(&s->writer, &s->values);
    s->index_value = calloc(s->p->indices.count + 1, sizeof *s->index_value);
    if (!enough || !s->index_value) return false;
    s->surroundings.known = known;
    s->surroundings.context = &s->writer;
    for (value_id v = 1; v < s->values.all.count; v++) {
        const struct value *value = value_at(&s->values, v);
        if (value->op == OP_INDEX) s->index_value[value->payload] = v;
    }
    return true;
}

static void write_program(struct scheduler *s) {
    uint32_t count = (uint32_t)s->p->steps.count;
    open_body(s, 0, count);
    for (uint32_t i = 0; i < count && !s->failed && !s->writer.failed; i++) write_step(s, i);
    s->failed |= s->writer.failed;
}

static void release(struct scheduler *s) {
    for (size_t i = 0; i < s->bodies.count; i++) placement_release(&s->bodies.at[i].placement);
    VEC_FREE(&s->bodies);
    VEC_FREE(&s->frames);
    VEC_FREE(&s->results);
    free(s->index_value);
    writer_release(&s->writer);
    surroundings_release(&s->surroundings);
    values_release(&s->values);
}

static void report(const struct scheduler *s, struct diag_list *diags) {
    struct span nowhere = {0};
    node_id strange = s->values.strange;
    if (strange)
        diag_error(diags, "internal", node_span(s->p->graph, strange),
                   "internal error: there is no code for the operation %s",
                   op_info(node_op(s->p->graph, strange))->name);
    else
        diag_error(diags, "too-large", nowhere, "memory is exhausted by the code of the program");
}

bool schedule_program(struct code *code, const struct program *p, struct diag_list *diags) {
    struct scheduler s = {.p = p};
    *code = (struct code){.program = p};
    if (!prepare(&s))
        s.failed = true;
    else
        write_program(&s);
    if (!s.failed && !writer_finish(&s.writer, &s.bodies.at[0].list, code)) s.failed = true;
    if (s.failed) {
        report(&s, diags);
        code_release(code);
    }
    bool done = !s.failed;
    release(&s);
    return done;
}
