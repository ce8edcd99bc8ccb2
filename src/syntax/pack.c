#include "syntax/pack.h"

#include <stdlib.h>
#include <string.h>

/* A packed statement: how many names it has, and their numbers, of four bytes each, in the order in which
 * they are used; how many nodes, operands and declarations, and its span; per declaration its spans and its
 * nodes, operands before operators. A place is the distance from the one before it. Other numbers have seven
 * bits a byte, the lowest first. */
static const uint32_t packed_bit = (uint32_t)1 << 31;
enum { KIND_BITS = 0x0F, SPAN_IS_NAMES = 0x10, IS_ROOT = 0x20 };

/* ---- Writing ---- */

struct packing {
    struct ast_file *file;
    uint32_t source, last; /* last: the place before */
    bool unfit;
};

static void put(struct packing *p, uint64_t number) {
    for (; number >= 0x80; number >>= 7) LARGE_PUSH(&p->file->bytes, (unsigned char)(number | 0x80));
    LARGE_PUSH(&p->file->bytes, (unsigned char)number);
}

static void put_span(struct packing *p, struct span span) {
    int64_t distance = (int64_t)span.begin - p->last;
    put(p, distance < 0 ? 2 * (uint64_t)-distance - 1 : 2 * (uint64_t)distance);
    put(p, span.end - span.begin);
    p->last = span.begin;
    if (span.source != p->source || span.end < span.begin) p->unfit = true;
}

static void put_name(struct packing *p, const char *name) {
    uint32_t number = name ? intern_number(name) : 0;
    unsigned char bytes[sizeof number];
    p->unfit |= !name;
    memcpy(bytes, &number, sizeof number);
    for (size_t k = 0; k < sizeof bytes; k++) LARGE_PUSH(&p->file->bytes, bytes[k]);
}

static bool has_name(const struct ast *ast) {
    return ast->kind == AST_NUMBER || ast->kind == AST_NAME || ast->kind == AST_CALL;
}

static bool same_span(struct span a, struct span b) {
    return a.source == b.source && a.begin == b.begin && a.end == b.end;
}

static void put_node(struct packing *p, const struct ast *ast, bool is_root) {
    bool same = same_span(ast->span, ast->name_span);
    put(p, (unsigned)ast->kind | (same ? SPAN_IS_NAMES : 0) | (is_root ? IS_ROOT : 0));
    if (ast->kind == AST_UNARY || ast->kind == AST_BINARY) put(p, ast->op);
    if (ast->kind == AST_CALL) put(p, ast->count);
    put_span(p, ast->name_span);
    if (!same) put_span(p, ast->span);
}

static bool is_plain(enum ast_kind kind) {
    switch (kind) {
    case AST_NUMBER:
    case AST_NAME:
    case AST_CALL:
    case AST_UNARY:
    case AST_BINARY:
    case AST_IF: return true;
    case AST_INDEXED:
    case AST_COLUMN:
    case AST_COLUMN_AT:
    case AST_GENERATOR:
    case AST_ARRAY:
    case AST_ERROR: break;
    }
    return false;
}

/* Appends the nodes of a tree to the file's order; false where something is not plain. */
static bool list_nodes(struct ast_file *file, const struct ast *root) {
    file->stack.count = 0;
    bool good = VEC_PUSH(&file->stack, ((struct ast_visit){root, 0}));
    while (good && file->stack.count > 0) {
        struct ast_visit *top = &VEC_LAST(&file->stack);
        const struct ast *ast = top->ast;
        if (top->next < ast->count) {
            const struct ast *operand = ast->items[top->next++];
            good = VEC_PUSH(&file->stack, ((struct ast_visit){operand, 0}));
            continue;
        }
        good = is_plain(ast->kind) && VEC_PUSH(&file->order, ast);
        file->stack.count--;
    }
    return good;
}

static bool list_all(struct ast_file *file, const struct ast_statement *s) {
    file->order.count = 0;
    for (uint32_t k = 0; k < s->declaration_count; k++) {
        const struct ast_declaration *d = &s->declarations[k];
        if (d->rank || !d->value || !list_nodes(file, d->value)) return false;
    }
    return s->kind == AST_LET;
}

