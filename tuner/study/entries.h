/* tuner/study/entries.h - the trials as a study remembers them, and the set of configurations ever proposed.
 *
 * Lock      all of it is called with the study's.
 * Memory    entries live in the study's arena and stay where they are; the array of them may move.
 */
#ifndef CONSORT_TUNER_STUDY_ENTRIES_H
#define CONSORT_TUNER_STUDY_ENTRIES_H
#include "tuner/study/state.h"

/* NULL with `err`. */
Entry *entry_add(Study *study, Error *err);
/* What it is to try, and where that is in the cube. */
bool entry_set_values(Study *study, Entry *entry, const Value *values, Error *err);
bool entry_set_trace(Entry *entry, const char *json, Error *err);
/* Does anybody look at curves and at the scores of single networks? */
bool study_keeps_curves(const Study *study);
/* Marks an entry's result as known, from a fresh record or from a row. seconds: it took; 0: not known. */
void entry_settle(Study *study, int number, TrialState state, const char *fail_code, double value,
                  double seconds);
/* Was the configuration of that hash proposed before? */
bool taken_has(const Study *study, const char *hash);
bool taken_add(Study *study, const char *hash, Error *err);
/* What its run took so far, and who ran it, for when it goes on or is out. */
bool entry_remember(Study *study, Entry *entry, const TrialRow *row, Error *err);
/* The best of the first n epochs, minimized; nan when there is none. `epoch` (may be NULL): which, from 1. */
double curve_best(const Curve *curve, int n, int *epoch);
#endif
