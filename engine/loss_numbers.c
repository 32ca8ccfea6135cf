/* Losses of quantities, a number at a time: squared, absolute, Huber, Poisson; log is squared of logarithms. */
#include <math.h>

#include "engine/task.h"

enum { STEEPEST = 30 }; /* e^30 is as much as any rate may be above the mean */

/* The loss of an output z against u, and its derivative by z. */
static double value_of(const Loss *loss, double z, double u, double *slope)
{
    double e = z - u;
    switch ((LossKind)loss->kind) {
    case LOSS_ABSOLUTE:
        *slope = e > 0 ? 1 : e < 0 ? -1 : 0;
        return fabs(e);
    case LOSS_HUBER: {
        double delta = (double)loss->delta;
        if (fabs(e) <= delta) {
            *slope = e;
            return e * e / 2;
        }
        *slope = e > 0 ? delta : -delta;
        return delta * (fabs(e) - delta / 2);
    }
    case LOSS_POISSON: {
        double rate = exp(z > STEEPEST ? STEEPEST : z);
        *slope = rate - u;
        return rate - u - (u > 0 ? u * (z - log(u)) : 0);
    }
    default:
        *slope = 2 * e;
        return e * e;
    }
}

double numbers_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z)
{
    const int n = loss->task->n_targets;
    const double part = 1.0 / ((double)rows * n);
    double total = 0;
    for (int r = 0; r < rows; r++) {
        float *row = z + (size_t)r * (size_t)ld;
        const float *u = truth->u + (size_t)r * (size_t)n;
        const double weight = truth->weight ? (double)truth->weight[r] : 1;
        for (int t = 0; t < n; t++) {
            double slope = 0;
            if (isnan(u[t])) {
                row[t] = 0;
                continue;
            }
            total += weight * value_of(loss, row[t], u[t], &slope);
            row[t] = (float)(weight * part * slope);
        }
        for (int t = n; t < ld; t++) row[t] = 0;
    }
    return total * part;
}

double numbers_of_values(const Loss *loss, const float *values, const float *u)
{
    const int n = loss->task->n_targets;
    double sum = 0, slope;
    for (int t = 0; t < n; t++) {
        if (isnan(u[t])) continue;
        double z = task_relearned(loss, t, values[t]);
        if (loss->kind == LOSS_POISSON) z = log(z > 1e-30 ? z : 1e-30);
        sum += value_of(loss, z, u[t], &slope);
    }
    return sum / n;
}
