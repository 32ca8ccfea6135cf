/* tuner/insight/importance.h - which settings made the difference, read off the trials of a study.
 *
 * Two opinions that share nothing:
 *
 * PED-ANOVA   Among the best share of the trials, is a setting spread otherwise than among all of them?
 *             On a grid of each parameter's coordinate, with Parzen densities t of the top trials and r
 *             of all trials,  D = sum_g r(g) (t(g) / r(g) - 1)^2,  the Pearson divergence. It looks at
 *             ranks only, so any monotone transform of the score gives the same. A parameter that is
 *             not always active is judged among the trials that use it, and counts by
 *             alpha^2 / beta: its shares of the top trials and of all trials.
 * The model   A Gaussian process is fitted as the search does, and the variance of its mean over the
 *             whole space is taken apart (Sobol' indices): what a parameter does alone, what it does
 *             with all others, and what two of them do together.
 *
 * Chance      A few top trials differ from the rest even in a setting that means nothing. So the mean
 *             divergence of as many trials drawn at random is subtracted, and `p_chance` is the share
 *             of such draws that look as important. What is left is scaled to a sum of 1: `importance`.
 *             `published` is the same without the subtraction, as the paper and other programs have it.
 * Intervals   95 % percentile bootstrap over trials, each resample with its own top and its own chance.
 * Trials      Finished ones by score. Stopped and failed ones are part of "all" and never of the top.
 *
 * Source  Watanabe, Bansal, Hutter, "PED-ANOVA", IJCAI 2023, with its grid of 50 and Scott's bandwidth;
 *         conditional parameters: "Conditional PED-ANOVA", arXiv 2601.20800; Sobol' indices by Jansen's
 *         estimators (Saltelli et al. 2010, table 2).
 * Cost    d parameters, n trials: 400 d (n + 2600) operations; the model's fit and 512 (d + 8)
 *         predictions.
 * Memory  the arena. Errors ERR_MEMORY only: too few trials or a failed fit is an answer with a reason.
 */
#ifndef CONSORT_TUNER_INSIGHT_IMPORTANCE_H
#define CONSORT_TUNER_INSIGHT_IMPORTANCE_H
#include "tuner/insight/importance_model.h"
#include "tuner/insight/points.h"

enum { IMPORTANCE_FEW = 50 };

typedef struct {
    Points trials;
    double top_share;    /* in (0, 1); 0: 0.1 */
    uint64_t seed;       /* of the resamples */
} ImportanceInput;

typedef struct {
    int dim;                 /* coordinate of the space */
    double importance, low95, high95;
    double published;        /* share without the subtraction of chance */
    double divergence;       /* D among the trials that use the parameter; NaN: too few */
    double weighted, chance; /* D alpha^2 / beta, and its mean over random tops */
    double p_chance;
    double active;           /* share of the trials that use it */
    double effect, alone;    /* of the model: total and first-order index; NaN: no model */
    double length_scale;     /* of the model, in widths of the coordinate */
    const char *favours;     /* "0.0012 to 0.0041": the middle half of the top; or the commonest value */
} ParamImportance;

typedef struct {
    int n_trials, n_scored, n_top;
    double top_share;
    const char *warning;     /* NULL: none */
    int n_params;            /* 0: nothing can be said, and `warning` says why */
    ParamImportance *param;  /* most important first */
    int n_pairs;
    PairImportance pair[IMPORTANCE_PAIRS]; /* among the model's four strongest, strongest first */
    PairMap *map;            /* of the first pair; NULL: none */
} Importance;

bool importance_compute(const ImportanceInput *input, Arena *arena, Importance *out, Error *err);
#endif
