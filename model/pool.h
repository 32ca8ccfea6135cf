/* model/pool.h - opinions pooled by their logarithms: p_c ~ exp(slope sum_m w_m log q_mc), the weighted
 * geometric mean of members' probabilities, sharpened (slope above 1) or flattened, and scaled to sum 1
 * (Genest, Zidek, "Combining probability distributions", Statistical Science 1986).
 *
 * A probability counts as 1e-6 at least: one member alone must not rule a class out.
 *
 * Errors none.
 */
#ifndef CONSORT_MODEL_POOL_H
#define CONSORT_MODEL_POOL_H

double pool_log(double q);
/* From the mean logarithms of one row of K classes to the pool's probabilities, in place. */
void pool_softmax(int n_classes, double slope, float *z);
#endif
