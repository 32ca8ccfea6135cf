/* Intervals and sets from margins: as little as a row takes. */
#include "model/conformal.h"

#include <math.h>

const char *const conformal_names[] = {CONFORMAL_LIST(LIST_NAME) NULL};

int conformal_find(const Conformal *c, double level)
{
    for (int l = 0; l < c->n_levels; l++)
        if (fabs(c->level[l] - level) < 1e-9) return l;
    return -1;
}

double conformal_scale(const Conformal *c, int t, double p)
{
    const size_t first = (size_t)t * (size_t)c->n_knots;
    const double *at = c->at + first, *scale = c->scale + first;
    int k = 0;
    if (!(p > at[0])) return scale[0];
    while (k < c->n_knots && at[k] < p) k++;
    if (k == c->n_knots) return scale[k - 1];
    return scale[k - 1] + (scale[k] - scale[k - 1]) * ((p - at[k - 1]) / (at[k] - at[k - 1]));
}

static int nearest(const Task *task, double share)
{
    int best = 0;
    for (int q = 1; q < task->n_quantiles; q++)
        if (fabs(task->quantiles[q] - share) < fabs(task->quantiles[best] - share)) best = q;
    return best;
}

void conformal_quantiles(const Task *task, double level, int *low, int *high)
{
    *low = nearest(task, (1 - level) / 2);
    *high = nearest(task, (1 + level) / 2);
}

void conformal_interval(const Conformal *c, const Task *task, int l, int t, const float *values, double *low,
                        double *high)
{
    const double m = c->margin[(size_t)l * (size_t)c->n_parts + (size_t)t];
    const float *v = values + (size_t)t * (size_t)task_stride(task);
    const double p = task_number(task, t, (double)v[task_point(task)]);
    const double offset = task->targets[t].log_offset;
    double half;
    int from, to;
    switch (c->method[t]) {
    case CONFORMAL_RATIO:
        *low = fmax(p + offset, 0) * exp(-m) - offset;
        *high = fmax(p + offset, 0) * exp(m) - offset;
        return;
    case CONFORMAL_QUANTILES:
        conformal_quantiles(task, c->level[l], &from, &to);
        *low = task_number(task, t, (double)v[from]) - m;
        *high = task_number(task, t, (double)v[to]) + m;
        if (*low > *high) *low = *high = (*low + *high) / 2; /* m < 0 by more than they are apart */
        return;
    case CONFORMAL_SCALED: half = m * conformal_scale(c, t, p); break;
    default: half = m; break;
    }
    *low = p - half;
    *high = p + half;
}

double conformal_before(int n_classes, const float *proba, int c)
{
    double sum = 0;
    for (int k = 0; k < n_classes; k++)
        if (proba[k] > proba[c] || (proba[k] == proba[c] && k < c)) sum += proba[k];
    return sum;
}

int conformal_set(const Conformal *c, int l, int n_classes, const float *proba, bool *in)
{
    const double *m = c->margin + (size_t)l * (size_t)c->n_parts;
    int n = 0;
    for (int k = 0; k < n_classes; k++) {
        if (c->method[0] == CONFORMAL_APS) in[k] = conformal_before(n_classes, proba, k) <= m[0];
        else in[k] = 1.0 - proba[k] <= m[c->n_parts > 1 ? k : 0];
        n += in[k];
    }
    return n;
}
