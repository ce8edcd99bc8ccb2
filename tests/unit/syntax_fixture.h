/* A parsed text. */
#ifndef GRADC_TESTS_SYNTAX_FIXTURE_H
#define GRADC_TESTS_SYNTAX_FIXTURE_H

#include <criterion/criterion.h>
#include <string.h>

#include "syntax/parse.h"

struct parsed {
    struct arena arena;
    struct intern names;
    struct source_set sources;
    struct diag_list diags;
    struct ast_file file;
    struct ast_reader reader;
    const char *text;
};

static inline void parse(struct parsed *p, const char *text, size_t length) {
    *p = (struct parsed){.text = text};
    intern_init(&p->names, &p->arena);
    source_set_init(&p->sources, &p->arena);
    diag_init(&p->diags, &p->arena, &p->sources);
    struct parse_context context = {&p->arena, &p->names, &p->sources, &p->diags};
    cr_assert(parse_file(&context, source_add(&p->sources, "test", text, length), &p->file));
}

static inline void forget(struct parsed *p) {
    ast_reader_release(&p->reader);
    ast_file_release(&p->file);
    diag_release(&p->diags);
    source_set_release(&p->sources);
    intern_release(&p->names);
    arena_release(&p->arena);
}

#endif
