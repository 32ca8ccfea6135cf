/* Rows and targets of a batch, one after the other. */
#include "engine/loss_targets.h"

#include <math.h>
#include <string.h>

double targets_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z, TargetLoss *one)
{
    const int n = loss->task->n_targets, stride = task_stride(loss->task), width = n * stride;
    const double part = 1.0 / ((double)rows * n * stride);
    double total = 0;
    for (int r = 0; r < rows; r++) {
        float *row = z + (size_t)r * (size_t)ld;
        const float *u = truth->u + (size_t)r * (size_t)n;
        const double weight = truth->weight ? (double)truth->weight[r] : 1;
        for (int t = 0; t < n; t++) {
            float *of = row + (size_t)t * (size_t)stride;
            if (isnan(u[t])) memset(of, 0, (size_t)stride * sizeof *of);
            else total += weight * one(loss, u[t], weight * part, of);
        }
        memset(row + width, 0, (size_t)(ld - width) * sizeof *row);
    }
    return total * part;
}
