/* The learning rate, and the strength of dropout and decay, at a step of a run. */
#include "engine/schedule.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static double between(double from, double to, double t) /* half a cosine */
{
    return to + (from - to) * 0.5 * (1 + cos(PI * t));
}

double schedule_rate(const TrainOptions *options, long steps_per_epoch, long step)
{
    const double total = (double)options->epochs * (double)steps_per_epoch;
    const double final = options->lr_final, rate = options->learning_rate;
    double warm = options->warmup_epochs * (double)steps_per_epoch;
    if (options->schedule == SCHEDULE_ONECYCLE && warm <= 0) warm = 0.3 * total;
    if (warm > total) warm = total;
    if ((double)step < warm) {
        if (options->schedule == SCHEDULE_ONECYCLE)
            return rate * between(1.0 / 25, 1, (double)step / warm);
        double rise = ((double)step + 1) / warm;
        return rate * (rise < 1 ? rise : 1);
    }
    double t = ((double)step - warm) / (total - warm);
    double e = ((double)step - warm) / (double)steps_per_epoch / options->lr_step_epochs;
    switch ((ScheduleKind)options->schedule) {
    case SCHEDULE_CONSTANT: return rate;
    case SCHEDULE_STEP: return rate * pow(options->lr_decay, floor(e + 1e-9));
    case SCHEDULE_EXPONENTIAL: return rate * pow(options->lr_decay, e);
    case SCHEDULE_COSINE:
    case SCHEDULE_ONECYCLE: return rate * between(1, final, t);
    case SCHEDULE_COSLOG4:
        return rate * (final + (1 - final) * 0.5 * (1 - cos(2 * PI * log2(1 + 15 * t))));
    }
    return rate;
}

double schedule_flat_cos(double t)
{
    return t < 0.5 ? 1 : t < 1 ? 0.5 * (1 + cos(3.14159265358979323846 * (2 * t - 1))) : 0;
}

int schedule_cycle_ends(const TrainOptions *options, int ends[SCHEDULE_MAX_CYCLES])
{
    static const double parts[SCHEDULE_MAX_CYCLES] = {1.0 / 15, 3.0 / 15, 7.0 / 15, 1};
    int n = 0;
    double warm = options->warmup_epochs < options->epochs ? options->warmup_epochs : 0;
    for (int i = 0; i < SCHEDULE_MAX_CYCLES; i++) {
        if (options->schedule != SCHEDULE_COSLOG4 && i + 1 < SCHEDULE_MAX_CYCLES) continue;
        int end = (int)ceil(warm + parts[i] * (options->epochs - warm) - 1e-9);
        if (end < 1) end = 1;
        if (n == 0 || end > ends[n - 1]) ends[n++] = end;
    }
    return n;
}
