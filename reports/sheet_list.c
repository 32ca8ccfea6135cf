/* All tables of a report, each from the whole document. */
#include "reports/sheet_list.h"

#define OF_PART(name, part)                                                                     \
    static bool name(const Doc *document, Arena *arena, Sheet *out, Error *err)                 \
    {                                                                                           \
        return sheet_##name(part, arena, out, err);                                             \
    }
OF_PART(importance, doc_get(document, "importance"))
OF_PART(front, doc_get(document, "front"))
OF_PART(per_class, sheet_evaluation(document, NULL))
OF_PART(confused, sheet_evaluation(document, NULL))
OF_PART(mistakes, sheet_evaluation(document, NULL))
OF_PART(thresholds, sheet_evaluation(document, NULL))
OF_PART(permutation, doc_get(document, "inside"))
OF_PART(layers, doc_get(document, "inside"))
OF_PART(targets, sheet_evaluation(document, NULL))
OF_PART(labels, sheet_evaluation(document, NULL))
OF_PART(intervals, sheet_evaluation(document, NULL))
OF_PART(sets, sheet_evaluation(document, NULL))
OF_PART(quantiles, sheet_evaluation(document, NULL))
OF_PART(sizes, sheet_evaluation(document, NULL))
OF_PART(card_targets, doc_get(document, "card"))
OF_PART(worst, sheet_evaluation(document, NULL))

static bool leaderboard(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_leaderboard(document, 0, arena, out, err);
}

static bool counts(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_confusion(sheet_evaluation(document, NULL), false, arena, out, err);
}

static bool shares(const Doc *document, Arena *arena, Sheet *out, Error *err)
{
    return sheet_confusion(sheet_evaluation(document, NULL), true, arena, out, err);
}

AnySheet *const report_sheets[] = {
    sheet_rivals, sheet_scores, per_class, counts, shares, confused, thresholds, mistakes, targets, labels,
    intervals, sets, quantiles, sizes, worst, permutation, layers,
    sheet_members, sheet_calibration, sheet_disagreement,
    leaderboard, sheet_finalists, front, importance, sheet_ablation, sheet_levels,
    sheet_failures,
    sheet_balance, card_targets, sheet_features, sheet_deployment, sheet_provenance, NULL,
};
