#define _GNU_SOURCE /* for sched_getaffinity and madvise */
#include "support/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, PAUSES = 32 };
/* How long a thread looks for the next tasks before it sleeps, and how long the caller looks for the end of
 * the last ones before it lets others have the processor, in nanoseconds. */
static const int64_t longest_patience = 100000, short_patience = 20000;
/* Of calls: they soon begin anew, so that this is not what happens first after hours. */
static const uint32_t first_number = UINT32_MAX - 100;

/* The tasks that a worker has before it: the number of the call in the upper half, then the first one and the
 * one behind the last. Whoever takes one knows by the number that it belongs to this call. Where the number
 * is that of an earlier call, nobody has taken any. */
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
    int64_t patience;       /* of theirs */
    struct alive *alive;
    struct stretch *stretches;
    struct worker *workers;
    pthread_mutex_t user; /* held by the thread that is served */
    pthread_mutex_t lock; /* of sleepers */
    pthread_cond_t wake;
    /* What a call is, in one line of the cache: its number in the upper half and how many tasks it has, and
     * what they do. It is read behind a task taken: before that task is done the call cannot end. */
    _Alignas(LINE) _Atomic uint64_t call;
    pool_work work;
    unsigned char job[POOL_JOB_BYTES];
    /* Of all calls together. */
    _Alignas(LINE) _Atomic uint64_t done;
    _Alignas(LINE) _Atomic unsigned sleeping;
    _Atomic bool ending;
};

_Static_assert(offsetof(struct pool, done) - offsetof(struct pool, call) == LINE, "a call takes one line");

/* ---- Forks ---- */

/* Memory that a fork of the process does not get: it has no threads of the pool either, and locks as they
 * were at that moment. Where the system cannot do that, the number of the process tells, which takes time. */
struct alive {
    bool wiped; /* whether a fork finds only zeros here */
    pid_t process;
};

static struct alive *alive_new(void) {
    struct alive *alive =
        mmap(NULL, sizeof *alive, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (alive == MAP_FAILED) return NULL;
    alive->process = getpid();
#ifdef MADV_WIPEONFORK
    alive->wiped = madvise(alive, sizeof *alive, MADV_WIPEONFORK) == 0;
#endif
    return alive;
}

static void alive_free(struct alive *alive) {
    if (alive) munmap(alive, sizeof *alive);
}

static bool is_fork(const struct pool *p) {
    return !p->alive->wiped && p->alive->process != getpid();
}

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

static uint32_t number_of(uint64_t call) {
    return (uint32_t)(call >> 32);
}

/* What a worker has before it at the beginning of a call. */
static uint64_t all_tasks(const struct pool *p, unsigned number, uint64_t call) {
    uint64_t count = call & 0xffff;
    return pack(number_of(call), (uint32_t)(count * number / p->size),
                (uint32_t)(count * (number + 1) / p->size));
}

/* Takes a task of a stretch: its own worker the first one, others the last. Where nobody has taken any of
 * this call, it must not be over yet: as long as it is the last one, a stretch that has not changed has its
 * tasks. */
static bool take(struct pool *p, unsigned number, uint64_t call, bool own, size_t *task) {
    _Atomic uint64_t *tasks = &p->stretches[number].tasks;
    uint64_t seen = atomic_load_explicit(tasks, memory_order_acquire);
    for (;;) {
        bool begun = number_of(seen) == number_of(call);
        if (!begun && atomic_load_explicit(&p->call, memory_order_acquire) != call) return false;
        uint64_t left = begun ? seen : all_tasks(p, number, call);
        uint32_t first = (uint32_t)(left >> 16) & 0xffff, end = (uint32_t)left & 0xffff;
        if (first >= end) return false;
        left = own ? pack(number_of(call), first + 1, end) : pack(number_of(call), first, end - 1);
        *task = own ? first : end - 1;
        if (atomic_compare_exchange_weak_explicit(tasks, &seen, left, memory_order_acq_rel,
                                                  memory_order_acquire))
            return true;
    }
}

/* How many tasks of the call the worker has done. */
static size_t take_part(struct pool *p, unsigned number, uint64_t call) {
    size_t task, count = 0;
    for (unsigned k = 0; k < p->size; k++)
        for (; take(p, (number + k) % p->size, call, k == 0, &task); count++) p->work(p->job, number, task);
    return count;
}

/* ---- Threads ---- */

static bool is_waiting(struct pool *p, uint64_t seen, uint64_t *call) {
    *call = atomic_load_explicit(&p->call, memory_order_acquire);
    return *call == seen;
}

/* Who is asleep is counted before the last look at the call; the caller looks the other way round. */
static uint64_t sleep_until_call(struct pool *p, uint64_t seen) {
    uint64_t call;
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->sleeping, 1);
    while (is_waiting(p, seen, &call) && !atomic_load(&p->ending)) pthread_cond_wait(&p->wake, &p->lock);
    atomic_fetch_sub(&p->sleeping, 1);
    pthread_mutex_unlock(&p->lock);
    return call;
}

