/* job/trial_doc.h - one trial as a JSON document: what `show --json` prints and `export --to json` lists. */
#ifndef CONSORT_JOB_TRIAL_DOC_H
#define CONSORT_JOB_TRIAL_DOC_H
#include "base/doc.h"
#include "tuner/store/store.h"

/* Adds its members to an object. Keys may be added here; those that are there keep their meaning. */
bool trial_doc(Store *store, const TrialRow *row, Arena *arena, Doc *doc, Error *err);
#endif
