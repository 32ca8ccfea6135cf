/* tuner/search/rungs.h - synchronous successive halving and Hyperband: who goes on to the next rung, and when.
 *
 * A full trial has rungs: shares of its epochs, growing by eta up to 1. A bracket is a run of trials
 * with consecutive numbers that start together at one rung. When all of them have come to it, the best
 * 1/eta go on to the next rung, and so forth; the others are out. Nobody starts again: a trial that waits
 * is paused, and goes on where it was.
 *
 *     halving          every bracket begins at the lowest rung (Karnin, Koren, Somekh 2013;
 *                      Jamieson and Talwalkar 2016)
 *     hyperband_sync   brackets take turns: all rungs with many trials, then one rung less with fewer,
 *                      ..., at last full runs only, and over again (Li et al. 2017, Algorithm 1). A
 *                      hedge against early epochs that mislead
 *
 * With s rungs below the full run, a bracket that begins at rung b has ceil((s + 1) / (s - b + 1)
 * eta^(s - b)) trials, and floor(n / eta^j) of its n go on to rung b + j, at least one.
 *
 * freeze_thaw has the ladder alone, each rung at twice the epochs of the one below: thaw.h decides who goes on.
 *
 * Trials are compared by their best score up to the rung, ties by number. On three tables the order by it
 * agreed with the final order better than the order by the value at the rung, and as well in the middle
 * of one cosine as at the end of a short one (bench/NOTES.md, Early epochs). So rungs need not be where a
 * schedule ends.
 *
 * Everything here is a pure function of what it is shown. Scores are minimized.
 */
#ifndef CONSORT_TUNER_SEARCH_RUNGS_H
#define CONSORT_TUNER_SEARCH_RUNGS_H
#include "tuner/search/pruner.h"

enum { RUNGS_MAX = 16, THAW_ETA = 2 };

/* Which rungs there are. Without halving: one, the full run, and each trial is a bracket of its own. */
typedef struct {
    int n;                    /* rungs */
    double share[RUNGS_MAX];  /* of a full run, increasing; the last is 1 */
    double eta;
    int n_kinds;              /* brackets before they repeat */
    int lowest[RUNGS_MAX], size[RUNGS_MAX]; /* of each kind of bracket */
} Ladder;

/* full_epochs: of a trial where no parameter says otherwise. The first rung is min_iter, or the lowest
 * of full / eta^k that is not below `pruner_grace`. */
void ladder_make(const PrunerOptions *options, int full_epochs, Ladder *out);
/* The epoch of a rung in a trial of so many; at least 1, and full_epochs for the last. */
int ladder_epoch(const Ladder *ladder, int rung, int full_epochs);

typedef struct {
    int first, size, lowest;
} Bracket;
/* The bracket that begins with or after trial `from`, where the `number`th bracket (from 0) does. */
Bracket ladder_bracket(const Ladder *ladder, int number, int from);

/* A trial of a bracket. */
typedef struct {
    int sent;    /* the highest rung it was sent to */
    int reached; /* the highest rung whose result may be looked at; -1: none */
    bool over;   /* it will not run again, whatever is decided */
    const double *score; /* [rung]: best up to it, where reached; nan: no hope */
} Climber;

typedef struct {
    int promote; /* the place in the bracket of one that goes on; -1: none now */
    int rung;    /* to which */
    bool settled; /* nobody of the bracket will run again */
} Promotion;

/* Looks at a bracket of n trials; `full`: no more will join it. out[i] is set for those that are out
 * by now (others are left alone). `order` is scratch for n. */
Promotion ladder_decide(const Ladder *ladder, int lowest, int n, bool full, const Climber *climbers,
                        bool *out, int *order);
#endif
