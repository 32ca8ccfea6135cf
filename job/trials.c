/* job/trials.c - writes the trials of a study as CSV and as JSON. */
#include "job/trials.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "job/trial_doc.h"
#include "tuner/exchange/exchange.h"

typedef struct {
    const OpenStudy *open;
    Config *config;
    const TrialsTaker *taker; /* NULL: none */
    Text *out;
    const char *const *taken; /* names that are no metric's */
} Trials;

/* ---- one after the other ----------------------------------------------------------------------- */

typedef struct {
    const OpenStudy *open;
    TrialRow *best; /* (n_best) in brief, of those alone that were asked for; NULL: all */
    int n_best;
    Arena *page;
    TrialRow *rows; /* (n) of the page */
    int n, at;
    int64_t next;   /* number at which the next page begins, or position among the best */
} Walk;

static bool walk_begin(const OpenStudy *open, int top, Walk *out, Error *err)
{
    int n;
    *out = (Walk){.open = open, .page = arena_create(0)};
    if (!out->page) return error_memory(err);
    if (!store_count_trials(open->store, open->study.id, &n, err)) return false;
    if (top <= 0 || top >= n) return true;
    if (!store_trials_brief(open->store, open->study.id, open->arena, &out->best, &n, err)) return false;
    out->n_best = exchange_top(out->best, n, top, open->study.maximize);
    return true;
}

static bool next_page(Walk *w, Error *err)
{
    enum { AT_ONCE = 1000 };
    const OpenStudy *open = w->open;
    arena_reset(w->page);
    w->at = w->n = 0;
    if (w->best && w->next < w->n_best) {
        w->rows = &w->best[w->next++];
        w->n = 1;
        return store_trial_whole(open->store, w->rows, w->page, err);
    }
    if (w->best) return true;
    if (!store_trials_from(open->store, open->study.id, w->next, AT_ONCE, w->page, &w->rows, &w->n, err))
        return false;
    if (w->n > 0) w->next = (int64_t)w->rows[w->n - 1].number + 1;
    return true;
}

/* NULL and true: that was the last. A row lives until the next is asked for. */
static bool walk_next(Walk *w, const TrialRow **row, Error *err)
{
    *row = NULL;
    if (w->at == w->n && !next_page(w, err)) return false;
    if (w->at < w->n) *row = &w->rows[w->at++];
    return true;
}

