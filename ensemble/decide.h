/* ensemble/decide.h - from calibrated probabilities of rows with known classes to the rule of decision that was
 * asked for (ensemble/thresholds.h).
 *
 *     none       class weights w: argmax p_c w_c, which is what training with them learned to decide, said of
 *                probabilities that have the prior of the data; without class weights the most probable class
 *     metric     calibrate.h, on top of w
 *     cost       the costs themselves: argmin of what is expected (of two classes a threshold)
 *     fixed      the weights that amount to it
 *     recall, precision   one class against the rest: a row's cut r is the largest p of another class by p_c,
 *                and w_c > r decides for c. Recall at least q: w_c lies just above the k-th smallest cut of the
 *                class's n rows, k the least with P(Bin(n, q) <= k - 1) >= 0.9: then the recall on new rows is
 *                at least q with 90 % confidence, whatever the distribution (an order statistic's share is
 *                Beta(k, n - k + 1)). Precision at least q: the most rows m with h right among them such that
 *                P(Bin(m, q) >= h) <= 0.05; stricter, since the best of many cuts is taken (of 500 at most).
 *                Where there are too few rows for either, the nearest there is is taken, and `assured`
 *                is false.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_ENSEMBLE_DECIDE_H
#define CONSORT_ENSEMBLE_DECIDE_H
#include "ensemble/calibrate.h"
#include "ensemble/thresholds.h"

typedef struct {
    const double *weight; /* (K) NULL: the most probable class, or by cost */
    const double *cost;   /* (K, K) or NULL */
    const char *asked;    /* what it is for; NULL: nothing */
    bool assured;         /* false: too few rows for the promise of recall or precision */
} Decision;

/* `class_weight` (K) or NULL. */
bool decide_fit(const JudgedRows *rows, const Thresholds *asked, const double *class_weight, uint64_t seed,
                Arena *arena, Decision *out, Error *err);
#endif
