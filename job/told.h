/* job/told.h - what the files of a study tell of its ensemble, as long as they tell of the one that is there.
 *
 * A folder may hold files of two builds, after an end in between or by a copy: numbers of one beside the model
 * of another would be wrong in silence.
 */
#ifndef CONSORT_JOB_TOLD_H
#define CONSORT_JOB_TOLD_H
#include "job/place.h"

/* ensemble.json; NULL: there is none. ERR_DATA where ensemble.consort or ensemble.proba is there and of another
 * build, with the cure. */
bool told_ensemble(const Place *place, Doc **out, Error *err);
/* evaluation.json; NULL: there is none. `current`: of this ensemble, and of the test rows whose fingerprint is
 * `test` (NULL: whatever they are). */
bool told_evaluation(const Place *place, const Doc *ensemble, const char *test, Doc **out, bool *current,
                     Error *err);
/* data-card.json; NULL where there is none of the data with this fingerprint that can be read. */
Doc *told_card(const Place *place, const char *data);

/* The SHA-256 of a plain file, in hexadecimal. */
bool told_sha256(const char *path, char hex[65], Error *err);
#endif
