/* tuner/study/wishes.h - what a person asks of a study while it runs, where it runs (how it is asked:
 * tuner/study/request.h).
 *
 * A wish becomes the trial with the next number, in place of the next proposal; what was proposed before is not
 * touched. Which number that is depends on when it was asked for: up to there the study is the one of its seed,
 * from there on the one of its seed with this wish at this place. Killed and continued it is the same, since
 * the wish is in the database, under its number, before the asker is told so.
 *
 * An edit of the search space, likewise, holds from the next number on. The study ends when what is under way
 * has ended (STUDY_EDITED), and whoever runs it goes on with the other space, as if it had been stopped there:
 * samplers, runners and seats have one space as long as they live.
 *
 * Lock      takes the study's itself.
 */
#ifndef CONSORT_TUNER_STUDY_WISHES_H
#define CONSORT_TUNER_STUDY_WISHES_H
#include "tuner/study/state.h"

/* Does what was asked; the answer once it is on disk. */
void study_answer(Study *study, const char *question, Arena *arena, Text *out);
#endif
