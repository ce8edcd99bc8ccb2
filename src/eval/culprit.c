#include "eval/culprit.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "ir/expand.h"

/* Something that made NaN or an infinity of finite operands. Incidents are numbered from 1. */
struct incident {
    node_id node;
    uint32_t step;
    size_t first_index; /* in search.indices */
    array_id array;
    size_t element;
    double operands[CULPRIT_OPERANDS], value;
};

struct search {
    struct doubles doubles; /* first: callbacks of doubles take the search for it */
    VEC(struct incident) incidents;
    VEC(int64_t) indices; /* of all loops, in blocks, one for each incident */
    uint32_t *origins;    /* by node: the incident its value comes from; 0: none */
    uint32_t **stored;    /* by array: the same by element; NULL: all 0 */
    size_t mark;          /* incidents before this update */
    uint32_t compared;    /* what the first NaN in a comparison came from */
    bool *watched;        /* by node: the comparisons that count; NULL: all */
    size_t budget;        /* operations and updates that may follow; 0: any number */
    bool stopped;
    bool exhausted;
};

static uint32_t new_incident(struct search *s, node_id node, double value) {
    struct walk *w = &s->doubles.walk;
    struct incident incident = {.node = node, .value = value, .first_index = s->indices.count};
    const struct graph *g = w->graph;
    for (uint32_t k = 0; node && k < node_count(g, node) && k < CULPRIT_OPERANDS; k++) {
        node_id operand = node_operand(g, node, k);
        incident.operands[k] =
            node_type(g, operand) == TYPE_REAL ? s->doubles.values[operand] : (double)w->integers[operand];
    }
    for (size_t i = 0; i < w->program->indices.count; i++) VEC_PUSH(&s->indices, w->index_values[i]);
    if (s->incidents.count >= UINT32_MAX - 1 || !VEC_PUSH(&s->incidents, incident) || s->indices.failed) {
        s->exhausted = true;
        return 0;
    }
    return (uint32_t)s->incidents.count;
}

/* Constants that are not finite are computed operation by operation, to see which one it was. */
static bool constant(void *context, node_id n) {
    struct search *s = context;
    s->origins[n] = 0;
    if (!doubles_constant(&s->doubles, n)) return false;
    if (!isfinite(s->doubles.values[n])) s->doubles.constant[n] = false;
    return s->doubles.constant[n];
}

static uint32_t origin_of_operands(const struct search *s, node_id n) {
    const struct graph *g = s->doubles.walk.graph;
    for (uint32_t k = 0; k < node_count(g, n); k++) {
        node_id operand = node_operand(g, n, k);
        if (node_type(g, operand) == TYPE_REAL && s->origins[operand]) return s->origins[operand];
    }
    return 0;
}

static bool has_infinite_operand(const struct search *s, node_id n) {
    const struct graph *g = s->doubles.walk.graph;
    for (uint32_t k = 0; k < node_count(g, n); k++) {
        node_id operand = node_operand(g, n, k);
        if (node_type(g, operand) == TYPE_REAL && isinf(s->doubles.values[operand])) return true;
    }
    return false;
}

static bool operation(void *context, node_id n) {
    struct search *s = context;
    doubles_operation(&s->doubles, n);
    double value = s->doubles.values[n];
    s->origins[n] = 0;
    s->budget -= s->budget > 1;
    if (isfinite(value)) return true;
    s->origins[n] = origin_of_operands(s, n);
    if (s->origins[n] || node_op(s->doubles.walk.graph, n) == OP_INFINITY) return true;
    if (isinf(value) && has_infinite_operand(s, n)) return true;
    s->origins[n] = new_incident(s, n, value);
    return !s->exhausted;
}

static void read(void *context, node_id n, array_id array, size_t element) {
    struct search *s = context;
    doubles_read(&s->doubles, n, array, element);
    double value = s->doubles.values[n];
    s->origins[n] = s->stored[array] ? s->stored[array][element] : 0;
    if (isfinite(value)) {
        s->origins[n] = 0;
    } else if (isnan(value) && !s->origins[n]) {
        s->origins[n] = new_incident(s, n, value);
    }
}

static void select(void *context, node_id n, node_id taken) {
    struct search *s = context;
    doubles_select(&s->doubles, n, taken);
    s->origins[n] = s->origins[taken];
}

/* Comparing a value with itself is how expansions ask for NaN. */
static bool compare(void *context, node_id n) {
    struct search *s = context;
    const struct graph *g = s->doubles.walk.graph;
    node_id a = node_operand(g, n, 0), b = node_operand(g, n, 1);
    bool asks = a == b || (s->watched && !s->watched[n]),
         nan = isnan(s->doubles.values[a]) || isnan(s->doubles.values[b]);
    if (nan && !asks && !s->compared)
        s->compared = isnan(s->doubles.values[a]) ? s->origins[a] : s->origins[b];
    return doubles_compare(&s->doubles, n);
}

