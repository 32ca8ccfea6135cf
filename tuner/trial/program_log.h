/* tuner/trial/program_log.h - the last 64 KiB of what a program wrote, as an artifact of its trial: log.txt in
 * its own folder.
 *
 * Threads  many trials at once, each with its own record and arena.
 * Errors   what would stop anybody, such as a full disk. A program that has left no place for its log has none.
 * Memory   the artifact's texts live in the arena.
 */
#ifndef CONSORT_TUNER_TRIAL_PROGRAM_LOG_H
#define CONSORT_TUNER_TRIAL_PROGRAM_LOG_H
#include "tuner/trial/runner.h"
#include "tuner/trial/tail.h"

/* `folder`: the trial's own. A trial that was interrupted leaves none. */
bool program_log_save(const Tail *log, const char *folder, int number, Arena *arena, TrialRecord *out,
                      Error *err);
#endif
