#include "app/verbs/verbs.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/front_table.h"
#include "base/mat.h"
#include "reports/findings.h"

/* The best complete trial by the study's metric, or by another of its stored metrics. Those of a program
 * have whatever names it gave them; where we do not know which way one is better, it is taken to be as
 * the study's own. */
static bool find_best(OpenStudy *open, const char *metric, TrialRow *best, double *score,
                      Error *err)
{
    bool maximize = open->study.maximize, found = false, free_names = open->study.n_classes == 0;
    MetricId id = metric ? metric_find(metric) : METRIC_COUNT;
    Goal by = {0};
    if (metric && !goal_find(metric, free_names, &by))
        return error_set(err, ERR_CONFIG, "--metric %.60s: unknown metric; did you mean %s?", metric,
                         text_nearest(metric, metric_names) ? text_nearest(metric, metric_names)
                                                            : "accuracy");
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

static bool print_yaml(OpenStudy *open, const TrialRow *best, Text *out, Error *err)
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

/* Why it won, as far as a model of the trials can tell: with the study's own metric only. */
static bool read_posterior(OpenStudy *open, Posterior *out, Error *err)
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

/* What is said beside the winner itself. */
typedef struct {
    const char *by; /* value, mean or posterior */
    Posterior posterior;
    Finalist *finalists;
    int n_finalists;
} Reasons;

static bool print_facts(OpenStudy *open, const TrialRow *best, double score, const char *metric,
                        const Reasons *reasons, bool json, Text *out, Error *err)
{
    Doc *params = doc_parse(best->params, strlen(best->params), err);
    if (!params) return false;
    if (json) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", open->study.name);
        doc_set_number(doc, "trial", best->number);
        doc_set_text(doc, "metric", metric ? metric : open->study.metric);
        doc_set_number(doc, "value", score);
        doc_set(doc, "params", params);
        doc_set_text(doc, "by", reasons->by);
        if (reasons->n_finalists > 0)
            doc_set(doc, "finalists", finalists_doc(reasons->finalists, reasons->n_finalists));
        if (reasons->posterior.n > 0) doc_set(doc, "posterior", posterior_doc(&reasons->posterior));
        doc_print(doc, 1, out);
        text_add(out, "\n");
        doc_free(doc);
        return true;
    }
    text_print(out, "trial %d  %s %.6g\n", best->number, metric ? metric : open->study.metric, score);
    const char *key;
    const Doc *child;
    for (size_t i = 0; doc_member(params, i, &key, &child); i++) {
        text_print(out, "  %-24s ", key);
        if (doc_kind(child) == DOC_TEXT) text_add(out, doc_to_text(child, ""));
        else doc_print(child, 0, out);
        text_add(out, "\n");
    }
    doc_free(params);
    const char *ran = finalists_sentence(reasons->finalists, reasons->n_finalists, open->arena);
    const char *why = posterior_sentence(&reasons->posterior, best->number, open->arena);
    if (ran && *ran) text_print(out, "\n%s\n", ran);
    if (why && *why) text_print(out, "\n%s\n", why);
    return (ran && why) || error_memory(err);
}

