/* app/verbs/best.c - the winner of a study, as facts, as JSON, or as a configuration; or its front. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "app/front_table.h"
#include "base/names.h"
#include "job/best.h"
#include "reports/findings.h"

static bool print_facts(const OpenStudy *open, const Best *best, bool json, Text *out, Error *err)
{
    Doc *params = doc_parse(best->row.params, strlen(best->row.params), err);
    const Goal *goal = &best->goal;
    if (!params) return false;
    if (json) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", open->study.name);
        doc_set_number(doc, "trial", best->row.number);
        doc_set_text(doc, "metric", goal->name);
        if (goal->key) doc_set_text(doc, "goal", goal->maximize ? "maximize" : "minimize");
        doc_set_number(doc, "value", best->score);
        doc_set(doc, "params", params);
        doc_set_text(doc, "by", best->by);
        if (best->n_finalists > 0)
            doc_set(doc, "finalists", finalists_doc(best->finalists, best->n_finalists));
        if (best->limits.n > 0) doc_set(doc, "limits", limits_doc(&best->limits));
        if (best->row.fail_code) doc_set_text(doc, "breaks", best->row.fail_text);
        if (strcmp(best->by, "posterior") == 0) doc_set(doc, "posterior", posterior_doc(&best->posterior));
        doc_print(doc, 1, out);
        text_add(out, "\n");
        doc_free(doc);
        return true;
    }
    text_print(out, "trial %d  %s %.6g\n", best->row.number, goal->name, best->score);
    if (goal->key)
        text_print(out, "  taken as %s (--metric %s:%s turns it round)\n",
                   goal->maximize ? "maximized" : "minimized", goal->name, goal->maximize ? "min" : "max");
    if (best->row.fail_code && best->row.state == TRIAL_COMPLETE)
        text_print(out, "  breaks %s\n", best->row.fail_text);
    const char *key;
    const Doc *child;
    for (size_t i = 0; doc_member(params, i, &key, &child); i++) {
        text_print(out, "  %-24s ", key);
        if (doc_kind(child) == DOC_TEXT) text_add(out, doc_to_text(child, ""));
        else doc_print(child, 0, out);
        text_add(out, "\n");
    }
    doc_free(params);
    const char *ran = finalists_sentence(best->finalists, best->n_finalists, open->arena);
    if (ran && *ran) text_print(out, "\n%s\n", ran);
    return ran || error_memory(err);
}

const char *const best_ways[] = {"value", "mean", "posterior", NULL};

static bool read_by(const Cli *cli, const char **by, Error *err)
{
    const char *given = cli_value(cli, "by");
    *by = NULL;
    if (!given) return true;
    for (int i = 0; best_ways[i]; i++)
        if (strcmp(given, best_ways[i]) == 0) *by = best_ways[i];
    if (!*by) {
        return error_set(err, ERR_CONFIG, "--by %.40s: one of value, mean, posterior%s", given,
                         names_suggest_as("; did you mean ", "?", given, best_ways, "").text);
    }
    if (cli_value(cli, "trial") || cli_flag(cli, "front"))
        return error_set(err, ERR_CONFIG, "--by chooses the best trial; it does not go with --%s",
                         cli_flag(cli, "front") ? "front" : "trial");
    if (cli_value(cli, "metric") && strcmp(*by, "value") != 0)
        return error_set(err, ERR_CONFIG, "--by %s is by the study's own metric; leave out --metric", *by);
    return true;
}

/* With several goals there is no best trial, unless one of the goals or one trial is asked for. */
static bool wants_front(const Cli *cli, const OpenStudy *open)
{
    bool one = cli_flag(cli, "yaml") || cli_value(cli, "metric") || cli_value(cli, "trial")
            || cli_value(cli, "by");
    return cli_flag(cli, "front") || (open->stored.goals.n > 0 && !one);
}

static bool print_front(const Cli *cli, const OpenStudy *open, Text *out, Error *err)
{
    Front front;
    const TrialRow *rows;
    return study_front(open, &front, &rows, err) && front_print(open, &front, rows, cli->json,
                          output_width(cli, OUTPUT_TABLE), out, err);
}

static bool print_best(const Cli *cli, const OpenStudy *open, const BestOptions *options, Text *out, Error *err)
{
    Best best;
    if (!best_find(open, options, &best, err)) return false;
    return cli_flag(cli, "yaml") ? best_print_config(open, &best, cli_flag(cli, "full"), out, err)
                                 : print_facts(open, &best, cli->json, out, err);
}

int cmd_best(Cli *cli)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    BestOptions options = {.metric = cli_value(cli, "metric")};
    if (!cli_int(cli, "trial", 0, 1000000000, -1, &options.number, &err) || !read_by(cli, &options.by, &err)
        || !open_study(cli, study_argument(cli), &open, &err))
        return cli_fail(&err);
    bool ok = wants_front(cli, &open) ? print_front(cli, &open, &text, &err)
                                      : print_best(cli, &open, &options, &text, &err);
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
