/* tuner/trial/cost.h - what a configuration costs, known before anything is trained: its size, its speed, the
 * work of training it.
 *
 * Every figure follows from shapes and settings, not from any clock, so that a search and constraints may
 * look at it and a study stays repeatable. What the exported network takes on a board is counted from its plan
 * (plan/measure.h), with the preprocessing of the first fold.
 */
#ifndef CONSORT_TUNER_TRIAL_COST_H
#define CONSORT_TUNER_TRIAL_COST_H
#include "base/names.h"
#include "tuner/trial/goals.h"
#include "tuner/trial/objective.h"

/* What constraints may use, in the order of `extras`. */
#define COST_LIST(X)                                                                               \
    GOAL_COST_LIST(X) X(COST_FEATURES, "n_features") X(COST_CLASSES, "n_classes")                  \
    X(COST_FLASH, "flash_bytes") X(COST_RAM, "ram_bytes") X(COST_CYCLES, "cycles_m4")
typedef enum { COST_LIST(LIST_ID) COST_COUNT } Cost;
extern const char *const objective_extras[]; /* their names */

/* The constraints' extra values for an assignment. ERR_CONFIG when the values cannot be a network (two forms
 * of architecture, a missing width). */
bool objective_cost(const Objective *objective, const Value *values, double extras[COST_COUNT],
                    Error *err);
/* The work of training with these values, in multiplications of a forward pass: 0 where the values cannot be a
 * network. */
double objective_work(const Objective *objective, const Value *values);
/* The same of one network with these settings on so many rows of a table, before any row is encoded: with the
 * features that all its levels give. */
bool cost_of_settings(const Settings *settings, const Table *table, int n_rows, Arena *arena, double *work,
                      Error *err);
/* The same on a table that nobody has seen: 1,000 rows, 30 numbers, 4 classes. For comparing settings. */
bool cost_of_any_table(const Settings *settings, Arena *arena, double *work, Error *err);
#endif
