#include "lower/lower.h"

#include <stdlib.h>

#include "ir/prune.h"
#include "lower/constant.h"
#include "lower/contract.h"
#include "lower/define.h"
#include "lower/delay.h"
#include "lower/detach.h"
#include "lower/distribute.h"
#include "lower/fuse.h"
#include "lower/gather.h"
#include "lower/hoist.h"
#include "lower/inline.h"
#include "lower/keep.h"
#include "lower/loosen.h"
#include "lower/merge.h"
#include "lower/open.h"
#include "lower/peel.h"
#include "lower/remember.h"
#include "lower/reuse.h"
#include "lower/separate.h"
#include "lower/settle.h"
#include "lower/tree.h"
#include "lower/unroll.h"

/* What is set and read within a loop that is to be cut becomes local to it before. */
static bool contract_before_peeling(struct tree *t) {
    return t->to_peel.count == 0 || lower_contract(t);
}

/* A loop that is peeled is fused inside afterwards, and so on for the loops in it. */
#define FUSE_AND_PEEL                                                                                        \
    {"fuse", lower_fuse}, {"contract", contract_before_peeling}, {                                           \
        "peel", lower_peel                                                                                   \
    }

static const struct pass {
    const char *name;
    bool (*run)(struct tree *t);
} passes[] = {
    {"separate", lower_separate},
    {"loosen", lower_loosen},
    {"hoist", lower_hoist},
    {"keep", lower_keep},
    {"open", lower_open},
    {"distribute", lower_distribute},
    {"gather", lower_gather},
    {"inline", lower_inline},
    {"delay", lower_delay},
    FUSE_AND_PEEL,
    FUSE_AND_PEEL,
    FUSE_AND_PEEL,
    FUSE_AND_PEEL,
    {"contract", lower_contract},
    {"reuse", lower_reuse},
    {"unroll", lower_unroll},
    {"merge", lower_merge},
    {"contract", lower_contract},
    {"constant", lower_constant},
    {"merge", lower_merge},
    {"settle", lower_settle},
};
enum { PASSES = sizeof passes / sizeof *passes };

/* Those that only say where a value is computed: no sum has another order, no bit changes. */
static const struct pass exact_passes[] = {
    {"separate", lower_separate},
    {"hoist", lower_hoist},
    {"reuse", lower_reuse},
};
static const struct pass exact_fused_passes[] = {
    {"separate", lower_separate},
    {"hoist", lower_hoist},
    {"fuse exactly", lower_fuse_exactly},
    {"reuse", lower_reuse},
};
enum {
    EXACT_PASSES = sizeof exact_passes / sizeof *exact_passes,
    EXACT_FUSED_PASSES = sizeof exact_fused_passes / sizeof *exact_fused_passes
};

unsigned lower_pass_count(void) {
    return PASSES;
}

const char *lower_pass_name(unsigned pass) {
    return passes[pass].name;
}

static bool copy(struct program *out, const struct program *p) {
    program_like(out, p);
    for (size_t i = 0; i < p->steps.count && !out->failed; i++) program_copy_step(out, p, &p->steps.at[i]);
    return !out->failed;
}

bool lower_applies(const struct program *p) {
    bool has_loop = false;
    for (size_t i = 0; i < p->steps.count; i++) {
        const struct step *step = &p->steps.at[i];
        if (step->kind == STEP_END && step->condition) return false;
        has_loop |= step->kind == STEP_LOOP;
    }
    return has_loop;
}

/* What leads to no result goes away. */
static bool prune(struct program *out, const struct program *p) {
    array_id *outputs = malloc(p->arrays.count * sizeof *outputs);
    size_t count = 0;
    for (array_id a = 1; outputs && a < p->arrays.count; a++)
        if (role_is_output(p->arrays.at[a].role) && !p->arrays.at[a].unused) outputs[count++] = a;
    bool done = outputs && program_prune(out, p, outputs, count);
    free(outputs);
    return done;
}

/* A pass of its own, for what comes behind it looks at programs; what is no longer needed goes away. */
static bool run_alone(struct program *out, const struct program *p,
                      bool (*pass)(struct tree *t, bool *changed)) {
    struct tree t;
    struct program kept = {0};
    bool changed;
    bool done = tree_read(&t, p) && pass(&t, &changed);
    if (done && changed)
        done = tree_write(&t, &kept) && prune(out, &kept);
    else if (done)
        done = copy(out, p);
    tree_release(&t);
    program_release(&kept);
    return done;
}

static bool run_passes(struct program *out, const struct program *p, const struct pass *first,
                       unsigned count) {
    struct tree t;
    struct program lowered = {0};
    bool done = tree_read(&t, p);
    for (unsigned k = 0; done && k < count; k++) done = first[k].run(&t);
    done = done && tree_write(&t, &lowered) && prune(out, &lowered);
    tree_release(&t);
    program_release(&lowered);
    return done;
}

bool lower_program_until(struct program *out, const struct program *p, unsigned count) {
    struct program detached = {0}, defined = {0}, kept = {0};
    bool done = run_alone(&detached, p, lower_detach) && program_define(&defined, &detached) &&
                run_alone(&kept, &defined, lower_remember) && run_passes(out, &kept, passes, count);
    program_release(&detached);
    program_release(&defined);
    program_release(&kept);
    return done;
}

bool lower_exactly(struct program *out, const struct program *p) {
    return lower_applies(p) ? run_passes(out, p, exact_passes, EXACT_PASSES) : copy(out, p);
}

bool lower_exactly_for_c(struct program *out, const struct program *p, bool fuse) {
    struct program detached = {0};
    if (!lower_applies(p)) return copy(out, p);
    const struct pass *list = fuse ? exact_fused_passes : exact_passes;
    unsigned count = fuse ? EXACT_FUSED_PASSES : EXACT_PASSES;
    bool done = run_alone(&detached, p, lower_detach) && run_passes(out, &detached, list, count);
    program_release(&detached);
    return done;
}

bool lower_program(struct program *out, const struct program *p) {
    return lower_applies(p) ? lower_program_until(out, p, PASSES) : copy(out, p);
}
