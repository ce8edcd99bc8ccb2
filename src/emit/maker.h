/* A function of C while it is being made (emit/routine.c): whole, with its loops in a kernel (emit/kernel.c),
 * or cut into pieces (emit/pieces.c). */
#ifndef GRADC_EMIT_MAKER_H
#define GRADC_EMIT_MAKER_H

#include "emit/routine.h"

enum { NO_VECTOR = -1, WORKSPACE = -2, RETURNED = -3 };

/* Where an array of the program stands. */
struct seat {
    int vector;          /* place among the vectors, or one of the above */
    struct phrase place; /* of its first element there */
    size_t part;         /* of the vector */
    bool touched;
    const char *name;   /* of its pointer, or of its variable */
    const char *target; /* of the argument that says where it goes; NULL: there is none */
};

/* A sum that has a name. */
struct begin {
    const char *sum, *name;
};

struct maker {
    struct unit *u;
    struct routine *r;
    struct program program;
    struct code code;
    struct plan plan;
    struct fold fold;
    struct names names;
    struct storage *storage;
    struct seat *seats;
    struct phrase *sizes;
    bool *wanted;
    uint32_t *cells, kept, whole;
    uint32_t *own_cells; /* by array: of local scalars of cut code that one piece uses */
    struct body body;
    struct text frame;        /* fields of the structure that pieces share */
    struct text lines, setup; /* the body; what stands before it */
    struct phrase room;       /* of the arrays in the workspace */
    VEC(struct begin) begins;
    array_id *stored; /* those */
    size_t stored_count;
    const char *frame_name;
    bool uses_whole, has_kernel, failed;
};

static inline const struct phrasing *maker_phrasing(const struct maker *m) {
    return &m->body.phrasing;
}
/* The text of `form` with two holes. */
const char *maker_format(struct maker *m, const char *form, const char *a, const char *b);
/* The type of an array's elements. */
const char *maker_type(const struct maker *m, array_id a);
/* "point + 3": where an array begins. */
const char *maker_place(struct maker *m, array_id a);
/* How the vector of an array is laid out. */
enum routine_layout maker_layout(const struct maker *m, array_id a);
/* The line that it is declared in, as a comment behind it; "" where it is not known. */
const char *maker_comment(struct maker *m, array_id a);
/* A statement before the body. */
void maker_setup(struct maker *m, const char *line);
/* Notes which arguments the arrays that are marked stand in. */
void maker_note_vectors(struct maker *m);
/* Statements behind the body: what is 0 everywhere; single results, which are in variables, and what is
 * returned. */
void maker_add_zeros(struct maker *m, struct text *out);
void maker_add_results(struct maker *m, struct text *out);

/* The function with its loops in another one, whose pointers are arguments: gcc trusts `restrict` there only.
 */
bool maker_wants_kernel(const struct maker *m);
void maker_write_kernel(struct maker *m);
/* Whether the code is cut into pieces. */
static inline bool maker_is_cut(const struct maker *m) {
    return m->plan.pieces.count > 1;
}
void maker_write_pieces(struct maker *m);

#endif
