#include "check/subject.h"

bool subject_bind(const struct subject *s, struct binding *b, const struct program *p) {
    *b = (struct binding){.program = NULL};
    if (!binding_init(b, p)) return false;
    binding_share_inputs(b, s->inputs);
    for (size_t k = 0; k < s->unknown_blocks; k++)
        binding_set_real(b, s->unknowns[k].array, s->point + s->unknowns[k].offset, s->unknowns[k].count);
    return binding_allocate(b, s->diags);
}

const struct check_block *block_of(const struct check_block *blocks, size_t count, size_t at) {
    for (size_t k = 0; k < count; k++)
        if (at - blocks[k].offset < blocks[k].count) return &blocks[k];
    return NULL;
}
