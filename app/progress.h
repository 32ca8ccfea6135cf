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
extern const char *const progress_names[]; /* of --progress, NULL at the end */
/* Is --progress one of the modes? Asked before anything is begun. */
bool progress_check(const Cli *cli, Error *err);
bool progress_create(const Cli *cli, const Config *config, Progress **out, Error *err);
/* Before the first event; from here on the clock runs. */
void progress_begin(Progress *progress, int jobs);
void progress_event(Progress *progress, const StudyEvent *event);
/* Makes way for another line; the next event draws the status line again. */
void progress_clear(Progress *progress);
/* Why the first trial that did not succeed did not: "DIVERGED: epoch 3, ..."; "" where none failed. */
const char *progress_failure(const Progress *progress, int *number);
/* Clears the status line and says how it ended. */
void progress_end(Progress *progress, const StudySummary *summary, const char *db);
#endif
