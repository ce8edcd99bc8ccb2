#include "cli/process.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int start(char *const *words, const struct process_files *files, pid_t *child) {
    posix_spawn_file_actions_t actions;
    FILE *const all[] = {files->input, files->output, files->errors};
    static const int places[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason) return reason;
    for (int k = 0; k < 3 && !reason; k++)
        if (all[k]) reason = posix_spawn_file_actions_adddup2(&actions, fileno(all[k]), places[k]);
    if (!reason) reason = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

int process_run(char *const *words, const struct process_files *files, bool *good) {
    pid_t child;
    int status = 0, reason = start(words, files, &child);
    *good = false;
    if (reason) return reason;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return 0;
    *good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return 0;
}
