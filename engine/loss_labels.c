/* Several yes-or-noes at once: the cross-entropy of each answer. */
#include <math.h>

#include "engine/loss_targets.h"

static double one_answer(const Loss *loss, double u, double part, float *z)
{
    const double at = *z;
    (void)loss;
    *z = (float)(part * (link_sigmoid(at) - u));
    return link_softplus(at) - u * at;
}

double labels_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z)
{
    return targets_gradient(loss, truth, rows, ld, z, one_answer);
}

double labels_of_values(const Loss *loss, const float *values, const float *u)
{
    const int n = loss->task->n_targets;
    double sum = 0;
    for (int t = 0; t < n; t++) {
        double p = values[t], share = u[t];
        if (isnan(share)) continue;
        sum -= share * log(fmax(p, 1e-15)) + (1 - share) * log(fmax(1 - p, 1e-15));
    }
    return sum / n;
}
