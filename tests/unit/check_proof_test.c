#include "check/proof.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/points.h"
#include "check/witness.h"
#include "differential/generate.h"
#include "eval/reference.h"
#include "sema/model.h"

/* A model with what a proof about it asks for. */
struct proved {
    struct model *model;
    struct subject subject;
    struct check_block *blocks;
    double *point;
    struct proof proof;
    struct proof_request request;
};

static void prove(struct proved *t, struct model *model, bool at_once) {
    *t = (struct proved){.model = model};
    size_t count = model->unknowns.count;
    cr_assert(model_point(model));
    t->blocks = calloc(count + 1, sizeof *t->blocks);
    t->point = calloc(model->dimension + 1, sizeof *t->point);
    for (size_t k = 0; k < count; k++)
        t->blocks[k] = (struct check_block){.array = model->unknowns.at[k].shape.array,
                                            .offset = model->unknowns.at[k].offset,
                                            .count = model->unknowns.at[k].shape.count};
    t->subject = (struct subject){.unknowns = t->blocks,
                                  .unknown_blocks = count,
                                  .dimension = model->dimension,
                                  .inputs = &model->binding,
                                  .point = t->point,
                                  .diags = &model->diags};
    if (model->dimension) memcpy(t->point, model->start, model->dimension * sizeof *t->point);
    t->request = (struct proof_request){&t->subject, &model->program, model->lower, model->upper, at_once};
    cr_assert_eq(proof_make(&t->proof, &t->request), EVALUATED);
}

static void proved_release(struct proved *t) {
    proof_release(&t->proof);
    free(t->blocks);
    free(t->point);
}

static struct model *load(const char *text) {
    struct model *model = model_load_text("test", ".", text, strlen(text), NULL);
    cr_assert(model && !diag_has_errors(&model->diags), "%s", text);
    return model;
}

/* ---- What is proved ---- */

static size_t count_findings(const struct proved *t, enum safety safety) {
    size_t count = 0;
    for (size_t n = 0; n < t->proof.node_count; n++) count += t->proof.findings[n].safety == safety;
    return count;
}

struct proof_case {
    const char *text;
    bool proved_at_once; /* also where loops are not run one by one */
};

Test(check_proof, conditions_and_loops_count) {
    static const struct proof_case cases[] = {
        {"var x; minimize if x > 0 then log(x) else 0", true},
        {"var x; minimize if x > 1 then log(x - 1) else 0", true},
        {"var x, y; minimize if x > y then log(x - y) else sqrt(y - x)", true},
        {"var x; minimize if x > -2 and x < 3 and not (x <= 0) then log(x)/(3 - x) else 0", true},
        {"var x; minimize if x <= 0 or log(x) > 1 then 0 else 1/x", true},
        {"var x; minimize if abs(x) < 1 then sqrt(1 - x^2) + atanh(x) + log(1 + x) else 0", true},
        {"var x; minimize if x^2 <= 4 then sqrt(2 - x) else 0", true},
        {"var x; minimize if 3*x - 6 >= 0 then sqrt(x - 2) else 0", true},
        {"var x; minimize if x < 0 then 0 else if x < 1 then sqrt(x)*sqrt(1 - x) else log(x)", true},
        {"var x; minimize if x != 0 and x >= 0 then 1/x else 0", true},
        {"var x in [1, 2]; minimize log(x) + 1/x + asin(x/2) + acosh(x) + lgamma(x)", true},
        {"var x; minimize 1/(1 + x^2) + log(1 + exp(x)) + 1/(2 + sin(x)) + sqrt(x^2 + 1)^-1.5", true},
        {"var x[5] in [0, 1]; minimize sum(sqrt(x[i]) + log(1 + x[i]) for i in 1..5)", true},
        {"var x[5]; minimize sum(log(x[i]) for i in 1..5 if x[i] > 0)", true},
        {"var x[5]; minimize logsumexp(x[i] for i in 1..5) + log(sum(exp(x[i]) for i in 1..5))", true},
        {"param n = 6; var x[n]; let r[i in 1..n] = 1 + x[i]^2; minimize sum(log(r[i]) for i in 1..n)", true},
        {"var u[4] in [0, 1]; let s[t in 0..4] = if t == 0 then 1 else s[t - 1] + u[t]; minimize log(s[4])",
         true},
        {"var u[4] in [0, 1]; let s[t in 0..4] = if t == 0 then 1 else 0.5*s[t - 1] + u[t]; minimize 1/s[4]",
         false},
        {"param w[3] = [1, 2, 3]; var x in [0, 1]; minimize sum(x/w[i] for i in 1..3)", true},
        {"var x[3] in [1, 2]; minimize log(prod(x)) + 1/min(x) + 1/norm(x) + sqrt(max(x))", true},
        {"var x; minimize if x > 0 then (if x > 1 then log(x - 1) else log(x)) else log(1 - x)", true},
        {"var x in [-1, 1]; let a = if x > 0 then 1/x else 0; minimize a + (if x > 0 then log(x) else a)",
         true},
        {"var x[3]; minimize sum(if x[i] > 0 then sum(log(x[i] + j) for j in 1..3) else 0 for i in 1..3)",
         true},
    };
    for (size_t k = 0; k < 2 * (sizeof cases / sizeof *cases); k++) {
        const struct proof_case *c = &cases[k / 2];
        struct proved t;
        struct model *model = load(c->text);
        if (k % 2 && !c->proved_at_once) {
            model_free(model);
            continue;
        }
        prove(&t, model, k % 2);
        size_t bad = count_findings(&t, MAYBE_UNSAFE) + count_findings(&t, NEVER_SAFE);
        cr_expect(bad == 0 && count_findings(&t, SAFE) > 0, "%s: %zu not proved%s", c->text, bad,
                  k % 2 ? ", loops at once" : "");
        proved_release(&t);
        model_free(model);
    }
}

