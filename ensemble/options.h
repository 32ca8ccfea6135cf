/* ensemble/options.h - the `ensemble` section of a configuration. */
#ifndef CONSORT_ENSEMBLE_OPTIONS_H
#define CONSORT_ENSEMBLE_OPTIONS_H
#include "base/field.h"
#include "base/names.h"

/* The last is another name for average, in a configuration; never in a result. */
#define SELECT_LIST(X)                                                                            \
    X(SELECT_GREEDY, "greedy") X(SELECT_AVERAGE, "average") X(SELECT_WEIGHTED, "weighted")        \
    X(SELECT_VOTE, "vote") X(SELECT_SOFT, "soft")
typedef enum { SELECT_LIST(LIST_ID) SELECT_COUNT } SelectMethod;
extern const char *const select_method_names[];

#define CALIBRATE_LIST(X) X(CALIBRATE_NONE, "none") X(CALIBRATE_TEMPERATURE, "temperature")
typedef enum { CALIBRATE_LIST(LIST_ID) CALIBRATE_COUNT } CalibrateMethod;
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
