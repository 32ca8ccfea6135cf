/* tuner/study/kept.h - which trials keep their model and predictions: the best few, within a disk budget.
 *
 * A trial that falls out loses its rows first and its files only once that is committed, so a row
 * never points at nothing. Which trials remain depends on scores and numbers only (ties: the lower
 * number stays), not on who finished first.
 *
 * Lock      none of its own: it is part of a Study (tuner/study/state.h), and guarded with it.
 */
#ifndef CONSORT_TUNER_STUDY_KEPT_H
#define CONSORT_TUNER_STUDY_KEPT_H
#include "tuner/store/store.h"

typedef struct Kept Kept;
/* most 0: no limit; cap_bytes 0: no limit. */
Kept *kept_create(Store *store, const char *folder, int most, double cap_bytes);
void kept_destroy(Kept *kept);
/* How many drops have been asked of the store so far. What is waited for after this call commits
 * later than they do, so their files may go. */
long kept_mark(const Kept *kept);
/* Removes the files of the drops up to `mark`. */
void kept_sweep(Kept *kept, long mark);
/* A trial whose artifacts are committed; score is minimized. */
bool kept_add(Kept *kept, int number, int64_t trial_id, double score, double bytes, Error *err);
/* May a trial with that score come to be kept? One that may not never will: better ones only push it further
 * down. */
bool kept_may_add(const Kept *kept, int number, double score);
/* Lets go of all but `most` trials within `cap_bytes` (0: no limit): those marked in `first`, by trial number,
 * stay before the others. */
bool kept_trim(Kept *kept, const bool *first, int most, double cap_bytes, Error *err);
/* The bytes of those artifacts that are kept or dropped here; 0: a trial of another kind (a program's
 * log is its own business). */
double kept_bytes(const ArtifactRow *artifacts, int n);
/* Removes what a killed process left in the artifacts folder: files of trials that are not kept, and
 * half-written ones. Call when the study's lease is held and all kept trials were added. */
void kept_clean(Kept *kept);
#endif
