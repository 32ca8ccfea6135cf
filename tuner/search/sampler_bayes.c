/* Bayesian search: a Gaussian process over all settled trials, log expected improvement.
 *
 * Everything is worked out from the trials in number order: transform, fit, believed values of the pending
 * points. So an ask depends on nothing but its arguments. Improvement is measured from the lowest posterior
 * mean at the observed points, not from the best observed value, which noise has flattered.
 *
 * Start  Sobol points. Where categories or conditions break the space into pieces trial 0 is the middle of all
 *     ranges, and the first model is there after six: mean regret after 50 evaluations of ten small models .11
 *     less (bench/NOTES.md, The first 25).
 * Two views  Asks look at the trials in two ways, in turns: as they are, with a trend; and without a
 *     trend, the worse half of the scores compressed. The first is right where the objective is a bowl,
 *     and quick to see it; the second where it is a plateau with a hole, and the worse half says
 *     nothing about the hole. Where one sees nothing more to gain, the other mostly does. Mean regret after 100
 *     evaluations of 19 LCBench instances 0.061 instead of 0.077 (bench/NOTES.md, Two views).
 * Narrow  Without a trend every corner of the space stays uncertain. So from six trials a parameter on, three
 *     of four of that view's asks keep their numbers to a box around the best, whatever their categories: mean
 *     regret 0.097 instead of 0.108 (bench/NOTES.md, The box of the view without a trend).
 * Warp  From 15 trials on the view with the trend warps the coordinates (gp.h): regret after 100 evaluations of
 *     14 LCBench instances 0.016 instead of 0.030 (bench/NOTES.md, The warp).
 * Forest  Where categories or conditions break the space into pieces, some asks hear a forest (forest.h), too,
 *     from three trials a parameter on: a candidate is then worth the mean of what both expect to gain. The
 *     forest predicts less well and doubts elsewhere, so it goes to other levels where the Gaussian process
 *     polishes one. How many asks depends on who gained more of late. Mean regret after 100 evaluations of 14
 *     small real models 0.22 instead of 0.26 (bench/NOTES.md, The forest).
 * Pending  points are taken to come out at the model's mean (bench/NOTES.md, Pending trials, has what else was
 *     tried).
 * Many trials  The hyperparameters are those of the first m settled trials, where m moves on only every so
 *     often; the caller's memo then knows them already. Of more than 500 trials a subset stands for all, and
 *     the search keeps to a box around the best that grows with success and shrinks without (TuRBO). Beyond
 *     1000 a Parzen estimator over all trials has every third say. So an ask never costs more than at 500.
 * Very many under way  Where more than CROWD_FROM trials are pending a model of a few of them all decides
 *     (crowd.h): at most 224 points, 5 ms an ask with 2,000 pending (bench/NOTES.md, Very many pending).
 * Voices  From 150 trials on some of the asks are an evolution strategy's, as many as it has earned (voices.h):
 *     of DRAWS of its draws the one is taken of which the model expects most (bench/NOTES.md, The voice of an
 *     evolution strategy).
 * No factor at the largest jitter: the Parzen estimator chooses this one trial.
 *
 * Limits  on what trials report have models of their own (limits.h); the best observed point is one that keeps
 *     them.
 *
 * Source  Jones et al. 1998 (expected improvement); Eriksson et al. 2019 (the box).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/search/acquisition.h"
#include "tuner/search/agreement.h"
#include "tuner/search/completion.h"
#include "tuner/search/crowd.h"
#include "tuner/search/first.h"
#include "tuner/search/gp.h"
#include "tuner/search/limits.h"
#include "tuner/search/noise.h"
#include "tuner/search/sampler_tpe.h"
#include "tuner/search/transfer.h"
#include "tuner/search/voices.h"

enum {
    MAX_POINTS = 500, KEEP_BEST = 200, KEEP_NEWEST = 100, MANY = 1000, REFIT_ALWAYS = 60, NARROW_AFTER = 6,
    WARP_FROM = 15, CENTRES = 4, DRAWS = 4, FOREST_FROM = 3, CREDIT = 32
};

/* Trials before the first model. Where there are pieces, no number of blind points visits them all. */
static int n_startup(const Space *space)
{
    if (acquisition_in_pieces(space)) return 6;
    int n = space->n_dims + 1;
    return n < 6 ? 6 : n > 12 ? 12 : n;
}

