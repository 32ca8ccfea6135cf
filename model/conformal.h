/* model/conformal.h - intervals of numbers and sets of classes that contain the truth as often as they promise,
 * whatever the model and the distribution, as long as new rows are like those that they were fitted on
 * (ensemble/conformal_fit.h).
 *
 * One target of numbers, whose prediction is p, in the user's unit:
 *
 *     plain      p - m .. p + m
 *     scaled     p - m s(p) .. p + m s(p): s is how large errors are where predictions are about p, linear
 *                between knots and constant beyond them
 *     ratio      (p + o) e^-m - o .. (p + o) e^m - o, o = Target.log_offset: of quantities that are never below
 *                0, errors in proportion
 *     quantiles  q_low - m .. q_high + m, of the two predicted quantiles next to what the level leaves out
 *
 * Classes, from the probabilities as they are shipped:
 *
 *     lac        the classes with p >= 1 - m: the smallest sets on average. None may be: then no class
 *                is likely enough
 *     aps        by falling probability, each as long as the sum of those before it is at most m: never empty,
 *                larger where the model is unsure
 *     by_class   lac with an m for each class, so that the promise holds for each class by itself
 *
 * Shapes   L levels, T targets, K classes. Memory borrowed. Errors none.
 * Sources  Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World (2005); Lei et al., JASA 113 (2018);
 *          quantiles: Romano, Patterson, Candes 2019; lac: Sadinle, Lei, Wasserman 2019; aps: Romano, Sesia,
 *          Candes 2020, with 0 for its random number: the same row is to give the same set.
 */
#ifndef CONSORT_MODEL_CONFORMAL_H
#define CONSORT_MODEL_CONFORMAL_H
#include "data/task.h"

#define CONFORMAL_LIST(X)                                                                          \
    X(CONFORMAL_PLAIN, "plain") X(CONFORMAL_SCALED, "scaled") X(CONFORMAL_RATIO, "ratio")          \
    X(CONFORMAL_QUANTILES, "quantiles") X(CONFORMAL_LAC, "lac") X(CONFORMAL_APS, "aps")            \
    X(CONFORMAL_BY_CLASS, "by_class")
typedef enum { CONFORMAL_LIST(LIST_ID) CONFORMAL_COUNT } ConformalMethod;
extern const char *const conformal_names[];

enum { CONFORMAL_MOST_LEVELS = 16, CONFORMAL_MOST_KNOTS = 32 };

typedef struct {
    int n_levels;
    const double *level;  /* (L) rising, within (0, 1) */
    int n_parts;          /* numbers: T; by_class: K; else 1 */
    const int *method;    /* (n_parts) ConformalMethod; of classes all alike */
    const double *margin; /* (L, n_parts) m */
    int n_knots;          /* of each target; 0: no target is scaled */
    const double *at;     /* (T, n_knots) rising: predictions, in the user's unit */
    const double *scale;  /* (T, n_knots) above 0: how large errors are there */
    double n_rows;        /* that it was fitted on */
} Conformal;

/* The number of a level, or -1: it is not among those that were fitted. */
int conformal_find(const Conformal *conformal, double level);
/* s(p) of target t. */
double conformal_scale(const Conformal *conformal, int t, double p);
/* The quantiles that stand for a level: their indices. */
void conformal_quantiles(const Task *task, double level, int *low, int *high);
/* Where target t is, at level `l`, given the values of a row's prediction; low <= high. */
void conformal_interval(const Conformal *conformal, const Task *task, int l, int t, const float *values,
                        double *low, double *high);
/* Sum of what is more likely than class c; of equal ones the lower first. */
double conformal_before(int n_classes, const float *proba, int c);
/* in[c] (K): is class c in the set? Returns how many are. */
int conformal_set(const Conformal *conformal, int l, int n_classes, const float *proba, bool *in);
#endif
