/* ensemble/select.h - which models, with which weights.
 *
 * Works on stored predictions of rows nobody trained on: no retraining, no data.
 *
 *   vote      the best `size` models, one vote each
 *   average   the best `size` models, equal weights
 *   weighted  the best `size` models, weights on the simplex that minimize log loss
 *   greedy    Caruana et al. 2004: start empty (or from the best few), add with replacement the
 *             model that helps the average most, keep the best prefix; bagged over random halves of
 *             the library, and guarded: kept only if it beats the plain average of the best few (2 to 5)
 *             by half a standard error, else that average is the result, if it beats the best model
 *             alone. No bags for fewer than 10 models: half of so few is no library.
 *
 * The result never scores worse, on the rows it was selected on, than the best single model: if
 * nothing does better, it is that single model, and `reason` says so.
 *
 * Score    the metric of the study; plateaus of count metrics are broken by 1e-3 log loss. Rows
 *          without a label (-1) do not count.
 * Budget   models that do not fit into max_bytes alone are left out; "best single" means of those
 *          that fit.
 * Ties     go to the lower model number, everywhere.
 * Errors   ERR_DATA when no model can be scored, ERR_CONFIG when none fits the budget, ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_SELECT_H
#define CONSORT_ENSEMBLE_SELECT_H
#include "base/field.h"
#include "engine/metrics.h"

typedef enum {
    SELECT_GREEDY, SELECT_AVERAGE, SELECT_WEIGHTED, SELECT_VOTE,
    SELECT_SOFT /* another name for average, in a configuration; never in a result */
} SelectMethod;
extern const char *const select_method_names[]; /* greedy, average, weighted, vote, soft */

typedef enum { CALIBRATE_NONE, CALIBRATE_TEMPERATURE } CalibrateMethod;
extern const char *const calibrate_names[];

/* The `ensemble` section. */
typedef struct {
    int method;              /* SelectMethod */
    int size;                /* most members */
    int bags;                /* greedy: random halves of the library; 1: no bagging */
    int library;             /* the best so many trials are considered */
    const char *metric;      /* NULL: the study's */
    int calibrate;           /* CalibrateMethod */
    const char *thresholds;  /* "none", or a metric to tune decision weights for ("f1_macro") */
    double max_bytes;        /* budget for weights; 0: none */
} EnsembleOptions;
extern const FieldTable ensemble_fields;

typedef struct {
    int n_models, n_rows, n_classes;
    const float *const *proba; /* (n_models) of (n_rows, K) */
    const int32_t *labels;     /* (n_rows) */
    const int64_t *bytes;      /* (n_models) or NULL */
    int positive;
} Library;

typedef struct {
    SelectMethod method;     /* what was used in the end */
    bool vote;
    double *weight;          /* (n_models), sum 1; 0: not a member */
    int n_members;
    double score, best_single; /* in the metric's own direction */
    int best_model;
    int n_curve;             /* greedy: score by number of draws, one run over the whole library */
    double *curve;
    const char *reason;      /* one sentence for the report */
} Selection;

bool ensemble_select(const Library *library, const EnsembleOptions *options, MetricId metric,
                     uint64_t seed, Arena *arena, Selection *out, Error *err);
#endif
