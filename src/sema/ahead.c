#include "sema/ahead.h"

enum { FAR = 12, MIDDLE = 8, NEAR = 4 };

static void ask_entries(const struct ast_file *file, const struct ast_names *names) {
    for (uint32_t k = 0; k < names->count; k++) intern_ask_numbered(file->names, ast_name_number(names, k));
}

static void ask_letters(const struct ast_file *file, const struct ast_names *names) {
    for (uint32_t k = 0; k < names->count; k++)
        intern_ask_numbered_letters(file->names, ast_name_number(names, k));
}

void ahead_of_usage(const struct usage *usage, const struct gathered_run *run, uint32_t k) {
    if (k < run->first + FAR) return;
    struct ast_names far = ast_names_at(run->file, k - FAR), near = ast_names_at(run->file, k - NEAR);
    ask_entries(run->file, &far);
    for (uint32_t n = 0; n < far.count; n++) {
        uint32_t number = ast_name_number(&far, n);
        if (number < usage->of.count) __builtin_prefetch(&usage->of.at[number], 1);
    }
    ask_letters(run->file, &near);
}

void ahead_of_names(const struct gathered_run *run, uint32_t k) {
    if (k + FAR >= run->first + run->count) return;
    struct ast_names far = ast_names_at(run->file, k + FAR);
    ask_entries(run->file, &far);
}

/* The symbol of a name; NULL where it has none yet. */
static const struct symbol *symbol_numbered(const struct scope *scope, uint32_t number) {
    uint32_t place = name_map_of_number(&scope->symbol_places, number);
    return place != NAME_NONE ? &scope->symbols.at[place] : NULL;
}

void ahead_of_check(const struct checker *c, const struct gathered_run *run, uint32_t k) {
    if (k + FAR >= run->first + run->count) return;
    struct ast_names far = ast_names_at(run->file, k + FAR), middle = ast_names_at(run->file, k + MIDDLE),
                     near = ast_names_at(run->file, k + NEAR);
    ask_entries(run->file, &far);
    for (uint32_t n = 0; n < far.count; n++) name_map_ask(&c->scope.symbol_places, ast_name_number(&far, n));
    ask_letters(run->file, &middle);
    for (uint32_t n = 0; n < middle.count; n++) {
        const struct symbol *symbol = symbol_numbered(&c->scope, ast_name_number(&middle, n));
        if (!symbol) continue;
        __builtin_prefetch(&symbol->name);
        __builtin_prefetch(&symbol->value);
    }
    for (uint32_t n = 0; n < near.count; n++) {
        const struct symbol *symbol = symbol_numbered(&c->scope, ast_name_number(&near, n));
        if (symbol) __builtin_prefetch(&c->graph->nodes.at[symbol->value]);
    }
}
