/* job/baselines.h - what a study's networks have to beat (job/baseline_fit.h), fitted once and kept.
 *
 *     runs/NAME/baselines.json                what was fitted, to what, and how good each is
 *     runs/NAME/baselines/WORDS.valid.proba   its predictions of the validated rows (model/model.h)
 *     runs/NAME/baselines/WORDS.test.proba    and of the test rows, from 0
 *     runs/NAME/baselines/artifacts/          the default network's model
 *
 * baselines.json names the data, the split and whatever else decides what comes out: where one of them has
 * changed all are fitted again, else what is missing. Each is written when it is done, so that an end in
 * between costs one of them at most. The test rows are predicted at once and judged when the study's test set
 * has been opened (evaluation.json), not before.
 *
 * Errors  as baseline_fit; a folder that is a link is ERR_DATA.
 */
#ifndef CONSORT_JOB_BASELINES_H
#define CONSORT_JOB_BASELINES_H
#include "job/finished.h"

/* [{name, note, l2, n_params, epochs, validation {rows, metrics, confusion}, test (the same, or null)}], to be
 * freed by the caller; NULL where the study is a program's or `report.baselines` is false. */
bool baselines_ready(Finished *finished, Doc **out, Error *err);
/* Its predictions of the test rows, or of the validated ones; n_rows 0: there are none. */
bool baseline_predictions(const Finished *finished, const char *name, bool test, Predictions *out, Error *err);
#endif
