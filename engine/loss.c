/* Softmax and cross-entropy in one pass, with what hardens or softens them. */
#include "engine/loss.h"

#include <assert.h>
#include <stddef.h>

#include "engine/vec.h"

enum { BLOCK = 64 };

/* Subtracts each row's maximum and exponentiates. Below -87.3 vec_exp is exactly 0, so padding
 * columns are made very negative and come out as 0. */
VEC_CLONES static void exp_rows(int rows, int n_classes, int ld, const float *top, float *logits)
{
    for (int r = 0; r < rows; r++) {
        float *restrict z = logits + (size_t)r * ld;
        const float most = top[r];
        for (int j = 0; j < n_classes; j++) z[j] -= most;
        for (int j = n_classes; j < ld; j++) z[j] = -1000.0f;
    }
    for (size_t i = 0; i < (size_t)rows * ld; i++) logits[i] = vec_exp(logits[i]);
}

VEC_CLONES static void scale_row(int n, float scale, float *row)
{
    for (int j = 0; j < n; j++) row[j] *= scale;
}

static float row_max(int n, const float *z)
{
    float most = z[0];
    for (int j = 1; j < n; j++)
        if (z[j] > most) most = z[j];
    return most;
}

static double row_sum(int n, const float *e)
{
    double sum = 0;
    for (int j = 0; j < n; j++) sum += e[j];
    return sum;
}

/* What row r should be: its classes with their shares, and its weight. */
typedef struct {
    int label[2];
    double share[2]; /* without smoothing: they sum to 1 */
    double weight;
} Aim;

static Aim target_of(const Loss *loss, const int32_t *labels, int r)
{
    const float *weights = loss->class_weight;
    Aim t = {{labels[r], labels[r]}, {1, 0}, 1};
    if (loss->labels2) {
        t.label[1] = loss->labels2[r];
        t.share[0] = (double)loss->lambda;
        t.share[1] = 1 - t.share[0];
    }
    assert(t.label[0] >= 0 && t.label[0] < loss->n_classes);
    assert(t.label[1] >= 0 && t.label[1] < loss->n_classes);
    if (loss->row_weight) {
        double own = loss->row_weight[r], other = loss->labels2 ? (double)loss->row_weight2[r] : own;
        t.weight = t.share[0] * own * (weights ? (double)weights[t.label[0]] : 1)
                 + t.share[1] * other * (weights ? (double)weights[t.label[1]] : 1);
    } else if (weights) {
        t.weight = t.share[0] * (double)weights[t.label[0]] +
                   t.share[1] * (double)weights[t.label[1]];
    }
    return t;
}

/* What row r's classes should have, label smoothing left out; NULL: its labels say it. */
static const float *shares_of(const Loss *loss, int r)
{
    return loss->soft ? loss->soft + (size_t)r * (size_t)loss->n_classes : NULL;
}

/* sum_c y_c (z_c - top) of shares y. */
static double linear_of(int n, const float *shares, const float *row, float top)
{
    double sum = 0;
    for (int c = 0; c < n; c++)
        if (shares[c] > 0) sum += (double)shares[c] * ((double)row[c] - (double)top);
    return sum;
}

/* One row of probabilities p turned into the focal loss's gradient, times `part`; returns its loss. */
static double focal_row(const Loss *loss, const Aim *t, const float *shares, double part, float *p)
{
    const int n = loss->n_classes;
    const double gamma = (double)loss->focal_gamma, smooth = (double)loss->smoothing;
    double value = 0, sum = 0;
    for (int pass = 0; pass < 2; pass++) /* the sum of all a_c is needed before the first gradient */
        for (int c = 0; c < n; c++) {
            double y = smooth / n, prob = (double)p[c];
            if (shares) y += (1 - smooth) * (double)shares[c];
            for (int k = 0; k < 2 && !shares; k++)
                if (c == t->label[k]) y += (1 - smooth) * t->share[k];
            double rest = prob < 1 - 1e-12 ? 1 - prob : 1e-12;
            double log_p = log(prob > 1e-38 ? prob : 1e-38), power = pow(rest, gamma);
            double a = y * (gamma * prob * power / rest * log_p - power);
            if (pass == 0) {
                sum += a;
                value -= y * power * log_p;
            } else {
                p[c] = (float)(part * (a - prob * sum));
            }
        }
    return value;
}

