/* model/judged.h - predictions of rows of which the truth is known, and what they are judged by. */
#ifndef CONSORT_MODEL_JUDGED_H
#define CONSORT_MODEL_JUDGED_H
#include <stdint.h>

#include "data/task.h"

/* Rows by the levels of a column (model/segments.h). */
typedef struct {
    const char *column;
    int n_levels;
    const char *const *levels; /* (n_levels) in the order they are shown in */
    const int32_t *of;         /* (n) level of each row; outside [0, n_levels): none */
} Segmentation;

/* Predictions of rows, and what they are judged by. K = n_classes. All borrowed. */
typedef struct {
    int n, n_classes;
    const char *const *classes;
    const float *proba;     /* (n, K); of another task the values of data/task.h */
    const double *decision; /* (K) weights of the decision; NULL: the largest probability */
    const int32_t *labels;  /* (n), -1 where unknown */
    int positive;           /* the class of interest; outside [0, K): the second */
    int bootstrap;          /* resamples for the intervals; 0: none */
    uint64_t seed;
    const double *cost;     /* (K, K) instead of `decision`; NULL: none */
    const char *asked;      /* what the decision is for (Model.asked); NULL: nothing */
    int interest;           /* Model.interest, where `positive` is none */
    const Segmentation *by; /* (n_by) columns whose levels are scored apart, too */
    int n_by;
    const Task *task;       /* NULL: classes */
    const double *targets;  /* (n, T) numbers and labels, instead of `labels`; NaN where unknown */
    const double *weight;   /* (n) how much each row of these counts for; NULL: all alike */
} Judged;
#endif
