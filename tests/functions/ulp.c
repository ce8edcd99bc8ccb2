/* Measures how far the functions of the table are from their exact values, over their whole domains.
 *
 * Usage: ulp [-v] [-s SEED] [NAME...]    -v: all points where an error exceeds what is stated
 *
 * Prints the largest error of the value and of the partials of each function, in units in the last place,
 * with the point where it was found. Fails where it is beyond what the table states, or where the table
 * states more than is aimed at, 4 for elementary and 16 for special functions, and does not say why. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "functions/measure.h"

enum { ELEMENTARY_GOAL = 4, SPECIAL_GOAL = 16, RANDOM_POINTS = 250 };

struct record {
    double error, at[MOST_OPERANDS];
};

struct survey {
    struct subject subject;
    struct record value, partial;
    uint64_t state;
    double stated_value, stated_partial;
    bool verbose, failed;
};

static double percentage(void) {
    const char *text = getenv("GRADC_TEST_SCALE");
    double number = text ? atof(text) : 100;
    return number > 0 ? number : 100;
}

static double next_unit(struct survey *v) {
    v->state = v->state * 6364136223846793005u + 1442695040888963407u;
    return (double)(v->state >> 11) * 0x1p-53;
}

static double between(struct survey *v, double low, double high) {
    return low + next_unit(v) * (high - low);
}

/* ---- Measuring ---- */

static void print_point(const struct subject *s, const double *at) {
    for (uint32_t k = 0; k < s->count; k++) printf("%s%.17g", k ? ", " : "", at[k]);
}

static void note(struct survey *v, struct record *record, double error, double stated, const char *what) {
    if (v->verbose && error > stated) {
        printf("    %s: %g at ", what, error);
        print_point(&v->subject, v->subject.operands);
        printf("\n");
    }
    if (error <= record->error) return;
    record->error = error;
    memcpy(record->at, v->subject.operands, sizeof record->at);
}

static void measure(struct survey *v) {
    double errors[1 + MOST_OPERANDS] = {0};
    if (!subject_measure(&v->subject, errors)) {
        v->failed = true;
        return;
    }
    note(v, &v->value, errors[0], v->stated_value, "value");
    for (uint32_t k = 1; k < v->subject.result_count; k++)
        note(v, &v->partial, errors[k], v->stated_partial, "partial");
}

/* ---- Points ---- */

/* Any double: all magnitudes alike. */
static double any_size(struct survey *v) {
    double size = ldexp(1 + next_unit(v), (int)between(v, DBL_MIN_EXP - DBL_MANT_DIG, DBL_MAX_EXP));
    return next_unit(v) < 0.5 ? -size : size;
}

/* Of a size between 2^-40 and 2^40. */
static double moderate_size(struct survey *v) {
    double size = ldexp(1 + next_unit(v), (int)between(v, -40, 40));
    return next_unit(v) < 0.5 ? -size : size;
}

/* Where functions have edges, zeros and poles: beside them by 2^-1 .. 2^-52 of their size. */
static double beside_a_mark(struct survey *v) {
    static const double marks[] = {1,
                                   0.5,
                                   2,
                                   3,
                                   7,
                                   0.36787944117144233,
                                   1.4616321449683623,
                                   2.5040482547645764,
                                   3.141592653589793,
                                   0.8935769662791675,
                                   2.4048255576957727,
                                   709.78,
                                   745.13,
                                   26.6,
                                   37.5};
    enum { MARKS = sizeof marks / sizeof *marks };
    double mark = marks[(int)between(v, 0, MARKS)], shift = ldexp(next_unit(v), -(int)between(v, 0, 53));
    double point = mark * (next_unit(v) < 0.5 ? 1 - shift : 1 + shift);
    return next_unit(v) < 0.5 ? -point : point;
}

static double special(struct survey *v) {
    static const double points[] = {
        0,         -0.0, 1,       -1,           0.5,           2,       -2,       3,      HUGE_VAL,
        -HUGE_VAL, NAN,  DBL_MIN, DBL_TRUE_MIN, -DBL_TRUE_MIN, DBL_MAX, -DBL_MAX, 0x1p53, -0x1p53,
        1e-300,    1e300};
    return points[(int)between(v, 0, sizeof points / sizeof *points)];
}

static double from_samples(struct survey *v) {
    const struct op_info *info = op_info(v->subject.op);
    return between(v, info->low, info->high);
}

