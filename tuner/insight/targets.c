/* Shares of the space by nearest neighbours; a scale and a logarithm that fit them; powers. */
#include "tuner/insight/targets.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "tuner/search/sobol.h"

enum { N_LOOKS = 1024 };

/* ---- shares ---- */

/* Squared distance as the kernel has it, with length scales of 1. */
static double distance(const Space *space, const double *a, const bool *a_on, const double *b, const bool *b_on)
{
    double sum = 0;
    for (int k = 0; k < space->n_dims; k++) {
        if (!a_on[k] && !b_on[k]) continue;
        if (a_on[k] != b_on[k]) sum += 0.25;
        else if (space_dim_kind(space, k) == DIM_CATEGORY) sum += a[k] != b[k];
        else sum += (a[k] - b[k]) * (a[k] - b[k]);
    }
    return sum;
}

bool targets_shares(const Space *space, int n, const double *u, uint64_t seed, Arena *arena, double *share,
                    Error *err)
{
    const size_t d = (size_t)space->n_dims;
    double *looks = arena_alloc(arena, N_LOOKS * d, sizeof *looks);
    bool *on = arena_alloc(arena, (size_t)n * d, sizeof *on), *here = arena_alloc(arena, d, sizeof *here);
    if (!looks || !on || !here) return error_memory(err);
    sobol_points(space->n_dims, rng_mix(seed, 0x54a), N_LOOKS, looks);
    for (int i = 0; i < n; i++) {
        share[i] = 0.01 / n; /* none speaks for nothing */
        space_active(space, u + (size_t)i * d, on + (size_t)i * d);
    }
    for (size_t l = 0; l < N_LOOKS; l++) {
        double nearest = INFINITY, times = 0;
        space_snap_active(space, looks + l * d, here);
        double *at = looks + l * d;
        for (int pass = 0; pass < 2; pass++) /* those that are equally near share it */
            for (int i = 0; i < n; i++) {
                double by = distance(space, at, here, u + (size_t)i * d, on + (size_t)i * d);
                if (pass == 1 && by == nearest) share[i] += 0.99 / (N_LOOKS * times);
                else if (pass == 0 && by < nearest) nearest = by, times = 1;
                else if (pass == 0 && by == nearest) times++;
            }
    }
    return true;
}

/* ---- targets ---- */

typedef struct {
    double score, share;
} Part;

static int by_score(const void *a, const void *b)
{
    const Part *x = a, *y = b;
    return (x->score > y->score) - (x->score < y->score);
}

/* The score below which this share of the space lies, between the middles of neighbouring parts. */
static double quantile(int n, const Part *sorted, double q)
{
    double sum = 0, before = 0;
    for (int i = 0; i < n; i++) {
        double middle = sum + sorted[i].share / 2;
        if (middle >= q) {
            if (i == 0) return sorted[0].score;
            const double between = (q - before) / (middle - before);
            return sorted[i - 1].score + (sorted[i].score - sorted[i - 1].score) * between;
        }
        before = middle;
        sum += sorted[i].share;
    }
    return sorted[n - 1].score;
}

static double power_of(double z, double lambda)
{
    double power = z >= 0 ? lambda : 2 - lambda, size = fabs(z);
    double value = fabs(power) > 1e-6 ? expm1(power * log1p(size)) / power : log1p(size);
    return z >= 0 ? value : -value;
}

/* Mean 0 and deviation 1 over the space; the deviation before. */
static double standardize(int n, const double *share, double *z)
{
    double mean = 0, square = 0;
    for (int i = 0; i < n; i++) mean += share[i] * z[i];
    for (int i = 0; i < n; i++) square += share[i] * (z[i] - mean) * (z[i] - mean);
    const double deviation = sqrt(square);
    for (int i = 0; i < n; i++) z[i] = deviation > 1e-12 ? (z[i] - mean) / deviation : 0;
    return deviation;
}

bool targets_level(int n, const double *score, const double *share, Arena *arena, double *level, Error *err)
{
    Part *sorted = ARENA_NEW(arena, Part, n + 1);
    double worst = -INFINITY;
    if (!sorted) return error_memory(err);
    for (int i = 0; i < n; i++)
        if (isfinite(score[i])) worst = fmax(worst, score[i]);
    for (int i = 0; i < n; i++) sorted[i] = (Part){isfinite(score[i]) ? score[i] : worst, share[i]};
    qsort(sorted, (size_t)n, sizeof *sorted, by_score);
    const double middle = quantile(n, sorted, 0.5);
    double unit = quantile(n, sorted, 0.75) - quantile(n, sorted, 0.25);
    if (!(unit > 1e-9 * (worst - sorted[0].score))) unit = worst - sorted[0].score;
    for (int i = 0; i < n; i++) {
        double by = unit > 0 ? ((isfinite(score[i]) ? score[i] : worst) - middle) / unit : 0;
        level[i] = by > 1.5 ? 1.5 + log1p(by - 1.5) : by;
    }
    standardize(n, share, level);
    return true;
}

void targets_bend(int n, const double *level, const double *share, double lambda, double *z,
                  double *log_slope)
{
    for (int i = 0; i < n; i++) z[i] = power_of(level[i], lambda);
    const double deviation = standardize(n, share, z);
    for (int i = 0; i < n; i++)
        log_slope[i] = (lambda - 1) * copysign(log1p(fabs(level[i])), level[i]) - log(fmax(deviation, 1e-12));
}
