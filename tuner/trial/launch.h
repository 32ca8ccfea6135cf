/* tuner/trial/launch.h - what a trial's program is started with: its words, its environment (the variables:
 * tuner/trial/program.h), and the files that both name.
 *
 * Memory  everything in the arena. Errors ERR_CONFIG: there is nothing to run by that name; files of ours that
 *         cannot be written.
 */
#ifndef CONSORT_TUNER_TRIAL_LAUNCH_H
#define CONSORT_TUNER_TRIAL_LAUNCH_H
#include "tuner/trial/command.h"

typedef struct {
    const Command *command;
    const Value *values;
    int trial;                        /* its number */
    uint64_t seed;                    /* its own; the program gets its upper 31 bits */
    const char *folder;               /* its own; made here */
    const char *metrics_path;         /* which the program may write */
    const char *study, *study_folder;
} LaunchOptions;

typedef struct {
    const char *path;                 /* of the file to run */
    const char *const *words, *const *environment; /* each ended by NULL */
} Launch;

/* Writes the parameters into the trial's folder, and says how to start its program. */
bool launch_prepare(const LaunchOptions *options, Arena *arena, Launch *out, Error *err);
#endif
