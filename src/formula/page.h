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
    struct formula_names *names;
    struct shown *shown;
    size_t count;
    struct text *out;
};

/* Of higher derivatives, those that are 0 are told together at the end. */
bool shown_at_the_end(const struct shown *s);
/* "[k, l]", or nothing. */
void page_add_subscripts(const struct page *page, const index_id *indices, uint32_t count, struct text *out);
/* " for k in 1..n, l in 1..m", or nothing; `down`: by index, whether its range is turned round. */
void page_add_for(struct page *page, const index_id *indices, const struct dimension *ranges, uint32_t count,
                  const bool *down, struct text *out);
/* "d2f/dx[k]dx[l]"; without indices, arrays stand as a whole. */
void page_add_heading(const struct page *page, const struct formula_target *target, const index_id *indices,
                      struct text *out);

void write_text(struct page *page);
void write_statements(struct page *page);
void write_json(struct page *page);
void write_latex(struct page *page);
void write_dot(struct page *page);

#endif
