#include "formula/alike.h"

#include <stdlib.h>
#include <string.h>

#include "ir/rewrite.h"
#include "ir/build.h"

/* ---- Signatures ---- */

/* What an array is, in numbers: the same for arrays that differ in the names of indices only. */
struct signature {
    VEC(uint32_t) numbers;
};

/* Indices become those that all signatures share, by their place. */
struct signing {
    struct alike_map *map;
    struct sheet *s;
    array_id self; /* reads of it are the same as another's of itself; 0: there are none */
    struct rewriting rewriting;
    struct node_map images; /* by index */
    uint32_t places;
};

static int by_id(const void *a, const void *b) {
    node_id x = *(const node_id *)a, y = *(const node_id *)b;
    return x < y ? -1 : x > y;
}

/* A sum or product in the order of its parts, which may have been another before they became these. 0: it is
 * long. */
static node_id in_order(struct graph *g, enum op op, node_id a, node_id b) {
    enum { MOST = 32 };
    node_id open[MOST + 2], parts[MOST];
    size_t count = 0, found = 0;
    open[count++] = b;
    open[count++] = a;
    while (count > 0) {
        node_id n = open[--count];
        if (found + count + 2 > MOST) return 0;
        if (node_op(g, n) == op) {
            open[count++] = node_operand(g, n, 1);
            open[count++] = node_operand(g, n, 0);
        } else {
            parts[found++] = n;
        }
    }
    qsort(parts, found, sizeof *parts, by_id);
    node_id result = parts[0];
    for (size_t k = 1; k < found; k++)
        result = op == OP_ADD ? mk_add(g, result, parts[k]) : mk_mul(g, result, parts[k]);
    return result;
}

static node_id image(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    const struct signing *g = w->context;
    struct graph *graph = w->p->graph;
    enum op op = node_op(graph, n);
    node_id shared = op == OP_INDEX ? node_map_get(&g->images, node_payload(graph, n)) : 0;
    if (shared) return shared;
    if (op == OP_READ && g->self && node_payload(graph, n) == g->self)
        return mk_read(graph, 0, TYPE_REAL, operands, node_count(graph, n));
    node_id ordered = op == OP_ADD || op == OP_MUL ? in_order(graph, op, operands[0], operands[1]) : 0;
    if (ordered) return ordered;
    return same ? n : mk_again(graph, n, operands);
}

static void place_index(struct signing *g, index_id index) {
    struct alike_map *map = g->map;
    if (g->places == map->places.count) {
        index_id made = index_table_add(&g->s->indices, g->s->program, "", (struct dimension){0, 0});
        VEC_PUSH(&map->places, made);
    }
    if (map->places.failed) return;
    node_id shared = mk_index(g->s->program->graph, map->places.at[g->places++]);
    node_map_set(&g->images, index, shared);
}

static void add_node(struct signing *g, struct signature *signature, node_id n) {
    node_id image_of_n = rewrite(&g->rewriting, n);
    VEC_PUSH(&signature->numbers, image_of_n);
}

static void begin(struct signing *g, struct alike_map *map, struct sheet *s, array_id self) {
    *g = (struct signing){.map = map, .s = s, .self = self};
    g->rewriting = (struct rewriting){.p = s->program, .image = image, .context = g};
}

static void end(struct signing *g) {
    rewriting_release(&g->rewriting);
    node_map_release(&g->images);
}

/* Indices of ranges may be used by those behind; what was rewritten before stays as it was. */
static void sign_entry(struct alike_map *map, struct sheet *s, const struct entry *entry, array_id self,
                       struct signature *signature) {
    struct signing g;
    begin(&g, map, s, self);
    VEC_PUSH(&signature->numbers, entry->rank);
    for (uint32_t k = 0; k < entry->rank; k++) place_index(&g, entry->indices[k]);
    for (uint32_t k = 0; k < entry->rank; k++) {
        add_node(&g, signature, entry->ranges[k].lower);
        add_node(&g, signature, entry->ranges[k].upper);
    }
    add_node(&g, signature, entry->value);
    end(&g);
}

static void sign_reduction(struct alike_map *map, struct sheet *s, const struct reduction *r,
                           struct signature *signature) {
    struct signing g;
    begin(&g, map, s, 0);
    uint32_t first[] = {UINT32_MAX, (uint32_t)r->op, r->rank, r->count};
    for (size_t k = 0; k < sizeof first / sizeof *first; k++) VEC_PUSH(&signature->numbers, first[k]);
    for (uint32_t k = 0; k < r->rank; k++) place_index(&g, r->indices[k]);
    for (uint32_t k = 0; k < r->count; k++) place_index(&g, r->ranges[k].index);
    for (uint32_t k = 0; k < r->count; k++) {
        add_node(&g, signature, r->ranges[k].lower);
        add_node(&g, signature, r->ranges[k].upper);
        add_node(&g, signature, r->ranges[k].by);
        add_node(&g, signature, r->ranges[k].filter);
    }
    add_node(&g, signature, r->value);
    end(&g);
}

/* ---- The map ---- */

static uint32_t hash_of(const struct signature *signature) {
    uint32_t hash = UINT32_C(2166136261);
    for (size_t k = 0; k < signature->numbers.count; k++)
        hash = (hash ^ signature->numbers.at[k]) * UINT32_C(16777619);
    return hash ? hash : 1;
}

