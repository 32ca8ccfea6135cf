/* Ridge regression from moments of the rows, by Cholesky. */
#include "engine/linear.h"

#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "engine/mlp_forward.h"

/* Room for a block of rows that do not stand in memory as floats. */
static float *block_of(int n_features, Arena *arena)
{
    return ARENA_NEW(arena, float, (size_t)MLP_BLOCK * (size_t)mlp_pad(n_features));
}

static bool known(const double *y, int n_targets)
{
    for (int t = 0; t < n_targets; t++)
        if (!isfinite(y[t])) return false;
    return true;
}

static void add_row(LinearMoments *m, const float *x, const double *y, double weight)
{
    const int d = m->n_features, k = m->n_targets;
    m->n += weight;
    for (int t = 0; t < k; t++) m->y[t] += weight * y[t];
    for (int j = 0; j < d; j++) {
        const double a = weight * (double)x[j];
        double *row = m->xx + (size_t)j * (size_t)d;
        if (a == 0) continue;
        m->x[j] += a;
        for (int i = 0; i <= j; i++) row[i] += a * (double)x[i];
        for (int t = 0; t < k; t++) m->xy[(size_t)t * (size_t)d + (size_t)j] += a * y[t];
    }
}

static void divide(LinearMoments *m)
{
    const int d = m->n_features, k = m->n_targets;
    if (!(m->n > 0)) return;
    for (int t = 0; t < k; t++) m->y[t] /= m->n;
    for (int j = 0; j < d; j++) m->x[j] /= m->n;
    for (int j = 0; j < d; j++) {
        double *row = m->xx + (size_t)j * (size_t)d;
        for (int i = 0; i <= j; i++) row[i] = row[i] / m->n - m->x[i] * m->x[j];
    }
    for (int t = 0; t < k; t++) {
        double *to = m->xy + (size_t)t * (size_t)d;
        for (int j = 0; j < d; j++) to[j] = to[j] / m->n - m->x[j] * m->y[t];
    }
}

bool linear_moments(const Rows *rows, Arena *arena, LinearMoments *out, Error *err)
{
    const size_t d = (size_t)rows->n_features, k = (size_t)rows->task->n_targets;
    LinearMoments m = {.n_features = rows->n_features, .n_targets = rows->task->n_targets,
                       .x = ARENA_NEW(arena, double, d), .y = ARENA_NEW(arena, double, k),
                       .xx = arena_alloc(arena, d, d * sizeof(double)), .xy = ARENA_NEW(arena, double, d * k),
                       .work = arena_alloc(arena, d, d * sizeof(double))};
    float *block = block_of(rows->n_features, arena);
    double *centre = ARENA_NEW(arena, double, k), *y = ARENA_NEW(arena, double, k);
    if (!m.x || !m.y || !m.xx || !m.xy || !m.work || !block || !centre || !y) return error_memory(err);
    int first = 0; /* y less that of some row: products of a year with itself would leave few digits */
    while (first < rows->n_rows && !known(rows->targets + (size_t)first * k, (int)k)) first++;
    if (first < rows->n_rows) memcpy(centre, rows->targets + (size_t)first * k, k * sizeof *centre);
    for (int from = 0; from < rows->n_rows; from += MLP_BLOCK) {
        int n = rows->n_rows - from < MLP_BLOCK ? rows->n_rows - from : MLP_BLOCK, ld;
        const float *x = mlp_rows(rows, from, n, block, &ld);
        for (int i = 0; i < n; i++) {
            const double *truth = rows->targets + (size_t)(from + i) * k;
            double weight = rows->weight ? (double)rows->weight[from + i] : 1;
            if (!(weight > 0) || !known(truth, (int)k)) continue;
            for (size_t t = 0; t < k; t++) y[t] = truth[t] - centre[t];
            add_row(&m, x + (size_t)i * (size_t)ld, y, weight);
        }
    }
    divide(&m);
    for (size_t t = 0; t < k; t++) m.y[t] += centre[t];
    *out = m;
    return true;
}

bool linear_create(int n_features, int n_targets, Arena *arena, Linear *out, Error *err)
{
    *out = (Linear){.n_features = n_features, .n_targets = n_targets,
                    .w = arena_alloc(arena, (size_t)n_features + 1, (size_t)n_targets * sizeof(double))};
    return out->w || error_memory(err);
}

bool linear_solve(LinearMoments *m, double l2, Linear *model)
{
    const int d = m->n_features;
    memcpy(m->work, m->xx, (size_t)d * (size_t)d * sizeof *m->work);
    for (int j = 0; j < d; j++) {
        double *row = m->work + (size_t)j * (size_t)d;
        row[j] += l2;
        for (int i = 0; i < j; i++) m->work[(size_t)i * (size_t)d + (size_t)j] = row[i];
    }
    if (d > 0 && !mat_cholesky(d, m->work, d)) return false;
    for (int t = 0; t < m->n_targets; t++) {
        double *w = model->w + (size_t)t * (size_t)(d + 1);
        memcpy(w, m->xy + (size_t)t * (size_t)d, (size_t)d * sizeof *w);
        mat_solve_lower(d, m->work, d, w, false);
        mat_solve_lower(d, m->work, d, w, true);
        w[d] = m->y[t];
        for (int j = 0; j < d; j++) w[d] -= w[j] * m->x[j];
    }
    return true;
}

bool linear_predict(const Linear *model, const Rows *rows, double *y, Error *err)
{
    const int d = model->n_features, k = model->n_targets;
    Arena *arena = arena_create(0);
    float *block = arena ? block_of(d, arena) : NULL;
    if (!block) {
        arena_destroy(arena);
        return error_memory(err);
    }
    for (int from = 0; from < rows->n_rows; from += MLP_BLOCK) {
        int n = rows->n_rows - from < MLP_BLOCK ? rows->n_rows - from : MLP_BLOCK, ld;
        const float *x = mlp_rows(rows, from, n, block, &ld);
        for (int i = 0; i < n; i++)
            for (int t = 0; t < k; t++) {
                const double *w = model->w + (size_t)t * (size_t)(d + 1);
                double sum = w[d];
                for (int j = 0; j < d; j++) sum += w[j] * (double)x[(size_t)i * (size_t)ld + (size_t)j];
                y[(size_t)(from + i) * (size_t)k + (size_t)t] = sum;
            }
    }
    arena_destroy(arena);
    return true;
}
