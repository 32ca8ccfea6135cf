/* Variances of repeats shrunk towards each other, and the race that is decided by them. */
#include "tuner/search/noise.h"

#include <math.h>
#include <stdlib.h>

#include "tuner/search/special.h"

/* ---- a prior of variances ---- */

/* psi and its first derivative: upwards by recurrence, then the asymptotic series (DLMF 5.11.2, 5.15.8). */
static double digamma(double x)
{
    double sum = 0;
    for (; x < 12; x++) sum -= 1 / x;
    const double y = 1 / (x * x);
    return sum + log(x) - 0.5 / x
         - y * (1. / 12 - y * (1. / 120 - y * (1. / 252 - y * (1. / 240 - y * (1. / 132)))));
}

static double trigamma(double x)
{
    double sum = 0;
    for (; x < 12; x++) sum += 1 / (x * x);
    const double y = 1 / (x * x);
    return sum + 1 / x + y / 2
         + y / x * (1. / 6 - y * (1. / 30 - y * (1. / 42 - y * (1. / 30 - y * (5. / 66)))));
}

/* The x at which it is y > 0: it falls, from infinity to 0. */
static double inverse_trigamma(double y)
{
    double low = -20, high = 20; /* of log x */
    for (int i = 0; i < 100; i++) {
        const double middle = 0.5 * (low + high);
        if (trigamma(exp(middle)) > y) low = middle;
        else high = middle;
    }
    return exp(0.5 * (low + high));
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

bool noise_prior(int n, const double *variance, const int *n_repeats, double *scratch, NoisePrior *out)
{
    int m = 0;
    double pooled = 0, freedom = 0;
    for (int i = 0; i < n; i++) {
        if (n_repeats[i] < 2 || !isfinite(variance[i])) continue;
        scratch[m++] = variance[i];
        pooled += (n_repeats[i] - 1) * variance[i];
        freedom += n_repeats[i] - 1;
    }
    if (m == 0 || !(pooled > 0)) return false;
    *out = (NoisePrior){pooled / freedom, INFINITY};
    if (m < 3) return true;
    qsort(scratch, (size_t)m, sizeof *scratch, by_size);
    const double least = 1e-5 * (scratch[m / 2] > 0 ? scratch[m / 2] : scratch[m - 1]);
    double sum = 0, square = 0, expected = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < n; i++) {
            if (n_repeats[i] < 2 || !isfinite(variance[i])) continue;
            const double half = 0.5 * (n_repeats[i] - 1);
            const double e = log(fmax(variance[i], least)) - digamma(half) + log(half);
            if (pass == 0) sum += e;
            else square += (e - sum / m) * (e - sum / m), expected += trigamma(half);
        }
    const double more = (square / (m - 1)) - expected / m; /* than chance makes them differ */
    if (!(more > 1e-9)) return true;
    const double half = inverse_trigamma(more);
    *out = (NoisePrior){exp(sum / m + digamma(half) - log(half)), 2 * half};
    return true;
}

double noise_shrunk(const NoisePrior *prior, double variance, int n_repeats)
{
    if (n_repeats < 2 || !isfinite(variance) || isinf(prior->freedom)) return prior->variance;
    return (prior->freedom * prior->variance + (n_repeats - 1) * variance) / (prior->freedom + n_repeats - 1);
}

bool noise_told(const Ask *ask, int n, const int *rows, Arena *arena, double **out, Error *err)
{
    bool any = false;
    *out = NULL;
    for (int i = 0; i < n && !any; i++)
        any = ask->seen[rows[i]].state == SEEN_DONE && ask->seen[rows[i]].n_repeats > 1;
    if (!any) return true;
    double *variance = ARENA_NEW(arena, double, n), *scratch = ARENA_NEW(arena, double, n);
    int *n_repeats = ARENA_NEW(arena, int, n);
    if (!variance || !scratch || !n_repeats) return error_memory(err);
    for (int i = 0; i < n; i++) {
        const Seen *seen = &ask->seen[rows[i]];
        n_repeats[i] = seen->state == SEEN_DONE ? seen->n_repeats : 0;
        variance[i] = seen->variance;
    }
    NoisePrior prior;
    if (!noise_prior(n, variance, n_repeats, scratch, &prior)) return true;
    for (int i = 0; i < n; i++)
        variance[i] = n_repeats[i] > 0 ? noise_shrunk(&prior, variance[i], n_repeats[i]) / n_repeats[i] : 0;
    double least = INFINITY;
    for (int i = 0; i < n; i++)
        if (n_repeats[i] > 0) least = fmin(least, variance[i]);
    for (int i = 0; i < n; i++) variance[i] = fmax(0, variance[i] - least);
    *out = variance;
    return true;
}

