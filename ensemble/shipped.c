/* The calibration of an average, and how far it may flatten what is shipped. */
#include "ensemble/shipped.h"

#include <math.h>

#include "engine/cooling.h"
#include "model/pool.h"

/* The log of the temperature that fits best, with biases, whatever it gains. */
static bool best_temperature(const ShippedInput *in, const float *proba, double *out, Error *err)
{
    Arena *arena = arena_create(0);
    Calibration *fitted;
    const KnownRows rows = {in->rows.n, in->rows.n_classes, proba, in->rows.labels, in->rows.weight};
    bool ok = arena || error_memory(err);
    ok = ok && calibration_fit(&rows, in->class_weight, CALIBRATION_BIAS, COOLING_MOST, arena, &fitted, err);
    if (ok) *out = -log(fitted->scale[0]);
    arena_destroy(arena);
    return ok;
}

/* 1 / M of the members that `half` names: all (-1), or every second one. */
static double share_of_one(const ShippedInput *in, int half)
{
    double sum = 0, square = 0;
    for (int m = 0; m < in->n_members; m++) {
        if (half >= 0 && m % 2 != half) continue;
        sum += in->weight[m];
        square += in->weight[m] * in->weight[m];
    }
    return square / (sum * sum);
}

/* Of the average of those that `half` names, or of their pool. */
static bool half_temperature(const ShippedInput *in, int half, bool pooled, double *out, Error *err)
{
    const size_t cells = (size_t)in->rows.n * (size_t)in->rows.n_classes;
    Arena *arena = arena_create(0);
    float *proba = arena ? ARENA_NEW(arena, float, cells) : NULL;
    double total = 0;
    const int from = half < 0 ? 0 : half, step = half < 0 ? 1 : 2;
    for (int m = from; m < in->n_members; m += step) total += in->weight[m];
    for (size_t i = 0; proba && i < cells; i++) {
        double sum = 0;
        for (int m = from; m < in->n_members; m += step) {
            const double q = in->member[m][i];
            sum += in->weight[m] * (pooled ? pool_log(q) : q);
        }
        proba[i] = (float)(sum / total);
    }
    for (int i = 0; proba && pooled && i < in->rows.n; i++)
        pool_softmax(in->rows.n_classes, 1, proba + (size_t)i * (size_t)in->rows.n_classes);
    bool ok = proba ? best_temperature(in, proba, out, err) : error_memory(err);
    arena_destroy(arena);
    return ok;
}

/* By how much less the log of the best temperature is of `all` members than of half of them, per 1 / M. */
static bool slope_of(const ShippedInput *in, bool pooled, double all, double *out, Error *err)
{
    const double apart = (share_of_one(in, 0) + share_of_one(in, 1)) / 2 - share_of_one(in, -1);
    double half[2] = {0, 0};
    for (int h = 0; h < 2; h++)
        if (!half_temperature(in, h, pooled, &half[h], err)) return false;
    *out = fmax((half[0] + half[1]) / 2 - all, 0) / apart;
    return true;
}

static bool most_temperature(const ShippedInput *in, double *out, Error *err)
{
    double together = 0, average, slope, pooled;
    *out = in->n_folds > 1 ? 1 : COOLING_MOST;
    const double one = share_of_one(in, -1), more = 1 - 1.0 / in->n_folds;
    if (in->n_folds < 2 || !(1 / one >= 1.5)) return true;
    if (!best_temperature(in, in->rows.proba, &together, err)) return false;
    if (!(together > 0)) return true;
    average = together;
    if (in->pooled && !half_temperature(in, -1, false, &average, err)) return false;
    if (!slope_of(in, false, average, &slope, err)) return false;
    double less = slope * one * more;
    if (in->pooled) {
        if (!slope_of(in, true, together, &pooled, err)) return false;
        less = (pooled * one + fmax(slope - pooled, 0)) * more;
    }
    *out = exp(fmax(together - less, 0));
    return true;
}

bool shipped_calibrate(const ShippedInput *in, Arena *arena, CalibrationChoice *out, Error *err)
{
    CalibrationAsk ask = {.weight = in->vote ? NULL : in->class_weight, .seed = in->seed};
    ask.allowed = in->vote                       ? CALIBRATION_SET(CALIBRATION_NONE)
                : in->method != CALIBRATE_AUTO ? CALIBRATION_SET(in->method - 1)
                : in->n_folds < 2              ? CALIBRATION_ALL
                                               : CALIBRATION_SET(CALIBRATION_VECTOR) - 1;
    return most_temperature(in, &ask.most_temperature, err)
        && calibration_choose(&in->rows, &ask, arena, out, err);
}
