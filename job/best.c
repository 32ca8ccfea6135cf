/* job/best.c - chooses the winner of a study, by whichever way of choosing, and prints its configuration. */
#include "job/best.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "base/names.h"

/* ---- one winner -------------------------------------------------------------------------------- */

/* The best complete trial by the study's metric, or by another of its stored metrics. Those of a program
 * have whatever names it gave them; where we do not know which way one is better, it is taken to be as
 * the study's own. */
static bool by_value(const OpenStudy *open, const char *metric, TrialRow *best, double *score, Error *err)
{
    bool maximize = open->study.maximize, found = false, free_names = open->study.n_classes == 0;
    MetricId id = metric ? metric_find(metric) : METRIC_COUNT;
    Goal by = {0};
    if (metric && !goal_find(metric, free_names, &by))
        return error_set(err, ERR_CONFIG, "--metric %.60s: unknown metric%s", metric,
                         names_suggest_as("; did you mean ", "?", metric, metric_names,
                                          "; did you mean accuracy?").text);
    if (metric && !free_names) maximize = by.maximize;
    else if (id != METRIC_COUNT) maximize = metric_larger_is_better(id);
    if (!store_best(open->store, open->study.id, metric ? by.key : NULL, maximize, open->arena, best, &found,
                    err))
        return false;
    *score = found ? best->value : NAN;
    MetricRow *metrics;
    int n = 0;
    if (found && metric && !store_metrics(open->store, best->id, open->arena, &metrics, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (metrics[i].fold == -1 && strcmp(metrics[i].split, by.split) == 0
            && strcmp(metrics[i].name, by.key) == 0)
            *score = metrics[i].value;
    return found || error_set(err, ERR_INVALID, "study %s has no complete trial%s%s yet",
                              open->study.name, metric ? " with a metric " : "", metric ? metric : "");
}

/* Why it won, as far as a model of the trials can tell: with the study's own metric only. */
static bool read_posterior(const OpenStudy *open, Posterior *out, Error *err)
{
    Error ignored;
    Config *config;
    TrialRow *rows;
    int n;
    *out = (Posterior){0};
    if (!study_config(open, &config, &ignored)) return true; /* of another version: then without */
    mat_init();
    return store_trials(open->store, open->study.id, open->arena, &rows, &n, err)
        && posterior_of(config->space, rows, n, open->study.maximize, open->arena, out, err);
}

static bool by_number(const OpenStudy *open, int number, Best *out, Error *err)
{
    if (!study_trial(open, number, &out->row, err)) return false;
    out->score = out->row.value;
    return true;
}

bool best_find(const OpenStudy *open, const BestOptions *options, Best *out, Error *err)
{
    const char *metric = options->metric;
    *out = (Best){.score = NAN};
    if (!metric && (!read_posterior(open, &out->posterior, err)
                    || !finalists_read(open->store, &open->study, open->arena, &out->finalists,
                                       &out->n_finalists, err)))
        return false;
    out->by = options->number >= 0 ? "number" : options->by ? options->by
            : out->n_finalists > 0 ? "mean" : "value";
    if (options->number >= 0) return by_number(open, options->number, out, err);
    if (strcmp(out->by, "value") == 0) return by_value(open, metric, &out->row, &out->score, err);
    bool mean = strcmp(out->by, "mean") == 0;
    if (mean && out->n_finalists == 0)
        return error_set(err, ERR_INVALID, "study %s has run no trial again; `finalists: {seeds: 3}` in its"
                         " configuration, and the same command again, does", open->study.name);
    if (!mean && out->posterior.n == 0)
        return error_set(err, ERR_INVALID, "study %s has too few finished trials for a model, or too much"
                         " alike; leave out --by posterior", open->study.name);
    return by_number(open, mean ? out->finalists[0].number : out->posterior.trial[0].number, out, err);
}

bool best_print_config(const OpenStudy *open, const TrialRow *best, Text *out, Error *err)
{
    Config *config;
    if (!study_config(open, &config, err)) return false;
    /* of a merged trial another than the study's */
    if (best->seed <= INT_MAX) config->run.seed = (int)best->seed;
    Value *values = ARENA_NEW(open->arena, Value, config->space->n_params);
    Doc *params = doc_parse(best->params, strlen(best->params), err);
    bool ok = params && (values || error_memory(err))
           && space_from_doc(config->space, params, open->arena, values, err);
    doc_free(params);
    text_print(out, "# trial %d of study %s: %s %.17g\n# consort train THIS_FILE gives it again\n",
               best->number, open->study.name, open->study.metric, best->value);
    return ok && (config_print_fixed(config, values, out) || error_memory(err));
}

/* ---- several goals ----------------------------------------------------------------------------- */

bool study_front(const OpenStudy *open, Front *out, const TrialRow **rows, Error *err)
{
    Goals goals;
    TrialRow *all;
    int n;
    front_goals(&open->study, &open->stored.goals, &goals);
    if (!store_trials(open->store, open->study.id, open->arena, &all, &n, err)
        || !front_read(open->store, &goals, all, n, open->arena, out, err))
        return false;
    *rows = all;
    if (goals.n == 0)
        return error_set(err, ERR_INVALID, "study %s has no goals that can be compared", open->study.name);
    return out->n_front > 0
        || error_set(err, ERR_INVALID, "study %s has no complete trial with %s and %s yet", open->study.name,
                     goals.goal[0].name, goals.goal[1].name);
}
