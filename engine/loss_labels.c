/* Several yes-or-noes at once: the cross-entropy of each answer. */
#include <math.h>

#include "engine/task.h"

double labels_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z)
{
    const int n = loss->task->n_targets;
    const double part = 1.0 / ((double)rows * n);
    double total = 0;
    for (int r = 0; r < rows; r++) {
        float *row = z + (size_t)r * (size_t)ld;
        const float *u = truth->u + (size_t)r * (size_t)n;
        const double weight = truth->weight ? (double)truth->weight[r] : 1;
        for (int t = 0; t < n; t++) {
            double at = row[t], share = u[t];
            if (isnan(share)) {
                row[t] = 0;
                continue;
            }
            total += weight * (link_softplus(at) - share * at);
            row[t] = (float)(weight * part * (link_sigmoid(at) - share));
        }
        for (int t = n; t < ld; t++) row[t] = 0;
    }
    return total * part;
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
