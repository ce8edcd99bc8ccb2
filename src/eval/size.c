#include "eval/size.h"

#include <stdlib.h>

#include "support/bits.h"

/* Users stand behind their operands, so that one walk from the last node to the first marks all. */
static size_t mark_operands(const struct graph *g, uint64_t *marked, size_t count) {
    size_t found = 0;
    for (size_t n = count; n-- > 1;) {
        if (!bits_get(marked, n)) continue;
        const node_id *operands = node_operands(g, (node_id)n);
        for (uint32_t k = 0; k < node_count(g, (node_id)n); k++) bits_set(marked, operands[k]);
        found++;
    }
    return found;
}

static void mark_roots(const struct program *p, uint64_t *marked) {
    for (size_t at = 0; at < p->steps.count; at++) {
        const struct step *s = &p->steps.at[at];
        const node_id roots[] = {s->value, s->lower, s->upper, s->by, s->condition};
        for (size_t k = 0; k < sizeof roots / sizeof roots[0]; k++) bits_set(marked, roots[k]);
        uint32_t rank = s->kind == STEP_UPDATE ? program_array_at(p, s->array)->rank : 0;
        for (uint32_t k = 0; k < rank; k++) bits_set(marked, step_subscripts(p, s)[k]);
    }
}

size_t program_node_count(const struct program *p) {
    size_t count = graph_count(p->graph);
    uint64_t *marked = calloc(bits_words(count), sizeof *marked);
    if (!marked) return 0;
    mark_roots(p, marked);
    size_t found = mark_operands(p->graph, marked, count);
    free(marked);
    return found;
}
