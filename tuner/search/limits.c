/* Models of the limits, what they say of candidates, and the order of trials that keep or break them. */
#include "tuner/search/limits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/search/special.h"

enum { BLOCK = 128, LEAST = 3 };

/* One limit. Without a process nothing is known of it. */
typedef struct {
    Gp *gp;
    double bound; /* 0 in the process's units */
} Model;

struct Limits {
    int n, d, n_rows;
    bool any;        /* a trial keeps them all */
    Model *model;    /* (n) */
    double *penalty; /* (n_rows) 0: keeps all */
};

bool limits_kept(const Ask *ask, const Seen *seen)
{
    const int n = ask->space->n_limits;
    return n == 0 || (seen->slack && limits_hold(n, seen->slack));
}

/* ---- slacks made alike ---- */

typedef struct { double unit, mean, deviation; } Units;

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double squeezed(double slack, double unit) { return copysign(log1p(fabs(slack) / unit), slack); }

static double scaled(const Units *scale, double slack)
{
    return (squeezed(slack, scale->unit) - scale->mean) / scale->deviation;
}

/* `scratch` (n). False: they do not differ. */
static bool find_scale(int n, const double *slack, double *scratch, Units *out)
{
    double sum = 0, square = 0;
    for (int i = 0; i < n; i++) scratch[i] = fabs(slack[i]);
    qsort(scratch, (size_t)n, sizeof *scratch, by_size);
    out->unit = scratch[n / 2] > 0 ? scratch[n / 2] : scratch[n - 1];
    if (!(out->unit > 0)) return false;
    for (int i = 0; i < n; i++) sum += squeezed(slack[i], out->unit);
    out->mean = sum / n;
    for (int i = 0; i < n; i++) square += pow(squeezed(slack[i], out->unit) - out->mean, 2);
    out->deviation = sqrt(square / n);
    return out->deviation > 1e-9;
}

/* ---- learning ---- */

static double slack_of(const Ask *ask, int row, int limit)
{
    const Seen *seen = &ask->seen[row];
    return seen->slack && isfinite(seen->slack[limit]) ? seen->slack[limit] : NAN;
}

/* Those of the rows that reported it, in units of their own. False with *n below LEAST or 0 where there is
 * nothing to learn. */
typedef struct {
    int n;
    double *x, *y;
    Units scale;
    bool differ;
} Reported;

static bool gather(const Ask *ask, int limit, int n, const int *rows, Arena *arena, Reported *out)
{
    const size_t d = (size_t)ask->space->n_dims;
    double *scratch = ARENA_NEW(arena, double, n + 1);
    *out = (Reported){.x = arena_alloc(arena, (size_t)n + 1, d * sizeof(double)),
                      .y = ARENA_NEW(arena, double, n + 1)};
    if (!scratch || !out->x || !out->y) return false;
    for (int i = 0; i < n; i++) {
        const double slack = slack_of(ask, rows[i], limit);
        if (isnan(slack)) continue;
        memcpy(out->x + (size_t)out->n * d, ask->seen[rows[i]].u, d * sizeof *out->x);
        out->y[out->n++] = slack;
    }
    out->differ = out->n >= LEAST && find_scale(out->n, out->y, scratch, &out->scale);
    for (int i = 0; out->differ && i < out->n; i++) out->y[i] = scaled(&out->scale, out->y[i]);
    return true;
}

static bool learn_one(const Ask *ask, const Reported *first, const Reported *all, Arena *arena, Model *out,
                      Error *err)
{
    const int n_hyper = gp_n_hyper(ask->space);
    const size_t n = (size_t)first->n;
    double *theta = ARENA_NEW(arena, double, n_hyper);
    if (!theta) return error_memory(err);
    const GpData learned = {.space = ask->space, .n = first->n, .x = first->x, .y = first->y, .as_is = true};
    MemoKey key = memo_key(first->x, n * (size_t)ask->space->n_dims * sizeof *first->x, MEMO_START);
    key = memo_key(first->y, n * sizeof *first->y, memo_key("limit", 5, key));
    if (!memo_get(ask->memo, key, n_hyper, theta)) {
        if (!gp_learn(&learned, GP_TREND, arena, theta, err)) return false;
        memo_put(ask->memo, key, n_hyper, theta);
    }
    const GpData given = {.space = ask->space, .n = all->n, .x = all->x, .y = all->y, .as_is = true};
    out->bound = scaled(&all->scale, 0);
    return gp_given(&given, theta, arena, &out->gp, err);
}

/* How far the rows are off, all limits together; what is not known ranks last. */
static bool penalize(const Ask *ask, int n, const int *rows, Arena *arena, Limits *limits)
{
    const int m = ask->space->n_limits;
    limits->penalty = ARENA_NEW(arena, double, n + 1);
    double *unit = ARENA_NEW(arena, double, m), *slack = ARENA_NEW(arena, double, n + 1);
    if (!limits->penalty || !unit || !slack) return false;
    for (int l = 0; l < m; l++) {
        int reported = 0;
        for (int i = 0; i < n; i++)
            if (!isnan(slack[reported] = fabs(slack_of(ask, rows[i], l)))) reported++;
        if (reported == 0) continue;
        qsort(slack, (size_t)reported, sizeof *slack, by_size);
        unit[l] = slack[reported / 2] > 0 ? slack[reported / 2] : slack[reported - 1];
    }
    for (int i = 0; i < n; i++) {
        const Seen *seen = &ask->seen[rows[i]];
        const bool keeps = limits_kept(ask, seen);
        const bool whole = seen->state == SEEN_DONE && isfinite(seen->score);
        limits->any |= whole && keeps;
        limits->penalty[i] = whole && keeps ? 0 : whole ? 1e-9 : INFINITY;
        for (int l = 0; whole && !keeps && l < m; l++) {
            const double off = slack_of(ask, rows[i], l);
            limits->penalty[i] += isnan(off) ? 1e9 : off > 0 ? log1p(off / unit[l]) : 0;
        }
    }
    return true;
}

