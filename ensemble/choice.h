/* ensemble/choice.h - a selection under way: the library, what was asked for, candidates and the result.
 *
 * The ground floor of selection: select.c weighs the ways against each other, greedy.c is one of them.
 *
 * Memory  the arena of the choice. Errors none.
 */
#ifndef CONSORT_ENSEMBLE_CHOICE_H
#define CONSORT_ENSEMBLE_CHOICE_H
#include "engine/metrics.h"
#include "ensemble/options.h"

typedef struct {
    int n_models, n_rows, n_classes;
    const float *const *proba; /* (n_models) of (n_rows, K) */
    const int32_t *labels;     /* (n_rows) */
    const double *weight;      /* (n_rows) what rows count for; NULL: all alike */
    const int64_t *bytes;      /* (n_models) or NULL */
    int positive;
} Library;

typedef struct {
    SelectMethod method;     /* what was used in the end */
    bool vote;
    double *weight;          /* (n_models), sum 1; 0: not a member */
    int n_members;
    double score, best_single; /* in the metric's own direction */
    int best_model;
    int n_curve;             /* greedy: score by number of draws, one run over the whole library */
    double *curve;
    const char *reason;      /* one sentence for the report */
} Selection;

enum { SELECT_PLAIN = 5 }; /* most models in the plain average that greedy must beat */

/* One way to combine the library's models, scored on all its rows. */
typedef struct {
    SelectMethod method;
    double *weight; /* (n_models), sum 1 */
    double value, cost;
} Candidate;

/* A selection under way. N = rows of the library, K = classes. */
typedef struct {
    const Library *library;
    const EnsembleOptions *options;
    MetricId metric;
    uint64_t seed;
    Arena *arena;
    int *ranked;      /* model numbers, best first: those considered */
    int n;            /* of them */
    Metrics metrics;
    void *scratch;
    float *proba;     /* (N, K) of a candidate */
    double *row;      /* (K) */
} Choice;

double select_bytes(const Choice *choice, int model);
double select_budget(const Choice *choice); /* infinite when there is none */
#endif
