#include "jit/vector_math.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "support/library.h"

#ifdef __aarch64__
#define SLEEF2(name, ulp) "Sleef_" #name "d2_" #ulp "advsimd"
#else
#define SLEEF2(name, ulp) "Sleef_" #name "d2_" #ulp
#endif
#define SLEEF4(name, ulp) "Sleef_" #name "d4_" #ulp "avx2"
#define SLEEF8(name, ulp) "Sleef_" #name "d8_" #ulp "avx512f"

/* By library and width. */
enum version { SLEEF_2, SLEEF_4, SLEEF_8, MVEC_2, MVEC_4, MVEC_8, VERSION_COUNT };

/* The columns of the table of operations. */
#define NONE                                                                                                 \
    { NULL }
#define SLEEF(name, ulp)                                                                                     \
    { SLEEF2(name, ulp), SLEEF4(name, ulp), SLEEF8(name, ulp) }
#define MVEC(name)                                                                                           \
    { NULL, NULL, NULL, MVEC_NAMES(name) }
#define BOTH(name, ulp)                                                                                      \
    { SLEEF2(name, ulp), SLEEF4(name, ulp), SLEEF8(name, ulp), MVEC_NAMES(name) }
static const char *const names[OP_COUNT][VERSION_COUNT] = {
#define MVEC_NAMES(name) "_ZGVbN2v_" #name, "_ZGVdN4v_" #name, "_ZGVeN8v_" #name
#define OP_FN1(id, name, libm, intrinsic, lanes, ...) [OP_##id] = lanes,
#include "ir/ops.def"
#undef MVEC_NAMES
#define MVEC_NAMES(name) "_ZGVbN2vv_" #name, "_ZGVdN4vv_" #name, "_ZGVeN8vv_" #name
#define OP_FN2(id, name, libm, intrinsic, lanes, ...) [OP_##id] = lanes,
#include "ir/ops.def"
};

/* Whether a structure of two vectors is returned where a hidden first argument points. */
#ifdef __x86_64__
#define PAIR_GOES_THROUGH_MEMORY 1
#else
#define PAIR_GOES_THROUGH_MEMORY 0
#endif
static const char *const sine_and_cosine[] = {SLEEF2(sincos, u10), SLEEF4(sincos, u10), SLEEF8(sincos, u10)};

static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static void *addresses[OP_COUNT][VERSION_COUNT];
static void *sine_and_cosine_addresses[3];
static bool has_sleef, has_mvec;

unsigned vector_math_width(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return 8;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 4;
#endif
    return 2;
}

/* 0 for 2 numbers, 1 for 4, 2 for 8. */
static unsigned rank_of(unsigned numbers) {
    return numbers == 8 ? 2 : numbers == 4;
}

/* The functions of one library that this processor can run. */
static bool load_library(const char *library, const char *path, enum version first) {
    struct library_function functions[3 * OP_COUNT + 3];
    size_t count = 0;
    unsigned widest = rank_of(vector_math_width());
    for (int op = 0; op < OP_COUNT; op++)
        for (unsigned k = 0; k <= widest; k++)
            if (names[op][first + k])
                functions[count++] =
                    (struct library_function){names[op][first + k], &addresses[op][first + k]};
    for (unsigned k = 0; first == SLEEF_2 && k <= widest; k++)
        functions[count++] = (struct library_function){sine_and_cosine[k], &sine_and_cosine_addresses[k]};
    return library_load(library, path, functions, count);
}

static void load(void) {
    has_sleef = load_library("libsleef.so.3", GRADC_SLEEF_PATH, SLEEF_2);
#if defined(__x86_64__) && defined(__GLIBC__)
    has_mvec = load_library("libmvec.so.1", NULL, MVEC_2);
#endif
}

static struct vector_function get(enum op op, enum version version) {
    return (struct vector_function){names[op][version], (uintptr_t)addresses[op][version]};
}

struct vector_function vector_math_find(enum op op, unsigned numbers, bool may_err) {
    pthread_once(&loaded, load);
    unsigned rank = rank_of(numbers);
    if (may_err && has_mvec && names[op][MVEC_2 + rank]) return get(op, MVEC_2 + rank);
    if (has_sleef && names[op][SLEEF_2 + rank]) return get(op, SLEEF_2 + rank);
    return (struct vector_function){NULL, 0};
}

struct vector_function vector_math_sine_and_cosine(unsigned numbers) {
    pthread_once(&loaded, load);
    if (!has_sleef || !PAIR_GOES_THROUGH_MEMORY) return (struct vector_function){NULL, 0};
    unsigned rank = rank_of(numbers);
    return (struct vector_function){sine_and_cosine[rank], (uintptr_t)sine_and_cosine_addresses[rank]};
}

uintptr_t vector_math_address(const char *name) {
    pthread_once(&loaded, load);
    for (int op = 0; op < OP_COUNT; op++)
        for (int version = 0; version < VERSION_COUNT; version++)
            if (names[op][version] && strcmp(names[op][version], name) == 0)
                return (uintptr_t)addresses[op][version];
    for (int wide = 0; wide < 3; wide++)
        if (strcmp(sine_and_cosine[wide], name) == 0) return (uintptr_t)sine_and_cosine_addresses[wide];
    return 0;
}

unsigned vector_math_libraries(void) {
    pthread_once(&loaded, load);
    return (unsigned)has_sleef | (unsigned)has_mvec << 1;
}
