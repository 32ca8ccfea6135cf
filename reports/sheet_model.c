/* The tables of evaluations (scores, classes, confusion, mistakes) and of the ensemble. */
#include "reports/sheets.h"

#include <math.h>
#include <string.h>

#include "engine/metrics.h"

/* A class is a label, or (in lists of mistakes) its number in `classes`. */
static const char *class_text(Arena *arena, const Doc *evaluation, const Doc *value)
{
    double number = doc_to_number(value, NAN);
    if (doc_kind(value) == DOC_TEXT) return doc_to_text(value, "");
    if (!(number >= 0 && number < 1e6)) return SHEET_DASH;
    const Doc *label = doc_at(doc_get(evaluation, "classes"), (size_t)number);
    if (doc_kind(label) == DOC_TEXT) return doc_to_text(label, "");
    return sheet_or_dash(arena_print(arena, "%.0f", number));
}

static const char *class_name(Arena *arena, const Doc *evaluation, size_t i)
{
    const Doc *label = doc_at(doc_get(evaluation, "classes"), i);
    if (doc_kind(label) == DOC_TEXT) return doc_to_text(label, "");
    return sheet_or_dash(arena_print(arena, "%zu", i));
}

/* ---- scores ---------------------------------------------------------------------------------- */

static double metric_value(const Doc *evaluation, const char *name, const char *key)
{
    const Doc *entry = doc_get(doc_get(evaluation, "metrics"), name);
    if (doc_kind(entry) == DOC_NUMBER) return strcmp(key, "value") ? NAN : doc_to_number(entry, NAN);
    return sheet_number(entry, key);
}

bool sheet_scores(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const char *where;
    const Doc *main = sheet_evaluation(document, &where), *single = doc_get(document, "best_test");
    const Doc *validation = doc_get(document, "validation");
    bool tested = main && main != validation;
    /* A single trial that won is not compared with itself. */
    bool itself = strcmp(sheet_text(doc_get(document, "verdict"), "winner"), "trial") == 0;
    bool with_single = tested && !itself && doc_kind(single) == DOC_OBJECT;
    bool with_validation = tested && doc_kind(validation) == DOC_OBJECT;
    if (!sheet_create("scores", "Scores of the model", 6, METRIC_COUNT, arena, out, err)) return false;
    sheet_column(out, "metric", false, 0, NULL);
    sheet_column(out, where, true, 0, NULL);
    sheet_column(out, "95 % interval", true, 0, "for other rows of the same kind; a calibration error is given"
                 " without the noise of few rows");
    if (with_single) sheet_column(out, "best single", true, 0, "the best single trial, same rows");
    if (with_validation)
        sheet_column(out, "validation", true, 0, "the model on the rows that also chose it: optimistic");
    for (int m = 0; m < METRIC_COUNT && main; m++) {
        const char *name = metric_name((MetricId)m);
        double value = metric_value(main, name, "value");
        double low = metric_value(main, name, "low95"), high = metric_value(main, name, "high95");
        if (m == METRIC_LOSS || !isfinite(value)) continue;
        bool own = strcmp(name, sheet_text(doc_get(document, "study"), "metric_name")) == 0;
        const Doc *target = doc_at(doc_get(main, "targets"), 0);
        if (m == METRIC_PINBALL && !own && !doc_get(target, "quantiles")) continue; /* half of the MAE */
        /* The same numbers under other names: accuracy and balanced accuracy have them. */
        bool classes = strcmp(sheet_text(main, "task"), "labels") != 0;
        if ((m == METRIC_F1_MICRO || m == METRIC_RECALL_MACRO) && classes && !own) continue;
        out->strong[out->n_rows] = own;
        Cell *cell = sheet_row(out);
        (cell++)->text = sheet_or_dash(arena_print(arena, "%s %s", metric_label((MetricId)m),
                                      metric_larger_is_better((MetricId)m) ? "↑" : "↓"));
        (cell++)->text = sheet_score(arena, value);
        (cell++)->text = !isfinite(low) || !isfinite(high) ? SHEET_DASH
                         : sheet_or_dash(arena_print(arena, "%s to %s", sheet_score(arena, low),
                                                    sheet_score(arena, high)));
        if (with_single) (cell++)->text = sheet_score(arena, metric_value(single, name, "value"));
        if (with_validation)
            (cell++)->text = sheet_score(arena, metric_value(validation, name, "value"));
    }
    return true;
}

