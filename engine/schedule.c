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