static array_id find(const struct alike_map *map, const struct signature *signature) {
    size_t size = signature->numbers.count;
    for (uint32_t at = node_map_get(&map->of_hash, hash_of(signature)); at; at = map->all.at[at - 1].next) {
        const struct alike *one = &map->all.at[at - 1];
        if (one->size == size &&
            memcmp(one->numbers, signature->numbers.at, size * sizeof *one->numbers) == 0)
            return one->array;
    }
    return 0;
}

/* Takes the numbers over. */
static bool add(struct alike_map *map, struct signature *signature, array_id array) {
    uint32_t hash = hash_of(signature);
    struct alike one = {array, signature->numbers.at, signature->numbers.count,
                        node_map_get(&map->of_hash, hash)};
    if (!VEC_PUSH(&map->all, one)) return false;
    *signature = (struct signature){.numbers = {0}};
    return node_map_set(&map->of_hash, hash, (uint32_t)map->all.count);
}

array_id alike_find(struct alike_map *map, struct sheet *s, const struct entry *entry) {
    struct signature signature = {.numbers = {0}};
    sign_entry(map, s, entry, 0, &signature);
    array_id found = signature.numbers.failed ? 0 : find(map, &signature);
    VEC_FREE(&signature.numbers);
    return found;
}

bool alike_add(struct alike_map *map, struct sheet *s, array_id array) {
    struct signature signature = {.numbers = {0}};
    sign_entry(map, s, &s->entries.at[array], 0, &signature);
    bool good = !signature.numbers.failed && add(map, &signature, array);
    VEC_FREE(&signature.numbers);
    return good;
}

void alike_map_release(struct alike_map *map) {
    for (size_t k = 0; k < map->all.count; k++) free(map->all.at[k].numbers);
    VEC_FREE(&map->all);
    VEC_FREE(&map->places);
    node_map_release(&map->of_hash);
}

/* ---- Joining ---- */

struct joining {
    struct sheet *s;
    struct alike_map map;
    struct node_map same_as; /* by array: the one that stands for it */
    struct rewriting rewriting;
};

static node_id image_of_joined(struct rewriting *w, node_id n, const node_id *operands, bool same) {
    const struct joining *j = w->context;
    struct graph *g = w->p->graph;
    array_id other = node_op(g, n) == OP_READ ? node_map_get(&j->same_as, node_payload(g, n)) : 0;
    if (other) return mk_read(g, other, node_type(g, n), operands, node_count(g, n));
    return same ? n : mk_again(g, n, operands);
}

static void rewrite_reduction(struct joining *j, struct reduction *r) {
    node_id value = rewrite(&j->rewriting, r->value);
    r->value = value;
    for (uint32_t k = 0; k < r->count; k++) r->ranges[k].filter = rewrite(&j->rewriting, r->ranges[k].filter);
}

static bool join_reduction(struct joining *j, uint32_t place) {
    struct signature signature = {.numbers = {0}};
    struct reduction *r = &j->s->reductions.all.at[place];
    array_id array = j->s->reductions.first + place;
    if (!r->count) return true;
    rewrite_reduction(j, r);
    sign_reduction(&j->map, j->s, r, &signature);
    array_id other = find(&j->map, &signature);
    bool good = !signature.numbers.failed &&
                (other ? node_map_set(&j->same_as, array, other) : add(&j->map, &signature, array));
    VEC_FREE(&signature.numbers);
    return good;
}

static bool join_entry(struct joining *j, array_id array) {
    struct signature signature = {.numbers = {0}};
    struct entry *entry = &j->s->entries.at[array];
    if (entry->kind == ENTRY_NONE) return true;
    entry->value = rewrite(&j->rewriting, entry->value);
    if (entry->kind != ENTRY_LINE) return true;
    sign_entry(&j->map, j->s, entry, array, &signature);
    array_id other = find(&j->map, &signature);
    if (other) entry->kind = ENTRY_NONE;
    bool good = !signature.numbers.failed &&
                (other ? node_map_set(&j->same_as, array, other) : add(&j->map, &signature, array));
    VEC_FREE(&signature.numbers);
    return good;
}

/* Reads of arrays before it was known that they are the same as others. */
static void join_the_rest(struct joining *j) {
    rewriting_release(&j->rewriting);
    j->rewriting = (struct rewriting){.p = j->s->program, .image = image_of_joined, .context = j};
    for (size_t k = 0; k < j->s->reductions.all.count; k++)
        if (j->s->reductions.all.at[k].count) rewrite_reduction(j, &j->s->reductions.all.at[k]);
    for (array_id a = 1; a < j->s->entries.count; a++)
        if (j->s->entries.at[a].kind != ENTRY_NONE)
            j->s->entries.at[a].value = rewrite(&j->rewriting, j->s->entries.at[a].value);
}

bool sheet_join_alike(struct sheet *s) {
    struct joining j = {.s = s};
    j.rewriting = (struct rewriting){.p = s->program, .image = image_of_joined, .context = &j};
    bool good = true, any = s->reductions.all.count > 0;
    uint32_t done = 0;
    for (size_t k = 0; k < s->order.count && !any; k++)
        any = s->entries.at[s->order.at[k]].kind == ENTRY_LINE;
    for (size_t k = 0; good && any && k < s->order.count; k++) {
        for (; good && done < s->reductions_of.at[k]; done++) good = join_reduction(&j, done);
        good = good && join_entry(&j, s->order.at[k]);
    }
    if (good && j.same_as.count > 0) join_the_rest(&j);
    reductions_changed(&s->reductions);
    rewriting_release(&j.rewriting);
    node_map_release(&j.same_as);
    alike_map_release(&j.map);
    return good && !s->program->failed;
}
