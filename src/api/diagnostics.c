#include <stdlib.h>
#include <string.h>

#include "api/handle.h"

bool gradc_has_errors(const struct gradc_model *model) {
    return diag_has_errors(&model->model->diags);
}

size_t gradc_diagnostic_count(const struct gradc_model *model) {
    return model->model->diags.items.count;
}

static enum gradc_severity severity_of(enum severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return GRADC_ERROR;
    case SEVERITY_WARNING: return GRADC_WARNING;
    case SEVERITY_NOTE: break;
    }
    return GRADC_NOTE;
}

static void fill_place(const struct diag_list *list, const struct diag *diag, struct gradc_diagnostic *out) {
    const struct source *source = source_get(list->sources, diag->span.source);
    out->file = source ? source->name : diag->file;
    out->line = diag->line;
    out->column = diag->column;
    if (!source) return;
    struct position begin = source_position(source, diag->span.begin),
                    end = source_position(source, diag->span.end);
    out->line = begin.line;
    out->column = begin.column;
    out->end_line = end.line;
    out->end_column = end.column;
}

struct gradc_diagnostic gradc_diagnostic_at(const struct gradc_model *model, size_t k) {
    const struct diag *diag = &model->model->diags.items.at[k];
    struct gradc_diagnostic out = {
        .severity = severity_of(diag->severity),
        .code = diag->code,
        .message = diag->message,
        .hint = diag->hint,
        .note_count = diag->notes.count,
        .operation = diag->domain.operation,
        .operands = diag->domain.operands,
        .operand_count = diag->domain.operand_count,
        .indices = diag->domain.indices,
        .index_values = diag->domain.index_values,
        .index_count = diag->domain.index_count,
        .in = diag->domain.in,
    };
    fill_place(&model->model->diags, diag, &out);
    return out;
}

struct gradc_note gradc_note_at(const struct gradc_model *model, size_t diagnostic, size_t note) {
    const struct diag_list *list = &model->model->diags;
    const struct diag_note *from = &list->items.at[diagnostic].notes.at[note];
    const struct source *source = source_get(list->sources, from->span.source);
    if (!source) return (struct gradc_note){.message = from->message};
    struct position place = source_position(source, from->span.begin);
    return (struct gradc_note){source->name, place.line, place.column, from->message};
}

/* Gives a text to the caller; NULL where memory was exhausted on the way. */
static char *hand_over(struct text *text) {
    char *result = text->failed ? NULL : text_copy(text_string(text));
    text_free(text);
    return result;
}

char *gradc_diagnostic_text(const struct gradc_model *model, size_t k, bool colour) {
    const struct diag_list *list = &model->model->diags;
    struct text text = {0};
    diag_render(list, &list->items.at[k], colour, &text);
    return hand_over(&text);
}

char *gradc_diagnostic_json(const struct gradc_model *model, size_t k) {
    const struct diag_list *list = &model->model->diags;
    struct text text = {0};
    diag_json(list, &list->items.at[k], &text);
    return hand_over(&text);
}

size_t gradc_setting_count(const struct gradc_model *model) {
    return model->model->settings.count;
}

struct gradc_setting gradc_setting_at(const struct gradc_model *model, size_t k) {
    const struct model_setting *setting = &model->model->settings.at[k];
    return (struct gradc_setting){setting->name, setting->value};
}

void gradc_setting_error(struct gradc_model *model, size_t k, const char *code, const char *message,
                         const char *hint) {
    struct diag_list *list = &model->model->diags;
    struct diag *diag = diag_error(list, code, model->model->settings.at[k].span, "%s", message);
    if (hint) diag_hint(list, diag, "%s", hint);
}
