#include "emit/measure.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "emit/sizes.h"
#include "schedule/schedule.h"

/* ---- Inputs ---- */

bool name_inputs(const struct unit *u, const struct program *p, struct names *names,
                 struct storage *storage) {
    for (array_id a = 1; a < p->arrays.count; a++) {
        const struct array *array = &p->arrays.at[a];
        if (!unit_is_input(p, a)) continue;
        storage[a].kind = array->rank ? HELD_ARRAY : HELD_SINGLE;
        storage[a].name = u->frozen && array->rank ? u->fields[a] : names_take(names, u->fields[a]);
    }
    return !names->failed;
}

static void add_frozen_value(struct unit *u, array_id a, struct text *out) {
    const struct phrasing p = {u->arena, u->single};
    const struct bound_array *bound = &u->binding->arrays[a];
    bool integer = u->model->arrays.at[a].type == TYPE_INT;
    struct phrase value = integer ? phrase_integer(&p, *bound->at.integer) : phrase_real(&p, *bound->at.real);
    text_add(out, phrase_signed(&p, value).text);
}

void declare_inputs(struct unit *u, const struct program *p, const struct storage *storage, const char *from,
                    unsigned depth, struct text *out, bool *uses_inputs) {
    for (array_id a = 1; a < u->input_count; a++) {
        const struct array *array = &p->arrays.at[a];
        if (!unit_is_input(p, a) || !storage[a].read) continue;
        u->used[a] = true;
        if (u->frozen && array->rank) continue;
        *uses_inputs |= !u->frozen;
        for (unsigned k = 0; k < depth; k++) text_add(out, "    ");
        const char *type = array->type == TYPE_INT ? "int64_t" : unit_real(u);
        text_addf(out, array->rank ? "const %s *const %s = " : "const %s %s = ", type, storage[a].name);
        if (u->frozen)
            add_frozen_value(u, a, out);
        else
            text_addf(out, "%s%s", from, u->fields[a]);
        text_add(out, ";\n");
    }
}

/* ---- Sizes ---- */

struct sized {
    array_id array, size;
    node_id count; /* 0: its bounds move */
};

struct sizing {
    struct measure *m;
    struct program program;
    VEC(struct sized) all;
};

/* The sizes that are to be computed; those of equal shapes are one. */
static bool collect(struct sizing *s) {
    const struct program *p = s->m->program;
    for (array_id a = 1; a < p->arrays.count; a++) {
        if (!s->m->wanted[a]) continue;
        size_t first = s->program.steps.count;
        struct sized sized = {a, sizes_add(&s->program, p, a), 0};
        if (!sized.size) return false;
        if (s->program.steps.count == first + 1) sized.count = s->program.steps.at[first].value;
        for (size_t k = 0; sized.count && k < s->all.count; k++) {
            if (s->all.at[k].count != sized.count) continue;
            sized.size = s->all.at[k].size;
            s->program.steps.count = first;
            break;
        }
        if (!VEC_PUSH(&s->all, sized)) return false;
    }
    return true;
}

static struct storage *give_storage(struct sizing *s) {
    struct measure *m = s->m;
    struct storage *storage = calloc(s->program.arrays.count, sizeof *storage);
    if (storage) memcpy(storage, m->storage, m->program->arrays.count * sizeof *storage);
    for (size_t k = 0; storage && k < s->all.count; k++) {
        const struct sized *sized = &s->all.at[k];
        struct storage *size = &storage[sized->size];
        if (size->kind != HELD_NOT) continue;
        const char *name = m->program->arrays.at[sized->array].name;
        size->value_name = arena_format(m->unit->arena, "%s_size", name ? name : "array");
        size->kind = sized->count ? HELD_CONSTANT : HELD_VARIABLE;
        if (!sized->count) size->name = names_take(m->names, size->value_name);
    }
    return storage;
}

