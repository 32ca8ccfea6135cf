/* ensemble/weigh_pool.h - a stack of classes: weights of a logarithmic pool (model/pool.h).
 *
 *     z_c = b_c + sum_m w_m log q_mc        p = softmax(z)        w_m >= 0
 *
 * A multinomial regression of the labels on the members' log probabilities, with one weight a member, shared by
 * all classes: of a few hundred rows more cannot be learnt. It minimizes the mean log loss and
 *
 *     ridge sum_m (w_m - s g_m)^2 + 0.05 |b|^2 / n,    s = sum_m w_m
 *
 * so it is pulled towards the weights g of the centre (those that greedy selection found), whatever the slope
 * s. The ridge is the strongest of {100, 1, 0.1, 0.01, 0.001} whose loss on other fifths of the rows is
 * within one standard error (of the paired difference) of the least: where nothing tells members apart, they
 * keep the weights of the centre. Convex; L-BFGS in a box (base/lbfgs.h).
 *
 * b, shifts of classes, is there so that a wrong prior of some member (class weights, smoothing) does not
 * move the weights. It is not kept: shifts, and the slope, are calibration's, which knows when they are worth
 * having (model/calibration_choose.h). So what is shipped has as many numbers as members.
 *
 * A member that says the same of every row has no weight unless the centre gives it one: b takes what it says.
 *
 * Rows count what they weigh; those without a label do not count. Of more than 5,000 every n-th takes part.
 *
 * Shapes   n members (numbers of models in the library), K classes, N rows of the library.
 * Memory   the arena. Errors ERR_MEMORY.
 * Sources  Wolpert 1992; Genest, Zidek 1986; Ranjan, Gneiting 2010 (why a slope).
 */
#ifndef CONSORT_ENSEMBLE_WEIGH_POOL_H
#define CONSORT_ENSEMBLE_WEIGH_POOL_H
#include "ensemble/choice.h"

typedef struct {
    const Library *library;
    const int *member;    /* (n) */
    const double *centre; /* (n) g, sum 1 */
    int n;
    uint64_t seed;        /* of the fifths */
} PoolAsk;

typedef struct {
    double *w;            /* (n) sum 1 */
    double slope;         /* s; 0: the members know nothing of these labels, and w is the centre */
    double *shift;        /* (K) b */
    double ridge;
    float *crossed;       /* (N, K) what pools of the other fifths say of each row, slope 1; NULL of one fit */
} Pool;

/* With this ridge, of all rows. */
bool pool_fit(const PoolAsk *ask, double ridge, Arena *arena, Pool *out, Error *err);
/* The same with the ridge that cross-validation takes. */
bool pool_choose(const PoolAsk *ask, Arena *arena, Pool *out, Error *err);
#endif
