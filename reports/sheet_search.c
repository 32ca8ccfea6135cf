/* The tables of the section on the search. */
#include "reports/sheets.h"

#include <math.h>
#include <string.h>

/* From nothing to all in half: the scale of a bar's interval is [0, 1]. */
static const char *percent_of(Arena *arena, double share)
{
    if (!isfinite(share)) return SHEET_DASH;
    const char *text = arena_print(arena, share > 0 && share < 0.001 ? "< 0.1 %%" : "%.1f %%", 100 * share);
    return text ? text : SHEET_DASH;
}

/* "learning_rate, then width_1": of which places is the order sure? */
static const char *order_of(const Doc *importance, const Doc *list, Arena *arena)
{
    const size_t n = doc_count(list);
    const double sure = sheet_number(importance, "n_sure");
    const char *names = sheet_text(doc_at(list, 0), "name");
    if (n < 2) return "";
    if (!(sure >= 1)) return "No place in the order is sure. ";
    for (size_t i = 1; i < n && (double)i < sure && names; i++)
        names = arena_print(arena, "%s, then %s", names, sheet_text(doc_at(list, i), "name"));
    return !names ? NULL
         : sure >= (double)n - 1 ? arena_print(arena, "The order is sure: %s. ", names)
                                 : arena_print(arena, "Sure is the order of the first %.0f: %s. ", sure, names);
}

static const char *importance_note(const Doc *importance, Arena *arena)
{
    const char *warning = doc_to_text(doc_get(importance, "warning"), NULL);
    const Doc *pair = doc_at(doc_get(importance, "pairs"), 0), *list = doc_get(importance, "parameters");
    if (doc_count(list) == 0) return warning ? arena_print(arena, "Not told: %s.", warning) : "";
    double effect = sheet_number(pair, "effect");
    const char *joint = "", *order = order_of(importance, list, arena);
    if (isfinite(effect) && effect >= 0.05)
        joint = arena_print(arena, "%s and %s together decide %.0f %% that neither decides alone. ",
                            sheet_text(pair, "a"), sheet_text(pair, "b"), 100 * effect);
    if (!joint || !order) return NULL;
    const char *more = warning ? arena_print(arena, " With care: %s.", warning) : "";
    return !more ? NULL
         : arena_print(arena, "Share of what decides a configuration's rank in the whole search space, wherever"
                       " the search went. %s%sOf trials that it was not shown, the model explains %.0f %% of"
                       " the differences.%s", order, joint, 100 * sheet_number(importance, "left_out"), more);
}