/* ---- the race ---- */

static double repeat_mean(const Curve *scores, int repeat, int n_folds)
{
    double sum = 0;
    for (int f = 0; f < n_folds; f++) sum += scores->value[repeat * n_folds + f];
    return sum / n_folds;
}

int noise_effects(const Race *race, int n_folds, int n_finished, const Curve *finished, double *effect)
{
    int n = 0;
    for (int r = 0; r < race->most; r++) effect[r] = 0;
    for (int i = 0; i < n_finished; i++) {
        if (finished[i].n != race->most * n_folds) continue;
        double mean = 0;
        for (int r = 0; r < race->most; r++) mean += repeat_mean(&finished[i], r, n_folds) / race->most;
        for (int r = 0; r < race->most; r++) effect[r] += repeat_mean(&finished[i], r, n_folds) - mean;
        n++;
    }
    for (int r = 0; r < race->most; r++) effect[r] = n >= RACE_NEED ? effect[r] / n : 0;
    return n >= RACE_NEED ? n : 0;
}

void noise_take_out(const Race *race, int n_folds, int n_finished, const double *effect, const Curve *runs,
                    double *score, double *variance)
{
    const int k = runs->n / n_folds;
    double shift = 0, mean = 0, square = 0;
    if (n_finished == 0 || k < 1 || k > race->most || runs->n % n_folds != 0) return;
    for (int r = 0; r < k; r++) {
        shift += effect[r] / k;
        mean += (repeat_mean(runs, r, n_folds) - effect[r]) / k;
    }
    for (int r = 0; r < k; r++) square += pow(repeat_mean(runs, r, n_folds) - effect[r] - mean, 2);
    if (k < race->most) *score -= shift;
    /* The effects were found from this trial, too, where it is one of the finished. */
    const double share = k == race->most ? n_finished / (n_finished - 1.0) : 1;
    if (k > 1) *variance = square / (k - 1) * share;
}

/* By how much the first k repeats are worse than the same of another trial, and the variance of that. */
static void compare(const Curve *own, const Curve *other, int k, int n_folds, double *mean, double *variance)
{
    double sum = 0, square = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int r = 0; r < k; r++) {
            const double difference = repeat_mean(own, r, n_folds) - repeat_mean(other, r, n_folds);
            if (pass == 0) sum += difference;
            else square += (difference - sum / k) * (difference - sum / k);
        }
    *mean = sum / k;
    *variance = k > 1 ? square / (k - 1) : NAN;
}

/* The finished trial of the lowest mean over all repeats; -1: none has all. */
static int incumbent(const Race *race, int n_folds, int n_finished, const Curve *finished)
{
    int best = -1;
    double least = INFINITY;
    for (int i = 0; i < n_finished; i++) {
        double sum = 0;
        if (finished[i].n != race->most * n_folds) continue;
        for (int r = 0; r < finished[i].n; r++) sum += finished[i].value[r];
        if (sum < least) least = sum, best = i;
    }
    return best;
}

bool race_stops(const Race *race, int n_folds, const Curve *scores, int n_finished, const Curve *finished)
{
    const int k = scores->n / n_folds, best = incumbent(race, n_folds, n_finished, finished);
    if (race->least >= race->most || scores->n % n_folds != 0 || k < race->least || k >= race->most || best < 0)
        return false;
    double *variances = malloc(2 * (size_t)n_finished * sizeof *variances), mean, variance;
    int *n_repeats = malloc((size_t)n_finished * sizeof *n_repeats), n = 0;
    NoisePrior prior = {0};
    bool stops = false;
    for (int i = 0; variances && n_repeats && i < n_finished; i++) {
        if (i == best || finished[i].n != race->most * n_folds) continue;
        compare(&finished[i], &finished[best], race->most, n_folds, &mean, &variances[n]);
        n_repeats[n++] = race->most;
    }
    if (n >= RACE_NEED) {
        compare(scores, &finished[best], k, n_folds, &mean, &variance);
        if (noise_prior(n, variances, n_repeats, variances + n_finished, &prior)) {
            const double error = sqrt(noise_shrunk(&prior, variance, k) / k);
            stops = mean > 0 && student_above(mean / error, prior.freedom + k - 1) < RACE_RISK;
        } else {
            stops = mean > 0; /* repeats do not differ */
        }
    }
    free(variances); /* without memory it goes on: that costs time, no result */
    free(n_repeats);
    return stops;
}
