/* job/stop.h - asks the process of this host that runs a study to end. */
#ifndef CONSORT_JOB_STOP_H
#define CONSORT_JOB_STOP_H
#include "job/open.h"
#include "tuner/store/curate.h"

/* Trials end with their epoch, and everything is saved; `now`: they are cut short, and run again later.
 * Waits until the process has ended, but not longer than `timeout_s`. `who` says who ran it: not alive, and
 * nobody did. ERR_STORE: it runs on another host, cannot be signalled, or has not ended yet (and will). */
bool study_stop(const OpenStudy *open, bool now, double timeout_s, StudyHolder *who, Error *err);
#endif
