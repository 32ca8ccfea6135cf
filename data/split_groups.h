/* data/split_groups.h - rows that belong together, dealt out without being parted.
 *
 * Method   greedy, as scikit-learn's StratifiedGroupKFold: large groups first, each to the part that lacks
 *          most of
 *          what it has; then single groups move while that brings the parts nearer to their shares. The measure
 *          is the sum over parts and classes of the squared distance from the share, each class by its own
 *          size, and all rows together as one class more. Groups of about the same size (a factor of 2) come in
 *          an order that the random numbers decide.
 * Bounds   no part is farther from its share than the largest group makes it; a part is never empty.
 */
#ifndef CONSORT_DATA_SPLIT_GROUPS_H
#define CONSORT_DATA_SPLIT_GROUPS_H
#include "base/rng.h"
#include "data/split_parts.h"

typedef struct {
    int n;
    int32_t *of; /* (rows) which group, from 0 in order of appearance; -1: the row is of no use */
} Groups;

/* Rows without anything in the column are one group: who they are nobody knows, and they may be the same. */
bool groups_of(const SplitRows *rows, Arena *arena, Groups *out, Error *err);
/* What a message says of a column's groups that are fewer than the parts. */
bool groups_too_few(const SplitRows *rows, const Groups *groups, const char *of_what, int n_parts, Error *err);
/* Part p gets about share[p] of the rows; the shares add up to 1. `part_of` is (rows), -1 where a row is of
 * no use.
 * There must be as many groups as parts. */
bool groups_deal(const SplitRows *rows, const Groups *groups, bool stratify, const double *share, int n_parts,
                 Rng *rng, Arena *arena, int32_t *part_of, Error *err);
#endif
