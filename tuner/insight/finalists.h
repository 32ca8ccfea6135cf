/* tuner/insight/finalists.h - the leaders of a study, run again on fresh seeds: who wins on average.
 *
 * The best of many scores is partly lucky: with other random numbers the same settings score otherwise. So
 * when the search has ended, the best few trials (`finalists`) are run again, each on the same fresh seeds, and
 * the winner is who has the best mean over all its runs. Run 0 is the trial itself, runs 1, 2, ... are its
 * repeats. They are no trials of their own: the search never sees them, nothing that counts or ranks trials
 * does, and they leave no model. Who is repeated follows from the settled trials, what comes out from the
 * configuration and the number of the run: so they are as repeatable as the rest.
 *
 * Choosing   by the mean over all runs, the first one included: it is a draw like the others, and was chosen
 *            for being high in the same way for all. What the winner is worth is told better by `fresh`, the
 *            mean without it. A trial that failed on a fresh seed comes after those that never did.
 * Worth      what a trial would score on average over fresh seeds on the same split. Its interval is Student's,
 *            with the spread of single runs pooled over the finalists, whose few runs each say little about it,
 *            around `fresh`, which is drawn to the finalists' mean as far as runs alone make them differ
 *            (James & Stein; of three and more): the winner is chosen by these runs among others.
 *            bench/coverage.py measures how often it holds. Says nothing about other rows.
 * Storing    (tuner/store/repeat_rows.h) a row once a run has ended, so one that was cut short is simply run
 *            again.
 */
#ifndef CONSORT_TUNER_INSIGHT_FINALISTS_H
#define CONSORT_TUNER_INSIGHT_FINALISTS_H
#include "tuner/store/repeat_rows.h"

typedef struct {
    int number;
    int n_runs, n_failed;     /* with a value, the trial itself included; without one */
    double value;             /* of the trial itself */
    double mean, sd;          /* over all runs; sd is that of one run, NaN below two */
    double fresh;             /* mean without the trial itself; NaN: all repeats failed */
    double low95, high95;     /* of what the trial is worth; NaN: fewer than two fresh runs of any finalist */
} Finalist;

/* Best first: of equals the lower number. Memory: the arena. */
bool finalists_rank(const RepeatRow *rows, int n_rows, bool maximize, Arena *arena, Finalist **out, int *n,
                    Error *err);
/* The same from the database; n 0 where nothing was repeated. */
bool finalists_read(Store *store, const StudyInfo *study, Arena *arena, Finalist **out, int *n, Error *err);
#endif