/* The names of each declaration: its own, and those of its nodes. */
static void put_names(struct packing *p, const struct ast_statement *s) {
    const struct ast_file *file = p->file;
    size_t names = s->declaration_count, next = 0;
    for (size_t k = 0; k < file->order.count; k++) names += has_name(file->order.at[k]);
    put(p, names);
    for (uint32_t k = 0; k < s->declaration_count; k++) {
        const struct ast *node = NULL, *root = s->declarations[k].value;
        put_name(p, s->declarations[k].name);
        while (node != root) {
            node = file->order.at[next++];
            if (has_name(node)) put_name(p, node->name);
        }
    }
}

static void put_statement(struct packing *p, const struct ast_statement *s) {
    const struct ast_file *file = p->file;
    size_t operands = 0, next = 0;
    put_names(p, s);
    for (size_t k = 0; k < file->order.count; k++) operands += file->order.at[k]->count;
    put(p, file->order.count);
    put(p, operands);
    put(p, s->declaration_count);
    put(p, s->span.source);
    put_span(p, s->span);
    for (uint32_t k = 0; k < s->declaration_count; k++) {
        const struct ast_declaration *d = &s->declarations[k];
        put_span(p, d->name_span);
        put_span(p, d->span);
        do put_node(p, file->order.at[next], file->order.at[next] == d->value);
        while (file->order.at[next++] != d->value);
    }
}

bool ast_pack(struct ast_file *file, const struct ast_statement *s) {
    size_t begin = file->bytes.count;
    if (begin >= packed_bit || !list_all(file, s)) return false;
    struct packing p = {.file = file, .source = s->span.source};
    put_statement(&p, s);
    if (!p.unfit && !file->bytes.failed && LARGE_PUSH(&file->places, (uint32_t)begin | packed_bit))
        return true;
    file->bytes.count = begin;
    return false;
}

bool ast_add(struct ast_file *file, struct ast_statement *statement) {
    uint32_t place = (uint32_t)file->trees.count;
    return place < packed_bit && VEC_PUSH(&file->trees, statement) && LARGE_PUSH(&file->places, place);
}

void ast_file_release(struct ast_file *file) {
    LARGE_FREE(&file->places);
    VEC_FREE(&file->trees);
    LARGE_FREE(&file->bytes);
    VEC_FREE(&file->stack);
    VEC_FREE(&file->order);
}

/* ---- Reading ---- */

struct unpacking {
    struct ast_reader *reader;
    const struct intern *names;
    struct ast_names numbers;
    uint32_t name; /* the next of them */
    const unsigned char *at;
    uint32_t source, last;
    struct ast *node;   /* the next one */
    struct ast **items; /* likewise */
};

static uint64_t get(struct unpacking *u) {
    uint64_t number = 0;
    unsigned shift = 0;
    for (; *u->at & 0x80; shift += 7) number |= (uint64_t)(*u->at++ & 0x7F) << shift;
    return number | (uint64_t)*u->at++ << shift;
}

static struct span get_span(struct unpacking *u) {
    uint64_t distance = get(u);
    u->last += (uint32_t)(distance & 1 ? -(int64_t)(distance / 2) - 1 : (int64_t)(distance / 2));
    struct span span = {u->source, u->last, u->last};
    span.end += (uint32_t)get(u);
    return span;
}

static const char *get_name(struct unpacking *u) {
    return u->names->names.at[ast_name_number(&u->numbers, u->name++)];
}

/* The names that stand here. */
static struct ast_names get_names(struct unpacking *u) {
    uint32_t count = (uint32_t)get(u);
    struct ast_names names = {u->at, count};
    u->at += sizeof(uint32_t) * count;
    return names;
}

static uint32_t count_of(struct unpacking *u, enum ast_kind kind) {
    if (kind == AST_CALL) return (uint32_t)get(u);
    return kind == AST_IF ? 3 : kind == AST_BINARY ? 2 : kind == AST_UNARY ? 1 : 0;
}

