/* job/importance.h - which settings made the difference among a study's trials
 * (tuner/insight/importance.h). */
#ifndef CONSORT_JOB_IMPORTANCE_H
#define CONSORT_JOB_IMPORTANCE_H
#include "job/open.h"
#include "tuner/insight/importance.h"

typedef struct {
    const char *metric; /* NULL: the study's own */
    double top_share;   /* which share of the trials counts as the best: 0.1 */
} ImportanceOptions;

/* `config` gets the study's, whose space has the parameters. ERR_CONFIG for an unknown metric. */
bool study_importance(const OpenStudy *open, const ImportanceOptions *options, Importance *out, Config **config,
                      Error *err);
#endif
