/* Scores by the levels of columns, one table for all of them. */
#include "reports/sheets.h"

#include <math.h>
#include <string.h>

/* What stands in the table; the document has every metric. */
typedef struct {
    const char *name, *title;
    int better;
} Shown;
enum { N_SHOWN = 3, N_NARROW = 2 };
static const Shown of_classes[N_SHOWN] = {{"accuracy", "accuracy", 1}, {"f1_macro", "macro F1", 1},
                                          {"roc_auc", "ROC AUC", 1}},
                   of_numbers[N_SHOWN] = {{"rmse", "RMSE", -1}, {"r2", "R2", 1}, {"mae", "MAE", -1}};

static bool of_quantities(const Doc *evaluation)
{
    return strcmp(doc_to_text(doc_get(evaluation, "task"), ""), "numbers") == 0;
}

/* Shares have four decimals, what has a unit five digits. */
static const char *number_of(Arena *arena, double value, bool quantities)
{
    if (!quantities || !isfinite(value)) return sheet_score(arena, value);
    if (fabs(value) >= 1e4 && fabs(value) < 1e9) return sheet_count(arena, value);
    return sheet_or_dash(arena_print(arena, "%.5g", value));
}

static void put_level(const Doc *evaluation, const char *column, const Doc *level, int n_shown,
                      Arena *arena, Sheet *out)
{
    double rows = sheet_number(level, "n"), all = sheet_number(evaluation, "rows");
    const bool numbers = of_quantities(evaluation);
    const Shown *shown = numbers ? of_numbers : of_classes;
    bool small = doc_to_bool(doc_get(level, "small"), false);
    Cell *cell = sheet_row(out);
    cell[0].text = sheet_or_dash(arena_print(arena, "%s: %s%s", column, sheet_text(level, "level"),
                                             small ? " *" : ""));
    cell[1].text = sheet_count(arena, rows);
    cell[1].bar = all > 0 ? fmin(1, rows / all) : 0;
    for (int m = 0; m < n_shown; m++) {
        const Doc *metric = doc_get(doc_get(level, "metrics"), shown[m].name);
        const bool unit = numbers && strcmp(shown[m].name, "r2") != 0;
        double low = sheet_number(metric, "low95"), high = sheet_number(metric, "high95");
        cell[2 + 2 * m].text = number_of(arena, sheet_number(metric, "value"), unit);
        cell[3 + 2 * m].text = SHEET_DASH;
        if (isfinite(low) && isfinite(high))
            cell[3 + 2 * m].text = sheet_or_dash(arena_print(arena, "%s to %s", number_of(arena, low, unit),
                                                             number_of(arena, high, unit)));
    }
    if (small)
        out->note = numbers ? "* fewer than 30 rows: these scores say little. Of many levels one looks bad by"
                              " chance."
                            : "* fewer than 30 rows, or none of some class: these scores say little. Of many"
                              " levels one looks bad by chance.";
}

static bool make(const Doc *evaluation, int n_shown, Arena *arena, Sheet *out, Error *err)
{
    const Doc *segments = doc_get(evaluation, "segments");
    size_t n = 0;
    for (size_t s = 0; s < doc_count(segments); s++) n += doc_count(doc_get(doc_at(segments, s), "levels"));
    if (!sheet_create("segments", "Scores by the levels of columns", 2 + 2 * (size_t)n_shown, n, arena, out,
                      err))
        return false;
    sheet_column(out, "level", false, 0, NULL);
    const Shown *shown = of_quantities(evaluation) ? of_numbers : of_classes;
    const char *which = of_quantities(evaluation) ? "whose truth is known" : "with a known class";
    sheet_column(out, "rows", true, 0, which);
    for (int m = 0; m < n_shown; m++) {
        sheet_column(out, shown[m].title, true, shown[m].better, NULL);
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
