#include "cli/kinks.h"

#include <stdio.h>

#include "cli/print.h"

void print_json_place(const struct gradc_place *place) {
    fputs("\"file\": ", stdout);
    print_json_text_or_null(place->file);
    printf(", \"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u", place->line, place->column,
           place->end_line, place->end_column);
    print_key("text");
    print_json_text_or_null(place->text);
}

void print_json_kink(const struct gradc_kink *kink, bool with_point) {
    printf("{\"kind\": \"kink\", ");
    print_json_place(&kink->place);
    printf(", \"operation\": \"%s\"", kink->operation);
    if (with_point) printf(", \"point\": %zu", kink->point);
    print_key("distance");
    print_json_number(stdout, kink->distance);
    print_key("detail");
    print_json_text(stdout, kink->detail);
    putchar('}');
}
