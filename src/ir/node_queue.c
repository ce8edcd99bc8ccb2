#include "ir/node_queue.h"

static bool lengthen(struct node_queue *queue, int level, size_t wanted) {
    uint64_t none = 0;
    while (queue->levels[level].count <= wanted) {
        if (LARGE_PUSH(&queue->levels[level], none)) continue;
        queue->failed = true;
        return false;
    }
    return true;
}

/* The highest level first: a word is there only where all above it are, which know what it has. */
static bool make_room(struct node_queue *queue, uint32_t node) {
    size_t words[NODE_QUEUE_LEVELS] = {node / 64};
    for (int level = 1; level < NODE_QUEUE_LEVELS; level++) words[level] = words[level - 1] / 64;
    for (int level = NODE_QUEUE_LEVELS; level-- > 0;)
        if (!lengthen(queue, level, words[level])) return false;
    return true;
}

bool node_queue_begin_word(struct node_queue *queue, uint32_t node) {
    size_t at = node;
    if (node / 64 >= queue->levels[0].count && !make_room(queue, node)) return false;
    for (int level = 0; level < NODE_QUEUE_LEVELS; level++) {
        size_t word = at / 64;
        uint64_t before = queue->levels[level].at[word];
        queue->levels[level].at[word] = before | (uint64_t)1 << at % 64;
        if (before) break; /* which the levels above know */
        at = word;
    }
    if (node / 64 > queue->latest) queue->latest = node / 64;
    return true;
}

void node_queue_end_word(struct node_queue *queue) {
    size_t at = queue->latest;
    for (int level = 1; level < NODE_QUEUE_LEVELS; level++, at /= 64)
        if (queue->levels[level].at[at / 64] &= ~((uint64_t)1 << at % 64)) break;
}

uint32_t node_queue_find(struct node_queue *queue) {
    size_t at = 0;
    if (!queue->levels[NODE_QUEUE_LEVELS - 1].count) return 0;
    for (int level = NODE_QUEUE_LEVELS; level-- > 1;) {
        uint64_t word = queue->levels[level].at[at];
        if (!word) return 0;
        at = at * 64 + (size_t)(63 - __builtin_clzll(word));
    }
    queue->latest = at;
    return node_queue_take(queue);
}

void node_queue_release(struct node_queue *queue) {
    for (int level = 0; level < NODE_QUEUE_LEVELS; level++) LARGE_FREE(&queue->levels[level]);
    *queue = (struct node_queue){.failed = false};
}
