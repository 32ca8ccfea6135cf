/* job/importance.h - which settings made the difference among a study's trials
 * (tuner/insight/importance.h). */
#ifndef CONSORT_JOB_IMPORTANCE_H
#define CONSORT_JOB_IMPORTANCE_H
#include "job/open.h"
#include "tuner/insight/importance.h"
#include "tuner/trial/asked_goal.h"

typedef struct {
    const char *metric; /* as it is asked for (asked_goal.h); NULL: the study's own */
    double top_share;   /* which share of the trials counts as the best: 0.1 */
} ImportanceOptions;

/* `by` gets the metric and which way it is better, without a `key` where it is the study's own, `config` the
 * study's, whose space has the parameters. ERR_CONFIG for an unknown metric, or an unknown way; ERR_INVALID
 * where no trial has it. */
bool study_importance(const OpenStudy *open, const ImportanceOptions *options, Importance *out, Goal *by,
                      Config **config, Error *err);
#endif
