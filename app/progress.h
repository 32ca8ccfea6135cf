/* app/progress.h - what a sweep says while it runs.
 *
 * On a terminal: one status line that rewrites itself. In a pipe: one plain line a finished trial.
 * With -v: a line an epoch. With --json: events as NDJSON on stdout (study, trial_start, epoch,
 * trial_end, best, end; "schema": 1). NO_COLOR, TERM=dumb and COLUMNS are honoured.
 */
#ifndef CONSORT_APP_PROGRESS_H
#define CONSORT_APP_PROGRESS_H
#include "app/cli.h"
#include "job/config.h"
#include "tuner/study/study.h"

typedef struct Progress Progress;
/* Is --progress one of the modes? Asked before anything is begun. */
bool progress_check(const Cli *cli, Error *err);
bool progress_create(const Cli *cli, const Config *config, int jobs, int run_cap,
                     double time_cap_s, Arena *arena, Progress **out, Error *err);
void progress_event(void *progress, const StudyEvent *event); /* for StudyOptions.on_event */
/* Why the first trial that did not succeed did not: "DIVERGED: epoch 3, ..."; "" where none failed. */
const char *progress_failure(const Progress *progress);
/* Clears the status line and says how it ended. */
void progress_end(Progress *progress, const StudySummary *summary, const char *db);
#endif
