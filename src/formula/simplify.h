/* Expressions as a good mathematician would write them.
 *
 * Like terms and equal factors are collected, common factors stand in front where that is shorter, quotients
 * have one fraction bar, signs stand in front. What is done holds exactly, at every point and with the same
 * domain: x/x stays where nothing else of the sum is undefined at 0. It is for reading: the order of the
 * arithmetic changes, so values are not computed this way. Each rewriting makes the expression shorter (by
 * formula/weight.h) or leads to the one form that equal ones share, so that simplifying twice changes
 * nothing. */
#ifndef GRADC_FORMULA_SIMPLIFY_H
#define GRADC_FORMULA_SIMPLIFY_H

#include "formula/condition.h"
#include "ir/node_map.h"
#include "formula/reduction.h"
#include "formula/weight.h"

/* First to the form that equal expressions share, with common factors in front; then, for show, these go back
 * into sums where that is no longer. */
enum simplifier_mode { SIMPLIFY_TO_SHARE, SIMPLIFY_TO_SHOW };

enum { DOMAIN_NONZERO = 1, DOMAIN_NOT_NEGATIVE = 2 };

struct simplifier {
    enum simplifier_mode mode;
    struct program *program;
    struct reductions *reductions; /* NULL: there are none */
    struct known *known;           /* NULL: nothing is known of sizes */
    struct weights weights;
    struct node_map users;   /* edges to a node, plus 1, of expressions that were counted */
    struct node_map images;  /* what a node becomes */
    struct node_map next;    /* what has been found for a node, but is still to be simplified itself */
    struct node_map settled; /* by reduction that has been looked at: the factor in front of its final form */
    struct node_map final;   /* and the array of that */
    struct node_map hashes;  /* by node: place in structures, plus 1 */
    VEC(struct structure) structures;
    VEC(node_id) stack;
    VEC(node_id)
    nonzero, positive;      /* what is taken to be so, for what stands around is not defined elsewhere */
    struct node_map whole;  /* long products that others share: factors that are not taken apart */
    uint64_t effort;        /* factors and terms that were looked at in tries */
    struct node_map domain; /* by base: DOMAIN_ marks, of the function that derivatives are of */
    bool failed;
};

/* Whether rewritings that may make an expression lighter are still tried, at the cost of so many factors or
 * terms: in very long expressions only like terms and factors are collected, so that the time grows with the
 * length. */
bool simplify_may_try(struct simplifier *s, size_t cost);
/* Where the function is defined, its derivatives are asked for: what it divides by is not 0 there, nor is
 * what it takes a logarithm of. What stands under conditions is left out. */
bool simplify_on_domain(struct simplifier *s, const struct program *function);
/* Counts the users of what an expression is made of, so that sums and products that stand in others only are
 * looked at once. */
bool simplify_count(struct simplifier *s, node_id root);
node_id simplify(struct simplifier *s, node_id root);
void simplifier_release(struct simplifier *s);

#endif
