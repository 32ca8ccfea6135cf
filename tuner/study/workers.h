/* tuner/study/workers.h - hands: threads of this process that take work and train it, until there is none.
 *
 * Work that is out on seats of other processes is waited for. A process without jobs of its own
 * (StudyOptions.jobs 0) waits for its seats alone, and trains only what fits into the memory of none of them.
 *
 * Lock      takes the study's itself, and is called without it. It is not held while a trial runs.
 */
#ifndef CONSORT_TUNER_STUDY_WORKERS_H
#define CONSORT_TUNER_STUDY_WORKERS_H
#include "tuner/study/work.h"

/* Has all of it done, here and on seats: until it is over, interrupted, or the study has failed. */
void study_do(Study *study, const Work *work);
#endif
