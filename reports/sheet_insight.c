/* The tables of what the trials say about the settings, beside importance: the way to the winner, means by
 * level. */
#include "reports/sheets.h"

#include <math.h>

static const char *interval_of(Arena *arena, const Doc *drawn)
{
    double low = sheet_number(drawn, "low95"), high = sheet_number(drawn, "high95");
    return sheet_range(arena, low, high);
}

static const char *setting_of(Arena *arena, const Doc *value)
{
    return doc_kind(value) == DOC_NULL ? "not used" : sheet_value(arena, value);
}

bool sheet_ablation(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *ablation = doc_get(document, "ablation"), *steps = doc_get(ablation, "steps");
    const Doc *from = doc_get(ablation, "from"), *to = doc_get(ablation, "to");
    const size_t n = doc_count(steps);
    if (!sheet_create("ablation", "The way to the winner, change by change", 6, n, arena, out,
                      err)) return false;
    sheet_column(out, "change", false, 0, NULL);
    sheet_column(out, "from", false, 0, NULL);
    sheet_column(out, "to", false, 0, NULL);
    sheet_column(out, "brings", true, 0, "how much better the score, as the model expects");
    sheet_column(out, "95 % interval", true, 0, "as far as the trials can tell");
    sheet_column(out, "score then", true, 0, "as the model expects");
    for (size_t i = 0; i < n; i++) {
        const Doc *step = doc_at(steps, i), *gain = doc_get(step, "gain");
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(step, "name");
        cell[1].text = setting_of(arena, doc_get(step, "before"));
        cell[2].text = setting_of(arena, doc_get(step, "after"));
        cell[3].text = sheet_signed(arena, sheet_number(gain, "value"));
        cell[4].text = interval_of(arena, gain);
        cell[5].text = sheet_score(arena, sheet_number(doc_get(step, "score"), "value"));
        out->strong[i] = sheet_number(gain, "low95") > 0;
    }
    if (!sheet_whole(out)) return error_memory(err);
    if (n == 0) return true;
    out->note = arena_print(arena, "From trial %.0f (%s, %s) to trial %.0f (%s), each time the change of"
                            " which the model expects most; nothing was run for it. Marked: better by more"
                            " than the model is unsure.",
                            sheet_number(from, "trial"), sheet_text(from, "what"),
                            sheet_score(arena, sheet_number(from, "value")), sheet_number(to, "trial"),
                            sheet_score(arena, sheet_number(to, "value")));
    return out->note || error_memory(err);
}

bool sheet_levels(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *tables = doc_get(document, "levels");
    const char *metric = sheet_text(doc_get(document, "study"), "metric_label");
    const bool up = doc_to_bool(doc_get(doc_get(document, "study"), "maximize"), true);
    size_t rows = 0;
    for (size_t t = 0; t < doc_count(tables); t++) rows += doc_count(doc_get(doc_at(tables, t), "levels"));
    if (!sheet_create("levels", "Mean score by the levels of each setting", 5, rows, arena, out,
                      err)) return false;
    sheet_column(out, "setting", false, 0, NULL);
    sheet_column(out, "value", false, 0, NULL);
    sheet_column(out, "trials", true, 0, NULL);
    sheet_column(out, metric && *metric ? metric : "score", true, up ? 1 : -1, "mean");
    sheet_column(out, "95 % interval", true, 0, "by what the means of the levels leave unexplained");
    for (size_t t = 0; t < doc_count(tables); t++) {
        const Doc *levels = doc_get(doc_at(tables, t), "levels");
        double best = NAN;
        for (size_t l = 0; l < doc_count(levels); l++) {
            double mean = sheet_number(doc_at(levels, l), "mean");
            if (isnan(best) || (up ? mean > best : mean < best)) best = mean;
        }
        for (size_t l = 0; l < doc_count(levels); l++) {
            const Doc *level = doc_at(levels, l);
            Cell *cell = sheet_row(out);
            out->strong[out->n_rows - 1] = sheet_number(level, "mean") == best;
            cell[0].text = l == 0 ? sheet_text(doc_at(tables, t), "name") : "";
            cell[1].text = setting_of(arena, doc_get(level, "value"));
            cell[2].text = sheet_count(arena, sheet_number(level, "n"));
            cell[3].text = sheet_score(arena, sheet_number(level, "mean"));
            cell[4].text = interval_of(arena, level);
        }
    }
    if (!sheet_whole(out)) return error_memory(err);
    if (rows > 0)
        out->note = "Over all trials with that value, whatever the others are. Trials of a grid or at random"
                    " meet all values of the others alike, so differences are the setting's own.";
    return true;
}
