#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/products.h"
#include "model/paired.h"
#include "reports/columns.h"

enum { DRAWS = 1000 };

typedef struct {
    Cli *cli;
    OpenStudy open;
    const TrialRow *row[2];
    Doc *params[2];
    MetricRow *metrics[2];
    int n_metrics[2];
    bool tested;
    Paired paired;
    char untested[300]; /* why not */
} Diff;

/* ---- the paired test --------------------------------------------------------------------------- */

static bool load(const Diff *d, const Finished *f, int side, Predictions *out, Error *err)
{
    ArtifactRow *artifacts;
    int n;
    if (!store_artifacts(f->store, d->row[side]->id, d->cli->arena, &artifacts, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (strcmp(artifacts[i].kind, "proba") == 0) {
            const char *path = path_join(d->cli->arena, f->place.folder, artifacts[i].path);
            return path ? predictions_load(path, d->cli->arena, out, err) : error_memory(err);
        }
    return error_set(err, ERR_INVALID, "trial %d has not kept its predictions (run.keep_models)",
                     d->row[side]->number);
}

/* On the rows that both predicted, and whose class is known. */
static bool test(Diff *d, const char *study, Error *err)
{
    Finished f;
    Predictions p[2];
    Arena *arena = d->cli->arena;
    if (!finished_open(d->cli, study, &f, err)) return false;
    bool ok = finished_has_models(&f, "a paired test", err) && load(d, &f, 0, &p[0], err) && load(d, &f, 1,
                                                                                                  &p[1], err);
    if (ok && p[0].n_classes != p[1].n_classes)
        ok = error_set(err, ERR_DATA, "their predictions have %d and %d classes", p[0].n_classes,
                       p[1].n_classes);
    const int k = ok ? p[0].n_classes : 1, most = ok ? p[0].n_rows : 0;
    float *a = ARENA_NEW(arena, float, (size_t)most * (size_t)k + 1);
    float *b = ARENA_NEW(arena, float, (size_t)most * (size_t)k + 1);
    int32_t *labels = ARENA_NEW(arena, int32_t, most + 1);
    int n = 0;
    if (ok && (!a || !b || !labels)) ok = error_memory(err);
    for (int i = 0, j = 0; ok && i < p[0].n_rows; i++) {
        int32_t row = p[0].row[i];
        while (j < p[1].n_rows && p[1].row[j] < row) j++;
        if (j == p[1].n_rows || p[1].row[j] != row || row < 0 || row >= f.data.train->n_rows) continue;
        int32_t label = f.data.train->labels[row];
        if (label < 0 || label >= k) continue;
        memcpy(a + (size_t)n * (size_t)k, p[0].proba + (size_t)i * (size_t)k, (size_t)k * sizeof *a);
        memcpy(b + (size_t)n * (size_t)k, p[1].proba + (size_t)j * (size_t)k, (size_t)k * sizeof *b);
        labels[n++] = label;
    }
    if (ok && n == 0) ok = error_set(err, ERR_DATA, "they predicted no row in common");
    ok = ok && paired_compare(n, k, a, b, labels, DRAWS, f.study.seed, arena, &d->paired, err);
    finished_close(&f);
    return ok;
}

/* ---- the answer ---------------------------------------------------------------------------------- */

static const char *param_text(const Doc *params, const char *key, Arena *arena)
{
    const Doc *value = doc_get(params, key);
    Text text = {0};
    if (!value || doc_kind(value) == DOC_NULL) return "-";
    if (doc_kind(value) == DOC_TEXT) return doc_to_text(value, "");
    const char *copy = doc_print(value, 0, &text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return copy ? copy : "?";
}

static double metric_of(const Diff *d, int side, const MetricRow *like)
{
    for (int i = 0; i < d->n_metrics[side]; i++) {
        const MetricRow *m = &d->metrics[side][i];
        if (m->fold == -1 && strcmp(m->split, like->split) == 0 && strcmp(m->name,
                                                                          like->name) == 0) return m->value;
    }
    return NAN;
}

static void add(Sheet *sheet, const char *name, const char *a, const char *b, const char *delta)
{
    Cell *row = sheet_row(sheet);
    row[0].text = name, row[1].text = a, row[2].text = b, row[3].text = delta;
}

static bool print_table(const Diff *d, Text *out)
{
    Arena *arena = d->cli->arena;
    const char *key;
    const Doc *child;
    int same = 0;
    const char *titles[] = {"", arena_print(arena, "trial %d", d->row[0]->number),
                            arena_print(arena, "trial %d", d->row[1]->number), "difference", NULL};
    const size_t most = 1 + doc_count(d->params[0]) + doc_count(d->params[1]) + (size_t)d->n_metrics[0];
    Sheet sheet;
    if (!titles[1] || !titles[2] || !sheet_plain(titles, most, arena, &sheet, NULL)) return false;
    add(&sheet, "state", trial_state_names[d->row[0]->state], trial_state_names[d->row[1]->state], "");
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; doc_member(d->params[side], i, &key, &child); i++) {
            if (side == 1 && doc_get(d->params[0], key)) continue; /* shown already */
            const char *a = param_text(d->params[0], key, arena), *b = param_text(d->params[1], key, arena);
            if (strcmp(a, b) == 0 && !d->cli->verbose) same++;
            else add(&sheet, key, a, b, "");
        }
    for (int i = 0; i < d->n_metrics[0]; i++) {
        const MetricRow *m = &d->metrics[0][i];
        double a = m->value, b = metric_of(d, 1, m);
        if (m->fold != -1 || (isnan(a) && isnan(b))) continue;
        add(&sheet, arena_print(arena, "%s_%s", m->split, m->name), arena_print(arena, "%.6g", a),
            arena_print(arena, "%.6g", b), arena_print(arena, "%+.6g", b - a));
    }
    if (!sheet_whole(&sheet)) return false;
    sheet_print(&sheet, out);
    if (same) text_print(out, "%d parameter%s the same (-v shows them)\n", same, same == 1 ? " is" : "s are");
    return text_ok(out);
}

static void print_test(const Diff *d, Text *out)
{
    const Paired *p = &d->paired;
    if (!d->tested) {
        text_print(out, "\nno paired test: %s\n", d->untested);
        return;
    }
    text_print(out, "\non the %d rows that both predicted, trial %d minus trial %d:\n", p->n, d->row[1]->number,
               d->row[0]->number);
    for (int i = 0; i < PAIRED_METRICS; i++) {
        const PairedDelta *m = &p->delta[i];
        text_print(out, "  %-10s %+.5f  (95 %% from %+.5f to %+.5f)  p = %.3g\n", metric_label(m->metric),
                   m->delta,
                   m->low95, m->high95, m->p);
    }
    text_print(out, "  right in one alone: %d and %d (McNemar's exact test for the accuracy)\n", p->only_a,
               p->only_b);
}

static void print_json(const Diff *d, Text *out)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", d->open.study.name);
    Doc *trials = doc_set(doc, "trials", doc_array());
    for (int side = 0; side < 2; side++) {
        Doc *trial = doc_add(trials, doc_object());
        doc_set_number(trial, "trial", d->row[side]->number);
        doc_set_text(trial, "state", trial_state_names[d->row[side]->state]);
        doc_set_number(trial, "value", d->row[side]->value);
        doc_set(trial, "params", doc_copy(d->params[side]));
        Doc *metrics = doc_set(trial, "metrics", doc_object());
        for (int i = 0; i < d->n_metrics[side]; i++)
            if (d->metrics[side][i].fold == -1 && strcmp(d->metrics[side][i].split, "val") == 0)
                doc_set_number(metrics, d->metrics[side][i].name, d->metrics[side][i].value);
    }
    if (d->tested) {
        Doc *test = doc_set(doc, "paired", doc_object());
        doc_set_number(test, "rows", d->paired.n);
        doc_set_number(test, "only_a", d->paired.only_a);
        doc_set_number(test, "only_b", d->paired.only_b);
        for (int i = 0; i < PAIRED_METRICS; i++) {
            const PairedDelta *m = &d->paired.delta[i];
            Doc *entry = doc_set(test, metric_name(m->metric), doc_object());
            doc_set_number(entry, "delta", m->delta);
            doc_set_number(entry, "low95", m->low95);
            doc_set_number(entry, "high95", m->high95);
            doc_set_number(entry, "p", m->p);
        }
    } else {
        doc_set_text(doc, "no_test", d->untested);
    }
    doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
}

static bool find(Diff *d, const char *const numbers[2], Error *err)
{
    TrialRow *rows;
    int n;
    Arena *arena = d->cli->arena;
    if (!store_trials(d->open.store, d->open.study.id, arena, &rows, &n, err)) return false;
    for (int side = 0; side < 2; side++) {
        double number;
        if (!text_to_number(numbers[side], &number) || number < 0 || number != floor(number))
            return error_set(err, ERR_CONFIG, "`%.60s` is no trial number; usage: consort diff [STUDY] A B",
                             numbers[side]);
        for (int i = 0; i < n; i++)
            if (rows[i].number == number) d->row[side] = &rows[i];
        const TrialRow *row = d->row[side];
        if (!row)
            return error_set(err, ERR_INVALID, "study %s has no trial %.0f; it has 0 to %d", d->open.study.name,
                             number, n - 1);
        d->params[side] = doc_parse(row->params, strlen(row->params), err);
        if (!d->params[side]
            || !store_metrics(d->open.store, row->id, arena, &d->metrics[side], &d->n_metrics[side], err))
            return false;
    }
    return true;
}

int cmd_diff(Cli *cli)
{
    Error err = {0};
    Diff d = {.cli = cli};
    Text text = {0};
    const char *study = cli->n_arguments > 2 ? cli->arguments[0] : NULL;
    bool ok = study_open(cli, study, &d.open, &err) && find(&d, cli->arguments + cli->n_arguments - 2, &err);
    study_close(&d.open);
    if (ok) {
        Error why = {0};
        d.tested = test(&d, study, &why);
        snprintf(d.untested, sizeof d.untested, "%.280s", why.message);
        if (cli->json) print_json(&d, &text);
        else {
            ok = print_table(&d, &text) || error_memory(&err);
            print_test(&d, &text);
        }
    }
    for (int side = 0; side < 2; side++) doc_free(d.params[side]);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
