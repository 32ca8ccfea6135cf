/* The tables of what is no class: scores by target, labels, errors by size, the worst rows, promises. */
#include "reports/sheets.h"

#include <math.h>
#include <string.h>

enum { MOST_TARGETS = 12 /* of a table that has many rows of each */, MOST_LINES = 200 /* of one a target */ };

/* The targets that have a line; the note says where there are more. */
static size_t lines_of(const Doc *targets, const char **note, Arena *arena)
{
    size_t n = doc_count(targets);
    if (n <= MOST_LINES) return n;
    *note = sheet_or_dash(arena_print(arena, "The first %d of %zu; report.json has all.", MOST_LINES, n));
    return MOST_LINES;
}

static const Doc *targets_of(const Doc *evaluation, const char *task)
{
    bool is = strcmp(sheet_text(evaluation, "task"), task) == 0;
    return is ? doc_get(evaluation, "targets") : NULL;
}

static double of_metric(const Doc *target, MetricId id, const char *key)
{
    return sheet_number(doc_get(doc_get(target, "metrics"), metric_name(id)), key);
}

static void put_score(const Doc *target, MetricId id, Cell *cell, Arena *arena)
{
    cell[0].text = sheet_score(arena, of_metric(target, id, "value"));
    cell[1].text = sheet_range(arena, of_metric(target, id, "low95"), of_metric(target, id, "high95"));
}

/* ---- scores by target ------------------------------------------------------------------------ */

bool sheet_targets(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    static const MetricId shown[] = {METRIC_RMSE, METRIC_R2};
    const Doc *targets = targets_of(evaluation, "numbers");
    const char *note = NULL;
    size_t n = doc_count(targets) > 1 ? lines_of(targets, &note, arena) : 0;
    if (!sheet_create("targets", "Scores by target", 8, n, arena, out, err)) return false;
    sheet_column(out, "target", false, 0, NULL);
    for (int m = 0; m < 2; m++) {
        sheet_column(out, metric_label(shown[m]), true, metric_larger_is_better(shown[m]) ? 1 : -1, NULL);
        sheet_column(out, "95 %", true, 0, "interval for other rows of the same kind");
    }
    sheet_column(out, metric_label(METRIC_MAE), true, -1, "mean absolute error");
    sheet_column(out, metric_label(METRIC_SPEARMAN), true, 1, "of true and predicted order");
    sheet_column(out, "sd", true, 0, "of the true values: the error of always saying their mean");
    out->note = note;
    for (size_t t = 0; t < n; t++) {
        const Doc *target = doc_at(targets, t);
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(target, "name");
        for (int m = 0; m < 2; m++) put_score(target, shown[m], &cell[1 + 2 * m], arena);
        cell[5].text = sheet_score(arena, of_metric(target, METRIC_MAE, "value"));
        cell[6].text = sheet_score(arena, of_metric(target, METRIC_SPEARMAN, "value"));
        cell[7].text = sheet_score(arena, sheet_number(doc_get(target, "truth"), "sd"));
    }
    return true;
}

/* ---- labels ---------------------------------------------------------------------------------- */

static double count_at(const Doc *target, size_t truth, size_t predicted)
{
    return doc_to_number(doc_at(doc_at(doc_get(target, "confusion"), truth), predicted), 0);
}

static const char *share_text(Arena *arena, double part, double whole)
{
    return whole > 0 ? sheet_score(arena, part / whole) : SHEET_DASH;
}

