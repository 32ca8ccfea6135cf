/* Scores by the levels of columns, one table for all of them. */
#include "reports/sheets.h"

#include <math.h>
#include <string.h>

/* What stands in the table; the document has every metric. */
enum { N_SHOWN = 3, N_NARROW = 2 };
static const MetricId *shown_of(const Doc *evaluation)
{
    static const MetricId classes[] = {METRIC_ACCURACY, METRIC_F1_MACRO, METRIC_ROC_AUC};
    static const MetricId numbers[] = {METRIC_RMSE, METRIC_MAE, METRIC_R2};
    return strcmp(sheet_text(evaluation, "task"), "numbers") == 0 ? numbers : classes;
}

static void put_level(const Doc *evaluation, const char *column, const Doc *level, int n_shown,
                      Arena *arena, Sheet *out)
{
    const MetricId *shown = shown_of(evaluation);
    double rows = sheet_number(level, "n"), all = sheet_number(evaluation, "rows");
    bool small = doc_to_bool(doc_get(level, "small"), false);
    Cell *cell = sheet_row(out);
    cell[0].text = sheet_or_dash(arena_print(arena, "%s: %s%s", column, sheet_text(level, "level"),
                                             small ? " *" : ""));
    cell[1].text = sheet_count(arena, rows);
    cell[1].bar = all > 0 ? fmin(1, rows / all) : 0;
    for (int m = 0; m < n_shown; m++) {
        const Doc *metric = doc_get(doc_get(level, "metrics"), metric_name(shown[m]));
        double low = sheet_number(metric, "low95"), high = sheet_number(metric, "high95");
        cell[2 + 2 * m].text = sheet_score(arena, sheet_number(metric, "value"));
        cell[3 + 2 * m].text = SHEET_DASH;
        if (isfinite(low) && isfinite(high))
            cell[3 + 2 * m].text = sheet_or_dash(arena_print(arena, "%s to %s", sheet_score(arena, low),
                                                             sheet_score(arena, high)));
    }
    if (small)
        out->note = "* fewer than 30 rows, or none of some class: these scores say little. Of many levels one"
                    " looks bad by chance.";
}

static bool make(const Doc *evaluation, int n_shown, Arena *arena, Sheet *out, Error *err)
{
    const Doc *segments = doc_get(evaluation, "segments");
    const MetricId *shown = shown_of(evaluation);
    size_t n = 0;
    for (size_t s = 0; s < doc_count(segments); s++) n += doc_count(doc_get(doc_at(segments, s), "levels"));
    if (!sheet_create("segments", "Scores by the levels of columns", 2 + 2 * (size_t)n_shown, n, arena, out,
                      err))
        return false;
    sheet_column(out, "level", false, 0, NULL);
    sheet_column(out, "rows", true, 0, "with a known class");
    for (int m = 0; m < n_shown; m++) {
        sheet_column(out, metric_label(shown[m]), true, metric_larger_is_better(shown[m]) ? 1 : -1, NULL);
        sheet_column(out, "95 %", true, 0, "interval for other rows of this level");
    }
    if (n) out->note = "Of many levels one looks bad by chance.";
    for (size_t s = 0; s < doc_count(segments); s++) {
        const Doc *column = doc_at(segments, s), *levels = doc_get(column, "levels");
        for (size_t l = 0; l < doc_count(levels); l++)
            put_level(evaluation, sheet_text(column, "column"), doc_at(levels, l), n_shown, arena,
                      out);
    }
    return true;
}

bool sheet_segments(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    return make(evaluation, N_SHOWN, arena, out, err);
}

bool sheet_segments_narrow(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    return make(evaluation, N_NARROW, arena, out, err);
}
