/* The tables of a comparison of studies. */
#include <math.h>
#include <string.h>

#include "engine/metrics.h"
#include "reports/compare.h"

CompareSheet *const compare_sheets[] = {sheet_compare_studies, sheet_compare_pairs, sheet_compare_spread,
                                        sheet_compare_settings, sheet_compare_best, NULL};

static bool any(const Doc *studies, const char *key)
{
    for (size_t i = 0; i < doc_count(studies); i++)
        if (doc_kind(doc_get(doc_at(studies, i), key)) == DOC_OBJECT) return true;
    return false;
}

bool sheet_compare_studies(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *studies = doc_get(document, "studies"), *metric = doc_get(document, "metric");
    size_t n = doc_count(studies);
    int better = doc_to_bool(doc_get(metric, "maximize"), true) ? 1 : -1;
    bool tested = any(studies, "test"), sized = any(studies, "size");
    if (!sheet_create("studies", "Studies", 13, n, arena, out, err)) return false;
    sheet_column(out, "study", false, 0, NULL);
    sheet_column(out, "state", false, 0, NULL);
    sheet_column(out, "trials", true, 0, "begun, whatever became of them");
    sheet_column(out, "best", true, 0, "the trial");
    sheet_column(out, sheet_text(metric, "label"), true, better, "of the best trial, on validation rows");
    sheet_column(out, "95 % interval", true, 0, "over rows, of that trial by itself");
    if (tested) {
        sheet_column(out, "test", true, better, "of the ensemble, on the test set");
        sheet_column(out, "95 % interval", true, 0, "over rows, of that ensemble by itself");
    }
    sheet_column(out, "CPU", true, -1, "processor time of all trials");
    sheet_column(out, "wall", true, -1, "time during which at least one trial ran");
    if (sized) {
        sheet_column(out, "weights", true, -1, "of the ensemble, or of the best trial where there is none");
        sheet_column(out, "size", true, -1, NULL);
    }
    for (size_t i = 0; i < n; i++) {
        const Doc *study = doc_at(studies, i), *best = doc_get(study, "best"), *test = doc_get(study, "test");
        const Doc *cost = doc_get(study, "cost"), *size = doc_get(study, "size");
        Cell *cell = sheet_row(out);
        (cell++)->text = sheet_text(study, "label");
        (cell++)->text = sheet_text(study, "state");
        (cell++)->text = sheet_count(arena, sheet_number(study, "trials"));
        (cell++)->text = sheet_value(arena, doc_get(best, "trial"));
        (cell++)->text = sheet_score(arena, sheet_number(best, "value"));
        (cell++)->text = sheet_range(arena, sheet_number(best, "low95"), sheet_number(best, "high95"));
        if (tested) {
            (cell++)->text = sheet_score(arena, sheet_number(test, "value"));
            (cell++)->text = sheet_range(arena, sheet_number(test, "low95"), sheet_number(test, "high95"));
        }
        (cell++)->text = sheet_seconds(arena, sheet_number(cost, "cpu_s"));
        (cell++)->text = sheet_seconds(arena, sheet_number(cost, "wall_s"));
        if (sized) {
            (cell++)->text = sheet_count(arena, sheet_number(size, "n_params"));
            (cell++)->text = sheet_bytes(arena, sheet_number(size, "bytes"));
        }
        if (!doc_to_bool(doc_get(cost, "cpu_known"), true))
            out->note = "Of some trials the processor time is not known; what they lasted stands for it.";
    }
    return true;
}

static const char *p_text(Arena *arena, double p)
{
    if (!isfinite(p)) return SHEET_DASH;
    return sheet_or_dash(p < 1e-4 ? arena_print(arena, "%.1e", p) : arena_print(arena, "%.4f", p));
}

