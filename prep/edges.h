/* prep/edges.h - where the bins of piecewise-linear encoding end.
 *
 * Quantiles give every bin as many rows, so a column that is mostly one value (zeros) has few bins left for the
 * others, and a bin says nothing of the label. Two other ways:
 *
 *     spread  quantiles in which a value that many rows share counts for no more than one bin's rows; where
 *             there are no more values than edges, each is one
 *     tree    the thresholds of a decision tree on this column alone: the split that lowers the impurity of the
 *             rows most comes first, entropy of classes, squares of numbers; no leaf below `least` rows. The
 *             outer edges are the least and the largest value
 *
 * Values are sorted, increasing, finite; `edges` has room for bins + 1, what is filled in increases strictly.
 * Memory  scratch in the arena. Returns the number of edges, 0: too few different values, -1: no memory.
 * Source  Gorishniy, Rubachev, Babenko, NeurIPS 2022 (both quantiles and trees).
 */
#ifndef CONSORT_PREP_EDGES_H
#define CONSORT_PREP_EDGES_H
#include <stdint.h>

#include "base/arena.h"

typedef struct {
    const double *value;
    const int32_t *label;  /* (n) classes in [0, n_classes), < 0: not looked at; or NULL: */
    const double *target;  /* (n) numbers; NaN: not looked at */
    int n, n_classes;
} EdgeRows;

int edges_spread(const double *sorted, int n, int bins, double *edges);
int edges_tree(const EdgeRows *rows, int bins, Arena *arena, double *edges);
#endif
