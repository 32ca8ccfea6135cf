/* tuner/insight/importance.h - which settings made the difference, and how sure that is.
 *
 * Importance  of a parameter: the share of the variance of a configuration's rank, over the whole search
 *             space, in which the parameter has a part, alone or with others (Sobol's total index of the
 *             rank). The rank is the share of the space that scores better: so a corner where everything goes
 *             wrong counts by its size and not by how wrong it goes. Scores closer than a twentieth of their
 *             spread count as the same. `alone` is what the parameter does by itself. Neither depends on where
 *             the search looked; only how well they are known does.
 * Intervals   95 % of what 192 functions (48 at least, of more than ten settings) say that the trials leave
 *             possible (draws.h), on each scale of scores as many as it is probable (bends.h). Where nobody
 *             varied a setting they are wide, and a parameter whose interval is wider than IMPORTANCE_WIDE is
 *             not `told`: no number is shown for it. Nor is one with trials in less than IMPORTANCE_TRIED of
 *             its fifths, or, of fewer than five values, one of them never tried: what lies there is the
 *             model's guess alone.
 * Order       `ahead` is the share of the draws in which a parameter is more important than the next of the
 *             list; `n_sure` of the first places are sure: ahead of all that follow in 95 % of
 *             the draws, and all that follow were tried so.
 * Silence     nothing at all is said with fewer than IMPORTANCE_FEW trials that have a score, or of a model
 *             that tells nothing of what it has not seen (`left_out`).
 * Trials      Failed ones count as the worst, stopped ones with what they would have come to (curves.h), as
 *             unsure as that is; where that is not known they are left out.
 *
 * Source  Hutter, Hoos, Leyton-Brown 2014 (fANOVA) for the question; Saltelli et al. 2010, table 2, for the
 *         estimators. PED-ANOVA, which compares the best trials with all, asks where the search went.
 * Memory  the arena. Errors ERR_MEMORY only: too few trials or a failed fit is an answer with a reason.
 */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_H
#include "tuner/insight/importance_model.h"
#include "tuner/insight/points.h"

enum { IMPORTANCE_FEW = 20 };
#define IMPORTANCE_WIDE 0.5
#define IMPORTANCE_TRIED 0.59 /* three fifths are enough */
#define IMPORTANCE_NOTHING 0.02 /* what no one could tell from an idle parameter */

typedef struct {
    Points trials;
    double top_share;    /* in (0, 1), of `favours`; 0: 0.1 */
    uint64_t seed;       /* of the draws */
    int from, to;        /* two of the trials, between which the way is asked for; the same: none is */
} ImportanceInput;

typedef struct {
    int dim;                 /* coordinate of the space */
    double importance, low95, high95; /* the middle draw, and 95 % of them */
    double alone;            /* likewise, what it does by itself */
    double ahead;            /* share of the draws in which it is ahead of the next; NaN: there is none */
    bool told;               /* else the interval says next to nothing */
    double tried;            /* share of its range with trials: of fifths, or of values that are fewer */
    double active;           /* share of the trials that use it */
    double length_scale;     /* of the model, in widths of the coordinate */
    const char *favours;     /* "0.0012 to 0.0041": the middle half of the top; or the commonest value */
} ParamImportance;

typedef struct {
    int n_trials, n_scored, n_top;
    double top_share;
    double left_out;         /* of what differs between trials, the share that the model tells of one it has not
                                seen; NaN: no model */
    const char *warning;     /* NULL: none */
    int n_params;            /* 0: nothing can be said, and `warning` says why */
    int n_sure;              /* so many of the first places are sure */
    ParamImportance *param;  /* most important first */
    int n_pairs;
    PairImportance pair[IMPORTANCE_PAIRS]; /* of the six strongest, strongest first */
    PairMap *map;            /* (n_pairs) in the same order; NULL: none */
    Ablation way;            /* ablation.h */
} Importance;

bool importance_compute(const ImportanceInput *input, Arena *arena, Importance *out, Error *err);
#endif
