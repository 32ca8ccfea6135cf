/* job/curate.h - what people change about the trials of a study between two sweeps: run again, left out,
 * noted.
 *
 * Each takes a study that was opened for reading, and leaves it closed. All or nothing.
 *
 * Errors  ERR_INVALID for trials that do not exist or cannot be changed so; ERR_STORE, also when a living
 *         process runs the study (but for notes: it is asked to write them).
 */
#ifndef CONSORT_JOB_CURATE_H
#define CONSORT_JOB_CURATE_H
#include "job/open.h"

/* The trials in a state, "failed" or "interrupted", that can be run again. ERR_CONFIG for another state. */
bool trials_in_state(const OpenStudy *open, const char *state, int **numbers, int *n, Error *err);
/* Failed and interrupted trials are queued again, with the same configuration and seed. */
bool trials_retry(OpenStudy *open, const int *numbers, int n, Error *err);
/* Rankings, reports, ensembles and the sampler forget them; or take them back. */
bool trials_exclude(OpenStudy *open, const int *numbers, int n, bool excluded, Error *err);
/* On trial `number`; -1: on the study. */
bool note_add(OpenStudy *open, int number, const char *text, Error *err);
#endif
