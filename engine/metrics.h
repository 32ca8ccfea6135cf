/* engine/metrics.h - how good predictions are: probabilities of classes, and of other tasks at the end.
 *
 * One rule for the undefined: a class that is never predicted has no precision. It is shown as a
 * dash, and counts as 0 in every average (F1 likewise; a class without rows is left out of macro
 * averages). The same rule everywhere: terminal, report, database, model selection.
 *
 * Shapes   n rows, K classes; proba (n, K) row-major with row distance ld; labels (n) in [0, K).
 *          Rows with label -1 are not counted.
 * Units    log loss in nats, probabilities clipped at 1e-15. ECE with 15 equal-width bins of the
 *          top probability c, bin floor(15 c); class-wise: the same of each class's probability against
 *          whether a row is of the class, and the mean over classes (two classes: of `positive` alone, as the
 *          other is its mirror image). Top-label errors of two classes cancel, class-wise ones do not.
 *          Brier score: mean squared distance between the probabilities and the truth, sum_c (p_c - y_c)^2,
 *          halved for two classes (so the familiar (p - y)^2), as scikit-learn does. Micro F1 is the
 *          accuracy; MCC is 0 where it is 0 / 0. Equal probabilities: the lowest class is
 *          predicted. No rows: everything is nan. Sums are double and run in row order.
 * Calibrated: the log loss after the one temperature that is best for these rows (engine/cooling.h).
 * AUC      binary: of `positive` (class 1 unless set); more classes: mean of one against the rest over
 *          the classes that have rows. PR-AUC is average precision (step-wise, no interpolation).
 * Sources  scikit-learn's definitions (model evaluation guide); MCC: Gorodkin 2004 for K classes.
 */
#ifndef CONSORT_ENGINE_METRICS_H
#define CONSORT_ENGINE_METRICS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "data/task.h"

/*  id, name, larger is better, label for people, the tasks (data/task.h) it is for */
#define FOR_CLASSES (1u << TASK_CLASSES | 1u << TASK_ORDERED)
#define FOR_LABELS (1u << TASK_LABELS)
#define FOR_NUMBERS (1u << TASK_NUMBERS)
#define FOR_ALL (FOR_CLASSES | FOR_LABELS | FOR_NUMBERS)
#define METRIC_LIST(X)                                                                      \
    X(METRIC_LOSS, "loss", false, "loss", FOR_ALL)                                          \
    X(METRIC_ACCURACY, "accuracy", true, "accuracy", FOR_CLASSES | FOR_LABELS)              \
    X(METRIC_F1_MACRO, "f1_macro", true, "macro F1", FOR_CLASSES | FOR_LABELS)              \
    X(METRIC_F1_MICRO, "f1_micro", true, "micro F1", FOR_CLASSES | FOR_LABELS)              \
    X(METRIC_F1_WEIGHTED, "f1_weighted", true, "weighted F1", FOR_CLASSES | FOR_LABELS)     \
    X(METRIC_PRECISION_MACRO, "precision_macro", true, "macro precision", FOR_CLASSES | FOR_LABELS) \
    X(METRIC_RECALL_MACRO, "recall_macro", true, "macro recall", FOR_CLASSES | FOR_LABELS)  \
    X(METRIC_BALANCED_ACCURACY, "balanced_accuracy", true, "balanced accuracy", FOR_CLASSES) \
    X(METRIC_MCC, "mcc", true, "MCC", FOR_CLASSES)                                          \
    X(METRIC_LOG_LOSS, "log_loss", false, "log loss", FOR_CLASSES | FOR_LABELS)             \
    X(METRIC_BRIER, "brier", false, "Brier score", FOR_CLASSES | FOR_LABELS)                \
    X(METRIC_ECE, "ece", false, "calibration error", FOR_CLASSES)                           \
    X(METRIC_ROC_AUC, "roc_auc", true, "ROC AUC", FOR_CLASSES | FOR_LABELS)                 \
    X(METRIC_PR_AUC, "pr_auc", true, "PR AUC", FOR_CLASSES | FOR_LABELS)                    \
    X(METRIC_ECE_CLASSWISE, "ece_classwise", false, "class-wise calibration error", FOR_CLASSES) \
    X(METRIC_LOG_LOSS_CALIBRATED, "log_loss_calibrated", false, "log loss after calibration", FOR_CLASSES) \
    X(METRIC_RMSE, "rmse", false, "RMSE", FOR_NUMBERS)                                      \
    X(METRIC_MAE, "mae", false, "MAE", FOR_NUMBERS)                                         \
    X(METRIC_MEDIAN_AE, "median_ae", false, "median absolute error", FOR_NUMBERS)           \
    X(METRIC_MAPE, "mape", false, "MAPE", FOR_NUMBERS)                                      \
    X(METRIC_R2, "r2", true, "R2", FOR_NUMBERS)                                             \
    X(METRIC_SPEARMAN, "spearman", true, "rank correlation", FOR_NUMBERS)                   \
    X(METRIC_PINBALL, "pinball", false, "pinball loss", FOR_NUMBERS)                        \
    X(METRIC_COVERAGE, "coverage", true, "interval coverage", FOR_NUMBERS)                  \
    X(METRIC_WIDTH, "width", false, "interval width", FOR_NUMBERS)
typedef enum { METRIC_LIST(LIST_ID) METRIC_COUNT } MetricId;

