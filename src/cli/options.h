/* The options of all commands: one table, read by the parser, by --help and by `solve with`. */
#ifndef GRADC_CLI_OPTIONS_H
#define GRADC_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum command {
    COMMAND_RUN,
    COMMAND_EVAL,
    COMMAND_DIFF,
    COMMAND_CHECK,
    COMMAND_BENCH,
    COMMAND_EMIT,
    COMMAND_PLOT,
    COMMAND_REPORT,
    COMMAND_FUNCTIONS,
    COMMAND_CACHE,
    COMMAND_COUNT
};

enum option_id {
    OPTION_EXPRESSION,
    OPTION_DEFINE,
    OPTION_DATA,
    OPTION_JSON,
    OPTION_STRICT,
    OPTION_FAST,
    OPTION_LANES,
    OPTION_THREADS,
    OPTION_NO_CACHE,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_HELP,
    OPTION_METHOD,
    OPTION_RATE,
    OPTION_BETA,
    OPTION_BETA2,
    OPTION_EPSILON,
    OPTION_MEMORY,
    OPTION_TOLERANCE,
    OPTION_MAX_ITERATIONS,
    OPTION_START,
    OPTION_FIX,
    OPTION_MULTISTART,
    OPTION_SEED,
    OPTION_TRACE,
    OPTION_RESIDUALS,
    OPTION_CORRELATION,
    OPTION_TIMEOUT,
    OPTION_AT,
    OPTION_ORDER,
    OPTION_BATCH,
    OPTION_OUTPUT,
    OPTION_WRT,
    OPTION_FORMAT,
    OPTION_LANG,
    OPTION_WHAT,
    OPTION_FLOAT,
    OPTION_FREEZE,
    OPTION_MAIN,
    OPTION_TARGET,
    OPTION_CPU,
    OPTION_PREFIX,
    OPTION_MARKDOWN,
    OPTION_POINTS,
    OPTION_PLOT,
    OPTION_NO_TIMES,
    OPTION_NO_DESCENTS,
    OPTION_CLEAR,
    OPTION_COMPARE,
    OPTION_AXES,
    OPTION_KIND,
    OPTION_RANGE,
    OPTION_GRID,
    OPTION_COUNT
};

/* Values as given, in order; an option without an argument has "" per use. */
struct option_values {
    const char **at;
    size_t count;
};

struct request {
    enum command command;
    const char *file; /* NULL: an expression, or none */
    struct option_values values[OPTION_COUNT];
    /* Where a value comes from `solve with`: the setting's place plus 1; 0: the command line. */
    size_t setting[OPTION_COUNT];
    char *cache; /* the folder for compiled code; NULL: none */
};

struct command_row {
    const char *name, *summary, *operand, *example;
};

/* Borrowed static rows. */
const struct command_row *command_row(enum command command);
/* COMMAND_COUNT where there is none of that name. */
enum command command_find(const char *name);
/* "--rate" without its dashes. */
const char *option_name(enum option_id id);
/* The option of `run` behind a key of `solve with`; OPTION_COUNT: none. */
enum option_id option_of_setting(const char *key);
/* The names of `run`'s settings, for suggestions; returns how many. */
size_t setting_names(char (*names)[32], size_t room);

/* Reads the arguments behind the command's name. False after an error, which is printed. */
bool options_parse(struct request *request, enum command command, int argc, char **argv);
void options_free(struct request *request);
bool option_given(const struct request *request, enum option_id id);
/* The last value given, or NULL. */
const char *option_value(const struct request *request, enum option_id id);
void option_add(struct request *request, enum option_id id, const char *value);
void print_help(enum command command);

#endif
