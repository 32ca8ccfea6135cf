/* Logistic regression fitted by L-BFGS, its products a block of rows at a time. */
#include "engine/logistic.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "engine/gemm.h"
#include "engine/loss.h"
#include "engine/mlp_forward.h"

enum { PAIRS = 10 };

/* What a pass over the rows works in. P = (D + 1) K. */
typedef struct {
    const Rows *rows;
    int d, k, ld;            /* ld: K padded for the products */
    double n;                /* rows with a label; or what they weigh */
    double l2;
    float *w, *dw;           /* (D, ld) */
    float *z;                /* (MLP_BLOCK, ld) logits, then their derivatives */
    float *block;            /* rows that do not stand in memory as floats */
    double *p;               /* (K) of one row */
} Passes;

static bool passes_create(const Rows *rows, int n_features, int n_classes, Arena *arena, Passes *out)
{
    int ld = (n_classes + 15) / 16 * 16;
    *out = (Passes){.rows = rows, .d = n_features, .k = n_classes, .ld = ld};
    size_t cells = (size_t)n_features * (size_t)ld;
    out->w = ARENA_NEW(arena, float, cells);
    out->dw = ARENA_NEW(arena, float, cells);
    out->z = ARENA_NEW(arena, float, (size_t)MLP_BLOCK * (size_t)ld);
    out->block = ARENA_NEW(arena, float, (size_t)MLP_BLOCK * (size_t)mlp_pad(n_features));
    out->p = ARENA_NEW(arena, double, n_classes);
    for (int i = 0; rows->labels && i < rows->n_rows; i++)
        if (rows->labels[i] >= 0) out->n += rows->weight ? (double)rows->weight[i] : 1;
    return out->w && out->dw && out->z && out->block && out->p;
}

static void set_weights(Passes *f, const double *w)
{
    for (int j = 0; j < f->d; j++)
        for (int c = 0; c < f->k; c++) f->w[(size_t)j * (size_t)f->ld + (size_t)c] = (float)w[j * f->k + c];
}

/* Logits of the block that begins with row `from`; returns its rows. */
static const float *forward(Passes *f, int from, int n, int *ld_x)
{
    const float *x = mlp_rows(f->rows, from, n, f->block, ld_x);
    gemm_forward(n, f->d, f->ld, x, *ld_x, f->w, f->ld, f->z, f->ld);
    return x;
}

/* Probabilities of a row into f->p; returns -log of that of `label` (0 for -1). */
static double softmax(Passes *f, const float *z, const double *bias, int label)
{
    double most = -INFINITY, sum = 0;
    for (int c = 0; c < f->k; c++) {
        f->p[c] = (double)z[c] + bias[c];
        most = fmax(most, f->p[c]);
    }
    double at_label = label < 0 ? 0 : f->p[label] - most;
    for (int c = 0; c < f->k; c++) sum += f->p[c] = exp(f->p[c] - most);
    for (int c = 0; c < f->k; c++) f->p[c] /= sum;
    return label < 0 ? 0 : log(sum) - at_label;
}

/* ---- two classes: one vector, the difference of their weights, says all ---- */

/* Sixteen sums side by side, so that every machine adds in one order. */
VEC_CLONES static float product(int d, const float *restrict x, const float *restrict w)
{
    float lane[16] = {0}, sum = 0;
    int j = 0;
    for (; j + 16 <= d; j += 16) {
#pragma omp simd
        for (int l = 0; l < 16; l++) lane[l] += x[j + l] * w[j + l];
    }
    for (int l = 0; j < d; j++, l++) lane[l] += x[j] * w[j];
    for (int l = 0; l < 16; l++) sum += lane[l];
    return sum;
}

VEC_CLONES static void add_times(int d, float by, const float *restrict x, float *restrict sum)
{
#pragma omp simd
    for (int j = 0; j < d; j++) sum[j] += by * x[j];
}

/* -log of the probability of `label` is log *of + what is returned; and p - 1 or p - 0 of class 1. */
static double odds(double z, int label, double *of, double *miss)
{
    const double e = exp(-fabs(z)), p = z > 0 ? 1 / (1 + e) : e / (1 + e);
    *miss = p - label;
    *of = 1 + e;
    return fmax(0, label ? -z : z);
}

