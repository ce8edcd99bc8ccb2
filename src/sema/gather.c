#include "sema/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sema/file.h"
#include "syntax/parse.h"

/* A file whose statements are being gathered. */
struct open_file {
    const struct ast_file *file;
    const char *path, *identity;
    uint32_t next;    /* statement */
    struct span from; /* the import that opened it */
};

struct gathering {
    const struct gather_request *request;
    struct gathered *statements;
    VEC(struct open_file) open; /* each imported by the one before it */
    VEC(const char *) seen;     /* identities of all files so far */
};

static bool is_seen(const struct gathering *g, const char *identity) {
    for (size_t k = 0; k < g->seen.count; k++)
        if (strcmp(g->seen.at[k], identity) == 0) return true;
    return false;
}

/* The place of a file among those that are open; their count where it is not. */
static size_t place_among_open(const struct gathering *g, const char *identity) {
    size_t k = 0;
    while (k < g->open.count && (!g->open.at[k].identity || strcmp(g->open.at[k].identity, identity) != 0))
        k++;
    return k;
}

static void out_of_memory(const struct gather_request *request) {
    diag_error(request->diags, "out-of-memory", (struct span){0}, "memory is exhausted");
}

static void open_text(struct gathering *g, const char *name, const char *path, const char *identity,
                      const char *text, size_t length, struct span from) {
    const struct gather_request *request = g->request;
    struct parse_context context = {request->trees, request->names, request->sources, request->diags};
    uint32_t source = source_add(request->sources, name, text, length);
    struct ast_file *parsed = calloc(1, sizeof *parsed);
    struct open_file file = {.path = path, .identity = identity, .from = from, .file = parsed};
    bool good = parsed && VEC_PUSH(&g->statements->files, parsed);
    if (!good) free(parsed);
    if (!good || !source || !parse_file(&context, source, parsed) || !VEC_PUSH(&g->open, file)) {
        out_of_memory(request);
        return;
    }
    if (identity && !VEC_PUSH(&g->seen, identity)) out_of_memory(request);
}

/* Says so where there is one with the usual ending. */
static void report_missing(struct gathering *g, const char *path, struct span from) {
    struct diag_list *diags = g->request->diags;
    struct diag *diag =
        diag_error(diags, "missing-file", from, "cannot read `%s`: %s", path, strerror(errno));
    const char *whole = arena_format(diags->arena, "%s.grad", path);
    struct stat other;
    if (whole && stat(whole, &other) == 0 && S_ISREG(other.st_mode))
        diag_hint(diags, diag, "did you mean `%s`?", whole);
}

static void open_path(struct gathering *g, const char *path, const char *identity, struct span from) {
    size_t length;
    char *text = file_read(path, &length);
    if (!text) {
        report_missing(g, path, from);
        return;
    }
    open_text(g, path, path, identity, text, length, from);
    free(text);
}

static void report_circle(struct gathering *g, size_t first, const struct ast_statement *s) {
    struct diag_list *diags = g->request->diags;
    bool itself = first + 1 == g->open.count;
    struct diag *diag =
        diag_error(diags, "circular-import", s->path_span,
                   itself ? "`%s` imports itself" : "`%s` is imported in a circle", g->open.at[first].path);
    for (size_t k = first + 1; k < g->open.count; k++)
        diag_note(diags, diag, g->open.at[k].from, "`%s` is imported here", g->open.at[k].path);
}

static void import(struct gathering *g, const struct open_file *file, const struct ast_statement *s) {
    const char *path = file_beside(g->request->arena, file->path, s->path);
    const char *identity = path ? file_identity(g->request->arena, path) : NULL;
    if (!path) {
        out_of_memory(g->request);
    } else if (!identity) {
        diag_error(g->request->diags, "missing-file", s->path_span, "cannot read `%s`: %s", path,
                   strerror(errno));
    } else {
        size_t first = place_among_open(g, identity);
        if (first < g->open.count)
            report_circle(g, first, s);
        else if (!is_seen(g, identity))
            open_path(g, path, identity, s->path_span);
    }
}

static bool allowed_in_import(enum ast_statement_kind kind) {
    return kind == AST_PARAM || kind == AST_VAR || kind == AST_LET || kind == AST_DATA || kind == AST_FN ||
           kind == AST_IMPORT;
}

static const char *statement_word(enum ast_statement_kind kind) {
    static const char *const words[] = {
        [AST_PARAM] = "param",
        [AST_VAR] = "var",
        [AST_LET] = "let",
        [AST_OUTPUT] = "output",
        [AST_DATA] = "data",
        [AST_FN] = "fn",
        [AST_MINIMIZE] = "minimize",
        [AST_MAXIMIZE] = "maximize",
        [AST_FIT] = "fit",
        [AST_RESIDUAL] = "residual",
        [AST_SUBJECT] = "subject to",
        [AST_SOLVE] = "solve",
        [AST_IMPORT] = "import",
    };
    return words[kind];
}

/* Adds a statement to those before it. */
static bool add(struct gathered *statements, const struct open_file *file, uint32_t k) {
    struct gathered_run *last = statements->runs.count ? &VEC_LAST(&statements->runs) : NULL;
    if (last && last->file == file->file && last->first + last->count == k) {
        last->count++;
        return true;
    }
    return VEC_PUSH(&statements->runs, ((struct gathered_run){file->file, k, 1, file->path}));
}

static void refuse_import(struct gathering *g, const struct open_file *file, const struct ast_statement *s) {
    struct diag *diag = diag_error(g->request->diags, "statement-in-import", s->span,
                                   "an imported file cannot hold `%s`", statement_word(s->kind));
    diag_hint(g->request->diags, diag, "params, data, unknowns, lets and functions can be imported");
    diag_note(g->request->diags, diag, file->from, "`%s` is imported here", file->path);
}

static void take(struct gathering *g, const struct open_file *file, uint32_t k) {
    enum ast_statement_kind kind = ast_kind_at(file->file, k);
    bool allowed = g->open.count == 1 || allowed_in_import(kind);
    struct ast_reader reader = {0};
    if (!allowed)
        refuse_import(g, file, ast_at(&reader, file->file, k));
    else if (kind == AST_IMPORT)
        import(g, &(struct open_file){.path = file->path}, ast_at(&reader, file->file, k));
    else if (!add(g->statements, file, k))
        out_of_memory(g->request);
    ast_reader_release(&reader);
}

static void gather_all(struct gathering *g) {
    while (g->open.count > 0) {
        struct open_file *file = &VEC_LAST(&g->open);
        if (file->next < ast_count(file->file))
            take(g, file, file->next++);
        else
            g->open.count--;
    }
    VEC_FREE(&g->open);
    VEC_FREE(&g->seen);
}

void gather_file(const struct gather_request *request, const char *path, struct gathered *statements) {
    struct gathering g = {.request = request, .statements = statements};
    open_path(&g, path, file_identity(request->arena, path), (struct span){0});
    gather_all(&g);
}

void gather_text(const struct gather_request *request, const char *name, const char *directory,
                 const char *text, size_t length, struct gathered *statements) {
    struct gathering g = {.request = request, .statements = statements};
    const char *path = arena_format(request->arena, "%s/", directory && *directory ? directory : ".");
    if (path)
        open_text(&g, name, path, NULL, text, length, (struct span){0});
    else
        out_of_memory(request);
    gather_all(&g);
}

void gathered_release(struct gathered *statements) {
    for (size_t k = 0; k < statements->files.count; k++) {
        ast_file_release(statements->files.at[k]);
        free(statements->files.at[k]);
    }
    VEC_FREE(&statements->files);
    VEC_FREE(&statements->runs);
}
