#include <math.h>
#include <stdlib.h>

#include "check/proof_state.h"

/* Larger arrays are summarised; so many elements are joined one by one. */
enum { MOST_CELLS = 300000, MOST_JOINED = 64 };

static const struct interval no_integer = {INT64_MAX, INT64_MIN};
static const struct interval any_integer = {INT64_MIN, INT64_MAX};

static struct interval join(struct interval a, struct interval b) {
    return (struct interval){a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

struct cell cell_empty(void) {
    return (struct cell){.real = range_empty(), .integer = no_integer};
}

struct cell cell_join(struct cell a, struct cell b) {
    return (struct cell){range_hull(a.real, b.real), join(a.integer, b.integer), a.logged};
}

/* ---- Inputs ---- */

static const struct check_block *unknown_of(const struct proving *s, array_id array) {
    const struct subject *subject = s->request->subject;
    for (size_t k = 0; k < subject->unknown_blocks; k++)
        if (subject->unknowns[k].array == array) return &subject->unknowns[k];
    return NULL;
}

static struct cell input_cell(const struct proving *s, array_id array, size_t element) {
    const struct array *a = program_array_at(s->program, array);
    const struct bound_array *bound = &s->binding.arrays[array];
    struct cell cell = {.real = range_everything(), .integer = any_integer};
    if (a->role == ROLE_UNKNOWN) {
        size_t k = unknown_of(s, array)->offset + element;
        cell.real = range_of(s->request->lower[k], s->request->upper[k]);
    } else if (bound->at.real && a->type == TYPE_INT) {
        cell.integer = (struct interval){bound->at.integer[element], bound->at.integer[element]};
    } else if (bound->at.real && a->role != ROLE_SEED && a->role != ROLE_DIRECTION) {
        cell.real = range_point(bound->at.real[element]);
    }
    return cell;
}

static struct cell whole_input(struct proving *s, array_id array) {
    struct store *store = &s->stores[array];
    if (store->all_known) return store->all;
    store->all = cell_empty();
    for (size_t k = 0; k < s->binding.arrays[array].count; k++)
        store->all = cell_join(store->all, input_cell(s, array, k));
    store->all_known = true;
    return store->all;
}

/* ---- Elements ---- */

/* The place of a subscript within a dimension, as an interval from 0; empty: outside. */
static struct interval place_of(const struct proving *s, array_id array, uint32_t k, node_id subscript) {
    const struct array *a = program_array_at(s->program, array);
    const struct bound_array *bound = &s->binding.arrays[array];
    struct interval at = s->values[subscript].integer;
    struct interval lower = s->moving[array] ? s->values[a->dims[k].lower].integer
                                             : (struct interval){bound->lower[k], bound->lower[k]};
    int64_t low, high, last = bound->extent[k] - 1;
    if (__builtin_sub_overflow(at.low, lower.high, &low) || low < 0) low = 0;
    if (__builtin_sub_overflow(at.high, lower.low, &high) || high > last) high = last;
    return (struct interval){low, high};
}

/* Calls visit for every element that may be meant; false where they are too many. */
static bool each_element(const struct proving *s, array_id array, const node_id *subscripts, void *context,
                         void (*visit)(void *context, size_t element)) {
    const struct bound_array *bound = &s->binding.arrays[array];
    uint32_t rank = program_array_at(s->program, array)->rank;
    struct interval places[8];
    int64_t at[8];
    double count = 1;
    if (rank > 8) return false;
    for (uint32_t k = 0; k < rank; k++) {
        places[k] = place_of(s, array, k, subscripts[k]);
        at[k] = places[k].low;
        count *= places[k].high < places[k].low ? 0 : (double)(places[k].high - places[k].low) + 1;
    }
    if (count > MOST_JOINED) return false;
    while (count-- > 0) {
        size_t element = 0;
        for (uint32_t k = 0; k < rank; k++) element = element * (size_t)bound->extent[k] + (size_t)at[k];
        visit(context, element);
        for (uint32_t k = rank; k-- > 0;) {
            if (++at[k] <= places[k].high) break;
            at[k] = places[k].low;
        }
    }
    return true;
}

struct reader {
    struct proving *s;
    array_id array;
    struct cell result;
};

static void read_element(void *context, size_t element) {
    struct reader *r = context;
    const struct store *store = &r->s->stores[r->array];
    bool input = role_is_input(program_array_at(r->s->program, r->array)->role);
    struct cell cell = input          ? input_cell(r->s, r->array, element)
                       : store->cells ? store->cells[element]
                                      : cell_empty();
    r->result = cell_join(r->result, cell);
}

struct cell proving_read(struct proving *s, array_id array, const node_id *subscripts) {
    struct reader reader = {s, array, cell_empty()};
    const struct store *store = &s->stores[array];
    bool input = role_is_input(program_array_at(s->program, array)->role);
    if (store->summarised) return store->cells ? store->cells[0] : cell_empty();
    if (each_element(s, array, subscripts, &reader, read_element)) return reader.result;
    return input ? whole_input(s, array) : store->cells ? store->all : cell_empty();
}

/* ---- Writing ---- */

static bool make_cells(struct proving *s, array_id array) {
    struct store *store = &s->stores[array];
    if (store->cells) return true;
    store->count = s->binding.arrays[array].count;
    store->summarised = store->count > MOST_CELLS;
    if (store->summarised) store->count = 1;
    store->cells = malloc((store->count + 1) * sizeof *store->cells);
    for (size_t k = 0; store->cells && k < store->count; k++) store->cells[k] = cell_empty();
    store->all = cell_empty();
    if (!store->cells) s->exhausted = true;
    return store->cells != NULL;
}

/* Notes what an element was before the undecided body around the step. */
static void note_before(struct proving *s, array_id array, size_t element) {
    struct cell *cell = &s->stores[array].cells[element];
    struct undo undo = {array, element, *cell};
    if (cell->logged == s->body) return;
    if (!VEC_PUSH(&s->undos, undo)) s->exhausted = true;
    cell->logged = s->body;
}

size_t proving_enter_body(struct proving *s) {
    s->body = ++s->bodies;
    return s->undos.count;
}

/* What the outer body has not noted itself it takes over. */
void proving_leave_body(struct proving *s, size_t first_undo, uint32_t outer) {
    size_t kept = first_undo;
    for (size_t k = first_undo; k < s->undos.count; k++) {
        struct undo undo = s->undos.at[k];
        struct cell *cell = &s->stores[undo.array].cells[undo.element];
        *cell = cell_join(*cell, undo.before);
        bool known = outer == 0 || undo.before.logged == outer;
        cell->logged = known ? undo.before.logged : outer;
        if (!known) s->undos.at[kept++] = undo;
    }
    s->undos.count = kept;
    s->body = outer;
}

struct writer {
    struct proving *s;
    const struct step *step;
    struct cell value;
    bool single; /* the element is sure to be the one that is written */
    double least, most;
    bool again; /* it was added to in an earlier round already */
};

/* How often the step stands for a write since the array was cleared. */
static void count_writes(struct writer *w) {
    const struct proving *s = w->s;
    uint32_t cleared = s->stores[w->step->array].cleared;
    w->least = w->most = 1;
    for (size_t k = 0; k < s->loops.count; k++) {
        const struct at_once *loop = &s->loops.at[k];
        if (loop->began < cleared) continue;
        w->least *= loop->least;
        w->most *= loop->most;
        w->again |= loop->round > 1;
    }
    if (!w->single) w->least = 0;
}

/* A sum that goes on: only in which direction is known. */
static struct range drift(struct range old, struct range value) {
    struct range result = old;
    if (value.low < 0) result.low = -HUGE_VAL, result.low_open = true;
    if (value.high > 0) result.high = HUGE_VAL, result.high_open = true;
    return result;
}

static struct range new_real(const struct writer *w, struct range old) {
    struct range value = w->value.real;
    switch (w->step->op) {
    case UPDATE_SET: return w->single ? value : range_hull(old, value);
    case UPDATE_ADD:
        if (range_is_empty(old) || range_is_empty(value)) return old;
        return w->again ? drift(old, value) : range_add(old, range_times(value, w->least, w->most));
    case UPDATE_MAX: value = range_max(old, value); break;
    case UPDATE_MIN: value = range_min(old, value); break;
    }
    return w->single ? value : range_hull(old, value);
}

static struct interval new_integer(const struct writer *w, struct interval old) {
    struct interval value = w->value.integer;
    if (w->step->op == UPDATE_SET) return w->single ? value : join(old, value);
    if (w->step->op != UPDATE_ADD || w->most > 1 || w->again) return any_integer;
    struct interval sum = interval_operation(OP_IADD, old, value);
    return w->single ? sum : join(old, sum);
}

/* Ends that have moved go all the way. */
static struct range widen(struct range old, struct range value) {
    if (range_is_empty(old)) return value;
    if (value.low < old.low) value.low = -HUGE_VAL, value.low_open = true;
    if (value.high > old.high) value.high = HUGE_VAL, value.high_open = true;
    return value;
}

static bool same_cell(struct cell a, struct cell b) {
    return range_equal(a.real, b.real) && a.integer.low == b.integer.low && a.integer.high == b.integer.high;
}

static unsigned present_round(const struct proving *s) {
    unsigned round = 0;
    for (size_t k = 0; k < s->loops.count; k++)
        if (s->loops.at[k].round > round) round = s->loops.at[k].round;
    return round;
}

/* What is set anew in every round needs no widening, and says nothing of whether the round was new. */
static void write_element(void *context, size_t element) {
    struct writer *w = context;
    struct proving *s = w->s;
    struct store *store = &s->stores[w->step->array];
    struct cell *cell = &store->cells[element], value = *cell;
    bool lasting = !w->single || (w->step->op != UPDATE_SET && w->again), late = present_round(s) > 2;
    if (s->body) note_before(s, w->step->array, element);
    value.logged = cell->logged;
    if (program_array_at(s->program, w->step->array)->type == TYPE_INT) {
        value.integer = new_integer(w, cell->integer);
        if (lasting && late && !same_cell(*cell, value)) value.integer = any_integer;
    } else {
        value.real = new_real(w, cell->real);
        if (lasting && late) value.real = widen(cell->real, value.real);
    }
    s->changed |= lasting && !same_cell(*cell, value);
    *cell = value;
    store->all = cell_join(store->all, value);
}

static void count_element(void *context, size_t element) {
    (void)element;
    ++*(size_t *)context;
}

void proving_write(struct proving *s, const struct step *step) {
    const node_id *subscripts = step_subscripts(s->program, step);
    size_t count = 0;
    if (!make_cells(s, step->array)) return;
    struct store *store = &s->stores[step->array];
    bool few = !store->summarised && each_element(s, step->array, subscripts, &count, count_element);
    struct writer writer = {
        .s = s, .step = step, .value = s->values[step->value], .single = few && count == 1};
    count_writes(&writer);
    if (few) {
        each_element(s, step->array, subscripts, &writer, write_element);
        return;
    }
    for (size_t k = 0; k < store->count; k++) write_element(&writer, k);
}

void proving_clear(struct proving *s, const struct step *step) {
    if (!make_cells(s, step->array)) return;
    struct store *store = &s->stores[step->array];
    struct cell value = s->values[step->value];
    if (program_array_at(s->program, step->array)->type == TYPE_INT)
        value.real = range_empty();
    else
        value.integer = no_integer;
    for (size_t k = 0; k < store->count; k++) {
        if (s->body) note_before(s, step->array, k);
        value.logged = store->cells[k].logged;
        store->cells[k] = value;
    }
    store->all = cell_join(store->all, value);
    store->cleared = s->epoch;
}
