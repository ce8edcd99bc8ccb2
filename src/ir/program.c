#include "ir/program.h"

#include <string.h>

void program_init(struct program *p, struct graph *graph, struct arena *arena) {
    *p = (struct program){.graph = graph, .arena = arena};
    struct array no_array = {0};
    struct loop_index no_index = {0};
    VEC_PUSH(&p->arrays, no_array);
    VEC_PUSH(&p->indices, no_index);
    p->failed = p->arrays.failed || p->indices.failed;
}

void program_release(struct program *p) {
    VEC_FREE(&p->arrays);
    VEC_FREE(&p->indices);
    VEC_FREE(&p->steps);
    VEC_FREE(&p->subscripts);
    array_names_release(&p->names);
}

void program_like(struct program *p, const struct program *like) {
    *p = (struct program){.graph = like->graph, .arena = like->arena};
    for (size_t i = 0; i < like->arrays.count; i++) VEC_PUSH(&p->arrays, like->arrays.at[i]);
    for (size_t i = 0; i < like->indices.count; i++) VEC_PUSH(&p->indices, like->indices.at[i]);
    p->failed = p->arrays.failed || p->indices.failed;
}

array_id program_array(struct program *p, struct array array) {
    const char *name = array_name_make(p, array.name ? array.name : "t");
    struct dimension *dims = ARENA_ARRAY(p->arena, struct dimension, array.rank);
    if (!dims || !name) {
        p->failed = true;
        return 0;
    }
    if (array.rank) memcpy(dims, array.dims, array.rank * sizeof *dims);
    array.name = name;
    array.dims = dims;
    array.companion = 0;
    array.sibling = array.of ? p->arrays.at[array.of].companion : 0;
    if (!VEC_PUSH(&p->arrays, array)) {
        p->failed = true;
        return 0;
    }
    array_id added = (array_id)(p->arrays.count - 1);
    if (array.of) p->arrays.at[array.of].companion = added;
    return added;
}

array_id program_companion(const struct program *p, enum array_role role, array_id of) {
    array_id first = 0;
    for (array_id a = p->arrays.at[of].companion; a; a = p->arrays.at[a].sibling)
        if (p->arrays.at[a].role == role) first = a;
    return first;
}

index_id program_index(struct program *p, const char *name, struct span span) {
    struct loop_index index = {name, span};
    if (!VEC_PUSH(&p->indices, index)) p->failed = true;
    return (index_id)(p->indices.count - 1);
}

static uint32_t append(struct program *p, struct step step) {
    if (p->steps.count >= UINT32_MAX || !VEC_PUSH(&p->steps, step)) p->failed = true;
    return (uint32_t)(p->steps.count ? p->steps.count - 1 : 0);
}

uint32_t program_update(struct program *p, array_id array, const node_id *subscripts, enum update_op op,
                        node_id value, struct span span) {
    struct step step = {.kind = STEP_UPDATE, .span = span, .array = array, .op = op, .value = value};
    step.subscripts = (uint32_t)p->subscripts.count;
    for (uint32_t i = 0; i < p->arrays.at[array].rank; i++) {
        node_id subscript = subscripts[i];
        if (!VEC_PUSH(&p->subscripts, subscript)) p->failed = true;
    }
    return append(p, step);
}

uint32_t program_clear(struct program *p, array_id array, node_id value, struct span span) {
    return append(p, (struct step){.kind = STEP_CLEAR, .span = span, .array = array, .value = value});
}

uint32_t program_loop(struct program *p, index_id index, node_id lower, node_id upper, node_id by,
                      enum loop_order order, struct span span) {
    return append(p, (struct step){.kind = STEP_LOOP,
                                   .span = span,
                                   .index = index,
                                   .lower = lower,
                                   .upper = upper,
                                   .by = by,
                                   .order = order});
}

uint32_t program_when(struct program *p, node_id condition, struct span span) {
    return append(p, (struct step){.kind = STEP_WHEN, .span = span, .condition = condition});
}

uint32_t program_end_when(struct program *p, node_id condition) {
    /* The opening that is still without a partner: step over the bodies closed since. */
    size_t open = p->steps.count;
    while (open > 0) {
        const struct step *step = &p->steps.at[open - 1];
        if (step->kind == STEP_END) {
            open = step->partner;
        } else if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) {
            break;
        } else {
            open--;
        }
    }
    if (open == 0 || p->failed) {
        p->failed = true;
        return 0;
    }
    uint32_t end =
        append(p, (struct step){.kind = STEP_END, .partner = (uint32_t)(open - 1), .condition = condition});
    p->steps.at[open - 1].partner = end;
    return end;
}

uint32_t program_end(struct program *p) {
    return program_end_when(p, 0);
}

bool role_is_input(enum array_role role) {
    return role == ROLE_UNKNOWN || role == ROLE_PARAM || role == ROLE_COLUMN || role == ROLE_SIZE ||
           role == ROLE_SEED || role == ROLE_DIRECTION;
}

bool role_is_output(enum array_role role) {
    return role == ROLE_OBJECTIVE || role == ROLE_OUTPUT || role == ROLE_GRADIENT || role == ROLE_TANGENT;
}

uint32_t program_copy_step(struct program *p, const struct program *from, const struct step *step) {
    switch (step->kind) {
    case STEP_UPDATE:
        return program_update(p, step->array, step_subscripts(from, step), step->op, step->value, step->span);
    case STEP_CLEAR: return program_clear(p, step->array, step->value, step->span);
    case STEP_LOOP:
        return program_loop(p, step->index, step->lower, step->upper, step->by, step->order, step->span);
    case STEP_WHEN: return program_when(p, step->condition, step->span);
    case STEP_END: break;
    }
    return program_end_when(p, step->condition);
}
