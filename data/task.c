/* The names of tasks, and in which scales a quantity is counted. */
#include "data/task.h"

#include <math.h>

const char *const task_names[] = {TASK_LIST(LIST_NAME) NULL};

int task_point(const Task *task)
{
    int best = 0;
    for (int q = 1; q < task_stride(task); q++)
        if (fabs(task->quantiles[q] - 0.5) < fabs(task->quantiles[best] - 0.5)) best = q;
    return best;
}

/* Mean and deviation of y or of log(y + offset), in two passes. */
static void spread_of(const double *y, int n, int stride, bool logs, double offset, double *mean,
                      double *deviation)
{
    double sum = 0, squares = 0, count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < n; i++) {
            double v = y[(size_t)i * (size_t)stride];
            if (!isfinite(v)) continue;
            if (logs) v = log(v + offset);
            if (pass == 0) sum += v, count++;
            else squares += (v - *mean) * (v - *mean);
        }
        if (pass == 0) *mean = count > 0 ? sum / count : 0;
    }
    *deviation = count > 0 ? sqrt(squares / count) : 0;
    if (!(*deviation > 0) || !isfinite(*deviation)) *deviation = 1;
}

void target_measure(const double *y, int n, int stride, Target *target)
{
    /* Floats have 24 bits: with 64 deviations between 0 and the mean, 18 of them are left for what varies. */
    static const double farthest = 64, largest = 1e30, smallest = 1e-25;
    Target t = {.name = target->name, .unit = 1, .scale = 1, .low = INFINITY, .high = -INFINITY, .whole = true,
                .log_scale = 1};
    for (int i = 0; i < n; i++) {
        double v = y[(size_t)i * (size_t)stride];
        if (!isfinite(v)) continue;
        if (v < t.low) t.low = v;
        if (v > t.high) t.high = v;
        t.whole = t.whole && v == floor(v);
    }
    if (t.low > t.high) t.low = t.high = 0;
    spread_of(y, n, stride, false, 0, &t.shift, &t.scale);
    double most = fmax(fabs(t.low), fabs(t.high));
    if (fabs(t.shift) > farthest * t.scale || most > largest || t.scale < smallest) {
        t.origin = t.shift;
        t.unit = t.scale;
    }
    t.logs = t.low >= 0 && t.high > 0 && t.origin == 0;
    if (t.logs) {
        t.log_offset = t.low > 0 ? 0 : 1;
        spread_of(y, n, stride, true, t.log_offset, &t.log_shift, &t.log_scale);
        t.log_mean = log(t.shift);
    }
    *target = t;
}

void target_scales_out(const Target *t, double out[TASK_SCALES])
{
    const double all[TASK_SCALES] = {t->origin, t->unit, t->shift, t->scale, t->low, t->high, t->log_offset,
                                     t->log_shift, t->log_scale, t->log_mean};
    for (int i = 0; i < TASK_SCALES; i++) out[i] = all[i];
}

void target_scales_in(const double in[TASK_SCALES], Target *t)
{
    double *const all[TASK_SCALES] = {&t->origin, &t->unit, &t->shift, &t->scale, &t->low, &t->high,
                                      &t->log_offset,
                                      &t->log_shift, &t->log_scale, &t->log_mean};
    for (int i = 0; i < TASK_SCALES; i++) *all[i] = in[i];
}
