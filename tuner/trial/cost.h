/* tuner/trial/cost.h - what a configuration costs, known before anything is trained: its size, its speed, the
 * work of training it.
 *
 * Every figure follows from shapes and settings, not from any clock, so that a search and constraints may
 * look at it and a study stays repeatable.
 */
#ifndef CONSORT_TUNER_TRIAL_COST_H
#define CONSORT_TUNER_TRIAL_COST_H
#include "tuner/trial/objective.h"

/* Names that constraints may use, and their order in `extras`, ended by NULL:
 * n_params, model_bytes, flops, n_features, n_classes, latency_us */
extern const char *const objective_extras[];
enum { OBJECTIVE_EXTRAS = 6 };

/* The constraints' extra values for an assignment. ERR_CONFIG when the values cannot be a network (two forms
 * of architecture, a missing width). */
bool objective_cost(const Objective *objective, const Value *values, double extras[OBJECTIVE_EXTRAS],
                    Error *err);
/* The work of training with these values, in multiplications of a forward pass: 0 where the values cannot be a
 * network. */
double objective_work(const Objective *objective, const Value *values);
#endif