bool sheet_compare_pairs(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    const Doc *pairs = doc_get(document, "pairs"), *entry;
    const char *own = sheet_text(doc_get(document, "metric"), "name"), *name;
    size_t n = 0;
    for (size_t i = 0; i < doc_count(pairs); i++) n += 4;
    if (!sheet_create("pairs", "Differences: the second minus the first", 9, n, arena, out, err)) return false;
    sheet_column(out, "difference", false, 0, NULL);
    sheet_column(out, "of", false, 0, NULL);
    sheet_column(out, "metric", false, 0, NULL);
    sheet_column(out, "first", true, 0, NULL);
    sheet_column(out, "second", true, 0, NULL);
    sheet_column(out, "difference", true, 0, NULL);
    sheet_column(out, "95 % interval", true, 0, NULL);
    sheet_column(out, "p", true, 0, "McNemar's exact test for the accuracy, else the paired bootstrap");
    sheet_column(out, "rows", false, 0, "paired: both predicted the same rows");
    for (size_t i = 0; i < doc_count(pairs); i++) {
        const Doc *pair = doc_at(pairs, i), *metrics = doc_get(pair, "metrics");
        bool paired = doc_to_bool(doc_get(pair, "paired"), false);
        for (size_t m = 0; doc_member(metrics, m, &name, &entry); m++) {
            MetricId id = metric_find(name);
            bool up = id == METRIC_COUNT ? doc_to_bool(doc_get(doc_get(document, "metric"), "maximize"), true)
                                         : metric_larger_is_better(id);
            out->strong[out->n_rows] = strcmp(name, own) == 0 && paired;
            Cell *cell = sheet_row(out);
            cell[0].text = sheet_or_dash(arena_print(arena, "%s − %s", sheet_text(pair, "b"),
                                                     sheet_text(pair, "a")));
            cell[1].text = sheet_or_dash(arena_print(arena, "%s, %s", sheet_text(pair, "what"),
                                                     sheet_text(pair, "on")));
            cell[2].text = sheet_or_dash(arena_print(arena, "%s %s", id == METRIC_COUNT ? name
                                                     : metric_label(id),
                                                     up ? "↑" : "↓"));
            cell[3].text = sheet_score(arena, sheet_number(entry, "a"));
            cell[4].text = sheet_score(arena, sheet_number(entry, "b"));
            cell[5].text = sheet_signed(arena, sheet_number(entry, "difference"));
            cell[6].text = sheet_signed_range(arena, sheet_number(entry, "low95"),
                                              sheet_number(entry, "high95"));
            cell[7].text = p_text(arena, sheet_number(entry, "p"));
            cell[8].text = paired ? sheet_or_dash(arena_print(arena, "%.0f paired", sheet_number(pair, "rows")))
                                  : "NOT PAIRED";
        }
        if (!paired) out->note = "Not paired: the two were judged on other rows, or their predictions are not"
                                 " there;"
                                 " the interval takes them for independent, and is wider than it need be where"
                                 " they"
                                 " are not.";
    }
    return true;
}

bool sheet_compare_spread(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    static const char *const kinds[] = {"best", "test"};
    static const char *const words[] = {"best trial, validation", "ensemble, test"};
    const Doc *groups = doc_get(document, "spread");
    size_t n = doc_count(groups);
    if (!sheet_create("spread", "Studies that differ in their seed alone: what luck does", 7, 2 * n, arena, out,
                      err))
        return false;
    sheet_column(out, "studies", false, 0, NULL);
    sheet_column(out, "of", false, 0, NULL);
    sheet_column(out, "n", true, 0, NULL);
    sheet_column(out, "mean", true, 0, NULL);
    sheet_column(out, "± sd", true, 0, "standard deviation over seeds");
    sheet_column(out, "lowest", true, 0, NULL);
    sheet_column(out, "highest", true, 0, NULL);
    for (size_t i = 0; i < n; i++) {
        const Doc *group = doc_at(groups, i), *names = doc_get(group, "studies");
        Text list = {0};
        for (size_t k = 0; k < doc_count(names); k++)
            text_print(&list, "%s%s", k ? ", " : "", doc_to_text(doc_at(names, k), ""));
        const char *who = text_ok(&list) && list.n ? arena_copy(arena, list.bytes) : "";
        text_free(&list);
        for (int k = 0; k < 2; k++) {
            const Doc *spread = doc_get(group, kinds[k]);
            if (doc_kind(spread) != DOC_OBJECT) continue;
            Cell *cell = sheet_row(out);
            cell[0].text = sheet_or_dash(who);
            cell[1].text = words[k];
            cell[2].text = sheet_value(arena, doc_get(spread, "n"));
            cell[3].text = sheet_score(arena, sheet_number(spread, "mean"));
            cell[4].text = sheet_score(arena, sheet_number(spread, "sd"));
            cell[5].text = sheet_score(arena, sheet_number(spread, "low"));
            cell[6].text = sheet_score(arena, sheet_number(spread, "high"));
        }
    }
    return true;
}

static bool differences(const Doc *document, const char *key, const char *id, const char *caption,
                        const char *first, Arena *arena, Sheet *out, Error *err)
{
    const Doc *rows = doc_get(document, key), *studies = doc_get(document, "studies");
    size_t n = doc_count(rows), m = doc_count(studies);
    if (!sheet_create(id, caption, m + 1, n, arena, out, err)) return false;
    sheet_column(out, first, false, 0, NULL);
    for (size_t s = 0; s < m; s++)
        sheet_column(out, sheet_text(doc_at(studies, s), "label"), false, 0, NULL);
    for (size_t r = 0; r < n; r++) {
        const Doc *row = doc_at(rows, r), *values = doc_get(row, "values");
        Cell *cell = sheet_row(out);
        cell[0].text = sheet_text(row, "name");
        for (size_t s = 0; s < m; s++) cell[1 + s].text = doc_to_text(doc_at(values, s), SHEET_DASH);
    }
    return true;
}

bool sheet_compare_settings(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return differences(document, "settings", "settings", "What their configurations say differently", "key",
                       arena,
                       out, err);
}

bool sheet_compare_best(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return differences(document, "best_settings", "best-settings", "Settings of the best trials that differ",
                       "setting", arena, out,
                       err);
}
