/* What of the score's order over the whole space a parameter has a part in, as far as the trials can tell.
 *
 * A function is drawn (draws.h) on one of the scales that the trials leave possible (bends.h); its values at
 * points of the space are replaced by their ranks, r, of variance V. With A and B two independent points and
 * AB_i the point A with B's coordinate i (Jansen's estimators):
 *     total index       E[(r(A) - r(AB_i))^2] / 2 V        all that i has a part in
 *     first-order       1 - E[(r(B) - r(AB_i))^2] / 2 V    what i does alone
 * Points are scrambled Sobol points of twice the dimension, others for each turn of draws: so what a sum over
 * a few points is off is part of what draws differ by. A conditional parameter has an
 * effect only where it is active. Pairs are those of the model's mean.
 */
#include "tuner/insight/importance_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tuner/insight/bends.h"
#include "tuner/insight/targets.h"
#include "tuner/search/sobol.h"

enum { N_POINTS = 256, MOST_TRIALS = 240, FIRST_TRIALS = 64, STRONGEST = 6 };
enum { EACH = DRAWS_EACH };

typedef struct {
    const Space *space;
    const Gp *gp;
    int d;
    double *both;            /* (N_POINTS, 2 d) scratch */
    double *a, *b, *mixed;   /* (N_POINTS, d) */
    bool *active;            /* (N_POINTS, d) */
    double *fa, *fb, *fm, *sigma; /* (N_POINTS, EACH) drawn values; (N_POINTS) the mean's */
    double blur[EACH];       /* what is closer than this is nearly the same */
    double *sorted;          /* (EACH, 2 N_POINTS) of A and B, ascending */
} Variance;

/* ---- points ---- */

/* A with B's coordinates i and j (-1: none), snapped. */
static void mix(Variance *v, int i, int j)
{
    const size_t d = (size_t)v->d;
    memcpy(v->mixed, v->a, (size_t)N_POINTS * d * sizeof *v->mixed);
    for (size_t k = 0; k < N_POINTS; k++) {
        double *point = v->mixed + k * d;
        if (i >= 0) point[i] = v->b[k * d + (size_t)i];
        if (j >= 0) point[j] = v->b[k * d + (size_t)j];
    }
}

static void snap(Variance *v)
{
    const size_t d = (size_t)v->d;
    for (size_t k = 0; k < N_POINTS; k++) space_snap_active(v->space, v->mixed + k * d, v->active + k * d);
}

/* The mean at the mixed points. */
static void means(Variance *v, double *out)
{
    snap(v);
    gp_predict_many(v->gp, N_POINTS, v->mixed, v->active, out, v->sigma);
}

static bool variance_make(const Space *space, Arena *arena, Variance *v, Error *err)
{
    const int d = space->n_dims;
    const size_t cells = (size_t)N_POINTS * (size_t)d;
    *v = (Variance){.space = space, .d = d};
    v->both = arena_alloc(arena, 2 * cells, sizeof *v->both);
    v->a = ARENA_NEW(arena, double, cells);
    v->b = ARENA_NEW(arena, double, cells);
    v->mixed = ARENA_NEW(arena, double, cells);
    v->active = ARENA_NEW(arena, bool, cells);
    v->fa = ARENA_NEW(arena, double, N_POINTS * EACH);
    v->fb = ARENA_NEW(arena, double, N_POINTS * EACH);
    v->fm = ARENA_NEW(arena, double, N_POINTS * EACH);
    v->sigma = ARENA_NEW(arena, double, N_POINTS);
    v->sorted = ARENA_NEW(arena, double, 2 * N_POINTS * EACH);
    if (!v->both || !v->a || !v->b || !v->mixed || !v->active || !v->fa || !v->fb || !v->fm || !v->sigma
        || !v->sorted)
        return error_memory(err);
    return true;
}

static void draw_points(Variance *v, uint64_t seed)
{
    const size_t d = (size_t)v->d;
    sobol_points(2 * v->d, rng_mix(seed, 0x1a9), N_POINTS, v->both);
    for (size_t i = 0; i < N_POINTS; i++) {
        memcpy(v->a + i * d, v->both + 2 * i * d, d * sizeof *v->a);
        memcpy(v->b + i * d, v->both + (2 * i + 1) * d, d * sizeof *v->b);
    }
}