static bool write_code(struct sizing *s, struct storage *storage) {
    static const struct plan_limits whole = {.longest_sequence = UINT32_MAX, .piece_length = UINT32_MAX};
    struct measure *m = s->m;
    struct code code = {0};
    struct plan plan = {0};
    struct fold fold = {0};
    bool good = schedule_program(&code, &s->program, m->unit->diags);
    struct body body = {.code = &code,
                        .plan = &plan,
                        .fold = &fold,
                        .storage = storage,
                        .names = m->names,
                        .needs = &m->unit->needs,
                        .phrasing = m->phrasing,
                        .name = "",
                        .out = m->out,
                        .depth = 1};
    body.phrases = good ? calloc(code.instructions.count, sizeof *body.phrases) : NULL;
    bool made = body.phrases && plan_make(&plan, &code, &whole) && fold_make(&fold, &code, &plan) &&
                body_place_variables(&code, &fold, storage);
    if (made) body_write(&body, 0);
    if (good && !made) unit_out_of_memory(m->unit);
    free(body.phrases);
    VEC_FREE(&body.scopes);
    fold_release(&fold);
    plan_release(&plan);
    code_release(&code);
    return made;
}

static bool measure_by_code(struct measure *m) {
    struct sizing s = {.m = m};
    program_like(&s.program, m->program);
    bool good = collect(&s);
    struct storage *storage = good ? give_storage(&s) : NULL;
    if (!storage) unit_out_of_memory(m->unit);
    good = storage && write_code(&s, storage);
    for (size_t k = 0; good && k < s.all.count; k++) {
        const char *name = storage[s.all.at[k].size].name;
        m->sizes[s.all.at[k].array] = phrase_name(name);
        bool sum = strpbrk(name, " ") != NULL;
        if (sum) m->sizes[s.all.at[k].array].level = LEVEL_SUM;
    }
    for (array_id a = 1; good && a < m->program->arrays.count; a++) m->storage[a].read |= storage[a].read;
    free(storage);
    VEC_FREE(&s.all);
    program_release(&s.program);
    return good;
}

bool elements_here(const struct program *p, const struct binding *b, array_id a, size_t *count,
                   struct diag_list *diags) {
    const struct array *array = &p->arrays.at[a];
    *count = b->arrays[a].count;
    if (!array->unused) return true;
    *count = 1;
    for (uint32_t k = 0; k < array->rank; k++) {
        int64_t lower, upper;
        if (!binding_integer(b, array->dims[k].lower, &lower, diags) ||
            !binding_integer(b, array->dims[k].upper, &upper, diags))
            return false;
        *count *= upper < lower ? 0 : (size_t)(upper - lower + 1);
    }
    return true;
}

/* Where params and tables are constants, so are sizes. */
static bool measure_by_binding(struct measure *m) {
    struct binding b;
    bool good = binding_init(&b, m->program);
    if (!good) return unit_out_of_memory(m->unit);
    binding_share_inputs(&b, m->unit->binding);
    good = binding_allocate(&b, m->unit->diags);
    for (array_id a = 1; good && a < m->program->arrays.count; a++) {
        size_t count;
        if (!m->wanted[a]) continue;
        good = elements_here(m->program, &b, a, &count, m->unit->diags);
        if (good) m->sizes[a] = phrase_integer(&m->phrasing, (int64_t)count);
    }
    binding_release(&b);
    return good;
}

bool measure_write(struct measure *m) {
    bool some = false;
    for (array_id a = 1; a < m->program->arrays.count; a++) {
        some |= m->wanted[a] && m->program->arrays.at[a].rank > 0;
        if (m->program->arrays.at[a].rank == 0) m->sizes[a] = phrase_integer(&m->phrasing, 1);
    }
    if (!some) return true;
    return m->unit->frozen ? measure_by_binding(m) : measure_by_code(m);
}

/* ---- Sums ---- */

static bool read_number(const char *text, size_t *value) {
    char *end;
    if (strncmp(text, "INT64_C(", 8) == 0) text += 8;
    if (!isdigit((unsigned char)*text)) return false;
    *value = (size_t)strtoull(text, &end, 10);
    return *end == '\0' || strcmp(end, ")") == 0;
}

void tally_sum_add(const struct phrasing *p, struct tally_sum *sum, struct phrase size) {
    size_t number;
    if (read_number(size.text, &number))
        sum->number += number;
    else
        sum->rest = sum->rest.text ? phrase_sum(p, sum->rest, size) : size;
}

struct phrase tally_sum_phrase(const struct phrasing *p, const struct tally_sum *sum) {
    struct phrase number = phrase_integer(p, (int64_t)sum->number);
    if (!sum->rest.text) return number;
    return sum->number ? phrase_sum(p, sum->rest, number) : sum->rest;
}

/* ---- Tallies ---- */

