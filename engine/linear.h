/* engine/linear.h - linear regression with a penalty: the best that numbers can be had without a hidden layer.
 *
 *     J(W, b) = mean_i |y_i - W' x_i - b|^2  +  l2 sum W^2
 *
 * What a network of numbers is held against, as logistic.h is of classes. There is one optimum, and it has a
 * closed form: with the means taken off, (X'X / n + l2) W = X'Y / n. With alpha as other libraries have it,
 * l2 = alpha / n, n the sum of the weights.
 *
 * Use        moments once, then as many penalties as there are to be tried:
 *                linear_moments(rows, arena, &m, err) && linear_solve(&m, l2, &model)
 * Algorithm  the moments in double, a block of rows at a time, zeros passed over (features of words are mostly
 *            0); Cholesky (base/mat.h: call mat_init before).
 * Shapes     D = n_features, T targets. A row counts where all its targets are known, by its weight. Columns
 *            that are codes to be embedded have no place here.
 * Units      y as the table has it. D * D doubles twice.
 * Errors     ERR_MEMORY. linear_solve is false where the equations have no solution to a double's digits.
 */
#ifndef CONSORT_ENGINE_LINEAR_H
#define CONSORT_ENGINE_LINEAR_H
#include "base/arena.h"
#include "base/error.h"
#include "data/rows.h"

typedef struct {
    int n_features, n_targets;
    double n;      /* sum of the weights; 0: no row counts */
    double *x, *y; /* (D), (T) means */
    double *xx;    /* (D, D) lower half: mean products less those of the means */
    double *xy;    /* (T, D) */
    double *work;  /* (D, D) */
} LinearMoments;

typedef struct {
    int n_features, n_targets;
    double *w;     /* (T, D + 1); the last of each is b */
} Linear;

bool linear_moments(const Rows *rows, Arena *arena, LinearMoments *out, Error *err);
bool linear_create(int n_features, int n_targets, Arena *arena, Linear *out, Error *err);
bool linear_solve(LinearMoments *moments, double l2, Linear *model);
/* (rows->n_rows, T) */
bool linear_predict(const Linear *model, const Rows *rows, double *y, Error *err);
#endif
