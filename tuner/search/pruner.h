/* tuner/search/pruner.h - early termination: its options, and the two rules that stop a run while it runs.
 *
 * hyperband, as W&B does it (an asynchronous stopping rule, not Hyperband proper): bands at
 * min_iter * eta^k, or max_iter / eta^k for k = 1..s, in epochs from 1, cut to whole ones. At a band
 * the threshold is element floor(n / eta), from 0, of the sorted values that n runs had there: the
 * others it may see and, as in W&B, the run itself. A run is judged at the last band it has
 * reached and stopped when it is worse. strict: by its value at the band, otherwise by its best so
 * far. A value that is nan counts as the worst.
 * median: after `warmup` epochs, and once `min_trials` runs have got there, a run whose best so far
 * is worse than the median of the others' running means at that epoch is stopped.
 *
 * patience: a run whose best value has not got better, by more than min_delta, in so many reports in a row is
 * ended. It looks at no other run, and what is ended has ended well: the trial is complete.
 *
 * halving, hyperband_sync: runs are paused at rungs and the best go on. tuner/search/rungs.h decides; here
 * nobody is stopped.
 *
 * freeze_thaw: runs are paused at rungs, and any that waits can go on later. tuner/search/thaw.h decides.
 *
 * Between folds: a trial of several networks (folds, seeds) trains one after the other. After each but the
 * last, it is stopped when the mean of its scores so far is worse than the median of the finished trials'
 * means over the same networks, of which there must be FOLDS_NEED. Any type but none does it; folds: false
 * does not.
 *
 * Grace    the first epochs say little about the last: on learning curves of 52 epochs the order after
 * the first had a rank correlation of .09 with the final one, after the fifth .80 (bench/NOTES.md, Early
 * epochs). So where nothing else is said, nobody is judged before a tenth of the epochs, and never before
 * the third.
 *
 * A decision is a pure function of the run's own curve and the curves it may see (decision 4 of
 * the design: those of trials numbered up to n - lookback). Values are minimized.
 */
#ifndef CONSORT_TUNER_SEARCH_PRUNER_H
#define CONSORT_TUNER_SEARCH_PRUNER_H
#include "base/field.h"
#include "base/names.h"

/* Name; are runs paused at rungs, do decisions look at the curves of others? */
#define PRUNER_LIST(X)                                                                            \
    X(PRUNER_NONE, "none", false, false) X(PRUNER_HYPERBAND, "hyperband", false, true)            \
    X(PRUNER_MEDIAN, "median", false, true) X(PRUNER_HALVING, "halving", true, false)             \
    X(PRUNER_HYPERBAND_SYNC, "hyperband_sync", true, false)                                       \
    X(PRUNER_PATIENCE, "patience", false, false) X(PRUNER_FORECAST, "forecast", false, false)     \
    X(PRUNER_FREEZE_THAW, "freeze_thaw", true, false)
typedef enum { PRUNER_LIST(LIST_ID) PRUNER_COUNT } PrunerKind;
typedef struct {
    int type; /* PrunerKind */
    double min_iter, max_iter, eta; /* min_iter 0: not given */
    int s;
    bool strict;
    int warmup, min_trials;
    bool folds;
    int patience;
    double min_delta;
    double least_chance; /* forecast: of becoming best, or of joining the front */
    int bracket; /* halving, freeze_thaw: trials that start together; 0: the rule's own number */
} PrunerOptions;
extern const FieldTable pruner_fields; /* early_terminate */
/* What decides results, as it always was: the keys that came later stand in it where they count. */
void pruner_identity(const PrunerOptions *options, Text *out);
/* As W&B, hyperband looks at max_iter and s where both forms are given, and not at s beside min_iter; where s
 * is missing, min_iter does. Takes what is not looked at out of the options and returns its name, NULL when
 * there is none; `why` continues "`min_iter` is not looked at". */
const char *pruner_ignored(PrunerOptions *options, const ConfNode *node, const char **why);
/* Does a key of the section go with a type (PrunerKind)? */
bool pruner_takes(int type, const char *key);
extern const char *const pruner_names[]; /* by PrunerKind, NULL at the end */
/* What one field cannot know: which belong together. `node` is the map, or NULL without one. */
bool pruner_check(const PrunerOptions *options, const ConfNode *node, Error *err);
/* Epochs in which nobody is judged, of so many. */
int pruner_grace(int full_epochs);
/* Fills in the first band or rung where the file leaves it out. */
void pruner_resolve(PrunerOptions *options, int full_epochs);
/* Are runs paused at rungs? `options` may be NULL. */
bool pruner_pauses(const PrunerOptions *options);
/* Can any that waits go on at any time? */
bool pruner_thaws(const PrunerOptions *options);
/* Do decisions look at the curves of others? */
bool pruner_compares(const PrunerOptions *options);

typedef struct {
    int n;               /* epochs */
    const double *value; /* (n), minimized, epoch 1 first */
} Curve;

/* Should the run with this curve be stopped now? `threshold` (may be NULL) gets what it missed. */
bool pruner_stops(const PrunerOptions *options, const Curve *run, int n_others,
                  const Curve *others, double *threshold);
/* How a run has done so far, zero to begin with; and is it over, with this value, minimized, as its next? */
typedef struct {
    double best;
    bool any;  /* there is a best */
    int since; /* reports without a gain */
} RunGains;
bool pruner_is_done(const PrunerOptions *options, RunGains *gains, double value);
/* Should the trial with these scores of its first networks be stopped before the next? `finished`:
 * those of finished trials, all with as many networks. */
enum { FOLDS_NEED = 5 };
bool pruner_stops_between(const PrunerOptions *options, const Curve *scores, int n_finished,
                          const Curve *finished, double *threshold);
#endif