/* pass() without the penalty. */
static double pass_of_two(Passes *f, const double *w, double *g)
{
    const int d = f->d;
    double loss = 0;
    for (int j = 0; j < d; j++) f->w[j] = (float)(w[2 * j + 1] - w[2 * j]);
    for (int from = 0; from < f->rows->n_rows; from += MLP_BLOCK) {
        int n = f->rows->n_rows - from < MLP_BLOCK ? f->rows->n_rows - from : MLP_BLOCK, ld_x;
        const float *x = mlp_rows(f->rows, from, n, f->block, &ld_x);
        double factors = 1; /* one logarithm for many rows */
        memset(f->dw, 0, (size_t)d * sizeof *f->dw);
        for (int i = 0; i < n; i++, x += ld_x) {
            const int label = f->rows->labels[from + i];
            const double weight = f->rows->weight ? (double)f->rows->weight[from + i] : 1;
            double miss, of;
            if (label < 0) continue;
            loss += weight * odds((double)product(d, x, f->w) + w[2 * d + 1] - w[2 * d], label, &of, &miss);
            if (f->rows->weight) loss += weight * log(of);
            else factors *= of; /* at most 2 each, of MLP_BLOCK rows */
            g[2 * d + 1] += weight * miss / f->n;
            add_times(d, (float)(weight * miss), x, f->dw);
        }
        loss += log(factors);
        for (int j = 0; j < d; j++) g[2 * j + 1] += (double)f->dw[j] / f->n;
    }
    for (int j = 0; j <= d; j++) g[2 * j] = -g[2 * j + 1];
    return loss;
}

/* Logits of a block become derivatives by them; returns the block's loss, adds to those by the bias. */
static double residuals(Passes *f, int from, int n, const double *bias, double *g)
{
    const float *weights = f->rows->weight ? f->rows->weight + from : NULL;
    const Loss loss = {.n_classes = f->k, .row_weight = weights};
    double sum = 0, total = 0;
    for (int i = 0; i < n; i++)
        for (int c = 0; c < f->k; c++) f->z[(size_t)i * (size_t)f->ld + (size_t)c] += (float)bias[c];
    loss_rows(&loss, n, f->ld, f->z, f->rows->labels + from, &sum, &total);
    for (int i = 0; i < n; i++) {
        float *z = f->z + (size_t)i * (size_t)f->ld;
        const int label = f->rows->labels[from + i];
        if (label < 0) memset(z, 0, (size_t)f->k * sizeof *z);
        else z[label] -= 1;
        for (int c = 0; c < f->k; c++) {
            if (weights) z[c] *= weights[i];
            g[c] += (double)z[c] / f->n;
        }
    }
    return sum;
}

/* J and its derivatives. */
static double pass(Passes *f, const double *w, double *g)
{
    const int d = f->d, k = f->k;
    double loss = 0, penalty = 0;
    memset(g, 0, ((size_t)d + 1) * (size_t)k * sizeof *g);
    if (k == 2) loss = pass_of_two(f, w, g);
    else set_weights(f, w);
    for (int from = 0; k != 2 && from < f->rows->n_rows; from += MLP_BLOCK) {
        int n = f->rows->n_rows - from < MLP_BLOCK ? f->rows->n_rows - from : MLP_BLOCK, ld_x;
        const float *x = forward(f, from, n, &ld_x);
        loss += residuals(f, from, n, w + (size_t)d * (size_t)k, g + (size_t)d * (size_t)k);
        gemm_weight_grad(n, d, f->ld, x, ld_x, f->z, f->ld, f->dw, f->ld);
        for (int j = 0; j < d; j++)
            for (int c = 0; c < k; c++)
                g[j * k + c] += (double)f->dw[(size_t)j * (size_t)f->ld + (size_t)c] / f->n;
    }
    for (int i = 0; i < d * k; i++) {
        penalty += w[i] * w[i];
        g[i] += f->l2 * w[i];
    }
    return loss / f->n + f->l2 / 2 * penalty;
}

