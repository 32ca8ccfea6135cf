/* engine/logistic.h - multinomial logistic regression: the best that can be had without a hidden layer.
 *
 *     J(W, b) = mean_i -log softmax(W' x_i + b)[y_i]  +  l2 / 2 sum W^2
 *
 * A network has to be held against something, and this is what anybody would try first. J is convex, so
 * there is one optimum and nothing to tune but l2: no rate, no schedule, no seed. With C as other libraries
 * have it, l2 = 1 / (C n); for two classes, where those keep one vector of weights for our two, 2 / (C n).
 *
 * Algorithm  L-BFGS (Liu and Nocedal, Mathematical Programming 45 (1989)), ten pairs, halving the step until
 *            it is one of Armijo's; steps of a convex function need no more. It starts where `w` stands, so
 *            that a row of penalties, strongest first, costs little more than one of them.
 * Numbers    products in float (gemm.h), a block of rows at a time; sums over blocks, the loss and the steps
 *            in double. The same rows give the same bits.
 * Shapes     D = n_features, K = n_classes. Rows with label -1 do not count. Columns that are codes to be
 *            embedded have no place here.
 * Errors     ERR_MEMORY.
 */
#ifndef CONSORT_ENGINE_LOGISTIC_H
#define CONSORT_ENGINE_LOGISTIC_H
#include "data/rows.h"
#include "base/arena.h"
#include "base/error.h"

typedef struct {
    int n_features, n_classes;
    double *w;       /* (D + 1, K); the last row is b */
    double loss;     /* J at w */
    double slope;    /* the largest derivative there, in absolute value */
    int n_passes;    /* over the rows, of the last fit */
    bool converged;  /* slope <= tolerance */
} Logistic;

/* All weights 0. */
bool logistic_create(int n_features, int n_classes, Arena *arena, Logistic *out, Error *err);
/* Improves w until no derivative is above `tolerance`, or the rows have been seen `most_passes` times. */
bool logistic_fit(const Rows *rows, double l2, double tolerance, int most_passes, Logistic *model, Error *err);
/* Probabilities (rows->n_rows, K). */
bool logistic_predict(const Logistic *model, const Rows *rows, float *proba, Error *err);
#endif