static double from_line(struct survey *v) {
    return between(v, -40, 40);
}

typedef double source(struct survey *);

static source *const sources[] = {any_size, moderate_size, from_samples, from_line, beside_a_mark, special};
enum { SOURCES = sizeof sources / sizeof *sources };

static void draw_order(struct survey *v) {
    static const double orders[] = {0, 1, 2, 3, 5, 8, 13, 21, 40, 70, 100};
    double order = orders[(int)between(v, 0, sizeof orders / sizeof *orders)];
    bool negative = op_info(v->subject.op)->first_order < 0 && next_unit(v) < 0.2;
    v->subject.operands[0] = negative ? -order : order;
    /* Bessel functions change where the argument is about the order. */
    if (next_unit(v) < 0.3) v->subject.operands[1] = order * between(v, 0.3, 2) + between(v, 0, 5);
}

/* Operands of one kind, or with a second that is near the first, or of another kind. */
static void draw_others(struct survey *v, source *draw) {
    double *x = v->subject.operands;
    for (uint32_t k = 1; k < v->subject.count; k++) {
        double dice = next_unit(v);
        x[k] = draw(v);
        if (dice < 0.2) x[k] = sources[(int)between(v, 0, SOURCES)](v);
        if (dice > 0.85) x[k] = x[0] * (1 + ldexp(between(v, -1, 1), -(int)between(v, 0, 53)));
    }
}

static void survey_points(struct survey *v) {
    int points = (int)(RANDOM_POINTS * percentage() / 100) + 1;
    for (int kind = 0; kind < SOURCES; kind++) {
        for (int k = 0; k < points; k++) {
            v->subject.operands[0] = sources[kind](v);
            draw_others(v, sources[kind]);
            if (op_info(v->subject.op)->has_order) draw_order(v);
            measure(v);
        }
    }
}

/* ---- Judging ---- */

static bool is_special(enum op op) {
    return op_is_own(op) || op == OP_ERF || op == OP_ERFC || op == OP_GAMMA || op == OP_LGAMMA;
}

static bool judge(struct survey *v) {
    const struct op_accuracy *accuracy = &op_info(v->subject.op)->accuracy;
    double goal = is_special(v->subject.op) ? SPECIAL_GOAL : ELEMENTARY_GOAL;
    bool within = v->value.error <= accuracy->value && v->partial.error <= accuracy->partial;
    bool excused = accuracy->why || (accuracy->value <= goal && accuracy->partial <= goal);
    printf("%-14s %8.3g of %-5g %8.3g of %-5g %s%s\n    at ", op_info(v->subject.op)->name, v->value.error,
           accuracy->value, v->partial.error, accuracy->partial, within ? "" : "BEYOND WHAT IS STATED ",
           excused ? "" : "NO REASON GIVEN");
    print_point(&v->subject, v->value.at);
    printf("; ");
    print_point(&v->subject, v->partial.at);
    printf("\n");
    return within && excused && !v->failed;
}

static bool survey(enum op op, uint64_t seed, bool verbose) {
    const struct op_accuracy *accuracy = &op_info(op)->accuracy;
    struct survey v = {.state = seed, .verbose = verbose};
    v.stated_value = accuracy->value, v.stated_partial = accuracy->partial;
    v.failed = !subject_open(&v.subject, op);
    if (!v.failed) survey_points(&v);
    bool good = judge(&v);
    subject_close(&v.subject);
    return good;
}

static bool is_wanted(enum op op, char **names, int count) {
    for (int k = 0; k < count; k++)
        if (strcmp(names[k], op_info(op)->name) == 0) return true;
    return count == 0;
}

int main(int argc, char **argv) {
    bool verbose = false;
    uint64_t seed = 3;
    int option, good = 0, failed = 0;
    while ((option = getopt(argc, argv, "vs:")) != -1) {
        if (option == 'v')
            verbose = true;
        else if (option == 's')
            seed = strtoull(optarg, NULL, 10);
        else
            return 2;
    }
    printf("largest errors in units in the last place: value, and derivative\n");
    for (int op = 1; op < OP_COUNT; op++) {
        if (!op_info((enum op)op)->is_function || !is_wanted((enum op)op, argv + optind, argc - optind))
            continue;
        if (survey((enum op)op, seed, verbose))
            good++;
        else
            failed++;
    }
    printf("%d as stated, %d not\n", good, failed);
    return failed || !good ? 1 : 0;
}
