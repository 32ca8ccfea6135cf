/* An evaluation in the layout of scikit-learn's classification_report. */
#include "reports/classification.h"

#include <math.h>
#include <string.h>

#include "reports/columns.h"
#include "reports/sheets.h"
#include "reports/targets_text.h"

/* Its layout: the name set right in the widest name (at least "weighted avg"), two blanks, then
 * columns of nine set right and parted by a blank. */
static void add_share(Text *out, double share, bool *undefined)
{
    char text[32] = SHEET_DASH;
    Text number = {0};
    if (isfinite(share)) {
        text_print(&number, "%.2f", share);
        if (text_ok(&number) && number.n < sizeof text) memcpy(text, number.bytes, number.n + 1);
        text_free(&number);
    } else {
        *undefined = true;
    }
    text_add(out, " ");
    columns_right(out, text, 9);
}

static void add_row(Text *out, const char *name, int width, const Doc *entry, double support,
                    bool *undefined)
{
    columns_name(out, name, width);
    text_add(out, " ");
    add_share(out, sheet_number(entry, "precision"), undefined);
    add_share(out, sheet_number(entry, "recall"), undefined);
    add_share(out, sheet_number(entry, "f1"), undefined);
    text_print(out, " %9.0f\n", support);
}

static void add_metric(const Doc *evaluation, const char *name, const char *label, int width, Text *out)
{
    const Doc *entry = doc_get(doc_get(evaluation, "metrics"), name);
    double value = doc_to_number(entry, sheet_number(entry, "value"));
    double low = sheet_number(entry, "low95"), high = sheet_number(entry, "high95");
    if (!entry) return; /* not asked for; what is there and undefined is a dash */
    columns_right(out, label, width);
    if (!isfinite(value)) {
        text_add(out, "           " SHEET_DASH "\n");
        return;
    }
    text_print(out, "  %10.4f", value);
    if (isfinite(low) && isfinite(high)) text_print(out, "   %.4f to %.4f", low, high);
    text_add(out, "\n");
}

static void add_sets(const Doc *evaluation, int room, Text *out)
{
    Arena *arena = doc_count(doc_get(evaluation, "sets")) ? arena_create(0) : NULL;
    Sheet sheet;
    if (!arena) return;
    text_add(out, "\nsets of classes that promise to contain the true one:\n");
    if (sheet_sets(evaluation, arena, &sheet, NULL) && sheet_whole(&sheet)) sheet_print(&sheet, room, out);
    else out->broken = true;
    arena_destroy(arena);
}

static void add_segments(const Doc *evaluation, int room, Text *out)
{
    Arena *arena = doc_count(doc_get(evaluation, "segments")) ? arena_create(0) : NULL;
    Sheet sheet;
    if (!arena) return;
    if (sheet_segments_narrow(evaluation, arena, &sheet, NULL) && sheet_whole(&sheet)) {
        text_add(out, "\n");
        sheet_print(&sheet, room, out);
        text_print(out, "%s\n", sheet.note ? sheet.note : "");
    } else {
        out->broken = true;
    }
    arena_destroy(arena);
}

void classification_report(const Doc *evaluation, int room, Text *out)
{
    if (targets_report_is_for(evaluation)) {
        targets_report(evaluation, room, out);
        return;
    }
    const Doc *classes = doc_get(evaluation, "per_class"), *labels = doc_get(evaluation, "classes");
    const Doc *averages = doc_get(evaluation, "averages");
    double rows = doc_to_number(doc_get(evaluation, "rows"), 0);
    int width = columns_letters("weighted avg");
    bool undefined = false;
    for (size_t i = 0; i < doc_count(classes); i++) {
        const Doc *name = doc_get(doc_at(classes, i), "label");
        int n = columns_letters(doc_to_text(name, doc_to_text(doc_at(labels, i), "")));
        if (n > width) width = n;
    }
    columns_pad(out, width + 1);
    text_add(out, " precision    recall  f1-score   support\n\n");
    for (size_t i = 0; i < doc_count(classes); i++) {
        const Doc *entry = doc_at(classes, i), *name = doc_get(entry, "label");
        add_row(out, doc_to_text(name, doc_to_text(doc_at(labels, i), "")), width, entry,
                doc_to_number(doc_get(entry, "support"), 0), &undefined);
    }
    const Doc *accuracy = doc_get(doc_get(evaluation, "metrics"), "accuracy");
    text_add(out, "\n");
    columns_right(out, "accuracy", width);
    columns_pad(out, 21);
    add_share(out, doc_to_number(accuracy, sheet_number(accuracy, "value")), &undefined);
    text_print(out, " %9.0f\n", rows);
    add_row(out, "macro avg", width, doc_get(averages, "macro"), rows, &undefined);
    add_row(out, "weighted avg", width, doc_get(averages, "weighted"), rows, &undefined);
    const double weight = doc_to_number(doc_get(evaluation, "weight_sum"), NAN);
    if (isfinite(weight))
        text_print(out, "\nRows are weighted: %.0f of them weigh %.6g together.\n", rows, weight);
    text_add(out, "\n");
    static const struct {
        const char *name, *label;
    } shown[] = {{"accuracy", "accuracy"}, {"f1_macro", "macro F1"}, {"balanced_accuracy", "balanced accuracy"},
                 {"mcc", "MCC"}, {"roc_auc", "ROC AUC"}, {"pr_auc", "PR AUC"}, {"log_loss", "log loss"},
                 {"brier", "Brier score"}, {"ece", "calibration error"},
                 {"ece_classwise", "the same by class"}};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        add_metric(evaluation, shown[i].name, shown[i].label, width + 8, out);
    const Doc *warnings = doc_get(evaluation, "warnings");
    for (size_t i = 0; i < doc_count(warnings); i++)
        text_print(out, "%swarning: %s\n", i ? "" : "\n", doc_to_text(doc_at(warnings, i), ""));
    const Doc *decision = doc_get(evaluation, "decision");
    const char *rule = doc_to_text(doc_get(decision, "rule"), NULL);
    const char *asked = doc_to_text(doc_get(decision, "asked"), NULL);
    if (rule && asked) text_print(out, "\n%s (for %s)\n", rule, asked); /* else nobody asked for another rule */
    add_sets(evaluation, room, out);
    add_segments(evaluation, room, out);
    if (undefined)
        text_add(out, "\n" SHEET_DASH " undefined (never predicted, or no rows): counts as 0 in the "
                      "averages; a class without rows is left out of the macro average\n");
}
