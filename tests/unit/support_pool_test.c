#include "support/pool.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TASKS = 200, WORKERS = 8 };

/* How often each task was done, and by whom at the same time. */
struct tally {
    atomic_uint done[TASKS], busy[WORKERS];
    atomic_uint meetings; /* two threads were one worker */
};

static void count(const void *job, unsigned worker, size_t task) {
    struct tally *t = *(struct tally *const *)job;
    if (atomic_fetch_add(&t->busy[worker], 1) != 0) atomic_fetch_add(&t->meetings, 1);
    atomic_fetch_add(&t->done[task], 1);
    atomic_fetch_sub(&t->busy[worker], 1);
}

static void expect_calls(struct pool *pool, unsigned calls) {
    for (unsigned k = 0; k < calls; k++) {
        struct tally t = {0}, *job = &t;
        size_t tasks = k % (TASKS + 1);
        pool_run(pool, tasks, count, &job, sizeof job);
        for (size_t i = 0; i < TASKS; i++)
            cr_assert_eq(atomic_load(&t.done[i]), i < tasks ? 1U : 0U, "task %zu of %zu", i, tasks);
        cr_assert_eq(atomic_load(&t.meetings), 0U);
    }
}

Test(pool, each_task_is_done_once) {
    for (unsigned workers = 1; workers <= WORKERS; workers++) {
        struct pool *pool = pool_new(workers);
        cr_assert_not_null(pool);
        cr_expect_eq(pool_size(pool), workers);
        expect_calls(pool, 1000);
        pool_free(pool);
    }
}

static void *call(void *pool) {
    expect_calls(pool, 1000);
    return NULL;
}

Test(pool, several_callers_may_come_at_once) {
    struct pool *pool = pool_new(2);
    pthread_t threads[3];
    cr_assert_not_null(pool);
    for (int k = 0; k < 3; k++) cr_assert_eq(pthread_create(&threads[k], NULL, call, pool), 0);
    for (int k = 0; k < 3; k++) pthread_join(threads[k], NULL);
    pool_free(pool);
}

/* Long enough for the other thread to fall asleep between calls, and to take part in them. */
static void note_worker(const void *job, unsigned worker, size_t task) {
    volatile double work = (double)task;
    for (int k = 0; k < 20000; k++) work = work + 1;
    atomic_fetch_or(*(atomic_uint *const *)job, 1U << worker);
}

Test(pool, those_who_slept_take_part_again, .timeout = 60) {
    struct pool *pool = pool_new(2);
    atomic_uint workers = 0, *job = &workers;
    cr_assert_not_null(pool);
    for (int rounds = 0; rounds < 2; rounds++) {
        struct timespec rest = {0, 5000000};
        atomic_store(&workers, 0);
        nanosleep(&rest, NULL);
        while (atomic_load(&workers) != 3) pool_run(pool, TASKS, note_worker, &job, sizeof job);
    }
    pool_free(pool);
    pool_free(NULL);
}

/* A fork has the pool's memory but not its threads: it does the tasks by itself. Threads that sleep, and more
 * of them than processors, leave the locks in any state. */
Test(pool, a_fork_works_alone, .timeout = 60) {
    struct pool *pool = pool_new(WORKERS);
    cr_assert_not_null(pool);
    for (int rounds = 0; rounds < 60; rounds++) {
        expect_calls(pool, 20);
        pid_t child = fork();
        cr_assert_geq(child, 0);
        if (child == 0) {
            struct tally t = {0}, *job = &t;
            bool good = true;
            alarm(10);
            for (int k = 0; k < 5; k++) pool_run(pool, TASKS, count, &job, sizeof job);
            for (size_t i = 0; i < TASKS; i++) good &= atomic_load(&t.done[i]) == 5;
            pool_free(pool);
            _exit(good ? 0 : 1);
        }
        int status = -1;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "round %d: status %d", rounds, status);
    }
    pool_free(pool);
}