bool sheet_labels(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    static const char *const counts[] = {"found", "missed", "false alarms"};
    static const char *const hints[] = {"is so, and was said", "is so, and was not said",
                                        "was said, and is not so"};
    const Doc *targets = targets_of(evaluation, "labels");
    const char *note = NULL;
    size_t n = lines_of(targets, &note, arena);
    if (!sheet_create("labels", "Precision, recall and F1 by label", 10, n, arena, out, err)) return false;
    sheet_column(out, "label", false, 0, NULL);
    sheet_column(out, "rows", true, 0, "of which it is so");
    sheet_column(out, "precision", true, 1, "of the rows it was said of, how many are so");
    sheet_column(out, "recall", true, 1, "of the rows that are so, how many were found");
    sheet_column(out, "F1", true, 1, "harmonic mean of precision and recall");
    sheet_column(out, metric_label(METRIC_ROC_AUC), true, 1, NULL);
    sheet_column(out, metric_label(METRIC_LOG_LOSS), true, -1, NULL);
    for (int k = 0; k < 3; k++) sheet_column(out, counts[k], true, 0, hints[k]);
    out->note = note;
    for (size_t t = 0; t < n; t++) {
        const Doc *target = doc_at(targets, t);
        double found = count_at(target, 1, 1), missed = count_at(target, 1, 0), alarms = count_at(target, 0, 1);
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(target, "name");
        cell[1].text = sheet_count(arena, found + missed);
        cell[2].text = share_text(arena, found, found + alarms);
        cell[3].text = share_text(arena, found, found + missed);
        cell[4].text = share_text(arena, 2 * found, 2 * found + missed + alarms);
        cell[5].text = sheet_score(arena, of_metric(target, METRIC_ROC_AUC, "value"));
        cell[6].text = sheet_score(arena, of_metric(target, METRIC_LOG_LOSS, "value"));
        cell[7].text = sheet_count(arena, found);
        cell[8].text = sheet_count(arena, missed);
        cell[9].text = sheet_count(arena, alarms);
        if (!(found + alarms > 0))
            out->note = "– undefined: it was said of no row, or none is so. It counts as 0 in the averages.";
    }
    return true;
}

/* ---- of the data ----------------------------------------------------------------------------- */

bool sheet_card_targets(const Doc *card, Arena *arena, Sheet *out, Error *err)
{
    static const char *const keys[] = {"min", "median", "mean", "max", "sd"};
    const Doc *targets = doc_get(card, "targets");
    const bool labels = doc_kind(doc_get(doc_at(targets, 0), "yes")) == DOC_TEXT;
    const char *note = NULL;
    size_t n = lines_of(targets, &note, arena);
    const char *caption = labels ? "Training rows by label" : "What is to be predicted";
    if (!sheet_create("card-targets", caption, 7, n, arena, out, err)) return false;
    sheet_column(out, labels ? "label" : "target", false, 0, NULL);
    sheet_column(out, "rows", true, 0, "of which it is known");
    if (labels) {
        sheet_column(out, "yes", false, 0, "as the file writes it");
        sheet_column(out, "rows of it", true, 0, NULL);
        sheet_column(out, "share", true, 0, NULL);
    } else {
        for (int k = 0; k < 5; k++) sheet_column(out, keys[k], true, 0, NULL);
    }
    out->note = note;
    for (size_t t = 0; t < n; t++) {
        const Doc *target = doc_at(targets, t);
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(target, "name");
        cell[1].text = sheet_count(arena, sheet_number(target, "rows"));
        if (labels) {
            double share = sheet_number(target, "share");
            cell[2].text = sheet_text(target, "yes");
            cell[3].text = sheet_count(arena, sheet_number(target, "yes_rows"));
            cell[4].text = sheet_percent(arena, share);
            cell[4].bar = share > 0 ? fmin(1, share) : 0;
        } else {
            for (int k = 0; k < 5; k++)
                cell[2 + k].text = sheet_quantity(arena, sheet_number(target, keys[k]));
        }
    }
    return true;
}

/* ---- promises -------------------------------------------------------------------------------- */

/* Of one level an object, of several a list. */
static const Doc *interval_at(const Doc *target, size_t i)
{
    const Doc *interval = doc_get(target, "interval");
    if (doc_kind(interval) == DOC_ARRAY) return doc_at(interval, i);
    return i == 0 && doc_kind(interval) == DOC_OBJECT ? interval : NULL;
}