struct tallying {
    struct measure measure;
    struct names names;
    struct text sizes, inputs;
    bool *wanted;
};

static bool prepare(struct tallying *t, struct unit *u, const struct program *p, const array_id *arrays,
                    size_t count) {
    names_init(&t->names, u->arena, u->prefix);
    names_reserve(&t->names, "inputs");
    names_reserve(&t->names, "begins");
    t->wanted = calloc(p->arrays.count, sizeof *t->wanted);
    t->measure = (struct measure){.unit = u,
                                  .program = p,
                                  .wanted = t->wanted,
                                  .names = &t->names,
                                  .phrasing = {u->arena, u->single},
                                  .out = &t->sizes};
    t->measure.storage = calloc(p->arrays.count, sizeof *t->measure.storage);
    t->measure.sizes = calloc(p->arrays.count, sizeof *t->measure.sizes);
    if (!t->wanted || !t->measure.storage || !t->measure.sizes) return unit_out_of_memory(u);
    for (size_t k = 0; k < count; k++) t->wanted[arrays[k]] = p->arrays.at[arrays[k]].rank > 0;
    return name_inputs(u, p, &t->names, t->measure.storage) || unit_out_of_memory(u);
}

/* The same with the inputs as they are. */
static bool count_here(struct tallying *w, const array_id *arrays, size_t count, size_t *total) {
    if (!w->measure.unit->counts_here) return true;
    bool good = measure_by_binding(&w->measure);
    for (size_t k = 0; good && k < count; k++) {
        size_t number = 0;
        read_number(w->measure.sizes[arrays[k]].text, &number);
        *total += number;
    }
    return good;
}

bool tally_make(struct tally *t, struct unit *u, const struct program *p, const array_id *arrays,
                size_t count, size_t further) {
    struct tallying w = {0};
    struct tally_sum sum = {.number = further};
    *t = (struct tally){.known = false};
    bool good = prepare(&w, u, p, arrays, count) && measure_write(&w.measure);
    for (size_t k = 0; good && k < count; k++)
        tally_sum_add(&w.measure.phrasing, &sum, w.measure.sizes[arrays[k]]);
    t->known = good && !sum.rest.text;
    t->total = sum.number;
    if (good && !t->known) {
        declare_inputs(u, p, w.measure.storage, "inputs->", 1, &t->statements, &t->uses_inputs);
        text_add(&t->statements, text_string(&w.sizes));
        struct phrase all = tally_sum_phrase(&w.measure.phrasing, &sum);
        const char *line = arena_format(
            u->arena, all.level == LEVEL_NAME ? "return (size_t)%s;" : "return (size_t)(%s);", all.text);
        lines_add(&t->statements, 1, line ? line : "");
        good = line && !t->statements.failed && !w.sizes.failed;
    }
    t->here = further;
    good = good && count_here(&w, arrays, count, &t->here);
    text_free(&w.sizes);
    names_release(&w.names);
    free(w.wanted);
    free(w.measure.storage);
    free(w.measure.sizes);
    return good;
}

/* begins[k + 1] = begins[k] + the size of array k; */
static void add_begins(struct tallying *w, const array_id *arrays, size_t count, struct text *out) {
    for (size_t k = 0; k < count; k++) {
        const char *line = arena_format(w->measure.unit->arena, "begins[%zu] = begins[%zu] + %s;", k + 1, k,
                                        w->measure.sizes[arrays[k]].text);
        lines_add(out, 1, line ? line : "");
        out->failed |= !line;
    }
}

bool tally_begins(struct text *out, struct unit *u, const struct program *p, const array_id *arrays,
                  size_t count, bool *uses_inputs) {
    struct tallying w = {0};
    bool good = prepare(&w, u, p, arrays, count) && measure_write(&w.measure);
    if (good) {
        declare_inputs(u, p, w.measure.storage, "inputs->", 1, out, uses_inputs);
        text_add(out, text_string(&w.sizes));
        text_add(out, "    begins[0] = 0;\n");
        add_begins(&w, arrays, count, out);
        good = !out->failed && !w.sizes.failed;
    }
    text_free(&w.sizes);
    names_release(&w.names);
    free(w.wanted);
    free(w.measure.storage);
    free(w.measure.sizes);
    return good || unit_out_of_memory(u);
}

void tally_release(struct tally *t) {
    text_free(&t->statements);
}
