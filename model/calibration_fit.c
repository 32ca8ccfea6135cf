/* Fits calibrations: a convex loss of intercepts and scales, or shares of groups that rise. */
#include "model/calibration_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/lbfgs.h"
#include "engine/cooling.h"

static const double intercept_penalty = 0.05;

/* ---- the loss -------------------------------------------------------------------------------- */

static int n_slopes(CalibrationMethod method, int k)
{
    return method == CALIBRATION_BIAS ? 1 : method == CALIBRATION_VECTOR ? k : k * k;
}

/* z' of one row. */
static void map_row(const CalibrationLoss *l, const double *x, const double *z, double *out)
{
    const int k = l->n_classes;
    const double *b = x + n_slopes(l->method, k);
    for (int c = 0; c < k; c++) {
        out[c] = b[c];
        if (l->method == CALIBRATION_BIAS) {
            out[c] += x[0] * z[c];
            continue;
        }
        out[c] += z[c];
        if (l->method == CALIBRATION_VECTOR) out[c] += x[c] * z[c];
        else for (int j = 0; j < k; j++) out[c] += x[c * k + j] * z[j];
    }
}

/* Turns z' into p' - y in place, and returns the row's loss. */
static double residual(int k, int label, double *row)
{
    double top = row[0], total = 0, at_label = row[label];
    for (int c = 1; c < k; c++)
        if (row[c] > top) top = row[c];
    for (int c = 0; c < k; c++) total += row[c] = exp(row[c] - top);
    for (int c = 0; c < k; c++) row[c] /= total;
    row[label] -= 1;
    return log(total) + top - at_label;
}

static double penalty(const CalibrationLoss *l, const double *x, double *gradient)
{
    const int k = l->n_classes, n = n_slopes(l->method, k);
    double sum = 0;
    if (l->method == CALIBRATION_BIAS) { /* towards a = 1, as engine/cooling.h */
        sum += (x[0] - 1 - log(x[0])) / l->n;
        gradient[0] += (1 - 1 / x[0]) / l->n;
    }
    for (int i = 0; i < n + k; i++) {
        double weight = intercept_penalty;
        if (i < n && l->method == CALIBRATION_BIAS) continue;
        if (i < n) weight = l->method == CALIBRATION_VECTOR || i / k == i % k ? k : (double)k * (k - 1);
        sum += weight / l->n * x[i] * x[i];
        gradient[i] += 2 * weight / l->n * x[i];
    }
    return sum;
}

double calibration_loss(void *loss, const double *x, double *gradient)
{
    const CalibrationLoss *l = loss;
    const int k = l->n_classes, n = n_slopes(l->method, k);
    double sum = 0;
    memset(gradient, 0, (size_t)(n + k) * sizeof *gradient);
    for (int i = 0; i < l->n; i++) {
        const double *z = l->z + (size_t)i * (size_t)k;
        map_row(l, x, z, l->row);
        const double w = l->weight ? l->weight[i] : 1;
        sum += w * residual(k, l->labels[i], l->row);
        for (int c = 0; c < k; c++) {
            const double r = w * l->row[c] / l->n;
            gradient[n + c] += r;
            if (l->method == CALIBRATION_BIAS) gradient[0] += r * z[c];
            else if (l->method == CALIBRATION_VECTOR) gradient[c] += r * z[c];
            else for (int j = 0; j < k; j++) gradient[c * k + j] += r * z[j];
        }
    }
    return sum / l->n + penalty(l, x, gradient);
}

static bool minimize(CalibrationLoss *loss, double low_slope, double high_slope, double *x, Arena *arena,
                     Error *err)
{
    enum { MOST_STEPS = 300 };
    const int slopes = n_slopes(loss->method, loss->n_classes), n = slopes + loss->n_classes;
    double *low = ARENA_NEW(arena, double, n), *high = ARENA_NEW(arena, double, n);
    double *work = ARENA_NEW(arena, double, lbfgs_work((size_t)n));
    if (!low || !high || !work) return error_memory(err);
    for (int i = 0; i < n; i++) {
        low[i] = i < slopes ? low_slope : -30;
        high[i] = i < slopes ? high_slope : 30;
    }
    const Lbfgs problem = {.n = n, .low = low, .high = high, .function = calibration_loss, .context = loss,
                           .max_iterations = MOST_STEPS, .gradient_tolerance = 1e-8, .value_tolerance = 1e-13,
                           .work = work};
    lbfgs_minimize(&problem, x);
    return true;
}

/* ---- slopes and intercepts ------------------------------------------------------------------- */