static void put_coverage(const Doc *of, Cell *cell, Arena *arena)
{
    const Doc *coverage = doc_get(of, "coverage");
    double low = sheet_number(coverage, "low95"), high = sheet_number(coverage, "high95");
    cell[0].text = sheet_percent(arena, sheet_number(coverage, "value"));
    cell[1].text = !isfinite(low) || !isfinite(high) ? SHEET_DASH
                 : sheet_or_dash(arena_print(arena, "%s to %s", sheet_percent(arena, low),
                                             sheet_percent(arena, high)));
}

bool sheet_intervals(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    const Doc *targets = targets_of(evaluation, "numbers"), *interval;
    const char *note = NULL;
    size_t n = 0, n_targets = lines_of(targets, &note, arena);
    for (size_t t = 0; t < n_targets; t++)
        for (size_t i = 0; interval_at(doc_at(targets, t), i); i++) n++;
    if (!sheet_create("intervals", "Do the intervals keep their promise?", 6, n, arena, out, err)) return false;
    sheet_column(out, "target", false, 0, NULL);
    sheet_column(out, "promised", true, 0, "share of the rows that lie within their interval");
    sheet_column(out, "kept", true, 0, "of these rows");
    sheet_column(out, "95 %", true, 0, "interval of that share for other rows of the same kind");
    sheet_column(out, "mean width", true, -1, NULL);
    sheet_column(out, "made by", false, 0, NULL);
    out->note = note;
    for (size_t t = 0; t < n_targets; t++)
        for (size_t i = 0; (interval = interval_at(doc_at(targets, t), i)); i++) {
            Cell *cell = sheet_row(out);
            cell[0].text = sheet_text(doc_at(targets, t), "name");
            cell[1].text = sheet_percent(arena, sheet_number(interval, "level"));
            put_coverage(interval, &cell[2], arena);
            cell[4].text = sheet_quantity(arena, sheet_number(interval, "width"));
            cell[5].text = sheet_value(arena, doc_get(interval, "method"));
        }
    return true;
}

bool sheet_sets(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    const Doc *sets = doc_get(evaluation, "sets");
    const char *caption = "Do the sets of classes keep their promise?";
    if (!sheet_create("sets", caption, 6, doc_count(sets), arena, out, err)) return false;
    sheet_column(out, "promised", true, 0, "share of the rows whose class is in their set");
    sheet_column(out, "kept", true, 0, "of these rows");
    sheet_column(out, "95 %", true, 0, "interval of that share for other rows of the same kind");
    sheet_column(out, "mean size", true, -1, "classes in a set");
    sheet_column(out, "empty", true, 0, "share of rows for which no class is likely enough");
    sheet_column(out, "made by", false, 0, NULL);
    for (size_t i = 0; i < doc_count(sets); i++) {
        const Doc *one = doc_at(sets, i);
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_percent(arena, sheet_number(one, "level"));
        put_coverage(one, &cell[1], arena);
        cell[3].text = sheet_quantity(arena, sheet_number(one, "size"));
        cell[4].text = sheet_percent(arena, sheet_number(one, "empty"));
        cell[5].text = sheet_value(arena, doc_get(one, "method"));
    }
    return true;
}

bool sheet_quantiles(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    const Doc *targets = targets_of(evaluation, "numbers");
    const char *note = NULL;
    size_t n = 0, n_targets = lines_of(targets, &note, arena);
    for (size_t t = 0; t < n_targets; t++) n += doc_count(doc_get(doc_at(targets, t), "quantiles"));
    if (!sheet_create("quantiles", "Do the quantiles come true?", 3, n, arena, out, err)) return false;
    sheet_column(out, "target", false, 0, NULL);
    sheet_column(out, "quantile", true, 0, NULL);
    sheet_column(out, "rows below", true, 0, "share of the rows whose true value lies below it");
    out->note = note;
    for (size_t t = 0; t < n_targets; t++) {
        const Doc *target = doc_at(targets, t), *list = doc_get(target, "quantiles");
        for (size_t q = 0; q < doc_count(list); q++) {
            Cell *cell = sheet_row(out);
            cell[0].text = sheet_text(target, "name");
            cell[1].text = sheet_percent(arena, sheet_number(doc_at(list, q), "quantile"));
            cell[2].text = sheet_percent(arena, sheet_number(doc_at(list, q), "below"));
        }
    }
    return true;
}

