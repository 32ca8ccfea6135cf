/* What the `ensemble` section may ask for, by task. */
#include "ensemble/asked.h"

#include "ensemble/conformal_fit.h"

bool asked_levels(const EnsembleOptions *options, double level[CONFORMAL_MOST_LEVELS], int *n, Error *err)
{
    const TextList *said = &options->intervals;
    if (said->n > CONFORMAL_MOST_LEVELS)
        return error_set(err, ERR_CONFIG, "ensemble.intervals: %d levels; at most %d", said->n,
                         CONFORMAL_MOST_LEVELS);
    for (int i = 0; i < said->n; i++) {
        if (!text_to_number(said->items[i], &level[i]) || !(level[i] > 0 && level[i] < 1))
            return error_set(err, ERR_CONFIG, "ensemble.intervals: `%.40s` is not a number between 0 and 1;"
                             " 0.9 is 90 %%", said->items[i]);
        if (i > 0 && !(level[i] > level[i - 1]))
            return error_set(err, ERR_CONFIG, "ensemble.intervals: %s stands behind %s; write them from the"
                             " lowest to the highest", said->items[i], said->items[i - 1]);
    }
    *n = said->n;
    return true;
}

bool asked_fits(const EnsembleOptions *options, const Task *task, Error *err)
{
    const bool classes = task_has_classes(task), numbers = task->kind == TASK_NUMBERS;
    const int way = options->conformal;
    double level[CONFORMAL_MOST_LEVELS];
    int n;
    if (!asked_levels(options, level, &n, err)) return false;
    if (n > 0 && task->kind == TASK_LABELS)
        return error_set(err, ERR_CONFIG, "ensemble.intervals: yes-or-no labels have probabilities, and neither"
                         " intervals nor sets; leave it out");
    if (n > 0 && way != CONFORMAL_AUTO && classes != (way - 1 >= CONFORMAL_LAC))
        return error_set(err, ERR_CONFIG, "ensemble.conformal: %s is for %s", conformal_choice_names[way],
                         classes ? "numbers" : "classes");
    if (options->method == SELECT_STACK && !classes && (!numbers || task->n_quantiles > 0))
        return error_set(err, ERR_CONFIG,
                         "ensemble.method: a stack is of classes, or of numbers, one a target; %s take greedy,"
                         " weighted or average", numbers ? "quantiles" : "labels");
    if (options->method == SELECT_VOTE && !classes)
        return error_set(err, ERR_CONFIG, "ensemble.method: members vote for classes; %s are averaged, weighted"
                         " or chosen greedily", numbers ? "numbers" : "labels");
    return true;
}
