/* Intervals: the margins of each method, and which of them is narrowest. */
#include "ensemble/conformal_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/conformal_margin.h"
#include "ensemble/conformal_scale.h"
#include "ensemble/conformal_sets.h"

const char *const conformal_choice_names[] = {CONFORMAL_CHOICE_LIST(LIST_NAME) NULL};

/* The known rows of one target. */
typedef struct {
    const ConformalInput *in;
    int t, n;
    double *y, *p, *weight;     /* (n) in the user's unit */
    const float **values;       /* (n) the row's values */
    double *own;                /* (n) how large errors are there, by other tenths of the rows */
    double *at, *scale;         /* (n_knots) by all */
    int n_knots;
    ConformalScore *score;      /* (n) */
    Arena *arena;
} OneTarget;

static void take_target(OneTarget *w, int t)
{
    const ConformalInput *in = w->in;
    const Task *task = in->task;
    const int at = t * task_stride(task) + task_point(task);
    w->t = t;
    w->n = 0;
    for (int i = 0; i < in->n; i++) {
        const float *values = in->values + (size_t)i * (size_t)in->n_values;
        double y = in->targets[(size_t)i * (size_t)task->n_targets + (size_t)t];
        double p = task_number(task, t, (double)values[at]);
        if (!isfinite(y) || !isfinite(p)) continue;
        w->y[w->n] = y;
        w->p[w->n] = p;
        w->weight[w->n] = in->weight ? in->weight[i] : 1;
        w->values[w->n++] = values;
    }
}

/* How large errors are at each row, from the other tenths of them; and from all. */
static bool fit_scales(OneTarget *w, Error *err)
{
    enum { TENTHS = 10 };
    double *error = ARENA_NEW(w->arena, double, w->n), *at = ARENA_NEW(w->arena, double, w->n_knots);
    double *scale = ARENA_NEW(w->arena, double, w->n_knots);
    bool *use = ARENA_NEW(w->arena, bool, w->n);
    int32_t *order = ARENA_NEW(w->arena, int32_t, w->n);
    Rng rng = rng_stream(rng_mix(w->in->seed, (uint64_t)w->t), 0, RNG_BOOTSTRAP);
    if (!error || !at || !scale || !use || !order) return error_memory(err);
    for (int i = 0; i < w->n; i++) error[i] = fabs(w->y[i] - w->p[i]), order[i] = i;
    rng_shuffle(&rng, order, (size_t)w->n);
    const Conformal other = {.n_knots = w->n_knots, .at = at, .scale = scale};
    for (int f = 0; f < TENTHS; f++) {
        for (int i = 0; i < w->n; i++) use[order[i]] = i % TENTHS != f;
        if (!conformal_fit_scale(w->n, w->p, error, w->weight, use, w->n_knots, w->arena, at, scale, err))
            return false;
        for (int i = f; i < w->n; i += TENTHS) w->own[order[i]] = conformal_scale(&other, 0, w->p[order[i]]);
    }
    return conformal_fit_scale(w->n, w->p, error, w->weight, NULL, w->n_knots, w->arena, w->at, w->scale, err);
}

/* ---- methods --------------------------------------------------------------------------------- */

/* Score and what an interval is wide before its margin: see conformal.h. NaN: the method cannot be had. */
static double score_of(const OneTarget *w, ConformalMethod method, int l, int i)
{
    const Task *task = w->in->task;
    const float *v = w->values[i] + (size_t)w->t * (size_t)task_stride(task);
    const double offset = task->targets[w->t].log_offset, error = fabs(w->y[i] - w->p[i]);
    int low, high;
    switch (method) {
    case CONFORMAL_SCALED: return error / w->own[i];
    case CONFORMAL_RATIO:
        if (!(w->p[i] + offset > 0)) return INFINITY;
        return fabs(log(fmax(w->y[i], 0) + offset) - log(w->p[i] + offset));
    case CONFORMAL_QUANTILES:
        conformal_quantiles(task, w->in->level[l], &low, &high);
        return fmax(task_number(task, w->t, (double)v[low]) - w->y[i],
                    w->y[i] - task_number(task, w->t, (double)v[high]));
    default: return error;
    }
}

