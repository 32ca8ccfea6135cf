/* inspect/patched.h - a panel asked what it would answer with other cells in one column, without what these
 * cells do not touch.
 *
 * A column's features enter a network in its first layer alone, z = h_0 W + b. Of every network z is kept; of
 * the column in question its own part, p = (its features) W_c, is worked out once for each cell that may stand
 * there, and row i with the cell `from` has z_i + (p_from - p_i): so a column that is shuffled is encoded and
 * multiplied once for all shuffles, and no other column ever. A row that keeps its cell keeps its bits.
 *
 * Who is asked whole, rows encoded and all: networks with learned embeddings of their features, layer norms or
 * skipped layers, or no hidden layer; features of which others are made (prep_column_alone); a column with a
 * feature beyond PATCHED_MOST in size, whose part would drown the rest of z in its rounding.
 *
 * Shapes   n rows of the panel, K values, C cells, the first n of which are the panel's own.
 * Memory   4 bytes for each row and unit of a first layer, for as long as it lives; while asked, the same for
 *          each cell of one network.
 * Errors   those of prediction: ERR_DATA, ERR_MEMORY.
 */
#ifndef CONSORT_INSPECT_PATCHED_H
#define CONSORT_INSPECT_PATCHED_H
#include "inspect/panel.h"

enum { PATCHED_MOST = 10000 };
typedef struct Patched Patched;

bool patched_create(const Panel *panel, Patched **out, Error *err);
void patched_destroy(Patched *patched);

/* `cells` (n_cells) in place of column `column`: change k of n_changes has in row i of the panel the cell
 * from[k * n + i]. Of each part the first asked[part] rows are answered (NULL: all); others are left alone in
 * `proba` (n_changes, n, K). */
typedef struct {
    int column, n_cells, n_changes;
    const Column *cells;
    const int32_t *from;
    const int *asked;
} Change;
bool patched_ask(Patched *patched, const Change *change, float *proba, Error *err);

/* Multiplications, or what takes as long, of a model for a row: once for a change, and once for a cell of each
 * of all columns. */
typedef struct {
    double change, cells;
} PatchedCost;
PatchedCost patched_cost(const Model *model);
#endif