bool limits_learn(const Ask *ask, int n_first, const int *first, int n, const int *rows, Arena *arena,
                  Limits **out, Error *err)
{
    const int m = ask->space->n_limits;
    *out = NULL;
    if (m == 0) return true;
    Limits *limits = ARENA_NEW(arena, Limits, 1);
    if (!limits || !(limits->model = ARENA_NEW(arena, Model, m)) || !penalize(ask, n, rows, arena, limits))
        return error_memory(err);
    limits->n = m;
    limits->d = ask->space->n_dims;
    limits->n_rows = n;
    for (int l = 0; l < m; l++) {
        Reported learned, all;
        if (!gather(ask, l, n_first, first, arena, &learned) || !gather(ask, l, n, rows, arena, &all))
            return error_memory(err);
        if (learned.differ && all.differ && !learn_one(ask, &learned, &all, arena, &limits->model[l], err))
            return false;
    }
    *out = limits;
    return true;
}

void limits_order(const Limits *limits, Gp *gp)
{
    if (limits) gp_order(gp, limits->penalty);
}

bool limits_believe(Limits *limits, int m, const double *u, Arena *arena, Error *err)
{
    double *mean = ARENA_NEW(arena, double, m + 1);
    if (!mean) return error_memory(err);
    for (int l = 0; limits && l < limits->n; l++)
        if (limits->model[l].gp && !gp_believe_means(limits->model[l].gp, m, u, mean, arena, err)) return false;
    return true;
}

/* ---- weighing ---- */

static bool alone(const Limits *limits)
{
    for (int l = 0; l < limits->n; l++)
        if (limits->model[l].gp) return !limits->any;
    return false;
}

void limits_weigh(const Limits *limits, int m, const double *u, const bool *active, double *value)
{
    if (!limits) return;
    double mean[BLOCK], sigma[BLOCK];
    for (int i = 0; alone(limits) && i < m; i++) value[i] = 0;
    for (int l = 0; l < limits->n; l++) {
        const Model *model = &limits->model[l];
        for (int from = 0; model->gp && from < m; from += BLOCK) {
            const int count = m - from < BLOCK ? m - from : BLOCK;
            const size_t at = (size_t)from * (size_t)limits->d;
            gp_predict_many(model->gp, count, u + at, active + at, mean, sigma);
            for (int i = 0; i < count; i++)
                value[from + i] += normal_log_cdf((model->bound - mean[i]) / sigma[i], NULL);
        }
    }
}

double limits_log_probability(const Limits *limits, const double *u)
{
    double sum = 0, mean, sigma;
    for (int l = 0; limits && l < limits->n; l++) {
        if (!limits->model[l].gp) continue;
        gp_predict(limits->model[l].gp, u, &mean, &sigma);
        sum += normal_log_cdf((limits->model[l].bound - mean) / sigma, NULL);
    }
    return sum;
}

double limits_weigh_gradient(const Limits *limits, const double *u, const bool *active, double value,
                             double *gradient)
{
    if (!limits) return value;
    double mean, sigma, slope, by_mean[SPACE_MAX_PARAMS], by_sigma[SPACE_MAX_PARAMS];
    if (alone(limits)) {
        value = 0;
        for (int k = 0; k < limits->d; k++) gradient[k] = 0;
    }
    for (int l = 0; l < limits->n; l++) {
        if (!limits->model[l].gp) continue;
        gp_predict_gradient(limits->model[l].gp, u, active, &mean, &sigma, by_mean, by_sigma);
        const double t = (limits->model[l].bound - mean) / sigma;
        value += normal_log_cdf(t, &slope);
        for (int k = 0; k < limits->d; k++) gradient[k] -= slope * (by_mean[k] + t * by_sigma[k]) / sigma;
    }
    return value;
}

/* ---- ranking ---- */

bool limits_rank(const Ask *ask, Arena *arena, Ask *out, Error *err)
{
    *out = *ask;
    if (ask->space->n_limits == 0) return true;
    Limits limits = {0};
    Seen *seen = ARENA_NEW(arena, Seen, ask->n_seen + 1);
    int *rows = ARENA_NEW(arena, int, ask->n_seen + 1);
    double worst = 0;
    if (!seen || !rows) return error_memory(err);
    for (int i = 0; i < ask->n_seen; i++) rows[i] = i;
    if (!penalize(ask, ask->n_seen, rows, arena, &limits)) return error_memory(err);
    if (ask->n_seen > 0) memcpy(seen, ask->seen, (size_t)ask->n_seen * sizeof *seen);
    bool any = false;
    for (int i = 0; i < ask->n_seen; i++) {
        if (limits.penalty[i] != 0) continue;
        worst = any ? fmax(worst, seen[i].score) : seen[i].score;
        any = true;
    }
    const double size = fmax(1, fabs(worst)); /* so that they come behind it, whatever its size */
    for (int i = 0; i < ask->n_seen; i++)
        if (isfinite(limits.penalty[i]) && limits.penalty[i] > 0)
            seen[i].score = worst + (1e-9 + limits.penalty[i]) * size;
    out->seen = seen;
    out->n_steady = 0; /* they are others with each trial that keeps the limits */
    return true;
}
