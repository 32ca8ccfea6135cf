/* The table of thresholds: a dozen of an evaluation's curve, the chosen one standing out. */
#include "reports/sheets.h"

#include <math.h>

/* Of threshold_curve the places to show: near these values, and the chosen one. */
static const double shown[] = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95};
enum { N_SHOWN = sizeof shown / sizeof *shown };

static double value_at(const Doc *curve, const char *key, size_t i)
{
    return doc_to_number(doc_at(doc_get(curve, key), i), NAN);
}

/* One that reads like the chosen one would stand there twice. */
static bool is_shown(double at, double chosen)
{
    for (int k = 0; k < N_SHOWN; k++)
        if (fabs(at - shown[k]) < 1e-9) return !(fabs(at - chosen) < 5e-4);
    return false;
}

static void put_row(const Doc *curve, size_t i, bool costs, Arena *arena, Sheet *out)
{
    static const char *const shares[] = {"precision", "recall", "f1"};
    Cell *cell = sheet_row(out);
    cell[0].text = sheet_or_dash(arena_print(arena, "%.3g", value_at(curve, "at", i)));
    for (int k = 0; k < 3; k++) cell[1 + k].text = sheet_score(arena, value_at(curve, shares[k], i));
    cell[4].text = sheet_percent(arena, value_at(curve, "flagged", i));
    if (costs) cell[5].text = sheet_score(arena, value_at(curve, "cost", i));
}

bool sheet_thresholds(const Doc *evaluation, Arena *arena, Sheet *out, Error *err)
{
    const Doc *curve = doc_get(evaluation, "threshold_curve");
    const char *label = doc_to_text(doc_get(curve, "label"), "");
    const size_t n = doc_count(doc_get(curve, "at"));
    const bool costs = doc_count(doc_get(curve, "cost")) == n && n > 0;
    const double chosen = sheet_number(curve, "chosen");
    const double at_chosen = chosen >= 0 && chosen < (double)n ? value_at(curve, "at", (size_t)chosen) : NAN;
    const char *caption = arena_print(arena, "What thresholds come to: “%s” from this probability on", label);
    if (!sheet_create("thresholds", caption, 6, N_SHOWN + 1, arena, out, err)) return false;
    sheet_column(out, "threshold", true, 0, "decided for from this probability on");
    sheet_column(out, "precision", true, 1, "of the rows decided for, the share that is right");
    sheet_column(out, "recall", true, 1, "of the rows of the class, the share that is found");
    sheet_column(out, "F1", true, 1, NULL);
    sheet_column(out, "flagged", true, 0, "share of all rows that are decided for");
    if (costs) sheet_column(out, "cost", true, -1, "mean of a row, by ensemble.thresholds");
    for (size_t i = 0; i < n; i++) {
        bool is_chosen = chosen == (double)i;
        if (!is_chosen && !is_shown(value_at(curve, "at", i), at_chosen)) continue;
        if (out->n_rows > N_SHOWN) break;
        put_row(curve, i, costs, arena, out);
        out->strong[out->n_rows - 1] = is_chosen;
    }
    return true;
}
