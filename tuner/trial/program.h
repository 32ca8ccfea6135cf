/* tuner/trial/program.h - a trial that is a run of somebody else's program, as `wandb agent` runs them.
 *
 * The program gets its parameters on the command line (tuner/trial/command.h) and in its environment:
 *
 *     CONSORT_TRIAL       the trial's number
 *     CONSORT_SEED        a seed of its own, 0 to 2^31 - 1: of the study's seed and the parameters, or where
 *                         trials are repeated (repeated.h) of the study's seed and the repeat
 *     CONSORT_PARAMS      path of a JSON file with the parameters
 *     CONSORT_METRICS     path of a file it may write its metrics to, instead of standard output
 *     CONSORT_TRIAL_DIR   a folder of its own; a trial that is run again finds it as it was left
 *     CONSORT_STUDY, CONSORT_STUDY_DIR
 * and PYTHONUNBUFFERED, so that Python writes lines when they are printed, and WANDB_SWEEP_PARAM_PATH, from
 * which wandb.init() fills wandb.config, as it does under W&B's agent.
 *
 * What it says is read by tuner/trial/metric_stream.h, while it runs: reports are the trial's epochs, judged by
 * early termination; the last value is its score. A program that is not to go on gets SIGTERM, and
 * after `grace_s` SIGKILL. Outcomes, told apart by fail_code:
 *
 *     TIMEOUT     longer than time_cap_s           EXIT       an exit code other than 0
 *     CRASHED     ended by a signal                NO_METRIC  it never said the metric, or one of them
 *     DIVERGED    a metric's last value is not finite
 * with the last line of its standard error as fail_text, and the last 64 KiB of all it wrote as an
 * artifact, artifacts/trial-NNNNNN/log.txt.
 *
 * Halving. A program that is paused at a rung stands still (SIGSTOP), with all its memory, until it goes
 * on or is out; what it wrote meanwhile is heard then. Where it is gone (this process is not the one that
 * paused it), it is run again from its start, and what is known of it by then is not reported twice.
 *
 * Given a program that does the same for the same parameters and seed, a study is the same for any
 * number of jobs: a trial is judged report by report, however fast they come, and what a stopped
 * program says afterwards does not count.
 *
 * Threads   many trials at once; a lock guards the list of those that stand still, nothing else is shared.
 * Errors    there is nothing to run by that name; files of ours that cannot be written.
 */
#ifndef CONSORT_TUNER_TRIAL_PROGRAM_H
#define CONSORT_TUNER_TRIAL_PROGRAM_H
#include "tuner/trial/command.h"
#include "tuner/trial/goals.h"
#include "tuner/trial/metric_stream.h"
#include "tuner/trial/repeated.h"
#include "tuner/trial/runner.h"

typedef struct {
    const Command *command;
    int n_metrics;      /* 0: to end well is all that is asked */
    const char *const *metrics; /* (n_metrics) as the program calls them; the first is its score */
    const char *pattern; /* of the lines that have it (pattern.h); NULL: they are objects */
    int take;           /* Take: which of its values is its score */
    bool maximize;
    uint64_t seed;      /* the study's */
    const char *name, *folder;
    double time_cap_s;  /* a trial; 0: none */
    double grace_s;
    const PrunerOptions *pruner;
    const Goals *goals; /* those of `metrics`; NULL or none: one metric */
    Race repeats;       /* most below 2: each trial is one run */
    int full_reports;   /* of a whole run, for halving; 0: not known, and it cannot be paused */
} ProgramOptions;

/* Can it be run at all? Asked before anything is begun. ERR_CONFIG. */
bool program_check(const Command *command, Arena *arena, Error *err);

typedef struct Program Program;
/* Makes the process that guards the others (tuner/trial/process.h). */
bool program_create(const ProgramOptions *options, Program **out, Error *err);
void program_destroy(Program *program);
Runner program_runner(Program *program);
#endif
