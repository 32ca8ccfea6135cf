/* job/baseline_numbers.c - fits the mean, the median and linear regression to a split that predicts numbers. */
#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "data/order.h"
#include "engine/linear.h"
#include "job/baseline_numbers.h"

/* ---- one number for every row -------------------------------------------------------------------- */

/* What the training rows of a fold know of a target. */
typedef struct {
    int n;
    double *y, *weight; /* (n) */
    Keyed *keys, *other;
} Sample;

static bool sample_create(int most, Arena *arena, Sample *out, Error *err)
{
    *out = (Sample){.y = ARENA_NEW(arena, double, most), .weight = ARENA_NEW(arena, double, most),
                    .keys = ARENA_NEW(arena, Keyed, most), .other = ARENA_NEW(arena, Keyed, most)};
    return (out->y && out->weight && out->keys && out->other) || error_memory(err);
}

static void sample_add(Sample *s, double y, double weight)
{
    if (!isfinite(y) || !(weight > 0)) return;
    s->y[s->n] = y;
    s->weight[s->n++] = weight;
}

static double sample_mean(const Sample *s)
{
    double sum = 0, n = 0;
    for (int i = 0; i < s->n; i++) sum += s->weight[i] * (s->y[i] - s->y[0]), n += s->weight[i];
    return s->n > 0 ? s->y[0] + sum / n : NAN;
}

/* The least of the values that the share q of the weight does not exceed; half-way to the next where it is met
 * exactly, so that of an even number of rows the median is the mean of the two in the middle. */
static double sample_quantile(Sample *s, double q)
{
    double total = 0, sum = 0;
    if (s->n == 0) return NAN;
    for (int i = 0; i < s->n; i++) {
        s->keys[i] = (Keyed){order_key(s->y[i]), i};
        total += s->weight[i];
    }
    const Keyed *order = order_keyed(s->keys, s->other, s->n);
    for (int i = 0; i < s->n; i++) {
        double value = s->y[order[i].label];
        sum += s->weight[order[i].label];
        if (fabs(sum - q * total) <= 1e-12 * total && i + 1 < s->n)
            return (value + s->y[order[i + 1].label]) / 2;
        if (sum >= q * total) return value;
    }
    return s->y[order[s->n - 1].label];
}

static double weight_of(const Table *table, int row)
{
    return table->weight ? table->weight[row] : 1;
}

/* The values that are said of each row of a fold, of target t. */
static void constants(const Task *task, int t, bool median, Sample *s, float *out)
{
    const int stride = task_stride(task);
    for (int q = 0; q < stride; q++) {
        double y = !median ? sample_mean(s) : sample_quantile(s, task->n_quantiles ? task->quantiles[q] : .5);
        out[t * stride + q] = (float)task_value(task, t, isfinite(y) ? y : task->targets[t].shift);
    }
}

static bool fit_constant(const BaselineInput *in, bool median, Arena *arena, Baseline *out, Error *err)
{
    const Table *table = in->data->train, *test = in->data->test;
    const Split *split = in->data->split;
    const Task *task = &table->task;
    const int values = table_values(table);
    int *place;
    Sample sample;
    float *said = ARENA_NEW(arena, float, values);
    if (!said) return error_memory(err);
    if (!baseline_rows(in, &place, arena, out, err) || !sample_create(table->n_rows, arena, &sample, err))
        return false;
    float *valid = (float *)out->valid.proba;
    for (int f = 0; f < split->n_folds; f++) {
        for (int t = 0; t < task->n_targets; t++) {
            sample.n = 0;
            for (int i = 0; i < split->n_train[f]; i++) {
                int row = split->train[f][i];
                sample_add(&sample, table->targets[(size_t)row * (size_t)task->n_targets + (size_t)t],
                           weight_of(table, row));
            }
            constants(task, t, median, &sample, said);
        }
        for (int i = 0; i < split->n_valid[f]; i++)
            for (int v = 0; v < values; v++)
                valid[(size_t)place[split->valid[f][i]] * (size_t)values + (size_t)v]
                    += said[v] / (float)split->n_times;
        for (int i = 0; test && i < test->n_rows; i++)
            for (int v = 0; v < values; v++)
                out->test[(size_t)i * (size_t)values + (size_t)v] += said[v] / (float)split->n_folds;
    }
    return true;
}

