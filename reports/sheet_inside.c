/* Tables of what a network does: layers, weights of a table's inputs, importance of columns, a row. */
#include <math.h>
#include <string.h>

#include "reports/sheets.h"

/* "3, 17, 40 and 12 more" */
static const char *units_text(const Doc *layer, const char *key, const char *count, size_t most, Arena *arena)
{
    const Doc *list = doc_get(layer, key);
    double all = sheet_number(layer, count);
    Text text = {0};
    size_t n = doc_count(list) < most ? doc_count(list) : most;
    if (!(all > 0)) return doc_kind(list) == DOC_ARRAY ? "none" : SHEET_DASH;
    text_print(&text, "%.0f: ", all);
    for (size_t i = 0; i < n; i++)
        text_print(&text, "%s%.0f", i ? ", " : "", doc_to_number(doc_at(list, i), NAN));
    if (all > (double)n) text_print(&text, " and %.0f more", all - (double)n);
    const char *copy = text_ok(&text) && text.n ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return sheet_or_dash(copy);
}

static const char *range_text(const Doc *histogram, Arena *arena)
{
    double low = sheet_number(histogram, "low"), high = sheet_number(histogram, "high");
    if (!isfinite(low)) return SHEET_DASH;
    return sheet_or_dash(arena_print(arena, "%.3g to %.3g", low, high));
}

static bool layers_sheet(const Doc *inside, bool brief, Arena *arena, Sheet *out, Error *err)
{
    const Doc *layers = doc_get(inside, "layers");
    const size_t named = brief ? 6 : 12;
    bool rows = sheet_number(inside, "rows_looked") > 0, all = rows && !brief;
    if (!sheet_create("layers", "Layers of the network", 8, doc_count(layers), arena, out, err)) return false;
    sheet_column(out, "layer", false, 0, NULL);
    sheet_column(out, "units", true, 0, NULL);
    sheet_column(out, "weights", true, 0, "the smallest and the largest");
    if (all) sheet_column(out, "activations", true, 0, "over the rows looked at");
    if (all) sheet_column(out, "gradients", true, 0, "of the mean loss of those rows, by the weights");
    sheet_column(out, "dead units", false, 0, rows ? "the same output for every row looked at"
                                                   : "nothing comes in, or nothing goes out");
    if (rows) sheet_column(out, "saturated units", false, 0, "at an end of tanh or sigmoid on 95 % of them");
    for (size_t i = 0; i < doc_count(layers); i++) {
        const Doc *layer = doc_at(layers, i);
        bool output = doc_to_bool(doc_get(layer, "output"), false);
        Cell *cell = sheet_row(out);
        int c = 0;
        cell[c++].text = output ? "output" : sheet_count(arena, sheet_number(layer, "layer"));
        cell[c++].text = sheet_count(arena, sheet_number(layer, "units"));
        cell[c++].text = range_text(doc_get(layer, "weights"), arena);
        if (all) cell[c++].text = range_text(doc_get(layer, "activations"), arena);
        if (all) cell[c++].text = range_text(doc_get(layer, "gradients"), arena);
        cell[c++].text = output ? SHEET_DASH : units_text(layer, "dead", "n_dead", named, arena);
        if (!rows) continue;
        cell[c].text = output ? SHEET_DASH : units_text(layer, "saturated", "n_saturated", named, arena);
    }
    return true;
}

bool sheet_layers(const Doc *inside, Arena *arena, Sheet *out, Error *err)
{
    return layers_sheet(inside, false, arena, out, err);
}

bool sheet_layers_brief(const Doc *inside, Arena *arena, Sheet *out, Error *err)
{
    return layers_sheet(inside, true, arena, out, err);
}

bool sheet_permutation(const Doc *inside, Arena *arena, Sheet *out, Error *err)
{
    const Doc *importance = doc_get(inside, "importance"), *features = doc_get(importance, "features");
    size_t n = doc_count(features);
    double most = 0;
    const char *metric = doc_to_text(doc_get(importance, "metric_label"), "the score");
    const char *caption = arena_print(arena, "What %s loses when a column is shuffled", metric);
    for (size_t i = 0; i < n; i++) most = fmax(most, sheet_number(doc_at(features, i), "high95"));
    if (!sheet_create("permutation", sheet_or_dash(caption), 3, n, arena, out, err)) return false;
    sheet_column(out, "column", false, 0, NULL);
    sheet_column(out, "drop", true, 0, "mean over the shuffles");
    sheet_column(out, "95 % interval", true, 0, "bootstrap over rows and shuffles");
    for (size_t i = 0; i < n; i++) {
        const Doc *feature = doc_at(features, i);
        double low = sheet_number(feature, "low95"), high = sheet_number(feature, "high95");
        double drop = sheet_number(feature, "drop");
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(feature, "name");
        cell[1].text = sheet_score(arena, drop);
        cell[1].bar = most > 0 && drop > 0 ? fmin(1, drop / most) : 0;
        cell[2].text = SHEET_DASH;
        if (isfinite(low)) cell[2].text = sheet_or_dash(arena_print(arena, "%.4f to %.4f", low, high));
        out->strong[i] = isfinite(low) && low > 0;
    }
    return true;
}

