/* app/status.h - how far a study is, for `status` and `watch`. */
#ifndef CONSORT_APP_STATUS_H
#define CONSORT_APP_STATUS_H
#include "job/place.h"
#include "tuner/store/curate.h"

typedef struct {
    Doc *counts;  /* one row: trials by state, best, best_trial, run_cap, eta_s, ... */
    Doc *running; /* rows of the view `running` */
    StudyHolder holder;
    int n_repeats; /* that the finals come to; 0: there are none, or it is not known */
} Status;
bool status_read(OpenStudy *open, Status *out, Error *err);
void status_free(Status *status);
/* For people: a few lines, and a table of what runs now. */
bool status_print(const OpenStudy *open, const Status *status, Arena *arena, Text *out);
/* One line, for a log. */
void status_line(const Status *status, Text *out);
Doc *status_doc(const Status *status); /* {"schema": 1, "rows": [counts], "running": [...], "by": {...}} */
#endif
