#include "ir/node_queue.h"

#include <string.h>

#include "support/large.h"

enum { LEAST_WORDS = 8 };

static bool lengthen(struct node_queue *queue, int level, size_t wanted) {
    size_t size = queue->sizes[level], longer = size ? 2 * size : LEAST_WORDS;
    while (longer <= wanted) longer *= 2;
    uint64_t *words = large_new(longer, sizeof *words);
    if (!words) {
        queue->failed = true;
        return false;
    }
    if (size) memcpy(words, queue->words[level], size * sizeof *words);
    large_free(queue->words[level], size, sizeof *words);
    queue->words[level] = words;
    queue->sizes[level] = longer;
    return true;
}

bool node_queue_add(struct node_queue *queue, uint32_t node) {
    size_t at = node;
    for (int level = 0; level < NODE_QUEUE_LEVELS; level++) {
        size_t word = at / 64;
        if (word >= queue->sizes[level] && !lengthen(queue, level, word)) return false;
        uint64_t before = queue->words[level][word];
        queue->words[level][word] = before | (uint64_t)1 << at % 64;
        if (before) return true; /* which the levels above know */
        at = word;
    }
    return true;
}

uint32_t node_queue_take(struct node_queue *queue) {
    size_t at = 0;
    if (!queue->sizes[NODE_QUEUE_LEVELS - 1]) return 0;
    for (int level = NODE_QUEUE_LEVELS; level-- > 0;) {
        uint64_t word = queue->words[level][at];
        if (!word) return 0;
        at = at * 64 + (size_t)(63 - __builtin_clzll(word));
    }
    size_t bit = at;
    for (int level = 0; level < NODE_QUEUE_LEVELS; level++, bit /= 64)
        if (queue->words[level][bit / 64] &= ~((uint64_t)1 << bit % 64)) break;
    return (uint32_t)at;
}

void node_queue_release(struct node_queue *queue) {
    for (int level = 0; level < NODE_QUEUE_LEVELS; level++)
        large_free(queue->words[level], queue->sizes[level], sizeof *queue->words[level]);
    *queue = (struct node_queue){.failed = false};
}
