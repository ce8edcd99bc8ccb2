/* What the records of a tape do. `to`, `a` and `b` are slots but where it says otherwise. */
#ifndef GRADC_EVAL_TAPE_RECORD_H
#define GRADC_EVAL_TAPE_RECORD_H

enum tape_kind {
    TAPE_ADD,
    TAPE_MUL,
    TAPE_DIV,
    TAPE_MULTIPLIED, /* a to the whole power b, multiplied out */
    TAPE_HALVES,     /* a to the power b/2 */
    TAPE_POW,
    TAPE_CALL1, /* what: the operation */
    TAPE_CALL2,
    TAPE_LOAD,   /* element b of array a */
    TAPE_UPDATE, /* element b of array `to` with a; what: the kind of update */
    TAPE_CLEAR,  /* all of array `to` becomes a */
    TAPE_LT,     /* conditions are 1 and 0 */
    TAPE_LE,
    TAPE_EQ,
    TAPE_NE,
    TAPE_AND,
    TAPE_OR,
    TAPE_NOT,
    TAPE_TEST,   /* whether a holds, for the record behind it: */
    TAPE_PICK,   /* a where it does, else b */
    TAPE_UNLESS, /* where a does not hold, the run goes on behind record b */
    TAPE_END     /* there the jump ends */
};

#endif
