/* app/export_trials.c - a study's trials as CSV, as JSON, or as an Optuna database. */
#include "app/export_trials.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "app/trial_doc.h"
#include "base/file.h"
#include "tuner/exchange/exchange.h"

/* To --out, or to standard output. */
static int give(Cli *cli, const Text *text, const char *what)
{
    Error err;
    const char *path = cli_value(cli, "out");
    if (!text_ok(text)) return cli_fail((error_memory(&err), &err));
    if (!path || strcmp(path, "-") == 0) return cli_answer(text);
    if (!file_write(path, text->bytes ? text->bytes : "", text->n, &err)) return cli_fail(&err);
    cli_say(cli, "%s in %s", what, path);
    return EXIT_OK;
}

/* The study, its configuration and its trials; --top N: the best so many. */
typedef struct {
    OpenStudy open;
    Config *config;
    TrialRow *rows;
    int n;
} Trials;

static bool trials_open(Cli *cli, Trials *out, Error *err)
{
    int top;
    *out = (Trials){0};
    if (!cli_int(cli, "top", 1, 100000000, 0, &top, err)
        || !open_study(cli, study_argument(cli), &out->open, err))
        return false;
    bool ok = study_config(&out->open, &out->config, err)
           && store_trials(out->open.store, out->open.study.id, cli->arena, &out->rows, &out->n, err);
    if (ok) out->n = exchange_top(out->rows, out->n, top, out->open.study.maximize);
    else study_close(&out->open);
    return ok;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

/* Is it the name of a column that is there for every study? */
static bool is_fact(const char *name)
{
    for (int i = 0; i < trial_columns.n; i++)
        if (column_in(&trial_columns.columns[i], IN_CSV_HEAD | IN_CSV)
            && strcmp(column_label(&trial_columns.columns[i]), name) == 0)
            return true;
    return false;
}

static void cell(Text *out, bool first, const char *text)
{
    if (!first) text_add(out, ",");
    output_csv_cell(out, text ? text : "");
}

static void number_cell(Text *out, double number)
{
    char text[32] = "";
    if (isfinite(number)) text_number(number, text);
    cell(out, false, text);
}

/* The facts about a trial; of none: their names. */
static void fact_cells(unsigned when, const TrialRow *row, Text *out)
{
    char text[32];
    for (int i = 0, n = 0; i < trial_columns.n; i++) {
        const RowColumn *column = &trial_columns.columns[i];
        if (!column_in(column, when)) continue;
        cell(out, when == IN_CSV_HEAD && n++ == 0, row ? column_text(column, row, text) : column_label(column));
    }
}

/* The names of all pooled metrics there are, in the order they first appear. */
static bool metric_headings(Trials *t, const char ***names, int *n, Error *err)
{
    enum { MOST = 200 };
    *names = ARENA_NEW(t->open.arena, const char *, MOST);
    *n = 0;
    if (!*names) return error_memory(err);
    for (int i = 0; i < t->n; i++) {
        MetricRow *metrics;
        int n_metrics;
        if (!store_metrics(t->open.store, t->rows[i].id, t->open.arena, &metrics, &n_metrics, err))
            return false;
        for (int m = 0; m < n_metrics; m++) {
            if (metrics[m].fold != -1) continue;
            const char *name = arena_print(t->open.arena, "%s_%s", metrics[m].split, metrics[m].name);
            if (!name) return error_memory(err);
            bool there = false;
            for (int k = 0; k < *n; k++) there |= strcmp((*names)[k], name) == 0;
            if (!there && *n < MOST) (*names)[(*n)++] = name;
        }
        if (*n > 0 && t->rows[i].state == TRIAL_COMPLETE) break; /* every complete trial has the same */
    }
    return true;
}

static bool csv_row(Trials *t, const TrialRow *row, const char **metric_names_, int n_metrics_all,
                    Text *out, Error *err)
{
    const Space *space = t->config->space;
    Arena *arena = arena_create(0);
    Value *values = arena ? ARENA_NEW(arena, Value, space->n_params) : NULL;
    MetricRow *metrics = NULL;
    int n_metrics = 0;
    char text[64];
    Doc *params = values ? doc_parse(row->params, strlen(row->params), err) : NULL;
    bool ok = values || error_memory(err);
    ok = ok && params && space_from_doc(space, params, arena, values, err)
      && store_metrics(t->open.store, row->id, arena, &metrics, &n_metrics, err);
    doc_free(params);
    if (ok) fact_cells(IN_CSV_HEAD, row, out);
    for (int i = 0; ok && i < space->n_params; i++) {
        Value v = values[i];
        if (v.kind == VALUE_NONE) text[0] = '\0';
        else if (v.kind != VALUE_TEXT && v.kind != VALUE_LIST) value_json(&v, text, sizeof text);
        cell(out, false, v.kind == VALUE_TEXT || v.kind == VALUE_LIST ? v.text : text);
    }
    for (int k = 0; ok && k < n_metrics_all; k++) {
        double found = NAN;
        for (int m = 0; m < n_metrics; m++) {
            snprintf(text, sizeof text, "%s_%s", metrics[m].split, metrics[m].name);
            if (metrics[m].fold == -1 && strcmp(text, metric_names_[k]) == 0) found = metrics[m].value;
        }
        number_cell(out, found);
    }
    if (ok) {
        fact_cells(IN_CSV, row, out);
        text_add(out, "\n");
    }
    arena_destroy(arena);
    return ok || error_wrap(err, "trial %d", row->number);
}

int export_trials_csv(Cli *cli)
{
    Error err;
    Trials t;
    Text text = {0};
    const char **metrics = NULL;
    int n_metrics = 0;
    if (!trials_open(cli, &t, &err)) return cli_fail(&err);
    bool ok = metric_headings(&t, &metrics, &n_metrics, &err);
    if (ok) fact_cells(IN_CSV_HEAD, NULL, &text);
    for (int i = 0; ok && i < t.config->space->n_params; i++) {
        const char *name = t.config->space->params[i].name;
        /* as in the study's own view, a parameter does not hide what is there for every study */
        cell(&text, false, is_fact(name) ? arena_print(cli->arena, "param_%s", name) : name);
    }
    for (int i = 0; ok && i < n_metrics; i++) cell(&text, false, metrics[i]);
    if (ok) fact_cells(IN_CSV, NULL, &text);
    if (ok) text_add(&text, "\n");
    for (int i = 0; ok && i < t.n; i++) ok = csv_row(&t, &t.rows[i], metrics, n_metrics, &text, &err);
    study_close(&t.open);
    int code = ok ? give(cli, &text, arena_print(cli->arena, "%d trials", t.n)) : cli_fail(&err);
    text_free(&text);
    return code;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_study(Doc *doc, const StudyInfo *study)
{
    Doc *about = doc_set(doc, "study", doc_object());
    doc_set_text(about, "name", study->name);
    doc_set_text(about, "state", study->state);
    doc_set_text(about, "method", study->method);
    doc_set_text(about, "metric", study->metric);
    doc_set_text(about, "goal", study->maximize ? "maximize" : "minimize");
    doc_set_number(about, "seed", (double)study->seed);
    doc_set_text(about, "created_utc", study->created_utc);
    doc_set_text(about, "consort_version", study->version);
    doc_set_text(about, "config_sha256", study->config_sha256);
    doc_set_text(about, "data_sha256", study->data_sha256);
    doc_set_text(about, "split_sha256", study->split_sha256);
    Doc *classes = doc_set(about, "classes", doc_array());
    for (int i = 0; i < study->n_classes; i++) doc_add(classes, doc_text(study->classes[i]));
}

int export_trials_json(Cli *cli)
{
    Error err;
    Trials t;
    Text text = {0};
    if (!trials_open(cli, &t, &err)) return cli_fail(&err);
    Doc *doc = doc_object();
    Arena *arena = arena_create(0);
    doc_set_number(doc, "schema", 1);
    add_study(doc, &t.open.study);
    Doc *list = doc_set(doc, "trials", doc_array());
    bool ok = arena != NULL || error_memory(&err);
    for (int i = 0; ok && i < t.n; i++) {
        ok = trial_doc(t.open.store, &t.rows[i], arena, doc_add(list, doc_object()), &err);
        arena_reset(arena);
    }
    ok = ok && (doc_print(doc, 1, &text) || error_memory(&err));
    text_add(&text, "\n");
    doc_free(doc);
    arena_destroy(arena);
    study_close(&t.open);
    int code = ok ? give(cli, &text, arena_print(cli->arena, "%d trials", t.n)) : cli_fail(&err);
    text_free(&text);
    return code;
}

/* ---- Optuna ---------------------------------------------------------------------------------- */

int export_trials_optuna(Cli *cli)
{
    Error err;
    OpenStudy open;
    Config *config;
    OptunaOptions options = {.utc = cli_flag(cli, "utc")};
    int n = 0;
    const char *path = cli_value(cli, "out");
    if (!path) {
        error_set(&err, ERR_CONFIG, "--out is missing: --to optuna --out study.db");
        return cli_fail(&err);
    }
    if (!cli_int(cli, "top", 1, 100000000, 0, &options.top, &err)
        || !open_study(cli, study_argument(cli), &open, &err))
        return cli_fail(&err);
    bool ok = study_config(&open, &config, &err)
           && (options.goals = &config->goals) != NULL
           && exchange_to_optuna(open.store, &open.study, config->space, &options, path, &n, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    if (n > 10000)
        cli_say(cli, "consort: optuna-dashboard is slow with more than 10,000 trials; --top 10000 leaves the"
                " best");
    cli_say(cli, "%d trials; in Python: optuna.load_study(study_name=\"%s\", storage=\"sqlite:///%s\")", n,
            open.study.name, path);
    puts(path);
    return EXIT_OK;
}