/* Draws the intervals of a column from the lowest end, rounded down to a twentieth, to 1. */
static void scale_intervals(Sheet *sheet, int column)
{
    double from = 1;
    for (int r = 0; r < sheet->n_rows; r++) {
        const Cell *cell = &sheet->cell[r * sheet->n_columns + column];
        if (cell->high > 0) from = fmin(from, floor(cell->low * 20) / 20);
    }
    if (from >= 1) return;
    for (int r = 0; r < sheet->n_rows; r++) {
        Cell *cell = &sheet->cell[r * sheet->n_columns + column];
        if (!(cell->high > 0)) continue;
        cell->low = (cell->low - from) / (1 - from);
        cell->at = fmin(1, fmax(0, (cell->at - from) / (1 - from)));
        cell->high = fmin(1, (cell->high - from) / (1 - from));
    }
}

/* A score of a class and its interval, as two cells. */
static void put_class_score(Arena *arena, const Doc *entry, const char *key, const char *low_key,
                            const char *high_key, Sheet *sheet, Cell *cell)
{
    double value = sheet_number(entry, key);
    double low = sheet_number(entry, low_key), high = sheet_number(entry, high_key);
    cell[0].text = sheet_score(arena, value);
    if (!isfinite(value))
        sheet->note = "– undefined: no row was predicted as this class, or it has none. It "
                      "counts as 0 in the averages, unless the class has no rows.";
    cell[1].text = SHEET_DASH;
    if (!isfinite(low) || !isfinite(high)) return;
    cell[1].text = sheet_or_dash(arena_print(arena, "%s to %s", sheet_score(arena, low),
                                             sheet_score(arena, high)));
    if (strcmp(key, "f1") != 0) return;
    cell[1].low = low; /* put to scale below */
    cell[1].at = value;
    cell[1].high = high;
}

bool sheet_per_class(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    static const char *const keys[] = {"precision", "recall", "f1"};
    static const char *const low[] = {"precision_low95", "recall_low95", "low95"};
    static const char *const high[] = {"precision_high95", "recall_high95", "high95"};
    static const char *const titles[] = {"precision", "recall", "F1"};
    static const char *const hints[] = {"of the rows predicted as this class, how many are",
                                        "of the rows of this class, how many were found",
                                        "harmonic mean of precision and recall"};
    const Doc *classes = doc_get(evaluation, "per_class");
    const Doc *averages = doc_get(evaluation, "averages"), *average;
    const char *name;
    size_t n = doc_count(classes), n_averages = doc_count(averages);
    if (!sheet_create("per-class", "Precision, recall and F1 by class", 8, n + n_averages, arena, out,
                      err))
        return false;
    sheet_column(out, "class", false, 0, NULL);
    for (int k = 0; k < 3; k++) {
        sheet_column(out, titles[k], true, 1, hints[k]);
        sheet_column(out, "95 %", true, 0, "interval for other rows of the same kind");
    }
    sheet_column(out, "rows", true, 0, "rows of this class");
    for (size_t i = 0; i < n; i++) {
        const Doc *entry = doc_at(classes, i), *label = doc_get(entry, "label");
        Cell *cell = sheet_row(out);
        cell[0].text = label ? class_text(arena, evaluation, label) : class_name(arena, evaluation, i);
        for (int k = 0; k < 3; k++)
            put_class_score(arena, entry, keys[k], low[k], high[k], out, &cell[1 + 2 * k]);
        cell[7].text = sheet_count(arena, sheet_number(entry, "support"));
    }
    scale_intervals(out, 6); /* the table is wide: only F1's is drawn */
    for (size_t i = 0; doc_member(averages, i, &name, &average); i++) {
        out->strong[out->n_rows] = true;
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_or_dash(arena_print(arena, "%s average", name));
        for (int k = 0; k < 3; k++) {
            cell[1 + 2 * k].text = sheet_score(arena, sheet_number(average, keys[k]));
            cell[2 + 2 * k].text = "";
        }
        cell[7].text = sheet_count(arena, sheet_number(evaluation, "rows"));
    }
    return true;
}

/* ---- confusion ------------------------------------------------------------------------------- */

bool sheet_confusion(const Doc *evaluation, bool shares, Arena *arena, Sheet *out, Error *err)
{
    enum { MOST_CLASSES = 40 };
    const Doc *confusion = doc_get(evaluation, "confusion");
    size_t n = doc_count(confusion);
    if (n > MOST_CLASSES) n = 0;
    if (!sheet_create(shares ? "confusion-shares" : "confusion-counts",
                      shares ? "Confusion matrix, percent of each true class" : "Confusion matrix, rows",
                      n + 1, n, arena, out, err))
        return false;
    out->matrix = true;
    sheet_column(out, "true ↓ predicted →", false, 0, NULL);
    for (size_t c = 0; c < n; c++)
        sheet_column(out, class_name(arena, evaluation, c), true, 0, NULL);
    for (size_t t = 0; t < n; t++) {
        const Doc *counts = doc_at(confusion, t);
        double sum = 0;
        Cell *cell = sheet_row(out);
        for (size_t p = 0; p < n; p++) sum += doc_to_number(doc_at(counts, p), 0);
        cell[0].text = class_name(arena, evaluation, t);
        for (size_t p = 0; p < n; p++) {
            double count = doc_to_number(doc_at(counts, p), 0), share = sum > 0 ? count / sum : 0;
            const char *text = shares ? arena_print(arena, sum > 0 ? "%.1f" : SHEET_DASH, 100 * share)
                                      : sheet_count(arena, count);
            cell[1 + p].text = count > 0 || (shares && !(sum > 0)) ? sheet_or_dash(text) : "·";
            /* Errors are few: the root makes one percent visible. */
            cell[1 + p].shade = t == p ? share : sqrt(share);
        }
    }
    return true;
}

