/* job/compared.h - the model of a study against its best single trial and its baselines, on the same rows.
 *
 * On the test set once that has been opened, else on the validated rows, which also chose the model: there it
 * looks better than it is, and the best trial is no rival. The metric is the study's; each side decides as it
 * does: the ensemble and the best trial as `ensemble.thresholds` asks, baselines for the most
 * probable class. The tests are model/paired.h's.
 *
 * What was compared is kept in compared.json, and made again when the ensemble, the baselines or the rows are
 * others.
 */
#ifndef CONSORT_JOB_COMPARED_H
#define CONSORT_JOB_COMPARED_H
#include "job/finished.h"

/* [{with, trial (or absent), metric, difference (the model's less the other's), low95, high95, p, test, n,
 * split, model, other}], to be freed by the caller. Empty where there is no ensemble, or nothing to compare it
 * with; NULL for a study of a program. `ensemble` is ensemble.json, `baselines` as of job/baselines.h (NULL:
 * none). */
bool compared_ready(Finished *finished, const Doc *ensemble, const Doc *baselines, bool tested, Doc **out,
                    Error *err);
/* The trial that the ensemble was compared with when it was built: its files (NULL: gone), and how it decides
 * for what the ensemble was asked for. */
typedef struct {
    int number; /* -1: there is none */
    int64_t id;
    const char *weights, *proba;
    Decision decision;
} SingleTrial;
bool compared_single(Finished *finished, const Doc *ensemble, SingleTrial *out, Error *err);
#endif
