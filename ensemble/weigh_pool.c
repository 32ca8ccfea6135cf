/* Multinomial regression on log probabilities, one weight a member, and its ridge by cross-validation. */
#include "ensemble/weigh_pool.h"

#include <math.h>
#include <string.h>

#include "base/lbfgs.h"
#include "base/rng.h"
#include "ensemble/parts.h"
#include "model/pool.h"

enum { FIFTHS = 5, MOST_STEPS = 200, MOST_ROWS = 5000 };
static const double ridges[] = {100, 1, 0.1, 0.01, 0.001}; /* the strongest first */
enum { N_RIDGES = sizeof ridges / sizeof *ridges };
static const double shift_penalty = 0.05; /* as in model/calibration_fit.c */

/* R = known rows. */
typedef struct {
    const PoolAsk *ask;
    int n_rows, n_classes;   /* R, K */
    int *row;                /* (R) of the library */
    float *logs;             /* (R, n, K) */
    double *counts;          /* (R) */
    const uint8_t *part;     /* (N) */
    int without;             /* the fifth that a fit does not see; -1: none */
    double ridge;
    double *z;               /* (K) */
    double *x;               /* (n + K) w, b */
    double *low, *high, *work;
} Fit;

static const float *logs_of(const Fit *f, int i)
{
    return f->logs + (size_t)i * (size_t)f->ask->n * (size_t)f->n_classes;
}

/* p in f->z; returns -log p of the label, or -1 of none. */
static double row_loss(const Fit *f, const double *x, int i)
{
    const int n = f->ask->n, k = f->n_classes;
    const float *logs = logs_of(f, i);
    double top = -INFINITY, total = 0;
    for (int c = 0; c < k; c++) f->z[c] = x[n + c];
    for (int m = 0; m < n; m++)
        for (int c = 0; c < k; c++) f->z[c] += x[m] * (double)logs[m * k + c];
    for (int c = 0; c < k; c++) top = fmax(top, f->z[c]);
    const int label = f->ask->library->labels[f->row[i]];
    const double own = f->z[label] - top;
    for (int c = 0; c < k; c++) total += f->z[c] = exp(f->z[c] - top);
    for (int c = 0; c < k; c++) f->z[c] /= total;
    return log(total) - own;
}

static double penalty(const Fit *f, const double *x, double mass, double *gradient)
{
    const int n = f->ask->n;
    const double *g = f->ask->centre;
    double s = 0, sum = 0, along = 0;
    for (int m = 0; m < n; m++) s += x[m];
    for (int m = 0; m < n; m++) {
        const double apart = x[m] - s * g[m];
        sum += f->ridge * apart * apart;
        along += g[m] * apart;
    }
    for (int m = 0; m < n; m++) gradient[m] += 2 * f->ridge * (x[m] - s * g[m] - along);
    for (int c = 0; c < f->n_classes; c++) {
        sum += shift_penalty * x[n + c] * x[n + c] / mass;
        gradient[n + c] += 2 * shift_penalty * x[n + c] / mass;
    }
    return sum;
}

static double loss(void *context, const double *x, double *gradient)
{
    Fit *f = context;
    const int n = f->ask->n, k = f->n_classes;
    double sum = 0, mass = 0;
    memset(gradient, 0, (size_t)(n + k) * sizeof *gradient);
    for (int i = 0; i < f->n_rows; i++) {
        if (f->part[f->row[i]] == f->without) continue;
        const double counts = f->counts[i];
        const float *logs = logs_of(f, i);
        sum += counts * row_loss(f, x, i);
        mass += counts;
        f->z[f->ask->library->labels[f->row[i]]] -= 1;
        for (int m = 0; m < n; m++) {
            double along = 0;
            for (int c = 0; c < k; c++) along += f->z[c] * (double)logs[m * k + c];
            gradient[m] += counts * along;
        }
        for (int c = 0; c < k; c++) gradient[n + c] += counts * f->z[c];
    }
    if (!(mass > 0)) mass = 1;
    for (int j = 0; j < n + k; j++) gradient[j] /= mass;
    return sum / mass + penalty(f, x, mass, gradient);
}

