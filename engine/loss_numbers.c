/* Losses of quantities, a number at a time: squared, absolute, Huber, Poisson; log is squared of logarithms. */
#include <math.h>

#include "engine/loss_targets.h"

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

static double one_target(const Loss *loss, double u, double part, float *z)
{
    double slope = 0, value = value_of(loss, *z, u, &slope);
    *z = (float)(part * slope);
    return value;
}

double numbers_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z)
{
    return targets_gradient(loss, truth, rows, ld, z, one_target);
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