bool sheet_confused(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    const Doc *pairs = doc_get(evaluation, "confused");
    size_t n = doc_count(pairs);
    double most = doc_to_number(doc_get(doc_at(pairs, 0), "n"), 0);
    if (!sheet_create("confused", "Most confused pairs", 3, n, arena, out, err)) return false;
    sheet_column(out, "true class", false, 0, NULL);
    sheet_column(out, "predicted as", false, 0, NULL);
    sheet_column(out, "rows", true, 0, NULL);
    for (size_t i = 0; i < n; i++) {
        const Doc *pair = doc_at(pairs, i);
        double count = sheet_number(pair, "n");
        Cell *cell = sheet_row(out);
        cell[0].text = class_text(arena, evaluation, doc_get(pair, "truth"));
        cell[1].text = class_text(arena, evaluation, doc_get(pair, "predicted"));
        cell[2].text = sheet_count(arena, count);
        cell[2].bar = most > 0 && count > 0 ? fmin(count / most, 1) : 0;
    }
    return true;
}

/* Columns that any of the mistakes has values of, in their order. */
static size_t value_columns(const Doc *mistakes, const char *names[], size_t most)
{
    size_t n = 0;
    const char *key;
    const Doc *child, *values = doc_get(doc_at(mistakes, 0), "values");
    for (size_t i = 0; n < most && doc_member(values, i, &key, &child); i++) names[n++] = key;
    return n;
}

bool sheet_mistakes(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    enum { MOST_VALUES = 8 };
    const char *names[MOST_VALUES];
    const Doc *mistakes = doc_get(evaluation, "mistakes");
    size_t n = doc_count(mistakes), n_values = value_columns(mistakes, names, MOST_VALUES);
    bool named = doc_kind(doc_get(doc_at(mistakes, 0), "id")) == DOC_TEXT;
    bool placed = isfinite(sheet_number(doc_at(mistakes, 0), "source_row"));
    if (!sheet_create("mistakes", "Most confident mistakes", 5 + n_values, n, arena, out, err)) return false;
    sheet_column(out, "row", true, 0, placed ? "of data in its file, from 1" : "row of the data file, from 0");
    if (named) sheet_column(out, "identifier", false, 0, NULL);
    sheet_column(out, "true class", false, 0, NULL);
    sheet_column(out, "predicted as", false, 0, NULL);
    sheet_column(out, "probability", true, 0, "that the model gave to its prediction");
    for (size_t k = 0; k < n_values; k++) sheet_column(out, names[k], false, 0, NULL);
    for (size_t i = 0; i < n; i++) {
        const Doc *mistake = doc_at(mistakes, i);
        Cell *cell = sheet_row(out);
        (cell++)->text = sheet_count(arena, sheet_number(mistake, placed ? "source_row" : "row"));
        if (named) (cell++)->text = doc_to_text(doc_get(mistake, "id"), SHEET_DASH);
        (cell++)->text = class_text(arena, evaluation, doc_get(mistake, "truth"));
        (cell++)->text = class_text(arena, evaluation, doc_get(mistake, "predicted"));
        (cell++)->text = sheet_score(arena, sheet_number(mistake, "p"));
        for (size_t k = 0; k < n_values; k++) {
            const char *value = doc_to_text(doc_get(doc_get(mistake, "values"), names[k]), "");
            (cell++)->text = *value ? value : SHEET_DASH;
        }
    }
    return true;
}

/* ---- ensemble -------------------------------------------------------------------------------- */

/* "learning_rate 0.003, hidden [256]": the settings that vary between trials. */
static const char *settings_text(const Doc *document, const Doc *params, Arena *arena)
{
    const Doc *parameters = doc_get(document, "parameters");
    Text text = {0};
    for (size_t p = 0; p < doc_count(parameters); p++) {
        const char *name = sheet_text(doc_at(parameters, p), "name");
        const Doc *value = doc_get(params, name);
        if (doc_kind(value) == DOC_NULL) continue;
        text_print(&text, "%s%s ", text.n ? ", " : "", name);
        if (doc_kind(value) == DOC_NUMBER) text_print(&text, "%.3g", doc_to_number(value, 0));
        else if (doc_kind(value) == DOC_TEXT) text_add(&text, doc_to_text(value, ""));
        else doc_print(value, 0, &text);
    }
    const char *copy = text_ok(&text) && text.n ? arena_copy(arena, text.bytes) : "";
    text_free(&text);
    return sheet_or_dash(copy);
}

