#include <stdlib.h>

#include "schedule/place.h"

static bool writes_array(const struct step *step) {
    return step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
}

/* Counts the conditions around each step as it goes. */
static void mark_conditional(struct surroundings *s) {
    const struct program *p = s->values->p;
    uint32_t conditions = 0;
    for (uint32_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        if (step->kind == STEP_WHEN) conditions++;
        if (step->kind == STEP_END && p->steps.at[step->partner].kind == STEP_WHEN) conditions--;
        if (writes_array(step) && conditions) s->written_in_condition[step->array] = true;
    }
}

static void list_writes(struct surroundings *s) {
    const struct program *p = s->values->p;
    size_t arrays = p->arrays.count;
    for (size_t i = 0; i < p->steps.count; i++) {
        if (writes_array(&p->steps.at[i])) s->first_write[p->steps.at[i].array + 1]++;
    }
    for (size_t a = 1; a <= arrays; a++) s->first_write[a] += s->first_write[a - 1];
    /* Filled from the back, so that the starts end up in place. */
    for (size_t i = 0; i < p->steps.count; i++) {
        if (writes_array(&p->steps.at[i])) s->writes[s->first_write[p->steps.at[i].array]++] = (uint32_t)i;
    }
    for (size_t a = arrays; a > 0; a--) s->first_write[a] = s->first_write[a - 1];
    s->first_write[0] = 0;
}

bool surroundings_init(struct surroundings *s, const struct values *values) {
    size_t count = values->all.count, arrays = values->p->arrays.count, steps = values->p->steps.count;
    *s = (struct surroundings){.values = values};
    s->first_write = calloc(arrays + 2, sizeof *s->first_write);
    s->writes = calloc(steps + 1, sizeof *s->writes);
    s->written_in_condition = calloc(arrays + 1, sizeof *s->written_in_condition);
    s->step_region = calloc(steps + 1, sizeof *s->step_region);
    s->stamp = calloc(count, sizeof *s->stamp);
    s->level = calloc(count, sizeof *s->level);
    s->instance_of = calloc(count, sizeof *s->instance_of);
    s->pinned = calloc(count, sizeof *s->pinned);
    if (!s->first_write || !s->writes || !s->written_in_condition || !s->step_region || !s->stamp ||
        !s->level || !s->instance_of || !s->pinned)
        return false;
    list_writes(s);
    mark_conditional(s);
    return true;
}

void surroundings_release(struct surroundings *s) {
    free(s->first_write);
    free(s->writes);
    free(s->written_in_condition);
    free(s->step_region);
    free(s->stamp);
    free(s->level);
    free(s->instance_of);
    free(s->pinned);
    VEC_FREE(&s->loops);
    VEC_FREE(&s->local);
    VEC_FREE(&s->stack);
    VEC_FREE(&s->slots);
}
