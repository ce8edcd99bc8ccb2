#define _GNU_SOURCE /* for sched_getaffinity */
#include "support/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, PAUSES = 32 };
/* How long a thread looks for the next tasks before it sleeps, and how long the caller looks for the end of
 * the last ones before it lets others have the processor, in nanoseconds. */
static const int64_t longest_patience = 100000, short_patience = 20000;

/* The tasks that a worker has before it: the number of the call in the upper half, then the first one and the
 * one behind the last. Whoever takes one knows by the number that it belongs to this call. */
struct stretch {
    _Alignas(LINE) _Atomic uint64_t tasks;
};

struct worker {
    struct pool *pool;
    unsigned number;
    pthread_t thread;
};

struct pool {
    unsigned size, started; /* started: threads beside the caller */
    pid_t process;          /* that has made the pool: there are no threads in a fork of it */
    int64_t patience;       /* of theirs */
    struct stretch *stretches;
    struct worker *workers;
    pthread_mutex_t user; /* held by the thread that is served */
    pthread_mutex_t lock; /* of sleepers */
    pthread_cond_t wake;
    _Atomic pool_work work;
    void *_Atomic context;
    _Atomic bool ending;
    _Alignas(LINE) _Atomic uint32_t call;
    _Atomic unsigned sleeping;
    _Alignas(LINE) _Atomic size_t done;
};

/* ---- Waiting ---- */

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Leaves the other thread of the core, if there is one, its time. */
static void pause_briefly(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

/* ---- Tasks ---- */

static uint64_t pack(uint32_t call, uint32_t first, uint32_t end) {
    return (uint64_t)call << 32 | (uint64_t)first << 16 | end;
}

/* Takes a task of a stretch: its own worker the first one, others the last. */
static bool take(struct pool *p, unsigned number, uint32_t call, bool own, size_t *task) {
    _Atomic uint64_t *tasks = &p->stretches[number].tasks;
    uint64_t seen = atomic_load_explicit(tasks, memory_order_acquire);
    for (;;) {
        uint32_t first = (uint32_t)(seen >> 16) & 0xffff, end = (uint32_t)seen & 0xffff;
        if (seen >> 32 != call || first >= end) return false;
        uint64_t left = own ? pack(call, first + 1, end) : pack(call, first, end - 1);
        *task = own ? first : end - 1;
        if (atomic_compare_exchange_weak_explicit(tasks, &seen, left, memory_order_acquire,
                                                  memory_order_acquire))
            return true;
    }
}

/* What a call needs is read behind a task taken: before that task is done it cannot end. */
static void take_part(struct pool *p, unsigned number, uint32_t call) {
    size_t task, count = 0;
    for (unsigned k = 0; k < p->size; k++) {
        while (take(p, (number + k) % p->size, call, k == 0, &task)) {
            pool_work work = atomic_load_explicit(&p->work, memory_order_relaxed);
            work(atomic_load_explicit(&p->context, memory_order_relaxed), number, task);
            count++;
        }
    }
    if (count) atomic_fetch_add_explicit(&p->done, count, memory_order_release);
}

/* ---- Threads ---- */

static bool is_waiting(struct pool *p, uint32_t seen) {
    return atomic_load(&p->call) == seen && !atomic_load(&p->ending);
}

static void sleep_until_call(struct pool *p, uint32_t seen) {
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->sleeping, 1);
    while (is_waiting(p, seen)) pthread_cond_wait(&p->wake, &p->lock);
    atomic_fetch_sub(&p->sleeping, 1);
    pthread_mutex_unlock(&p->lock);
}

static void wait_for_call(struct pool *p, uint32_t seen) {
    int64_t began = now();
    while (now() - began < p->patience)
        for (int k = 0; k < PAUSES; k++) {
            if (!is_waiting(p, seen)) return;
            pause_briefly();
        }
    sleep_until_call(p, seen);
}

static void *serve(void *context) {
    const struct worker *w = context;
    struct pool *p = w->pool;
    uint32_t seen = 0;
    while (!atomic_load(&p->ending)) {
        wait_for_call(p, seen);
        seen = atomic_load(&p->call);
        take_part(p, w->number, seen);
    }
    return NULL;
}

