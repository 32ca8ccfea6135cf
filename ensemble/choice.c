/* The budget of a selection. */
#include "ensemble/choice.h"

#include <math.h>

double select_bytes(const Choice *choice, int model)
{
    return choice->library->bytes ? (double)choice->library->bytes[model] : 0;
}

double select_budget(const Choice *choice)
{
    return choice->options->max_bytes > 0 ? choice->options->max_bytes : INFINITY;
}

bool library_knows(const Library *library, int row)
{
    const int n = library_n_targets(library);
    if (library->labels) return library->labels[row] >= 0;
    for (int t = 0; t < n; t++)
        if (!isnan(library->targets[(size_t)row * (size_t)n + (size_t)t])) return true;
    return false;
}

MetricId select_metric(const Task *task, MetricId metric)
{
    if (metric != METRIC_LOSS) return metric;
    if (!task || task->kind != TASK_NUMBERS) return METRIC_LOG_LOSS;
    return task->n_quantiles > 0 ? METRIC_PINBALL : METRIC_RMSE;
}

unsigned select_needs(const Task *task, MetricId metric)
{
    return 1u << metric | (task && task->kind == TASK_NUMBERS ? 1u << METRIC_R2 : 1u << METRIC_LOG_LOSS);
}

double select_grain(const Task *task, MetricId metric, const double value[METRIC_COUNT])
{
    if (!task || task->kind != TASK_NUMBERS) return value[METRIC_LOG_LOSS];
    return metric == METRIC_SPEARMAN || metric == METRIC_COVERAGE ? 1 - value[METRIC_R2] : 0;
}

double select_cost(MetricId metric, double value, double grain)
{
    double cost = (metric_larger_is_better(metric) ? -value : value) + 1e-3 * grain;
    return isfinite(cost) ? cost : INFINITY;
}
