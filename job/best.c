/* job/best.c - chooses the winner of a study, by whichever way of choosing, and prints its configuration. */
#include "job/best.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "job/part.h"
#include "tuner/insight/sample.h"

/* ---- one winner -------------------------------------------------------------------------------- */

/* Its value of the study's metric, or of the one that was asked for; NaN: it has none. */
static bool read_score(const OpenStudy *open, Best *out, Error *err)
{
    const Goal *by = &out->goal;
    MetricRow *metrics;
    int n = 0;
    out->score = by->key ? NAN : out->row.value;
    if (by->key && !store_metrics(open->store, out->row.id, open->arena, &metrics, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (metrics[i].fold == -1 && strcmp(metrics[i].split, by->split) == 0
            && strcmp(metrics[i].name, by->key) == 0)
            out->score = metrics[i].value;
    return true;
}

static const char *most_broken(const LimitsTold *limits)
{
    int most = 0;
    for (int i = 1; i < limits->n; i++)
        if (limits->broken[i] > limits->broken[most]) most = i;
    return limits->text[most];
}

/* Where all complete trials break a limit; else true. */
static bool some_keep(const OpenStudy *open, const LimitsTold *limits, Error *err)
{
    return limits->n_broken == 0
        || error_set(err, ERR_INVALID, "study %s has no complete trial that keeps its constraints; %d break"
                     " one, such as %.80s", open->study.name, limits->n_broken, most_broken(limits));
}

/* The best complete trial by the study's metric, or by another of its stored metrics. */
static bool by_value(const OpenStudy *open, const char *metric, Best *out, Error *err)
{
    const StudyInfo *study = &open->study;
    bool found = false, known = true;
    Goal *by = &out->goal;
    if (metric && !asked_goal(metric, study, &open->stored.goals, open->arena, by, &known, err)) return false;
    if (!store_best(open->store, study->id, metric ? by->key : NULL, by->maximize, open->arena, &out->row,
                    &found, err))
        return false;
    if (!found && !some_keep(open, &out->limits, err)) return false;
    if (!found)
        return error_set(err, ERR_INVALID, "study %s has no complete trial%s%s yet", study->name,
                         metric ? " with a metric " : "", metric ? by->name : "");
    if (!known) return asked_goal_unknown(by, err);
    return read_score(open, out, err);
}

/* What a model is made of, with the best, of which it is asked. */
static bool with_best(const OpenStudy *open, const Sample *sample, const TrialRow **out, int *n, Error *err)
{
    *out = sample->modelled;
    *n = sample->n_modelled;
    if (!sample->thinned) return true;
    TrialRow *rows = ARENA_NEW(open->arena, TrialRow, *n + POSTERIOR_LEADERS);
    if (!rows) return error_memory(err);
    memcpy(rows, sample->modelled, (size_t)*n * sizeof *rows);
    for (int r = 0; r < sample->n_ranked && r < POSTERIOR_LEADERS; r++) {
        if (sample_place(sample, sample->ranked[r]) >= 0) continue;
        rows[*n] = sample->trials[sample->ranked[r]];
        if (!store_trial_whole(open->store, &rows[*n], open->arena, err)) return false;
        ++*n;
    }
    *out = rows;
    return true;
}

/* Whom a model of the trials takes for the best: by the study's own metric only. */
static bool read_posterior(const OpenStudy *open, Posterior *out, Error *err)
{
    Error ignored;
    Config *config;
    Sample sample;
    const TrialRow *rows;
    int n;
    *out = (Posterior){0};
    if (!study_config(open, &config, &ignored)) return true; /* of another version: then without */
    return mat_init(err)
        && sample_read(open->store, open->study.id, open->study.maximize, open->arena, &sample, err)
        && with_best(open, &sample, &rows, &n, err)
        && posterior_of(config->space, rows, n, open->study.maximize, open->arena, out, err);
}

static bool by_number(const OpenStudy *open, int number, const char *metric, Best *out, Error *err)
{
    bool known;
    return study_trial(open, number, &out->row, err)
        && (!metric || asked_goal(metric, &open->study, &open->stored.goals, open->arena, &out->goal, &known,
                                  err))
        && read_score(open, out, err);
}

bool best_find(const OpenStudy *open, const BestOptions *options, Best *out, Error *err)
{
    const char *metric = options->metric;
    *out = (Best){.score = NAN, .goal = {.name = open->study.metric, .maximize = open->study.maximize}};
    if (!limits_told(open, &out->limits, err)) return false;
    if (!metric && !finalists_read(open->store, &open->study, open->arena, &out->finalists, &out->n_finalists,
                                   err))
        return false;
    out->by = options->number >= 0 ? "number" : options->by ? options->by
            : out->n_finalists > 0 ? "mean" : "value";
    if (options->number >= 0) return by_number(open, options->number, metric, out, err);
    if (strcmp(out->by, "value") == 0) return by_value(open, metric, out, err);
    bool mean = strcmp(out->by, "mean") == 0;
    if (!mean && !read_posterior(open, &out->posterior, err)) return false;
    if (mean && out->n_finalists == 0)
        return error_set(err, ERR_INVALID, "study %s has run no trial again; `finalists: {seeds: 3}` in its"
                         " configuration, and the same command again, does", open->study.name);
    TrialRow first;
    bool found;
    if (!mean && out->posterior.n == 0
        && (!store_best(open->store, open->study.id, NULL, open->study.maximize, open->arena, &first, &found,
                        err)
            || (!found && !some_keep(open, &out->limits, err))))
        return false;
    if (!mean && out->posterior.n == 0)
        return error_set(err, ERR_INVALID, "study %s has too few finished trials for a model, or too much"
                         " alike; leave out --by posterior", open->study.name);
    return by_number(open, mean ? out->finalists[0].number : out->posterior.trial[0].number, NULL, out, err);
}

bool best_print_config(const OpenStudy *open, const Best *winner, bool whole, Text *out, Error *err)
{
    const TrialRow *best = &winner->row;
    const Goal *goal = &winner->goal;
    Config *config;
    if (!study_config(open, &config, err)) return false;
    /* of a merged trial another than the study's */
    if (best->seed <= INT_MAX) config->run.seed = (int)best->seed;
    part_forget(config); /* its seed is said */
    Value *values = ARENA_NEW(open->arena, Value, config->space->n_params);
    Doc *params = doc_parse(best->params, strlen(best->params), err);
    bool ok = params && (values || error_memory(err))
           && space_from_doc(config->space, params, open->arena, values, err);
    doc_free(params);
    text_print(out, "# trial %d of study %s: %s %.17g\n# consort train THIS_FILE gives it again\n",
               best->number, open->study.name, open->study.metric, best->value);
    if (goal->key)
        text_print(out, "# chosen by %s, %s: %.17g\n", goal->name, goal->maximize ? "maximized" : "minimized",
                   winner->score);
    return ok && (config_print_fixed(config, values, whole, out) || error_memory(err));
}

/* ---- several goals ----------------------------------------------------------------------------- */

bool study_front(const OpenStudy *open, Front *out, const TrialRow **rows, Error *err)
{
    Goals goals;
    TrialRow *all;
    int n;
    front_goals(&open->study, &open->stored.goals, &goals);
    if (!store_trials_brief(open->store, open->study.id, open->arena, &all, &n, err)
        || !front_read(open->store, &goals, all, n, open->arena, out, err))
        return false;
    for (int k = 0; k < out->n_front; k++)
        if (!store_trial_whole(open->store, &all[out->row[out->order[k]]], open->arena, err)) return false;
    *rows = all;
    if (goals.n == 0)
        return error_set(err, ERR_INVALID, "study %s has no goals that can be compared", open->study.name);
    LimitsTold limits = {0};
    if (out->n_front == 0 && (!limits_told(open, &limits, err) || !some_keep(open, &limits, err))) return false;
    return out->n_front > 0
        || error_set(err, ERR_INVALID, "study %s has no complete trial with %s and %s yet", open->study.name,
                     goals.goal[0].name, goals.goal[1].name);
}
