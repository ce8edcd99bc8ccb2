#include "schedule/code.h"

bool code_is_local(const struct program *p, array_id a) {
    const struct array *array = program_array_at(p, a);
    return array->rank == 0 && !role_is_input(array->role) && !role_is_output(array->role);
}

void code_release(struct code *code) {
    VEC_FREE(&code->instructions);
}
