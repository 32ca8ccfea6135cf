/* engine/loss_targets.h - the walk that losses of targets have in common: over rows and targets, with the rows'
 * weights, past what is unknown, and zeros behind the outputs. A loss says what one target of one row costs.
 *
 * Shapes, units, memory, errors  as in engine/task.h.
 */
#ifndef CONSORT_ENGINE_LOSS_TARGETS_H
#define CONSORT_ENGINE_LOSS_TARGETS_H
#include "engine/task.h"

/* The loss of the outputs z of one target against u, of which z becomes the gradient, times `part`. With
 * several quantiles the sum over them. */
typedef double TargetLoss(const Loss *loss, double u, double part, float *z);
/* The mean over rows, targets and quantiles; z becomes its gradient. */
double targets_gradient(const Loss *loss, const Truth *truth, int rows, int ld, float *z, TargetLoss *one);
#endif
