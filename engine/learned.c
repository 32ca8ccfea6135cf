/* Targets in the units in which a network learns them, by its loss. */
#include <math.h>

#include "engine/task.h"

double task_learned(const Task *task, int t, LossKind loss, double y)
{
    const Target *target = &task->targets[t];
    switch (loss) {
    case LOSS_BINARY: return y;
    case LOSS_LOG: {
        double z = log((y > 0 ? y : 0) + target->log_offset);
        return isnan(y) ? y : (z - target->log_shift) / target->log_scale;
    }
    case LOSS_POISSON: return y / exp(target->log_mean);
    default: return (y - target->shift) / target->scale;
    }
}

double task_relearned(const Loss *loss, int t, double v)
{
    return task_learned(loss->task, t, (LossKind)loss->kind, task_number(loss->task, t, v));
}