static uint64_t wait_for_call(struct pool *p, uint64_t seen) {
    int64_t began = now();
    uint64_t call;
    while (now() - began < p->patience)
        for (int k = 0; k < PAUSES; k++) {
            if (!is_waiting(p, seen, &call)) return call;
            pause_briefly();
        }
    return sleep_until_call(p, seen);
}

static void *serve(void *context) {
    const struct worker *w = context;
    struct pool *p = w->pool;
    uint64_t seen = (uint64_t)first_number << 32;
    while (!atomic_load(&p->ending)) {
        seen = wait_for_call(p, seen);
        size_t count = take_part(p, w->number, seen);
        if (count) atomic_fetch_add_explicit(&p->done, count, memory_order_release);
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

static void release(struct pool *p) {
    alive_free(p->alive);
    free(p->stretches);
    free(p->workers);
    free(p);
}

struct pool *pool_new(unsigned workers) {
    struct pool *p = aligned_alloc(LINE, (sizeof *p + LINE - 1) / LINE * LINE);
    if (!p) return NULL;
    memset(p, 0, sizeof *p);
    p->size = workers < 1 ? 1 : workers > POOL_MOST_WORKERS ? POOL_MOST_WORKERS : workers;
    p->patience = p->size > pool_processors() ? 0 : longest_patience;
    p->stretches = aligned_alloc(LINE, p->size * sizeof *p->stretches);
    p->workers = calloc(p->size, sizeof *p->workers);
    p->alive = alive_new();
    if (!p->stretches || !p->workers || !p->alive) {
        release(p);
        return NULL;
    }
    for (unsigned k = 0; k < p->size; k++) atomic_init(&p->stretches[k].tasks, 0);
    atomic_init(&p->call, (uint64_t)first_number << 32);
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
    release(p);
}

unsigned pool_size(const struct pool *p) {
    return p->size;
}

/* Where numbers begin anew, none must be left of the last time; nor may a thread that is late take a stretch
 * that is cleared for one of the last call, so that call is ended first. */
static uint32_t begin_anew(struct pool *p) {
    atomic_store(&p->call, 0);
    for (unsigned k = 0; k < p->size; k++) atomic_store(&p->stretches[k].tasks, 0);
    return 1;
}

/* Gives the tasks out; the threads may begin at once. One that is about to sleep may miss it: then others do
 * its part. */
static uint64_t open_call(struct pool *p, size_t count, pool_work work, const void *job, size_t size) {
    uint32_t number = number_of(atomic_load_explicit(&p->call, memory_order_relaxed)) + 1;
    if (number == 0) number = begin_anew(p);
    uint64_t call = (uint64_t)number << 32 | count;
    p->work = work;
    memcpy(p->job, job, size);
    atomic_store_explicit(&p->call, call, memory_order_release);
    if (atomic_load_explicit(&p->sleeping, memory_order_relaxed) > 0) wake_all(p);
    return call;
}

/* Until so many tasks are done in all. */
static void wait_for_end(struct pool *p, uint64_t end) {
    int64_t began = 0;
    bool patient = true;
    for (;;) {
        for (int k = 0; k < PAUSES; k++) {
            if (atomic_load_explicit(&p->done, memory_order_acquire) == end) return;
            pause_briefly();
        }
        if (!began) began = now();
        patient = patient && now() - began < short_patience;
        if (!patient) sched_yield();
    }
}

static void run_alone(size_t count, pool_work work, const void *job) {
    for (size_t task = 0; task < count; task++) work(job, 0, task);
}

void pool_run(struct pool *p, size_t count, pool_work work, const void *job, size_t size) {
    if (p->size < 2 || count < 2 || is_fork(p) || pthread_mutex_trylock(&p->user) != 0) {
        run_alone(count, work, job);
        return;
    }
    if (!p->started) start_threads(p);
    uint64_t done = atomic_load_explicit(&p->done, memory_order_relaxed);
    size_t own = take_part(p, 0, open_call(p, count, work, job, size));
    wait_for_end(p, done + count - own);
    pthread_mutex_unlock(&p->user);
}
