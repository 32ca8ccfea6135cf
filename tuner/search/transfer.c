/* The first points and the expected surface that come from earlier studies. */
#include "tuner/search/transfer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/search/agreement.h"
#include "tuner/search/gp_kernel.h"
#include "tuner/search/sobol.h"

/* ---- first points ---------------------------------------------------------------------------------- */

typedef struct { double score; int at; } Ranked;

static int by_score(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Squared, over what the source knows. */
static double distance(const Space *space, const bool *known, const double *a, const double *b)
{
    double sum = 0;
    for (int d = 0; d < space->n_dims; d++) {
        if (!known[d]) continue;
        const double away = a[d] - b[d];
        sum += space_dim_kind(space, d) == DIM_CATEGORY ? away != 0 : away * away;
    }
    return sum;
}

/* Of its best third the trial farthest from the n chosen; its best, where there are none. */
static int farthest(const Space *space, const Source *source, const Ranked *order, const double **chosen, int n)
{
    const int third = source->n / 3 > 5 ? source->n / 3 : source->n < 5 ? source->n : 5;
    double most = -1;
    int at = order[0].at;
    for (int i = 0; n > 0 && i < third; i++) {
        double least = INFINITY;
        const double *u = source->u + (size_t)order[i].at * (size_t)space->n_dims;
        for (int j = 0; j < n; j++) least = fmin(least, distance(space, source->known, u, chosen[j]));
        if (least > most) most = least, at = order[i].at;
    }
    return at;
}

bool transfer_first(const Ask *ask, const double **first, int *n, Arena *arena, Error *err)
{
    const Space *space = ask->space;
    const size_t d = (size_t)space->n_dims;
    const Transfer *transfer = ask->transfer;
    *n = 0;
    for (int i = 0; i < TRANSFER_FIRST; i++) {
        const Source *source = &transfer->source[i % transfer->n];
        Ranked *order = ARENA_NEW(arena, Ranked, source->n);
        double *point = ARENA_NEW(arena, double, space->n_dims), spread[SPACE_MAX_PARAMS];
        if (!order || !point) return error_memory(err);
        for (int k = 0; k < source->n; k++) order[k] = (Ranked){source->score[k], k};
        qsort(order, (size_t)source->n, sizeof *order, by_score);
        /* The first of a study is its best, whatever others have brought. */
        const int at = farthest(space, source, order, first, i < transfer->n ? 0 : *n);
        memcpy(point, source->u + (size_t)at * d, d * sizeof *point);
        sobol_point(space->n_dims, ask->seed, (uint32_t)i, spread);
        for (int k = 0; k < space->n_dims; k++)
            if (!source->known[k]) point[k] = spread[k];
        first[(*n)++] = point;
    }
    return true;
}

/* ---- what to expect ---------------------------------------------------------------------------------- */

typedef struct {
    GpMean mean; /* first: a GpMean is one of these */
    const Space *space;
    const Transfer *transfer;
    Gp **gp;         /* (transfer->n) */
    double *weight, *slope, *centre; /* (transfer->n) */
} Expected;

enum { AT_ONCE = GP_LANES };
/* From so many own trials on they count less and less: then those know more of the neighbourhood of the
 * best. */
static const double FADES = 12, LEAST = 0.02; /* and what is less than this is not worth its time */

/* What model i says of m points. What it does not know is where all its points are. */
static void say(const Expected *e, int i, int m, const double *u, const bool *active, double *out)
{
    const int d = e->space->n_dims;
    const Source *source = &e->transfer->source[i];
    double own[AT_ONCE * SPACE_MAX_PARAMS];
    for (int from = 0; from < m; from += AT_ONCE) {
        const int n = m - from < AT_ONCE ? m - from : AT_ONCE;
        memcpy(own, u + (size_t)from * (size_t)d, (size_t)n * (size_t)d * sizeof *own);
        for (int k = 0; k < d; k++)
            for (int r = 0; !source->known[k] && r < n; r++) own[r * d + k] = source->u[k];
        gp_predict_many(e->gp[i], n, own, active + (size_t)from * (size_t)d, out + from, NULL);
    }
}

static void expected_at(const GpMean *mean, int m, const double *u, const bool *active, double *out)
{
    const Expected *e = (const Expected *)(const void *)mean;
    double said[AT_ONCE];
    const size_t d = (size_t)e->space->n_dims;
    for (int from = 0; from < m; from += AT_ONCE) {
        const int n = m - from < AT_ONCE ? m - from : AT_ONCE;
        for (int r = 0; r < n; r++) out[from + r] = 0;
        for (int i = 0; i < e->transfer->n; i++) {
            if (e->slope[i] == 0) continue;
            say(e, i, n, u + (size_t)from * d, active + (size_t)from * d, said);
            for (int r = 0; r < n; r++) out[from + r] += e->slope[i] * (said[r] - e->centre[i]);
        }
    }
}

static void add_gradient(const GpMean *mean, const double *u, const bool *active, double *gradient)
{
    const Expected *e = (const Expected *)(const void *)mean;
    const int d = e->space->n_dims;
    double own[SPACE_MAX_PARAMS], of_mean[SPACE_MAX_PARAMS], of_sigma[SPACE_MAX_PARAMS], at, sigma;
    for (int i = 0; i < e->transfer->n; i++) {
        const Source *source = &e->transfer->source[i];
        if (e->slope[i] == 0) continue;
        for (int k = 0; k < d; k++) own[k] = source->known[k] ? u[k] : source->u[k];
        gp_predict_gradient(e->gp[i], own, active, &at, &sigma, of_mean, of_sigma);
        for (int k = 0; k < d; k++)
            if (source->known[k]) gradient[k] += e->slope[i] * of_mean[k];
    }
}

static double faded(int n) { return pow(fmin(1, FADES / n), 2); }

/* The weight and slope of model i, which says `said` of the n trials. */
static void weigh(Expected *e, int i, int n, const double *said, const double *y, double spread_there)
{
    double sum = 0, squares = 0;
    for (int j = 0; j < n; j++) sum += said[j];
    for (int j = 0; j < n; j++) squares += (said[j] - sum / n) * (said[j] - sum / n);
    e->centre[i] = sum / n;
    e->weight[i] = agreement(n, said, y) * faded(n);
    /* The spread of what it says: here, and with few trials as it was there. */
    squares += AGREEMENT_TRIALS * spread_there * spread_there;
    e->slope[i] = 1 / sqrt(fmax(squares / (n + AGREEMENT_TRIALS), 1e-6));
}

/* The model of one earlier study. Its hyperparameters are worked out once in a search. */
static bool model(const Ask *ask, const Source *source, Arena *arena, Gp **out, double *spread, Error *err)
{
    const size_t n = (size_t)source->n, d = (size_t)ask->space->n_dims;
    const int n_hyper = gp_n_hyper(ask->space);
    const GpData data = {.space = ask->space, .n = source->n, .x = source->u, .y = source->score};
    double *theta = ARENA_NEW(arena, double, n_hyper), *said = ARENA_NEW(arena, double, source->n);
    bool *active = arena_alloc(arena, n, d * sizeof *active);
    if (!theta || !said || !active) return error_memory(err);
    MemoKey key = memo_key(source->u, n * d * sizeof *source->u, MEMO_START);
    key = memo_key("transfer", 8, memo_key(source->score, n * sizeof *source->score, key));
    if (!memo_get(ask->memo, key, n_hyper, theta)) {
        if (!gp_learn(&data, GP_TREND | GP_WARP, arena, theta, err)) return false;
        memo_put(ask->memo, key, n_hyper, theta);
    }
    if (!gp_given(&data, theta, arena, out, err)) return false;
    for (size_t i = 0; i < n; i++) space_active(ask->space, source->u + i * d, active + i * d);
    gp_predict_many(*out, source->n, source->u, active, said, NULL);
    double sum = 0, squares = 0;
    for (int i = 0; i < source->n; i++) sum += said[i];
    for (int i = 0; i < source->n; i++) squares += (said[i] - sum / source->n) * (said[i] - sum / source->n);
    *spread = sqrt(squares / source->n);
    return true;
}

bool transfer_mean(const Ask *ask, int n, const double *x, const double *y, const GpMean **out, Arena *arena,
                   Error *err)
{
    const Transfer *transfer = ask->transfer;
    const size_t d = (size_t)ask->space->n_dims;
    *out = NULL;
    if (!transfer || transfer->n == 0 || faded(n) < LEAST) return true;
    Expected *e = ARENA_NEW(arena, Expected, 1);
    double *said = ARENA_NEW(arena, double, n), sum = 0;
    bool *active = arena_alloc(arena, (size_t)n, d * sizeof *active);
    if (!e || !said || !active) return error_memory(err);
    *e = (Expected){.mean = {expected_at, add_gradient}, .space = ask->space, .transfer = transfer,
                    .gp = ARENA_NEW(arena, Gp *, transfer->n), .weight = ARENA_NEW(arena, double, transfer->n),
                    .slope = ARENA_NEW(arena, double, transfer->n),
                    .centre = ARENA_NEW(arena, double, transfer->n)};
    if (!e->gp || !e->weight || !e->slope || !e->centre) return error_memory(err);
    for (int i = 0; i < n; i++) space_active(ask->space, x + (size_t)i * d, active + (size_t)i * d);
    for (int i = 0; i < transfer->n; i++) {
        double spread = 0;
        if (!model(ask, &transfer->source[i], arena, &e->gp[i], &spread, err)) return false;
        say(e, i, n, x, active, said);
        weigh(e, i, n, said, y, spread);
        sum += e->weight[i];
    }
    for (int i = 0; i < transfer->n; i++) { /* two that say the same are not twice as right */
        if (sum > 0) e->weight[i] *= e->weight[i] / sum;
        e->slope[i] *= e->weight[i];
    }
    *out = &e->mean;
    return true;
}

const double *transfer_weights(const GpMean *mean) { return ((const Expected *)(const void *)mean)->weight; }
