/* Tasks, epochs and records as bytes: one function a struct writes it and reads it back, checked as if a
 * stranger sent it. */
#include "tuner/study/wire.h"

#include <string.h>

/* ---- what a message holds -------------------------------------------------------------------- */

/* One function a struct serves both ends: with `out` it writes the fields, else it reads them. */
typedef struct {
    Text *out;
    const char *at, *end;
    Arena *arena;
    bool bad;
} Fields;

static void raw(Fields *f, void *bytes, size_t n)
{
    if (f->out) {
        text_add_n(f->out, bytes, n);
    } else if (f->bad || (size_t)(f->end - f->at) < n) {
        f->bad = true;
        memset(bytes, 0, n);
    } else {
        memcpy(bytes, f->at, n);
        f->at += n;
    }
}
#define RAW(f, x) raw((f), &(x), sizeof(x))

static void flag(Fields *f, bool *x)
{
    char byte = *x;
    RAW(f, byte);
    *x = byte != 0;
}

/* How many items of that size follow; reading, not more than there are bytes. */
static void count(Fields *f, int *n, size_t size)
{
    RAW(f, *n);
    if (!f->out && (*n < 0 || (size_t)*n > (size_t)(f->end - f->at) / size)) {
        f->bad = true;
        *n = 0;
    }
}

static void *room(Fields *f, int n, size_t size)
{
    void *items = arena_alloc(f->arena, (size_t)n + 1, size);
    if (!items) f->bad = true;
    return items;
}

static void text(Fields *f, const char **s)
{
    int n = f->out && *s ? (int)strlen(*s) : -1;
    RAW(f, n);
    if (f->out) {
        if (*s) text_add_n(f->out, *s, (size_t)n);
        return;
    }
    *s = NULL;
    if (n < -1 || n > f->end - f->at) f->bad = true;
    if (f->bad || n < 0) return;
    *s = arena_copy_n(f->arena, f->at, (size_t)n);
    if (!*s) f->bad = true;
    f->at += n;
}

static void doubles(Fields *f, int *n, const double **values)
{
    count(f, n, sizeof **values);
    if (f->out) {
        text_add_n(f->out, (const char *)*values, (size_t)*n * sizeof **values);
        return;
    }
    double *copy = room(f, *n, sizeof *copy);
    if (f->bad) *n = 0;
    else raw(f, copy, (size_t)*n * sizeof *copy);
    *values = copy;
}

static void curves(Fields *f, int *n, const Curve **list)
{
    count(f, n, sizeof(int));
    Curve *copy = f->out ? NULL : room(f, *n, sizeof *copy);
    if (f->bad) *n = 0;
    for (int i = 0; i < *n; i++) {
        Curve curve = f->out ? (*list)[i] : (Curve){0};
        doubles(f, &curve.n, &curve.value);
        if (copy) copy[i] = curve;
    }
    if (!f->out) *list = copy;
}

/* The runs of others, of so many goals. */
static void runs(Fields *f, TrialTask *task)
{
    const int m = task->n_goals;
    count(f, &task->n_runs, 3 * sizeof(int));
    ForecastRun *copy = f->out ? NULL : room(f, task->n_runs, sizeof *copy);
    if (f->bad || m > PARETO_MOST || (task->n_runs > 0 && m < 1)) {
        f->bad = true;
        task->n_runs = 0;
    }
    for (int i = 0; i < task->n_runs; i++) {
        ForecastRun run = f->out ? task->runs[i] : (ForecastRun){0};
        int n_more = run.more ? run.n * (m - 1) : 0, n_end = run.end ? m : 0;
        RAW(f, run.full);
        doubles(f, &run.n, &run.first);
        doubles(f, &n_more, &run.more);
        doubles(f, &n_end, &run.end);
        flag(f, &run.breaks);
        if ((n_more > 0 && n_more != (int64_t)run.n * (m - 1)) || (n_end > 0 && n_end != m)) f->bad = true;
        if (n_more == 0) run.more = NULL;
        if (n_end == 0) run.end = NULL;
        if (copy) copy[i] = run;
    }
    if (!f->out) task->runs = copy;
}

static void task_fields(Fields *f, TrialTask *task, const char **params)
{
    RAW(f, task->number);
    RAW(f, task->again);
    text(f, params);
    text(f, &task->params_hash);
    curves(f, &task->n_others, &task->others);
    curves(f, &task->n_finished, &task->finished);
    doubles(f, &task->n_goals, &task->priced);
    RAW(f, task->full);
    runs(f, task);
    flag(f, &task->rungs);
    RAW(f, task->pause_after);
    RAW(f, task->n_known);
    RAW(f, task->seconds);
}

