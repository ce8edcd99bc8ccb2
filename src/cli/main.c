/* The gradc command: it uses the library only through its public header. */
#include <errno.h>
#include <gradc/gradc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/cache.h"
#include "cli/check.h"
#include "cli/diff.h"
#include "cli/emit.h"
#include "cli/eval.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/plot.h"
#include "cli/report.h"
#include "cli/run.h"

static void print_usage(FILE *out) {
    fputs("Usage: gradc COMMAND [FILE | -e EXPR | -] [OPTION...]\n\n", out);
    for (int k = 0; k < COMMAND_COUNT; k++) {
        const struct command_row *row = command_row((enum command)k);
        fprintf(out, "  %-10s %s\n", row->name, row->summary);
    }
    fputs("\n`gradc COMMAND --help` explains a command; `gradc --version` names gradc, LLVM and the CPU.\n"
          "\nExample: gradc diff -e 'x^4 - 3*x^3 + 2'\n",
          out);
}

static void print_version(void) {
    char *cpu = require_text(gradc_cpu_name());
    printf("gradc %s\nLLVM %s\nCPU %s\n", gradc_version(), gradc_llvm_version(), cpu);
    free(cpu);
}

static enum exit_status complain_unknown_command(const char *name) {
    const char *names[COMMAND_COUNT];
    for (int k = 0; k < COMMAND_COUNT; k++) names[k] = command_row((enum command)k)->name;
    const char *nearest = gradc_nearest_name(name, names, COMMAND_COUNT);
    char hint[100];
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean `gradc %s`?", nearest);
    else
        snprintf(hint, sizeof hint, "`gradc --help` lists the commands");
    complain("unknown-command", hint, "there is no command `%s`", name);
    return EXIT_WRONG;
}

static enum exit_status perform(struct request *request) {
    switch (request->command) {
    case COMMAND_RUN: return run_command(request);
    case COMMAND_EVAL: return eval_command(request);
    case COMMAND_DIFF: return diff_command(request);
    case COMMAND_EMIT: return emit_command(request);
    case COMMAND_FUNCTIONS: return functions_command(request);
    case COMMAND_CHECK: return check_command(request);
    case COMMAND_CACHE: return cache_command(request);
    case COMMAND_REPORT: return report_command(request);
    case COMMAND_PLOT: return plot_command(request);
    case COMMAND_BENCH: return bench_command(request);
    case COMMAND_COUNT: break;
    }
    return EXIT_WRONG;
}

static enum exit_status start_command(enum command command, int argc, char **argv) {
    struct request request;
    enum exit_status status = EXIT_WRONG;
    if (!options_parse(&request, command, argc, argv)) {
        options_free(&request);
        return status;
    }
    if (option_given(&request, OPTION_HELP)) {
        print_help(command);
        status = EXIT_FINE;
    } else {
        status = perform(&request);
    }
    options_free(&request);
    return status;
}

/* How to report errors is known before the options are read. */
static bool is_among(const char *wanted, const char *letter, int argc, char **argv) {
    for (int k = 1; k < argc; k++)
        if (strcmp(argv[k], wanted) == 0 || (letter && strcmp(argv[k], letter) == 0)) return true;
    return false;
}

static enum exit_status start(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : "";
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_WRONG;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        print_usage(stdout);
        return EXIT_FINE;
    }
    if (strcmp(word, "--version") == 0) {
        print_version();
        return EXIT_FINE;
    }
    enum command command = command_find(word);
    return command == COMMAND_COUNT ? complain_unknown_command(word)
                                    : start_command(command, argc - 1, argv + 1);
}

int main(int argc, char **argv) {
    messages_begin(is_among("--json", NULL, argc, argv), is_among("--quiet", "-q", argc, argv));
    enum exit_status status = start(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout)) return (int)status;
    fprintf(stderr, "gradc: error: cannot write standard output: %s\n", strerror(errno));
    return EXIT_MACHINE;
}
