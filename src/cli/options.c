#include "cli/options.h"

#include <getopt.h>
#include <gradc/gradc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

static const struct command_row commands[COMMAND_COUNT] = {
    [COMMAND_RUN] = {"run", "descend from the start and report where and why it stopped", "FILE",
                     "gradc run -e 'x^4 - 3*x^3 + 2' --start x=5"},
    [COMMAND_EVAL] = {"eval", "value, gradient and outputs at a point", "FILE",
                      "gradc eval -e 'x^2 + sin(y)' --at x=3,y=0.5"},
    [COMMAND_DIFF] = {"diff", "print the exact derivatives as formulas", "FILE",
                      "gradc diff -e 'x^4 - 3*x^3 + 2'"},
    [COMMAND_CHECK] = {"check", "derivatives against differences, kinks, domains, doubtful places", "FILE",
                       "gradc check -e 'sqrt(x) + abs(y)' --points 3"},
    [COMMAND_BENCH] = {"bench", "exact against numeric gradients: accuracy and speed", "FILE",
                       "gradc bench -e 'x^4 - 3*x^3 + 2' --points 2"},
    [COMMAND_EMIT] = {"emit", "generate C", "FILE", "gradc emit --lang c -e 'x^2 + y^2'"},
    [COMMAND_PLOT] = {"plot", "a picture of the descent", "FILE",
                      "gradc plot -e 'x^4 - 3*x^3 + 2' --start x=5 -o quartic.svg"},
    [COMMAND_REPORT] = {"report", "what was generated and what it costs", "FILE",
                        "gradc report -e 'exp(sin(x)) + sin(x)^2'"},
    [COMMAND_FUNCTIONS] = {"functions", "the elementary functions, with their derivatives", "",
                           "gradc functions"},
    [COMMAND_CACHE] = {"cache", "show or clear the cache of compiled code", "", "gradc cache --clear"},
};

enum {
    RUN = 1 << COMMAND_RUN,
    EVAL = 1 << COMMAND_EVAL,
    DIFF = 1 << COMMAND_DIFF,
    CHECK = 1 << COMMAND_CHECK,
    BENCH = 1 << COMMAND_BENCH,
    EMIT = 1 << COMMAND_EMIT,
    PLOT = 1 << COMMAND_PLOT,
    FUNCTIONS = 1 << COMMAND_FUNCTIONS,
    FILES = (1 << COMMAND_COUNT) - 1 - FUNCTIONS - (1 << COMMAND_CACHE),
    ALL = (1 << COMMAND_COUNT) - 1
};

