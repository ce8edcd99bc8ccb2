/* A hidden Markov model by the scaled forward recurrence, with lanes across states (Rabiner, A Tutorial on
 * Hidden Markov Models, 1989, section V.A). */
#include <math.h>
#include <string.h>

#include "hand/limits.h"

enum { S = HAND_STATES };
typedef double states __attribute__((vector_size(S * sizeof(double)), aligned(8)));

static inline states at(const double *place) {
    return *(const states *)(const void *)place;
}

static inline void put(double *place, states values) {
    *(states *)(void *)place = values;
}

static inline double sum_of(states x) {
    double sum = 0;
    for (int s = 0; s < S; s++) sum += x[s];
    return sum;
}

/* The sum of rows times elements of x, in two sums that do not wait for each other. */
static inline states times(const double *rows, states x) {
    states even = {0}, odd = {0};
    for (int r = 0; r < S; r += 2) {
        even += x[r] * at(rows + r * S);
        odd += x[r + 1] * at(rows + (r + 1) * S);
    }
    return even + odd;
}

/* scaled[t], come[t] (before the symbol's probability) and the inverse totals. */
static double forward(size_t T, const int *restrict symbol, const double *restrict p, double *restrict scaled,
                      double *restrict come, double *restrict inverse) {
    const double *move = p + S, *show = move + S * S;
    double logarithms = 0;
    for (size_t t = 0; t < T; t++) {
        states here = t ? times(move, at(scaled + (t - 1) * S)) : at(p);
        put(come + t * S, here);
        here *= at(show + symbol[t] * S);
        inverse[t] = 1 / sum_of(here);
        put(scaled + t * S, here * inverse[t]);
    }
    for (size_t t = 0; t < T; t++) logarithms -= log(inverse[t]);
    return logarithms;
}

static void backward(size_t T, const int *restrict symbol, const double *restrict p,
                     const double *restrict scaled, const double *restrict come,
                     const double *restrict inverse, double *restrict g) {
    const double *move = p + S, *show = move + S * S;
    double *by_move = g + S, *by_show = by_move + S * S, back[S] = {0}, turned[S * S];
    for (int r = 0; r < S; r++)
        for (int s = 0; s < S; s++) turned[s * S + r] = move[r * S + s];
    memset(g, 0, (S + S * S + HAND_SYMBOLS * S) * sizeof *g);
    for (size_t t = T; t-- > 0;) {
        /* The adjoint of what was reached, before scaling: total and scaled values depend on it. */
        states by_scaled = at(back);
        states by_reached = by_scaled * inverse[t];
        by_reached += inverse[t] - sum_of(by_scaled * at(scaled + t * S)) * inverse[t];
        double *shown = by_show + symbol[t] * S;
        put(shown, at(shown) + by_reached * at(come + t * S));
        states by_come = by_reached * at(show + symbol[t] * S);
        if (t == 0) put(g, by_come);
        for (size_t r = 0; t && r < S; r++) {
            double *row = by_move + r * S;
            put(row, at(row) + scaled[(t - 1) * S + r] * by_come);
        }
        put(back, times(turned, by_come));
    }
}

double hand_markov(size_t T, const int *restrict symbol, const double *restrict p, double *restrict workspace,
                   double *restrict g) {
    double *scaled = workspace, *come = scaled + T * S, *inverse = come + T * S;
    double value = forward(T, symbol, p, scaled, come, inverse);
    if (g) backward(T, symbol, p, scaled, come, inverse, g);
    return value;
}