/* ---- of each target, or of one --------------------------------------------------------------- */

typedef struct {
    const Doc *targets;
    size_t first, end;
    bool named; /* a column says which target */
} Range;

static Range all_of(const Doc *evaluation)
{
    const Doc *targets = targets_of(evaluation, "numbers");
    size_t n = doc_count(targets);
    return (Range){targets, 0, n < MOST_TARGETS ? n : MOST_TARGETS, n > 1};
}

static Range one_of(const Doc *evaluation, size_t target)
{
    const Doc *targets = targets_of(evaluation, "numbers");
    bool there = target < doc_count(targets);
    return (Range){targets, there ? target : 0, there ? target + 1 : 0, false};
}

static size_t rows_in(const Range *range, const char *list)
{
    size_t n = 0;
    for (size_t t = range->first; t < range->end; t++) n += doc_count(doc_get(doc_at(range->targets, t), list));
    return n;
}

/* "sizes", or of the second of several targets "sizes-2": a name of its own in the page. */
static const char *name_of(const Range *range, const char *name, Arena *arena)
{
    if (range->named || range->first == 0) return name;
    return sheet_or_dash(arena_print(arena, "%s-%zu", name, range->first + 1));
}

static const char *title_of(const Range *range, const char *title, Arena *arena)
{
    if (range->named || doc_count(range->targets) < 2) return title;
    return sheet_or_dash(arena_print(arena, "%s, %s", title,
                                     sheet_text(doc_at(range->targets, range->first), "name")));
}

static bool make_sizes(const Range *range, Arena *arena, Sheet *out, Error *err)
{
    double most = 0;
    if (!sheet_create(name_of(range, "sizes", arena), title_of(range, "Error by the size of the true value",
                      arena), 6, rows_in(range, "by_truth"), arena, out, err))
        return false;
    if (range->named) sheet_column(out, "target", false, 0, NULL);
    sheet_column(out, "true value", false, 0, "from, to; each line has about as many rows");
    sheet_column(out, "rows", true, 0, NULL);
    sheet_column(out, "mean true", true, 0, NULL);
    sheet_column(out, "mean predicted", true, 0, "far from the true one: predictions are drawn to the middle");
    sheet_column(out, metric_label(METRIC_RMSE), true, -1, NULL);
    for (size_t t = range->first; t < range->end; t++) {
        const Doc *target = doc_at(range->targets, t), *groups = doc_get(target, "by_truth");
        most = 0;
        for (size_t g = 0; g < doc_count(groups); g++)
            most = fmax(most, sheet_number(doc_at(groups, g), "rmse"));
        for (size_t g = 0; g < doc_count(groups); g++) {
            const Doc *group = doc_at(groups, g);
            double rmse = sheet_number(group, "rmse");
            Cell *cell = sheet_row(out);
            if (range->named) (cell++)->text = sheet_text(target, "name");
            (cell++)->text = sheet_or_dash(arena_print(arena, "%s to %s",
                                           sheet_quantity(arena, sheet_number(group, "low")),
                                           sheet_quantity(arena, sheet_number(group, "high"))));
            (cell++)->text = sheet_count(arena, sheet_number(group, "n"));
            (cell++)->text = sheet_quantity(arena, sheet_number(group, "truth"));
            (cell++)->text = sheet_quantity(arena, sheet_number(group, "predicted"));
            cell->bar = most > 0 && rmse > 0 ? rmse / most : 0;
            cell->text = sheet_quantity(arena, rmse);
        }
    }
    return true;
}

