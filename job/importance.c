/* job/importance.c - gathers a study's trials and scores for the importance of its parameters. */
#include "job/importance.h"

#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "tuner/insight/curves.h"
#include "tuner/insight/sample.h"

/* Every trial's value of another metric than the study's; NaN where it has none. */
static bool read_scores(const OpenStudy *open, const char *metric, const TrialRow *rows, int n, double **out,
                        Goal *by, Error *err)
{
    bool known, found = false, finished = false;
    if (!asked_goal(metric, &open->study, &open->stored.goals, open->arena, by, &known, err)) return false;
    *out = ARENA_NEW(open->arena, double, n);
    if (!*out) return error_memory(err);
    for (int i = 0; i < n; i++) {
        MetricRow *metrics;
        int n_metrics = 0;
        (*out)[i] = NAN;
        finished |= rows[i].state == TRIAL_COMPLETE;
        if (rows[i].state == TRIAL_COMPLETE
            && !store_metrics(open->store, rows[i].id, open->arena, &metrics, &n_metrics, err))
            return false;
        for (int m = 0; m < n_metrics; m++)
            if (metrics[m].fold == -1 && strcmp(metrics[m].split, by->split) == 0
                && strcmp(metrics[m].name, by->key) == 0) {
                (*out)[i] = metrics[m].value;
                found = true;
            }
    }
    if (finished && !found)
        return error_set(err, ERR_INVALID, "study %s has no complete trial with a metric %.60s yet",
                         open->study.name, by->name);
    return known || asked_goal_unknown(by, err);
}

bool study_importance(const OpenStudy *open, const ImportanceOptions *options, Importance *out, Goal *by,
                      Config **config, Error *err)
{
    double *scores = NULL;
    Sample sample;
    ImportanceInput input = {0};
    *by = (Goal){.name = open->study.metric, .maximize = open->study.maximize};
    if (!study_config(open, config, err)
        || !sample_read(open->store, open->study.id, open->study.maximize, open->arena, &sample, err))
        return false;
    const TrialRow *rows = sample.modelled;
    const int n = sample.n_modelled;
    if ((options->metric && !read_scores(open, options->metric, rows, n, &scores, by, err))
        || !points_gather((*config)->space, rows, n, scores, by->maximize, open->arena, &input.trials, err))
        return false;
    if (!options->metric && !curves_complete(open->store, rows, n, &input.trials, open->arena,
                                             err)) return false;
    input.top_share = options->top_share;
    input.seed = open->study.seed;
    return mat_init(err) && importance_compute(&input, open->arena, out, err);
}
