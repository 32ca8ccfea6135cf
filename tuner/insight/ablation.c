/* A greedy order of changes, and what drawn functions say along it. */
#include "tuner/insight/ablation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/insight/points.h"
#include "tuner/search/gp_kernel.h"

enum { EACH = DRAWS_EACH };

struct AblationPlan {
    const Space *space;
    int n;           /* changes */
    int *dim;        /* (n) in order */
    double *points;  /* (n + 1, n_dims) snapped: before the first, after each */
    bool *active;    /* (n + 1, n_dims) */
    int most, n_draws;
    double *seen;    /* (most, n + 1) by draw */
    double *scratch; /* (n + 1, EACH) */
};

/* `at` with `to`'s coordinate dim, snapped into `out`. */
static void change(const Space *space, const double *at, const double *to, int dim, double *out, bool *active)
{
    memcpy(out, at, (size_t)space->n_dims * sizeof *out);
    if (dim >= 0) out[dim] = to[dim];
    space_snap_active(space, out, active);
}

bool ablation_plan(const Gp *gp, const double *from, const double *to, int n_draws, Arena *arena,
                   AblationPlan **out,
                   Error *err)
{
    const Space *space = gp->space;
    const int d = space->n_dims;
    AblationPlan *plan = ARENA_NEW(arena, AblationPlan, 1);
    double *at = ARENA_NEW(arena, double, d), *tried = ARENA_NEW(arena, double, d);
    bool *on = ARENA_NEW(arena, bool, d), *left = ARENA_NEW(arena, bool, d), *ends = ARENA_NEW(arena, bool, d);
    *out = NULL;
    if (!plan || !at || !tried || !on || !left || !ends) return error_memory(err);
    *plan = (AblationPlan){.space = space, .most = n_draws, .dim = ARENA_NEW(arena, int, d)};
    memcpy(at, from, (size_t)d * sizeof *at);
    space_active(space, from, on);
    space_active(space, to, ends);
    int n = 0;
    for (int k = 0; k < d; k++) {
        if (!on[k]) at[k] = to[k]; /* what comes into play has its last value */
        left[k] = on[k] && ends[k] && from[k] != to[k];
        n += left[k];
    }
    if (n == 0) return true;
    plan->points = arena_alloc(arena, (size_t)(n + 1) * (size_t)d, sizeof *plan->points);
    plan->active = arena_alloc(arena, (size_t)(n + 1) * (size_t)d, sizeof *plan->active);
    plan->seen = arena_alloc(arena, (size_t)n_draws * (size_t)(n + 1), sizeof *plan->seen);
    plan->scratch = ARENA_NEW(arena, double, (n + 1) * EACH);
    if (!plan->dim || !plan->points || !plan->active || !plan->seen || !plan->scratch) return error_memory(err);
    change(space, at, to, -1, plan->points, plan->active);
    for (plan->n = 0; plan->n < n; plan->n++) {
        double lowest = INFINITY;
        int best = -1;
        for (int k = 0; k < d; k++) {
            double mean, sigma;
            if (!left[k]) continue;
            change(space, at, to, k, tried, on);
            gp_predict_many(gp, 1, tried, on, &mean, &sigma);
            if (best >= 0 && !(mean < lowest)) continue;
            lowest = mean;
            best = k;
        }
        const size_t row = (size_t)(plan->n + 1) * (size_t)d;
        at[best] = to[best];
        left[best] = false;
        plan->dim[plan->n] = best;
        change(space, at, to, -1, plan->points + row, plan->active + row);
    }
    *out = plan;
    return true;
}

void ablation_look(AblationPlan *plan, Draws *draws, int n, const double *z, const double *y)
{
    const int places = plan->n + 1;
    if (n < 2 || plan->n_draws + EACH > plan->most) return;
    draws_at(draws, places, plan->points, plan->active, plan->scratch);
    for (int s = 0; s < EACH; s++, plan->n_draws++)
        for (int p = 0; p < places; p++)
            plan->seen[plan->n_draws * places + p] = points_score(n, z, y, plan->scratch[p * EACH + s]);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorts n values. */
static Drawn spread_of(int n, double *values)
{
    qsort(values, (size_t)n, sizeof *values, ascending);
    return (Drawn){values[n / 2], values[(int)(0.025 * n)], values[n - 1 - (int)(0.025 * n)]};
}

bool ablation_finish(AblationPlan *plan, bool maximize, Arena *arena, Ablation *out, Error *err)
{
    const int places = plan->n + 1, draws = plan->n_draws, d = plan->space->n_dims;
    const double sign = maximize ? -1 : 1;
    double *column = ARENA_NEW(arena, double, draws + 1);
    Value *before = ARENA_NEW(arena, Value, plan->space->n_params);
    Value *after = ARENA_NEW(arena, Value, plan->space->n_params);
    *out = (Ablation){.step = ARENA_NEW(arena, AblationStep, plan->n)};
    if (!column || !before || !after || !out->step) return error_memory(err);
    if (draws == 0) return true;
    for (int i = 0; i < draws * places; i++) plan->seen[i] *= sign;
    for (int i = 0; i < draws; i++) column[i] = plan->seen[i * places];
    out->start = spread_of(draws, column);
    for (int k = 0; k < plan->n; k++) {
        AblationStep *step = &out->step[out->n++];
        const int p = plan->space->param_of_dim[plan->dim[k]];
        space_decode(plan->space, plan->points + k * d, before);
        space_decode(plan->space, plan->points + (k + 1) * d, after);
        *step = (AblationStep){.dim = plan->dim[k], .before = before[p], .after = after[p]};
        for (int i = 0; i < draws; i++) column[i] = plan->seen[i * places + k + 1];
        step->score = spread_of(draws, column);
        for (int i = 0; i < draws; i++)
            column[i] = sign * (plan->seen[i * places + k] - plan->seen[i * places + k + 1]);
        step->gain = spread_of(draws, column);
    }
    return true;
}
