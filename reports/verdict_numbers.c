/* What the verdict says of numbers and labels that it does not say of classes: errors in the target's own unit,
 * how much of what varies is explained, intervals, and by how much the error is below that of what it beats. */
#include "reports/verdict_parts.h"

#include <math.h>
#include <string.h>

#include "reports/sheet.h"

static const Doc *shown(const Verdict *v)
{
    const ReportInput *input = v->facts->input;
    return isfinite(v->test.value) ? input->test : input->validation;
}

/* "price", "3 targets". */
static const char *what(Verdict *v)
{
    const Task *task = v->facts->input->task;
    if (task->n_targets == 1) return task->targets[0].name;
    return facts_text(v->facts, arena_print(v->facts->arena, "%d targets", task->n_targets));
}

/* NULL: the metric is said as any other. */
static const char *sentence(Verdict *v, MetricId id, const char *who, const char *value)
{
    Arena *arena = v->facts->arena;
    if (id == METRIC_R2)
        return arena_print(arena, "%s explains %s %% of what varies in %s (R2)", who, value, what(v));
    if (v->facts->input->task->n_targets > 1) return NULL; /* of different units */
    if (id == METRIC_RMSE)
        return arena_print(arena, "%s predicts %s with a typical error of %s (RMSE)", who, what(v), value);
    if (id == METRIC_MAE)
        return arena_print(arena, "%s predicts %s with a mean error of %s (MAE)", who, what(v), value);
    if (id == METRIC_MEDIAN_AE)
        return arena_print(arena, "%s predicts half of all %s to within %s", who, what(v), value);
    return NULL;
}

const char *verdict_headline(Verdict *v, const char *who, double value)
{
    Arena *arena = v->facts->arena;
    const MetricId id = v->facts->metric;
    bool negative = id == METRIC_R2 && value < 0; /* worse than always saying the mean */
    if (facts_task(v->facts) != TASK_NUMBERS || id == METRIC_COUNT || negative) return NULL;
    const char *number = id == METRIC_R2 ? arena_print(arena, "%.1f", 100 * value)
                                         : sheet_quantity(arena, value);
    return number ? sentence(v, id, who, number) : NULL;
}

void verdict_explains(Verdict *v)
{
    const Estimate r2 = verdict_estimate(shown(v), metric_name(METRIC_R2));
    const Estimate rho = verdict_estimate(shown(v), metric_name(METRIC_SPEARMAN));
    if (facts_task(v->facts) != TASK_NUMBERS || !isfinite(r2.value)) return;
    const char *order = !isfinite(rho.value) ? "" : facts_text(v->facts, arena_print(v->facts->arena,
        "; the rank correlation of true and predicted values is %s", verdict_score(v, rho.value)));
    const char *range = !isfinite(r2.low) || v->facts->metric == METRIC_R2 ? "" : facts_text(v->facts,
        arena_print(v->facts->arena, " (%s)", sheet_range(v->facts->arena, r2.low, r2.high)));
    verdict_say(v, arena_print(v->facts->arena, "R2 is %s%s%s.", verdict_score(v, r2.value), range, order));
}

/* "; the model's error is 34 % below that of linear regression"; "" where that is not said. */
const char *verdict_below(Verdict *v, const char *name, double model, double other)
{
    static const MetricId sizes[] = {METRIC_RMSE, METRIC_MAE, METRIC_MEDIAN_AE, METRIC_MAPE, METRIC_PINBALL};
    bool is_size = false;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) is_size |= v->facts->metric == sizes[i];
    double below = 100 * (1 - model / other);
    if (facts_task(v->facts) != TASK_NUMBERS || !is_size || !(other > 0) || !(below >= 1)) return "";
    return facts_text(v->facts, arena_print(v->facts->arena, "; %s error is %.0f %% below that of %s",
                                            v->n_members > 1 ? "the ensemble's" : "the model's", below, name));
}

/* The worst kept of the promises. */
void verdict_promises(Verdict *v)
{
    const Doc *targets = doc_get(shown(v), "targets"), *worst = NULL, *of = NULL;
    double least = INFINITY;
    for (size_t t = 0; t < doc_count(targets); t++) {
        const Doc *list = doc_get(doc_at(targets, t), "interval");
        size_t n = doc_kind(list) == DOC_ARRAY ? doc_count(list) : doc_kind(list) == DOC_OBJECT;
        for (size_t i = 0; i < n; i++) {
            const Doc *one = doc_kind(list) == DOC_ARRAY ? doc_at(list, i) : list;
            double kept = sheet_number(doc_get(one, "coverage"), "value");
            double short_of = kept - sheet_number(one, "level");
            if (short_of < least) least = short_of, worst = one, of = doc_at(targets, t);
        }
    }
    if (!worst) return;
    const Doc *coverage = doc_get(worst, "coverage");
    Arena *arena = v->facts->arena;
    double level = sheet_number(worst, "level"), high = sheet_number(coverage, "high95");
    const char *width = sheet_quantity(arena, sheet_number(worst, "width")), *name = "";
    if (doc_count(targets) > 1)
        name = facts_text(v->facts, arena_print(arena, " of %s", sheet_text(of, "name")));
    verdict_say(v, arena_print(arena, "%.0f %% intervals%s hold %.1f %% of the rows; their mean width is %s.",
                               100 * level, name, 100 * sheet_number(coverage, "value"), width));
    if (isfinite(high) && high < level)
        verdict_warn(v, arena_print(arena, "%.0f %% intervals%s hold fewer rows than they promise, by more than"
                                    " chance explains.", 100 * level, name));
}
