/* Bayesian search: a Gaussian process over all settled trials, log expected improvement.
 *
 * Everything is recomputed at each ask, from the trials in number order: transform, fit, believed
 * values of the pending points. So an ask depends on nothing but its arguments, and a fit on a bounded
 * number of points (gp.h) keeps that affordable. Improvement is measured from the lowest posterior
 * mean at the observed points, not from the best observed value, which noise has flattered.
 *
 * Source  tuner.md section 2.
 */
#include <math.h>
#include <string.h>

#include "tuner/acquisition.h"
#include "tuner/gp.h"
#include "tuner/sampler_internal.h"

enum { MAX_POINTS = 500, KEEP_BEST = 200, KEEP_NEWEST = 100 };

/* Scrambled Sobol points before the first model. */
static int n_startup(const Space *space)
{
    int n = space->n_dims + 1;
    return n < 6 ? 6 : n > 12 ? 12 : n;
}

typedef struct {
    int n, n_pending;
    double *x, *y, *extra;      /* (n, d), (n): nan is a failure; extra noise */
    const double **pending;     /* (n_pending) */
} Data;

static bool settled(const Seen *seen) { return seen->state != SEEN_PENDING; }

static bool has_score(const Seen *seen)
{
    return (seen->state == SEEN_DONE || seen->state == SEEN_PRUNED) && isfinite(seen->score);
}

/* How well the order of runs at this share of their epochs agrees with the final order: Spearman's
 * rho measured on learning curves of 52 epochs (tuner.md section 3). */
static double rank_agreement(double share)
{
    static const double at[] = {2. / 52, 3. / 52, 5. / 52, 10. / 52, 17. / 52, 26. / 52, 1};
    static const double rho[] = {0.67, 0.73, 0.80, 0.87, 0.91, 0.95, 1};
    if (!(share > at[0])) return rho[0];
    int i = 1;
    while (i < 6 && share > at[i]) i++;
    double t = fmin(1, log(share / at[i - 1]) / log(at[i] / at[i - 1]));
    return rho[i - 1] + t * (rho[i] - rho[i - 1]);
}

/* Indices by score, ties in order. */
static void sort_scores(int n, const double *score, int *order)
{
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && score[order[at - 1]] > score[i]; at--) order[at] = order[at - 1];
        order[at] = i;
    }
}

/* What a stopped run would have come to. It was stopped for being among the worse, so the stopped
 * ones, by rank among those stopped at about the same age, are laid over the worse half of the
 * finished ones; but no run ends worse than it already was. */
static bool complete_pruned(const Ask *ask, const int *rows, Data *data, Arena *arena, Error *err)
{
    double *finals = ARENA_NEW(arena, double, data->n);
    int *order = ARENA_NEW(arena, int, data->n), n_finals = 0;
    if (!finals || !order) return error_memory(err);
    for (int i = 0; i < data->n; i++)
        if (ask->seen[rows[i]].state == SEEN_DONE && isfinite(data->y[i])) finals[n_finals++] = data->y[i];
    sort_scores(n_finals, finals, order);
    for (int i = 0; i < data->n; i++) {
        const Seen *run = &ask->seen[rows[i]];
        if (run->state != SEEN_PRUNED || !isfinite(run->score)) continue;
        double rho = rank_agreement(run->share), better = 0, peers = 0;
        data->extra[i] = 1 - rho * rho;
        for (int j = 0; j < data->n; j++) {
            const Seen *other = &ask->seen[rows[j]];
            if (other->state != SEEN_PRUNED || !isfinite(other->score)) continue;
            if (fabs(log(other->share / run->share)) > 0.3) continue;
            peers++;
            better += other->score < run->score ? 1 : other->score == run->score ? 0.5 : 0;
        }
        if (n_finals < 2) continue;
        double quantile = 0.5 + 0.5 * better / peers; /* itself counts half */
        int at = (int)(quantile * (n_finals - 1) + 0.5);
        data->y[i] = fmin(run->score, finals[order[at]]);
    }
    return true;
}

/* Beyond MAX_POINTS: the best, the newest, and of the others every so many in number order. */
static int choose_rows(const Ask *ask, int n, int *rows, Arena *arena)
{
    if (n <= MAX_POINTS) return n;
    double *score = ARENA_NEW(arena, double, n);
    int *order = ARENA_NEW(arena, int, n);
    bool *keep = ARENA_NEW(arena, bool, n);
    if (!score || !order || !keep) return -1;
    for (int i = 0; i < n; i++)
        score[i] = ask->seen[rows[i]].state == SEEN_DONE && has_score(&ask->seen[rows[i]])
                       ? ask->seen[rows[i]].score : INFINITY;
    sort_scores(n, score, order);
    int kept = KEEP_BEST;
    for (int i = 0; i < KEEP_BEST; i++) keep[order[i]] = true;
    for (int i = n - KEEP_NEWEST; i < n; i++) {
        kept += !keep[i];
        keep[i] = true;
    }
    int rest = n - kept, want = MAX_POINTS - kept, passed = 0, m = 0;
    for (int i = 0; i < n; i++) {
        /* Of `rest` others take number floor(j rest / want) for each j. */
        if (!keep[i]) {
            keep[i] = (int64_t)(passed + 1) * want / rest > (int64_t)passed * want / rest;
            passed++;
        }
        if (keep[i]) rows[m++] = rows[i];
    }
    return m;
}