double loss_gradient(const Loss *loss, int rows, int ld, float *logits, const int32_t *labels)
{
    const int n = loss->n_classes;
    const double smooth = (double)loss->smoothing;
    double total = 0;
    for (int from = 0; from < rows; from += BLOCK) {
        int block = rows - from < BLOCK ? rows - from : BLOCK;
        float *z = logits + (size_t)from * (size_t)ld, top[BLOCK];
        double linear[BLOCK]; /* sum_c y_c (z_c - max): the part of the loss that exp destroys */
        for (int r = 0; r < block; r++) {
            const float *row = z + (size_t)r * (size_t)ld;
            const float *shares = shares_of(loss, from + r);
            Aim t = target_of(loss, labels, from + r);
            top[r] = row_max(n, row);
            if (shares) linear[r] = (1 - smooth) * linear_of(n, shares, row, top[r]);
            else linear[r] = (1 - smooth) * ((double)row[t.label[0]] - (double)top[r]);
            if (t.share[1] > 0 && !shares)
                linear[r] = t.share[0] * linear[r] +
                            t.share[1] * (1 - smooth) * ((double)row[t.label[1]] - (double)top[r]);
            if (smooth > 0) linear[r] += smooth / n * (row_sum(n, row) - (double)n * (double)top[r]);
        }
        exp_rows(block, n, ld, top, z);
        for (int r = 0; r < block; r++) {
            float *row = z + (size_t)r * (size_t)ld;
            const float *shares = shares_of(loss, from + r);
            Aim t = target_of(loss, labels, from + r);
            double sum = row_sum(n, row);
            if (loss->focal_gamma > 0) {
                scale_row(ld, (float)(1 / sum), row);
                double value = focal_row(loss, &t, shares, t.weight / rows, row);
                total += t.weight * (isfinite(sum) ? value : (double)NAN);
                continue;
            }
            float part = (float)t.weight / (float)rows;
            total += t.weight * (log(sum) - linear[r]);
            scale_row(ld, (float)((double)part / sum), row);
            if (smooth > 0)
                for (int j = 0; j < n; j++) row[j] -= part * (float)(smooth / n);
            if (shares) {
                for (int c = 0; c < n; c++) row[c] -= part * (float)((1 - smooth) * (double)shares[c]);
                continue;
            }
            row[t.label[0]] -= part * (float)((1 - smooth) * t.share[0]);
            if (t.share[1] > 0) row[t.label[1]] -= part * (float)((1 - smooth) * t.share[1]);
        }
    }
    return total / rows;
}

void loss_rows(const Loss *loss, int rows, int ld, float *logits, const int32_t *labels,
               double *sum, double *weight)
{
    const int n = loss->n_classes;
    for (int from = 0; from < rows; from += BLOCK) {
        int block = rows - from < BLOCK ? rows - from : BLOCK;
        float *z = logits + (size_t)from * ld, top[BLOCK];
        double linear[BLOCK];
        for (int r = 0; r < block; r++) {
            const float *row = z + (size_t)r * ld;
            int label = labels ? labels[from + r] : -1;
            assert(label >= -1 && label < n);
            top[r] = row_max(n, row);
            linear[r] = label >= 0 ? (double)row[label] - top[r] : 0;
        }
        exp_rows(block, n, ld, top, z);
        for (int r = 0; r < block; r++) {
            int label = labels ? labels[from + r] : -1;
            float *row = z + (size_t)r * ld;
            double total = row_sum(n, row);
            scale_row(ld, (float)(1 / total), row);
            if (label < 0) continue;
            double w = loss->class_weight ? (double)loss->class_weight[label] : 1;
            if (loss->row_weight) w *= (double)loss->row_weight[from + r];
            *sum += w * (log(total) - linear[r]);
            *weight += w;
        }
    }
}