static bool find_trial(OpenStudy *open, int number, TrialRow *best, double *score, Error *err)
{
    TrialRow *rows;
    int n;
    if (!store_trials(open->store, open->study.id, open->arena, &rows, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (rows[i].number == number) {
            *best = rows[i];
            *score = rows[i].value;
            return true;
        }
    return error_set(err, ERR_INVALID, "study %s has no trial %d; it has 0 to %d", open->study.name, number,
                     n - 1);
}

static const char *const ways[] = {"value", "mean", "posterior", NULL};

static bool read_by(const Cli *cli, const char **by, Error *err)
{
    const char *given = cli_value(cli, "by");
    *by = NULL;
    if (!given) return true;
    for (int i = 0; ways[i]; i++)
        if (strcmp(given, ways[i]) == 0) *by = ways[i];
    if (!*by) {
        const char *near = text_nearest(given, ways);
        return error_set(err, ERR_CONFIG, "--by %.40s: one of value, mean, posterior%s%s%s", given,
                         near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    if (cli_value(cli, "trial") || cli_flag(cli, "front"))
        return error_set(err, ERR_CONFIG, "--by chooses the best trial; it does not go with --%s",
                         cli_flag(cli, "front") ? "front" : "trial");
    if (cli_value(cli, "metric") && strcmp(*by, "value") != 0)
        return error_set(err, ERR_CONFIG, "--by %s is by the study's own metric; leave out --metric", *by);
    return true;
}

/* The winner and why it is one: by the mean of its runs where trials were run again, else by its value,
 * unless something else was asked for. */
static bool choose(OpenStudy *open, const char *metric, int number, Reasons *reasons, TrialRow *best,
                   double *score, Error *err)
{
    if (!metric && (!read_posterior(open, &reasons->posterior, err)
                    || !finalists_read(open->store, &open->study, open->arena, &reasons->finalists,
                                       &reasons->n_finalists, err)))
        return false;
    if (number >= 0) {
        reasons->by = "number";
        return find_trial(open, number, best, score, err);
    }
    if (!reasons->by) reasons->by = reasons->n_finalists > 0 ? "mean" : "value";
    if (strcmp(reasons->by, "value") == 0) return find_best(open, metric, best, score, err);
    if (strcmp(reasons->by, "mean") == 0 && reasons->n_finalists == 0)
        return error_set(err, ERR_INVALID, "study %s has run no trial again; `finalists: {seeds: 3}` in its"
                         " configuration, and the same command again, does", open->study.name);
    if (strcmp(reasons->by, "posterior") == 0 && reasons->posterior.n == 0)
        return error_set(err, ERR_INVALID, "study %s has too few finished trials for a model, or too much"
                         " alike; leave out --by posterior", open->study.name);
    bool mean = strcmp(reasons->by, "mean") == 0;
    number = mean ? reasons->finalists[0].number : reasons->posterior.trial[0].number;
    return find_trial(open, number, best, score, err);
}

/* With several goals there is no best trial, unless one of the goals or one trial is asked for. */
static bool wants_front(const Cli *cli, OpenStudy *open, bool *front, Error *err)
{
    Goals goals;
    *front = cli_flag(cli, "front");
    if (*front || cli_flag(cli, "yaml") || cli_value(cli, "metric") || cli_value(cli, "trial")
        || cli_value(cli, "by"))
        return true;
    if (!goals_of_study(&open->study, open->arena, &goals, err)) return false;
    *front = goals.n > 0;
    return true;
}

static bool print_front(Cli *cli, OpenStudy *open, Text *out, Error *err)
{
    Front front;
    const TrialRow *rows;
    return front_of(open, &front, &rows, err) && front_print(open, &front, rows, cli->json, out, err);
}

int cmd_best(Cli *cli)
{
    Error err;
    OpenStudy open;
    TrialRow best = {0};
    double score = NAN;
    Text text = {0};
    const char *metric = cli_value(cli, "metric");
    int number;
    bool front = false;
    Reasons reasons = {0};
    if (!cli_int(cli, "trial", 0, 1000000000, -1, &number, &err) || !read_by(cli, &reasons.by, &err)
        || !study_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &open, &err))
        return cli_fail(&err);
    bool ok = wants_front(cli, &open, &front, &err);
    if (ok && !front) ok = choose(&open, metric, number, &reasons, &best, &score, &err);
    if (ok && front) ok = print_front(cli, &open, &text, &err);
    else if (ok && cli_flag(cli, "yaml")) ok = print_yaml(&open, &best, &text, &err);
    else if (ok) ok = print_facts(&open, &best, score, metric, &reasons, cli->json, &text, &err);
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
