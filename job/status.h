/* job/status.h - how far a study is, also while it runs. */
#ifndef CONSORT_JOB_STATUS_H
#define CONSORT_JOB_STATUS_H
#include "base/doc.h"
#include "job/limits_told.h"
#include "job/open.h"
#include "tuner/insight/crew.h"
#include "tuner/store/curate.h"

typedef struct {
    Doc *counts;  /* one row: trials by state, best, best_trial, run_cap, eta_s, ... */
    Doc *running; /* rows of the view `running` */
    StudyHolder holder;
    int lookback;  /* run.lookback; 0: it is not known, or nothing is held to it */
    Crew crew;     /* who trains, or did */
    const char *cure; /* of what is waited; NULL: there is none */
    const char *part; /* since when, and why, a model looks at a part of the trials; NULL: none does */
    LimitsTold limits;
    int space_version, space_from; /* of the search space, and from which trial on; 0: it was never edited */
    int n_repeats; /* that the finals come to; 0: there are none, or it is not known */
} Status;
bool status_read(const OpenStudy *open, Status *out, Error *err);
void status_free(Status *status);
/* A number of `counts`; 0 where there is none. */
double status_count(const Status *status, const char *key);
#endif
