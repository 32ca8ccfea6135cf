/* model/calibration_fit.h - the calibration that makes known outcomes most likely, by method.
 *
 * Rows with label -1 do not count. Fit on rows that nobody trained on. With n rows, K classes and
 * z = log p - log w, w being class weights or 1, each method minimizes the mean log loss of softmax(z') plus
 *
 *     bias      z' = a z + b            0.05 |b|^2 / n + (a - 1 - log a) / n
 *     vector    z' = (1 + v) a z + b    K |v|^2 / n more, a that of `bias`
 *     matrix    z' = (I + V) a z + b    K |diag V|^2 / n + K (K - 1) |rest of V|^2 / n more
 *
 * The penalties of v and V are those of structured scaling (arXiv 2511.03685), which pulls towards the identity
 * the harder, the fewer rows there are for each parameter. Intercepts are all but free, otherwise than there:
 * at the minimum the mean of p'_c is then the share of class c on these rows, which is what they are for; the
 * little that is left keeps a class without rows finite. a is drawn to 1 with the weight of one row, as a
 * temperature is (engine/cooling.h), and kept within [1 / most_temperature, 20].
 *
 *     isotonic  on top of `bias`: rows in order of p'_c, in at most 15 groups of equal size and 50 rows or
 *               more, neighbours joined until shares rise (pool adjacent violators); a knot at each group's
 *               mean p'_c and share, kept within (0, 1), and at 0 and 1.
 *
 * All are convex but for isotonic, which is exact; L-BFGS (base/lbfgs.h) to a gradient of 1e-8.
 *
 * Memory  the arena. Errors ERR_MEMORY only.
 */
#ifndef CONSORT_MODEL_CALIBRATION_FIT_H
#define CONSORT_MODEL_CALIBRATION_FIT_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/calibration.h"

/* n rows with known outcomes: what was predicted of them, and what they are. */
typedef struct {
    int n, n_classes;
    const float *proba;    /* (n, K) */
    const int32_t *labels; /* (n) */
    const double *weight;  /* (n) what each row counts for; NULL: all alike */
} KnownRows;

/* `weight` (K): what training weighed the classes by, NULL: alike. `method` from BIAS on. `most_temperature`:
 * at least 1. The map is of p as it is predicted: it undoes the weights, too. */
bool calibration_fit(const KnownRows *rows, const double *weight, CalibrationMethod method,
                     double most_temperature, Arena *arena, Calibration **out, Error *err);
/* What calibration_fit minimizes, for n rows of z = log p with x = (a, b), (v, b) or (V by rows, b) by
 * `method`; fills the gradient. For v and V, `z` is a z already. */
typedef struct {
    int n, n_classes;
    CalibrationMethod method;
    const double *z;       /* (n, K) */
    const int32_t *labels; /* (n) none below 0 */
    double *row;           /* (K) work */
    const double *weight;  /* (n) mean 1; NULL: all 1 */
} CalibrationLoss;
double calibration_loss(void *loss, const double *x, double *gradient);
/* The same rows without those that are not known or weigh nothing, weights scaled to mean 1: copies in the
 * arena, or
 * the rows themselves. */
bool calibration_known(const KnownRows *rows, Arena *arena, KnownRows *out, Error *err);
#endif
