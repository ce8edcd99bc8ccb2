/* A program built by hand, with everything it stands in. */
#ifndef GRADC_TESTS_EVAL_FIXTURE_H
#define GRADC_TESTS_EVAL_FIXTURE_H

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "eval/binding.h"
#include "ir/build.h"
#include "ir/program.h"
#include "support/diag.h"

struct fixture {
    struct arena arena;
    struct graph graph;
    struct program program;
    struct source_set sources;
    struct diag_list diags;
    struct binding binding;
    bool bound;
};

static inline void fixture_init(struct fixture *f) {
    memset(f, 0, sizeof *f);
    arena_init(&f->arena);
    graph_init(&f->graph);
    source_set_init(&f->sources, &f->arena);
    diag_init(&f->diags, &f->arena, &f->sources);
    program_init(&f->program, &f->graph, &f->arena);
}

static inline void fixture_release(struct fixture *f) {
    if (f->bound) binding_release(&f->binding);
    program_release(&f->program);
    diag_release(&f->diags);
    source_set_release(&f->sources);
    graph_release(&f->graph);
    arena_release(&f->arena);
}

/* Binds after all arrays have been added, for inputs to be set. */
static inline void fixture_bind(struct fixture *f) {
    cr_assert(binding_init(&f->binding, &f->program));
    f->bound = true;
}

static inline array_id fixture_scalar(struct fixture *f, const char *name, enum array_role role,
                                      enum value_type type) {
    return program_array(&f->program, (struct array){.name = name, .role = role, .type = type});
}

/* An array with subscripts lower..upper. */
static inline array_id fixture_vector(struct fixture *f, const char *name, enum array_role role,
                                      enum value_type type, node_id lower, node_id upper) {
    struct dimension dim = {lower, upper};
    return program_array(&f->program,
                         (struct array){.name = name, .role = role, .type = type, .dims = &dim, .rank = 1});
}

static inline node_id fixture_read0(struct fixture *f, array_id a) {
    return mk_read(&f->graph, a, f->program.arrays.at[a].type, NULL, 0);
}

static inline node_id fixture_read1(struct fixture *f, array_id a, node_id subscript) {
    return mk_read(&f->graph, a, f->program.arrays.at[a].type, &subscript, 1);
}

static inline index_id fixture_loop(struct fixture *f, const char *name, node_id lower, node_id upper) {
    struct span none = {0, 0, 0};
    index_id index = program_index(&f->program, name, none);
    program_loop(&f->program, index, lower, upper, mk_int(&f->graph, 1), ORDER_UP, none);
    return index;
}

static inline void fixture_update(struct fixture *f, array_id a, enum update_op op, node_id subscript,
                                  node_id value) {
    struct span none = {0, 0, 0};
    program_update(&f->program, a, &subscript, op, value, none);
}

static inline void fixture_clear(struct fixture *f, array_id a, node_id value) {
    struct span none = {0, 0, 0};
    program_clear(&f->program, a, value, none);
}

static inline const char *fixture_code(const struct fixture *f) {
    return f->diags.items.count ? f->diags.items.at[f->diags.items.count - 1].code : "";
}

#endif
