/* job/limits_told.h - how many trials of a study break each limit on what they report (tuner/search/limit.h).
 *
 * Memory  the study's arena. Errors  those of the store; a configuration that cannot be read has no limits.
 */
#ifndef CONSORT_JOB_LIMITS_TOLD_H
#define CONSORT_JOB_LIMITS_TOLD_H
#include "base/doc.h"
#include "job/open.h"

typedef struct {
    int n;
    const char *text[LIMITS_MOST]; /* as written */
    int broken[LIMITS_MOST];       /* by so many complete trials */
    int n_broken;                  /* trials that break one or more */
} LimitsTold;
bool limits_told(const OpenStudy *open, LimitsTold *out, Error *err);
/* [{"limit": "latency <= 10", "broken": 3}] */
Doc *limits_doc(const LimitsTold *limits);
#endif