/* factor (log p - log w) */
static bool logs_of(const KnownRows *rows, const double *weight, double factor, Arena *arena, double **out,
                    Error *err)
{
    const size_t k = (size_t)rows->n_classes, cells = (size_t)rows->n * k;
    double *z = ARENA_NEW(arena, double, cells);
    if (!z) return error_memory(err);
    for (size_t i = 0; i < cells; i++)
        z[i] = factor * (log(fmax(rows->proba[i], 1e-12)) - (weight ? log(weight[i % k]) : 0));
    *out = z;
    return true;
}

/* x = (a, b). */
static bool fit_bias(const KnownRows *rows, const double *weight, double most_temperature, Arena *arena,
                     double *x, Error *err)
{
    CalibrationLoss loss = {rows->n, rows->n_classes, CALIBRATION_BIAS, NULL, rows->labels,
                            ARENA_NEW(arena, double, rows->n_classes), rows->weight};
    double *z;
    if (!loss.row) return error_memory(err);
    if (!logs_of(rows, weight, 1, arena, &z, err)) return false;
    loss.z = z;
    x[0] = 1;
    for (int c = 0; c < rows->n_classes; c++) x[1 + c] = 0;
    return minimize(&loss, 1 / most_temperature, 1 / COOLING_LEAST, x, arena, err);
}

/* v or V on top of a and b, as scales of z. */
static bool fit_scales(const KnownRows *rows, const double *weight, CalibrationMethod method,
                       const double *start, Arena *arena, double *scale, double *bias, Error *err)
{
    const int k = rows->n_classes, n = n_slopes(method, k);
    CalibrationLoss loss = {rows->n, k, method, NULL, rows->labels, ARENA_NEW(arena, double, k), rows->weight};
    double *z, *x = ARENA_NEW(arena, double, (size_t)n + (size_t)k);
    if (!loss.row || !x) return error_memory(err);
    if (!logs_of(rows, weight, start[0], arena, &z, err)) return false;
    loss.z = z;
    for (int i = 0; i < n; i++) x[i] = 0;
    for (int c = 0; c < k; c++) x[n + c] = start[1 + c];
    if (!minimize(&loss, -10, 10, x, arena, err)) return false;
    for (int i = 0; i < n; i++) {
        bool own = method == CALIBRATION_VECTOR || i / k == i % k;
        scale[i] = start[0] * (own + x[i]);
    }
    memcpy(bias, x + n, (size_t)k * sizeof *bias);
    return true;
}

/* ---- isotonic -------------------------------------------------------------------------------- */

typedef struct {
    double n, p, y; /* rows, sums */
} Group;

typedef struct {
    float p;
    bool is;
    double weight;
} Scored;

static int by_p(const void *a, const void *b)
{
    float x = ((const Scored *)a)->p, y = ((const Scored *)b)->p;
    return x < y ? -1 : x > y;
}

/* Knots of class c; returns how many. Equal p stay in one group. */
static int fit_knots(const KnownRows *rows, const float *proba, int c, Scored *row, double *at, double *to)
{
    enum { MOST_GROUPS = 15, LEAST_ROWS = 50 };
    Group group[MOST_GROUPS + 1];
    const int n = rows->n;
    int wanted = n / LEAST_ROWS < MOST_GROUPS ? n / LEAST_ROWS : MOST_GROUPS, n_groups = 0, n_knots = 0;
    for (int i = 0; i < n; i++)
        row[i] = (Scored){proba[(size_t)i * (size_t)rows->n_classes + (size_t)c], rows->labels[i] == c,
                          rows->weight ? rows->weight[i] : 1};
    qsort(row, (size_t)n, sizeof *row, by_p);
    for (int g = 0, i = 0; g < wanted; g++) {
        int end = (int)((int64_t)n * (g + 1) / wanted);
        Group next = {0};
        for (; i < n && (i < end || (i > 0 && row[i].p == row[i - 1].p)); i++) {
            next.n += row[i].weight;
            next.p += row[i].weight * row[i].p;
            next.y += row[i].weight * row[i].is;
        }
        if (next.n == 0) continue;
        while (n_groups > 0 && next.y / next.n <= group[n_groups - 1].y / group[n_groups - 1].n) {
            const Group last = group[--n_groups];
            next = (Group){next.n + last.n, next.p + last.p, next.y + last.y};
        }
        group[n_groups++] = next;
    }
    at[n_knots] = to[n_knots] = 0;
    n_knots++;
    for (int g = 0; g < n_groups; g++) { /* shares of 0 and 1 are of too few rows to be believed */
        double p = group[g].p / group[g].n, share = (group[g].y + 0.5) / (group[g].n + 1);
        if (!(p > at[n_knots - 1]) || !(p < 1) || !(share > to[n_knots - 1])) continue;
        at[n_knots] = p;
        to[n_knots] = share;
        n_knots++;
    }
    at[n_knots] = to[n_knots] = 1;
    return n_knots + 1;
}

