#include "lower/checksum.h"

#include <stdlib.h>

#include "ir/build.h"

static bool are_set(const struct program *p, const bool *counts) {
    for (size_t i = 0; i < p->steps.count; i++) {
        const struct step *s = &p->steps.at[i];
        if (s->kind == STEP_UPDATE && counts[s->array] && s->op != UPDATE_SET) return false;
    }
    return true;
}

static array_id add_sum(struct program *out, bool wanted) {
    if (!wanted) return 0;
    array_id sum =
        program_array(out, (struct array){.name = "checksum", .role = ROLE_OUTPUT, .type = TYPE_REAL});
    program_clear(out, sum, mk_zero(out->graph), (struct span){0});
    return sum;
}

bool program_add_checksum(struct program *out, const struct program *p, const array_id *arrays, size_t count,
                          array_id *sum) {
    bool *counts = calloc(p->arrays.count, sizeof *counts);
    if (!counts) return false;
    for (size_t k = 0; k < count; k++) counts[arrays[k]] = true;
    program_like(out, p);
    *sum = add_sum(out, are_set(p, counts));
    for (size_t i = 0; i < p->steps.count && !out->failed; i++) {
        const struct step *s = &p->steps.at[i];
        program_copy_step(out, p, s);
        if (*sum && s->kind == STEP_UPDATE && counts[s->array])
            program_update(out, *sum, NULL, UPDATE_ADD, s->value, s->span);
    }
    free(counts);
    return !out->failed && !out->graph->failed;
}
