/* tuner/search/thaw.h - freeze and thaw: begin a new trial, or send one that waits on to its next rung?
 *
 * Every run is paused at each rung of a ladder (rungs.h), and a run that waits can go on later. Each time, for
 * all that wait, the end is predicted from the curve so far and the curves of those that ended (ends.h), with
 * its error; and revised with every new curve. Let p be the probability that a run ends better than the best
 * value there is.
 *
 *     first    as many as `first` trials have only their first rung: something to compare with
 *     then     a run with p of 1/50 or more goes on (with more while few have ended: 1/50 + .3 exp(-ended / 4)
 *              for as long as new trials may begin); of several, the one with the largest expected improvement
 *              for each epoch that it still needs
 *     else     a new trial begins
 *     always   a tenth of the trials that began come to the end, or are sent there, so that there is something
 *              to predict from, however sure the predictions seem to be
 *     waiting  of those with a smaller p the THAW_WAITING with the largest go on waiting; the others are out,
 *              so that states are not kept without end (a paused program holds its memory)
 *
 * So the first runs are stopped as boldly as by halving, later ones only where they hardly can become the best,
 * and none is given up for good before many look better. When no new trial may begin, those that may still be
 * the best go on; at the end nobody waits who had a chance of 1/50. As runs become alike, near the optimum,
 * predictions do not tell them apart, and nearly all go on: then it costs what whole trials cost.
 * (bench/NOTES.md, Freeze and thaw.)
 *
 * Where what trials report is limited (limit.h) the best is the best of those that came to the end and keep all
 * limits. While there is none, whoever comes to the end soonest may be the first: each run goes on.
 *
 * A decision is a pure function of what it is shown. Scores are minimized.
 *
 * Source  Swersky, Snoek, Adams 2014 (runs that wait, and ends that are predicted with their errors).
 * Errors  ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_THAW_H
#define CONSORT_TUNER_SEARCH_THAW_H
#include "tuner/search/sampler.h"

enum { THAW_WAITING = 16 };
typedef struct {
    int n_seen;
    const Seen *seen;  /* all, as far as they may be looked at; SEEN_PRUNED: it waits, or is on its way on */
    const bool *ready; /* (n_seen) it waits, and can be sent on now */
    int n_begun;       /* trials that began, of which nothing may be known yet */
    int n_on_the_way;  /* of these, those between their first rung and what comes next */
    int first;         /* so many begin before any goes on */
    bool more;         /* a new trial may begin */
    int n_limits;      /* on what trials report: how many values `slack` of a seen one has */
} Thaw;

/* How many begin before any goes on, where the file does not say. */
int thaw_first(const Space *space);
/* *send: which of seen goes on; -1: none, so that a new trial begins if there may be more. out[i] (n_seen) is
 * set for those that are out by now, others are left alone. */
bool thaw_decide(const Thaw *question, Arena *arena, int *send, bool *out, Error *err);
#endif