static const struct option_row {
    const char *name;
    char letter;
    const char *argument; /* NULL: none */
    unsigned commands;
    const char *help;
} rows[OPTION_COUNT] = {
    [OPTION_EXPRESSION] = {"expression", 'e', "EXPR", FILES,
                           "an expression to minimise in the place of a file"},
    [OPTION_METHOD] = {"method", 0, "NAME", RUN | PLOT,
                       "auto (the default), gd, momentum, nesterov, adam, bb, cg, lbfgs, newton, lm,\n"
                       "ipopt, neldermead, bobyqa, direct, crs"},
    [OPTION_RATE] = {"rate", 0, "R", RUN | PLOT, "of gd (x -= R*gradient), momentum, nesterov, adam"},
    [OPTION_BETA] = {"beta", 0, "B", RUN | PLOT,
                     "how much of the last step goes on in momentum, nesterov, adam (0.9)"},
    [OPTION_BETA2] = {"beta2", 0, "B", RUN | PLOT, "the same for adam's squares (0.999)"},
    [OPTION_EPSILON] = {"epsilon", 0, "E", RUN | PLOT, "what adam adds to the root of its squares (1e-8)"},
    [OPTION_MEMORY] = {"memory", 0, "M", RUN | PLOT, "how many steps lbfgs remembers (10)"},
    [OPTION_TOLERANCE] = {"tolerance", 0, "T", RUN | PLOT,
                          "gd with a rate: of the step; lm: of a cosine; else of the gradient"},
    [OPTION_MAX_ITERATIONS] = {"max-iterations", 0, "N", RUN | PLOT,
                               "stop after N iterations (default 100000)"},
    [OPTION_START] = {"start", 0, "NAME=VALUE,...", RUN | PLOT,
                      "another start; @FILE.json: where a run has stopped"},
    [OPTION_FIX] = {"fix", 0, "NAME=VALUE,...", RUN | PLOT, "hold unknowns at a value"},
    [OPTION_MULTISTART] = {"multistart", 0, "N", RUN | PLOT, "descend from N starts and report all basins"},
    [OPTION_SEED] = {"seed", 0, "S", RUN | PLOT | CHECK | BENCH, "other random numbers (default 0)"},
    [OPTION_TRACE] = {"trace", 0, "FILE.csv", RUN, "write a row per iteration"},
    [OPTION_RESIDUALS] = {"residuals", 0, "FILE.csv", RUN, "write observed, fitted and residual per row"},
    [OPTION_CORRELATION] = {"correlation", 0, NULL, RUN, "of the unknowns of a fit, as a table"},
    [OPTION_TIMEOUT] = {"timeout", 0, "SECONDS", RUN | PLOT, "stop after that time"},
    [OPTION_AT] = {"at", 0, "NAME=VALUE,...", EVAL,
                   "the point: x=1, b=[1,2], b[2]=3, @FILE.json (default: the start)"},
    [OPTION_ORDER] = {"order", 0, "N", EVAL | DIFF, "highest derivative (default 1)"},
    [OPTION_BATCH] = {"batch", 0, "FILE.csv", EVAL, "a point per row, a column per unknown"},
    [OPTION_WRT] = {"wrt", 0, "NAME,...", DIFF, "unknowns or real params (default: all unknowns)"},
    [OPTION_FORMAT] = {"format", 0, "NAME", DIFF, "text (default), grad, json, latex or dot"},
    [OPTION_LANG] = {"lang", 0, "NAME", EMIT, "c (the default), llvm, asm, obj or shared"},
    [OPTION_TARGET] = {"target", 0, "TRIPLE", EMIT, "another machine for machine code, as LLVM names it"},
    [OPTION_CPU] = {"cpu", 0, "NAME", EMIT, "its processor (default: the plainest)"},
    [OPTION_WHAT] = {"what", 0, "NAME,...", EMIT,
                     "of value, gradient, hessian, hvp, jacobian, lagrangian (default value,gradient; "
                     "jacobian where a file has outputs alone)"},
    [OPTION_FLOAT] = {"float", 0, NULL, EMIT, "floats instead of doubles"},
    [OPTION_FREEZE] = {"freeze", 0, NULL, EMIT, "params, tables and sizes as constants instead of arguments"},
    [OPTION_MAIN] = {"main", 0, NULL, EMIT, "add a self-test that compares all functions with exact figures"},
    [OPTION_PREFIX] = {"prefix", 0, "NAME", EMIT, "begins the names of generated functions"},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", EVAL | EMIT | PLOT | BENCH,
                       "write there in the place of standard output"},
    [OPTION_POINTS] = {"points", 0, "N", CHECK | BENCH, "random points beside the start (default 5)"},
    [OPTION_PLOT] = {"plot", 0, "FILE", BENCH, "a picture of errors against the step (.svg, .png or .gp)"},
    [OPTION_NO_DESCENTS] = {"no-descents", 0, NULL, BENCH, "compare no descents"},
    [OPTION_NO_TIMES] = {"no-times", 0, NULL, BENCH, "measure no times: the same output in every run"},
    [OPTION_MARKDOWN] = {"markdown", 0, NULL, FUNCTIONS, "as a Markdown page"},
    [OPTION_CLEAR] = {"clear", 0, NULL, 1 << COMMAND_CACHE, "remove what is kept"},
    [OPTION_COMPARE] = {"compare", 0, "NAME,...", PLOT, "descend with each of these methods"},
    [OPTION_AXES] = {"axes", 0, "NAME,...", PLOT,
                     "one or two unknowns: a cut through the end; or a column of a fit's data"},
    [OPTION_KIND] = {"kind", 0, "NAME", PLOT,
                     "curve, contours, convergence, fit, or auto (the default): by the model"},
    [OPTION_RANGE] = {"range", 0, "NAME=[A,B],...", PLOT, "show this part of an axis"},
    [OPTION_GRID] = {"grid", 0, "N", PLOT,
                     "values along an axis (default 601 for a curve, 201 for contours)"},
    [OPTION_DEFINE] = {"define", 'D', "NAME=VALUE", FILES, "the value of a param, such as n=50 or w=[1,2,3]"},
    [OPTION_DATA] = {"data", 0, "NAME=FILE", FILES, "another table for a data statement"},
    [OPTION_JSON] = {"json", 0, NULL, ALL, "results and errors as JSON"},
    [OPTION_STRICT] = {"strict", 0, NULL, FILES,
                       "scalar arithmetic in program order: the same bits everywhere"},
    [OPTION_FAST] = {"fast", 0, NULL, FILES, "contract and regroup arithmetic, functions to a few ulp"},
    [OPTION_LANES] = {"lanes", 0, "N", FILES,
                      "how many vector lanes: 1, 2, 4 or 8 (default: by the processor)"},
    [OPTION_THREADS] = {"threads", 0, "N", FILES,
                        "how many threads share long loops, or starts (default: as there are processors)"},
    [OPTION_NO_CACHE] = {"no-cache", 0, NULL, FILES, "neither use nor keep compiled code on disk"},
    [OPTION_QUIET] = {"quiet", 'q', NULL, ALL, "no warnings, no notes, no progress"},
    [OPTION_VERBOSE] = {"verbose", 'v', NULL, ALL, "phases with their times and sizes, on standard error"},
    [OPTION_HELP] = {"help", 'h', NULL, ALL, "this text"},
};

