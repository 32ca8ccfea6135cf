/* tuner/study/reported.h - what trials reported beside their score that decides what they count for: the limits
 * of the space (tuner/search/limit.h), and how noisy it is (tuner/search/noise.h).
 *
 * A trial that breaks a limit is complete, with its score; its row has the fail_code LIMIT and says which it
 * broke. It is seen by samplers, and by nobody else who looks for the best.
 *
 * Lock      all of it is called with the study's.
 */
#ifndef CONSORT_TUNER_STUDY_REPORTED_H
#define CONSORT_TUNER_STUDY_REPORTED_H
#include "tuner/study/state.h"

/* From a trial's rows of metrics, before it is settled: what it limits of a complete one, and how much its
 * repeats differ. */
void entry_set_reported(const Study *study, Entry *entry, const MetricRow *rows, int n_rows);
/* Writes into the record of a complete trial which limit it breaks, if it does. */
void reported_mark(const Space *space, TrialRecord *record);
/* After an edit of the limits: what trials that are in the database count for now, by what they reported.
 * `holds` as in tuner/store/versions.h. */
bool reported_again(Store *store, int64_t study_id, const Space *space, bool holds, Error *err);
/* ERR_CONFIG when a complete trial reported no value for a limit and none before it did. */
bool reported_check(Study *study, int number, const TrialRecord *record, Error *err);
#endif
