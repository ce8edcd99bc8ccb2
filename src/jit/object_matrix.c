#include "jit/object_matrix.h"

#include <string.h>

#include "jit/object_text.h"

/* ---- Text ---- */

/* What stands for a letter; NULL: a number does. */
static const char *word_for(char letter, const struct object_request *q, const struct object_matrix *m,
                            bool wide) {
    switch (letter) {
    case 'P': return q->prefix;
    case 'M': return m->name;
    case 'L': return m->places;
    case 'V': return m->values;
    case 'S': return wide ? "i64" : "i32";
    case 'N': return wide ? "add i64 %entries, 0" : "trunc i64 %entries to i32";
    case 'D': return m->lower ? "%column.k" : "0"; /* the least row of a column */
    case 'F': return m->lower ? "%j" : "0";
    case 'E': return m->lower ? "%i.next" : NULL; /* behind the last column of a row */
    case 'w': return m->weighted ? "ptr, ptr," : "";
    case 'W': return m->weighted ? "double %factor, ptr %multipliers," : "";
    case 'a': return m->weighted ? "ptr %factor.at, ptr %multipliers," : "";
    case 'A': return m->weighted ? "%factor.at = alloca double\n  store double %factor, ptr %factor.at" : "";
    default: return NULL;
    }
}

/* Where a row begins in a dense matrix: the lower triangle has one entry more in each row. */
static const char triangle_row[] = "%rectangle = mul i64 %i, %i.next\n  %row.first = lshr i64 %rectangle, 1";

static void add_filled(const char *text, const struct object_request *q, const struct object_matrix *m,
                       bool wide, struct text *out) {
    for (const char *at = text; *at; at++) {
        if (*at != '$') {
            text_add_bytes(out, at, 1);
            continue;
        }
        at++;
        const char *word = word_for(*at, q, m, wide);
        if (word)
            text_add(out, word);
        else if (*at == 'I' && m->lower)
            text_add(out, triangle_row);
        else if (*at == 'I')
            text_addf(out, "%%row.first = mul i64 %%i, %zu", m->columns);
        else
            text_addf(out, "%zu", *at == 'T' ? m->terms : *at == 'R' ? m->rows : m->columns);
    }
    text_add(out, "\n");
}

static void write_all(const struct object_request *q, unsigned size_bits, struct text *out) {
    bool wide = size_bits == 64, sorts = false;
    text_add(out, "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)\n\n");
    for (size_t k = 0; k < q->matrix_count; k++) {
        const struct object_matrix *m = &q->matrices[k];
        if (m->places && !sorts) add_filled(object_order_text, q, m, wide, out);
        sorts |= m->places != NULL;
        add_filled(object_terms_text, q, m, wide, out);
        add_filled(m->places ? object_pattern_text : object_dense_pattern_text, q, m, wide, out);
        add_filled(m->places ? object_values_text : object_dense_values_text, q, m, wide, out);
    }
}

/* ---- The module ---- */

static LLVMModuleRef read_text(LLVMContextRef context, const struct text *text, char **message) {
    LLVMModuleRef module = NULL;
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(text->at, text->length, "matrices");
    return LLVMParseIRInContext(context, buffer, &module, message) ? NULL : module;
}

bool object_matrices_add(LLVMModuleRef module, const struct object_request *request, unsigned size_bits,
                         char **message) {
    struct text text = {0};
    *message = NULL;
    if (request->matrix_count == 0) return true;
    text_addf(&text, "target datalayout = \"%s\"\ntarget triple = \"%s\"\n\n", LLVMGetDataLayoutStr(module),
              LLVMGetTarget(module));
    write_all(request, size_bits, &text);
    LLVMModuleRef matrices = text.failed ? NULL : read_text(LLVMGetModuleContext(module), &text, message);
    text_free(&text);
    return matrices && !LLVMLinkModules2(module, matrices);
}
