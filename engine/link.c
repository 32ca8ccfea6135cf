/* What a network's outputs mean: one function a link. */
#include "engine/link.h"

#include <assert.h>
#include <math.h>

const char *const link_names[] = {LINK_LIST(LIST_NAME) NULL};

enum { EXP_MOST = 80 }; /* e^80 is a float */

double link_softplus(double z)
{
    return z > 30 ? z : log1p(exp(z));
}

double link_sigmoid(double z)
{
    return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
}

int link_middle(const Task *task)
{
    return task_point(task);
}

bool link_fits(Link link, const Task *task)
{
    bool logs = true;
    for (int t = 0; t < task->n_targets; t++) logs = logs && task->targets[t].logs;
    switch (task->kind) {
    case TASK_CLASSES: return link == LINK_SOFTMAX;
    case TASK_ORDERED: return link == LINK_CUMULATIVE || link == LINK_SOFTMAX;
    case TASK_LABELS: return link == LINK_SIGMOID;
    default:
        if (task->n_quantiles > 0) return link == LINK_QUANTILES;
        return link == LINK_IDENTITY || ((link == LINK_LOG || link == LINK_RATE) && logs);
    }
}

static void softmax(int n, const float *z, float *out)
{
    double most = z[0], sum = 0;
    for (int c = 1; c < n; c++) most = fmax(most, z[c]);
    for (int c = 0; c < n; c++) sum += exp(z[c] - most);
    for (int c = 0; c < n; c++) out[c] = (float)(exp(z[c] - most) / sum);
}

static void cumulative(int n, const float *z, float *out)
{
    double above = 1, a = 0; /* P(class >= k) */
    for (int k = 0; k + 1 < n; k++) {
        a = k == 0 ? z[0] : a - link_softplus(z[k]);
        double next = link_sigmoid(a);
        out[k] = (float)(above - next);
        above = next;
    }
    out[n - 1] = (float)above;
}

static double bounded_exp(double x)
{
    return exp(x > EXP_MOST ? EXP_MOST : x);
}

static void quantiles(const Task *task, int t, const float *z, float *out)
{
    const int n = task->n_quantiles, middle = link_middle(task);
    const double scale = task->targets[t].scale;
    double at = z[middle];
    const double base = task->targets[t].shift;
    out[middle] = (float)task_value(task, t, base + scale * at);
    for (int q = middle + 1; q < n; q++) {
        at += link_softplus(z[q]);
        out[q] = (float)task_value(task, t, base + scale * at);
    }
    at = z[middle];
    for (int q = middle - 1; q >= 0; q--) {
        at -= link_softplus(z[q]);
        out[q] = (float)task_value(task, t, base + scale * at);
    }
}

void link_row(Link link, const Task *task, int n_classes, const float *z, float *out)
{
    switch (link) {
    case LINK_SOFTMAX: softmax(n_classes, z, out); return;
    case LINK_CUMULATIVE: cumulative(n_classes, z, out); return;
    case LINK_SIGMOID:
        for (int t = 0; t < task->n_targets; t++) out[t] = (float)link_sigmoid(z[t]);
        return;
    case LINK_QUANTILES:
        for (int t = 0; t < task->n_targets; t++)
            quantiles(task, t, z + (size_t)t * (size_t)task->n_quantiles,
                      out + (size_t)t * (size_t)task->n_quantiles);
        return;
    default: break;
    }
    for (int t = 0; t < task->n_targets; t++) {
        const Target *target = &task->targets[t];
        double y;
        if (link == LINK_IDENTITY) y = target->shift + target->scale * z[t];
        else if (link == LINK_RATE) y = bounded_exp(target->log_mean + z[t]);
        else y = bounded_exp(target->log_shift + target->log_scale * z[t]) - target->log_offset;
        out[t] = (float)task_value(task, t, y);
    }
}