const char *sheet_unit(const Doc *inside, double unit, Arena *arena)
{
    if (!doc_to_bool(doc_get(doc_get(inside, "first_layer"), "classes"), false))
        return sheet_or_dash(arena_print(arena, "unit %.0f", unit));
    return doc_to_text(doc_at(doc_get(inside, "classes"), unit >= 1 ? (size_t)unit - 1 : 0), SHEET_DASH);
}

/* The strongest weights of the first layer as a table: inputs by units. */
bool sheet_first_weights(const Doc *inside, Arena *arena, Sheet *out, Error *err)
{
    enum { INPUTS = 20, UNITS = 10 };
    const Doc *first = doc_get(inside, "first_layer");
    const Doc *rows = doc_get(first, "rows"), *shown = doc_get(first, "shown");
    bool classes = doc_to_bool(doc_get(first, "classes"), false);
    size_t n = doc_count(rows) < INPUTS ? doc_count(rows) : INPUTS;
    size_t columns = doc_count(shown) < UNITS ? doc_count(shown) : UNITS;
    const char *caption = classes ? "Weights: inputs by classes" : "First weights: inputs by units";
    if (!sheet_create("first-weights", caption,
                      columns + 2, n, arena, out, err))
        return false;
    sheet_column(out, "input", false, 0, NULL);
    sheet_column(out, "length", true, 0, "of all its weights together");
    for (size_t c = 0; c < columns; c++) {
        double unit = doc_to_number(doc_at(shown, c), NAN);
        const char *label = sheet_unit(inside, unit, arena);
        sheet_column(out, label, true, 0, NULL);
    }
    for (size_t i = 0; i < n; i++) {
        const Doc *row = doc_at(rows, i), *weights = doc_get(row, "weights");
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(row, "input");
        cell[1].text = sheet_score(arena, sheet_number(row, "norm"));
        for (size_t c = 0; c < columns; c++)
            cell[c + 2].text =
                sheet_or_dash(arena_print(arena, "%.3g", doc_to_number(doc_at(weights, c), NAN)));
    }
    return true;
}

/* The row that was asked for; NULL: none. */
static const Doc *asked_row(const Doc *inside)
{
    const Doc *row = doc_at(doc_get(inside, "rows"), 0);
    return strcmp(doc_to_text(doc_get(row, "why"), ""), "asked") == 0 ? row : NULL;
}

bool sheet_row_proba(const Doc *inside, Arena *arena, Sheet *out, Error *err)
{
    const Doc *row = asked_row(inside), *proba = doc_get(row, "proba"), *classes = doc_get(inside, "classes");
    const bool targets = doc_get(row, "target") != NULL, numbers = targets && isnan(sheet_number(row, "p"));
    /* of several quantiles of a target each is a line */
    const size_t each = doc_count(classes) ? doc_count(proba) / doc_count(classes) : 1;
    const char *caption = numbers ? "What is predicted" : "Probabilities";
    if (!sheet_create("row-proba", caption, 3, doc_count(proba), arena, out, err)) return false;
    sheet_column(out, targets ? "target" : "class", false, 0, NULL);
    sheet_column(out, "model", true, 0, "what is answered");
    sheet_column(out, "this network", true, 0, "uncalibrated");
    for (size_t i = 0; i < doc_count(proba); i++) {
        double p = doc_to_number(doc_at(proba, i), NAN);
        const char *label = doc_to_text(doc_at(classes, targets && each > 1 ? i / each : i), SHEET_DASH);
        const double own = doc_to_number(doc_at(doc_get(row, "network_proba"), i), NAN);
        Cell *cell = sheet_row(out);
        cell[0].text = label;
        cell[1].text = numbers ? sheet_or_dash(arena_print(arena, "%.6g", p)) : sheet_score(arena, p);
        cell[1].bar = p > 0 && !numbers ? p : 0;
        cell[2].text = numbers ? sheet_or_dash(arena_print(arena, "%.6g", own)) : sheet_score(arena, own);
        out->strong[i] = !targets && strcmp(label, doc_to_text(doc_get(row, "predicted"), "")) == 0;
    }
    return true;
}

bool sheet_row_values(const Doc *inside, Arena *arena, Sheet *out, Error *err)
{
    const Doc *row = asked_row(inside), *values = doc_get(row, "values");
    const char *target = doc_to_text(doc_get(row, "target"), NULL);
    const bool numbers = target && isnan(sheet_number(row, "p"));
    const char *caption = numbers ? arena_print(arena, "Its values, and what each does to %s", target)
        : arena_print(arena, "Its values, and what each does to the probability of %s",
                      target ? target : doc_to_text(doc_get(row, "predicted"), "its class"));
    if (!sheet_create("row-values", sheet_or_dash(caption), 3, doc_count(values), arena, out, err))
        return false;
    sheet_column(out, "column", false, 0, NULL);
    sheet_column(out, "value", false, 0, NULL);
    sheet_column(out, "contribution", true, 0, "less what other rows' values give");
    for (size_t i = 0; i < doc_count(values); i++) {
        const Doc *value = doc_at(values, i);
        double part = sheet_number(value, "contribution");
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(value, "column");
        cell[1].text = doc_to_text(doc_get(value, "value"), SHEET_DASH);
        cell[2].text = isfinite(part) ? sheet_or_dash(arena_print(arena, "%+.4f", part)) : SHEET_DASH;
    }
    return true;
}
