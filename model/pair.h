/* model/pair.h - two predictions of the same rows: what is compared in pairs (model/paired.h). */
#ifndef CONSORT_MODEL_PAIR_H
#define CONSORT_MODEL_PAIR_H
#include <stdint.h>

#include "data/task.h"

/* Two predictions of the same rows, borrowed. */
typedef struct {
    int n, n_classes;
    const float *a, *b;    /* (n, K) */
    const int32_t *labels; /* (n) */
    int draws;             /* of the bootstrap */
    uint64_t seed;
    int positive;          /* of two classes, the one that areas are of; outside [0, K): the second */
    const double *decision_a, *decision_b; /* (K) as Model.decision; NULL: the largest probability */
    const double *cost_a, *cost_b;         /* (K, K) as Model.cost; NULL: none */
    const Task *task;      /* NULL: classes; n_classes is task_values of others */
    const double *targets; /* (n, T) of numbers and labels, instead of labels */
    const double *weight;  /* (n) what rows count for; NULL: all alike. With it all is by bootstrap */
} Pair;
#endif