bool sheet_members(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *study = doc_get(document, "study"), *ensemble = doc_get(document, "ensemble");
    const Doc *members = doc_get(ensemble, "members");
    size_t n = doc_count(members);
    double most = 0;
    int better = doc_to_bool(doc_get(study, "maximize"), true) ? 1 : -1;
    for (size_t i = 0; i < n; i++) most = fmax(most, sheet_number(doc_at(members, i), "weight"));
    if (!sheet_create("members", "Members of the ensemble", 4, n, arena, out, err)) return false;
    sheet_column(out, "trial", true, 0, NULL);
    sheet_column(out, "weight", true, 0, "its share in the average");
    sheet_column(out, sheet_text(study, "metric_label"), true, better, "alone, on validation rows");
    sheet_column(out, "settings", false, 0, NULL);
    double *share = ARENA_NEW(arena, double, n + 1);
    const char **percent = ARENA_NEW(arena, const char *, n + 1);
    if (!share || !percent) return error_memory(err);
    for (size_t i = 0; i < n; i++) share[i] = sheet_number(doc_at(members, i), "weight");
    if (!sheet_shares(arena, share, n, percent)) return error_memory(err);
    for (size_t i = 0; i < n; i++) {
        const Doc *member = doc_at(members, i);
        double weight = sheet_number(member, "weight");
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_count(arena, sheet_number(member, "trial"));
        cell[1].text = percent[i];
        cell[1].bar = most > 0 && weight > 0 ? weight / most : 0;
        cell[2].text = sheet_score(arena, sheet_number(member, "score"));
        cell[3].text = settings_text(document, doc_get(member, "params"), arena);
    }
    return true;
}

bool sheet_disagreement(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    enum { MOST_MEMBERS = 30 };
    const Doc *ensemble = doc_get(document, "ensemble"), *members = doc_get(ensemble, "members");
    const Doc *matrix = doc_get(ensemble, "disagreement");
    size_t n = doc_count(matrix);
    double most = 0;
    if (n > MOST_MEMBERS || n < 2) n = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            most = fmax(most, doc_to_number(doc_at(doc_at(matrix, i), k), 0));
    if (!sheet_create("disagreement", "How often two members disagree (percent of rows)", n + 1, n,
                      arena, out, err))
        return false;
    out->matrix = true;
    sheet_column(out, "trial", false, 0, NULL);
    for (size_t k = 0; k < n; k++)
        sheet_column(out, sheet_count(arena, sheet_number(doc_at(members, k), "trial")), true, 0, NULL);
    for (size_t i = 0; i < n; i++) {
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_count(arena, sheet_number(doc_at(members, i), "trial"));
        for (size_t k = 0; k < n; k++) {
            double share = doc_to_number(doc_at(doc_at(matrix, i), k), NAN);
            const char *text = arena_print(arena, "%.2f", 100 * share);
            cell[1 + k].text = i == k ? "·" : isfinite(share) ? sheet_or_dash(text) : SHEET_DASH;
            cell[1 + k].shade = i != k && most > 0 && isfinite(share) ? .6 * share / most : 0;
        }
    }
    return true;
}

bool sheet_calibration(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    static const char *const keys[] = {"log_loss", "ece"};
    static const char *const labels[] = {"log loss ↓", "calibration error ↓"};
    const Doc *ensemble = doc_get(document, "ensemble");
    const Doc *how = doc_get(ensemble, "calibration");
    const char *method = doc_to_text(doc_get(how, "method"), "none");
    const bool undone = doc_kind(doc_get(how, "bias")) == DOC_ARRAY;
    const bool none = strcmp(method, "none") == 0, done = !none || undone; /* class weights may be all */
    const char *caption = none ? "Class weights undone, and no more calibration needed, on the validation rows"
                               : arena_print(arena, "Probabilities calibrated (%s), on the validation rows",
                                             method);
    if (!sheet_create("calibration", caption, 3, 2, arena, out, err)) return false;
    sheet_column(out, "metric", false, 0, NULL);
    sheet_column(out, "before", true, 0, NULL);
    sheet_column(out, "after", true, 0, NULL);
    for (int k = 0; k < 2 && done; k++) {
        const Doc *pair = doc_get(ensemble, keys[k]);
        if (!isfinite(sheet_number(pair, "after"))) continue;
        Cell *cell = sheet_row(out);
        cell[0].text = labels[k];
        cell[1].text = sheet_score(arena, sheet_number(pair, "before"));
        cell[2].text = sheet_score(arena, sheet_number(pair, "after"));
    }
    return true;
}
