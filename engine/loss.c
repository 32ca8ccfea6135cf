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

double loss_gradient(const Loss *loss, int rows, int ld, float *logits, const int32_t *labels)
{
    const int n = loss->n_classes;
    const double smooth = loss->smoothing;
    double total = 0;
    for (int from = 0; from < rows; from += BLOCK) {
        int block = rows - from < BLOCK ? rows - from : BLOCK;
        float *z = logits + (size_t)from * ld, top[BLOCK];
        double linear[BLOCK]; /* sum_c y_c (z_c - max): the part of the loss that exp destroys */
        for (int r = 0; r < block; r++) {
            const float *row = z + (size_t)r * ld;
            int label = labels[from + r];
            assert(label >= 0 && label < n);
            top[r] = row_max(n, row);
            linear[r] = (1 - smooth) * ((double)row[label] - top[r]);
            if (smooth > 0) linear[r] += smooth / n * (row_sum(n, row) - (double)n * top[r]);
        }
        exp_rows(block, n, ld, top, z);
        for (int r = 0; r < block; r++) {
            float *row = z + (size_t)r * ld;
            int label = labels[from + r];
            double sum = row_sum(n, row);
            float weight = loss->class_weight ? loss->class_weight[label] : 1.0f;
            float part = weight / (float)rows;
            total += weight * (log(sum) - linear[r]);
            scale_row(ld, (float)(part / sum), row);
            if (smooth > 0)
                for (int j = 0; j < n; j++) row[j] -= part * (float)(smooth / n);
            row[label] -= part * (float)(1 - smooth);
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
            *sum += w * (log(total) - linear[r]);
            *weight += w;
        }
    }
}
