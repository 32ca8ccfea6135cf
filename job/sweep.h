/* job/sweep.h - run or continue a study from its configuration; what sweep, run and train share. */
#ifndef CONSORT_JOB_SWEEP_H
#define CONSORT_JOB_SWEEP_H
#include "job/place.h"

typedef struct {
    Place place;
    Data data; /* empty when trials run a program */
    StudyInfo info;
    StudySummary summary;
    const char *identity; /* what workers of another process must have, too */
    const char *failure;  /* why the first trial failed, here; "" where none did */
    bool joined;          /* another process runs the study, and has its summary */
} Sweep;

/* CONFIG with --set, and what -j, --time, --trials, --seed say on top. */
bool sweep_config(const Cli *cli, Arena *arena, Config **out, Error *err);
/* For what may come before a study's first trial: is the study of a STUDY argument there? `config` is set
 * when it is named by its YAML file; only then it may be missing, and sweep_begin makes it in its database,
 * not run. */
bool sweep_there(Cli *cli, const char *study, Config **config, bool *there, Error *err);
bool sweep_begin(Cli *cli, Config *config, Error *err);
/* Everything up to the last trial. Returns an exit code; prints errors itself. `out` is filled as
 * far as it got. */
int sweep_run(Cli *cli, Config *config, Sweep *out);
/* 0, or 130/143 after the first Ctrl-C or SIGTERM. */
int sweep_signal(void);
/* Sets run.jobs to what will be used: cores when auto, at most the lookback. */
int sweep_jobs(const Cli *cli, const Config *config);
#endif