/* Signals go to the threads of the program. */
static void start_threads(struct pool *p) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned k = 1; k < p->size; k++) {
        struct worker *w = &p->workers[p->started];
        *w = (struct worker){.pool = p, .number = k};
        if (pthread_create(&w->thread, NULL, serve, w) != 0) break;
        p->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- The pool ---- */

unsigned pool_processors(void) {
    cpu_set_t set;
    long count =
        sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > POOL_MOST_WORKERS ? POOL_MOST_WORKERS : (unsigned)count;
}

struct pool *pool_new(unsigned workers) {
    struct pool *p = aligned_alloc(LINE, (sizeof *p + LINE - 1) / LINE * LINE);
    if (!p) return NULL;
    memset(p, 0, sizeof *p);
    p->process = getpid();
    p->size = workers < 1 ? 1 : workers > POOL_MOST_WORKERS ? POOL_MOST_WORKERS : workers;
    p->patience = p->size > pool_processors() ? 0 : longest_patience;
    p->stretches = aligned_alloc(LINE, p->size * sizeof *p->stretches);
    p->workers = calloc(p->size, sizeof *p->workers);
    if (!p->stretches || !p->workers) {
        free(p->stretches);
        free(p->workers);
        free(p);
        return NULL;
    }
    for (unsigned k = 0; k < p->size; k++) atomic_init(&p->stretches[k].tasks, 0);
    pthread_mutex_init(&p->user, NULL);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    return p;
}

static void wake_all(struct pool *p) {
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

/* A fork of the process has no threads but the caller, and locks as they were at that moment. */
static bool is_fork(const struct pool *p) {
    return p->process != getpid();
}

void pool_free(struct pool *p) {
    if (!p) return;
    if (p->started && !is_fork(p)) {
        atomic_store(&p->ending, true);
        wake_all(p);
        for (unsigned k = 0; k < p->started; k++) pthread_join(p->workers[k].thread, NULL);
        pthread_cond_destroy(&p->wake);
        pthread_mutex_destroy(&p->lock);
        pthread_mutex_destroy(&p->user);
    }
    free(p->stretches);
    free(p->workers);
    free(p);
}

unsigned pool_size(const struct pool *p) {
    return p->size;
}

/* Gives the tasks out; the threads may begin at once. */
static uint32_t open_call(struct pool *p, size_t count, pool_work work, void *context) {
    uint32_t call = atomic_load_explicit(&p->call, memory_order_relaxed) + 1;
    atomic_store_explicit(&p->work, work, memory_order_relaxed);
    atomic_store_explicit(&p->context, context, memory_order_relaxed);
    atomic_store_explicit(&p->done, 0, memory_order_relaxed);
    for (unsigned k = 0; k < p->size; k++) {
        uint64_t tasks = pack(call, (uint32_t)(count * k / p->size), (uint32_t)(count * (k + 1) / p->size));
        atomic_store_explicit(&p->stretches[k].tasks, tasks, memory_order_release);
    }
    atomic_store(&p->call, call);
    if (atomic_load(&p->sleeping) > 0) wake_all(p);
    return call;
}

static void wait_for_end(struct pool *p, size_t count) {
    int64_t began = now();
    bool patient = true;
    while (atomic_load_explicit(&p->done, memory_order_acquire) < count) {
        for (int k = 0; k < PAUSES; k++) {
            if (atomic_load_explicit(&p->done, memory_order_acquire) >= count) return;
            pause_briefly();
        }
        patient = patient && now() - began < short_patience;
        if (!patient) sched_yield();
    }
}

void pool_run(struct pool *p, size_t count, pool_work work, void *context) {
    if (p->size < 2 || count < 2 || is_fork(p) || pthread_mutex_trylock(&p->user) != 0) {
        for (size_t task = 0; task < count; task++) work(context, 0, task);
        return;
    }
    if (!p->started) start_threads(p);
    take_part(p, 0, open_call(p, count, work, context));
    wait_for_end(p, count);
    pthread_mutex_unlock(&p->user);
}