Test(check_proof, what_is_not_so_is_not_proved) {
    static const char *const texts[] = {
        "var x; minimize log(x)",
        "var x; minimize if x >= 0 then log(x) else 0",
        "var x; minimize if x > 0 then 0 else 1/x",
        "var x; minimize if x < 1 then log(x) else 0",
        "var x, y; minimize if x > y then log(y - x) else 0",
        "var x; minimize if x > 0 or x < -1 then sqrt(x) else 0",
        "var x in [0, 1]; minimize log(x)",
        "var x[3]; minimize sum(log(x[i]) for i in 1..3 if x[1] > 0)",
        "var x in [-1, 2]; minimize sqrt(x + 0.5)",
        "var u[4] in [-1, 1]; let s[t in 0..4] = if t == 0 then 1 else s[t - 1] + u[t]; minimize log(s[4])",
        "var x; let a = if x > 0 then x else -1; minimize log(a)",
        "var x[9] in [-1, 1]; minimize sqrt(sum(x[i] for i in 1..9) + 8.5)",
    };
    for (size_t k = 0; k < 2 * (sizeof texts / sizeof *texts); k++) {
        struct proved t;
        struct model *model = load(texts[k / 2]);
        prove(&t, model, k % 2);
        cr_expect(count_findings(&t, MAYBE_UNSAFE) + count_findings(&t, NEVER_SAFE) == 1, "%s", texts[k / 2]);
        proved_release(&t);
        model_free(model);
    }
}

/* ---- That proofs are right ---- */

static bool in_range(struct range range, mpfr_srcptr value) {
    int low = mpfr_cmp_d(value, range.low), high = mpfr_cmp_d(value, range.high);
    return (range.low_open ? low > 0 : low >= 0) && (range.high_open ? high < 0 : high <= 0);
}

/* The objective at a random point, as far as it is a number. */
static void expect_in_range(struct proved *t, struct chance *chance, const char *name) {
    const struct model *m = t->model;
    struct binding b;
    struct reference r;
    mpfr_t value;
    const struct range *range = t->proof.results[m->objective];
    point_draw(chance, m->start, m->lower, m->upper, m->dimension, t->point);
    cr_assert(subject_bind(&t->subject, &b, &m->program));
    cr_assert(reference_init(&r, &m->program, &b, 200, &t->model->diags));
    cr_assert_eq(reference_run(&r), EVALUATED);
    mpfr_init2(value, 200);
    reference_get(&r, m->objective, 0, value);
    if (range && mpfr_number_p(value))
        cr_expect(in_range(*range, value), "%s: %.17g is not in %.17g, %.17g", name,
                  mpfr_get_d(value, MPFR_RNDN), range->low, range->high);
    mpfr_clear(value);
    reference_release(&r);
    binding_release(&b);
}

/* Nothing that was proved is refuted by a search. */
static void expect_no_witness(struct proved *t, const char *name) {
    const struct model *m = t->model;
    struct target *targets = calloc(t->proof.node_count, sizeof *targets);
    size_t count = 0;
    for (node_id n = 1; n < t->proof.node_count; n++) {
        struct requirement requirements[MOST_REQUIREMENTS];
        if (t->proof.findings[n].safety != SAFE) continue;
        size_t most = requirements_of(node_op(&m->graph, n), requirements);
        for (size_t k = 0; k < most; k++)
            targets[count++] = (struct target){.node = n, .requirement = requirements[k]};
    }
    struct witness_request request = {&t->subject, &m->program, m->lower, m->upper,
                                      m->start,    1,           5,        &t->model->arena};
    cr_assert_eq(witness_find(&request, targets, count), EVALUATED);
    for (size_t k = 0; k < count; k++)
        cr_expect(!targets[k].found, "%s: %s was proved safe", name,
                  op_info(node_op(&m->graph, targets[k].node))->name);
    free(targets);
}

static void expect_right(struct model *model, const char *name) {
    for (int at_once = 0; at_once < 2; at_once++) {
        struct proved t;
        struct chance chance = {3};
        prove(&t, model, at_once);
        for (int k = 0; k < 5; k++) expect_in_range(&t, &chance, name);
        expect_no_witness(&t, name);
        proved_release(&t);
    }
    model_free(model);
}

Test(check_proof, random_programs_stay_within_their_ranges) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct text text = {0};
        char name[40];
        generate_program(seed, &text);
        snprintf(name, sizeof name, "seed %lu", (unsigned long)seed);
        expect_right(load(text_string(&text)), name);
        text_free(&text);
    }
}

Test(check_proof, models_stay_within_their_ranges) {
    static const char *const names[] = {"conditions", "earlier",     "hmm_forward",
                                        "shifts",     "zero_factor", "gmm"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char path[300];
        snprintf(path, sizeof path, "%s/tests/models/%s.grad", GRADC_SOURCE_DIR, names[k]);
        struct model *model = model_load(path, NULL);
        cr_assert(model && !diag_has_errors(&model->diags));
        expect_right(model, names[k]);
    }
}
