/* inspect/effect.h - what the columns of a table do to a whole model's answers, on rows it was not trained on.
 *
 * Permutation importance   the drop of a metric when a column's values are shuffled among the rows, all else
 *     left alone (mean of `repeats` shuffles). Positive: the model uses the column to its advantage. Columns
 *     that say the same share what they are worth. The interval is the 2.5 and 97.5 percentiles over bootstrap
 *     samples of the rows, each with one of the shuffles: chance in the rows and in the shuffling.
 * Partial dependence       the mean probability of each class when a column is set to one value in every row,
 *     for values along its quantiles, or for its most frequent levels; beside it how often the values occur.
 * Contributions            of one row: its class's probability, less the mean of what it would be with the
 *     column's value taken from other rows. They need not add up to anything: columns act together.
 * Of numbers and labels the same of the task's own metric, of the mean number or probability of yes of each
 * target, and of the number or probability itself.
 *
 * Cost    about (shuffles x columns x rows) predictions, without what a column does not touch (patched.h).
 *         `work` multiplications are not passed by more than twice, a third of them for dependence: shuffles
 *         down to 2 first, then rows down to 200, then one shuffle, then fewer columns (those with the longest
 *         first weights stay).
 * Sources Breiman 2001; Fisher, Rudin, Dominici 2019 (permutation); Friedman 2001 (partial dependence).
 */
#ifndef CONSORT_INSPECT_EFFECT_H
#define CONSORT_INSPECT_EFFECT_H
#include "base/doc.h"
#include "engine/metrics.h"
#include "inspect/patched.h"

typedef struct {
    MetricId metric;
    int positive;     /* of binary metrics; < 0: class 1 */
    uint64_t seed;
    int repeats, resamples;
    double work;
} EffectOptions;

/* What the work allows. */
typedef struct {
    int rows, repeats, columns; /* of importance */
    int dependence_rows;
} EffectPlan;
/* For a panel of these sources. */
EffectPlan effect_plan(const EffectOptions *options, const PanelSource *sources, int n_sources);

typedef struct {
    int column;
    double drop, low95, high95; /* in the metric's better direction */
} Importance;

/* Of the columns in `columns` (n), in that order. */
bool effect_importance(const Panel *panel, Patched *patched, const EffectOptions *options, const int *columns,
                       int n, Arena *arena, Importance *out, Error *err);
/* The metric of these answers to the panel's rows, with the decision of whoever gave them. */
bool effect_score(const Panel *panel, const EffectOptions *options, const float *proba, Arena *arena,
                  double *out, Error *err);

enum { EFFECT_POINTS = 16 };
typedef struct {
    int n;             /* values */
    double at[EFFECT_POINTS];  /* of a numeric column */
    int level[EFFECT_POINTS];  /* of a nominal one, -1: missing */
    double *mean;      /* (n, K) */
} Dependence;
bool effect_dependence(const Panel *panel, Patched *patched, int column, int most_rows, Arena *arena,
                       Dependence *out, Error *err);

/* The metric that is shuffled by: the one asked for where the task has it. */
MetricId effect_metric(const Panel *panel, MetricId asked);
/* (n_columns) of the panel's table for row `row` of `table`, a table of the same columns; `class` is whose, of
 * other tasks which of the values. */
bool effect_contributions(const Panel *panel, const Table *table, int row, int class, const Model *model,
                          int most_rows, Arena *arena, double *out, Error *err);

/* `importance` and `dependence` of document.inside, of a table; nothing for pictures. `order` (n_columns):
 * columns, the most promising first. On return it has them by importance. */
bool effect_put(const Panel *panel, const EffectOptions *options, const EffectPlan *plan, int *order,
                Arena *arena, Doc *out, Error *err);
#endif
