/* Scores of numbers and labels for the terminal. */
#include "reports/targets_text.h"

#include <math.h>
#include <string.h>

#include "engine/metrics.h"
#include "reports/columns.h"
#include "reports/sheets.h"

bool targets_report_is_for(const Doc *evaluation)
{
    return doc_get(evaluation, "targets") != NULL;
}

static bool is_labels(const Doc *evaluation)
{
    return strcmp(doc_to_text(doc_get(evaluation, "task"), ""), "labels") == 0;
}

/* In a unit of its own: five digits, and no power of ten where a reader does without. */
static const char *amount(Arena *arena, double value)
{
    if (fabs(value) >= 1e4 && fabs(value) < 1e9) return sheet_count(arena, value);
    return isfinite(value) ? sheet_or_dash(arena_print(arena, "%.5g", value)) : SHEET_DASH;
}

/* `share`: it has no unit. */
static const char *score(Arena *arena, const Doc *entry, bool range, bool share)
{
    double value = sheet_number(entry, "value"), low = sheet_number(entry, "low95");
    double high = sheet_number(entry, "high95");
    if (!range) return share ? sheet_score(arena, value) : amount(arena, value);
    if (!isfinite(low) || !isfinite(high)) return SHEET_DASH;
    if (share) return sheet_range(arena, low, high);
    return sheet_or_dash(arena_print(arena, "%s to %s", amount(arena, low), amount(arena, high)));
}

/* Has a metric no unit? */
static bool is_share(const Doc *evaluation, const char *metric)
{
    static const char *const shares[] = {"r2", "spearman", "coverage"};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (strcmp(metric, shares[i]) == 0) return true;
    return is_labels(evaluation);
}

/* What the document has and is defined; undefined where the metric is not for such predictions. */
static bool put_scores(const Doc *evaluation, int room, Arena *arena, Text *out)
{
    static const char *const titles[] = {"", "", "95 %", NULL};
    const Doc *metrics = doc_get(evaluation, "metrics"), *entry;
    const size_t n_targets = doc_count(doc_get(evaluation, "targets"));
    Sheet sheet;
    const char *name;
    if (!sheet_plain(titles, METRIC_COUNT, arena, &sheet, NULL)) return false;
    for (size_t i = 0; doc_member(metrics, i, &name, &entry) && i < METRIC_COUNT; i++) {
        MetricId metric = metric_find(name);
        if (metric == METRIC_COUNT || isnan(sheet_number(entry, "value"))) continue;
        Cell *cell = sheet_row(&sheet);
        cell[0].text = metric_label(metric);
        cell[1].text = score(arena, entry, false, is_share(evaluation, name));
        cell[2].text = score(arena, entry, true, is_share(evaluation, name));
    }
    text_print(out, "%s rows", sheet_count(arena, sheet_number(evaluation, "rows")));
    if (n_targets > 1)
        text_print(out, ", means of %zu %s", n_targets, is_labels(evaluation) ? "labels" : "targets");
    text_add(out, "\n\n");
    sheet_print(&sheet, room, out);
    return sheet_whole(&sheet);
}

static const struct {
    const char *metric, *title;
    bool range;
} of_numbers[] = {{"rmse", "RMSE", true}, {"mae", "MAE", false}, {"r2", "R2", false},
                  {"spearman", "rank correlation", false}, {"coverage", "coverage", false}},
  of_labels[] = {{"f1_macro", "F1", true}, {"precision_macro", "precision", false},
                 {"recall_macro", "recall", false}, {"roc_auc", "ROC AUC", false},
                 {"log_loss", "log loss", false}};
enum { N_SHOWN = 5 };

/* A line a target: where it lies, and the scores that tell one from another. */
static bool put_targets(const Doc *evaluation, int room, Arena *arena, Text *out)
{
    const Doc *targets = doc_get(evaluation, "targets");
    const bool labels = is_labels(evaluation);
    Sheet sheet;
    if (!sheet_create("targets", "", 3 + 2 * N_SHOWN, doc_count(targets), arena, &sheet, NULL)) return false;
    sheet_column(&sheet, labels ? "label" : "target", false, 0, NULL);
    sheet_column(&sheet, labels ? "yes" : "mean", true, 0, NULL);
    if (!labels) sheet_column(&sheet, "deviation", true, 0, NULL);
    bool shown[N_SHOWN];
    for (int m = 0; m < N_SHOWN; m++) {
        const char *name = labels ? of_labels[m].metric : of_numbers[m].metric;
        const Doc *all = doc_get(doc_get(evaluation, "metrics"), name);
        shown[m] = isfinite(sheet_number(all, "value"));
        if (!shown[m]) continue;
        sheet_column(&sheet, labels ? of_labels[m].title : of_numbers[m].title, true, 0, NULL);
        if (labels ? of_labels[m].range : of_numbers[m].range) sheet_column(&sheet, "95 %", true, 0, NULL);
    }
    for (size_t t = 0; t < doc_count(targets); t++) {
        const Doc *target = doc_at(targets, t), *metrics = doc_get(target, "metrics");
        Cell *cell = sheet_row(&sheet);
        (cell++)->text = sheet_text(target, "name");
        if (labels) {
            const Doc *yes = doc_at(doc_get(target, "confusion"), 1);
            double n = doc_to_number(doc_at(yes, 0), NAN) + doc_to_number(doc_at(yes, 1), NAN);
            (cell++)->text = isfinite(n) ? sheet_count(arena, n) : SHEET_DASH;
        } else {
            (cell++)->text = amount(arena, sheet_number(doc_get(target, "truth"), "mean"));
            (cell++)->text = amount(arena, sheet_number(doc_get(target, "truth"), "sd"));
        }
        for (int m = 0; m < N_SHOWN; m++) {
            const char *name = labels ? of_labels[m].metric : of_numbers[m].metric;
            const Doc *entry = doc_get(metrics, name);
            const bool share = is_share(evaluation, name);
            if (!shown[m]) continue;
            (cell++)->text = score(arena, entry, false, share);
            if (labels ? of_labels[m].range : of_numbers[m].range)
                (cell++)->text = score(arena, entry, true, share);
        }
    }
    text_add(out, "\n");
    sheet_print(&sheet, room, out);
    return sheet_whole(&sheet);
}

/* How far intervals keep what they promise, where the model has some. */
static bool put_promises(const Doc *evaluation, int room, Arena *arena, Text *out)
{
    Sheet sheet;
    if (!sheet_intervals(evaluation, arena, &sheet, NULL)) return false;
    if (sheet.n_rows == 0) return true;
    text_add(out, "\n");
    sheet_print(&sheet, room, out);
    return sheet_whole(&sheet);
}

static bool put_segments(const Doc *evaluation, int room, Arena *arena, Text *out)
{
    Sheet sheet;
    if (doc_count(doc_get(evaluation, "segments")) == 0) return true;
    if (!sheet_segments_narrow(evaluation, arena, &sheet, NULL)) return false;
    text_add(out, "\n");
    sheet_print(&sheet, room, out);
    text_print(out, "%s\n", sheet.note ? sheet.note : "");
    return sheet_whole(&sheet);
}

void targets_report(const Doc *evaluation, int room, Text *out)
{
    Arena *arena = arena_create(0);
    if (!arena || !put_scores(evaluation, room, arena, out) || !put_targets(evaluation, room, arena, out)
        || !put_promises(evaluation, room, arena, out) || !put_segments(evaluation, room, arena, out))
        out->broken = true;
    arena_destroy(arena);
}
