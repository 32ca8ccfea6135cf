/* tuner/search/evolution.h - CMA-ES that takes up where another search has come to.
 *
 * Begin   among the best trials, whoever proposed them: the distribution has the mean and the covariance of
 *         the best tenth of them, each blurred by 0.1 in each number (warm start, Nomura et al. 2021). So what
 *         the trials know about step and direction need not be learned again.
 * Frame   Only numbers move. Categories, and what they turn off, are those of the best trial; a trial of other
 *         categories says nothing here. There must be two numbers at least, and EVOLUTION_MOST at most.
 * Members lambda trials make a generation, in the order in which they are given: draws of this distribution,
 *         and any others. A point farther away than a draw would be is drawn in to that length first, so a
 *         lucky find from elsewhere pulls the mean and does not tear the covariance (injection, Hansen 2011).
 * End     once the distribution has shrunk to nothing. The next is begun with twice as many a generation. A
 *         number of few levels keeps a deviation of a quarter of a level at least.
 *
 * Source  Hansen 2016 (cma.h); Hansen 2011, "Injecting external solutions into CMA-ES" (arXiv 1110.4181);
 *         Nomura and others 2021, "Warm starting CMA-ES for hyperparameter optimization"; Auger & Hansen 2005
 *         (more a generation); Hamano et al. 2022 (levels).
 * Memory  the arena; points belong to the trials. Errors  ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_EVOLUTION_H
#define CONSORT_TUNER_SEARCH_EVOLUTION_H
#include "tuner/search/cma.h"
#include "tuner/search/sampler.h"

enum { EVOLUTION_MOST = 40 };

typedef struct { double score; const double *u; } EvolutionMember; /* u: n_dims */

typedef struct {
    const Space *space;
    const double *frame;        /* (n_dims) the best trial's point */
    int d, dims[EVOLUTION_MOST]; /* which coordinates move */
    Cma *cma;
    int n_members;              /* of the generation at hand, below cma->lambda */
    EvolutionMember *members;   /* (lambda) */
    double *points;             /* (lambda, d) */
    const double **rows;        /* (lambda) */
} Evolution;

/* From n trials, best first; lambda 0: as cma.h has it. *out is NULL where too few or too many numbers could
 * move, or the covariance has no eigenvalues. */
bool evolution_begin(const Space *space, int n, const EvolutionMember *best, int lambda, Arena *arena,
                     Evolution **out, Error *err);
/* Does a trial at u have the categories of the frame? */
bool evolution_knows(const Evolution *e, const double *u);
/* One more trial, of those that it knows. False: this distribution has come to its end. */
bool evolution_add(Evolution *e, double score, const double *u);
/* A point drawn from it, snapped. */
void evolution_draw(const Evolution *e, Rng *rng, double *u);
#endif
