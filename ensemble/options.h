/* ensemble/options.h - the `ensemble` section of a configuration. */
#ifndef CONSORT_ENSEMBLE_OPTIONS_H
#define CONSORT_ENSEMBLE_OPTIONS_H
#include "base/field.h"

typedef enum {
    SELECT_GREEDY, SELECT_AVERAGE, SELECT_WEIGHTED, SELECT_VOTE,
    SELECT_SOFT /* another name for average, in a configuration; never in a result */
} SelectMethod;
extern const char *const select_method_names[]; /* greedy, average, weighted, vote, soft */

typedef enum { CALIBRATE_NONE, CALIBRATE_TEMPERATURE } CalibrateMethod;
extern const char *const calibrate_names[];

typedef struct {
    int method;              /* SelectMethod */
    int size;                /* most members */
    int bags;                /* greedy: random halves of the library; 1: no bagging */
    int library;             /* the best so many trials are considered */
    const char *metric;      /* NULL: the study's */
    int calibrate;           /* CalibrateMethod */
    const char *thresholds;  /* "none", or a metric to tune decision weights for ("f1_macro") */
    double max_bytes;        /* budget for weights; 0: none */
} EnsembleOptions;
extern const FieldTable ensemble_fields;
#endif