/* The next node; whether it is the root of its expression. NULL where memory is exhausted. */
static struct ast *get_node(struct unpacking *u, bool *is_root) {
    struct ast_reader *reader = u->reader;
    uint64_t tag = get(u);
    struct ast ast = {.kind = (enum ast_kind)(tag & KIND_BITS)};
    *is_root = tag & IS_ROOT;
    if (ast.kind == AST_UNARY || ast.kind == AST_BINARY) ast.op = (enum ast_op)get(u);
    if (has_name(&ast)) ast.name = get_name(u);
    ast.count = count_of(u, ast.kind);
    ast.name_span = get_span(u);
    ast.span = tag & SPAN_IS_NAMES ? ast.name_span : get_span(u);
    if (ast.count) {
        ast.items = u->items;
        u->items += ast.count;
        reader->stack.count -= ast.count;
        memcpy(ast.items, reader->stack.at + reader->stack.count, ast.count * sizeof *ast.items);
    }
    *u->node = ast;
    return VEC_PUSH(&reader->stack, u->node) ? u->node++ : NULL;
}

static struct ast *get_expression(struct unpacking *u) {
    bool is_root = false;
    struct ast *node = NULL;
    u->reader->stack.count = 0;
    do node = get_node(u, &is_root);
    while (node && !is_root);
    return node;
}

static bool make_room(struct ast_reader *reader, size_t size) {
    if (reader->block && size <= reader->capacity) return true;
    free(reader->block);
    reader->block = malloc(size);
    reader->capacity = reader->block ? size : 0;
    return reader->block != NULL;
}

/* The block holds statement, declarations, nodes and lists of operands, one behind the other. */
static const struct ast_statement *unpack(struct ast_reader *reader, const struct ast_file *file,
                                          size_t place) {
    struct unpacking u = {.reader = reader, .names = file->names, .at = file->bytes.at + place};
    u.numbers = get_names(&u);
    size_t nodes = get(&u), operands = get(&u), declarations = get(&u);
    if (!make_room(reader, sizeof(struct ast_statement) + declarations * sizeof(struct ast_declaration) +
                               nodes * sizeof(struct ast) + operands * sizeof(struct ast *)))
        return NULL;
    struct ast_statement *s = (struct ast_statement *)reader->block;
    struct ast_declaration *d = (struct ast_declaration *)(s + 1);
    u.node = (struct ast *)(d + declarations);
    u.items = (struct ast **)(u.node + nodes);
    u.source = (uint32_t)get(&u);
    *s = (struct ast_statement){.kind = AST_LET, .span = get_span(&u), .declarations = d};
    s->declaration_count = (uint32_t)declarations;
    for (size_t k = 0; k < declarations; k++) {
        const char *name = get_name(&u);
        struct span name_span = get_span(&u), span = get_span(&u);
        d[k] = (struct ast_declaration){.name = name, .name_span = name_span, .span = span};
        if (!(d[k].value = get_expression(&u))) return NULL;
    }
    return s;
}

const struct ast_statement *ast_at(struct ast_reader *reader, const struct ast_file *file, uint32_t k) {
    static const struct ast_statement nothing = {.kind = AST_IMPORT};
    uint32_t place = file->places.at[k];
    reader->holds = (place & packed_bit) != 0;
    if (!reader->holds) return file->trees.at[place];
    const struct ast_statement *s = unpack(reader, file, place & ~packed_bit);
    if (s) return s;
    reader->failed = true;
    return &nothing;
}

struct ast_names ast_names_at(const struct ast_file *file, uint32_t k) {
    uint32_t place = file->places.at[k];
    struct unpacking u = {.at = file->bytes.at + (place & ~packed_bit)};
    return place & packed_bit ? get_names(&u) : (struct ast_names){0};
}

enum ast_statement_kind ast_kind_at(const struct ast_file *file, uint32_t k) {
    uint32_t place = file->places.at[k];
    return place & packed_bit ? AST_LET : file->trees.at[place]->kind;
}

void ast_keep(struct ast_reader *reader) {
    if (!reader->holds || !reader->block) return;
    if (!VEC_PUSH(&reader->kept, reader->block)) reader->failed = true;
    if (!reader->failed) reader->block = NULL;
}

void ast_reader_release(struct ast_reader *reader) {
    for (size_t k = 0; k < reader->kept.count; k++) free(reader->kept.at[k]);
    free(reader->block);
    VEC_FREE(&reader->kept);
    VEC_FREE(&reader->stack);
    *reader = (struct ast_reader){0};
}