static double dot(int n, const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static double largest(int n, const double *g)
{
    double most = 0;
    for (int i = 0; i < n; i++) most = fmax(most, fabs(g[i]));
    return most;
}

/* The last pairs of steps s and changes y of the derivative, as a ring. */
typedef struct {
    int n, used, next;
    double *s, *y; /* (PAIRS, n) */
    double rho[PAIRS], alpha[PAIRS];
} Memory;

/* -H g into `step`, H the approximated inverse of the second derivative: the two loops of L-BFGS. */
static void descend(Memory *m, const double *g, double *step)
{
    for (int i = 0; i < m->n; i++) step[i] = -g[i];
    for (int a = 1; a <= m->used; a++) {
        int at = (m->next - a + PAIRS) % PAIRS;
        const double *s = m->s + (size_t)at * (size_t)m->n, *y = m->y + (size_t)at * (size_t)m->n;
        m->alpha[at] = m->rho[at] * dot(m->n, s, step);
        for (int i = 0; i < m->n; i++) step[i] -= m->alpha[at] * y[i];
    }
    if (m->used) {
        int last = (m->next - 1 + PAIRS) % PAIRS;
        const double *y = m->y + (size_t)last * (size_t)m->n;
        double scale = 1 / (m->rho[last] * dot(m->n, y, y));
        for (int i = 0; i < m->n; i++) step[i] *= scale;
    }
    for (int a = m->used; a >= 1; a--) {
        int at = (m->next - a + PAIRS) % PAIRS;
        const double *s = m->s + (size_t)at * (size_t)m->n, *y = m->y + (size_t)at * (size_t)m->n;
        double beta = m->rho[at] * dot(m->n, y, step);
        for (int i = 0; i < m->n; i++) step[i] += (m->alpha[at] - beta) * s[i];
    }
}

/* Keeps what the step from (w, g) to (w_new, g_new) taught. */
static void remember(Memory *m, const double *w, const double *g, const double *w_new, const double *g_new)
{
    double *s = m->s + (size_t)m->next * (size_t)m->n, *y = m->y + (size_t)m->next * (size_t)m->n;
    for (int i = 0; i < m->n; i++) {
        s[i] = w_new[i] - w[i];
        y[i] = g_new[i] - g[i];
    }
    double sy = dot(m->n, s, y);
    if (!(sy > 1e-14 * dot(m->n, y, y))) return; /* rounding: a convex function has none below 0 */
    m->rho[m->next] = 1 / sy;
    m->next = (m->next + 1) % PAIRS;
    if (m->used < PAIRS) m->used++;
}

bool logistic_create(int n_features, int n_classes, Arena *arena, Logistic *out, Error *err)
{
    *out = (Logistic){.n_features = n_features, .n_classes = n_classes,
                      .w = arena_alloc(arena, (size_t)n_features + 1, (size_t)n_classes * sizeof(double))};
    return out->w || error_memory(err);
}

/* Near the optimum the loss stands still to a float's digits, and the derivatives say more. */
static bool flatter(int n, const double *than, const double *g)
{
    return largest(n, g) < largest(n, than);
}

static void minimize(Passes *f, double tolerance, int most_passes, Memory *m, double *work, Logistic *model)
{
    const int n = m->n;
    double *g = work, *step = work + n, *w_new = work + 2 * (size_t)n, *g_new = work + 3 * (size_t)n;
    double *w = model->w, loss = pass(f, w, g);
    int passes = 1;
    while (largest(n, g) > tolerance && passes < most_passes) {
        descend(m, g, step);
        double slope = dot(n, g, step), size = m->used ? 1 : 1 / sqrt(dot(n, g, g)), next = INFINITY;
        bool taken = false;
        if (!(slope < 0)) break;
        for (int tries = 0; tries < 20 && passes < most_passes; tries++, size /= 2) {
            for (int i = 0; i < n; i++) w_new[i] = w[i] + size * step[i];
            next = pass(f, w_new, g_new);
            passes++;
            taken = next <= loss + 1e-4 * size * slope
                 || (fabs(next - loss) <= 1e-6 * loss && flatter(n, g, g_new));
            if (taken) break;
        }
        if (!taken) break;
        remember(m, w, g, w_new, g_new);
        memcpy(w, w_new, (size_t)n * sizeof *w);
        memcpy(g, g_new, (size_t)n * sizeof *g);
        loss = next;
    }
    model->loss = loss;
    model->slope = largest(n, g);
    model->converged = model->slope <= tolerance;
    model->n_passes = passes;
}

bool logistic_fit(const Rows *rows, double l2, double tolerance, int most_passes, Logistic *model, Error *err)
{
    const int n = (model->n_features + 1) * model->n_classes;
    Arena *arena = arena_create(0);
    Passes passes;
    Memory memory = {.n = n};
    bool ok = arena && passes_create(rows, model->n_features, model->n_classes, arena, &passes);
    memory.s = ok ? arena_alloc(arena, PAIRS, (size_t)n * sizeof(double)) : NULL;
    memory.y = ok ? arena_alloc(arena, PAIRS, (size_t)n * sizeof(double)) : NULL;
    double *work = ok ? arena_alloc(arena, 4, (size_t)n * sizeof *work) : NULL;
    ok = ok && memory.s && memory.y && work;
    if (ok) {
        passes.l2 = l2;
        if (passes.n > 0) minimize(&passes, tolerance, most_passes, &memory, work, model);
    }
    arena_destroy(arena);
    return ok || error_memory(err);
}

bool logistic_predict(const Logistic *model, const Rows *rows, float *proba, Error *err)
{
    Arena *arena = arena_create(0);
    Passes f;
    if (!arena || !passes_create(rows, model->n_features, model->n_classes, arena, &f)) {
        arena_destroy(arena);
        return error_memory(err);
    }
    set_weights(&f, model->w);
    for (int from = 0; from < rows->n_rows; from += MLP_BLOCK) {
        int n = rows->n_rows - from < MLP_BLOCK ? rows->n_rows - from : MLP_BLOCK, ld_x;
        forward(&f, from, n, &ld_x);
        for (int i = 0; i < n; i++) {
            softmax(&f, f.z + (size_t)i * (size_t)f.ld, model->w + (size_t)f.d * (size_t)f.k, -1);
            for (int c = 0; c < f.k; c++)
                proba[(size_t)(from + i) * (size_t)f.k + (size_t)c] = (float)f.p[c];
        }
    }
    arena_destroy(arena);
    return true;
}
