/* The tables of the section on the search. */
#include "reports/sheet_internal.h"

#include <math.h>

/* From nothing to all in half: the scale of a bar's interval is [0, 1]. */
static const char *percent_of(Arena *arena, double share)
{
    if (!isfinite(share)) return SHEET_DASH;
    const char *text = arena_print(arena, share > 0 && share < 0.001 ? "< 0.1 %%" : "%.1f %%", 100 * share);
    return text ? text : SHEET_DASH;
}

static const char *importance_note(const Doc *importance, Arena *arena)
{
    const char *warning = doc_to_text(doc_get(importance, "warning"), NULL);
    const Doc *pair = doc_at(doc_get(importance, "pairs"), 0);
    double effect = sheet_number(pair, "effect");
    const char *joint = "";
    if (isfinite(effect) && effect >= 0.01)
        joint = arena_print(arena, "%s and %s together explain %.0f %% of the model's variance that neither"
                            " does alone. ", sheet_text(pair, "a"), sheet_text(pair, "b"), 100 * effect);
    if (!warning) return joint;
    return joint ? arena_print(arena, "%sWith care: %s.", joint, warning) : NULL;
}

bool sheet_importance(const Doc *importance, Arena *arena, Sheet *out, Error *err)
{
    const Doc *list = doc_get(importance, "parameters");
    size_t n = doc_count(list);
    bool partly = false, modelled = false;
    for (size_t i = 0; i < n; i++) {
        partly |= sheet_number(doc_at(list, i), "active") < 1;
        modelled |= isfinite(sheet_number(doc_at(list, i), "effect"));
    }
    if (!sheet_create("importance", "What made the difference", 8, n, arena, out, err)) return false;
    sheet_column(out, "setting", false, 0, NULL);
    sheet_column(out, "importance", true, 0, "of what sets the best trials apart, beyond chance");
    sheet_column(out, "95 % interval", true, 0, "bootstrap over trials");
    sheet_column(out, "by chance", true, 0, "how often as many trials drawn at random look as special");
    if (modelled) {
        sheet_column(out, "model", true, 0, "share of the model's variance the setting has a part in");
        sheet_column(out, "alone", true, 0, "what it does by itself");
    }
    if (partly) sheet_column(out, "used in", true, 0, "share of the trials in which the setting is active");
    sheet_column(out, "best trials have", false, 0, "the middle half of their values, or the commonest choice");
    for (size_t i = 0; i < n; i++) {
        const Doc *row = doc_at(list, i);
        Cell *cell = sheet_row(out);
        double low = sheet_number(row, "low95"), high = sheet_number(row, "high95");
        int c = 0;
        cell[c++].text = sheet_text(row, "name");
        cell[c].bar = sheet_number(row, "importance");
        cell[c++].text = percent_of(arena, sheet_number(row, "importance"));
        cell[c].text = arena_print(arena, "%.0f to %.0f %%", 100 * low, 100 * high);
        cell[c].low = low;
        cell[c].at = sheet_number(row, "importance");
        cell[c++].high = high;
        cell[c++].text = arena_print(arena, "%.2g", sheet_number(row, "p_chance"));
        if (modelled) {
            cell[c++].text = percent_of(arena, sheet_number(row, "effect"));
            cell[c++].text = percent_of(arena, sheet_number(row, "alone"));
        }
        if (partly) cell[c++].text = percent_of(arena, sheet_number(row, "active"));
        cell[c].text = sheet_text(row, "favours");
        for (int k = 0; k < c; k++)
            if (!cell[k].text) return error_memory(err);
    }
    out->note = importance_note(importance, arena);
    if (!out->note) return error_memory(err);
    if (!*out->note) out->note = NULL;
    return true;
}