static bool fit_isotonic(const KnownRows *rows, Calibration *out, Arena *arena, Error *err)
{
    const size_t k = (size_t)rows->n_classes, cells = (size_t)rows->n * k;
    int *n_knots = ARENA_NEW(arena, int, k), used = 0;
    double *at = ARENA_NEW(arena, double, k * CALIBRATION_KNOTS_MOST);
    double *to = ARENA_NEW(arena, double, k * CALIBRATION_KNOTS_MOST);
    Scored *row = ARENA_NEW(arena, Scored, rows->n);
    float *proba = ARENA_NEW(arena, float, cells);
    if (!n_knots || !at || !to || !row || !proba) return error_memory(err);
    memcpy(proba, rows->proba, cells * sizeof *proba);
    for (int i = 0; i < rows->n; i++) calibration_apply(out, rows->n_classes, proba + (size_t)i * k);
    for (int c = 0; c < rows->n_classes; c++)
        used += n_knots[c] = fit_knots(rows, proba, c, row, at + used, to + used);
    out->n_knots = n_knots;
    out->at = at;
    out->to = to;
    return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool is_known(const KnownRows *rows, int i)
{
    return rows->labels[i] >= 0 && (!rows->weight || rows->weight[i] > 0);
}

bool calibration_known(const KnownRows *rows, Arena *arena, KnownRows *out, Error *err)
{
    const size_t k = (size_t)rows->n_classes;
    int n_known = 0;
    double sum = 0;
    for (int i = 0; i < rows->n; i++) {
        n_known += is_known(rows, i);
        if (rows->weight && is_known(rows, i)) sum += rows->weight[i];
    }
    if (n_known == rows->n && !rows->weight) { /* as they are */
        *out = *rows;
        return true;
    }
    float *proba = ARENA_NEW(arena, float, (size_t)rows->n * k);
    int32_t *labels = ARENA_NEW(arena, int32_t, rows->n);
    double *weight = ARENA_NEW(arena, double, rows->weight ? rows->n : 0);
    if (!proba || !labels || !weight) return error_memory(err);
    *out = (KnownRows){0, rows->n_classes, proba, labels, rows->weight ? weight : NULL};
    for (int i = 0; i < rows->n; i++) {
        if (!is_known(rows, i)) continue;
        if (rows->weight) weight[out->n] = rows->weight[i] * n_known / sum;
        memcpy(proba + (size_t)out->n * k, rows->proba + (size_t)i * k, k * sizeof *proba);
        labels[out->n++] = rows->labels[i];
    }
    return true;
}

/* Of z = log p - log w: of log p it has another bias. */
static void undo_weights(const double *weight, int k, const Calibration *map, double *bias)
{
    for (int c = 0; c < k; c++) {
        if (map->n_scale == 1) bias[c] -= map->scale[0] * log(weight[c]);
        else if (map->n_scale == k) bias[c] -= map->scale[c] * log(weight[c]);
        else for (int j = 0; j < k; j++) bias[c] -= map->scale[c * k + j] * log(weight[j]);
    }
}

bool calibration_fit(const KnownRows *rows, const double *weight, CalibrationMethod method,
                     double most_temperature, Arena *arena, Calibration **out, Error *err)
{
    const int k = rows->n_classes;
    const bool scales = method == CALIBRATION_VECTOR || method == CALIBRATION_MATRIX;
    KnownRows known;
    Calibration *calibration = ARENA_NEW(arena, Calibration, 1);
    double *start = ARENA_NEW(arena, double, 1 + (size_t)k), *bias = ARENA_NEW(arena, double, k);
    const int n = n_slopes(scales ? method : CALIBRATION_BIAS, k);
    double *scale = ARENA_NEW(arena, double, n);
    if (!calibration || !start || !bias || !scale) return error_memory(err);
    if (!calibration_known(rows, arena, &known, err)) return false;
    *calibration = (Calibration){.n_scale = known.n > 0 ? n : 1, .scale = scale, .bias = bias};
    start[0] = 1;
    for (int c = 0; c < k; c++) start[1 + c] = 0;
    if (known.n > 0 && !fit_bias(&known, weight, most_temperature, arena, start, err)) return false;
    scale[0] = start[0];
    memcpy(bias, start + 1, (size_t)k * sizeof *bias);
    if (scales && known.n > 0 && !fit_scales(&known, weight, method, start, arena, scale, bias, err))
        return false;
    if (weight) undo_weights(weight, k, calibration, bias);
    if (method == CALIBRATION_ISOTONIC && !fit_isotonic(&known, calibration, arena, err)) return false;
    *out = calibration;
    return true;
}
