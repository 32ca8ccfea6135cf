/* app/verbs/show.c - one trial, whole. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/arguments.h"
#include "job/trial_doc.h"
#include "reports/columns.h"
#include "tuner/store/curate.h"

/* A curve in one line of block characters. */
static void sparkline(const EpochRow *rows, int n, double (*value)(const EpochRow *), Text *out)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    enum { WIDTH = 60 };
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < n; i++) {
        double v = value(&rows[i]);
        if (!isfinite(v)) continue;
        low = fmin(low, v);
        high = fmax(high, v);
    }
    if (!isfinite(low)) return;
    int shown = n < WIDTH ? n : WIDTH;
    for (int i = 0; i < shown; i++) {
        double v = value(&rows[n <= WIDTH ? i : (int)((double)i * (n - 1) / (WIDTH - 1))]);
        double place = high > low && isfinite(v) ? (v - low) / (high - low) : 0;
        text_add(out, blocks[(int)(place * 7.999)]);
    }
    text_print(out, "  %.4g .. %.4g", low, high);
}

static double val_metric(const EpochRow *row) { return row->val_metric; }
static double val_loss(const EpochRow *row) { return row->val_loss; }

static void print_curves(const OpenStudy *open, const EpochRow *rows, int n, Text *out)
{
    int first = 0; /* rows of the first fold come first */
    while (first < n && rows[first].fold == rows[0].fold) first++;
    if (first == 0) return;
    text_print(out, "\n%-14s ", open->study.metric);
    sparkline(rows, first, val_metric, out);
    if (strcmp(open->study.metric, "val_loss") != 0 && isfinite(rows[0].val_loss)) {
        text_print(out, "\n%-14s ", "val_loss");
        sparkline(rows, first, val_loss, out);
    }
    text_add(out, "\n");
}

/* Precision, recall and F1 of each class, from the stored confusion matrix. */
static bool print_classes(const OpenStudy *open, const ConfusionRow *confusion, Text *out, Error *err)
{
    int k = confusion->n_classes;
    static const char *const titles[] = {"class", "precision", "recall", "f1", "support", NULL};
    Sheet sheet;
    if (!sheet_plain(titles, (size_t)k, open->arena, &sheet, err)) return false;
    for (int c = 0; c < k; c++) {
        double hit = (double)confusion->count[c * k + c], truth = 0, predicted = 0;
        for (int o = 0; o < k; o++) {
            truth += (double)confusion->count[c * k + o];
            predicted += (double)confusion->count[o * k + c];
        }
        Cell *row = sheet_row(&sheet);
        row[0].text = c < open->study.n_classes ? open->study.classes[c] : "?";
        row[1].text = predicted > 0 ? arena_print(open->arena, "%.4f", hit / predicted) : "-";
        row[2].text = truth > 0 ? arena_print(open->arena, "%.4f", hit / truth) : "-";
        row[3].text =
            truth + predicted > 0 ? arena_print(open->arena, "%.4f", 2 * hit / (truth + predicted)) : "-";
        row[4].text = arena_print(open->arena, "%.0f", truth);
    }
    if (!sheet_whole(&sheet)) return error_memory(err);
    text_add(out, "\n");
    sheet_print(&sheet, out);
    return true;
}

/* What is a number rounded, all else as it is. */
static Doc *rounded(const Doc *doc)
{
    char text[32];
    const char *key;
    const Doc *child;
    if (doc_kind(doc) == DOC_NUMBER) {
        snprintf(text, sizeof text, "%.6g", doc_to_number(doc, NAN));
        return doc_number(strtod(text, NULL));
    }
    if (doc_kind(doc) != DOC_OBJECT && doc_kind(doc) != DOC_ARRAY) return doc_copy(doc);
    Doc *out = doc_kind(doc) == DOC_OBJECT ? doc_object() : doc_array();
    for (size_t i = 0; i < doc_count(doc); i++)
        if (doc_kind(doc) == DOC_ARRAY) doc_add(out, rounded(doc_at(doc, i)));
        else if (doc_member(doc, i, &key, &child)) doc_set(out, key, rounded(child));
    return out;
}

static void print_why(const char *trace, Text *out)
{
    Error ignored;
    Doc *doc = doc_parse(trace, strlen(trace), &ignored), *shown = doc ? rounded(doc) : NULL;
    text_add(out, "why    ");
    if (!shown || !doc_print(shown, 0, out)) text_add(out, trace);
    text_add(out, "\n");
    doc_free(shown);
    doc_free(doc);
}

