/* The table of losses, and which of them a task is trained with. */
#include "engine/task.h"

#include <assert.h>

const char *const loss_names[] = {LOSS_LIST(LIST_NAME) NULL};

/* Classes are trained by loss.h, in place and by labels: train.c and trainer_step.c call it themselves. */
static const LossRow table[LOSS_COUNT] = {
    [LOSS_CROSS_ENTROPY] = {LINK_SOFTMAX, NULL, NULL},
    [LOSS_CUMULATIVE] = {LINK_CUMULATIVE, ordered_gradient, NULL},
    [LOSS_BINARY] = {LINK_SIGMOID, labels_gradient, labels_of_values},
    [LOSS_SQUARED] = {LINK_IDENTITY, numbers_gradient, numbers_of_values},
    [LOSS_ABSOLUTE] = {LINK_IDENTITY, numbers_gradient, numbers_of_values},
    [LOSS_HUBER] = {LINK_IDENTITY, numbers_gradient, numbers_of_values},
    [LOSS_LOG] = {LINK_LOG, numbers_gradient, numbers_of_values},
    [LOSS_POISSON] = {LINK_RATE, numbers_gradient, numbers_of_values},
    [LOSS_QUANTILES] = {LINK_QUANTILES, quantiles_gradient, quantiles_of_values},
};

const LossRow *loss_row(LossKind kind)
{
    assert(kind > LOSS_AUTO && kind < LOSS_COUNT);
    return &table[kind];
}

bool task_loss(const Task *task, LossKind asked, LossKind *out, Error *err)
{
    static const LossKind own[TASK_COUNT] = {LOSS_CROSS_ENTROPY, LOSS_CUMULATIVE, LOSS_SQUARED, LOSS_BINARY};
    LossKind kind = !task ? LOSS_CROSS_ENTROPY
                  : task->kind == TASK_NUMBERS && task->n_quantiles > 0 ? LOSS_QUANTILES : own[task->kind];
    if (asked == LOSS_AUTO || asked == kind) {
        *out = kind;
        return true;
    }
    if (kind == LOSS_QUANTILES)
        return error_set(err, ERR_CONFIG,
                         "train.loss is %s, but data.quantiles has a loss of its own; leave one"
                         " of them out", loss_names[asked]);
    if (kind != LOSS_SQUARED)
        return error_set(err, ERR_CONFIG, "train.loss is %s, which is for numbers; the label is of %s: leave it"
                         " out", loss_names[asked], task_names[task ? task->kind : TASK_CLASSES]);
    for (int t = 0; (asked == LOSS_LOG || asked == LOSS_POISSON) && t < task->n_targets; t++)
        if (!task->targets[t].logs)
            return error_set(err, ERR_CONFIG, "train.loss is %s, which needs numbers that are not below 0; the"
                             " least `%s` is %g", loss_names[asked], task->targets[t].name,
                                 task->targets[t].low);
    *out = asked;
    return true;
}
