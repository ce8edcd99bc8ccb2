/* A program under construction and everything it needs, for unit tests. */
#ifndef GRADC_TESTS_PROGRAM_FIXTURE_H
#define GRADC_TESTS_PROGRAM_FIXTURE_H

#include "ir/build.h"
#include "ir/program.h"
#include "support/diag.h"

struct fixture {
    struct arena arena;
    struct graph graph;
    struct source_set sources;
    struct diag_list diags;
    struct program program;
    struct span nowhere;
};

static inline void fixture_open(struct fixture *f) {
    *f = (struct fixture){0};
    arena_init(&f->arena);
    graph_init(&f->graph);
    source_set_init(&f->sources, &f->arena);
    diag_init(&f->diags, &f->arena, &f->sources);
    program_init(&f->program, &f->graph, &f->arena);
}

static inline void fixture_close(struct fixture *f) {
    program_release(&f->program);
    diag_release(&f->diags);
    source_set_release(&f->sources);
    graph_release(&f->graph);
    arena_release(&f->arena);
}

static inline array_id fixture_scalar(struct fixture *f, const char *name, enum array_role role) {
    return program_array(&f->program, (struct array){.name = name, .role = role, .type = TYPE_REAL});
}

static inline array_id fixture_size(struct fixture *f, const char *name) {
    return program_array(&f->program, (struct array){.name = name, .role = ROLE_PARAM, .type = TYPE_INT});
}

/* A vector over 1..upper. */
static inline array_id fixture_vector(struct fixture *f, const char *name, enum array_role role,
                                      node_id upper) {
    struct dimension dim = {mk_int(&f->graph, 1), upper};
    return program_array(
        &f->program, (struct array){.name = name, .role = role, .type = TYPE_REAL, .dims = &dim, .rank = 1});
}

static inline node_id fixture_read(struct fixture *f, array_id array) {
    return mk_read(&f->graph, array, f->program.arrays.at[array].type, NULL, 0);
}

static inline node_id fixture_at(struct fixture *f, array_id array, node_id subscript) {
    return mk_read(&f->graph, array, f->program.arrays.at[array].type, &subscript, 1);
}

/* Opens `for index in lower..upper` and returns its index as a node. */
static inline node_id fixture_loop(struct fixture *f, const char *name, node_id lower, node_id upper,
                                   long by) {
    index_id index = program_index(&f->program, name, f->nowhere);
    program_loop(&f->program, index, lower, upper, mk_int(&f->graph, by), ORDER_FREE, f->nowhere);
    return mk_index(&f->graph, index);
}

static inline void fixture_add(struct fixture *f, array_id array, node_id value) {
    program_update(&f->program, array, NULL, UPDATE_ADD, value, f->nowhere);
}

#endif
