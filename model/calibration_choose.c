/* The contest of calibrations, and what comes out of it as one map from raw probabilities. */
#include "model/calibration_choose.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "model/temperature.h"

enum { FOLDS = 5, MOST_CELLS = 8000000, MOST_ROWS = 10000 };

/* N known rows. */
typedef struct {
    const CalibrationAsk *ask;
    Arena *arena; /* its own */
    Arena *work;  /* of one fit */
    KnownRows rows, part; /* all; all but a fold */
    int *fold;    /* (N) */
    double *loss; /* (methods, N) of rows that were left out */
} Contest;

/* ---- one method ------------------------------------------------------------------------------ */

/* Temperature and class weights: z' = (log p - log w) / t. */
static Calibration *cooled(const double *weight, double t, int k, Arena *arena)
{
    Calibration *out = ARENA_NEW(arena, Calibration, 1);
    double *scale = ARENA_NEW(arena, double, 1), *bias = ARENA_NEW(arena, double, k);
    if (!out || !scale || !bias) return NULL;
    scale[0] = 1 / t;
    for (int c = 0; c < k; c++) bias[c] = -log(weight[c]) / t;
    *out = (Calibration){.n_scale = 1, .scale = scale, .bias = bias};
    return out;
}

/* Of the rows without what class weights did. */
static bool find_temperature(const Contest *x, const KnownRows *rows, double *t, Error *err)
{
    const int k = rows->n_classes;
    const size_t cells = (size_t)rows->n * (size_t)k;
    const double *weight = x->ask->weight;
    const float *proba = rows->proba;
    if (weight) {
        float *undone = ARENA_NEW(x->work, float, cells);
        const Calibration *undo = cooled(weight, 1, k, x->work);
        if (!undone || !undo) return error_memory(err);
        memcpy(undone, proba, cells * sizeof *undone);
        for (int i = 0; i < rows->n; i++) calibration_apply(undo, k, undone + (size_t)i * (size_t)k);
        proba = undone;
    }
    *t = fmin(temperature_fit(rows->n, k, proba, rows->labels, rows->weight), x->ask->most_temperature);
    return true;
}

/* Its map, or NULL where *t is the whole of it. */
static bool fit(const Contest *x, const KnownRows *rows, CalibrationMethod method, Arena *arena,
                Calibration **out, double *t, Error *err)
{
    const double *weight = x->ask->weight;
    *out = NULL;
    *t = 1;
    if (method != CALIBRATION_NONE && method != CALIBRATION_TEMPERATURE)
        return calibration_fit(rows, weight, method, x->ask->most_temperature, arena, out, err);
    if (method == CALIBRATION_TEMPERATURE && !find_temperature(x, rows, t, err)) return false;
    return !weight || (*out = cooled(weight, *t, rows->n_classes, arena)) || error_memory(err);
}

static void apply(const Calibration *calibration, double t, int n, int n_classes, float *proba)
{
    if (!calibration) temperature_apply(t, n, n_classes, proba);
    for (int i = 0; calibration && i < n; i++)
        calibration_apply(calibration, n_classes, proba + (size_t)i * (size_t)n_classes);
}

double calibration_share_error(const KnownRows *rows)
{
    double most = 0;
    for (int c = 0; c < rows->n_classes; c++) {
        double sum = 0, square = 0, n = 0;
        for (int i = 0; i < rows->n; i++) {
            if (rows->labels[i] < 0) continue;
            double d = rows->proba[(size_t)i * (size_t)rows->n_classes + (size_t)c] - (rows->labels[i] == c);
            if (rows->weight) d *= rows->weight[i];
            sum += d;
            square += d * d;
            n++;
        }
        double variance = square - sum * sum / n;
        if (variance > 0) most = fmax(most, fabs(sum) / sqrt(variance));
    }
    return most;
}

/* Are the shares right on the rows it was fitted on? */
static bool shares_fit(Contest *x, CalibrationMethod method, bool *right, Error *err)
{
    const size_t cells = (size_t)x->rows.n * (size_t)x->rows.n_classes;
    Calibration *calibration;
    double t;
    arena_reset(x->work);
    float *proba = ARENA_NEW(x->work, float, cells);
    if (!proba) return error_memory(err);
    memcpy(proba, x->rows.proba, cells * sizeof *proba);
    if (!fit(x, &x->rows, method, x->work, &calibration, &t, err)) return false;
    apply(calibration, t, x->rows.n, x->rows.n_classes, proba);
    const KnownRows after = {x->rows.n, x->rows.n_classes, proba, x->rows.labels,
                             x->rows.weight};
    *right = calibration_share_error(&after) <= 2;
    return true;
}

