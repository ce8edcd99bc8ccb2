/* A mixture of Gaussians with lanes across points, for sizes known when it is compiled. */
#include <math.h>
#include <string.h>

#include "hand/limits.h"

typedef double lanes __attribute__((vector_size(HAND_LANES * sizeof(double)), aligned(64)));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Loops over lanes, from which the compiler makes calls of vector functions. */
ALWAYS_INLINE lanes lanes_exp(lanes x) {
    lanes y;
    for (int k = 0; k < HAND_LANES; k++) y[k] = exp(x[k]);
    return y;
}

ALWAYS_INLINE lanes lanes_log(lanes x) {
    lanes y;
    for (int k = 0; k < HAND_LANES; k++) y[k] = log(x[k]);
    return y;
}

ALWAYS_INLINE lanes lanes_max(lanes x, lanes y) {
    lanes z;
    for (int k = 0; k < HAND_LANES; k++) z[k] = x[k] > y[k] ? x[k] : y[k];
    return z;
}

ALWAYS_INLINE double lanes_sum(lanes x) {
    return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

/* Where things stand in the workspace, in lanes; the diagonals' exponentials and the constants come first. */
struct mixture {
    int d, K, triangle;
    const double *alpha, *mean, *log_diagonal, *lower;
    double *diagonal, *constant;
    lanes *inner, *offset, *scaled, *g;
};

ALWAYS_INLINE void open_mixture(struct mixture *m, int d, int K, const double *p, double *workspace) {
    *m = (struct mixture){.d = d, .K = K, .triangle = d * (d - 1) / 2, .alpha = p, .mean = p + K};
    m->log_diagonal = m->mean + K * d;
    m->lower = m->log_diagonal + K * d;
    m->diagonal = workspace;
    m->constant = workspace + K * d;
    m->inner = (lanes *)(void *)(workspace + (K * d + K + HAND_LANES - 1) / HAND_LANES * HAND_LANES);
    m->offset = m->inner + K;
    m->scaled = m->offset + K * d;
    m->g = m->scaled + K * d;
    for (int k = 0; k < K; k++) {
        m->constant[k] = m->alpha[k];
        for (int i = 0; i < d; i++) {
            m->constant[k] += m->log_diagonal[k * d + i];
            m->diagonal[k * d + i] = exp(m->log_diagonal[k * d + i]);
        }
    }
}

/* The logarithms of one component's density at a block of points. */
ALWAYS_INLINE lanes density(const struct mixture *m, int k, const lanes *points, int keep) {
    int d = m->d;
    const double *lower = m->lower + k * m->triangle;
    lanes offset[32], scaled[32], square = {0};
    for (int i = 0; i < d; i++) {
        offset[i] = points[i] - m->mean[k * d + i];
        scaled[i] = m->diagonal[k * d + i] * offset[i];
    }
    for (int j = 0; j < d; j++)
        for (int i = j + 1; i < d; i++) scaled[i] += *lower++ * offset[j];
    for (int i = 0; i < d; i++) square += scaled[i] * scaled[i];
    for (int i = 0; keep && i < d; i++) {
        m->offset[k * d + i] = offset[i];
        m->scaled[k * d + i] = scaled[i];
    }
    return m->constant[k] - 0.5 * square;
}

/* Adds what a component gives at a block of points; `share` is its part of each. */
ALWAYS_INLINE void add_gradient(const struct mixture *m, int k, lanes share) {
    int d = m->d, K = m->K;
    const double *lower = m->lower + k * m->triangle;
    lanes *by_mean = m->g + K + k * d, *by_diagonal = m->g + K + K * d + k * d;
    lanes *by_lower = m->g + K + 2 * K * d + k * m->triangle, offset[32], pull[32];
    m->g[k] += share;
    for (int i = 0; i < d; i++) {
        offset[i] = m->offset[k * d + i];
        pull[i] = share * m->scaled[k * d + i];
    }
    for (int j = 0; j < d; j++) {
        lanes sum = m->diagonal[k * d + j] * pull[j];
        by_diagonal[j] += share - sum * offset[j];
        for (int i = j + 1; i < d; i++) {
            sum += *lower++ * pull[i];
            *by_lower++ -= offset[j] * pull[i];
        }
        by_mean[j] += sum;
    }
}

ALWAYS_INLINE lanes one_block(const struct mixture *m, const lanes *points, int with_gradient) {
    lanes most = {0}, sum = {0};
    for (int k = 0; k < m->K; k++) {
        lanes inner = density(m, k, points, with_gradient);
        m->inner[k] = inner;
        most = k == 0 ? inner : lanes_max(inner, most);
    }
    for (int k = 0; k < m->K; k++) {
        m->inner[k] = lanes_exp(m->inner[k] - most);
        sum += m->inner[k];
    }
    if (with_gradient) {
        lanes inverse = 1 / sum;
        for (int k = 0; k < m->K; k++) add_gradient(m, k, m->inner[k] * inverse);
    }
    return lanes_log(sum) + most;
}

/* What does not depend on points: the weights' normalisation and the prior. */
ALWAYS_INLINE double add_rest(const struct mixture *m, double N, double *g) {
    int d = m->d, K = m->K;
    double most = m->alpha[0], sum = 0, prior = 0;
    for (int k = 1; k < K; k++) most = m->alpha[k] > most ? m->alpha[k] : most;
    for (int k = 0; k < K; k++) sum += exp(m->alpha[k] - most);
    for (int k = 0; g && k < K; k++) g[k] -= N * exp(m->alpha[k] - most) / sum;
    for (int e = 0; e < K * d; e++) {
        double square = m->diagonal[e] * m->diagonal[e];
        prior += square;
        if (g) g[K + K * d + e] += square;
    }
    for (int e = 0; e < K * m->triangle; e++) {
        prior += m->lower[e] * m->lower[e];
        if (g) g[K + 2 * K * d + e] += m->lower[e];
    }
    return 0.5 * prior - N * (log(sum) + most) - N * d * 0.5 * log(2 * 3.14159265358979323846);
}

ALWAYS_INLINE double whole(int d, int K, size_t N, const double *p, const double *points, double *workspace,
                           double *g, int with_gradient) {
    struct mixture m;
    int count = K * (1 + 2 * d + d * (d - 1) / 2);
    lanes sum = {0};
    open_mixture(&m, d, K, p, workspace);
    if (with_gradient) memset(m.g, 0, (size_t)count * sizeof(lanes));
    for (size_t block = 0; block < N / HAND_LANES; block++)
        sum += one_block(&m, (const lanes *)(const void *)(points + block * (size_t)d * HAND_LANES),
                         with_gradient);
    for (int e = 0; with_gradient && e < count; e++) g[e] = lanes_sum(m.g[e]);
    return lanes_sum(sum) + add_rest(&m, (double)N, with_gradient ? g : NULL);
}

#define SIZES(X) X(2, 5) X(10, 25) X(32, 25)
#define DEFINE(D, K)                                                                                         \
    static __attribute__((noinline)) double value_##D##_##K(size_t N, const double *p, const double *points, \
                                                            double *workspace) {                             \
        return whole(D, K, N, p, points, workspace, NULL, 0);                                                \
    }                                                                                                        \
    static __attribute__((noinline)) double gradient_##D##_##K(                                              \
        size_t N, const double *p, const double *points, double *workspace, double *g) {                     \
        return whole(D, K, N, p, points, workspace, g, 1);                                                   \
    }
SIZES(DEFINE)

bool hand_mixture_knows(size_t d, size_t K) {
#define KNOWS(D, COMPONENTS) || (d == D && K == COMPONENTS)
    return false SIZES(KNOWS);
}

size_t hand_mixture_workspace(size_t d, size_t K) {
    return 2 * K * d + 2 * HAND_LANES + HAND_LANES * K * (2 + 4 * d + d * (d - 1) / 2);
}

double hand_mixture(size_t d, size_t K, size_t N, const double *p, const double *points, double *workspace,
                    double *g) {
#define CALL(D, COMPONENTS)                                                                                  \
    if (d == D && K == COMPONENTS)                                                                           \
        return g ? gradient_##D##_##COMPONENTS(N, p, points, workspace, g)                                   \
                 : value_##D##_##COMPONENTS(N, p, points, workspace);
    SIZES(CALL)
    return NAN;
}