bool sheet_importance(const Doc *importance, Arena *arena, Sheet *out, Error *err)
{
    const Doc *list = doc_get(importance, "parameters");
    size_t n = doc_count(list);
    bool partly = false;
    for (size_t i = 0; i < n; i++) partly |= sheet_number(doc_at(list, i), "active") < 1;
    if (!sheet_create("importance", "What made the difference", 7, n, arena, out, err)) return false;
    sheet_column(out, "setting", false, 0, NULL);
    sheet_column(out, "importance", true, 0, "share of what decides the rank in which the setting has a part");
    sheet_column(out, "95 % interval", true, 0, "as far as the trials can tell");
    sheet_column(out, "alone", true, 0, "what it decides by itself");
    sheet_column(out, "above the next", true, 0, "how sure it is that it matters more than the next");
    if (partly) sheet_column(out, "used in", true, 0, "share of the trials in which the setting is active");
    sheet_column(out, "best trials have", false, 0, "the middle half of their values, or the commonest choice");
    for (size_t i = 0; i < n; i++) {
        const Doc *row = doc_at(list, i);
        Cell *cell = sheet_row(out);
        double low = sheet_number(row, "low95"), high = sheet_number(row, "high95");
        double importance_at = sheet_number(row, "importance");
        int c = 0;
        cell[c++].text = sheet_text(row, "name");
        cell[c].bar = isfinite(importance_at) ? importance_at : 0;
        cell[c++].text = isfinite(importance_at) ? percent_of(arena, importance_at) : "not known";
        cell[c].text = arena_print(arena, "%.0f to %.0f %%", 100 * low, 100 * high);
        cell[c].low = low;
        cell[c].at = isfinite(importance_at) ? importance_at : low;
        cell[c++].high = high;
        cell[c++].text = percent_of(arena, sheet_number(row, "alone"));
        cell[c++].text = percent_of(arena, sheet_number(row, "ahead"));
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

/* "learning_rate 0.012, width_1 64": the settings of one trial in one cell. */
static const char *settings_of(const Doc *params, Arena *arena)
{
    const char *key;
    const Doc *value;
    Text text = {0};
    for (size_t i = 0; doc_member(params, i, &key, &value); i++) {
        text_print(&text, "%s%s ", i ? ", " : "", key);
        if (doc_kind(value) == DOC_NUMBER) text_print(&text, "%.4g", doc_to_number(value, NAN));
        else if (doc_kind(value) == DOC_TEXT) text_add(&text, doc_to_text(value, ""));
        else doc_print(value, 0, &text);
    }
    const char *copy = text_ok(&text) ? arena_copy(arena, text.bytes ? text.bytes : "") : NULL;
    text_free(&text);
    return copy;
}

static const char *goal_text(const Doc *metric, double value, Arena *arena)
{
    const char *name = sheet_text(metric, "name");
    if (!doc_to_bool(doc_get(metric, "cost"), false)) return sheet_score(arena, value);
    if (strcmp(name, "model_bytes") == 0) return sheet_bytes(arena, value);
    return value >= 1000 ? sheet_count(arena, value) : arena_print(arena, "%.3g", value);
}

static const char *test_text(const Doc *score, Arena *arena)
{
    double value = sheet_number(score, "value"), low = sheet_number(score, "low95");
    if (!isfinite(value)) return SHEET_DASH;
    if (!isfinite(low)) return sheet_score(arena, value);
    return arena_print(arena, "%s (%s to %s)", sheet_score(arena, value), sheet_score(arena, low),
                       sheet_score(arena, sheet_number(score, "high95")));
}

bool sheet_front(const Doc *front, Arena *arena, Sheet *out, Error *err)
{
    const Doc *members = doc_get(front, "members"), *metrics = doc_get(front, "metrics");
    size_t n = doc_count(members), m = doc_count(metrics);
    if (n < 2) n = 0; /* one trial that is best in everything is no choice */
    if (!sheet_create("front", "The front: no trial is better in everything", m + 4, n, arena, out, err))
        return false;
    sheet_column(out, "trial", true, 0, NULL);
    for (size_t g = 0; g < m; g++) {
        const Doc *metric = doc_at(metrics, g);
        bool up = doc_to_bool(doc_get(metric, "maximize"), false);
        sheet_column(out, sheet_text(metric, "label"), true, up ? 1 : -1, sheet_text(metric, "name"));
    }
    bool tested = false, with_knee = false;
    for (size_t k = 0; k < n; k++) {
        tested |= doc_kind(doc_get(doc_at(members, k), "test")) == DOC_OBJECT;
        with_knee |= doc_to_bool(doc_get(doc_at(members, k), "knee"), false);
    }
    const char *test = arena_print(arena, "test %s", sheet_text(doc_at(metrics, 0), "label"));
    if (tested) sheet_column(out, sheet_or_dash(test), true, 0, "on the test set, with its 95 % interval");
    if (with_knee) sheet_column(out, "", false, 0, NULL);
    sheet_column(out, "settings", false, 0, NULL);
    for (size_t k = 0; k < n; k++) {
        const Doc *member = doc_at(members, k);
        bool knee = doc_to_bool(doc_get(member, "knee"), false);
        Cell *cell = sheet_row(out);
        out->strong[k] = knee;
        cell[0].text = arena_print(arena, "%.0f", sheet_number(member, "trial"));
        for (size_t g = 0; g < m; g++) {
            double value = doc_to_number(doc_at(doc_get(member, "values"), g), NAN);
            cell[1 + g].text = goal_text(doc_at(metrics, g), value, arena);
        }
        size_t c = 1 + m;
        if (tested) cell[c++].text = test_text(doc_get(member, "test"), arena);
        if (with_knee) cell[c++].text = knee ? "knee" : "";
        cell[c++].text = settings_of(doc_get(member, "params"), arena);
        while (c-- > 0)
            if (!cell[c].text) return error_memory(err);
    }
    if (with_knee)
        out->note = "The knee is the trial farthest below the line through the ends, costs on a log scale:"
                    " beyond it a little of one goal costs much of another. What is worse than the median"
                    " trial is no end.";
    return true;
}