const struct command_row *command_row(enum command command) {
    return &commands[command];
}

enum command command_find(const char *name) {
    for (int k = 0; k < COMMAND_COUNT; k++)
        if (strcmp(commands[k].name, name) == 0) return (enum command)k;
    return COMMAND_COUNT;
}

const char *option_name(enum option_id id) {
    return rows[id].name;
}

static bool is_setting(enum option_id id) {
    return (rows[id].commands & RUN) && rows[id].commands != FILES && rows[id].commands != ALL;
}

static void setting_name(enum option_id id, char name[32]) {
    snprintf(name, 32, "%s", rows[id].name);
    for (char *c = name; *c; c++)
        if (*c == '-') *c = '_';
}

enum option_id option_of_setting(const char *key) {
    for (int id = 0; id < OPTION_COUNT; id++) {
        char name[32];
        setting_name((enum option_id)id, name);
        if (is_setting((enum option_id)id) && strcmp(name, key) == 0) return (enum option_id)id;
    }
    return OPTION_COUNT;
}

size_t setting_names(char (*names)[32], size_t room) {
    size_t count = 0;
    for (int id = 0; id < OPTION_COUNT && count < room; id++)
        if (is_setting((enum option_id)id)) setting_name((enum option_id)id, names[count++]);
    return count;
}

bool option_given(const struct request *request, enum option_id id) {
    return request->values[id].count > 0;
}

const char *option_value(const struct request *request, enum option_id id) {
    const struct option_values *values = &request->values[id];
    return values->count ? values->at[values->count - 1] : NULL;
}

void option_add(struct request *request, enum option_id id, const char *value) {
    struct option_values *values = &request->values[id];
    values->at = allocate_again(values->at, (values->count + 1) * sizeof *values->at);
    values->at[values->count++] = value;
}

void options_free(struct request *request) {
    for (int id = 0; id < OPTION_COUNT; id++) free(request->values[id].at);
    free(request->cache);
    *request = (struct request){0};
}

/* What getopt_long reads: the letters and names of one command. */
struct getopt_tables {
    char letters[2 * OPTION_COUNT + 2];
    struct option names[OPTION_COUNT + 1];
};

static void make_tables(enum command command, struct getopt_tables *tables) {
    size_t letters = 0, names = 0;
    *tables = (struct getopt_tables){0};
    tables->letters[letters++] = ':'; /* tell a missing argument from an unknown option */
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (!(rows[id].commands >> command & 1u)) continue;
        if (rows[id].letter) tables->letters[letters++] = rows[id].letter;
        if (rows[id].letter && rows[id].argument) tables->letters[letters++] = ':';
        tables->names[names++] =
            (struct option){.name = rows[id].name,
                            .has_arg = rows[id].argument ? required_argument : no_argument,
                            .val = 256 + id};
    }
}

static enum option_id option_of_code(int code) {
    if (code >= 256) return (enum option_id)(code - 256);
    for (int id = 0; id < OPTION_COUNT; id++)
        if (rows[id].letter == code) return (enum option_id)id;
    return OPTION_COUNT;
}

/* A point is called by what it is for. */
static const char *name_elsewhere(enum command command, const char *name) {
    bool starts = rows[OPTION_START].commands >> command & 1u;
    bool stands = rows[OPTION_AT].commands >> command & 1u;
    if (strcmp(name, "at") == 0 && starts) return "start";
    return strcmp(name, "start") == 0 && stands ? "at" : NULL;
}

