/* One row of a logarithmic pool. */
#include "model/pool.h"

#include <math.h>

static const double least = 1e-6;

double pool_log(double q)
{
    return log(fmax(q, least));
}

void pool_softmax(int n_classes, double slope, float *z)
{
    double top = -INFINITY, total = 0;
    for (int c = 0; c < n_classes; c++) top = fmax(top, z[c]);
    for (int c = 0; c < n_classes; c++) {
        const double e = exp(slope * (z[c] - top));
        total += e;
        z[c] = (float)e;
    }
    for (int c = 0; c < n_classes; c++) z[c] = (float)(z[c] / total);
}
