/* tuner/search/transfer.h - what earlier studies of other, overlapping spaces say about this one.
 *
 * Their trials are not this study's: they say where to look first and what the surface may look like, and are
 * outvoted by the study's own.
 *
 * First    the best of each in turn (TRANSFER_FIRST in all): first its best trial, then of its best third the
 *          one that is farthest from those chosen. Parameters that it did not have get those of a Sobol point.
 * Surface  a Gaussian process is fitted to each; the mean of this study's own is not 0 but a sum of theirs. So
 *          the own model learns what differs, and where it has trials, they decide. The weight of a study is
 *          how well its model ranks this study's trials (agreement.h); one of another matter comes to 0 by
 *          itself. Of several that say the same each counts for its part.
 * Source   the idea of weighing by rank is that of Feurer, Letham, Hutter, Bakshy 2018 (RGPE), models of
 *          residuals that of Golovin and others 2017 (Vizier).
 * Memory   the arena. Errors  ERR_NUMERIC as gp.h, ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_TRANSFER_H
#define CONSORT_TUNER_SEARCH_TRANSFER_H
#include "tuner/search/gp.h"
#include "tuner/search/sampler.h"

enum { TRANSFER_FIRST = 3 };

/* One earlier study, as points of this space. */
typedef struct {
    int n;
    const double *u;     /* (n, n_dims), snapped */
    const double *score; /* (n) minimized, finite */
    const bool *known;   /* (n_dims) it says what the parameter was; else u is the same in all */
} Source;

struct Transfer {
    int n;
    const Source *source;
};

/* Up to TRANSFER_FIRST points (n_dims), to be snapped. */
bool transfer_first(const Ask *ask, const double **first, int *n, Arena *arena, Error *err);
/* What they let expect of n trials at x (n, n_dims) with scores y (NaN: failed) and anywhere else. NULL
 * where there is nothing. */
bool transfer_mean(const Ask *ask, int n, const double *x, const double *y, const GpMean **out, Arena *arena,
                   Error *err);
/* For tests: the weights of their models, one a study. */
const double *transfer_weights(const GpMean *mean);
#endif