static void store_origin(struct search *s, array_id array, size_t element, uint32_t origin) {
    if (!s->stored[array]) {
        if (!origin) return;
        s->stored[array] = calloc(s->doubles.walk.binding->arrays[array].count, sizeof **s->stored);
        if (!s->stored[array]) {
            s->exhausted = true;
            return;
        }
    }
    s->stored[array][element] = origin;
}

/* Of the incidents since the last update at most the one that was stored is kept, so that their number stays
 * below that of the elements. (The first comparison keeps them all, once.) */
static uint32_t keep_one(struct search *s, uint32_t origin) {
    size_t stride = s->doubles.walk.program->indices.count;
    if (s->compared <= s->mark) {
        bool used = origin > s->mark;
        if (used) {
            struct incident *incident = &s->incidents.at[s->mark];
            size_t from = s->incidents.at[origin - 1].first_index, to = s->mark * stride;
            *incident = s->incidents.at[origin - 1];
            for (size_t k = 0; k < stride; k++) s->indices.at[to + k] = s->indices.at[from + k];
            incident->first_index = to;
            origin = (uint32_t)s->mark + 1;
        }
        s->incidents.count = s->mark + used;
        s->indices.count = s->incidents.count * stride;
    }
    return origin;
}

/* An accumulation may overflow, or add opposite infinities, by itself. */
static uint32_t origin_of_sum(struct search *s, const struct step *step, double old, double value,
                              uint32_t before) {
    uint32_t added = s->origins[step->value];
    double sum = old + value;
    if (isfinite(sum)) return 0;
    if (before || added) return before ? before : added;
    if (isinf(sum) && (isinf(old) || isinf(value))) return 0;
    uint32_t made = new_incident(s, 0, sum);
    if (made) {
        s->incidents.at[made - 1].operands[0] = old;
        s->incidents.at[made - 1].operands[1] = value;
    }
    return made;
}

static uint32_t origin_of_update(struct search *s, const struct step *step, size_t element) {
    double old = s->doubles.walk.binding->arrays[step->array].at.real[element];
    double value = s->doubles.values[step->value];
    uint32_t before = s->stored[step->array] ? s->stored[step->array][element] : 0;
    bool keeps = isnan(old) || (step->op == UPDATE_MAX ? old > value : old < value);
    switch (step->op) {
    case UPDATE_SET: break;
    case UPDATE_ADD: return origin_of_sum(s, step, old, value, before);
    case UPDATE_MAX:
    case UPDATE_MIN:
        if (keeps) return before;
        break;
    }
    return s->origins[step->value];
}

static void stop(struct search *s) {
    s->stopped = true;
    s->doubles.walk.exhausted = true;
}

static void update(void *context, const struct step *step, size_t element) {
    struct search *s = context;
    uint32_t origin = origin_of_update(s, step, element);
    doubles_update(&s->doubles, step, element);
    for (size_t i = s->mark; i < s->incidents.count; i++) {
        s->incidents.at[i].step = (uint32_t)(step - s->doubles.walk.program->steps.at);
        s->incidents.at[i].array = step->array;
        s->incidents.at[i].element = element;
    }
    store_origin(s, step->array, element, keep_one(s, origin));
    s->mark = s->incidents.count;
    s->budget -= s->budget > 1;
    if (s->budget == 1 || (s->watched && s->compared)) stop(s);
}

static void clear(void *context, const struct step *step) {
    struct search *s = context;
    uint32_t origin = s->origins[step->value];
    doubles_clear(&s->doubles, step);
    if (!origin && !s->stored[step->array]) return;
    size_t count = s->doubles.walk.binding->arrays[step->array].count;
    for (size_t i = 0; i < count; i++) store_origin(s, step->array, i, origin);
    s->mark = s->incidents.count;
}

static const struct walk_reals reals = {
    .constant = constant,
    .operation = operation,
    .read = read,
    .select = select,
    .compare = compare,
    .update = update,
    .clear = clear,
};

static bool start(struct search *s, const struct program *p, struct binding *b, struct diag_list *diags) {
    *s = (struct search){.mark = 0};
    if (!doubles_init(&s->doubles, p, b, diags)) return false;
    s->doubles.walk.reals = &reals;
    s->doubles.walk.context = s;
    s->origins = calloc(graph_count(p->graph), sizeof *s->origins);
    s->stored = calloc(p->arrays.count, sizeof *s->stored);
    return s->origins && s->stored;
}

static void finish(struct search *s) {
    for (size_t a = 0; s->stored && a < s->doubles.walk.binding->array_count; a++) free(s->stored[a]);
    free(s->stored);
    free(s->origins);
    free(s->watched);
    VEC_FREE(&s->incidents);
    VEC_FREE(&s->indices);
    doubles_release(&s->doubles);
}

