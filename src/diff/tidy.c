#include "diff/tidy.h"

#include <stdlib.h>

/* Where an array is cleared and updated: the single places, or MANY. */
#define NEVER UINT32_MAX
#define MANY (UINT32_MAX - 1)

struct places {
    uint32_t clear, update;
};

static void note(uint32_t *place, uint32_t at) {
    *place = *place == NEVER ? at : MANY;
}

static bool find_places(struct places *places, uint32_t *around, const struct program *p) {
    uint32_t open = NEVER;
    for (size_t a = 0; a < p->arrays.count; a++) places[a] = (struct places){NEVER, NEVER};
    for (uint32_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        if (step->kind == STEP_END) open = around[step->partner];
        around[i] = open;
        if (step->kind == STEP_LOOP || step->kind == STEP_WHEN) open = i;
        if (step->kind == STEP_CLEAR) note(&places[step->array].clear, i);
        if (step->kind == STEP_UPDATE) note(&places[step->array].update, i);
    }
    return true;
}

/* A scalar cleared to 0 and added to once, in the same body. */
static bool becomes_set(const struct program *p, const struct places *at, const uint32_t *around,
                        array_id a) {
    if (p->arrays.at[a].rank || at->clear >= MANY || at->update >= MANY) return false;
    const struct step *clear = &p->steps.at[at->clear], *update = &p->steps.at[at->update];
    return at->clear < at->update && around[at->clear] == around[at->update] && update->op == UPDATE_ADD &&
           node_is_number(p->graph, clear->value, 0);
}

/* Whether step i ends a condition that the next step opens again. */
static bool goes_on(const struct program *p, uint32_t i) {
    const struct step *end = &p->steps.at[i];
    if (end->kind != STEP_END || i + 1 >= p->steps.count) return false;
    const struct step *opening = &p->steps.at[end->partner], *next = &p->steps.at[i + 1];
    return opening->kind == STEP_WHEN && next->kind == STEP_WHEN && opening->condition == next->condition;
}

static void copy(struct program *out, const struct program *p, const struct places *places,
                 const uint32_t *around) {
    for (uint32_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        if (goes_on(p, i)) {
            i++; /* past the opening of the same condition */
            continue;
        }
        bool is_write = step->kind == STEP_UPDATE || step->kind == STEP_CLEAR;
        bool set = is_write && becomes_set(p, &places[step->array], around, step->array);
        if (set && step->kind == STEP_UPDATE)
            program_update(out, step->array, step_subscripts(p, step), UPDATE_SET, step->value, step->span);
        else if (!set)
            program_copy_step(out, p, step);
    }
}

bool program_tidy(struct program *out, const struct program *p) {
    program_like(out, p);
    struct places *places = malloc(p->arrays.count * sizeof *places);
    uint32_t *around = malloc((p->steps.count + 1) * sizeof *around);
    bool enough = places && around;
    if (enough) {
        find_places(places, around, p);
        copy(out, p, places, around);
    }
    free(places);
    free(around);
    return enough && !out->failed;
}
