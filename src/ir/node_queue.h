/* Nodes that wait to be looked at: each once, users before their operands. A walk through an expression takes
 * the latest node and puts its operands in; memory is then read from one end to the other. */
#ifndef GRADC_IR_NODE_QUEUE_H
#define GRADC_IR_NODE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NODE_QUEUE_LEVELS = 6 }; /* of 64 each: more than there can be nodes */

struct node_queue {
    uint64_t *words[NODE_QUEUE_LEVELS]; /* a bit for a node, then a bit for a word that has some, and so on */
    size_t sizes[NODE_QUEUE_LEVELS];
    bool failed; /* memory was exhausted */
};

/* Puts a node in, where it does not wait already; false where memory is exhausted. */
bool node_queue_add(struct node_queue *queue, uint32_t node);
/* Takes the latest node out; 0 where none waits. */
uint32_t node_queue_take(struct node_queue *queue);
void node_queue_release(struct node_queue *queue);

#endif
