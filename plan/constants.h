/* plan/constants.h - the numbers that the functions of plan/runtime/ take for the steps behind the encoding: as
 * they take them, whether plan/run.c calls them or an exporter writes them as tables.
 *
 * All that is linear is folded: a link of numbers goes from the output of a network to v of data/task.h with a
 * shift and a scale, whatever lies between.
 *
 * Memory  the arena's, or the model's. NULL: no memory.
 */
#ifndef CONSORT_PLAN_CONSTANTS_H
#define CONSORT_PLAN_CONSTANTS_H
#include "plan/plan.h"

/* W of a dense step, (n_in, n_out) without padding. */
const float *plan_weights(const PlanStep *step, Arena *arena);

/* A run of features that become inputs alike: plain ones that are copied, or one that is learned from. */
typedef struct {
    int feature, n;      /* the first, and how many (1 unless they are plain) */
    int input, n_inputs; /* the first, and how many all of them make */
    int kind;            /* FEATURE_PLAIN, FEATURE_PBLD, FEATURE_PERIODIC, or how many levels */
} PlanEmbedded;
/* The run that begins with feature j. */
PlanEmbedded plan_embedded(const Embed *embed, int j);
/* What a learned one is learned from, as waves.h or category.h takes it; *n says how many floats. */
const float *plan_embedding(const Mlp *mlp, const PlanEmbedded *one, Arena *arena, int *n);

/* Of a link of numbers: a row of 2 (identity.h, quantile_link.h) or 4 (exponential.h) for each target. */
const double *plan_link(const Task *task, Link link, Arena *arena);
int plan_link_numbers(Link link); /* 2, 4, or 0: it has none */
/* Has it to be computed in double? Floats are enough for numbers that are counted from 0. */
bool plan_link_wide(const Task *task, Link link);
/* Origin and unit of each target: from v to the user's unit. */
const double *plan_units(const Task *task, Arena *arena);

/* n doubles as floats. */
const float *plan_floats(const double *from, int n, Arena *arena);
/* Knots of all classes of a calibration. */
int plan_knots(const Calibration *calibration, int n_classes);
#endif