/* ---- ranks and indices ---- */

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Keeps what ranks are counted among; values are (N_POINTS, width). */
static void keep_order(Variance *v, int width)
{
    for (int s = 0; s < width; s++) {
        double *sorted = v->sorted + s * 2 * N_POINTS;
        for (int k = 0; k < N_POINTS; k++) {
            sorted[2 * k] = v->fa[k * width + s];
            sorted[2 * k + 1] = v->fb[k * width + s];
        }
        qsort(sorted, 2 * N_POINTS, sizeof *sorted, ascending);
        double mean = 0, square = 0;
        for (int k = 0; k < 2 * N_POINTS; k++) mean += sorted[k] / (2 * N_POINTS);
        for (int k = 0; k < 2 * N_POINTS;
             k++) square += (sorted[k] - mean) * (sorted[k] - mean) / (2 * N_POINTS);
        v->blur[s] = 0.05 * sqrt(square);
    }
}

/* The share of n that is below. */
static double rank_of(const double *sorted, int n, double value)
{
    int below = 0;
    for (int high = n; below < high;) {
        int middle = (below + high) / 2;
        if (sorted[middle] < value) below = middle + 1;
        else high = middle;
    }
    return (double)below / n;
}

/* Values into ranks, in place. What is closer than a twentieth of the spread counts as equal, nearly: on a
 * plateau no ripple of a drawn function may decide on half of the ranks. */
static void to_ranks(const Variance *v, int width, double *values)
{
    static const double steps[] = {-1.15, -0.32, 0.32, 1.15};
    for (int s = 0; s < width; s++) {
        const double *sorted = v->sorted + s * 2 * N_POINTS;
        for (int k = 0; k < N_POINTS; k++) {
            double rank = 0, value = values[k * width + s];
            for (int i = 0; i < 4; i++) rank += 0.25 * rank_of(sorted, 2 * N_POINTS,
                                                               value + steps[i] * v->blur[s]);
            values[k * width + s] = rank;
        }
    }
}

static double half_square(int width, int s, const double *x, const double *y)
{
    double sum = 0;
    for (int k = s; k < N_POINTS * width; k += width) sum += (x[k] - y[k]) * (x[k] - y[k]);
    return 0.5 * sum / N_POINTS;
}

/* Of the ranks of A and B. */
static double variance_of(const Variance *v, int width, int s)
{
    double mean = 0, square = 0;
    for (int k = s; k < N_POINTS * width; k += width) mean += (v->fa[k] + v->fb[k]) / (2 * N_POINTS);
    for (int k = s; k < N_POINTS * width; k += width)
        square += (v->fa[k] - mean) * (v->fa[k] - mean) + (v->fb[k] - mean) * (v->fb[k] - mean);
    return square / (2 * N_POINTS);
}

/* The indices of the functions of one turn, into rows of `effect` and `alone` (EACH, d). */
static void measure_turn(Variance *v, Draws *draws, double *effect, double *alone)
{
    const size_t cells = (size_t)N_POINTS * (size_t)v->d;
    double variance[EACH];
    memcpy(v->mixed, v->a, cells * sizeof *v->mixed);
        /* snapping overwrites what mixing needs as it was drawn */
    snap(v);
    draws_at(draws, N_POINTS, v->mixed, v->active, v->fa);
    memcpy(v->mixed, v->b, cells * sizeof *v->mixed);
    snap(v);
    draws_at(draws, N_POINTS, v->mixed, v->active, v->fb);
    keep_order(v, EACH);
    to_ranks(v, EACH, v->fa);
    to_ranks(v, EACH, v->fb);
    for (int s = 0; s < EACH; s++) variance[s] = fmax(variance_of(v, EACH, s), 1e-12);
    for (int k = 0; k < v->d; k++) {
        mix(v, k, -1);
        snap(v);
        draws_at(draws, N_POINTS, v->mixed, v->active, v->fm);
        to_ranks(v, EACH, v->fm);
        for (int s = 0; s < EACH; s++) {
            effect[s * v->d + k] = half_square(EACH, s, v->fa, v->fm) / variance[s];
            alone[s * v->d + k] = fmax(0, 1 - half_square(EACH, s, v->fb, v->fm) / variance[s]);
        }
    }
}

static double middle_of(int n, const double *values, int stride, double *scratch)
{
    for (int i = 0; i < n; i++) scratch[i] = values[i * stride];
    qsort(scratch, (size_t)n, sizeof *scratch, ascending);
    return scratch[n / 2];
}

