/* A page: the derivatives of one program with the lines that they share, and its writers. */
#ifndef GRADC_FORMULA_PAGE_H
#define GRADC_FORMULA_PAGE_H

#include "formula/sheet.h"

/* One derivative, ready to be shown. */
struct shown {
    const struct formula_target *target;
    index_id *indices; /* of the function's element, then of each variable's */
    struct dimension *ranges;
    uint32_t rank;
    node_id value;
    bool zero;
};

struct page {
    struct sheet sheet;
    struct shown *shown;
    size_t count;
    struct text *out;
};

void write_text(struct page *page);
void write_statements(struct page *page);
void write_json(struct page *page);

#endif
