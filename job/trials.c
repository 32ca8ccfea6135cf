/* job/trials.c - writes the trials of a study as CSV and as JSON. */
#include "job/trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "job/trial_doc.h"
#include "tuner/exchange/exchange.h"

typedef struct {
    const OpenStudy *open;
    Config *config;
    TrialRow *rows;
    int n;
    const char *const *taken; /* names that are no metric's */
} Trials;

static bool read_trials(const OpenStudy *open, int top, Trials *out, Error *err)
{
    *out = (Trials){.open = open};
    if (!study_config(open, &out->config, err)
        || !store_trials(open->store, open->study.id, open->arena, &out->rows, &out->n, err))
        return false;
    out->n = exchange_top(out->rows, out->n, top, open->study.maximize);
    return true;
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
    text_csv(out, text ? text : "");
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

/* What no metric may be called: the columns that are there for every study, and the parameters. */
static bool take_names(Trials *t, Error *err)
{
    const Space *space = t->config->space;
    const char **taken = ARENA_NEW(t->open->arena, const char *, trial_columns.n + space->n_params + 1);
    if (!taken) return error_memory(err);
    t->taken = taken;
    for (int i = 0; i < trial_columns.n; i++)
        if (column_in(&trial_columns.columns[i], IN_CSV_HEAD | IN_CSV))
            *taken++ = column_label(&trial_columns.columns[i]);
    for (int i = 0; i < space->n_params; i++) *taken++ = space->params[i].name;
    *taken = NULL;
    return true;
}

static const char *heading(const Trials *t, const MetricRow *metric, Arena *arena)
{
    return metric_heading(metric, study_runs_program(&t->open->study), t->taken, arena);
}

/* The names of all pooled metrics there are, in the order they first appear. */
static bool metric_headings(Trials *t, const char ***names, int *n, Error *err)
{
    enum { MOST = 200 };
    *names = ARENA_NEW(t->open->arena, const char *, MOST);
    *n = 0;
    if (!*names) return error_memory(err);
    for (int i = 0; i < t->n; i++) {
        MetricRow *metrics;
        int n_metrics;
        if (!store_metrics(t->open->store, t->rows[i].id, t->open->arena, &metrics, &n_metrics, err))
            return false;
        for (int m = 0; m < n_metrics; m++) {
            if (metrics[m].fold != -1 || strcmp(metrics[m].split, "test") == 0) continue; /* few have those */
            const char *name = heading(t, &metrics[m], t->open->arena);
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
      && store_metrics(t->open->store, row->id, arena, &metrics, &n_metrics, err);
    doc_free(params);
    if (ok) fact_cells(IN_CSV_HEAD, row, out);
    for (int i = 0; ok && i < space->n_params; i++) {
        Value v = values[i];
        if (v.kind == VALUE_NONE || value_is_null(&v)) text[0] = '\0';
        else if (v.kind == VALUE_REAL && !isfinite(v.number)) value_label(&v, text, sizeof text);
        else if (!v.text) value_json(&v, text, sizeof text);
        cell(out, false, v.text && !value_is_null(&v) ? v.text : text);
    }
    for (int k = 0; ok && k < n_metrics_all; k++) {
        double found = NAN;
        for (int m = 0; m < n_metrics; m++) {
            const char *name = metrics[m].fold == -1 ? heading(t, &metrics[m], arena) : "";
            if (name && strcmp(name, metric_names_[k]) == 0) found = metrics[m].value;
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

bool trials_csv(const OpenStudy *open, int top, Text *out, int *n, Error *err)
{
    Trials t;
    const char **metrics = NULL;
    int n_metrics = 0;
    if (!read_trials(open, top, &t, err)) return false;
    bool ok = take_names(&t, err) && metric_headings(&t, &metrics, &n_metrics, err);
    if (ok) fact_cells(IN_CSV_HEAD, NULL, out);
    for (int i = 0; ok && i < t.config->space->n_params; i++) {
        const char *name = t.config->space->params[i].name;
        /* as in the study's own view, a parameter does not hide what is there for every study */
        cell(out, false, is_fact(name) ? arena_print(open->arena, "param_%s", name) : name);
    }
    for (int i = 0; ok && i < n_metrics; i++) cell(out, false, metrics[i]);
    if (ok) fact_cells(IN_CSV, NULL, out);
    if (ok) text_add(out, "\n");
    for (int i = 0; ok && i < t.n; i++) ok = csv_row(&t, &t.rows[i], metrics, n_metrics, out, err);
    *n = t.n;
    return ok;
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

bool trials_json(const OpenStudy *open, int top, Text *out, int *n, Error *err)
{
    Trials t;
    if (!read_trials(open, top, &t, err)) return false;
    Doc *doc = doc_object();
    Arena *arena = arena_create(0);
    doc_set_number(doc, "schema", 1);
    add_study(doc, &open->study);
    Doc *list = doc_set(doc, "trials", doc_array());
    bool ok = arena != NULL || error_memory(err);
    for (int i = 0; ok && i < t.n; i++) {
        ok = trial_doc(open->store, &t.rows[i], arena, doc_add(list, doc_object()), err);
        arena_reset(arena);
    }
    ok = ok && (doc_print(doc, 1, out) || error_memory(err));
    text_add(out, "\n");
    doc_free(doc);
    arena_destroy(arena);
    *n = t.n;
    return ok;
}