/* Columns that the rows have values of, in their order. */
static size_t value_columns(const Doc *worst, const char *names[], size_t most)
{
    size_t n = 0;
    const char *key;
    const Doc *child, *values = doc_get(doc_at(worst, 0), "values");
    for (size_t i = 0; n < most && doc_member(values, i, &key, &child); i++) names[n++] = key;
    return n;
}

static bool make_worst(const Range *range, Arena *arena, Sheet *out, Error *err)
{
    enum { MOST_VALUES = 8 };
    const char *names[MOST_VALUES];
    const Doc *first = doc_get(doc_at(range->targets, range->first), "worst");
    size_t n_values = value_columns(first, names, MOST_VALUES);
    bool named = doc_kind(doc_get(doc_at(first, 0), "id")) == DOC_TEXT;
    bool placed = isfinite(sheet_number(doc_at(first, 0), "source_row"));
    bool within = isfinite(sheet_number(doc_at(first, 0), "low"));
    if (!sheet_create(name_of(range, "worst", arena), title_of(range, "The rows that it is most wrong about",
                      arena), 7 + n_values, rows_in(range, "worst"), arena, out, err))
        return false;
    if (range->named) sheet_column(out, "target", false, 0, NULL);
    sheet_column(out, "row", true, 0, placed ? "of data in its file, from 1" : "row of the data file, from 0");
    if (named) sheet_column(out, "identifier", false, 0, NULL);
    sheet_column(out, "true", true, 0, NULL);
    sheet_column(out, "predicted", true, 0, NULL);
    sheet_column(out, "off by", true, 0, "predicted less true");
    if (within) sheet_column(out, "interval", true, 0, "that was predicted");
    for (size_t k = 0; k < n_values; k++) sheet_column(out, names[k], false, 0, NULL);
    for (size_t t = range->first; t < range->end; t++) {
        const Doc *target = doc_at(range->targets, t), *worst = doc_get(target, "worst");
        for (size_t i = 0; i < doc_count(worst); i++) {
            const Doc *row = doc_at(worst, i);
            double truth = sheet_number(row, "truth"), predicted = sheet_number(row, "predicted");
            Cell *cell = sheet_row(out);
            if (range->named) (cell++)->text = sheet_text(target, "name");
            (cell++)->text = sheet_count(arena, sheet_number(row, placed ? "source_row" : "row"));
            if (named) (cell++)->text = doc_to_text(doc_get(row, "id"), SHEET_DASH);
            (cell++)->text = sheet_quantity(arena, truth);
            (cell++)->text = sheet_quantity(arena, predicted);
            (cell++)->text = sheet_or_dash(arena_print(arena, "%s%s", predicted > truth ? "+" : "−",
                                                       sheet_quantity(arena, fabs(predicted - truth))));
            if (within)
                (cell++)->text = sheet_or_dash(arena_print(arena, "%s to %s",
                                               sheet_quantity(arena, sheet_number(row, "low")),
                                               sheet_quantity(arena, sheet_number(row, "high"))));
            for (size_t k = 0; k < n_values; k++) {
                const char *value = doc_to_text(doc_get(doc_get(row, "values"), names[k]), "");
                (cell++)->text = *value ? value : SHEET_DASH;
            }
        }
    }
    return true;
}

bool sheet_sizes(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    Range range = all_of(evaluation);
    return make_sizes(&range, arena, out, err);
}

bool sheet_sizes_of(const Doc *evaluation, size_t target, Arena *arena, Sheet *out, Error *err)
{
    Range range = one_of(evaluation, target);
    return make_sizes(&range, arena, out, err);
}

bool sheet_worst(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    Range range = all_of(evaluation);
    return make_worst(&range, arena, out, err);
}

bool sheet_worst_of(const Doc *evaluation, size_t target, Arena *arena, Sheet *out, Error *err)
{
    Range range = one_of(evaluation, target);
    return make_worst(&range, arena, out, err);
}