/* The loops around the step of an incident, with the values their indices had. */
static bool describe_indices(const struct search *s, const struct incident *incident, struct culprit *c) {
    const struct program *p = &s->doubles.expanded;
    VEC(index_id) open = {0};
    for (size_t i = 0; i < incident->step; i++) {
        const struct step *step = &p->steps.at[i];
        if (step->kind == STEP_LOOP) VEC_PUSH(&open, step->index);
        if (step->kind == STEP_END && p->steps.at[step->partner].kind == STEP_LOOP) open.count--;
    }
    c->index_names = ARENA_ARRAY(p->arena, const char *, open.count);
    c->index_values = ARENA_ARRAY(p->arena, long long, open.count);
    bool enough = !open.failed && c->index_names && c->index_values;
    for (size_t i = 0; enough && i < open.count; i++) {
        c->index_names[i] = p->indices.at[open.at[i]].name;
        c->index_values[i] = s->indices.at[incident->first_index + open.at[i]];
    }
    c->index_count = enough ? (unsigned)open.count : 0;
    VEC_FREE(&open);
    return enough;
}

/* A sum in which a square is written, or one that stands elsewhere. */
static bool may_be_squares(const struct program *p, node_id n) {
    const struct graph *g = p->graph;
    if (node_op(g, n) == OP_READ) return !role_is_input(p->arrays.at[node_payload(g, n)].role);
    for (uint32_t k = 0; node_op(g, n) == OP_ADD && k < node_count(g, n); k++)
        if (node_op(g, node_operand(g, n, k)) == OP_POWI) return true;
    return false;
}

/* The square root of such a sum, or a multiple of it. */
static bool is_root_of_squares(const struct program *p, node_id n) {
    const struct graph *g = p->graph;
    for (uint32_t k = 0; node_op(g, n) == OP_MUL && k < node_count(g, n); k++) {
        node_id factor = node_operand(g, n, k);
        if (node_op(g, factor) == OP_SQRT && may_be_squares(p, node_operand(g, factor, 0))) return true;
    }
    return node_op(g, n) == OP_SQRT && may_be_squares(p, node_operand(g, n, 0));
}

static bool describe(const struct search *s, uint32_t origin, struct culprit *c) {
    const struct incident *incident = &s->incidents.at[origin - 1];
    const struct program *p = &s->doubles.expanded;
    node_id n = incident->node;
    c->found = true;
    c->node = n;
    c->operation = n ? op_info(node_op(p->graph, n))->name : "+";
    c->operand_count = n ? node_count(p->graph, n) : 2;
    if (n && node_op(p->graph, n) == OP_READ) c->operand_count = 0;
    if (c->operand_count > CULPRIT_OPERANDS) c->operand_count = CULPRIT_OPERANDS;
    for (unsigned k = 0; k < c->operand_count; k++) c->operands[k] = incident->operands[k];
    c->span = n ? node_span(p->graph, n) : p->steps.at[incident->step].span;
    c->value = incident->value;
    c->divides_by_root =
        n && node_op(p->graph, n) == OP_DIV && is_root_of_squares(p, node_operand(p->graph, n, 1));
    c->array = incident->array;
    c->element = incident->element;
    return describe_indices(s, incident, c);
}

/* The first output element that is not finite and somebody is to blame for. */
static uint32_t blame(const struct search *s, const array_id *outputs, size_t output_count,
                      struct culprit *c) {
    for (size_t k = 0; k < output_count; k++) {
        const struct bound_array *bound = &s->doubles.walk.binding->arrays[outputs[k]];
        const uint32_t *stored = s->stored[outputs[k]];
        for (size_t i = 0; stored && i < bound->count; i++) {
            if (isfinite(bound->at.real[i]) || !stored[i]) continue;
            c->output = outputs[k];
            c->output_element = i;
            return stored[i];
        }
    }
    c->in_comparison = s->compared != 0;
    return s->compared;
}

static enum evaluation run(struct search *s) {
    enum evaluation result = doubles_evaluate(&s->doubles);
    if (s->exhausted) return EVALUATION_MEMORY;
    return s->stopped ? EVALUATED : result;
}

enum evaluation doubles_find_culprit(const struct program *p, struct binding *b, const array_id *outputs,
                                     size_t output_count, struct culprit *culprit, struct diag_list *diags) {
    struct search s;
    *culprit = (struct culprit){.found = false};
    enum evaluation result = start(&s, p, b, diags) ? run(&s) : EVALUATION_MEMORY;
    uint32_t origin = result == EVALUATED ? blame(&s, outputs, output_count, culprit) : 0;
    if (origin && !describe(&s, origin, culprit)) result = EVALUATION_MEMORY;
    finish(&s);
    return result;
}