static void start(Fit *f)
{
    for (int m = 0; m < f->ask->n; m++) f->x[m] = f->ask->centre[m];
    for (int c = 0; c < f->n_classes; c++) f->x[f->ask->n + c] = 0;
}

/* From where f->x is. */
static void solve(Fit *f, double ridge, int without)
{
    const int n = f->ask->n, k = f->n_classes;
    f->ridge = ridge;
    f->without = without;
    const Lbfgs problem = {.n = n + k, .low = f->low, .high = f->high, .function = loss, .context = f,
                           .max_iterations = MOST_STEPS, .gradient_tolerance = without < 0 ? 1e-7 : 1e-4,
                           .value_tolerance = 1e-12, .work = f->work};
    lbfgs_minimize(&problem, f->x);
}

/* Of more rows than the weights need every so many-th. */
static void thin(Fit *f)
{
    const int step = (f->n_rows + MOST_ROWS - 1) / MOST_ROWS;
    int n = 0;
    for (int i = 0; i < f->n_rows; i += step) f->row[n++] = f->row[i];
    f->n_rows = n;
}

static bool begin(const PoolAsk *ask, Arena *arena, Fit *f, Error *err)
{
    const Library *l = ask->library;
    const int n = ask->n, k = l->n_classes;
    double mass = 0;
    uint8_t *part;
    *f = (Fit){.ask = ask, .n_classes = k, .without = -1};
    f->row = ARENA_NEW(arena, int, l->n_rows);
    if (!f->row || !parts_deal(l, FIFTHS, rng_mix(ask->seed, 3), arena, &part, err)) return error_memory(err);
    f->part = part;
    for (int i = 0; i < l->n_rows; i++)
        if (library_knows(l, i)) f->row[f->n_rows++] = i;
    thin(f);
    f->logs = ARENA_NEW(arena, float, (size_t)f->n_rows * (size_t)n * (size_t)k);
    f->counts = ARENA_NEW(arena, double, f->n_rows);
    f->z = ARENA_NEW(arena, double, k);
    f->x = ARENA_NEW(arena, double, n + k);
    f->low = ARENA_NEW(arena, double, n + k);
    f->high = ARENA_NEW(arena, double, n + k);
    f->work = ARENA_NEW(arena, double, lbfgs_work((size_t)(n + k)));
    if (!f->logs || !f->counts || !f->z || !f->x || !f->low || !f->high || !f->work) return error_memory(err);
    for (int j = 0; j < n + k; j++) {
        f->low[j] = j < n ? 0 : -30;
        f->high[j] = j < n ? 20 : 30;
    }
    for (int i = 0; i < f->n_rows; i++) mass += f->counts[i] = l->weight ? l->weight[f->row[i]] : 1;
    for (int i = 0; i < f->n_rows; i++) f->counts[i] *= f->n_rows / mass;
    for (int i = 0; i < f->n_rows; i++)
        for (int m = 0; m < n; m++)
            for (int c = 0; c < k; c++)
                f->logs[((size_t)i * (size_t)n + (size_t)m) * (size_t)k + (size_t)c] = (float)pool_log(
                    l->proba[ask->member[m]][(size_t)f->row[i] * (size_t)k + (size_t)c]);
    return true;
}

/* Weights that add up to 1, and the slope; without a slope the centre. */
static double weights_of(const Fit *f, double *w)
{
    const int n = f->ask->n;
    double slope = 0;
    for (int m = 0; m < n; m++) slope += f->x[m];
    if (!(slope > 1e-6)) slope = 0;
    for (int m = 0; m < n; m++) w[m] = slope > 0 ? f->x[m] / slope : f->ask->centre[m];
    return slope;
}

