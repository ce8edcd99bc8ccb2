/* Nodes that wait to be looked at: each once, users before their operands. A walk through an expression takes
 * the latest node and puts its operands in; memory is then read from one end to the other. */
#ifndef GRADC_IR_NODE_QUEUE_H
#define GRADC_IR_NODE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/large.h"

enum { NODE_QUEUE_LEVELS = 6 }; /* of 64 each: more than there can be nodes */

struct node_queue {
    LARGE(uint64_t)
    levels[NODE_QUEUE_LEVELS]; /* a bit for a node, then one for a word that has some, and so on */
    size_t latest;             /* no word of the first level behind this one has bits */
    bool failed;               /* memory was exhausted */
};

/* These do what is left where the word of the node, or the latest one, has no bits. */
bool node_queue_begin_word(struct node_queue *queue, uint32_t node);
void node_queue_end_word(struct node_queue *queue);
uint32_t node_queue_find(struct node_queue *queue);

/* Puts a node in, where it does not wait already; false where memory is exhausted. */
static inline bool node_queue_add(struct node_queue *queue, uint32_t node) {
    size_t word = node / 64;
    if (word >= queue->levels[0].count || !queue->levels[0].at[word])
        return node_queue_begin_word(queue, node);
    queue->levels[0].at[word] |= (uint64_t)1 << node % 64;
    return true;
}

/* Takes the latest node out; 0 where none waits. */
static inline uint32_t node_queue_take(struct node_queue *queue) {
    if (queue->latest >= queue->levels[0].count || !queue->levels[0].at[queue->latest])
        return node_queue_find(queue);
    uint64_t *word = &queue->levels[0].at[queue->latest];
    unsigned bit = 63 - (unsigned)__builtin_clzll(*word);
    *word &= ~((uint64_t)1 << bit);
    if (!*word) node_queue_end_word(queue);
    return (uint32_t)(queue->latest * 64 + bit);
}

void node_queue_release(struct node_queue *queue);

#endif
