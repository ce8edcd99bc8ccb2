#include "schedule/schedule.h"

#include <stdlib.h>

#include "schedule/place.h"
#include "schedule/writer.h"

/* An open body: of the program or of a loop. */
struct body {
    struct placement placement;
    struct draft_list before, list; /* before: computed once, where the loop has iterations */
    uint32_t scope;                 /* where the current loop stands in it */
    uint32_t region;                /* likewise */
    draft_id loop;
};

enum stage { STAGE_PLAIN, STAGE_FLAT, STAGE_THEN, STAGE_ELSE };

/* A region being computed. */
struct frame {
    uint32_t region;
    uint32_t until; /* instances of later steps wait */
    uint32_t instance;
    uint8_t stage;
    bool early;
    uint32_t cursor; /* of early instances */
    draft_id then;
};

struct scheduler {
    const struct program *p;
    struct values values;
    struct surroundings surroundings;
    struct writer writer;
    value_id *index_value; /* by loop index */
    VEC(struct body) bodies;
    VEC(struct frame) frames;
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

static void open_arm(struct scheduler *s, uint32_t instance, enum stage stage, draft_id then) {
    const struct placement *pl = &current(s)->placement;
    writer_open(&s->writer, s->writer.scopes.at[s->writer.scope].level);
    uint32_t region = pl->instances.at[instance].arms[stage == STAGE_ELSE];
    push_frame(s, (struct frame){.region = region,
                                 .until = UINT32_MAX,
                                 .instance = instance,
                                 .stage = (uint8_t)stage,
                                 .then = then});
}

static void write_lazy(struct scheduler *s, uint32_t i) {
    const struct instance *in = &current(s)->placement.instances.at[i];
    if (in->flat) {
        struct frame otherwise = {
            .region = in->arms[1], .until = UINT32_MAX, .instance = i, .stage = STAGE_FLAT};
        struct frame then = {.region = in->arms[0], .until = UINT32_MAX};
        push_frame(s, otherwise);
        push_frame(s, then);
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

/* The region of a frame is done. */
static void finish_frame(struct scheduler *s) {
    struct frame frame = VEC_POP(&s->frames);
    struct writer *w = &s->writer;
    if (frame.stage == STAGE_PLAIN) return;
    const struct placement *pl = &current(s)->placement;
    const struct instance *in = &pl->instances.at[frame.instance];
    const struct value *value = value_at(&s->values, in->value);
    if (frame.stage == STAGE_FLAT) {
        writer_set(w, in->value, writer_add(w, value_instruction(s, in->value)));
        return;
    }
    if (frame.stage == STAGE_THEN) {
        draft_id then = writer_get(w, value->operands[1]);
        writer_close(w);
        if (pl->regions.at[in->arms[1]].count > 0) writer_add(w, (struct instruction){.kind = CODE_ELSE});
        open_arm(s, frame.instance, STAGE_ELSE, then);
        return;
    }
    draft_id otherwise = writer_get(w, value->operands[2]);
    writer_close(w);
    writer_add(w, (struct instruction){.kind = CODE_IF_END});
    write_choice(s, in->value, frame.then, otherwise);
}

/* The next instance of a frame's region; false where there is none to be computed now. */
static bool next_instance(struct scheduler *s, struct frame *frame, uint32_t *instance) {
    struct placement *pl = &current(s)->placement;
    struct region *region = &pl->regions.at[frame->region];
    uint32_t *cursor = frame->early ? &frame->cursor : &region->cursor;
    while (*cursor < region->count) {
        *instance = pl->order.at[region->first + *cursor];
        const struct instance *in = &pl->instances.at[*instance];
        if (in->step > frame->until) return false;
        ++*cursor;
        if (!frame->early || in->early) return true;
    }
    return false;
}

/* Computes what a region needs for the steps up to `until`. */
static void write_region(struct scheduler *s, uint32_t region, uint32_t until, bool early) {
    push_frame(s, (struct frame){.region = region, .until = until, .early = early});
    while (s->frames.count && !s->failed && !s->writer.failed) {
        uint32_t instance;
        if (next_instance(s, &VEC_LAST(&s->frames), &instance))
            write_instance(s, instance);
        else
            finish_frame(s);
    }
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
    write_region(s, body->region, step->partner, false);
    draft_id test = writer_get(&s->writer, s->values.of_step.at[i]);
    writer_add(&s->writer, (struct instruction){.kind = CODE_IF, .a = test});
    writer_open(&s->writer, s->writer.scopes.at[s->writer.scope].level);
    body->region = s->surroundings.step_region[i];
}

static void close_condition(struct scheduler *s) {
    struct body *body = current(s);
    writer_close(&s->writer);
    writer_add(&s->writer, (struct instruction){.kind = CODE_IF_END});
    body->region = body->placement.regions.at[body->region].parent;
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
