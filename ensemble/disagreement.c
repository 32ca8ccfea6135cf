/* How much two members differ, by task. */
#include "ensemble/disagreement.h"

#include <math.h>

static double of_numbers(const Task *task, int n_rows, int n_values, const float *p, const float *q)
{
    const int stride = task_stride(task), point = task_point(task);
    double sum = 0;
    for (int t = 0; t < task->n_targets; t++) {
        const double scale = task->targets[t].scale / task->targets[t].unit;
        for (int i = 0; i < n_rows; i++) {
            size_t at = (size_t)i * (size_t)n_values + (size_t)(t * stride + point);
            double d = ((double)p[at] - q[at]) / scale;
            sum += d * d;
        }
    }
    return sqrt(sum / task->n_targets / n_rows);
}

static double of_answers(size_t n, const float *p, const float *q)
{
    size_t differ = 0;
    for (size_t i = 0; i < n; i++) differ += (p[i] > 0.5f) != (q[i] > 0.5f);
    return (double)differ / (double)n;
}

static double of_classes(int n_rows, int n_classes, const float *p, const float *q)
{
    int n = 0;
    for (int i = 0; i < n_rows; i++, p += n_classes, q += n_classes) {
        int top_p = 0, top_q = 0;
        for (int c = 1; c < n_classes; c++) {
            if (p[c] > p[top_p]) top_p = c;
            if (q[c] > q[top_q]) top_q = c;
        }
        n += top_p != top_q;
    }
    return (double)n / n_rows;
}

double disagreement(const Task *task, int n_rows, int n_values, const float *p, const float *q)
{
    switch (task->kind) {
    case TASK_NUMBERS: return of_numbers(task, n_rows, n_values, p, q);
    case TASK_LABELS: return of_answers((size_t)n_rows * (size_t)n_values, p, q);
    default: return of_classes(n_rows, n_values, p, q);
    }
}