/* `name` with or without "val_"; METRIC_COUNT when unknown. */
MetricId metric_find(const char *name);
const char *metric_name(MetricId id);  /* "f1_macro" */
const char *metric_label(MetricId id); /* "macro F1" */
bool metric_larger_is_better(MetricId id);
bool metric_is_for(MetricId id, TaskKind task);
/* By what a model is judged whose trials were by `id`: it is calibrated already. */
MetricId metric_of_model(MetricId id);
/* The set of those, for metrics_score. */
unsigned metrics_for(TaskKind task);
extern const char *const metric_names[]; /* NULL-terminated, without "val_" */

enum { ECE_BINS = 15 };
int calibration_bin(double p); /* floor(15 p), within [0, 15) */

typedef struct {
    double precision, recall, f1; /* NaN where undefined */
    int64_t support, predicted;   /* rows of the class; rows predicted as it */
    double mass, mass_predicted, mass_hits; /* what these, and rows that are both, weigh; 0 without weights */
} ClassMetrics;

typedef struct {
    int n_classes;
    int64_t n_rows;
    double value[METRIC_COUNT]; /* LOSS: same as LOG_LOSS unless the caller sets it */
    ClassMetrics *per_class;    /* (K) */
    int64_t *confusion;         /* (K, K) [truth * K + predicted] */
    int n_targets;              /* NUMBERS, LABELS: T, and instead of per_class and confusion */
    double (*of_target)[METRIC_COUNT]; /* (T); value[] is the mean of those that are defined */
} Metrics;

/* Predictions of rows, and what is true of them. All borrowed. */
typedef struct {
    const Task *task;       /* NULL: classes */
    int n, n_classes;
    const float *values;    /* (n, task_values) */
    int ld;
    const int32_t *labels;  /* (n) classes; -1: not known */
    const double *targets;  /* (n, T) the others; NaN: not known */
    const double *weight;   /* (n) how much each row counts; NULL: all alike */
    int positive;           /* class for binary metrics, < 0: class 1 */
} ScoredRows;

/* Allocates per_class and confusion in the arena; metrics_compute fills them and may be called
 * again and again without allocating. `positive` < 0: class 1. */
bool metrics_create(int n_classes, Arena *arena, Metrics *out, Error *err);
/* Which of those that need probabilities (LOSS and below from LOG_LOSS on; the two AUCs need a
 * sort) to compute: a bit set of 1u << MetricId; METRICS_ALL for all. What is left out is NaN; what
 * follows from the confusion matrix is always there. `scratch` needs metrics_scratch_bytes(n) bytes, and may
 * be NULL when neither AUC is asked for. */
#define METRICS_ALL ((1u << METRIC_COUNT) - 1)
size_t metrics_scratch_bytes(int n);
void metrics_compute(int n, const float *proba, int ld, const int32_t *labels, int positive,
                     unsigned which, void *scratch, Metrics *out);
/* The same for any task: metrics_create_for makes room, scored_scratch_bytes says how much scratch it takes;
 * `which` is a set of metrics for this task. Numbers as scikit-learn has them: means over rows, then over
 * targets; RMSE and R2 of each target first. R2 of a constant target is 1 where it is met exactly, else 0. MAPE
 * divides by |y|, at least 2.2e-16. Spearman's correlation with mean ranks for ties; nan where nothing varies.
 * A row of weight w ranks as w rows would; one without weight is left out.
 * Pinball: mean over the quantiles, without such of one half. Coverage and width are of the outermost two. */
size_t scored_scratch_bytes(const Task *task, int n);
bool metrics_create_for(const Task *task, int n_classes, Arena *arena, Metrics *out, Error *err);
size_t metrics_bytes_for(const Task *task, int n_classes);
void metrics_score(const ScoredRows *scored, unsigned which, void *scratch, Metrics *out);
/* metrics_weighted.c: of classes, with weights. The confusion matrix, support and predicted stay counts of
 * rows, of those that weigh more than 0. Equal to scikit-learn's with sample_weight, without the other rows. */
void metrics_weighted(const ScoredRows *scored, unsigned which, void *scratch, Metrics *out);
/* After metrics_from_confusion: adds a row to the masses of its class and of the predicted one; then all that
 * follows from the masses, `all` being their sum. */
void metrics_weigh_row(Metrics *metrics, int label, int predicted, double weight);
void metrics_from_masses(double all, Metrics *metrics);
/* From hard predictions alone. */
void metrics_from_weighted(int n, const int32_t *predicted, const int32_t *labels, const double *weight,
                           Metrics *out);
/* metrics_numbers.c and metrics_labels.c, for metrics_score.c */
void metrics_of_numbers(const ScoredRows *scored, unsigned which, void *scratch, Metrics *out);
void metrics_of_labels(const ScoredRows *scored, unsigned which, void *scratch, Metrics *out);
/* Areas of the yeses of label t; NaN where there are no yeses or no noes. */
void metrics_label_areas(const ScoredRows *scored, int t, void *scratch, double *roc, double *pr);
/* With weights: the same, or of class t against the rest. */
void metrics_weighted_areas(const ScoredRows *scored, int t, void *scratch, double *roc, double *pr);
/* From `confusion` as it stands, or as someone else counted it (probability metrics NaN). */
void metrics_from_confusion(Metrics *metrics);
/* From hard predictions alone (probability metrics NaN). */
void metrics_from_predictions(int n, const int32_t *predicted, const int32_t *labels,
                              Metrics *out);
#endif
