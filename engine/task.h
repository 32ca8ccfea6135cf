/* engine/task.h - what a network is trained for: for each loss its link, its gradient and its value, as one row
 * of a table (task.c). A new loss is a row there, and a file loss_NAME.c when it is of a new kind.
 *
 *     cross_entropy  classes           softmax and -log p, with weights, smoothing, focus (loss.h)
 *     cumulative     ordered classes   -log P(class), P from borders that fall (link.h)
 *     binary         labels            -log p of the answer
 *     squared        numbers           (z - u)^2            u: the target in units of learning
 *     absolute       numbers           |z - u|
 *     huber          numbers           (z - u)^2 / 2 within delta, delta (|z - u| - delta / 2) beyond
 *     log            numbers           squared, u from the logarithm of the target
 *     poisson        numbers >= 0      e^z - u - u (z - log u), u = y / mean: half the deviance
 *     quantiles      numbers           mean over quantiles q of max(q e, (q - 1) e), e = u - z_q (pinball)
 *
 * Numbers and labels: the mean over rows and targets; what is unknown (NaN) adds nothing.
 *
 * Shapes   B rows of outputs z (B, ld), ld >= outputs; truth u (B, T) in units of learning. After
 *          `gradient` z is the gradient of the mean loss by z, 0 from the outputs to ld.
 * Units    u is what task_learned makes of a target: mean 0 and deviation 1, the same of its logarithm,
 *          y / mean, or 0 and 1.
 * Memory   borrows, allocates nothing. Errors none; nan or infinity in gives nan out.
 * Sources  Huber 1964; pinball: Koenker and Bassett, Econometrica 46 (1978); Poisson: McCullagh and Nelder,
 *          Generalized Linear Models (1989).
 */
#ifndef CONSORT_ENGINE_TASK_H
#define CONSORT_ENGINE_TASK_H
#include "base/error.h"
#include "data/rows.h"
#include "engine/link.h"
#include "engine/loss.h"

/* What a configuration may say; auto is the task's own. */
#define LOSS_LIST(X)                                                                               \
    X(LOSS_AUTO, "auto") X(LOSS_SQUARED, "squared") X(LOSS_ABSOLUTE, "absolute")                   \
    X(LOSS_HUBER, "huber") X(LOSS_POISSON, "poisson") X(LOSS_LOG, "log")
typedef enum {
    LOSS_LIST(LIST_ID) LOSS_CROSS_ENTROPY, LOSS_CUMULATIVE, LOSS_BINARY, LOSS_QUANTILES, LOSS_COUNT
} LossKind;
extern const char *const loss_names[]; /* of a configuration */

/* The truth of a batch. */
typedef struct {
    const int32_t *labels; /* (B) CLASSES, ORDERED */
    const float *u;        /* (B, T) the others */
    const float *weight;   /* (B) NULL: all 1 */
} Truth;

typedef struct {
    Link link;
    double (*gradient)(const Loss *loss, const Truth *truth, int rows, int ld, float *z);
    /* Of one row of predicted values, what it costs against the truth u (T) in units of learning. */
    double (*of_values)(const Loss *loss, const float *values, const float *u);
} LossRow;

/* The row of a loss. */
const LossRow *loss_row(LossKind kind);
/* The loss that a task is trained with: `asked` or its own. ERR_CONFIG where that cannot be. */
bool task_loss(const Task *task, LossKind asked, LossKind *out, Error *err);
/* learned.c: a target in units of learning. */
double task_learned(const Task *task, int t, LossKind loss, double y);
/* Values v in these units: what of_values measures by. */
double task_relearned(const Loss *loss, int t, double v);

/* loss_numbers.c, loss_quantiles.c and loss_labels.c, by loss_targets.h; loss_ordered.c */
double numbers_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z);
double numbers_of_values(const Loss *loss, const float *values, const float *u);
double quantiles_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z);
double quantiles_of_values(const Loss *loss, const float *values, const float *u);
double ordered_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z);
double labels_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z);
double labels_of_values(const Loss *loss, const float *values, const float *u);
#endif
