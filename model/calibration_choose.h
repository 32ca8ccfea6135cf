/* model/calibration_choose.h - which calibration: chosen by cross-validation, the simplest that will do.
 *
 * Class weights are undone first (calibration.h). Then each method that is allowed is fitted on four fifths of
 * the rows and judged by its log loss on the others, five times, classes dealt out evenly; the simplest method
 * is taken whose loss is within one standard error (of the paired difference) of the best.
 *
 * `none` and `temperature` are one candidate, which leaves T at 1 where it gains too little (temperature.h).
 * They cannot move the shares of the classes, so they are no candidate where these are wrong: where for some
 * class the mean probability and the share of the rows differ by more than two standard errors (of the mean of
 * p_c - y_c). `vector` and `matrix` need 20 rows a class, `matrix` three classes or more (of two, `vector` is
 * as rich) and at most 64; `isotonic` needs 1000 rows, 100 of each class, and shares that are right with it.
 *
 * Of more than 20,000 rows every n-th takes part in the contest; what is chosen is fitted to all.
 *
 * Memory  the result in the arena, the rest in one of its own. Errors ERR_MEMORY only.
 */
#ifndef CONSORT_MODEL_CALIBRATION_CHOOSE_H
#define CONSORT_MODEL_CALIBRATION_CHOOSE_H
#include "model/calibration_fit.h"

/* Sets of methods, for `allowed`. */
#define CALIBRATION_SET(method) (1u << (method))
#define CALIBRATION_ALL (CALIBRATION_SET(CALIBRATION_COUNT) - 1)

typedef struct {
    unsigned allowed;        /* one method alone is fitted without a contest */
    double most_temperature; /* 1 or more */
    const double *weight;    /* (K) what training weighed the classes by; NULL: alike */
    uint64_t seed;           /* of the folds */
} CalibrationAsk;

typedef struct {
    CalibrationMethod method;
    double temperature;             /* 1 where `calibration` says it all */
    const Calibration *calibration; /* NULL: the temperature alone */
    double loss[CALIBRATION_COUNT]; /* cross-validated; NaN: no candidate, or no contest */
} CalibrationChoice;

bool calibration_choose(const KnownRows *rows, const CalibrationAsk *ask, Arena *arena, CalibrationChoice *out,
                        Error *err);
/* In place, as a model of that choice does. */
void calibration_choice_apply(const CalibrationChoice *choice, int n, int n_classes, float *proba);
/* The largest distance of a class's mean probability from its share, in standard errors of p_c - y_c. */
double calibration_share_error(const KnownRows *rows);
#endif
