/* Tops, chance, intervals and the answer; the two opinions are importance_ped.c and importance_model.c. */
#include "tuner/insight/importance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tuner/insight/importance_ped.h"

enum { N_DRAWS = 200 }; /* random tops, and bootstrap resamples */

/* ---- resampling ------------------------------------------------------------------------------- */

typedef struct {
    const Points *in;
    double top_share;
    int d, n;
    Axis *axis;       /* (d) */
    int *order;       /* (n) trials by score */
    int *once, *drawn, *top; /* (n) multiplicities: of the sample itself, a resample, its top */
    int32_t *shuffled; /* (n) */
    double *found;    /* (d) of one sample */
    double *null_draws, *draws; /* (N_DRAWS, d) */
    double *chance;   /* (d) */
    Rng rng;
} Work;

/* The best share of a sample, ties included; returns how many. */
static int take_top(Work *w, const int *sample)
{
    int total = 0, n_top = 0;
    for (int i = 0; i < w->n; i++) {
        total += sample[i];
        w->top[i] = 0;
    }
    int want = (int)ceil(w->top_share * total - 1e-9);
    double last = NAN;
    for (int k = 0; k < w->n; k++) {
        int i = w->order[k];
        double score = w->in->score[i];
        if (!isfinite(score) || (n_top >= want && score != last)) break;
        if (sample[i] == 0) continue;
        n_top += w->top[i] = sample[i];
        last = score;
    }
    return n_top;
}

/* As many trials of the sample at random. */
static void take_any(Work *w, const int *sample, int n_top)
{
    int n = 0;
    for (int i = 0; i < w->n; i++) {
        w->top[i] = 0;
        for (int m = 0; m < sample[i]; m++) w->shuffled[n++] = i;
    }
    for (int k = 0; k < n_top; k++) {
        int at = k + (int)rng_below(&w->rng, (uint32_t)(n - k));
        int32_t chosen = w->shuffled[at];
        w->shuffled[at] = w->shuffled[k];
        w->shuffled[k] = chosen;
        w->top[chosen]++;
    }
}

static void measure(Work *w, const int *sample, double *out)
{
    for (int d = 0; d < w->d; d++) {
        double share, divergence = axis_divergence(&w->axis[d], w->n, w->top, sample, &share);
        out[d] = share * divergence;
    }
}

/* What is beyond chance, as shares of 1; all 0 when nothing is. */
static void to_shares(int d, const double *weighted, const double *chance, double *share)
{
    double sum = 0;
    for (int k = 0; k < d; k++) {
        share[k] = fmax(0, weighted[k] - (chance ? chance[k] : 0));
        sum += share[k];
    }
    for (int k = 0; k < d; k++) share[k] = sum > 0 ? share[k] / sum : 0;
}

