#include "differential/derived.h"

#include "diff/tangent.h"
#include "eval/doubles.h"

bool derived_bind(struct derived *d, struct comparison *c) {
    return comparison_bind(c, &d->at_interpreter, &d->program) &&
           comparison_bind(c, &d->at_native, &d->program);
}

void derived_plant(struct derived *d, array_id array, size_t element, double value) {
    if (!array || element >= d->at_interpreter.arrays[array].count) return;
    d->at_interpreter.arrays[array].at.real[element] = value;
    d->at_native.arrays[array].at.real[element] = value;
}

void derived_plant_direction(struct derived *d, const struct comparison *c, const double *direction) {
    const struct model *m = c->model;
    for (size_t k = 0; k < m->unknowns.count; k++) {
        const struct model_unknown *u = &m->unknowns.at[k];
        array_id input = tangent_direction(&d->program, u->shape.array);
        for (size_t e = 0; e < u->shape.count; e++) derived_plant(d, input, e, direction[u->offset + e]);
    }
}

bool derived_run(struct derived *d, struct comparison *c) {
    if (doubles_run(&d->program, &d->at_interpreter, &c->model->diags) != EVALUATED) return false;
    if (c->how.level < 0) return true;
    struct kernel_options options = {.level = c->how.level};
    d->kernel = kernel_compile(&d->program, &options, NULL, &c->model->diags);
    if (!d->kernel) return false;
    d->kernel->run(d->at_native.slots);
    return true;
}

void derived_compare_bits(const struct derived *d, struct comparison *c, array_id array) {
    for (size_t e = 0; d->kernel && array && e < d->at_native.arrays[array].count; e++) {
        double native = d->at_native.arrays[array].at.real[e];
        double interpreted = d->at_interpreter.arrays[array].at.real[e];
        if (!same_bits(native, interpreted))
            comparison_differs(c, "native code and interpreter differ in a derived program",
                               d->program.arrays.at[array].name, e, native, interpreted);
    }
}

void derived_compare_reference(const struct derived *d, struct comparison *c, const struct reference *r,
                               array_id array) {
    for (size_t e = 0; array && e < d->at_interpreter.arrays[array].count; e++) {
        double got = d->at_interpreter.arrays[array].at.real[e], exact = reference_value(r, array, e);
        if (!comparison_is_exact(got, exact, reference_error(r, array, e)))
            comparison_differs(c, "a derivative is less exact than it should be",
                               d->program.arrays.at[array].name, e, got, exact);
    }
}

void derived_release(struct derived *d) {
    if (d->kernel) kernel_free(d->kernel);
    binding_release(&d->at_interpreter);
    binding_release(&d->at_native);
    program_release(&d->program);
}
