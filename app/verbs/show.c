/* app/verbs/show.c - one trial, whole. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "app/why.h"
#include "app/width.h"
#include "job/trial_doc.h"
#include "reports/columns.h"
#include "tuner/store/curate.h"
#include "tuner/store/versions.h"

/* A curve in one line of block characters. */
static void sparkline(const EpochRow *rows, int n, int most, double (*value)(const EpochRow *), Text *out)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < n; i++) {
        double v = value(&rows[i]);
        if (!isfinite(v)) continue;
        low = fmin(low, v);
        high = fmax(high, v);
    }
    if (!isfinite(low)) return;
    int shown = n < most ? n : most;
    for (int i = 0; i < shown; i++) {
        double v = value(&rows[n <= most ? i : (int)((double)i * (n - 1) / (most - 1))]);
        double place = high > low && isfinite(v) ? (v - low) / (high - low) : 0;
        text_add(out, blocks[(int)(place * 7.999)]);
    }
    text_print(out, "  %.4g .. %.4g", low, high);
}

static double val_metric(const EpochRow *row) { return row->val_metric; }
static double val_loss(const EpochRow *row) { return row->val_loss; }

static void print_curves(const OpenStudy *open, const EpochRow *rows, int n, int width, Text *out)
{
    int first = 0; /* rows of the first fold come first */
    while (first < n && rows[first].fold == rows[0].fold) first++;
    if (first == 0) return;
    const int name = columns_letters(open->study.metric), most = fmin(60, fmax(20, width - fmax(14,
                                                                                                name) - 22));
    text_print(out, "\n%-14s ", open->study.metric);
    sparkline(rows, first, most, val_metric, out);
    if (strcmp(open->study.metric, "val_loss") != 0 && isfinite(rows[0].val_loss)) {
        text_print(out, "\n%-14s ", "val_loss");
        sparkline(rows, first, most, val_loss, out);
    }
    text_add(out, "\n");
}

/* Precision, recall and F1 of each class, from the stored confusion matrix. */
static bool print_classes(const OpenStudy *open, const ConfusionRow *confusion, int fit, Text *out, Error *err)
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
    sheet_print(&sheet, fit, out);
    return true;
}

/* "learning_rate 0.0015, hidden [64, 32]": the JSON of the parameters as people write them. */
static void print_params(const char *json, Text *out)
{
    Error ignored;
    const char *key;
    const Doc *child;
    char number[32];
    Doc *params = doc_parse(json, strlen(json), &ignored);
    text_add(out, "params  ");
    for (size_t i = 0; doc_member(params, i, &key, &child); i++) {
        text_print(out, "%s%s ", i ? ", " : "", key);
        if (doc_kind(child) == DOC_TEXT) text_add(out, doc_to_text(child, ""));
        else if (doc_kind(child) == DOC_NUMBER) text_add(out, text_number(doc_to_number(child, NAN), number));
        else doc_print(child, 0, out);
    }
    text_add(out, params ? "\n" : json);
    doc_free(params);
}

/* In as many columns as the line has, names to the left and values to the right. */
static bool print_metrics(const MetricRow *metrics, int n, int width, Arena *arena, Text *out)
{
    enum { MOST_COLUMNS = 3 };
    const char **text = ARENA_NEW(arena, const char *, n + 1);
    int most = 0, wide = 0, shown = 0;
    if (!text) return false;
    for (int i = 0; i < n; i++) {
        double v = metrics[i].value;
        bool whole = v == floor(v) && fabs(v) < 1e12;
        if (metrics[i].fold != -1 || isnan(v) || strcmp(metrics[i].split, "test") == 0) continue;
        text[i] = arena_print(arena, whole && fabs(v) > 1 ? "%.0f" : fabs(v) >= 1e-3 && fabs(v) < 1e4 ? "%.5f"
                              : "%.4g", v);
        if (!text[i]) return false;
        most = fmax(most, columns_letters(metrics[i].name));
        wide = fmax(wide, columns_letters(text[i]));
        shown++;
    }
    int across = (width + 3) / (most + wide + 5);
    across = across < 1 ? 1 : across > MOST_COLUMNS ? MOST_COLUMNS : across;
    for (int i = 0, k = 0; i < n; i++) {
        if (!text[i]) continue;
        text_add(out, k % across ? "   " : "\n");
        text_add(out, metrics[i].name);
        columns_pad(out, most + 2 - columns_letters(metrics[i].name));
        columns_right(out, text[i], wide);
        k++;
    }
    if (shown > 0) text_add(out, "\n");
    return true;
}

