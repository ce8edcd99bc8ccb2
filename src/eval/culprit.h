/* Who is to blame for a NaN or an infinity: runs a program in doubles and traces each output that is not
 * finite back, through the values that were really read, to the operation that made it of finite operands.
 *
 * Infinities written as such (the start of a minimum) are blamed only where they come to NaN. Values that no
 * output reads are never blamed. */
#ifndef GRADC_EVAL_CULPRIT_H
#define GRADC_EVAL_CULPRIT_H

#include "eval/doubles.h"

enum { CULPRIT_OPERANDS = 4 };

struct culprit {
    bool found;
    bool in_comparison; /* a NaN was compared; operation and operands are of what made the NaN */
    node_id node;       /* 0: the accumulation of a step */
    const char *operation;
    double operands[CULPRIT_OPERANDS]; /* the first of them */
    unsigned operand_count;
    bool divides_by_root; /* as the derivative of sqrt(x^2 + y^2) does at 0 */
    struct span span;
    double value; /* what came out */
    /* The loop indices around it, outermost first. */
    const char **index_names;
    long long *index_values;
    unsigned index_count;
    array_id array; /* the array that was being computed, and its element in storage */
    size_t element;
    array_id output; /* the output that is not finite (0: none, see in_comparison), and its element */
    size_t output_element;
};

/* Runs the program and looks at the outputs in the given order, elements in storage order. Names and numbers
 * of the result live in the arena of p; nodes are those of the expanded program, in the same graph. */
enum evaluation doubles_find_culprit(const struct program *p, struct binding *b, const array_id *outputs,
                                     size_t output_count, struct culprit *culprit, struct diag_list *diags);

/* The same for the first NaN in one of these comparisons of p's graph; outputs do not matter. Gives up,
 * having found nothing, after about `most` operations; 0: never. */
enum evaluation doubles_find_compared(const struct program *p, struct binding *b, const node_id *comparisons,
                                      size_t count, size_t most, struct culprit *culprit,
                                      struct diag_list *diags);

/* Adds the error "domain-error" with its facts; `in` names the output ("objective", "d/dx[3]"). */
void culprit_report(const struct culprit *culprit, const char *in, struct diag_list *diags);
/* Adds the warning "compared-nan", likewise. */
void culprit_warn(const struct culprit *culprit, const char *in, struct diag_list *diags);

#endif