bool baseline_mean(const BaselineInput *in, Arena *arena, Baseline *out, Error *err)
{
    return fit_constant(in, false, arena, out, err);
}

bool baseline_median(const BaselineInput *in, Arena *arena, Baseline *out, Error *err)
{
    return fit_constant(in, true, arena, out, err);
}

/* ---- linear regression ----------------------------------------------------------------------------- */

/* Products of all folds together, some seconds of one core, beyond which it is left out. */
static const double most_products = 2e10;
enum { MOST_FEATURES = 3000 };

typedef struct {
    const BaselineInput *in;
    const Task *task;
    int *place;
    Arena *arena;
    float *valid[N_PENALTIES], *test[N_PENALTIES]; /* (N, V) */
    bool failed[N_PENALTIES];
} Fit;

/* What a model misses of its training rows, at each quantile: added to what it says. */
static bool spread_of(const Linear *model, const Rows *train, const Task *task, Arena *arena, double *offset,
                      Error *err)
{
    const size_t k = (size_t)task->n_targets, q = (size_t)task->n_quantiles;
    Sample sample;
    double *said = ARENA_NEW(arena, double, (size_t)train->n_rows * k);
    memset(offset, 0, k * (q ? q : 1) * sizeof *offset);
    if (q == 0) return true;
    if (!said) return error_memory(err);
    if (!sample_create(train->n_rows, arena, &sample, err) || !linear_predict(model, train, said, err))
        return false;
    for (size_t t = 0; t < k; t++) {
        sample.n = 0;
        for (int i = 0; i < train->n_rows; i++) {
            size_t at = (size_t)i * k + t;
            sample_add(&sample, train->targets[at] - said[at], train->weight ? (double)train->weight[i] : 1);
        }
        for (size_t m = 0; m < q && sample.n; m++)
            offset[t * q + m] = sample_quantile(&sample, task->quantiles[m]);
    }
    return true;
}

/* Adds a share of what it says of the rows, `place` (NULL: as they come), to `out`. */
static bool say(const Linear *model, const Rows *rows, const Fit *f, const int32_t *row, const double *offset,
                float share, float *out, Error *err)
{
    const Task *task = f->task;
    const int stride = task_stride(task), values = task->n_targets * stride;
    if (rows->n_rows == 0) return true;
    double *y = arena_alloc(f->arena, (size_t)rows->n_rows, (size_t)task->n_targets * sizeof *y);
    if (!y) return error_memory(err);
    if (!linear_predict(model, rows, y, err)) return false;
    for (int i = 0; i < rows->n_rows; i++)
        for (int v = 0; v < values; v++) {
            int t = v / stride;
            size_t to = (size_t)(row ? f->place[row[i]] : i) * (size_t)values + (size_t)v;
            double number = y[(size_t)i * (size_t)task->n_targets + (size_t)t] + offset[v];
            out[to] += share * (float)task_value(task, t, number);
        }
    return true;
}

static bool fit_fold(Fit *f, const PrepOptions *prep, int fold, Error *err)
{
    const Split *split = f->in->data->split;
    const float of_valid = 1 / (float)split->n_times, of_test = 1 / (float)split->n_folds;
    FoldRows rows;
    LinearMoments moments;
    Linear model;
    double *offset = ARENA_NEW(f->arena, double, table_values(f->in->data->train));
    if (!offset) return error_memory(err);
    if (!baseline_encode(f->in, prep, fold, f->arena, &rows, err)
        || !linear_moments(rows.train, f->arena, &moments, err)
        || !linear_create(moments.n_features, moments.n_targets, f->arena, &model, err))
        return false;
    for (int p = 0; p < N_PENALTIES; p++) {
        if (f->failed[p] || !(moments.n > 0) || !linear_solve(&moments, baseline_penalties[p], &model)) {
            f->failed[p] = true;
            continue;
        }
        if (!spread_of(&model, rows.train, f->task, f->arena, offset, err)
            || !say(&model, rows.valid, f, split->valid[fold], offset, of_valid, f->valid[p], err)
            || (rows.test && !say(&model, rows.test, f, NULL, offset, of_test, f->test[p], err)))
            return false;
    }
    return true;
}