static double width_of(const OneTarget *w, ConformalMethod method, int l, int i, double m)
{
    const Task *task = w->in->task;
    const float *v = w->values[i] + (size_t)w->t * (size_t)task_stride(task);
    const double offset = task->targets[w->t].log_offset;
    int low, high;
    switch (method) {
    case CONFORMAL_SCALED: return 2 * m * w->own[i];
    case CONFORMAL_RATIO: return fmax(w->p[i] + offset, 0) * (exp(m) - exp(-m));
    case CONFORMAL_QUANTILES:
        conformal_quantiles(task, w->in->level[l], &low, &high);
        return fmax(0, task->targets[w->t].unit * ((double)v[high] - v[low]) + 2 * m);
    default: return 2 * m;
    }
}

static bool can(const OneTarget *w, ConformalMethod method)
{
    enum { ENOUGH = 50 }; /* rows for the size of errors */
    const Task *task = w->in->task;
    const Target *target = &task->targets[w->t];
    int low, high;
    switch (method) {
    case CONFORMAL_SCALED: return w->n >= ENOUGH;
    case CONFORMAL_RATIO: return target->logs;
    case CONFORMAL_QUANTILES:
        if (task->n_quantiles < 2) return false;
        conformal_quantiles(task, w->in->level[0], &low, &high);
        return high > low;
    default: return method == CONFORMAL_PLAIN;
    }
}

/* Margins (L) and mean widths (L) of a method. */
static void try_method(OneTarget *w, ConformalMethod method, double *margin, double *width, bool *few)
{
    for (int l = 0; l < w->in->n_levels; l++) {
        double sum = 0, total = 0;
        for (int i = 0; i < w->n; i++) w->score[i] = (ConformalScore){score_of(w, method, l, i), w->weight[i]};
        margin[l] = conformal_margin(w->score, w->n, w->in->level[l], few);
        for (int i = 0; i < w->n; i++) {
            sum += w->weight[i] * width_of(w, method, l, i, margin[l]);
            total += w->weight[i];
        }
        width[l] = total > 0 ? sum / total : 0;
    }
}

typedef struct {
    double margin[CONFORMAL_MOST_LEVELS], width[CONFORMAL_MOST_LEVELS];
} Tried;

static double mean_width(const OneTarget *w, const Tried *tried)
{
    double sum = 0;
    for (int l = 0; l < w->in->n_levels; l++) sum += tried->width[l] / w->in->n_levels;
    return sum;
}

/* The narrowest by more than 2 %, or the one that was asked for. */
static ConformalMethod choose(OneTarget *w, Tried *best, double compared[CONFORMAL_COUNT], bool *few)
{
    static const double gain = 0.98;
    const int asked = w->in->choice - 1;
    ConformalMethod chosen = asked >= 0 && can(w, (ConformalMethod)asked) ? (ConformalMethod)asked
                                                                                  : CONFORMAL_PLAIN;
    Tried next;
    for (int m = 0; m < CONFORMAL_COUNT; m++) compared[m] = NAN;
    try_method(w, chosen, best->margin, best->width, few);
    compared[chosen] = mean_width(w, best);
    if (!isfinite(compared[chosen])) { /* a prediction is below what is possible: there is no ratio to it */
        chosen = CONFORMAL_PLAIN;
        try_method(w, chosen, best->margin, best->width, few);
        compared[chosen] = mean_width(w, best);
    }
    for (int m = CONFORMAL_PLAIN; m <= CONFORMAL_QUANTILES && asked < 0; m++) {
        if (m == CONFORMAL_PLAIN || !can(w, (ConformalMethod)m)) continue;
        try_method(w, (ConformalMethod)m, next.margin, next.width, few);
        compared[m] = mean_width(w, &next);
        if (!(compared[m] < gain * compared[chosen])) continue;
        chosen = (ConformalMethod)m;
        *best = next;
    }
    return chosen;
}

