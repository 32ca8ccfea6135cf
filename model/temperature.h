/* model/temperature.h - one number that makes probabilities as sure as they are right.
 *
 * T is cooling_fit's (engine/cooling.h: within [0.05, 20], held towards 1 with the weight of one row); it
 * stays 1 unless the loss falls by more than 0.1 %, and below 1 (sharper) by more than two standard
 * errors. Fit it on rows that nobody trained on; rows with label -1 do not count.
 *
 * A trial's own model gets the T of its validation predictions, which matters after label smoothing;
 * an ensemble is fitted as a whole, and its members' T are left out (model_join). Stored predictions are
 * always those before T.
 *
 * Source  Guo, Pleiss, Sun, Weinberger, ICML 2017.
 */
#ifndef CONSORT_MODEL_TEMPERATURE_H
#define CONSORT_MODEL_TEMPERATURE_H
#include <stdint.h>

/* 1 when nothing is gained. `weight` (n) or NULL: what rows count for. */
double temperature_fit(int n, int n_classes, const float *proba, const int32_t *labels,
                       const double *weight);
/* In place, exactly as a model of that temperature does. */
void temperature_apply(double temperature, int n, int n_classes, float *proba);
#endif