static void print_facts(const OpenStudy *open, const TrialRow *row, const MetricRow *metrics, int n_metrics,
                        Text *out)
{
    char duration[32];
    text_print(out, "trial %d of %s: %s", row->number, open->study.name,
               trial_state_names[row->state]);
    if (!isnan(row->value)) text_print(out, ", %s %.6g", open->study.metric, row->value);
    if (!isnan(row->value_sd)) text_print(out, " (sd %.2g)", row->value_sd);
    bool program = open->study.n_classes == 0; /* its last report counts, whichever is the best */
    int networks = trial_networks(row, metrics, n_metrics);
    text_print(out, "\n%s, %d %s%s (%s %d), ", row->source, row->epochs, program ? "report" : "epoch",
               row->epochs == 1 ? "" : "s", program ? "best was" : "best", row->best_epoch);
    if (networks > 1) text_print(out, "%d x %lld weights, ", networks, (long long)row->n_params / networks);
    else if (row->n_params > 0) text_print(out, "%lld weights, ", (long long)row->n_params);
    text_print(out, "%s\n", text_duration(row->seconds, duration));
    bool measured = false;
    for (int i = 0; i < trial_columns.n; i++) {
        const RowColumn *column = &trial_columns.columns[i];
        char words[32];
        if (!column_in(column, IN_SHOW) || column_get(column, row).kind == CELL_NULL) continue;
        text_print(out, "%s%s %s", measured ? ", " : "", column->name, column_words(column, row, words));
        measured = true;
    }
    if (measured) text_add(out, "\n");
    if (row->fail_code)
        text_print(out, "%s: %s\n", row->fail_code, row->fail_text ? row->fail_text : "");
    text_print(out, "params %s\n", row->params);
    if (row->trace) print_why(row->trace, out);
}

static bool show(OpenStudy *open, int number, bool json, Text *out, Error *err)
{
    TrialRow *rows;
    EpochRow *epochs;
    MetricRow *metrics;
    ConfusionRow confusion;
    ArtifactRow *artifacts;
    int n, n_epochs, n_metrics, n_artifacts;
    if (!store_trials(open->store, open->study.id, open->arena, &rows, &n, err)) return false;
    const TrialRow *row = NULL;
    for (int i = 0; i < n; i++)
        if (rows[i].number == number) row = &rows[i];
    if (!row)
        return error_set(err, ERR_INVALID, "study %s has no trial %d; it has 0 to %d",
                         open->study.name, number, n - 1);
    if (!store_epochs(open->store, row->id, open->arena, &epochs, &n_epochs, err)
        || !store_metrics(open->store, row->id, open->arena, &metrics, &n_metrics, err)
        || !store_confusion(open->store, row->id, "val", open->arena, &confusion, err)
        || !store_artifacts(open->store, row->id, open->arena, &artifacts, &n_artifacts, err))
        return false;
    const char *log = NULL; /* of a program: what it wrote */
    for (int i = 0; i < n_artifacts; i++)
        if (artifact_is(&artifacts[i], ARTIFACT_LOG))
            log = place_file(&open->place, artifacts[i].path, open->arena);
    if (json) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", open->study.name);
        if (log) doc_set_text(doc, "log", log);
        bool ok = trial_doc(open->store, row, open->arena, doc, err)
               && (doc_print(doc, 1, out) || error_memory(err));
        text_add(out, "\n");
        doc_free(doc);
        return ok;
    }
    print_facts(open, row, metrics, n_metrics, out);
    if (log) text_print(out, "log    %s\n", log);
    NoteRow *notes;
    int n_notes;
    if (!curate_notes(open->store, open->study.id, open->arena, &notes, &n_notes, err)) return false;
    for (int i = 0; i < n_notes; i++)
        if (notes[i].number == number) text_print(out, "note   %.10s: %s\n", notes[i].utc, notes[i].text);
    for (int i = 0, shown = 0; i < n_metrics; i++)
        if (metrics[i].fold == -1 && !isnan(metrics[i].value) && strcmp(metrics[i].split, "test") != 0)
            text_print(out, "%s%-18s %.6g", shown++ % 3 ? "   " : "\n", metrics[i].name,
                       metrics[i].value);
    text_add(out, "\n");
    print_curves(open, epochs, n_epochs, out);
    return confusion.n_classes == 0 || print_classes(open, &confusion, out, err);
}

int cmd_show(Cli *cli)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    double number;
    const char *study = cli->n_arguments > 1 ? cli->arguments[0] : NULL;
    const char *trial = cli->arguments[cli->n_arguments - 1];
    if (!text_to_number(trial, &number) || number < 0 || number != floor(number) || number > 1e9) {
        error_set(&err, ERR_CONFIG, "`%.60s` is no trial number; usage: consort show [STUDY] TRIAL",
                  trial);
        return cli_fail(&err);
    }
    if (!open_study(cli, study, &open, &err)) return cli_fail(&err);
    bool ok = show(&open, (int)number, cli->json, &text, &err);
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
