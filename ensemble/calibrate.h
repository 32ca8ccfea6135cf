/* ensemble/calibrate.h - make probabilities mean what they say, and decide by them well.
 *
 * Temperature: model/temperature.h.
 * Decision weights: predict argmax p_c w_c, ties to the lowest class. Two classes: w_0 = 1 and every
 * cut between rows is tried (of more than 2000 rows, every n-th, then every one around the best);
 * more: coordinate ascent over w_c in exp({-2..2} step 0.1) from w = 1, and from w_c = 1 / prior_c
 * for balanced accuracy, until a sweep gains less than 1e-4. Kept only if weights fitted in the same
 * way on four fifths of the rows gain more than one standard error (paired bootstrap) on the others,
 * else all 1: on its own rows the best of so many weights nearly always seems to gain.
 *
 * Rows with label -1 do not count. Fit on rows that nobody trained on.
 */
#ifndef CONSORT_ENSEMBLE_CALIBRATE_H
#define CONSORT_ENSEMBLE_CALIBRATE_H
#include "engine/metrics.h"

/* Does the metric depend on which class is decided for? log_loss, brier, ece and the areas do not. */
bool calibrate_can_decide(MetricId metric);
/* Rows with known outcomes: what was predicted of them, and what they are. */
typedef struct {
    int n, n_classes;
    const float *proba;    /* (n, K) */
    const int32_t *labels; /* (n) -1: not known */
    const double *weight;  /* (n) what each row counts for; NULL: all alike. Promises of recall and precision
                            * are about rows all the same (decide.h) */
} JudgedRows;

/* Fills decision (K); *kept says whether it is worth using, else it is all 1. `metric` must be one
 * that can decide. */
bool calibrate_decision(const JudgedRows *rows, MetricId metric, uint64_t seed, Arena *arena, double *decision,
                        bool *kept, Error *err);
#endif
