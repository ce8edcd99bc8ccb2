/* A program made ready to run at points: its values, and the code or the interpreter that computes them. */
#ifndef GRADC_API_RUNNER_H
#define GRADC_API_RUNNER_H

#include <gradc/gradc.h>
#include <math.h>

#include "api/team.h"
#include "eval/binding.h"
#include "eval/doubles.h"
#include "eval/tape.h"
#include "jit/kernel.h"
#include "sema/model.h"

/* Where an unknown and its derivatives stand: arrays (0: none), and the offset in the point. */
struct loan {
    array_id input, output;
    size_t offset;
};

/* What there is to do where a kernel runs again on the memory of the caller that it has been given: for short
 * formulas, finding out takes longer. */
struct rerun {
    kernel_function run; /* NULL: it cannot */
    void *const *slots;
    const double *value; /* where it stands */
    const double *sum;   /* likewise, what tells with the value whether all is finite; NaN: nothing tells */
};

struct runner {
    struct program program;
    struct binding binding;
    /* What the kernel runs, where it need not keep the order of the program; arrays of both are shared. */
    struct program lowered;
    struct binding at_lowered;
    /* Where there is no kernel, the interpreters: of programs without loops, and of all others. */
    struct tape tape;
    struct doubles doubles;
    struct kernel *kernel;
    double patience;               /* in how many runs the tape gives way to a kernel; infinite: never */
    struct kernel_options options; /* of the kernel, or of that which may be made later */
    struct gradc_model *owner;
    unsigned threads;    /* that may share its loops */
    struct team *team;   /* they; NULL: the kernel runs alone */
    double *scratch;     /* of the kernel, where it needs memory */
    array_id *gradients; /* by unknown: the array of its derivatives, 0: none; made with the binding */
    struct loan *loans;  /* by unknown; made with the binding */
    size_t loan_count;
    const double *lent_point; /* what the kernel reads in place of arrays of the runner; NULL: those */
    double *lent_gradient;    /* and writes */
    struct rerun rerun;
    bool fills_gradient; /* there is an array of derivatives for each unknown */
    bool checks;         /* asked for before it is prepared: whether gradients are finite shows in a sum */
    array_id checked;    /* likewise: an array that is checked in their place; 0: none */
    array_id checksum;   /* of the lowered program: that sum; 0: none is formed */
    bool has_program, has_binding, has_lowered, has_tape, has_doubles;
    bool is_lowered; /* the program has been lowered already */
    bool is_shared;  /* program, code and gradients belong to another runner */
    bool ready;
};

/* Prepares the program of an input that waits, to be run once: it sets the elements where they belong. Takes
 * the program over. */
enum gradc_outcome runner_prepare_input(struct runner *r, struct model *model, struct model_input *input);
/* Binds the program, which has been made already: inputs of the model, the unknowns at `point`. */
enum gradc_outcome runner_prepare(struct runner *r, struct gradc_model *owner, double *point,
                                  const struct gradc_evaluator_options *options);
/* The same without anything to run it by, for searches. */
enum gradc_outcome runner_bind(struct runner *r, struct gradc_model *owner, double *point);
/* What is left of runner_prepare after that: inputs of its own may be set before. */
enum gradc_outcome runner_compile(struct runner *r, struct gradc_model *owner,
                                  const struct gradc_evaluator_options *options);
/* A runner of the same native code with memory of its own, which other threads may use at the same time; the
 * unknowns are at `point`. The first one must not change while there are such. False where memory is
 * exhausted. */
bool runner_share(struct runner *r, const struct runner *from, double *point);
enum gradc_outcome runner_run(struct runner *r);
/* Where there is a kernel: runs it on the caller's point and, where it is not NULL, gradient, for copies may
 * take as long as a short formula. Derivatives that are 0 everywhere are not written. */
void runner_run_at(struct runner *r, const double *point, double *gradient);
/* Notes what there is to do where that is asked for once more, for the array of the value. */
void runner_note_rerun(struct runner *r, array_id value);
/* The binding whose slots native code takes; NULL where there is none. */
struct binding *runner_native(struct runner *r);
void runner_release(struct runner *r);
/* The elements of an array after a run. */
static inline const double *runner_values(const struct runner *r, array_id array) {
    return array && r->has_binding ? r->binding.arrays[array].at.real : NULL;
}
bool runner_is_finite(const struct runner *r, array_id array);
/* Whether all that is checked is known to be finite after a run; false says nothing. */
static inline bool runner_is_known_finite(const struct runner *r) {
    return r->checksum && isfinite(*r->at_lowered.arrays[r->checksum].at.real);
}
/* Whether runner_note_rerun has been called for this memory. */
static inline bool runner_can_rerun(const struct runner *r, const double *point, const double *gradient) {
    return r->rerun.run && r->lent_point == point && r->lent_gradient == gradient;
}

#endif
