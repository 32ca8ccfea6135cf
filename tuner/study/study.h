/* tuner/study/study.h - a study: ask, train, settle, until it is done.
 *
 * What it is asked to do stands in tuner/study/options.h, what it knows in tuner/study/state.h.
 *
 * Workers are a sliding window: each claims the next turn, trains, settles it. A turn starts the next
 * trial or, with halving, sends a paused one to its next rung. What turn t does and what it may look at
 * are the results of turns up to t - lookback, exactly; later ones are pending. It starts only once turn
 * t - lookback has ended. So the same seed gives the same study for any number of workers, and nobody
 * waits at a barrier. Stopping rules (target, plateau, failures) look at everything that is known when the next
 * trial would start, and cut there, as the clock's cap does: with several workers a few trials earlier or
 * later.
 *
 * async gives that up: everything that is settled is looked at, and nobody waits.
 *
 * When the search has ended, its leaders may be run again on fresh seeds (tuner/study/finals.h): also after
 * the time cap, which is the search's.
 *
 * Other processes on the host may lend workers (tuner/study/join.h), and people may add configurations while it
 * runs (tuner/study/request.h).
 *
 * Every trial is in the database before its result is told to anyone. Numbers that a killed process
 * left unfinished are run again, with their old proposals, before anything new.
 */
#ifndef CONSORT_TUNER_STUDY_STUDY_H
#define CONSORT_TUNER_STUDY_STUDY_H
#include "tuner/insight/finalists.h"
#include "tuner/study/options.h"

typedef struct {
    StudyEnd end;
    int n_trials, n_complete, n_pruned, n_failed, n_infeasible;
    int best_number; /* -1: none */
    double best_value, seconds;
    int n_finalists;  /* run again; the first of them has won: */
    Finalist finalist[2];
} StudySummary;

bool study_run(const StudyOptions *options, StudySummary *out, Error *err);
#endif
