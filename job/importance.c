/* job/importance.c - gathers a study's trials and scores for the importance of its parameters. */
#include "job/importance.h"

#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "base/names.h"
#include "tuner/insight/points.h"
#include "tuner/trial/goals.h"

/* Every trial's value of another metric than the study's; NaN where it has none. */
static bool read_scores(const OpenStudy *open, const char *metric, const TrialRow *rows, int n, double **out,
                        bool *maximize, Error *err)
{
    Goal by;
    if (!goal_find(metric, open->study.n_classes == 0, &by)) /* a program's metrics have any names */
        return error_set(err, ERR_CONFIG, "--metric %.60s: unknown metric%s", metric,
                         names_suggest_as("; did you mean ", "?", metric, metric_names,
                                          "; did you mean accuracy?").text);
    if (open->study.n_classes > 0) *maximize = by.maximize;
    *out = ARENA_NEW(open->arena, double, n);
    if (!*out) return error_memory(err);
    for (int i = 0; i < n; i++) {
        MetricRow *metrics;
        int n_metrics = 0;
        (*out)[i] = NAN;
        if (rows[i].state == TRIAL_COMPLETE
            && !store_metrics(open->store, rows[i].id, open->arena, &metrics, &n_metrics, err))
            return false;
        for (int m = 0; m < n_metrics; m++)
            if (metrics[m].fold == -1 && strcmp(metrics[m].split, by.split) == 0
                && strcmp(metrics[m].name, by.key) == 0)
                (*out)[i] = metrics[m].value;
    }
    return true;
}

bool study_importance(const OpenStudy *open, const ImportanceOptions *options, Importance *out, Config **config,
                      Error *err)
{
    bool maximize = open->study.maximize;
    double *scores = NULL;
    TrialRow *rows;
    int n;
    ImportanceInput input;
    if (!study_config(open, config, err)
        || !store_trials(open->store, open->study.id, open->arena, &rows, &n, err)
        || (options->metric && !read_scores(open, options->metric, rows, n, &scores, &maximize, err))
        || !points_gather((*config)->space, rows, n, scores, maximize, open->arena, &input.trials, err))
        return false;
    input.top_share = options->top_share;
    input.seed = open->study.seed;
    mat_init();
    return importance_compute(&input, open->arena, out, err);
}
