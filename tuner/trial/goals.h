/* tuner/trial/goals.h - what a study is to be good at, when it is more than one thing: `metrics:` as W&B
 * writes it.
 *
 *     metrics:
 *       - {name: val_f1_macro, goal: maximize, target: 0.97}
 *       - {name: n_params, goal: minimize}
 *
 * A goal is a validation metric, or a cost that is known before anything is trained: n_params,
 * model_bytes, flops, latency_us (of one prediction: an estimate from the number of weights, not a
 * measurement, so that a study stays repeatable). The first one must be a metric: early termination looks
 * at its curve, and what asks for one number (best by metric, ensemble, charts) gets it. A program of the
 * user's may have any names.
 *
 * Every trial's values are rows of the metric table, split "val" or "cost". As points for tuner/search/pareto.h
 * all goals are minimized, and costs are logarithms: half the size is as good at a million weights as at
 * a thousand.
 *
 * Memory  the arena. Errors ERR_CONFIG with file:line:column.
 */
#ifndef CONSORT_TUNER_TRIAL_GOALS_H
#define CONSORT_TUNER_TRIAL_GOALS_H
#include "base/conf.h"
#include "engine/metrics.h"
#include "tuner/search/pareto.h"
#include "tuner/store/store.h"

typedef struct {
    const char *name;        /* as written: "val_f1_macro", "n_params" */
    const char *split, *key; /* its row: "val" and "f1_macro", "cost" and "n_params" */
    MetricId metric;         /* METRIC_COUNT: a cost, or a program's own */
    bool maximize, cost;
    double target;           /* NaN: none */
} Goal;

typedef struct {
    int n;                   /* 0: the study has one metric */
    Goal goal[PARETO_MOST];
} Goals;

/* The costs that can be goals: the first of those that constraints may use (tuner/trial/cost.h). */
#define GOAL_COST_LIST(X)                                                                         \
    X(COST_PARAMS, "n_params") X(COST_MODEL_BYTES, "model_bytes") X(COST_FLOPS, "flops")          \
    X(COST_LATENCY, "latency_us")
extern const char *const goals_costs[];
/* Finds the goal a name means; `program`: any name will do, and smaller is better. False: unknown. */
bool goal_find(const char *name, bool program, Goal *out);
/* `metrics` is the node of the configuration; `program`: the study runs a program of the user's. */
bool goals_read(const ConfNode *metrics, bool program, Goals *out, Error *err);

/* A trial's value of each goal (n), in its own direction; NaN where no row has it. */
void goals_values(const Goals *goals, const MetricRow *rows, int n_rows, double *value);
/* The same as a point to be minimized. */
void goals_point(const Goals *goals, const double *value, double *point);
/* An epoch's values (n), the first of which is the metric, into its row; and the further ones of a row as
 * points (n - 1). */
void goals_note(const Goals *goals, const double *value, EpochRow *row);
void goals_noted(const Goals *goals, const EpochRow *row, double *more);
/* Has a value reached every target there is? False when there is none. */
bool goals_have_target(const Goals *goals);
bool goals_reached(const Goals *goals, const double *value);
#endif
