#include "formula/form.h"
#include "support/vec.h"

/* What is still to be written, the next at the end: a form or a piece of text. */
struct item {
    const struct form *form; /* NULL: a piece of text */
    enum binding_strength least;
    bool without_sign;
    const char *text;
};

struct writing {
    struct text *out;
    VEC(struct item) open;
};

static void push_text(struct writing *w, const char *text) {
    VEC_PUSH(&w->open, ((struct item){.text = text}));
}

static void push_part(struct writing *w, const struct form *f, uint32_t part) {
    VEC_PUSH(&w->open, ((struct item){.form = f->parts[part], .least = form_part_strength(f, part)}));
}

/* Pieces are pushed from the last to the first. */

static void push_list(struct writing *w, const struct form *f, const char *close) {
    push_text(w, close);
    for (uint32_t k = f->count; k > 0; k--) {
        push_part(w, f, k - 1);
        if (k > 1) push_text(w, ", ");
    }
}

static void push_sum(struct writing *w, const struct form *f) {
    for (uint32_t k = f->count; k > 0; k--) {
        bool minus = f->parts[k - 1]->negative;
        if (k == 1) {
            push_part(w, f, 0);
            continue;
        }
        VEC_PUSH(&w->open, ((struct item){.form = f->parts[k - 1],
                                          .least = minus ? BINDS_PRODUCT : BINDS_SUM,
                                          .without_sign = true}));
        push_text(w, minus ? " - " : " + ");
    }
}

static void push_product(struct writing *w, const struct form *f) {
    uint32_t below = f->count - f->above;
    if (below > 1) push_text(w, ")");
    for (uint32_t k = f->count; k > 0; k--) {
        push_part(w, f, k - 1);
        if (k - 1 == f->above)
            push_text(w, f->above == 0 ? (below > 1 ? "1/(" : "1/") : below > 1 ? "/(" : "/");
        else if (k > 1)
            push_text(w, "*");
    }
}

static void push_range(struct writing *w, const struct form *f) {
    if (f->parts[3]) {
        push_part(w, f, 3);
        push_text(w, " if ");
    }
    if (f->parts[2]) {
        push_part(w, f, 2);
        push_text(w, " by ");
    }
    push_part(w, f, 1);
    push_text(w, "..");
    push_part(w, f, 0);
    push_text(w, " in ");
    push_text(w, f->text);
}

static void push_reduction(struct writing *w, const struct form *f) {
    push_text(w, ")");
    for (uint32_t k = f->count; k > 1; k--) {
        push_part(w, f, k - 1);
        push_text(w, k > 2 ? ", " : " for ");
    }
    push_part(w, f, 0);
    push_text(w, "(");
    push_text(w, f->text);
}

static void push_choice(struct writing *w, const struct form *f) {
    static const char *const words[] = {"if ", " then ", " else "};
    for (uint32_t k = 3; k > 0; k--) {
        push_part(w, f, k - 1);
        push_text(w, words[k - 1]);
    }
}

static void push_pair(struct writing *w, const struct form *f, const char *between) {
    push_part(w, f, 1);
    push_text(w, between);
    push_part(w, f, 0);
}

static void push_inside(struct writing *w, const struct form *f) {
    switch (f->kind) {
    case FORM_NUMBER:
    case FORM_NAME: push_text(w, f->text); break;
    case FORM_ELEMENT:
        push_list(w, f, "]");
        push_text(w, "[");
        push_text(w, f->text);
        break;
    case FORM_SUM: push_sum(w, f); break;
    case FORM_PRODUCT: push_product(w, f); break;
    case FORM_POWER: push_pair(w, f, "^"); break;
    case FORM_CALL:
        push_list(w, f, ")");
        push_text(w, "(");
        push_text(w, f->text);
        break;
    case FORM_CHOICE: push_choice(w, f); break;
    case FORM_COMPARISON: push_pair(w, f, f->text); break;
    case FORM_AND: push_pair(w, f, " and "); break;
    case FORM_OR: push_pair(w, f, " or "); break;
    case FORM_NOT:
        push_part(w, f, 0);
        push_text(w, "not ");
        break;
    case FORM_REMAINDER: push_pair(w, f, " % "); break;
    case FORM_REDUCTION: push_reduction(w, f); break;
    case FORM_RANGE: push_range(w, f); break;
    }
}

static void write_item(struct writing *w, struct item item) {
    if (!item.form) {
        text_add(w->out, item.text);
        return;
    }
    const struct form *f = item.form;
    bool minus = f->negative && !item.without_sign;
    bool brackets = item.without_sign ? f->strength < item.least : form_needs_brackets(f, item.least);
    if (brackets) {
        text_add(w->out, "(");
        push_text(w, ")");
    }
    if (minus) text_add(w->out, "-");
    bool inner = minus && f->strength < BINDS_PRODUCT;
    if (inner) {
        text_add(w->out, "(");
        push_text(w, ")");
    }
    push_inside(w, f);
}

bool form_write(const struct form *form, enum binding_strength least, size_t most, struct text *out) {
    struct writing w = {.out = out};
    size_t begin = out->length;
    VEC_PUSH(&w.open, ((struct item){.form = form, .least = least}));
    while (w.open.count > 0 && (most == 0 || out->length - begin < most)) {
        struct item item = VEC_POP(&w.open);
        write_item(&w, item);
    }
    bool good = !w.open.failed && !out->failed;
    VEC_FREE(&w.open);
    return good;
}
