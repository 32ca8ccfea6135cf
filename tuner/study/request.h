/* tuner/study/request.h - asking something of a study that another process runs: configurations to train next,
 * notes.
 *
 * It goes through the socket of the process that runs the study, since that one alone writes its database, and
 * alone knows what comes next (what it does then: tuner/study/wishes.h). Both ways a message is JSON:
 *
 *     {"enqueue": [{PARAMETERS}, ...]}    {"numbers": [12, -1, ...]}; -1: in the study already
 *     {"edit": {"version": 3,             {"from_trial": 14}: another space from there on; texts as
 *       "parameters": TEXT, ...}}         tuner/store/versions.h has them
 *     {"note": TEXT, "trial": 12}         {}; without "trial" it is a note on the study
 *                                         {"error": TEXT, "invalid": true}: nothing was done,
 *                                         because of what was asked ("invalid"), or when
 */
#ifndef CONSORT_TUNER_STUDY_REQUEST_H
#define CONSORT_TUNER_STUDY_REQUEST_H
#include "base/arena.h"
#include "base/doc.h"
#include "base/error.h"

/* Waits until that is done and on disk. `identity` is study_identity's. `*answer` (doc_free) is NULL where
 * nobody on this host runs the study. ERR_STORE, ERR_INVALID: it was refused. */
bool study_ask(const char *folder, const char *identity, const Doc *question, Arena *arena, Doc **answer,
               Error *err);
#endif
