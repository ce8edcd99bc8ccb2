/* Threads that wait for work and share it.
 *
 * A caller hands in tasks that can be done in any order and at the same time; it does its part of them, and
 * the others of the pool do theirs, until all are done. Each worker begins with a stretch of neighbouring
 * tasks, the same ones each time, and helps the others when it is through. Between two calls that follow each
 * other soon the threads look for work all the time; otherwise they sleep. */
#ifndef GRADC_SUPPORT_POOL_H
#define GRADC_SUPPORT_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

enum { POOL_MOST_TASKS = 65535, POOL_MOST_WORKERS = 1024, POOL_JOB_BYTES = 48 };

/* worker: from 0 on, below the size of the pool; at any time one thread at most is that worker in a call of
 * pool_run. */
typedef void (*pool_work)(const void *job, unsigned worker, size_t task);

/* How many processors this process may use, at most POOL_MOST_WORKERS. */
unsigned pool_processors(void);
/* A pool of so many workers, the caller among them. Threads start with the first tasks; where one cannot be
 * started there are fewer. NULL where memory is exhausted. */
struct pool *pool_new(unsigned workers);
/* Ends the threads. NULL is allowed. Nobody may be in pool_run. */
void pool_free(struct pool *pool);
unsigned pool_size(const struct pool *pool);
/* Does tasks 0 .. count-1, at most POOL_MOST_TASKS. Each is given the job, of so many bytes, at most
 * POOL_JOB_BYTES, or a copy of it. Any thread may call it; one that comes while another one is served does
 * all of its tasks itself. */
void pool_run(struct pool *pool, size_t count, pool_work work, const void *job, size_t size);

#endif
