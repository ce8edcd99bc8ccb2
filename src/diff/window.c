#include "diff/window.h"

#include <stdlib.h>

#include "ir/build.h"

struct opening {
    const struct element_matrix *matrix;
    const struct program *p;
    bool *is_entry;         /* by array */
    const struct step *top; /* the outermost loop around the current step */
    size_t depth;
};

static bool open_matrix(struct opening *o, const struct element_matrix *matrix) {
    *o = (struct opening){.matrix = matrix, .p = &matrix->values};
    o->is_entry = calloc(o->p->arrays.count + 1, sizeof *o->is_entry);
    for (size_t k = 0; o->is_entry && k < matrix->kinds.count; k++)
        o->is_entry[matrix->kinds.at[k].value] = true;
    return o->is_entry != NULL;
}

static void follow(struct opening *o, const struct step *s) {
    if (s->kind == STEP_END) o->depth--;
    if (s->kind != STEP_LOOP && s->kind != STEP_WHEN) return;
    if (o->depth++ == 0) o->top = s;
}

/* ---- Whether it suits ---- */

/* Whether elements of an array are numbered by the outermost loop around. */
static bool is_by_top(const struct opening *o, const struct step *update) {
    struct graph *g = o->p->graph;
    const struct array *array = &o->p->arrays.at[update->array];
    return array->rank > 0 && step_subscripts(o->p, update)[0] == mk_index(g, o->top->index) &&
           array->dims[0].lower == o->top->lower;
}

static bool step_suits(const struct opening *o, const struct step *s) {
    bool write = s->kind == STEP_UPDATE || s->kind == STEP_CLEAR;
    bool entry = write && o->is_entry[s->array];
    if (s->kind == STEP_END) return true;
    if (o->depth == 0 && s->kind == STEP_LOOP)
        return s->order == ORDER_FREE && node_is_int(o->p->graph, s->by, 1);
    if (o->depth == 0) return entry && s->kind == STEP_CLEAR;
    if (entry) return s->kind == STEP_UPDATE && is_by_top(o, s);
    return !write || o->p->arrays.at[s->array].owner != 0;
}

bool window_suits(const struct element_matrix *matrix) {
    struct opening o;
    bool suits = open_matrix(&o, matrix);
    for (uint32_t i = 0; suits && i < o.p->steps.count; i++) {
        suits = step_suits(&o, &o.p->steps.at[i]);
        follow(&o, &o.p->steps.at[i]);
    }
    free(o.is_entry);
    return suits;
}

/* ---- The window ---- */

struct making {
    struct opening o;
    struct program *out;
    node_id begin;
    int64_t rows;
};

static void shorten_arrays(struct making *m) {
    struct graph *g = m->out->graph;
    for (array_id a = 1; a < m->out->arrays.count; a++) {
        struct array *array = &m->out->arrays.at[a];
        if (!m->o.is_entry[a]) continue;
        struct dimension *dims = ARENA_ARRAY(m->out->arena, struct dimension, array->rank);
        if (!dims) m->out->failed = true;
        for (uint32_t k = 0; dims && k < array->rank; k++) dims[k] = array->dims[k];
        if (dims) dims[0] = (struct dimension){mk_int(g, 0), mk_int(g, m->rows - 1)};
        if (dims) array->dims = dims;
    }
}

static void put_loop(struct making *m, const struct step *s) {
    struct graph *g = m->out->graph;
    node_id lower = mk_iadd(g, s->lower, m->begin), last = mk_iadd(g, lower, mk_int(g, m->rows - 1));
    program_loop(m->out, s->index, lower, mk_imin(g, s->upper, last), s->by, s->order, s->span);
}

static void put_update(struct making *m, const struct step *s) {
    struct graph *g = m->out->graph;
    uint32_t rank = m->o.p->arrays.at[s->array].rank;
    node_id *subscripts = ARENA_ARRAY(m->out->arena, node_id, rank);
    if (!subscripts) {
        m->out->failed = true;
        return;
    }
    for (uint32_t k = 0; k < rank; k++) subscripts[k] = step_subscripts(m->o.p, s)[k];
    subscripts[0] = mk_isub(g, subscripts[0], mk_iadd(g, m->o.top->lower, m->begin));
    program_update(m->out, s->array, subscripts, s->op, s->value, s->span);
}

static void put_step(struct making *m, const struct step *s) {
    if (m->o.depth == 0 && s->kind == STEP_LOOP)
        put_loop(m, s);
    else if (s->kind == STEP_UPDATE && m->o.is_entry[s->array])
        put_update(m, s);
    else
        program_copy_step(m->out, m->o.p, s);
}

bool window_make(struct window *w, const struct element_matrix *matrix, int64_t rows) {
    struct making m = {.out = &w->program, .rows = rows};
    struct array begin = {.name = "begin", .role = ROLE_SIZE, .type = TYPE_INT};
    if (!open_matrix(&m.o, matrix)) return false;
    program_like(m.out, m.o.p);
    shorten_arrays(&m);
    w->begin = program_array(m.out, begin);
    m.begin = mk_read(m.out->graph, w->begin, TYPE_INT, NULL, 0);
    for (uint32_t i = 0; i < m.o.p->steps.count && !m.out->failed; i++) {
        put_step(&m, &m.o.p->steps.at[i]);
        follow(&m.o, &m.o.p->steps.at[i]);
    }
    free(m.o.is_entry);
    return !m.out->failed && !m.out->graph->failed;
}