static void mean_draws(const double *draws, int d, double *mean)
{
    for (int k = 0; k < d; k++) {
        mean[k] = 0;
        for (int b = 0; b < N_DRAWS; b++) mean[k] += draws[b * d + k];
        mean[k] /= N_DRAWS;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void intervals(Work *w, Importance *out)
{
    const int d = w->d;
    for (int b = 0; b < N_DRAWS; b++) {
        for (int i = 0; i < w->n; i++) w->drawn[i] = 0;
        for (int i = 0; i < w->n; i++) w->drawn[rng_below(&w->rng, (uint32_t)w->n)]++;
        int n_top = take_top(w, w->drawn);
        measure(w, w->drawn, w->draws + b * d);
        take_any(w, w->drawn, n_top);
        measure(w, w->drawn, w->null_draws + b * d);
    }
    mean_draws(w->null_draws, d, w->chance); /* resampling repeats trials, which looks like structure */
    for (int b = 0; b < N_DRAWS; b++)
        to_shares(d, w->draws + b * d, w->chance, w->draws + b * d);
    for (int k = 0; k < d; k++) {
        double column[N_DRAWS];
        for (int b = 0; b < N_DRAWS; b++) column[b] = w->draws[b * d + k];
        qsort(column, N_DRAWS, sizeof *column, by_value);
        ParamImportance *p = &out->param[k];
        p->low95 = fmin(p->importance, column[(int)(0.025 * N_DRAWS)]);
        p->high95 = fmax(p->importance, column[(int)(0.975 * N_DRAWS) - 1]);
    }
}

/* ---- the answer ------------------------------------------------------------------------------- */

typedef struct {
    double score;
    int at;
} Ranked;

static int by_score(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static bool work_make(const ImportanceInput *input, Arena *arena, Work *w, Error *err)
{
    const Points *in = &input->trials;
    const int n = in->n, d = in->space->n_dims;
    Ranked *ranked = ARENA_NEW(arena, Ranked, n);
    *w = (Work){.in = in, .d = d, .n = n, .top_share = input->top_share,
                .rng = rng_stream(input->seed, 0, RNG_BOOTSTRAP)};
    w->axis = ARENA_NEW(arena, Axis, d);
    w->order = ARENA_NEW(arena, int, n);
    w->once = ARENA_NEW(arena, int, n);
    w->drawn = ARENA_NEW(arena, int, n);
    w->top = ARENA_NEW(arena, int, n);
    w->shuffled = ARENA_NEW(arena, int32_t, n);
    w->found = ARENA_NEW(arena, double, d);
    w->chance = ARENA_NEW(arena, double, d);
    w->draws = ARENA_NEW(arena, double, N_DRAWS * d);
    w->null_draws = ARENA_NEW(arena, double, N_DRAWS * d);
    if (!ranked || !w->axis || !w->order || !w->once || !w->drawn || !w->top || !w->shuffled || !w->found
        || !w->chance || !w->draws || !w->null_draws)
        return error_memory(err);
    for (int i = 0; i < n; i++) {
        ranked[i] = (Ranked){in->score[i], i};
        w->once[i] = 1;
    }
    qsort(ranked, (size_t)n, sizeof *ranked, by_score);
    for (int i = 0; i < n; i++) w->order[i] = ranked[i].at;
    for (int k = 0; k < d; k++)
        if (!axis_make(in, k, arena, &w->axis[k], err)) return false;
    return true;
}

/* Where the top trials are: the middle half of their values, or the commonest choice. */
static const char *favoured(const Work *w, int dim, Arena *arena)
{
    const Space *space = w->in->space;
    const int at = space->param_of_dim[dim], d = space->n_dims;
    Value *values = ARENA_NEW(arena, Value, space->n_params);
    double *number = ARENA_NEW(arena, double, w->n);
    int *times = ARENA_NEW(arena, int, w->n), *of = ARENA_NEW(arena, int, w->n), n = 0;
    Value *choice = ARENA_NEW(arena, Value, w->n);
    char text[256];
    if (!values || !number || !times || !of || !choice) return NULL;
    bool numbers = space->params[at].n_choices == 0;
    for (int k = 0; k < w->n; k++) {
        int i = w->order[k];
        if (w->top[i] == 0 || w->axis[dim].bin[i] < 0) continue;
        space_decode(space, w->in->u + (size_t)i * (size_t)d, values);
        number[n] = values[at].number;
        choice[n++] = values[at];
    }
    if (n == 0) return "";
    if (numbers) {
        qsort(number, (size_t)n, sizeof *number, by_value);
        double low = number[(n - 1) / 4], high = number[n - 1 - (n - 1) / 4];
        return low < high ? arena_print(arena, "%.3g to %.3g", low, high) : arena_print(arena, "%.3g", low);
    }
    int best = 0;
    for (int i = 0; i < n; i++) {
        times[i] = 0;
        for (int j = 0; j < n; j++) times[i] += value_equal(&choice[i], &choice[j]);
        if (times[i] > times[best]) best = i;
    }
    value_label(&choice[best], text, sizeof text);
    return arena_copy(arena, text);
}

static int by_importance(const void *a, const void *b)
{
    const ParamImportance *x = a, *y = b;
    if (x->importance != y->importance) return x->importance > y->importance ? -1 : 1;
    if (x->published != y->published) return x->published > y->published ? -1 : 1;
    return (x->dim > y->dim) - (x->dim < y->dim);
}

static const char *too_little(const Points *in, Importance *out)
{
    double first = NAN;
    bool differ = false;
    for (int i = 0; i < in->n; i++) {
        if (!isfinite(in->score[i])) continue;
        if (out->n_scored++ == 0) first = in->score[i];
        differ |= in->score[i] != first;
    }
    if (in->space->n_dims == 0) return "nothing is searched: there is nothing to compare";
    if (out->n_scored < 4) return "fewer than four finished trials: nothing can be said yet";
    return differ ? NULL : "all trials have the same score: nothing made a difference";
}

bool importance_compute(const ImportanceInput *input, Arena *arena, Importance *out, Error *err)
{
    ImportanceInput in = *input;
    Work w;
    if (in.top_share <= 0) in.top_share = 0.1;
    *out = (Importance){.n_trials = in.trials.n, .top_share = in.top_share};
    out->warning = too_little(&in.trials, out);
    if (out->warning) return true;
    if (!work_make(&in, arena, &w, err)) return false;
    const int d = w.d;
    double *published = ARENA_NEW(arena, double, d), *share = ARENA_NEW(arena, double, d);
    out->param = ARENA_NEW(arena, ParamImportance, d);
    if (!published || !share || !out->param) return error_memory(err);
    out->n_params = d;
    out->n_top = take_top(&w, w.once);
    measure(&w, w.once, w.found);
    for (int k = 0; k < d; k++) {
        ParamImportance *p = &out->param[k];
        double weight, active = 0;
        *p = (ParamImportance){.dim = k, .weighted = w.found[k], .favours = favoured(&w, k, arena)};
        if (!p->favours) return error_memory(err);
        p->divergence = axis_divergence(&w.axis[k], w.n, w.top, w.once, &weight);
        for (int i = 0; i < w.n; i++) active += w.axis[k].bin[i] >= 0;
        p->active = active / w.n;
    }
    ModelImportance model;
    if (!importance_model(&in.trials, in.seed, arena, &model, err)) return false;
    for (int k = 0; k < d; k++) {
        out->param[k].effect = model.effect[k];
        out->param[k].alone = model.alone[k];
        out->param[k].length_scale = model.length_scale[k];
    }
    out->n_pairs = model.n_pairs;
    memcpy(out->pair, model.pair, sizeof out->pair);
    out->map = model.map;
    for (int b = 0; b < N_DRAWS; b++) {
        take_any(&w, w.once, out->n_top);
        measure(&w, w.once, w.null_draws + b * d);
    }
    mean_draws(w.null_draws, d, w.chance);
    to_shares(d, w.found, w.chance, share);
    to_shares(d, w.found, NULL, published);
    for (int k = 0; k < d; k++) {
        ParamImportance *p = &out->param[k];
        int as_high = 0;
        for (int b = 0; b < N_DRAWS; b++) as_high += w.null_draws[b * d + k] >= w.found[k];
        p->importance = share[k];
        p->published = published[k];
        p->chance = w.chance[k];
        p->p_chance = (1.0 + as_high) / (1.0 + N_DRAWS);
    }
    intervals(&w, out);
    qsort(out->param, (size_t)d, sizeof *out->param, by_importance);
    if (w.n < IMPORTANCE_FEW)
        out->warning = arena_print(arena, "only %d trials: with fewer than %d, these numbers are little"
                                   " more than guesses", w.n, IMPORTANCE_FEW);
    return w.n >= IMPORTANCE_FEW || out->warning || error_memory(err);
}