/* ---- all targets ----------------------------------------------------------------------------- */

static bool fit_numbers(const ConformalInput *in, Arena *arena, ConformalFit *out, Error *err)
{
    const size_t n_targets = (size_t)in->task->n_targets, n_levels = (size_t)in->n_levels;
    const int n_knots = in->n / 30 < 2 ? 2 : in->n / 30 > 12 ? 12 : in->n / 30;
    OneTarget w = {.in = in, .arena = arena, .n_knots = n_knots, .y = ARENA_NEW(arena, double, in->n),
                 .p = ARENA_NEW(arena, double, in->n), .weight = ARENA_NEW(arena, double, in->n),
                 .values = ARENA_NEW(arena, const float *, in->n), .own = ARENA_NEW(arena, double, in->n),
                 .score = ARENA_NEW(arena, ConformalScore, in->n)};
    Conformal *c = ARENA_NEW(arena, Conformal, 1);
    double *level = ARENA_NEW(arena, double, n_levels);
    double *margin = ARENA_NEW(arena, double, n_levels * n_targets);
    double *at = ARENA_NEW(arena, double, n_targets * (size_t)n_knots);
    double *scale = ARENA_NEW(arena, double, n_targets * (size_t)n_knots);
    int *method = ARENA_NEW(arena, int, n_targets), most = 0;
    bool scaled = false;
    out->width = ARENA_NEW(arena, double, n_targets * n_levels);
    out->compared = arena_alloc(arena, n_targets, sizeof *out->compared);
    if (!w.y || !w.p || !w.weight || !w.values || !w.own || !w.score || !c || !level || !margin || !at || !scale
        || !method || !out->width || !out->compared)
        return error_memory(err);
    for (size_t t = 0; t < n_targets; t++) {
        Tried best;
        w.at = at + t * (size_t)n_knots;
        w.scale = scale + t * (size_t)n_knots;
        take_target(&w, (int)t);
        if (!fit_scales(&w, err)) return false;
        method[t] = (int)choose(&w, &best, out->compared[t], &out->few);
        scaled = scaled || method[t] == CONFORMAL_SCALED;
        if (w.n > most) most = w.n;
        for (size_t l = 0; l < n_levels; l++) {
            margin[l * n_targets + t] = best.margin[l];
            out->width[t * n_levels + l] = best.width[l];
        }
    }
    memcpy(level, in->level, n_levels * sizeof *level);
    *c = (Conformal){.n_levels = in->n_levels, .level = level, .n_parts = (int)n_targets, .method = method,
                     .margin = margin, .n_knots = scaled ? n_knots : 0, .at = at, .scale = scale,
                         .n_rows = most};
    out->conformal = c;
    return true;
}

bool conformal_fit(const ConformalInput *in, Arena *arena, ConformalFit *out, Error *err)
{
    *out = (ConformalFit){0};
    const bool classes = task_has_classes(in->task);
    if (in->task->kind == TASK_LABELS || in->n_levels == 0) return true;
    if (in->choice != CONFORMAL_AUTO && classes != (in->choice - 1 >= CONFORMAL_LAC))
        return error_set(err, ERR_CONFIG, "ensemble.conformal: %s is for %s",
                         conformal_choice_names[in->choice],
                         classes ? "numbers" : "classes");
    if (!classes) return fit_numbers(in, arena, out, err);
    const SetsInput sets = {.n = in->n, .n_classes = in->n_values, .proba = in->values, .labels = in->labels,
                            .weight = in->weight, .n_levels = in->n_levels, .level = in->level,
                            .method = in->choice == CONFORMAL_AUTO ? CONFORMAL_LAC
                                                                   : (ConformalMethod)(in->choice - 1)};
    return conformal_fit_sets(&sets, arena, &out->conformal, &out->width, &out->few, err);
}
