/* Several quantiles of a quantity at once: pinball losses of numbers that cannot cross. */
#include <math.h>

#include "engine/loss_targets.h"

static double pinball(double q, double e)
{
    return e >= 0 ? q * e : (q - 1) * e;
}

/* One target of one row: z (Q) becomes the gradient times `part`; returns the sum of the losses. */
static double one_target(const Loss *loss, double u, double part, float *z)
{
    const Task *task = loss->task;
    const int n = task->n_quantiles, middle = link_middle(task);
    double at[TASK_MOST_QUANTILES], slope[TASK_MOST_QUANTILES], sum = 0, all = 0, above = 0;
    at[middle] = z[middle];
    for (int q = middle + 1; q < n; q++) at[q] = at[q - 1] + link_softplus(z[q]);
    for (int q = middle - 1; q >= 0; q--) at[q] = at[q + 1] - link_softplus(z[q]);
    for (int q = 0; q < n; q++) {
        double e = u - at[q];
        sum += pinball(task->quantiles[q], e);
        slope[q] = e > 0 ? -task->quantiles[q] : e < 0 ? 1 - task->quantiles[q] : 0;
        all += slope[q];
    }
    for (int q = n - 1; q > middle; q--) {
        above += slope[q];
        z[q] = (float)(part * above * link_sigmoid(z[q]));
    }
    double below = 0;
    for (int q = 0; q < middle; q++) {
        below += slope[q];
        z[q] = (float)(-part * below * link_sigmoid(z[q]));
    }
    z[middle] = (float)(part * all);
    return sum;
}

double quantiles_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z)
{
    return targets_gradient(loss, truth, rows, ld, z, one_target);
}

double quantiles_of_values(const Loss *loss, const float *values, const float *u)
{
    const Task *task = loss->task;
    const int n = task->n_targets, q = task->n_quantiles;
    double sum = 0;
    for (int t = 0; t < n; t++)
        for (int k = 0; k < q && !isnan(u[t]); k++)
            sum += pinball(task->quantiles[k], u[t] - task_relearned(loss, t, values[t * q + k]));
    return sum / ((double)n * q);
}
