#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mat.h"
#include "job/products.h"
#include "model/evaluate.h"
#include "reports/classification.h"

enum { BOOTSTRAP_SAMPLES = 1000 };

static bool read_gate(const char *text, MetricId *metric, double *bound, Error *err)
{
    char name[64];
    const char *equal = strchr(text, '=');
    snprintf(name, sizeof name, "%.*s", equal ? (int)(equal - text) : 0, text);
    *metric = metric_find(name);
    if (equal && *metric != METRIC_COUNT && text_to_number(equal + 1, bound)) return true;
    const char *near = equal && *metric == METRIC_COUNT ? text_nearest(name, metric_names) : NULL;
    if (near)
        return error_set(err, ERR_CONFIG, "--min %.80s: unknown metric; did you mean `%s`?", text,
                         near);
    return error_set(err, ERR_CONFIG, "--min %.80s: write METRIC=VALUE, such as f1_macro=0.97",
                     text);
}

/* Before anything is read, and before the test set is looked at. */
static bool check_gates(const Cli *cli, Error *err)
{
    const char *gates[CLI_MAX_OPTIONS];
    MetricId metric;
    double bound;
    int n = cli_values(cli, "min", gates);
    for (int i = 0; i < n; i++)
        if (!read_gate(gates[i], &metric, &bound, err)) return false;
    return true;
}

/* --min f1_macro=0.97: a gate for continuous integration. True when it holds. */
static bool gate(const Cli *cli, const Doc *evaluation, int *code)
{
    const char *gates[CLI_MAX_OPTIONS];
    int n = cli_values(cli, "min", gates);
    for (int i = 0; i < n; i++) {
        MetricId metric;
        double bound;
        Error err;
        if (!read_gate(gates[i], &metric, &bound, &err)) { /* check_gates() passed it: a bug */
            *code = cli_fail(&err);
            return false;
        }
        const Doc *value = doc_get(doc_get(doc_get(evaluation, "metrics"), metric_name(metric)),
                                   "value");
        double got = doc_to_number(value, NAN);
        bool holds = metric_larger_is_better(metric) ? got >= bound : got <= bound;
        if (holds) continue;
        fprintf(stderr, "consort: %s is %.6g, the gate is %.6g\n", metric_name(metric), got, bound);
        *code = EXIT_GATE;
        return false;
    }
    return true;
}

static int answer(const Cli *cli, Doc *evaluation)
{
    Text text = {0};
    if (cli->json) {
        doc_print(evaluation, 1, &text);
        text_add(&text, "\n");
    } else {
        classification_report(evaluation, &text);
    }
    int code = cli_answer(&text);
    if (code == EXIT_OK) gate(cli, evaluation, &code);
    text_free(&text);
    doc_free(evaluation);
    return code;
}

/* No DATA: the study's own test set, which is looked at deliberately or not at all. */
static int evaluate_study(Cli *cli)
{
    Error err;
    Finished finished;
    Doc *ensemble, *best;
    if (!cli_flag(cli, "final")) {
        error_set(&err, ERR_CONFIG, "give DATA to evaluate on, or --final to open the study's test"
                  " set (each look is recorded)");
        return cli_fail(&err);
    }
    if (!finished_open(cli, cli->arguments[0], &finished, &err)) return cli_fail(&err);
    bool ok = finished_has_models(&finished, "an evaluation", &err);
    ok = ok && (finished.data.test || error_set(&err, ERR_DATA, "study %s has no test set",
                                                 finished.study.name));
    ok = ok && product_test(&finished, &ensemble, &best, &err);
    finished_close(&finished);
    if (!ok) return cli_fail(&err);
    doc_free(best);
    return answer(cli, ensemble);
}

int cmd_evaluate(Cli *cli)
{
    Error err;
    Model *model;
    const char *path;
    ReadOptions read;
    Table *table;
    Doc *evaluation;
    int positive = -1;
    if (!check_gates(cli, &err)) return cli_fail(&err);
    if (cli->n_arguments == 1 && cli_value(cli, "views")) {
        error_set(&err, ERR_CONFIG, "--views needs DATA; --final looks at each picture once");
        return cli_fail(&err);
    }
    if (cli->n_arguments == 1) return evaluate_study(cli);
    mat_init();
    DataFile file = {cli->arguments[1], cli_value(cli, "labels")};
    int views;
    if (!cli_int(cli, "views", 1, 9, 1, &views, &err)
        || !model_open(cli, cli->arguments[0], cli->arena, &model, &path, &err)
        || !model_set_views(model, views, &err)
        || !read_options_of(cli, cli->arena, &read, &err))
        return cli_fail(&err);
    if (!table_open(&file, &read, &model->schema, cli->arena, &table, &err)) return cli_fail(&err);
    if (!table->labels) {
        error_set(&err, ERR_DATA, "%s has no label column; name it with --label, or use `consort"
                  " predict`", file.images);
        return cli_fail(&err);
    }
    const char *name = cli_value(cli, "positive-class");
    for (int c = 0; name && c < model->schema.n_classes; c++)
        if (strcmp(model->schema.classes[c], name) == 0) positive = c;
    if (name && positive < 0) {
        error_set(&err, ERR_CONFIG, "--positive-class %.100s: the model has no such class", name);
        return cli_fail(&err);
    }
    if (!evaluate_model(model, table, positive, BOOTSTRAP_SAMPLES, 0, cli->arena, &evaluation,
                        &err))
        return cli_fail(&err);
    return answer(cli, evaluation);
}
