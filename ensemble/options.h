/* ensemble/options.h - the `ensemble` section of a configuration. */
#ifndef CONSORT_ENSEMBLE_OPTIONS_H
#define CONSORT_ENSEMBLE_OPTIONS_H
#include "base/field.h"
#include "base/names.h"
#include "model/calibration.h"

/* The last two are of configurations, never of a result: another name for average, and greedy or stack,
 * whichever nested validation says (ensemble/contest.h). */
#define SELECT_LIST(X)                                                                            \
    X(SELECT_GREEDY, "greedy") X(SELECT_AVERAGE, "average") X(SELECT_WEIGHTED, "weighted")        \
    X(SELECT_VOTE, "vote") X(SELECT_STACK, "stack") X(SELECT_SOFT, "soft")    \
    X(SELECT_AUTO, "auto")
typedef enum { SELECT_LIST(LIST_ID) SELECT_COUNT } SelectMethod;
extern const char *const select_method_names[];

/* The methods of model/calibration.h, or the best of them. */
#define CALIBRATE_LIST(X) X(CALIBRATE_AUTO, "auto") CALIBRATION_LIST(X)
extern const char *const calibrate_names[];
enum { CALIBRATE_AUTO }; /* the index of a method is one more than its CalibrationMethod */

typedef struct {
    int method;              /* SelectMethod */
    int size;                /* most members */
    int bags;                /* greedy: random halves of the library; 1: no bagging */
    int library;             /* the best so many trials are considered */
    const char *metric;      /* NULL: the study's */
    int calibrate;           /* CALIBRATE_AUTO, or 1 + CalibrationMethod */
    const ConfNode *thresholds; /* what the decision is for: ensemble/thresholds.h */
    TextList intervals;      /* levels of conformal intervals and sets, rising; empty: none */
    int conformal;           /* CONFORMAL_AUTO, or 1 + ConformalMethod (ensemble/conformal_fit.h) */
    double max_bytes;        /* budgets, 0: none: for weights, */
    double max_us;           /*   microseconds of one prediction (model/latency.h), */
    int max_networks;        /*   networks, of which a bag of k folds has k */
} EnsembleOptions;
extern const FieldTable ensemble_fields;
#endif
