/* Classes with an order: the likelihood of a class between two borders, which fall whatever the outputs are.
 *
 * With a_k the border below class k + 1 and s the sigmoid, P(k) = s(a_{k-1}) - s(a_k)
 * = s(a_{k-1}) s(-a_k) (1 - e^{-gap}), gap = a_{k-1} - a_k: no difference of nearly equal numbers. */
#include <assert.h>
#include <math.h>

#include "engine/task.h"

static double log_sigmoid(double a)
{
    return -link_softplus(-a);
}

/* Below this a border is as near to the next as borders come: e^-30. */
static double bounded(double z)
{
    return z < -30 ? -30 : z;
}

/* One row of K - 1 outputs; `slope` (K - 1) becomes the derivative of -log P(label) by the borders, then z the
 * gradient times `part`. */
static double one_row(int n_classes, int label, double part, float *z)
{
    const int n = n_classes - 1;
    double below = 0, above = 0, gap = 0, a = 0; /* the borders of `label`: it lies between */
    for (int k = 0; k < n && k <= label; k++) {
        double step = k == 0 ? 0 : link_softplus(bounded(z[k]));
        a = k == 0 ? z[0] : a - step;
        if (k == label - 1) below = a;
        if (k == label) above = a, gap = step;
    }
    double value = 0, by_below = 0, by_above = 0;
    if (label > 0) {
        value -= log_sigmoid(below);
        by_below -= link_sigmoid(-below);
    }
    if (label < n) {
        value -= log_sigmoid(-above);
        by_above += link_sigmoid(above);
    }
    if (label > 0 && label < n) {
        double part_of = 1 / expm1(gap);
        value -= log(-expm1(-gap));
        by_below -= part_of;
        by_above += part_of;
    }
    /* a_k = z_0 - sum of softplus(z_j), j = 1 .. k: z_0 moves both, z_j those from j on. */
    for (int k = n - 1; k >= 1; k--) {
        double by_borders = (k <= label - 1 ? by_below : 0) + (k <= label && label < n ? by_above : 0);
        double steep = z[k] < -30 ? 0 : link_sigmoid(z[k]);
        z[k] = (float)(-part * by_borders * steep);
    }
    z[0] = (float)(part * (by_below + by_above));
    return value;
}

/* The same of shares y of the classes: z becomes the gradient of -sum_c y_c log P(c), times `part`. The borders
 * are walked down from the highest, since each moves with all outputs up to its own. */
static double shared_row(int n_classes, const float *y, double part, float *z)
{
    const int n = n_classes - 1;
    double a = z[0], value = 0, beyond = 0; /* a: the border k; beyond: the slope by all borders from k on */
    for (int k = 1; k < n; k++) a -= link_softplus(bounded(z[k]));
    for (int k = n - 1; k >= 0; k--) {
        const double under = (double)y[k], over = (double)y[k + 1]; /* the classes on both sides of border k */
        const double gap = k > 0 ? link_softplus(bounded(z[k])) : 0;
        value -= under * log_sigmoid(-a) + over * log_sigmoid(a);
        beyond += under * link_sigmoid(a) - over * link_sigmoid(-a);
        if (k > 0) {
            /* class k lies between the borders k - 1 and k, which its likelihood drives apart */
            const double steep = z[k] < -30 ? 0 : link_sigmoid(z[k]), apart = under / expm1(gap);
            value -= under * log(-expm1(-gap));
            z[k] = (float)(-part * (beyond + apart) * steep);
        } else {
            z[0] = (float)(part * beyond);
        }
        a += gap;
    }
    return value;
}

double ordered_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z)
{
    double total = 0;
    for (int r = 0; r < rows; r++) {
        float *row = z + (size_t)r * (size_t)ld;
        const int label = truth->labels[r];
        assert(label >= 0 && label < loss->n_classes);
        double weight = truth->weight ? (double)truth->weight[r] : 1;
        if (loss->class_weight) weight *= (double)loss->class_weight[label];
        const float *shares = loss->soft ? loss->soft + (size_t)r * (size_t)loss->n_classes : NULL;
        total += weight * (shares ? shared_row(loss->n_classes, shares, weight / rows, row)
                                  : one_row(loss->n_classes, label, weight / rows, row));
        for (int k = loss->n_classes - 1; k < ld; k++) row[k] = 0;
    }
    return total / rows;
}
