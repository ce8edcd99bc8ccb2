/* Writing code out of order: lists of instructions, scopes, and what each value's register is.
 *
 * While a loop is being written, values may still be added before it: every loop body is a list of its own,
 * joined to the list around it when it is closed. Registers are numbers of drafts until writer_finish. */
#ifndef GRADC_SCHEDULE_WRITER_H
#define GRADC_SCHEDULE_WRITER_H

#include "schedule/code.h"
#include "schedule/values.h"

typedef uint32_t draft_id; /* 0: none */

struct draft {
    struct instruction instruction;
    draft_id next;
};

struct draft_list {
    draft_id head, tail;
};

/* A stretch of code in which registers set in it may be used. */
struct scope {
    uint32_t parent;
    uint32_t level; /* loops around it */
    bool closed;
    bool hidden;       /* for now: it is shown again where its condition holds */
    uint32_t shadowed; /* registers of hidden scopes that it replaces; 0: none */
};

/* The register that a value has where the scope is closed or hidden; where a hidden one is, its own. */
struct shadowed {
    value_id value;
    draft_id set;
    uint32_t set_in, next;
};

struct writer {
    const struct values *values;
    VEC(struct draft) drafts;
    VEC(struct scope) scopes;      /* [0]: the whole program */
    VEC(struct shadowed) shadowed; /* [0] unused */
    struct draft_list constants;
    draft_id *set; /* by value */
    uint32_t *set_in;
    uint32_t scope;          /* the current one */
    struct draft_list *list; /* the current one */
    bool failed;
};

bool writer_init(struct writer *w, const struct values *values);
void writer_release(struct writer *w);

/* Makes an instruction without a place yet. */
draft_id writer_draft(struct writer *w, struct instruction instruction);
/* Adds an instruction at the end of the current list. */
draft_id writer_add(struct writer *w, struct instruction instruction);
void writer_join(struct writer *w, struct draft_list *to, const struct draft_list *from);
void writer_link(struct writer *w, struct draft_list *to, draft_id id);

void writer_open(struct writer *w, uint32_t level);
void writer_close(struct writer *w);
/* A scope within the current one that is hidden at first. Those that are shown nest. */
uint32_t writer_hidden_scope(struct writer *w);
void writer_show(struct writer *w, uint32_t scope);
void writer_hide(struct writer *w, uint32_t scope);
/* The value's register from now on, in the current scope. */
void writer_set(struct writer *w, value_id v, draft_id id);
/* Whether the value's register may still be used; constants always have one. */
bool writer_knows(const struct writer *w, value_id v);
/* The register of a known value or a constant. */
draft_id writer_get(struct writer *w, value_id v);
/* 0 or false of a type. */
draft_id writer_zero(struct writer *w, enum value_type type);

/* Puts the list in order: instructions by place, with their partners. */
bool writer_finish(struct writer *w, const struct draft_list *list, struct code *code);

#endif
