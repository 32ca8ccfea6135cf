/* The table of the model beside what it has to beat: the best single trial and the baselines. */
#include "reports/sheets.h"

#include <math.h>
#include <string.h>

static const Doc *compared_with(const Doc *document, const char *name)
{
    const Doc *list = doc_get(doc_get(document, "verdict"), "compared");
    for (size_t i = 0; i < doc_count(list); i++)
        if (strcmp(sheet_text(doc_at(list, i), "with"), name) == 0) return doc_at(list, i);
    return NULL;
}

static void add(Sheet *sheet, bool paired, const char *name, const Doc *score, const Doc *row, Arena *arena)
{
    Cell *cell = sheet_row(sheet);
    double p = sheet_number(row, "p");
    cell[0].text = name;
    cell[1].text = sheet_score(arena, sheet_number(score, "value"));
    cell[2].text = sheet_range(arena, sheet_number(score, "low95"), sheet_number(score, "high95"));
    if (!paired) return;
    cell[3].text = row ? sheet_signed(arena, sheet_number(row, "difference")) : "";
    cell[4].text = row ? sheet_signed_range(arena, sheet_number(row, "low95"), sheet_number(row, "high95"))
                       : "";
    cell[5].text = !row ? "" : !isfinite(p) ? SHEET_DASH
                 : p < 0.001 ? "< 0.001" : sheet_or_dash(arena_print(arena, "%.2g", p));
}

/* "logistic regression: stopped after 79 passes over the rows." NULL: there is nothing to know. */
static bool note_of(const Doc *baselines, Arena *arena, const char **out)
{
    *out = NULL;
    for (size_t i = 0; i < doc_count(baselines); i++) {
        const char *note = doc_to_text(doc_get(doc_at(baselines, i), "note"), NULL);
        if (!note || !*note) continue;
        *out = arena_print(arena, "%s%s%s: %s.", *out ? *out : "", *out ? " " : "",
                           sheet_text(doc_at(baselines, i), "name"), note);
        if (!*out) return false;
    }
    return true;
}

bool sheet_rivals(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *verdict = doc_get(document, "verdict"), *baselines = doc_get(document, "baselines");
    const Doc *members = doc_get(doc_get(document, "ensemble"), "members"), *study = doc_get(document, "study");
    size_t n = doc_count(baselines), n_members = doc_count(members);
    const char *label = sheet_text(study, "metric_label"), *own;
    const MetricId metric = metric_find(sheet_text(study, "metric_name"));
    int better = doc_to_bool(doc_get(study, "maximize"), true) ? 1 : -1;
    bool paired = doc_count(doc_get(verdict, "compared")) > 0;
    bool tested = strcmp(sheet_text(verdict, "split"), "test") == 0;
    const char *caption = arena_print(arena, "The model and what it has to beat, on the %s",
                                      tested ? "test set" : "validation rows");
    if (metric_of_model(metric) != metric) label = metric_label(metric_of_model(metric));
    if (!sheet_create("rivals", caption, 6, n + 2, arena, out, err)) return false;
    sheet_column(out, "", false, 0, NULL);
    sheet_column(out, label, true, better, NULL);
    sheet_column(out, "95 % interval", true, 0, "for other rows of the same kind");
    if (paired) {
        sheet_column(out, "difference", true, 0, "the model less this one, on the same rows");
        sheet_column(out, "95 % interval of it", true, 0, "of the difference, in pairs");
        sheet_column(out, "p", true, 0, "of no difference: McNemar's test, or a paired bootstrap");
    }
    if (n == 0 && n_members < 2) return true;
    if (n_members > 1) own = arena_print(arena, "ensemble of %zu", n_members);
    else own = arena_print(arena, "trial %.0f", sheet_number(doc_at(members, 0), "trial"));
    if (n_members > 0 && doc_kind(doc_get(verdict, "score")) == DOC_OBJECT) {
        out->strong[0] = true;
        add(out, paired, sheet_or_dash(own), doc_get(verdict, "score"), NULL, arena);
    }
    if (n_members > 1 && doc_kind(doc_get(verdict, "single")) == DOC_OBJECT)
        add(out, paired, sheet_or_dash(arena_print(arena, "best trial (%.0f)",
            sheet_number(verdict, "single_trial"))), doc_get(verdict, "single"),
            compared_with(document, "best trial"), arena);
    for (size_t i = n; i-- > 0;) {
        const Doc *baseline = doc_at(baselines, i);
        const char *name = sheet_text(baseline, "name");
        if (doc_kind(doc_get(baseline, "score")) != DOC_OBJECT) continue;
        add(out, paired, name, doc_get(baseline, "score"), compared_with(document, name), arena);
    }
    if (!note_of(baselines, arena, &out->note)) return error_memory(err);
    return true;
}