/* ---- who takes part -------------------------------------------------------------------------- */

static int fewest(const KnownRows *rows)
{
    int least = rows->n;
    for (int c = 0; c < rows->n_classes; c++) {
        int n = 0;
        for (int i = 0; i < rows->n; i++) n += rows->labels[i] == c;
        if (n < least) least = n;
    }
    return least;
}

static bool candidates(Contest *x, bool *in, Error *err)
{
    const KnownRows *rows = &x->rows;
    const double k = rows->n_classes;
    for (int m = 0; m < CALIBRATION_COUNT; m++) in[m] = x->ask->allowed & CALIBRATION_SET(m);
    in[CALIBRATION_NONE] &= !in[CALIBRATION_TEMPERATURE]; /* which contains it */
    in[CALIBRATION_VECTOR] &= rows->n >= 20 * k;
    in[CALIBRATION_MATRIX] &= rows->n >= 20 * k && k > 2 && k <= CALIBRATION_MATRIX_MOST
                           && rows->n * k * k <= MOST_CELLS;
    in[CALIBRATION_ISOTONIC] &= rows->n >= 1000 && fewest(rows) >= 100;
    for (int m = 0; m < CALIBRATION_COUNT; m++) {
        bool right = true, others = false;
        if (m != CALIBRATION_NONE && m != CALIBRATION_TEMPERATURE && m != CALIBRATION_ISOTONIC) continue;
        for (int other = 0; other < CALIBRATION_COUNT; other++) others |= other != m && in[other];
        if (in[m] && others && !shares_fit(x, (CalibrationMethod)m, &right, err)) return false;
        in[m] &= right;
    }
    return true;
}

/* ---- the contest ----------------------------------------------------------------------------- */

static void deal(Contest *x, int32_t *order)
{
    const int n = x->rows.n;
    Rng rng = rng_stream(x->ask->seed, UINT32_MAX - 1, RNG_BOOTSTRAP);
    for (int i = 0; i < n; i++) order[i] = i;
    rng_shuffle(&rng, order, (size_t)n);
    for (int c = 0, next = 0; c < x->rows.n_classes; c++)
        for (int i = 0; i < n; i++)
            if (x->rows.labels[order[i]] == c) x->fold[order[i]] = next++ % FOLDS;
}

static bool judge_fold(Contest *x, int f, const bool *in, Error *err)
{
    const int n = x->rows.n;
    const size_t k = (size_t)x->rows.n_classes;
    float *proba = (float *)x->part.proba, *p = ARENA_NEW(x->arena, float, k);
    int32_t *labels = (int32_t *)x->part.labels;
    double *weight = (double *)x->part.weight;
    if (!p) return error_memory(err);
    x->part.n = 0;
    for (int i = 0; i < n; i++) {
        if (x->fold[i] == f) continue;
        memcpy(proba + (size_t)x->part.n * k, x->rows.proba + (size_t)i * k, k * sizeof *proba);
        if (x->rows.weight) weight[x->part.n] = x->rows.weight[i];
        labels[x->part.n++] = x->rows.labels[i];
    }
    for (int m = 0; m < CALIBRATION_COUNT; m++) {
        Calibration *calibration;
        double t;
        if (!in[m]) continue;
        arena_reset(x->work);
        if (!fit(x, &x->part, (CalibrationMethod)m, x->work, &calibration, &t, err)) return false;
        for (int i = 0; i < n; i++) {
            if (x->fold[i] != f) continue;
            memcpy(p, x->rows.proba + (size_t)i * k, k * sizeof *p);
            apply(calibration, t, 1, (int)k, p);
            x->loss[(size_t)m * (size_t)n + (size_t)i] = -log(fmax(p[x->rows.labels[i]], 1e-15));
            if (x->rows.weight) x->loss[(size_t)m * (size_t)n + (size_t)i] *= x->rows.weight[i];
        }
    }
    return true;
}

/* The simplest within one standard error of the best. */
static CalibrationMethod winner(const Contest *x, const bool *in, double *mean)
{
    const int n = x->rows.n;
    const double *row[CALIBRATION_COUNT];
    int best = -1;
    for (int m = 0; m < CALIBRATION_COUNT; m++) {
        row[m] = x->loss + (size_t)m * (size_t)n;
        if (!in[m]) continue;
        mean[m] = 0;
        for (int i = 0; i < n; i++) mean[m] += row[m][i] / n;
        if (best < 0 || mean[m] < mean[best]) best = m;
    }
    for (int m = 0; m < best; m++) {
        double square = 0;
        if (!in[m]) continue;
        for (int i = 0; i < n; i++) {
            double d = row[m][i] - row[best][i] - (mean[m] - mean[best]);
            square += d * d;
        }
        if (mean[m] - mean[best] <= sqrt(square / n / (n - 1))) return (CalibrationMethod)m;
    }
    return (CalibrationMethod)best;
}

