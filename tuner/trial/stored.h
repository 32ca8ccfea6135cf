/* tuner/trial/stored.h - what the configuration of a study, as its database keeps it, says about its trials.
 *
 * Whoever opens a study reads it once and passes on what it found. An older or newer program may have written
 * it, so what cannot be read is not there, and no error: reports and lists still have the rows.
 *
 * Memory  the arena. Errors ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_TRIAL_STORED_H
#define CONSORT_TUNER_TRIAL_STORED_H
#include "tuner/trial/goals.h"

typedef struct {
    Goals goals;        /* none where the study has one metric */
    int lookback;       /* run.lookback; 0 where it is not known */
    int cost_aware;     /* 0 where it is not known */
    const Space *space; /* without its constraints; NULL where it cannot be read */
} Stored;

bool stored_read(const StudyInfo *study, Arena *arena, Stored *out, Error *err);
#endif
