#include "app/commands.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/workspace.h"

/* The best complete trial by the study's metric, or by another of its stored metrics. Those of a program
 * have whatever names it gave them; where we do not know which way one is better, it is taken to be as
 * the study's own. */
static bool find_best(OpenStudy *open, const char *metric, TrialRow *best, double *score,
                      Error *err)
{
    bool maximize = open->study.maximize, found = false, free_names = open->study.n_classes == 0;
    MetricId id = metric ? metric_find(metric) : METRIC_COUNT;
    if (metric && id == METRIC_COUNT && !free_names)
        return error_set(err, ERR_CONFIG, "--metric %.60s: unknown metric; did you mean %s?", metric,
                         text_nearest(metric, metric_names) ? text_nearest(metric, metric_names)
                                                            : "accuracy");
    if (metric && id != METRIC_COUNT) maximize = metric_larger_is_better(id);
    const char *name = !metric || free_names ? metric : metric_name(id);
    if (!store_best(open->store, open->study.id, name, maximize, open->arena, best, &found, err))
        return false;
    *score = found ? best->value : NAN;
    MetricRow *metrics;
    int n = 0;
    if (found && metric && !store_metrics(open->store, best->id, open->arena, &metrics, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (metrics[i].fold == -1 && strcmp(metrics[i].split, "val") == 0
            && strcmp(metrics[i].name, name) == 0)
            *score = metrics[i].value;
    return found || error_set(err, ERR_INVALID, "study %s has no complete trial%s%s yet",
                              open->study.name, metric ? " with a metric " : "", metric ? metric : "");
}

static bool print_yaml(OpenStudy *open, const TrialRow *best, Text *out, Error *err)
{
    Config *config;
    if (!study_config(open, &config, err)) return false;
    Value *values = ARENA_NEW(open->arena, Value, config->space->n_params);
    Doc *params = doc_parse(best->params, strlen(best->params), err);
    bool ok = params && (values || error_memory(err))
           && space_from_doc(config->space, params, open->arena, values, err);
    doc_free(params);
    text_print(out, "# trial %d of study %s: %s %.17g\n# consort train THIS_FILE gives it again\n",
               best->number, open->study.name, open->study.metric, best->value);
    return ok && (config_print_fixed(config, values, out) || error_memory(err));
}

static bool print_facts(const OpenStudy *open, const TrialRow *best, double score,
                        const char *metric, bool json, Text *out, Error *err)
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
    return true;
}

int cmd_best(Cli *cli)
{
    Error err;
    OpenStudy open;
    TrialRow best = {0};
    double score = NAN;
    Text text = {0};
    const char *metric = cli_value(cli, "metric");
    if (!study_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &open, &err))
        return cli_fail(&err);
    bool ok = find_best(&open, metric, &best, &score, &err);
    if (ok && cli_flag(cli, "yaml")) ok = print_yaml(&open, &best, &text, &err);
    else if (ok) ok = print_facts(&open, &best, score, metric, cli->json, &text, &err);
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