static bool take(const Fit *f, Arena *arena, Pool *out, Error *err)
{
    *out = (Pool){.w = ARENA_NEW(arena, double, f->ask->n), .shift = ARENA_NEW(arena, double, f->n_classes),
                  .ridge = f->ridge};
    if (!out->w || !out->shift) return error_memory(err);
    out->slope = weights_of(f, out->w);
    memcpy(out->shift, f->x + f->ask->n, (size_t)f->n_classes * sizeof *out->shift);
    return true;
}

bool pool_fit(const PoolAsk *ask, double ridge, Arena *arena, Pool *out, Error *err)
{
    Fit f;
    if (!begin(ask, arena, &f, err)) return false;
    start(&f);
    solve(&f, ridge, -1);
    return take(&f, arena, out, err);
}

/* The losses of the rows of fifth f->without into `of` (R). */
static void judge(const Fit *f, double *of)
{
    for (int i = 0; i < f->n_rows; i++)
        if (f->part[f->row[i]] == f->without) of[i] = row_loss(f, f->x, i);
}

/* The strongest ridge within one standard error of the best. */
static int strongest(const Fit *f, const double *lost)
{
    const size_t n = (size_t)f->n_rows;
    double mean[N_RIDGES] = {0};
    int best = 0;
    for (int r = 0; r < N_RIDGES; r++) {
        for (size_t i = 0; i < n; i++) mean[r] += f->counts[i] * lost[(size_t)r * n + i] / (double)n;
        if (mean[r] < mean[best]) best = r;
    }
    for (int r = 0; r < best; r++) {
        double square = 0;
        for (size_t i = 0; i < n; i++) {
            const double d = f->counts[i] * (lost[(size_t)r * n + i] - lost[(size_t)best * n + i])
                           - (mean[r] - mean[best]);
            square += d * d;
        }
        if (mean[r] - mean[best] <= sqrt(square) / (double)n) return r;
    }
    return best;
}

/* What weights w say of the library's rows of one fifth. */
static void say(const Fit *f, int part, const double *w, float *out)
{
    const Library *l = f->ask->library;
    const int k = l->n_classes;
    for (int i = 0; i < l->n_rows; i++) {
        const size_t at = (size_t)i * (size_t)k;
        if (f->part[i] != part) continue;
        for (int c = 0; c < k; c++) {
            double z = 0;
            for (int m = 0; m < f->ask->n; m++)
                z += w[m] * pool_log(l->proba[f->ask->member[m]][at + (size_t)c]);
            out[at + (size_t)c] = (float)z;
        }
        pool_softmax(k, 1, out + at);
    }
}

bool pool_choose(const PoolAsk *ask, Arena *arena, Pool *out, Error *err)
{
    Fit f;
    const Library *l = ask->library;
    if (!begin(ask, arena, &f, err)) return false;
    double *lost = ARENA_NEW(arena, double, (size_t)N_RIDGES * (size_t)f.n_rows);
    double *w = ARENA_NEW(arena, double, (size_t)N_RIDGES * FIFTHS * (size_t)ask->n);
    float *crossed = ARENA_NEW(arena, float, (size_t)l->n_rows * (size_t)l->n_classes);
    if (!lost || !w || !crossed) return error_memory(err);
    for (int part = 0; part < FIFTHS; part++) {
        start(&f);
        for (int r = 0; r < N_RIDGES; r++) {
            solve(&f, ridges[r], part);
            judge(&f, lost + (size_t)r * (size_t)f.n_rows);
            (void)weights_of(&f, w + (size_t)(r * FIFTHS + part) * (size_t)ask->n);
        }
    }
    const int best = strongest(&f, lost);
    for (int part = 0; part < FIFTHS; part++)
        say(&f, part, w + (size_t)(best * FIFTHS + part) * (size_t)ask->n, crossed);
    start(&f);
    solve(&f, ridges[best], -1);
    if (!take(&f, arena, out, err)) return false;
    out->crossed = crossed;
    return true;
}
