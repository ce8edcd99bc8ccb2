/* The model of a contestant that works with gradc's library. */
#ifndef GRADC_BENCH_MODEL_H
#define GRADC_BENCH_MODEL_H

#include <gradc/gradc.h>

/* Loads a file with the params that the arguments from the fifth on give as "NAME=VALUE", which are cut at
 * their `=`; skips where it does not load. The caller frees it. */
struct gradc_model *contest_model(const char *path, int argc, char **argv);

#endif