/* What two of the strongest do together in the model's mean. */
static void strongest_pairs(Variance *v, const double *effect, ModelImportance *out)
{
    int top[STRONGEST] = {0}, n = 0;
    double alone[STRONGEST];
    for (int k = 0; k < v->d; k++) {
        int at = n < STRONGEST ? n++ : STRONGEST;
        for (; at > 0 && effect[top[at - 1]] < effect[k]; at--)
            if (at < STRONGEST) top[at] = top[at - 1];
        if (at < STRONGEST) top[at] = k;
    }
    memcpy(v->mixed, v->a, (size_t)N_POINTS * (size_t)v->d * sizeof *v->mixed);
    means(v, v->fa);
    memcpy(v->mixed, v->b, (size_t)N_POINTS * (size_t)v->d * sizeof *v->mixed);
    means(v, v->fb);
    keep_order(v, 1);
    to_ranks(v, 1, v->fa);
    to_ranks(v, 1, v->fb);
    const double variance = variance_of(v, 1, 0);
    if (!(variance > 1e-9)) return; /* a flat mean */
    for (int i = 0; i < n; i++)
        for (int j = -1; j < i; j++) { /* -1: what i does by itself */
            mix(v, top[i], j < 0 ? -1 : top[j]);
            means(v, v->fm);
            to_ranks(v, 1, v->fm);
            double closed = 1 - half_square(1, 0, v->fb, v->fm) / variance;
            if (j < 0) {
                alone[i] = fmax(0, closed);
                continue;
            }
            PairImportance found = {top[j], top[i], fmax(0, closed - alone[i] - alone[j])};
            int at = out->n_pairs < IMPORTANCE_PAIRS ? out->n_pairs++ : IMPORTANCE_PAIRS;
            for (; at > 0 && out->pair[at - 1].effect < found.effect; at--)
                if (at < IMPORTANCE_PAIRS) out->pair[at] = out->pair[at - 1];
            if (at < IMPORTANCE_PAIRS) out->pair[at] = found;
        }
}

/* ---- the whole ---- */

/* Of many trials the first, which looked around before the search knew anything, and an even sample of the
 * rest. */
static int chosen_of(const Points *trials, int i, int n)
{
    if (n == trials->n || i < FIRST_TRIALS) return i;
    return FIRST_TRIALS + (int)((int64_t)(i - FIRST_TRIALS) * (trials->n - FIRST_TRIALS) / (n - FIRST_TRIALS));
}

/* Points and scores, NaN failed; of stopped trials what they would have come to, unless nobody knows. Returns
 * how many. */
static int gather(const Points *trials, int most, double *x, double *raw, double *extra)
{
    const size_t d = (size_t)trials->space->n_dims;
    int n = 0, n_scored = 0;
    for (int i = 0; i < most; i++) {
        int at = chosen_of(trials, i, most);
        double score = trials->score[at];
        bool stopped = !isfinite(score) && trials->stopped && !isnan(trials->stopped[at]);
        if (stopped && !isfinite(trials->stopped[at])) continue;
        if (stopped) score = trials->stopped[at];
        memcpy(x + (size_t)n * d, trials->u + (size_t)at * d, d * sizeof *x);
        extra[n] = stopped && trials->extra ? trials->extra[at] : 0;
        raw[n++] = isfinite(score) ? score : NAN;
        n_scored += isfinite(score);
    }
    return n_scored > 0 ? n : 0;
}

/* Scores and their targets, without failed ones, ascending. Targets rise with scores, so each sorted alone
 * they still belong together. */
static int ascending_pairs(int n, const double *raw, const double *z, double *seen, double *targets)
{
    int n_seen = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(raw[i])) {
            seen[n_seen] = raw[i];
            targets[n_seen++] = z[i];
        }
    qsort(seen, (size_t)n_seen, sizeof *seen, ascending);
    qsort(targets, (size_t)n_seen, sizeof *targets, ascending);
    return n_seen;
}

/* What turns are for: the indices, and the way where there is a plan of one. */
typedef struct {
    int n;                  /* trials */
    const double *raw;      /* (n) */
    double *seen, *targets; /* (n) scratch */
    AblationPlan *plan;     /* NULL: none */
} Asked;

