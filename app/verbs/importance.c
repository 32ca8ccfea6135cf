#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/output.h"
#include "base/mat.h"
#include "job/place.h"
#include "reports/findings.h"
#include "reports/sheets.h"
#include "tuner/trial/goals.h"

/* Every trial's value of another metric than the study's; NaN where it has none. */
static bool read_scores(OpenStudy *open, const char *metric, const TrialRow *rows, int n, double **out,
                        bool *maximize, Error *err)
{
    Goal by;
    if (!goal_find(metric, open->study.n_classes == 0, &by)) /* a program's metrics have any names */
        return error_set(err, ERR_CONFIG, "--metric %.60s: unknown metric; did you mean %s?", metric,
                         text_nearest(metric, metric_names) ? text_nearest(metric, metric_names)
                                                            : "accuracy");
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

static bool top_share_of(const Cli *cli, double *out, Error *err)
{
    const char *text = cli_value(cli, "top-share");
    *out = 0.1;
    if (!text || (text_to_number(text, out) && *out > 0 && *out < 1)) return true;
    return error_set(err, ERR_CONFIG, "--top-share %.40s: a number between 0 and 1, such as 0.1", text);
}

/* For people the sheet of the report; for programs all that there is. */
static bool print_people(const Doc *doc, const Importance *importance, const char *metric,
                         OutputFormat format, Arena *arena, Text *out, Error *err)
{
    Sheet sheet;
    if (!sheet_importance(doc, arena, &sheet, err)) return false;
    if (importance->n_params > 0) {
        text_print(out, "%s: the best %d of %d trials against all\n\n", metric, importance->n_top,
                   importance->n_trials);
        output_sheet(&sheet, format, out);
    }
    if (sheet.note) text_print(out, "%s%s\n", importance->n_params > 0 ? "\n" : "", sheet.note);
    return true;
}

static bool print_csv(const Doc *doc, Text *out)
{
    static const char *const keys[] = {"name", "importance", "low95", "high95", "p_chance", "published",
                                       "divergence", "weighted", "chance", "active", "effect", "alone",
                                       "length_scale", "favours"};
    enum { N_KEYS = sizeof keys / sizeof *keys };
    const Doc *list = doc_get(doc, "parameters");
    for (int c = 0; c < N_KEYS; c++) text_print(out, "%s%s", c ? "," : "", keys[c]);
    text_add(out, "\n");
    for (size_t i = 0; i < doc_count(list); i++)
        for (int c = 0; c < N_KEYS; c++) {
            const Doc *cell = doc_get(doc_at(list, i), keys[c]);
            char number[32];
            const char *text = doc_to_text(cell, NULL);
            if (!text) text = doc_kind(cell) == DOC_NUMBER ? text_number(doc_to_number(cell, NAN), number) : "";
            output_csv_cell(out, text);
            text_add(out, c < N_KEYS - 1 ? "," : "\n");
        }
    return text_ok(out);
}

static bool answer(Cli *cli, OpenStudy *open, Text *out, Error *err)
{
    const char *metric = cli_value(cli, "metric");
    bool maximize = open->study.maximize;
    double *scores = NULL, top_share;
    Config *config;
    TrialRow *rows;
    int n;
    ImportanceInput input;
    Importance importance;
    if (!top_share_of(cli, &top_share, err) || !study_config(open, &config, err)
        || !store_trials(open->store, open->study.id, open->arena, &rows, &n, err))
        return false;
    if (metric && !read_scores(open, metric, rows, n, &scores, &maximize, err)) return false;
    if (!points_gather(config->space, rows, n, scores, maximize, open->arena, &input.trials, err))
        return false;
    input.top_share = top_share;
    input.seed = open->study.seed;
    mat_init();
    if (!importance_compute(&input, open->arena, &importance, err)) return false;
    if (!metric) metric = open->study.metric;
    Doc *doc = doc_object(), *body = importance_doc(&importance, config->space);
    OutputFormat format = output_format(cli);
    bool ok;
    if (format == OUTPUT_JSON) {
        const char *key;
        const Doc *child;
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", open->study.name);
        doc_set_text(doc, "metric", metric);
        for (size_t i = 0; doc_member(body, i, &key, &child); i++) doc_set(doc, key, doc_copy(child));
        ok = doc_print(doc, 1, out) || error_memory(err);
        text_add(out, "\n");
    } else if (format == OUTPUT_CSV) {
        ok = print_csv(body, out) || error_memory(err);
        if (importance.warning) cli_say(cli, "consort: %s", importance.warning);
    } else {
        ok = print_people(body, &importance, metric, format, open->arena, out, err);
    }
    doc_free(body);
    doc_free(doc);
    return ok;
}

int cmd_importance(Cli *cli)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    if (!study_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &open, &err))
        return cli_fail(&err);
    bool ok = answer(cli, &open, &text, &err);
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