/* The comparisons as they are in the expanded program, where they are in it. */
static bool watch(struct search *s, const node_id *comparisons, size_t count) {
    struct graph *g = s->doubles.expanded.graph;
    size_t nodes = graph_count(g);
    node_id *images = malloc((count + 1) * sizeof *images);
    s->watched = calloc(nodes, sizeof *s->watched);
    if (images) memcpy(images, comparisons, count * sizeof *images);
    bool good = images && s->watched && expand_nodes(g, images, count, NULL);
    for (size_t k = 0; good && k < count; k++)
        if (images[k] < nodes) s->watched[images[k]] = true;
    free(images);
    return good;
}

enum evaluation doubles_find_compared(const struct program *p, struct binding *b, const node_id *comparisons,
                                      size_t count, size_t most, struct culprit *culprit,
                                      struct diag_list *diags) {
    struct search s;
    *culprit = (struct culprit){.found = false};
    bool good = start(&s, p, b, diags) && watch(&s, comparisons, count);
    s.budget = most;
    enum evaluation result = good ? run(&s) : EVALUATION_MEMORY;
    uint32_t origin = result == EVALUATED ? blame(&s, NULL, 0, culprit) : 0;
    if (origin && !describe(&s, origin, culprit)) result = EVALUATION_MEMORY;
    finish(&s);
    return result;
}

/* "log(u)", "u/v", "pow(u, v)"; longer sums and products are cut. */
static void describe_form(const struct culprit *c, struct text *text) {
    static const char letters[CULPRIT_OPERANDS] = {'u', 'v', 'w', 'z'};
    bool infix = !isalpha((unsigned char)c->operation[0]);
    if (!infix) text_addf(text, "%s(", c->operation);
    for (unsigned k = 0; k < c->operand_count; k++) {
        if (k && infix) text_addf(text, c->operation[0] == '+' ? " %c " : "%c", c->operation[0]);
        if (k && !infix) text_add(text, ", ");
        text_addf(text, "%c", letters[k]);
    }
    if (!infix) text_add(text, ")");
    for (unsigned k = 0; k < c->operand_count; k++) {
        text_addf(text, "%s%c = ", k ? ", " : " with ", letters[k]);
        text_add_double(text, c->operands[k]);
    }
}

static void describe_operation(const struct culprit *c, const char *in, struct text *text) {
    if (c->operand_count)
        describe_form(c, text);
    else
        text_add(text, "this value");
    text_add(text, " is ");
    text_add_double(text, c->value);
    for (unsigned i = 0; i < c->index_count; i++)
        text_addf(text, "%s%s = %lld", i ? ", " : " (", c->index_names[i], c->index_values[i]);
    if (c->index_count) text_add(text, ")");
    if (c->in_comparison)
        text_add(text, ", and is compared");
    else if (strncmp(in, "d/d", 3) == 0)
        text_addf(text, ", in df%s", in + 1);
    else if (strcmp(in, "hessian") == 0)
        text_add(text, ", in the Hessian");
    else if (strcmp(in, "objective") != 0)
        text_addf(text, ", in %s", in);
}

/* What to write instead, where the usual cause is known. */
static const char *hint_for(const struct culprit *c) {
    bool power = strcmp(c->operation, "pow") == 0 && c->operand_count == 2 && c->operands[0] < 0;
    double inverse = power ? 1 / c->operands[1] : 0;
    if (power && fabs(inverse - 3) < 1e-9) return "cbrt(x) is defined for negative x";
    if (power) return "a negative number has no real power with this exponent";
    if (c->divides_by_root) return "hypot(x, y) and norm(a) have derivative 0 at 0";
    return NULL;
}

static void report(const struct culprit *c, const char *in, enum severity severity, const char *code,
                   struct diag_list *diags) {
    struct text text = {0};
    describe_operation(c, in, &text);
    struct diag *diag = diag_add(diags, severity, code, c->span, "%s", text_string(&text));
    text_free(&text);
    const char *hint = hint_for(c);
    if (hint) diag_hint(diags, diag, "%s", hint);
    double *operands = ARENA_ARRAY(diags->arena, double, c->operand_count);
    for (unsigned k = 0; operands && k < c->operand_count; k++) operands[k] = c->operands[k];
    diag->domain = (struct diag_domain){
        .operation = c->operation,
        .operands = operands,
        .operand_count = operands ? c->operand_count : 0,
        .indices = c->index_names,
        .index_values = c->index_values,
        .index_count = c->index_count,
        .in = arena_text(diags->arena, in, strlen(in)),
    };
}

void culprit_report(const struct culprit *c, const char *in, struct diag_list *diags) {
    report(c, in, SEVERITY_ERROR, "domain-error", diags);
}

void culprit_warn(const struct culprit *c, const char *in, struct diag_list *diags) {
    report(c, in, SEVERITY_WARNING, "compared-nan", diags);
}