static bool measure(Variance *v, const Bends *bends, const Asked *asked, uint64_t seed, Arena *arena,
                    ModelImportance *out, Error *err)
{
    const size_t of_turn = (size_t)EACH * (size_t)v->d;
    /* Fewer draws of many settings: a turn costs (d + 2) N_POINTS looks. */
    const int affordable = 200 / (v->d + 2),
        turns = affordable < 4 ? 4 : affordable < DRAWS_TURNS ? affordable : DRAWS_TURNS;
    out->effect = arena_alloc(arena, DRAWS_TURNS * of_turn, sizeof *out->effect);
    out->alone = arena_alloc(arena, DRAWS_TURNS * of_turn, sizeof *out->alone);
    if (!out->effect || !out->alone) return error_memory(err);
    for (int turn = 0; turn < turns; turn++) {
        const Bend *bend = bends_of_turn(bends, turn, turns);
        if (!draws_turn(bend->draws)) continue;
        draw_points(v, rng_mix(seed, (uint64_t)turn));
        measure_turn(v, bend->draws, out->effect + out->n_draws * v->d, out->alone + out->n_draws * v->d);
        if (asked->plan) {
            const int n_seen = ascending_pairs(asked->n, asked->raw, bend->z, asked->seen, asked->targets);
            ablation_look(asked->plan, bend->draws, n_seen, asked->targets, asked->seen);
        }
        out->n_draws += EACH;
    }
    return true;
}

bool importance_model(const Points *trials, int from, int to, uint64_t seed, Arena *arena,
                      ModelImportance *out, Error *err)
{
    const int d = trials->space->n_dims, most = trials->n < MOST_TRIALS ? trials->n : MOST_TRIALS;
    *out = (ModelImportance){.left_out = NAN};
    double *x = arena_alloc(arena, (size_t)most * (size_t)d, sizeof *x), *raw = ARENA_NEW(arena, double, most);
    double *level = ARENA_NEW(arena, double, most), *share = ARENA_NEW(arena, double, most);
    double *seen = ARENA_NEW(arena, double, most), *targets = ARENA_NEW(arena, double, most);
    double *effect = ARENA_NEW(arena, double, d), *extra = ARENA_NEW(arena, double, most);
    double scratch[DRAWS_TURNS * EACH];
    out->length_scale = ARENA_NEW(arena, double, d);
    if (!x || !level || !raw || !share || !seen || !targets || !effect || !extra || !out->length_scale)
        return error_memory(err);
    const int n = gather(trials, most, x, raw, extra);
    if (n == 0) return true;
    if (!targets_shares(trials->space, n, x, seed, arena, share, err)
        || !targets_level(n, raw, share, arena, level, err))
        return false;
    const GpData data = {.space = trials->space, .n = n, .x = x, .y = level, .as_is = true,
                         .extra_noise = extra};
    Bends bends;
    Error why = {0};
    if (!bends_create(&data, share, seed, arena, &bends, &why)) {
        if (why.code == ERR_NUMERIC) return true;
        if (err) *err = why;
        return false;
    }
    Variance v;
    const Bend *best = &bends.bend[bends.best];
    Draws *draws = best->draws;
    Asked asked = {.n = n, .raw = raw, .seen = seen, .targets = targets};
    const double *u_from = trials->u + (size_t)from * (size_t)d, *u_to = trials->u + (size_t)to * (size_t)d;
    if (from != to
        && !ablation_plan(draws_gp(draws), u_from, u_to, DRAWS_TURNS * EACH, arena, &asked.plan, err))
        return false;
    if (!variance_make(trials->space, arena, &v, err) || !measure(&v, &bends, &asked, seed, arena, out, err))
        return false;
    if (out->n_draws == 0 || !draws_settle(draws, &v.gp, NULL)) {
        out->n_draws = 0;
        return true;
    }
    out->left_out = draws_left_out(draws);
    for (int k = 0; k < d; k++) {
        effect[k] = middle_of(out->n_draws, out->effect + k, d, scratch);
        out->length_scale[k] = gp_scales(v.gp)[k];
    }
    strongest_pairs(&v, effect, out);
    if (out->left_out < IMPORTANCE_TELLS) return true;
    const int n_seen = ascending_pairs(n, raw, best->z, seen, targets);
    return importance_maps(v.gp, trials->maximize, n_seen, targets, seen, seed, out->pair, out->n_pairs, arena,
                           &out->map, err)
        && (!asked.plan || ablation_finish(asked.plan, trials->maximize, arena, &out->way, err));
}
