/* What a configuration means once it is known whether classes or numbers are predicted. */
#include <string.h>

#include "job/config.h"

/* What one number says best of how good such predictions are: in the target's own unit, or, of several, which
 * may have different units, without any. */
static const char *own_metric(const Task *task)
{
    if (task->kind == TASK_NUMBERS) return task->n_quantiles > 0 ? "val_pinball" : task->n_targets > 1
        ? "val_r2"
                                                                                                   : "val_rmse";
    return "val_loss";
}

static bool is_for(const char *name, const Task *task)
{
    MetricId id = metric_find(name);
    return id != METRIC_COUNT && metric_is_for(id, task->kind);
}

static bool set_metric(Config *config, const char *name, Arena *arena, Error *err)
{
    config->metric_section.name = name;
    config->metric = metric_find(name);
    config->maximize = metric_larger_is_better(config->metric);
    config->metric_name = metric_name(config->metric);
    config->metric_full = arena_print(arena, "val_%s", config->metric_name);
    return config->metric_full || error_memory(err);
}

static bool check_goals(const Config *config, const Task *task, const char *label, Error *err)
{
    for (int g = 0; g < config->goals.n; g++) {
        const Goal *goal = &config->goals.goal[g];
        if (!goal->cost && goal->metric != METRIC_COUNT && !metric_is_for(goal->metric, task->kind))
            return error_set(err, ERR_CONFIG, "metrics: `%s` is not for %s, which `%.60s` is; write %s, or say"
                             " data.task", goal->name, task_names[task->kind], label, own_metric(task));
    }
    return true;
}

static bool check_ensemble(const Config *config, const Task *task, const char *label, Error *err)
{
    const char *name = config->ensemble.metric;
    if (name && metric_find(name) != METRIC_COUNT && !is_for(name, task))
        return error_set(err, ERR_CONFIG, "ensemble.metric: `%s` is not for %s, which `%.60s` is", name,
                         task_names[task->kind], label);
    const int method = config->ensemble.calibrate;
    if (!task_has_classes(task) && method != CALIBRATE_AUTO && method != 1 + CALIBRATION_NONE)
        return error_set(err, ERR_CONFIG, "ensemble.calibrate: `%s` is about classes, and `%.60s` is %s; leave"
                         " it out", calibrate_names[method], label, task_names[task->kind]);
    return true;
}

static bool take_metric(Config *config, const Task *task, const char *label, Arena *arena, Error *err)
{
    const ConfNode *node = conf_get(config->conf->root, "metric"), *said = node ? conf_get(node, "name") : NULL;
    MetricSection *section = &config->metric_section;
    if (!label) label = "the label";
    if (!check_ensemble(config, task, label, err)) return false;
    if (config->goals.n > 0) return check_goals(config, task, label, err);
    if (task->kind == TASK_NUMBERS && section->numbers && metric_is_for(config->metric, TASK_CLASSES)
        && (!is_for(section->name, task) || config->metric == METRIC_LOSS)) {
        if (strcmp(section->numbers, "auto") == 0) return set_metric(config, own_metric(task), arena, err);
        if (!is_for(section->numbers, task))
            return error_set(err, ERR_CONFIG, "metric.numbers: `%s` is no metric of numbers; write auto or"
                             " val_rmse",
                             section->numbers);
        return set_metric(config, section->numbers, arena, err);
    }
    /* Written for whatever the label turns out to be: of yes/no labels, their own. */
    if (task->kind == TASK_LABELS && section->numbers && config->metric == METRIC_LOG_LOSS_CALIBRATED)
        return set_metric(config, own_metric(task), arena, err);
    if (!said && task->kind != TASK_CLASSES && config->metric == METRIC_LOSS)
        return set_metric(config, own_metric(task), arena, err);
    if (metric_is_for(config->metric, task->kind)) return true;
    return error_set(err, ERR_CONFIG,
                     "metric.name: `%s` is not for %s, which `%.60s` is; write %s, or say data.task",
                     section->name, task_names[task->kind], label, own_metric(task));
}

bool config_take_task(Config *config, const Task *task, const char *label, Arena *arena, Error *err)
{
    if (!take_metric(config, task, label, arena, err)) return false;
    if (task->kind == TASK_NUMBERS) return config_take_numbers(config, arena, err);
    config->numbers = NULL; /* what the study stores is what it did */
    return true;
}