/* Every n-th row, where there are more than it takes to tell methods apart. */
static bool thin_out(Contest *x, Error *err)
{
    const KnownRows *all = &x->rows;
    const size_t k = (size_t)all->n_classes;
    const int step = (all->n + MOST_ROWS - 1) / MOST_ROWS;
    if (step < 2) return true;
    float *proba = ARENA_NEW(x->arena, float, k * MOST_ROWS);
    int32_t *labels = ARENA_NEW(x->arena, int32_t, MOST_ROWS);
    double *weight = ARENA_NEW(x->arena, double, all->weight ? MOST_ROWS : 0);
    if (!proba || !labels || !weight) return error_memory(err);
    int n = 0;
    for (int i = 0; i < all->n; i += step, n++) {
        if (all->weight) weight[n] = all->weight[i];
        memcpy(proba + (size_t)n * k, all->proba + (size_t)i * k, k * sizeof *proba);
        labels[n] = all->labels[i];
    }
    x->rows = (KnownRows){n, all->n_classes, proba, labels, all->weight ? weight : NULL};
    return true;
}

static bool contest(Contest *x, CalibrationMethod *out, double *mean, Error *err)
{
    bool in[CALIBRATION_COUNT];
    int n_in = 0, last = CALIBRATION_NONE;
    if (!candidates(x, in, err) || !thin_out(x, err)) return false; /* shares are judged by all rows */
    const size_t n = (size_t)x->rows.n, cells = n * (size_t)x->rows.n_classes;
    for (int m = 0; m < CALIBRATION_COUNT; m++)
        if (in[m]) n_in++, last = m;
    *out = (CalibrationMethod)last;
    if (n_in < 2 || n < 2 * FOLDS) {
        if (n_in > 1) *out = in[CALIBRATION_TEMPERATURE] ? CALIBRATION_TEMPERATURE : CALIBRATION_BIAS;
        return true;
    }
    x->fold = ARENA_NEW(x->arena, int, n);
    x->loss = ARENA_NEW(x->arena, double, CALIBRATION_COUNT * n);
    float *proba = ARENA_NEW(x->arena, float, cells);
    int32_t *labels = ARENA_NEW(x->arena, int32_t, n);
    double *weight = ARENA_NEW(x->arena, double, x->rows.weight ? n : 0);
    x->part = (KnownRows){0, x->rows.n_classes, proba, labels, x->rows.weight ? weight : NULL};
    int32_t *order = ARENA_NEW(x->arena, int32_t, n);
    if (!x->fold || !x->loss || !proba || !labels || !weight || !order) return error_memory(err);
    deal(x, order);
    for (int f = 0; f < FOLDS; f++)
        if (!judge_fold(x, f, in, err)) return false;
    *out = winner(x, in, mean);
    return true;
}

/* ---- the result ------------------------------------------------------------------------------ */

bool calibration_choose(const KnownRows *rows, const CalibrationAsk *ask, Arena *arena, CalibrationChoice *out,
                        Error *err)
{
    Contest x = {.ask = ask, .arena = arena_create(0), .work = arena_create(0)};
    CalibrationChoice choice = {.temperature = 1};
    Calibration *fitted = NULL;
    double t = 1;
    for (int m = 0; m < CALIBRATION_COUNT; m++) choice.loss[m] = NAN;
    bool ok = x.arena && x.work ? true : error_memory(err);
    KnownRows all;
    ok = ok && calibration_known(rows, x.arena, &all, err);
    if (ok) x.rows = all;
    ok = ok && contest(&x, &choice.method, choice.loss, err);
    if (ok) arena_reset(x.work);
    ok = ok && fit(&x, &all, choice.method, arena, &fitted, &t, err);
    if (ok) {
        if (choice.method == CALIBRATION_TEMPERATURE && t == 1) choice.method = CALIBRATION_NONE;
        choice.calibration = fitted;
        if (!fitted) choice.temperature = t;
        *out = choice;
    }
    arena_destroy(x.arena);
    arena_destroy(x.work);
    return ok;
}

void calibration_choice_apply(const CalibrationChoice *choice, int n, int n_classes, float *proba)
{
    apply(choice->calibration, choice->temperature, n, n_classes, proba);
}
