/* ensemble/conformal_sets.h - fits sets of classes: margins of what the truth's probabilities were.
 *
 * by_class: a class with too few rows for a level gets the larger of its own margin and that of all.
 */
#ifndef CONSORT_ENSEMBLE_CONFORMAL_SETS_H
#define CONSORT_ENSEMBLE_CONFORMAL_SETS_H
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/conformal.h"

typedef struct {
    int n, n_classes;
    const float *proba;     /* (n, K) */
    const int32_t *labels;  /* (n) -1: unknown */
    const double *weight;   /* (n) NULL: all alike */
    int n_levels;
    const double *level;    /* (L) rising */
    ConformalMethod method;
} SetsInput;

/* *size (L): mean size of the sets of these rows. */
bool conformal_fit_sets(const SetsInput *in, Arena *arena, const Conformal **out, double **size, bool *few,
                        Error *err);
#endif
