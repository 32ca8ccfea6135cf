/* A fit of the leading trials as the search has it, and its means back in scores. */
#include "tuner/insight/posterior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/insight/points.h"
#include "tuner/search/gp.h"

enum { MOST_FITTED = 400, FEWEST = 8 };

typedef struct {
    double score; /* minimized; INFINITY: none */
    int at, number;
    bool breaks;  /* a limit: evidence, and never the best */
} Ranked;

static int by_score(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_mean(const void *a, const void *b)
{
    const PosteriorTrial *x = a, *y = b;
    if (x->mean != y->mean) return x->mean < y->mean ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The best, and of the others an even sample, moved to the front of `ranked`. */
static int choose(Ranked *ranked, int n)
{
    if (n <= MOST_FITTED) return n;
    const int rest = n - POSTERIOR_LEADERS, want = MOST_FITTED - POSTERIOR_LEADERS;
    Ranked *others = ranked + POSTERIOR_LEADERS;
    for (int k = 0; k < want; k++) others[k] = others[(int)((int64_t)k * rest / want)];
    return MOST_FITTED;
}

/* The settled trials as points. */
typedef struct {
    int n;
    double *u;      /* (n, n_dims) by Ranked.at */
    Ranked *ranked; /* (n) best first */
} Settled;

static bool gather(const Space *space, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                   Settled *out, Error *err)
{
    const size_t d = (size_t)space->n_dims;
    *out = (Settled){.u = arena_alloc(arena, (size_t)n_rows * d + 1, sizeof *out->u),
                     .ranked = ARENA_NEW(arena, Ranked, n_rows + 1)};
    if (!out->ranked || !out->u) return error_memory(err);
    for (int i = 0; i < n_rows; i++) { /* one at a time, to know which trial a point is */
        Points one;
        if (rows[i].state == TRIAL_PRUNED) continue; /* what it would have come to is not known */
        if (!points_gather(space, &rows[i], 1, NULL, maximize, arena, &one, err)) return false;
        if (one.n == 0) continue;
        memcpy(out->u + (size_t)out->n * d, one.u, d * sizeof *out->u);
        out->ranked[out->n] = (Ranked){one.score[0], out->n, rows[i].number,
                                         rows[i].state == TRIAL_COMPLETE && rows[i].fail_code};
        out->n++;
    }
    qsort(out->ranked, (size_t)out->n, sizeof *out->ranked, by_score);
    return true;
}

bool posterior_of(const Space *space, const TrialRow *rows, int n_rows, bool maximize, Arena *arena,
                  Posterior *out, Error *err)
{
    Settled all;
    *out = (Posterior){0};
    if (space->n_dims == 0) return true;
    if (!gather(space, rows, n_rows, maximize, arena, &all, err)) return false;
    Ranked *ranked = all.ranked;
    const size_t d = (size_t)space->n_dims;
    int n = choose(ranked, all.n), n_scored = 0;
    double *x = arena_alloc(arena, (size_t)n * d + 1, sizeof *x), *y = ARENA_NEW(arena, double, n + 1);
    double *z = ARENA_NEW(arena, double, n + 1), *scratch = ARENA_NEW(arena, double, 2 * n + 1);
    if (!x || !y || !z || !scratch) return error_memory(err);
    for (int i = 0; i < n; i++) {
        memcpy(x + (size_t)i * d, all.u + (size_t)ranked[i].at * d, d * sizeof *x);
        y[i] = isfinite(ranked[i].score) ? ranked[i].score : NAN;
        n_scored += isfinite(ranked[i].score);
    }
    if (n_scored < FEWEST || y[0] == y[n_scored - 1]) return true;
    const GpData data = {.space = space, .n = n, .x = x, .y = y};
    Gp *gp = NULL;
    Error why = {0};
    if (!gp_fit(&data, GP_TREND, arena, &gp, &why)) {
        if (why.code == ERR_NUMERIC) return true;
        if (err) *err = why;
        return false;
    }
    gp_transform(n, y, z, scratch);
    double sign = maximize ? -1 : 1;
    for (int i = 0; i < n_scored && out->n < POSTERIOR_MOST; i++) {
        double mean, sigma;
        if (ranked[i].breaks) continue;
        gp_predict(gp, x + (size_t)i * d, &mean, &sigma);
        out->trial[out->n++] = (PosteriorTrial){ranked[i].number, y[i], points_score(n_scored, z, y, mean)};
    }
    qsort(out->trial, (size_t)out->n, sizeof *out->trial, by_mean);
    for (int i = 0; i < out->n; i++) out->trial[i].value *= sign, out->trial[i].mean *= sign;
    return true;
}