/* Squared errors of the number that is said, each target in its own deviations. */
static double squares(const Baseline *b, const float *values, const Table *table)
{
    const Task *task = &table->task;
    const int stride = task_stride(task), point = task_point(task);
    double sum = 0;
    for (int i = 0; i < b->valid.n_rows; i++)
        for (int t = 0; t < task->n_targets; t++) {
            int row = b->valid.row[i];
            double y = table->targets[(size_t)row * (size_t)task->n_targets + (size_t)t];
            double said = (double)values[(size_t)i * (size_t)b->valid.n_classes + (size_t)(t * stride + point)];
            double miss = (y - task_number(task, t, said)) / task->targets[t].scale;
            if (isfinite(y)) sum += weight_of(table, row) * miss * miss;
        }
    return sum;
}

/* `label: features`: a line through the origin would do, and say nothing. */
static bool is_of_itself(const Table *table)
{
    for (int t = 0; t < table->task.n_targets; t++)
        for (int c = 0; c < table->n_columns; c++)
            if (strcmp(table->columns[c].name, table->task.targets[t].name) == 0) return true;
    return false;
}

bool baseline_linear(const BaselineInput *in, const PrepOptions *prep, Arena *arena, Baseline *out, Error *err)
{
    const Table *table = in->data->train, *test = in->data->test;
    const Split *split = in->data->split;
    const size_t values = (size_t)table_values(table);
    Fit fit = {.in = in, .task = &table->task};
    int d, best = -1;
    double least = INFINITY;
    if (is_of_itself(table)) {
        out->note = "left out: what is to be predicted is among what it is predicted from";
        return true;
    }
    if (!mat_init(err)) return false;
    if (!baseline_features(in, prep, 1, MOST_FEATURES, arena, &d, out, err)) return false;
    if (out->note) return true;
    if ((double)table->n_rows * split->n_folds * d * d / 2 > most_products) {
        out->note = arena_print(arena, "left out: %d rows of %d features are more than it is meant for",
                                table->n_rows, d);
        return out->note || error_memory(err);
    }
    if (!baseline_rows(in, &fit.place, arena, out, err)) return false;
    for (int p = 0; p < N_PENALTIES; p++) {
        fit.valid[p] = arena_alloc(arena, (size_t)out->valid.n_rows, values * sizeof(float));
        fit.test[p] = arena_alloc(arena, (size_t)(test ? test->n_rows : 0), values * sizeof(float));
        if (!fit.valid[p] || !fit.test[p]) return error_memory(err);
    }
    for (int fold = 0; fold < split->n_folds; fold++) {
        fit.arena = arena_create(0);
        bool ok = fit.arena ? fit_fold(&fit, prep, fold, err) : error_memory(err);
        arena_destroy(fit.arena);
        if (!ok) return false;
    }
    for (int p = 0; p < N_PENALTIES; p++) {
        double sum = fit.failed[p] ? INFINITY : squares(out, fit.valid[p], table);
        if (sum < least) least = sum, best = p;
    }
    if (best < 0) { /* no row has all targets, or numbers beyond a double's digits */
        *out = (Baseline){.l2 = NAN, .note = "left out: its equations have no solution"};
        return true;
    }
    out->valid.proba = fit.valid[best];
    if (test) out->test = fit.test[best];
    out->l2 = baseline_penalties[best];
    out->n_params = ((int64_t)d + 1) * table->task.n_targets;
    return true;
}