/* The columns asked for of one row. */
static void row_fields(Fields *f, const RowTable *table, unsigned when, void *row)
{
    for (int i = 0; i < table->n; i++) {
        const RowColumn *column = &table->columns[i];
        void *member = (char *)row + column->offset;
        if (!column_in(column, when)) continue;
        switch (column->member) {
        case MEMBER_NONE: break;
        case MEMBER_INT: raw(f, member, sizeof(int)); break;
        case MEMBER_INT64: raw(f, member, sizeof(int64_t)); break;
        case MEMBER_DOUBLE: raw(f, member, sizeof(double)); break;
        case MEMBER_TEXT:
            text(f, member);
            if (!f->out && column->null_text && !*(const char **)member) f->bad = true;
            break;
        case MEMBER_ENUM: {
            int n = 0, value = *(int *)member;
            while (column->names[n]) n++;
            RAW(f, value);
            if (value < 0 || value >= n) f->bad = true;
            if (!f->bad) *(int *)member = value;
        }
        }
    }
}

static void metrics(Fields *f, TrialRecord *record)
{
    count(f, &record->n_metrics, 4 * sizeof(double));
    if (!f->out) record->metrics = room(f, record->n_metrics, sizeof *record->metrics);
    if (f->bad) record->n_metrics = 0;
    for (int i = 0; i < record->n_metrics; i++) row_fields(f, &metric_columns, 0, &record->metrics[i]);
}

static void confusion(Fields *f, ConfusionRow *c)
{
    bool there = c->count != NULL;
    flag(f, &there);
    if (!there) return;
    text(f, &c->split);
    count(f, &c->n_classes, 1);
    size_t k = (size_t)c->n_classes, n = k * k;
    if (f->out) {
        text_add_n(f->out, (const char *)c->count, n * sizeof *c->count);
        return;
    }
    if (f->bad || !c->split || n > (size_t)(f->end - f->at) / sizeof *c->count) {
        f->bad = true;
        return;
    }
    int64_t *copy = arena_alloc(f->arena, n + 1, sizeof *copy);
    if (copy) raw(f, copy, n * sizeof *copy);
    else f->bad = true;
    c->count = copy;
}

static void artifacts(Fields *f, TrialRecord *record)
{
    enum { MOST = sizeof record->artifacts / sizeof *record->artifacts };
    count(f, &record->n_artifacts, 1);
    if (record->n_artifacts > MOST) f->bad = true;
    if (f->bad) record->n_artifacts = 0;
    for (int i = 0; i < record->n_artifacts; i++) {
        row_fields(f, &artifact_columns, 0, &record->artifacts[i]);
        if (!f->out && !record->artifacts[i].sha256) f->bad = true;
    }
}

static void record_fields(Fields *f, TrialRecord *record)
{
    row_fields(f, &trial_columns, OF_RUN, &record->row);
    if (record->row.state == TRIAL_RUNNING) f->bad = true;
    RAW(f, record->fail_text);
    record->fail_text[sizeof record->fail_text - 1] = '\0';
    metrics(f, record);
    confusion(f, &record->confusion);
    artifacts(f, record);
    doubles(f, &record->curve.n, &record->curve.value);
    doubles(f, &record->more.n, &record->more.value);
    doubles(f, &record->scores.n, &record->scores.value);
}

/* ---- messages -------------------------------------------------------------------------------- */

bool wire_put_task(const Space *space, int64_t errand, const TrialTask *task, Text *out)
{
    Text params = {0};
    TrialTask copy = *task;
    bool ok = space_json(space, task->values, &params);
    const char *json = params.bytes;
    Fields f = {.out = out};
    RAW(&f, errand);
    if (ok) task_fields(&f, &copy, &json);
    text_free(&params);
    return ok && text_ok(out);
}

bool wire_task(const char *body, size_t n, const Space *space, Arena *arena, int64_t *errand, TrialTask *out)
{
    Fields f = {.at = body, .end = body + n, .arena = arena};
    const char *json = NULL;
    *out = (TrialTask){0};
    RAW(&f, *errand);
    task_fields(&f, out, &json);
    Value *values = ARENA_NEW(arena, Value, space->n_params + 1);
    Doc *params = f.bad || !json ? NULL : doc_parse(json, strlen(json), NULL);
    bool ok = values && params && out->params_hash && space_from_doc(space, params, arena, values, NULL);
    doc_free(params);
    out->values = values;
    return ok;
}

bool wire_put_epoch(int64_t errand, const EpochRow *row, Text *out)
{
    EpochRow copy = *row;
    Fields f = {.out = out};
    RAW(&f, errand);
    row_fields(&f, &epoch_columns, 0, &copy);
    return text_ok(out);
}

bool wire_epoch(const char *body, size_t n, int64_t *errand, EpochRow *out)
{
    Fields f = {.at = body, .end = body + n};
    RAW(&f, *errand);
    row_fields(&f, &epoch_columns, 0, out);
    return !f.bad && f.at == f.end;
}

bool wire_put_record(int64_t errand, const TrialRecord *record, Text *out)
{
    TrialRecord copy = *record;
    Fields f = {.out = out};
    RAW(&f, errand);
    record_fields(&f, &copy);
    return text_ok(out);
}

bool wire_record(const char *body, size_t n, Arena *arena, int64_t *errand, TrialRecord *out)
{
    Fields f = {.at = body, .end = body + n, .arena = arena};
    *out = (TrialRecord){0};
    RAW(&f, *errand);
    record_fields(&f, out);
    return !f.bad && f.at == f.end;
}