typedef struct {
    int n, n_pending;
    const int *rows;            /* (n) which of ask->seen they are */
    double *x, *y, *extra;      /* (n, d), (n): nan is a failure; extra noise */
    double *noise;              /* (n) of the scores, where it is told; else NULL */
    const double **pending;     /* (n_pending) */
    double *believed;           /* (n_pending) what they are taken to come out at */
    const GpMean *mean;         /* what earlier studies let expect; NULL: nothing */
} Data;

static GpData observations(const Ask *ask, const Data *data)
{
    return (GpData){.space = ask->space, .n = data->n, .x = data->x, .y = data->y, .extra_noise = data->extra,
                    .noise = data->noise, .mean = data->mean};
}

typedef struct { double score; int at; } Ranked;

static int by_score(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Indices by score, ties in order. NULL when there is no memory. */
static Ranked *sort_scores(int n, const double *score, Arena *arena)
{
    Ranked *ranked = ARENA_NEW(arena, Ranked, n);
    for (int i = 0; ranked && i < n; i++) ranked[i] = (Ranked){score[i], i};
    if (ranked) qsort(ranked, (size_t)n, sizeof *ranked, by_score);
    return ranked;
}

/* Beyond MAX_POINTS: the best, the newest, and of the others every so many in number order. */
static int choose_rows(const Ask *ask, int n, int *rows, Arena *arena)
{
    if (n <= MAX_POINTS) return n;
    double *score = ARENA_NEW(arena, double, n);
    bool *keep = ARENA_NEW(arena, bool, n);
    if (!score || !keep) return -1;
    for (int i = 0; i < n; i++)
        score[i] = ask->seen[rows[i]].state == SEEN_DONE && seen_scored(&ask->seen[rows[i]])
                        && limits_kept(ask, &ask->seen[rows[i]])
                       ? ask->seen[rows[i]].score : INFINITY;
    const Ranked *order = sort_scores(n, score, arena);
    if (!order) return -1;
    int kept = KEEP_BEST;
    for (int i = 0; i < KEEP_BEST; i++) keep[order[i].at] = true;
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

/* What is worse than the median counts by its logarithm only, in units of the distance from the median to the
 * best tenth. */
static bool compress_worse(Data *data, Arena *arena, Error *err)
{
    double *score = ARENA_NEW(arena, double, data->n);
    if (!score) return error_memory(err);
    int n = 0;
    for (int i = 0; i < data->n; i++)
        if (isfinite(data->y[i])) score[n++] = data->y[i];
    const Ranked *order = sort_scores(n, score, arena);
    if (!order) return error_memory(err);
    if (n == 0) return true;
    const double middle = order[(n - 1) / 2].score, unit = middle - order[(n - 1) / 10].score;
    for (int i = 0; i < data->n; i++) {
        if (!(unit > 0 && data->y[i] > middle)) continue;
        const double over = (data->y[i] - middle) / unit;
        if (data->noise) data->noise[i] /= (1 + over) * (1 + over);
        data->y[i] = middle + unit * log1p(over);
    }
    return true;
}

/* Points, scores and noise of these trials. */
static bool gather_rows(const Ask *ask, int n, const int *rows, bool compress, Data *data, Arena *arena,
                        Error *err)
{
    const size_t d = (size_t)ask->space->n_dims;
    data->n = n;
    data->rows = rows;
    data->x = arena_alloc(arena, (size_t)n * d, sizeof *data->x);
    data->y = ARENA_NEW(arena, double, n);
    data->extra = ARENA_NEW(arena, double, n);
    if (!data->x || !data->y || !data->extra) return error_memory(err);
    for (int i = 0; i < n; i++) {
        const Seen *seen = &ask->seen[rows[i]];
        memcpy(data->x + (size_t)i * d, seen->u, d * sizeof *data->x);
        data->y[i] = seen_scored(seen) ? seen->score : NAN;
    }
    return complete_stopped(ask, n, rows, data->y, data->extra, arena, err)
        && noise_told(ask, n, rows, arena, &data->noise, err)
        && (!compress || compress_worse(data, arena, err));
}

/* The first `limit` settled trials: all of them, or a subset for conditioning. */
static bool gather(const Ask *ask, int limit, bool subset, bool compress, Data *data, Arena *arena, Error *err)
{
    int *rows = ARENA_NEW(arena, int, ask->n_seen);
    *data = (Data){.pending = ARENA_NEW(arena, const double *, ask->n_seen),
                   .believed = ARENA_NEW(arena, double, ask->n_seen)};
    if (!rows || !data->pending || !data->believed) return error_memory(err);
    int n = 0;
    for (int i = 0; i < ask->n_seen; i++) {
        if (!seen_settled(&ask->seen[i])) data->pending[data->n_pending++] = ask->seen[i].u;
        else if (n < limit) rows[n++] = i;
    }
    if (subset) n = choose_rows(ask, n, rows, arena);
    if (n < 0) return error_memory(err);
    return gather_rows(ask, n, rows, compress, data, arena, err);
}

static int count_settled(const Ask *ask)
{
    int n = 0;
    for (int i = 0; i < ask->n_seen; i++) n += seen_settled(&ask->seen[i]);
    return n;
}

/* How many of the settled trials decide on the hyperparameters: all at first, then a multiple of a step that
 * grows with them. */
static int count_learned(int n_settled)
{
    const int step = n_settled < REFIT_ALWAYS ? 1 : n_settled < 120 ? 15 : n_settled < 240 ? 30 : 60;
    return n_settled - n_settled % step;
}

/* The hyperparameters that trials make most probable in a view, and with what is expected of them. */
static bool learn_from(const Ask *ask, Data *data, bool flat, double *theta, Arena *arena, Error *err)
{
    const size_t n = (size_t)data->n;
    const int n_hyper = gp_n_hyper(ask->space);
    if (!transfer_mean(ask, data->n, data->x, data->y, &data->mean, arena, err)) return false;
    MemoKey key = memo_key(data->x, n * (size_t)ask->space->n_dims * sizeof *data->x, MEMO_START);
    key = memo_key(data->y, n * sizeof *data->y, memo_key(data->extra, n * sizeof *data->extra, key));
    if (data->noise) key = memo_key(data->noise, n * sizeof *data->noise, key);
    key = memo_key(&flat, sizeof flat, key);
    if (memo_get(ask->memo, key, n_hyper, theta)) return true;
    const unsigned view = flat ? 0 : data->n < WARP_FROM ? GP_TREND : GP_TREND | GP_WARP;
    const GpData observed = observations(ask, data);
    if (!gp_learn(&observed, view, arena, theta, err)) return false;
    memo_put(ask->memo, key, n_hyper, theta);
    return true;
}

/* Those of the first m settled trials. */
static bool learn(const Ask *ask, int n_settled, bool flat, Data *data, double *theta, Arena *arena, Error *err)
{
    return gather(ask, count_learned(n_settled), false, flat, data, arena, err)
        && learn_from(ask, data, flat, theta, arena, err);
}

/* Three trials with a score, two of them different, or there is nothing to learn from. */
static bool can_learn(const Ask *ask)
{
    int n = 0;
    double first = NAN;
    bool differ = false;
    for (int i = 0; i < ask->n_seen; i++) {
        const Seen *seen = &ask->seen[i];
        if (!seen_scored(seen)) continue;
        if (n++ == 0) first = seen->score;
        differ = differ || seen->score != first;
        if (n >= 3 && differ) return true;
    }
    return false;
}

/* Half the side of the box that the search keeps to: three gains in a row double it, a few trials in a row
 * without one halve it, and where it has come to nothing it starts over. */
static double box_of(const Ask *ask)
{
    const double least_gain = 1e-3;
    int patience = ask->space->n_dims > 5 ? ask->space->n_dims : 5, gains = 0, losses = 0, n = 0;
    double side = 0.8, best = INFINITY;
    for (int i = 0; i < ask->n_seen; i++) {
        const Seen *seen = &ask->seen[i];
        if (!seen_settled(seen)) continue;
        const bool counts = seen_scored(seen) && seen->state == SEEN_DONE && limits_kept(ask, seen);
        bool gain = counts
                 && seen->score < best - (isfinite(best) ? least_gain * fabs(best) : 0);
        if (counts) best = fmin(best, seen->score);
        if (n++ < MAX_POINTS) continue;
        gains = gain ? gains + 1 : 0;
        losses = gain ? 0 : losses + 1;
        if (gains == 3) side = fmin(1.6, 2 * side), gains = 0;
        if (losses == patience) side /= 2, losses = 0;
        if (side < 0x1p-7) side = 0.8;
    }
    return 0.5 * side;
}

/* Half the side of the box for asks without the trend: none at first, then around the best in three of four. */
static double narrowed(const Ask *ask, int n_settled)
{
    static const double half[4] = {0.4, 0.2, 0.1, 0};
    return n_settled < NARROW_AFTER * ask->space->n_dims ? 0 : half[ask->number / 2 % 4];
}

/* Pending points are taken to come out at the model's mean. *best falls to the lowest of them: what is believed
 * need not be found again.
 * Draws from the posterior did worse: 0.21 instead of 0.14 (bench/NOTES.md, Pending trials). */
static bool believe_pending(Gp *gp, Limits *limits, Data *data, double *best, Arena *arena, Error *err)
{
    for (int i = 0; i < data->n_pending; i++) {
        double mean, sigma;
        const bool likely = limits_log_probability(limits, data->pending[i]) > log(0.5);
        gp_predict(gp, data->pending[i], &mean, &sigma);
        if (!gp_believe(gp, data->pending[i], mean, arena, err)
            || !limits_believe(limits, 1, data->pending[i], arena, err))
            return false;
        data->believed[i] = mean;
        if (likely) *best = fmin(*best, mean);
    }
    return true;
}

/* Is it the forest's turn? Of each eight asks, four of them with a trend and four without, it has two, the
 * Gaussian process alone has two, and the other four go to who gained more in its own two among the last CREDIT
 * numbers. */
static bool forest_turn(const Ask *ask, const Data *data, const Gp *gp)
{
    const uint32_t turn = ask->number / 2 % 4;
    double best = INFINITY, gain[4] = {0};
    for (int i = 0; i < data->n; i++) {
        const Seen *seen = &ask->seen[data->rows[i]];
        if (!limits_kept(ask, seen)) continue;
        const double more = best - gp_target(gp, i);
        if (isfinite(more) && more > 0 && seen->number + CREDIT >= ask->number)
            gain[seen->number / 2 % 4] += more;
        best = fmin(best, gp_target(gp, i));
    }
    return turn == 0 || (turn != 2 && gain[0] >= gain[2]);
}

/* The second model, where it is heard: of all that the first one sees, pending points and what is believed of
 * them included. */
static bool grow_forest(const Ask *ask, const Data *data, const Gp *gp, Acquisition *search, Arena *arena,
                        Error *err)
{
    const int n = data->n, all = n + data->n_pending;
    const size_t d = (size_t)ask->space->n_dims;
    if (n < FOREST_FROM * ask->space->n_dims || !acquisition_in_pieces(ask->space)
        || !forest_turn(ask, data, gp))
        return true;
    double *x = arena_alloc(arena, (size_t)all * d, sizeof *x), *y = ARENA_NEW(arena, double, all);
    double *mean = ARENA_NEW(arena, double, all), *sigma = ARENA_NEW(arena, double, all);
    bool *active = arena_alloc(arena, (size_t)all * d, sizeof *active);
    Forest *forest;
    if (!x || !y || !mean || !sigma || !active) return error_memory(err);
    memcpy(x, data->x, (size_t)n * d * sizeof *x);
    for (int i = 0; i < data->n_pending; i++) memcpy(x + (size_t)(n + i) * d, data->pending[i], d * sizeof *x);
    for (int i = 0; i < all; i++) {
        y[i] = i < n ? gp_target(gp, i) : data->believed[i - n];
        space_active(ask->space, x + (size_t)i * d, active + (size_t)i * d);
    }
    Rng rng = rng_stream(ask->seed, ask->number, RNG_BOOTSTRAP);
    if (!forest_grow(ask->space, all, x, y, &rng, arena, &forest, err)) return false;
    forest_predict(forest, all, x, active, mean, sigma);
    search->forest = forest;
    search->forest_best = INFINITY;
    for (int i = 0; i < all; i++) {
        const bool counts = i < n ? limits_kept(ask, &ask->seen[data->rows[i]])
                                  : limits_log_probability(search->limits, data->pending[i - n]) > log(0.5);
        if (counts) search->forest_best = fmin(search->forest_best, mean[i]);
    }
    if (isinf(search->forest_best)) search->forest = NULL;
    return true;
}

/* Why it is this point. */
static void explain(const Acquisition *search, const char *kind, const double *u, double value, Trace *trace)
{
    const Gp *gp = search->gp;
    trace_clear(trace, kind);
    trace->acquisition = value;
    gp_predict(gp, u, &trace->mean, &trace->sigma);
    trace->noise = gp_noise(gp);
    trace->lambda = gp_lambda(gp);
    trace->n_scales = search->ask->space->n_dims < 64 ? search->ask->space->n_dims : 64;
    memcpy(trace->scales, gp_scales(gp), (size_t)trace->n_scales * sizeof *trace->scales);
}

/* Where the acquisition is largest, and why. */
static bool best_of(Acquisition *search, const char *kind, Arena *arena, double *u, Trace *trace, bool *found,
                    Error *err)
{
    double value = NAN;
    if (!acquisition_maximize(search, arena, u, &value, found, err)) return false;
    if (*found) explain(search, kind, u, value, trace);
    return true;
}

/* Of DRAWS accepted draws of the strategy, that of the largest acquisition. */
static bool draw_of(Acquisition *search, const Evolution *strategy, double *u, Trace *trace)
{
    const Ask *ask = search->ask;
    const Space *space = ask->space;
    double best = -INFINITY, draw[SPACE_MAX_PARAMS], mean, sigma, value;
    bool active[SPACE_MAX_PARAMS];
    int accepted = 0;
    const int tries = sampler_tries(space_size(space));
    for (int i = 0; i < tries && accepted < DRAWS; i++) {
        evolution_draw(strategy, &search->rng, draw);
        if (!ask->accept(ask->context, draw)) continue;
        space_active(space, draw, active);
        acquisition_values(search, 1, draw, active, &mean, &sigma, &value);
        if (accepted++ > 0 && !(value > best)) continue;
        best = value;
        memcpy(u, draw, (size_t)space->n_dims * sizeof *u);
    }
    if (accepted > 0) explain(search, "cmaes", u, best, trace);
    return accepted > 0;
}

/* `strategy`: the ask is its own; NULL: the model's. */
static bool ask_model(const Ask *ask, const Evolution *strategy, Arena *arena, double *u, Trace *trace,
                      bool *found, Error *err)
{
    const int n_settled = count_settled(ask);
    const bool flat = ask->number % 2 == 0;
    Data learned, data;
    Gp *gp = NULL;
    Limits *limits;
    double *theta = ARENA_NEW(arena, double, gp_n_hyper(ask->space));
    if (!theta) return error_memory(err);
    if (!learn(ask, n_settled, flat, &learned, theta, arena, err)
        || !gather(ask, n_settled, true, flat, &data, arena, err))
        return false;
    data.mean = learned.mean;
    const GpData observed = observations(ask, &data);
    if (!gp_given(&observed, theta, arena, &gp, err)
        || !limits_learn(ask, learned.n, learned.rows, data.n, data.rows, arena, &limits, err))
        return false;
    limits_order(limits, gp);
    double best = gp_best_mean(gp);
    if (!believe_pending(gp, limits, &data, &best, arena, err)) return false;
    Acquisition search = {.ask = ask, .gp = gp, .limits = limits, .best = best,
                          .prior_weight = agreement_with_prior(ask),
                          .rng = rng_stream(ask->seed, ask->number, RNG_SAMPLER)};
    if (!grow_forest(ask, &data, gp, &search, arena, err)) return false;
    if (strategy && (*found = draw_of(&search, strategy, u, trace))) return true;
    if (n_settled > MAX_POINTS) search.box = box_of(ask);
    else if (flat) search.box = narrowed(ask, n_settled);
    return best_of(&search, "gp", arena, u, trace, found, err);
}

/* ---- very many under way ---- */

const char sampler_part[] = "gp-part";

/* How many settled trials decide on the hyperparameters: a multiple of a power of two, an eighth of them at
 * most. So what a fit takes is spread over the more asks, the more trials there are. */
static int count_learned_in_crowd(int n_settled)
{
    int step = 1;
    while (step <= n_settled / 16) step *= 2;
    return n_settled - n_settled % step;
}

/* The model of a few of the trials (crowd.h). Its asks look around each of the best in turn. */
static bool model_crowd(const Ask *ask, const Crowd *crowd, const int *rows, int n, Arena *arena, double *u,
                        Trace *trace, bool *found, Error *err)
{
    const size_t d = (size_t)ask->space->n_dims;
    const bool flat = ask->number % 2 == 0;
    int first[CROWD_SETTLED], under_way[CROWD_PENDING], n_first = 0, m = 0;
    Data learned = {0}, data = {0};
    Gp *gp = NULL;
    Limits *limits;
    double *theta = ARENA_NEW(arena, double, gp_n_hyper(ask->space));
    double *x = arena_alloc(arena, CROWD_PENDING * d, sizeof *x), mean[CROWD_PENDING];
    if (!theta || !x) return error_memory(err);
    if (!crowd_settled(ask, crowd, count_learned_in_crowd(crowd->n_settled), first, &n_first, arena, err)
        || !gather_rows(ask, n_first, first, flat, &learned, arena, err)
        || !learn_from(ask, &learned, flat, theta, arena, err)
        || !gather_rows(ask, n, rows, flat, &data, arena, err))
        return false;
    data.mean = learned.mean;
    const GpData observed = observations(ask, &data);
    if (!gp_given(&observed, theta, arena, &gp, err)
        || !limits_learn(ask, n_first, first, n, rows, arena, &limits, err))
        return false;
    limits_order(limits, gp);
    const double *top[CENTRES];
    const int n_top = gp_best_points(gp, CENTRES, top);
    const double *centre = top[ask->number / 8 % (uint32_t)n_top];
    if (!crowd_pending(ask, crowd, centre, gp_scales(gp), under_way, &m, arena, err)) return false;
    for (int i = 0; i < m; i++) memcpy(x + (size_t)i * d, ask->seen[under_way[i]].u, d * sizeof *x);
    if (!gp_believe_means(gp, m, x, mean, arena, err)) return false;
    double best = gp_best_mean(gp);
    for (int i = 0; i < m; i++)
        if (limits_log_probability(limits, x + (size_t)i * d) > log(0.5)) best = fmin(best, mean[i]);
    if (!limits_believe(limits, m, x, arena, err)) return false;
    Acquisition search = {.ask = ask, .gp = gp, .limits = limits, .best = best, .centre = centre,
                          .prior_weight = agreement_with_prior(ask),
                          .rng = rng_stream(ask->seed, ask->number, RNG_SAMPLER)};
    if (flat || crowd->n_settled > MAX_POINTS) search.box = narrowed(ask, crowd->n_settled);
    return best_of(&search, sampler_part, arena, u, trace, found, err);
}

/* Without a factor the Parzen estimator of the same few trials chooses. */
static bool ask_crowd(const Ask *ask, const Crowd *crowd, Arena *arena, double *u, Trace *trace, bool *found,
                      Error *err)
{
    int rows[CROWD_SETTLED], n = 0;
    Error why = {0};
    if (!crowd_settled(ask, crowd, crowd->n_settled, rows, &n, arena, err)) return false;
    if (model_crowd(ask, crowd, rows, n, arena, u, trace, found, &why)) return true;
    Seen *seen = ARENA_NEW(arena, Seen, n);
    if (why.code != ERR_NUMERIC || !seen) {
        if (err) *err = why;
        return false;
    }
    for (int i = 0; i < n; i++) seen[i] = ask->seen[rows[i]];
    Ask few = *ask;
    few.seen = seen, few.n_seen = n, few.n_steady = 0;
    return sampler_tpe_ask(&few, arena, u, trace, found, err);
}

static bool ask_gp(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result, Error *err)
{
    const int first = n_startup(ask->space) + (ask->transfer ? TRANSFER_FIRST : 0); /* which may mislead */
    bool found = false;
    if (ask->space->n_dims > 0 && ask->n_seen >= first && can_learn(ask)) {
        Error why = {0};
        double *point = ARENA_NEW(arena, double, ask->space->n_dims);
        if (!point) return error_memory(err);
        Crowd crowd;
        Evolution *strategy = NULL;
        if (!crowd_count(ask, arena, &crowd, err)) return false;
        const bool crowded = crowd.n_pending > CROWD_FROM;
        if (!crowded && !voices_turn(ask, arena, &strategy, err)) return false;
        bool ok = crowded ? ask_crowd(ask, &crowd, arena, point, trace, &found, &why)
                : !strategy && ask->n_seen > MANY && ask->number % 3 == 2
                      ? sampler_tpe_ask(ask, arena, point, trace, &found, &why)
                      : ask_model(ask, strategy, arena, point, trace, &found, &why);
        if (!ok && why.code == ERR_NUMERIC) ok = sampler_tpe_ask(ask, arena, point, trace, &found, &why);
        if (!ok) {
            if (err) *err = why;
            return false;
        }
        if (found) memcpy(u, point, (size_t)ask->space->n_dims * sizeof *u);
    }
    if (!found && !sampler_first(ask, acquisition_in_pieces(ask->space), arena, u, trace, &found, err))
        return false;
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_bayes = {.name = "bayes", .help = "a Gaussian process that learns from finished trials",
    .ask = ask_gp, .learns = true, .transfers = true, .weighs_costs = true};
const Sampler sampler_gp = {.name = "gp", .help = "a Gaussian process, whatever the space",
    .ask = ask_gp, .learns = true, .transfers = true, .weighs_costs = true};