static bool print_facts(const OpenStudy *open, const TrialRow *row, const MetricRow *metrics, int n_metrics,
                        int n_folds, int width, Text *all)
{
    char duration[32];
    Text text = {0}, *out = &text;
    text_print(out, "trial %d of %s: %s", row->number, open->study.name,
               trial_state_names[row->state]);
    if (!isnan(row->value)) text_print(out, ", %s %.6g", open->study.metric, row->value);
    if (!isnan(row->value_sd)) text_print(out, " (sd %.2g)", row->value_sd);
    bool program = study_runs_program(&open->study); /* its last report counts, whichever is the best */
    text_print(out, "\n%s, %d %s%s", row->source, row->epochs, program ? "report" : "epoch",
               row->epochs == 1 ? "" : "s");
    if (n_folds > 1) text_print(out, " in %d folds", n_folds);
    text_print(out, " (%s %d), ", program ? "best was" : "best", row->best_epoch);
    int networks = trial_networks(row, metrics, n_metrics);
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
    print_params(row->params, out);
    const char *why = row->trace ? why_sentence(row->trace, open->arena) : "";
    if (why && *why) text_print(out, "why     %s\n", why);
    bool ok = why && text_ok(out);
    if (ok) width_fold(text.bytes, width, all);
    text_free(&text);
    return ok;
}

static bool show(OpenStudy *open, int number, bool json, int fit, Text *out, Error *err)
{
    TrialRow trial, *row = &trial;
    EpochRow *epochs;
    MetricRow *metrics;
    ConfusionRow confusion;
    ArtifactRow *artifacts;
    int n_epochs, n_metrics, n_artifacts;
    if (!study_trial(open, number, row, err)
        || !store_epochs(open->store, row->id, open->arena, &epochs, &n_epochs, err)
        || !store_metrics(open->store, row->id, open->arena, &metrics, &n_metrics, err)
        || !store_confusion(open->store, row->id, "val", open->arena, &confusion, err)
        || !store_artifacts(open->store, row->id, open->arena, &artifacts, &n_artifacts, err))
        return false;
    SpaceVersion *versions;
    int n_versions;
    if (!store_versions(open->store, open->study.id, open->arena, &versions, &n_versions, err)) return false;
    const SpaceVersion *version = version_of(versions, n_versions, number);
    const char *log = NULL; /* of a program: what it wrote */
    for (int i = 0; i < n_artifacts; i++)
        if (artifact_is(&artifacts[i], ARTIFACT_LOG))
            log = place_file(&open->place, artifacts[i].path, open->arena);
    if (json) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", open->study.name);
        if (log) doc_set_text(doc, "log", log);
        if (version) doc_set_number(doc, "space_version", version->version);
        bool ok = trial_doc(open->store, row, open->arena, doc, err)
               && (doc_print(doc, 1, out) || error_memory(err));
        text_add(out, "\n");
        doc_free(doc);
        return ok;
    }
    const int width = width_of_help();
    int n_folds = 1;
    for (int i = 0; i < n_epochs; i++)
        if (epochs[i].fold >= n_folds) n_folds = epochs[i].fold + 1;
    if (!print_facts(open, row, metrics, n_metrics, n_folds, width, out)) return error_memory(err);
    if (version) text_print(out, "space   version %d of %d\n", version->version, n_versions);
    if (log) text_print(out, "log     %s\n", log);
    NoteRow *notes;
    int n_notes;
    if (!curate_notes(open->store, open->study.id, open->arena, &notes, &n_notes, err)) return false;
    for (int i = 0; i < n_notes; i++)
        if (notes[i].number == number) text_print(out, "note    %.10s: %s\n", notes[i].utc, notes[i].text);
    if (!print_metrics(metrics, n_metrics, width, open->arena, out)) return error_memory(err);
    print_curves(open, epochs, n_epochs, width, out);
    return confusion.n_classes == 0 || print_classes(open, &confusion, fit, out, err);
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
    bool ok = show(&open, (int)number, cli->json, output_width(cli, OUTPUT_TABLE), &text, &err);
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