static bool pass_on(const Trials *t, bool end, Error *err)
{
    enum { MUCH = 1 << 18 };
    if (!text_ok(t->out)) return error_memory(err);
    if (!t->taker || (!end && t->out->n < MUCH)) return true;
    if (t->out->n > 0 && !t->taker->take(t->taker->to, t->out, err)) return false;
    t->out->n = 0;
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
static bool metric_headings(Trials *t, Walk *walk, const char ***names, int *n, Error *err)
{
    enum { MOST = 200 };
    const TrialRow *row;
    *names = ARENA_NEW(t->open->arena, const char *, MOST);
    *n = 0;
    if (!*names) return error_memory(err);
    for (;;) {
        MetricRow *metrics;
        int n_metrics;
        if (!walk_next(walk, &row, err)) return false;
        if (!row) break;
        if (!store_metrics(t->open->store, row->id, walk->page, &metrics, &n_metrics, err)) return false;
        for (int m = 0; m < n_metrics; m++) {
            if (metrics[m].fold != -1 || strcmp(metrics[m].split, "test") == 0) continue; /* few have those */
            const char *name = heading(t, &metrics[m], t->open->arena);
            if (!name) return error_memory(err);
            bool there = false;
            for (int k = 0; k < *n; k++) there |= strcmp((*names)[k], name) == 0;
            if (!there && *n < MOST) (*names)[(*n)++] = name;
        }
        if (*n > 0 && row->state == TRIAL_COMPLETE) break; /* every complete trial has the same */
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

static bool csv_rows(Trials *t, Walk *walk, const char **metrics, int n_metrics, int *n, Error *err)
{
    const TrialRow *row;
    for (*n = 0;; ++*n) {
        if (!walk_next(walk, &row, err)) return false;
        if (!row) return pass_on(t, true, err);
        if (!csv_row(t, row, metrics, n_metrics, t->out, err) || !pass_on(t, false, err)) return false;
    }
}

bool trials_csv(const OpenStudy *open, int top, const TrialsTaker *taker, Text *out, int *n, Error *err)
{
    Trials t = {.open = open, .taker = taker, .out = out};
    Walk names = {0}, walk = {0};
    const char **metrics = NULL;
    int n_metrics = 0;
    bool ok = study_config(open, &t.config, err) && walk_begin(open, top, &names, err) && take_names(&t, err)
           && metric_headings(&t, &names, &metrics, &n_metrics, err);
    if (ok) fact_cells(IN_CSV_HEAD, NULL, out);
    for (int i = 0; ok && i < t.config->space->n_params; i++) {
        const char *name = t.config->space->params[i].name;
        /* as in the study's own view, a parameter does not hide what is there for every study */
        cell(out, false, is_fact(name) ? arena_print(open->arena, "param_%s", name) : name);
    }
    for (int i = 0; ok && i < n_metrics; i++) cell(out, false, metrics[i]);
    if (ok) fact_cells(IN_CSV, NULL, out);
    if (ok) text_add(out, "\n");
    ok = ok && walk_begin(open, top, &walk, err) && csv_rows(&t, &walk, metrics, n_metrics, n, err);
    arena_destroy(names.page);
    arena_destroy(walk.page);
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

/* A document as one that stands `deep` levels into another: a line break is never inside a text. */
static bool add_indented(const Doc *doc, int deep, Text *out, Error *err)
{
    Text text = {0};
    bool ok = doc_print(doc, 1, &text);
    for (const char *at = text.bytes, *end; ok && at; at = end ? end + 1 : NULL) {
        end = strchr(at, '\n');
        text_add_n(out, at, end ? (size_t)(end - at) : strlen(at));
        if (end) text_add(out, "\n");
        for (int i = 0; end && i < deep; i++) text_add(out, " ");
    }
    text_free(&text);
    return ok || error_memory(err);
}

static bool json_trial(const Trials *t, const TrialRow *row, Arena *arena, Error *err)
{
    Doc *doc = doc_object();
    const bool ok = trial_doc(t->open->store, row, arena, doc, err) && add_indented(doc, 2, t->out, err);
    doc_free(doc);
    return ok;
}

/* What stands around the trials; its last line is that of the empty list. */
static bool json_frame(const Trials *t, Text *out, Error *err)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    add_study(doc, &t->open->study);
    doc_set(doc, "trials", doc_array());
    const bool ok = doc_print(doc, 1, out);
    doc_free(doc);
    return ok || error_memory(err);
}

bool trials_json(const OpenStudy *open, int top, const TrialsTaker *taker, Text *out, int *n, Error *err)
{
    static const char empty[] = "[]\n}";
    const size_t tail = sizeof empty - 1;
    Trials t = {.open = open, .taker = taker, .out = out};
    Walk walk = {0};
    Text frame = {0};
    const TrialRow *row = NULL;
    Arena *arena = arena_create(0);
    bool ok = (arena || error_memory(err)) && study_config(open, &t.config, err)
           && walk_begin(open, top, &walk, err) && json_frame(&t, &frame, err);
    assert(!ok || (frame.n > tail && strcmp(frame.bytes + frame.n - tail, empty) == 0));
    if (ok) text_add_n(out, frame.bytes, frame.n - tail);
    for (*n = 0; ok; ++*n) {
        ok = walk_next(&walk, &row, err);
        if (!ok || !row) break;
        text_add(out, *n ? ",\n  " : "[\n  ");
        ok = json_trial(&t, row, arena, err) && pass_on(&t, false, err);
        arena_reset(arena);
    }
    text_add(out, *n ? "\n ]\n}\n" : "[]\n}\n");
    ok = ok && pass_on(&t, true, err);
    text_free(&frame);
    arena_destroy(walk.page);
    arena_destroy(arena);
    return ok;
}
