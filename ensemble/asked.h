/* ensemble/asked.h - does what the `ensemble` section asks for go together with what is predicted? Said before
 * anything is trained.
 *
 * Errors ERR_CONFIG with the key.
 */
#ifndef CONSORT_ENSEMBLE_ASKED_H
#define CONSORT_ENSEMBLE_ASKED_H
#include "ensemble/options.h"
#include "model/conformal.h"

/* ensemble.intervals as numbers, rising. */
bool asked_levels(const EnsembleOptions *options, double level[CONFORMAL_MOST_LEVELS], int *n, Error *err);
/* Levels, method and way of intervals, for this task. */
bool asked_fits(const EnsembleOptions *options, const Task *task, Error *err);
#endif
