/* job/best.h - the winner of a study and why it is one; with several goals, its front.
 *
 * The best complete trial: by the mean of its runs where finalists ran again, else by its value; or by the
 * posterior mean of a model of all trials, or by another of its metrics, where that is asked for.
 *
 * Memory  in the arena of `open`.
 * Errors  ERR_INVALID where there is no such trial yet, ERR_CONFIG for an unknown metric, and for one of which
 *         it is not known whether less is better.
 */
#ifndef CONSORT_JOB_BEST_H
#define CONSORT_JOB_BEST_H
#include "job/limits_told.h"
#include "job/open.h"
#include "tuner/insight/finalists.h"
#include "tuner/insight/front.h"
#include "tuner/insight/posterior.h"
#include "tuner/trial/asked_goal.h"

typedef struct {
    const char *by;     /* value, mean or posterior; NULL: mean where there is one, else value */
    const char *metric; /* by the value of this one (asked_goal.h); NULL: the study's own */
    int number;         /* this trial instead; -1: the best */
} BestOptions;

typedef struct {
    TrialRow row;
    double score;
    Goal goal;              /* what it is best by, and which way; no `key`: the study's own */
    const char *by;         /* value, mean, posterior or number */
    Posterior posterior;    /* where it chose; else n is 0 */
    Finalist *finalists;
    int n_finalists;
    LimitsTold limits;
} Best;
bool best_find(const OpenStudy *open, const BestOptions *options, Best *out, Error *err);
/* Appends the configuration that `consort train` reproduces a trial with, bit for bit: what differs from the
 * defaults, or with them all. */
bool best_print_config(const OpenStudy *open, const Best *best, bool whole, Text *out, Error *err);

/* The trials that no other beats in every goal; with one goal, score and size. `rows` are all trials.
 * ERR_INVALID where there is nothing to compare: an unknown metric, or no finished trial. */
bool study_front(const OpenStudy *open, Front *out, const TrialRow **rows, Error *err);
#endif