static bool gather(const Ask *ask, Data *data, Arena *arena, Error *err)
{
    const size_t d = (size_t)ask->space->n_dims;
    int *rows = ARENA_NEW(arena, int, ask->n_seen);
    data->pending = ARENA_NEW(arena, const double *, ask->n_seen);
    if (!rows || !data->pending) return error_memory(err);
    int n = 0;
    for (int i = 0; i < ask->n_seen; i++) {
        if (settled(&ask->seen[i])) rows[n++] = i;
        else data->pending[data->n_pending++] = ask->seen[i].u;
    }
    n = choose_rows(ask, n, rows, arena);
    if (n < 0) return error_memory(err);
    data->n = n;
    data->x = arena_alloc(arena, (size_t)n * d, sizeof *data->x);
    data->y = ARENA_NEW(arena, double, n);
    data->extra = ARENA_NEW(arena, double, n);
    if (!data->x || !data->y || !data->extra) return error_memory(err);
    for (int i = 0; i < n; i++) {
        const Seen *seen = &ask->seen[rows[i]];
        memcpy(data->x + (size_t)i * d, seen->u, d * sizeof *data->x);
        data->y[i] = has_score(seen) ? seen->score : NAN;
    }
    return complete_pruned(ask, rows, data, arena, err);
}

/* Three finished trials, two of them different, or there is nothing to learn from. */
static bool can_learn(const Ask *ask)
{
    int n = 0;
    double first = NAN;
    bool differ = false;
    for (int i = 0; i < ask->n_seen; i++) {
        const Seen *seen = &ask->seen[i];
        if (seen->state != SEEN_DONE || !isfinite(seen->score)) continue;
        if (n++ == 0) first = seen->score;
        differ = differ || seen->score != first;
    }
    return n >= 3 && differ;
}

static bool ask_model(const Ask *ask, Arena *arena, double *u, Trace *trace, bool *found, Error *err)
{
    Data data = {0};
    Gp *gp = NULL;
    *found = false;
    if (!gather(ask, &data, arena, err)) return false;
    if (!gp_fit(ask->space, data.n, data.x, data.y, data.extra, arena, &gp, err)) return false;
    for (int i = 0; i < data.n_pending; i++) {
        double mean, sigma;
        gp_predict(gp, data.pending[i], &mean, &sigma);
        if (!gp_believe(gp, data.pending[i], mean, arena, err)) return false;
    }
    Acquisition search = {.ask = ask, .gp = gp, .best = gp_best_mean(gp),
                          .rng = rng_stream(ask->seed, ask->number, RNG_SAMPLER)};
    double value = NAN;
    if (!acquisition_maximize(&search, arena, u, &value, found, err)) return false;
    if (!*found) return true;
    trace_clear(trace, "gp");
    trace->acquisition = value;
    gp_predict(gp, u, &trace->mean, &trace->sigma);
    trace->noise = gp_noise(gp);
    trace->n_scales = ask->space->n_dims < 64 ? ask->space->n_dims : 64;
    memcpy(trace->scales, gp_scales(gp), (size_t)trace->n_scales * sizeof *trace->scales);
    return true;
}

static bool ask_bayes(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                      Error *err)
{
    if (ask->space->n_dims > 0 && ask->n_seen >= n_startup(ask->space) && can_learn(ask)) {
        Error why = {0};
        bool found = false;
        double *point = ARENA_NEW(arena, double, ask->space->n_dims);
        if (!point) return error_memory(err);
        if (!ask_model(ask, arena, point, trace, &found, &why)) {
            if (why.code != ERR_NUMERIC) {
                if (err) *err = why;
                return false;
            }
            /* No factor at the largest jitter: this one trial is chosen without a model. */
        } else if (found) {
            memcpy(u, point, (size_t)ask->space->n_dims * sizeof *u);
            *result = ASK_POINT;
            return true;
        }
    }
    bool found = sampler_sobol(ask, u);
    trace_clear(trace, "sobol");
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_bayes = {"bayes", "a Gaussian process that learns from finished trials", ask_bayes};
const Sampler sampler_gp = {"gp", "a Gaussian process, whatever the space", ask_bayes};
