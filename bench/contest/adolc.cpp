// ADOL-C as a contestant: one tape per objective, recorded once, kept in memory (buffers sized for it), then the
// drivers function() and gradient(), as its manual advises for repeated evaluation. WORKLOAD [NAME=VALUE...].
#include <adolc/adolc.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "contest/contest.h"

namespace {

short tag = 1;
std::vector<double> point, result, data, more;
std::vector<int> symbols;

template <class Function> void record(Function function, size_t operations) {
    if (operations > 1000000)
        trace_on(tag, 0, operations, 3 * operations, operations, operations, 0);
    else
        trace_on(tag);
    {
        std::vector<adouble> x(point.size());
        double value;
        for (size_t k = 0; k < point.size(); k++) x[k] <<= point[k];
        adouble y = function(x);
        y >>= value;
    }
    trace_off();
    result.assign(point.size() + 1, 0);
}

void run_value(void *) { function(tag, 1, static_cast<int>(point.size()), point.data(), result.data()); }

void run_gradient(void *) {
    run_value(nullptr);
    gradient(tag, static_cast<int>(point.size()), point.data(), result.data() + 1);
}

void fill(std::vector<double> &values, size_t count, size_t factor, double scale, double shift) {
    for (size_t e = 0; e < count; e++) values.push_back(scale * contest_lattice(e + 1, factor) + shift);
}

void rosenbrock(size_t n) {
    fill(point, n, 7919, 1, 0.5);
    record(
        [n](std::vector<adouble> &x) {
            adouble sum = 0;
            for (size_t i = 0; i + 1 < n; i++) {
                adouble valley = x[i + 1] - x[i] * x[i], slope = 1 - x[i];
                sum += 100 * valley * valley + slope * slope;
            }
            return sum;
        },
        16 * n);
}

void product(size_t n) {
    fill(point, n, 7919, 0.2, 0.9);
    record(
        [](std::vector<adouble> &x) {
            adouble whole = 1;
            for (auto &factor : x) whole *= factor;
            return whole;
        },
        4 * n);
}

adouble logsumexp(const std::vector<adouble> &x) {
    adouble most = x[0], sum = 0;
    for (size_t k = 1; k < x.size(); k++) most = fmax(most, x[k]);
    for (auto &value : x) sum += exp(value - most);
    return log(sum) + most;
}

void mixture(size_t d, size_t K, size_t N) {
    size_t triangle = d * (d - 1) / 2;
    fill(point, K, 4241, 1, -0.5);
    fill(point, K * d, 5003, 1, -0.5);
    fill(point, K * d, 6007, 1, -0.5);
    for (size_t k = 0; k < K; k++)
        for (size_t e = 0; e < triangle; e++) point.push_back(contest_lattice(k * d * d + e + 1, 7001) - 0.5);
    fill(data, N * d, 7919, 2, -1);
    record(
        [=](std::vector<adouble> &x) {
            const adouble *alpha = x.data(), *mean = alpha + K, *log_diagonal = mean + K * d;
            const adouble *lower = log_diagonal + K * d;
            adouble sum = 0, prior = 0;
            std::vector<adouble> diagonal(K * d), inner(K), constant(K), offset(d), scaled(d);
            for (size_t k = 0; k < K; k++) {
                constant[k] = alpha[k];
                for (size_t j = 0; j < d; j++) {
                    constant[k] += log_diagonal[k * d + j];
                    diagonal[k * d + j] = exp(log_diagonal[k * d + j]);
                    prior += diagonal[k * d + j] * diagonal[k * d + j];
                }
                for (size_t e = 0; e < triangle; e++) prior += lower[k * triangle + e] * lower[k * triangle + e];
            }
            for (size_t i = 0; i < N; i++) {
                for (size_t k = 0; k < K; k++) {
                    const adouble *L = lower + k * triangle;
                    adouble square = 0;
                    for (size_t j = 0; j < d; j++) {
                        offset[j] = data[i * d + j] - mean[k * d + j];
                        scaled[j] = diagonal[k * d + j] * offset[j];
                    }
                    for (size_t j = 0; j < d; j++)
                        for (size_t r = j + 1; r < d; r++) scaled[r] += *L++ * offset[j];
                    for (size_t j = 0; j < d; j++) square += scaled[j] * scaled[j];
                    inner[k] = constant[k] - 0.5 * square;
                }
                sum += logsumexp(inner);
            }
            std::vector<adouble> weights(alpha, alpha + K);
            adouble whole = sum - double(N) * logsumexp(weights) + 0.5 * prior -
                            double(N * d) * 0.5 * std::log(2 * M_PI);
            return whole;
        },
        N * K * (d * d + 8 * d + 20));
}

void fit(size_t m) {
    point = {250, 5e-4};
    fill(data, m, 7919, 1000, 0);
    for (size_t i = 0; i < m; i++)
        more.push_back(238.9 * (1 - std::exp(-5.5e-4 * data[i])) + contest_lattice(i + 1, 5003) - 0.5);
    record(
        [m](std::vector<adouble> &x) {
            adouble sum = 0;
            for (size_t i = 0; i < m; i++) {
                adouble residual = more[i] - x[0] * (1 - exp(-x[1] * data[i]));
                sum += residual * residual;
            }
            return sum;
        },
        12 * m);
}

void nested() {
    point = {0.7};
    record(
        [](std::vector<adouble> &x) {
            adouble y = x[0];
            for (int i = 0; i < 50; i++) y = i % 3 == 0 ? cos(y) : i % 3 == 1 ? exp(y) : sin(y);
            return y;
        },
        0);
}

void markov(size_t T) {
    const size_t S = 16, O = 8;
    fill(point, S, 4241, 1.0 / S, 0.5 / S);
    fill(point, S * S, 5003, 1.0 / S, 0.5 / S);
    fill(point, O * S, 6007, 1.0 / O, 0.5 / O);
    record(
        [=](std::vector<adouble> &x) {
            const adouble *move = x.data() + S, *show = move + S * S;
            std::vector<adouble> before(S), here(S);
            adouble logarithms = 0;
            for (size_t t = 0; t < T; t++) {
                const adouble *shown = show + (t + 1) * 7919 % 65537 % O * S;
                adouble total = 0;
                for (size_t s = 0; s < S; s++) {
                    adouble come = t ? adouble(0) : x[s];
                    for (size_t r = 0; t && r < S; r++) come += before[r] * move[r * S + s];
                    here[s] = shown[s] * come;
                    total += here[s];
                }
                for (size_t s = 0; s < S; s++) before[s] = here[s] / total;
                logarithms += log(total);
            }
            return logarithms;
        },
        T * (2 * S * S + 4 * S + 4));
}

void logistic(size_t m) {
    const size_t k = 20;
    fill(point, k, 4241, 1, -0.5);
    fill(data, m * k, 7919, 2, -1);
    record(
        [m](std::vector<adouble> &w) {
            adouble sum = 0;
            for (size_t i = 0; i < m; i++) {
                adouble product = 0;
                for (size_t j = 0; j < k; j++) product += data[i * k + j] * w[j];
                adouble z = (i + 1) * 5003 % 65537 > 32768 ? -product : product;
                sum += fmax(z, 0) + log(1 + exp(-fabs(z)));
            }
            return sum;
        },
        m * (2 * k + 12));
}

bool open_workload(const char *name, int argc, char **argv) {
    auto size = [=](const char *key) { return contest_size(argc, argv, key, 0); };
    if (!strcmp(name, "rosenbrock")) rosenbrock(size("n"));
    else if (!strcmp(name, "product")) product(size("n"));
    else if (!strcmp(name, "gmm")) mixture(size("d"), size("K"), size("N"));
    else if (!strcmp(name, "fit")) fit(size("m"));
    else if (!strcmp(name, "nested")) nested();
    else if (!strcmp(name, "markov")) markov(size("T"));
    else if (!strcmp(name, "logistic") && size("m") <= 100000) logistic(size("m"));
    else return false;
    return true;
}

} // namespace

int main(int argc, char **argv) {
    double start = contest_seconds();
    if (argc < 2 || !open_workload(argv[1], argc, argv)) contest_skip("not written for ADOL-C");
    contest c = {nullptr, run_value, run_gradient, result.data(), result.size()};
    return contest_serve(&c, contest_seconds() - start);
}