static void complain_unknown(enum command command, const char *argument) {
    const char *names[OPTION_COUNT];
    size_t count = 0;
    for (int id = 0; id < OPTION_COUNT; id++)
        if (rows[id].commands >> command & 1u) names[count++] = rows[id].name;
    char name[64];
    const char *dashless = argument + strspn(argument, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(dashless, "="), dashless);
    const char *nearest = name_elsewhere(command, name);
    if (!nearest && strncmp(argument, "--", 2) == 0) nearest = gradc_nearest_name(name, names, count);
    char hint[128];
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean `--%s`?", nearest);
    else
        snprintf(hint, sizeof hint, "`gradc %s --help` lists the options", commands[command].name);
    complain("unknown-option", hint, "`gradc %s` has no option `%.*s`", commands[command].name,
             (int)strcspn(argument, "="), argument);
}

/* What getopt has stopped at, as the user wrote it. */
static void complain_about(enum command command, int code, int letter_or_value, const char *argument) {
    if (code == ':') {
        enum option_id id = option_of_code(letter_or_value);
        complain("missing-value", NULL, "`%s` needs a value: %s", argument,
                 id < OPTION_COUNT ? rows[id].argument : "VALUE");
        return;
    }
    char letter[3] = {'-', (char)letter_or_value, '\0'};
    bool is_letter = letter_or_value > 0 && letter_or_value < 256;
    if (letter_or_value >= 256)
        complain("unexpected-value", NULL, "`--%s` takes no value", rows[letter_or_value - 256].name);
    else
        complain_unknown(command, is_letter ? letter : argument);
}

static bool take_operands(struct request *request, int argc, char **argv) {
    const struct command_row *command = &commands[request->command];
    bool wants_file = command->operand[0] && !option_given(request, OPTION_EXPRESSION);
    if (optind < argc && wants_file) request->file = argv[optind++];
    if (optind < argc) {
        complain("unexpected-operand", NULL, "`gradc %s` does not expect `%s`", command->name, argv[optind]);
        return false;
    }
    if (!wants_file || request->file) return true;
    char hint[160];
    snprintf(hint, sizeof hint, "for example: %s", command->example);
    complain("missing-file", hint, "`gradc %s` needs a file, or an expression after -e", command->name);
    return false;
}

/* In the folder that the XDG base directory specification gives; NULL where there is none. */
static char *cache_folder(void) {
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME"), *below = "/gradc";
    if (!base || base[0] != '/') {
        base = home;
        below = "/.cache/gradc";
    }
    if (!base || base[0] != '/') return NULL;
    size_t size = strlen(base) + strlen(below) + 1;
    char *folder = allocate(size, 1);
    snprintf(folder, size, "%s%s", base, below);
    return folder;
}

bool options_parse(struct request *request, enum command command, int argc, char **argv) {
    struct getopt_tables tables;
    make_tables(command, &tables);
    *request = (struct request){.command = command};
    opterr = 0;
    optind = 1;
    for (;;) {
        int before = optind;
        int code = getopt_long(argc, argv, tables.letters, tables.names, NULL);
        if (code == -1) break;
        if (code == '?' || code == ':') {
            complain_about(command, code, optopt, argv[optind > before ? optind - 1 : before]);
            return false;
        }
        option_add(request, option_of_code(code), optarg ? optarg : "");
    }
    if (option_given(request, OPTION_HELP)) return true;
    if (option_given(request, OPTION_STRICT) && option_given(request, OPTION_FAST)) {
        complain("exclusive-options", NULL, "`--strict` and `--fast` exclude each other");
        return false;
    }
    if (!option_given(request, OPTION_NO_CACHE)) request->cache = cache_folder();
    return take_operands(request, argc, argv);
}

static void print_option(const struct option_row *row) {
    char left[64];
    const char *space = row->argument ? " " : "", *argument = row->argument ? row->argument : "";
    if (row->letter)
        snprintf(left, sizeof left, "-%c, --%s%s%s", row->letter, row->name, space, argument);
    else
        snprintf(left, sizeof left, "    --%s%s%s", row->name, space, argument);
    const char *end, *line = row->help;
    for (const char *at = left; (end = strchr(line, '\n')); at = "", line = end + 1)
        printf("  %-28s %.*s\n", at, (int)(end - line), line);
    printf("  %-28s %s\n", line == row->help ? left : "", line);
}

void print_help(enum command command) {
    const struct command_row *row = &commands[command];
    printf("Usage: gradc %s%s%s [OPTION...]\n\n%s\n\n", row->name, row->operand[0] ? " " : "", row->operand,
           row->summary);
    for (int id = 0; id < OPTION_COUNT; id++)
        if (rows[id].commands >> command & 1u) print_option(&rows[id]);
    if (row->example[0]) printf("\nExample: %s\n", row->example);
}
