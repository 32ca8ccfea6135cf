/* model/latency.h - how long one prediction takes, from the number of weights.
 *
 * One prediction alone reads every weight once: a tenth of a microsecond a network, and 12,000 weights in a
 * microsecond. bench/predict_speed measured 0.6 to 0.9, 1.6 to 2.1, 5.6 to 8.8, 12 to 16 and 60 to 115 us for
 * networks of 6,784, 23,936, 101,632, 159,232 and 668,672 weights (3 runs, one core of a server); this says
 * 0.7, 2.1, 8.6, 13.4 and 56. An estimate, so that a study does not depend on how busy the machine is.
 *
 * Errors none.
 */
#ifndef CONSORT_MODEL_LATENCY_H
#define CONSORT_MODEL_LATENCY_H
#include "model/model.h"

/* Microseconds of `nets` networks, one prediction of each taking so many operations (two a weight). */
static inline double latency_us(double nets, double flops)
{
    return nets * (0.1 + flops / 2 / 12000);
}
/* Of all networks of a model, calibration and preprocessing left out. */
double model_latency_us(const Model *model);
int model_n_networks(const Model *model);
#endif
