/* ensemble/calibrate.h - make probabilities mean what they say, and decide by them well.
 *
 * Temperature: one T by golden section on log T in [log 0.5, log 5], minimizing log loss of
 * p^(1/T); T stays 1 unless the loss falls by more than 0.1 %. (Guo et al. 2017)
 * Decision weights: predict argmax p_c w_c. Two classes: every cut is tried; more: coordinate
 * ascent over w_c in exp({-2..2} step 0.1) from w = 1. Kept only if the gain exceeds one standard
 * error (bootstrap), else all 1.
 */
#ifndef CONSORT_ENSEMBLE_CALIBRATE_H
#define CONSORT_ENSEMBLE_CALIBRATE_H
#include "engine/metrics.h"

double calibrate_temperature(int n, int n_classes, const float *proba, const int32_t *labels);
void calibrate_apply(double temperature, int n, int n_classes, float *proba);
/* Fills decision (K); true when it is kept, false when all ones. */
bool calibrate_decision(int n, int n_classes, const float *proba, const int32_t *labels,
                        MetricId metric, uint64_t seed, Arena *arena, double *decision,
                        bool *kept, Error *err);
#endif
