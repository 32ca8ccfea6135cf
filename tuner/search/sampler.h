/* tuner/search/sampler.h - where to try next.
 *
 * A sampler is a pure function: the same space, seed, number and observations give the same point,
 * whatever threads did in between and whether or not the process was restarted. It keeps no state;
 * what it wants to remember it recomputes. Scores are minimized.
 *
 *     const Sampler *sampler = sampler_find("bayes"); (samplers.h)
 *     ok = sampler->ask(&ask, arena, u, &trace, &err);
 */
#ifndef CONSORT_TUNER_SEARCH_SAMPLER_H
#define CONSORT_TUNER_SEARCH_SAMPLER_H
#include "base/rng.h"
#include "tuner/search/memo.h"
#include "tuner/search/space.h"

typedef enum {
    SEEN_DONE,    /* finished, `score` is final */
    SEEN_PRUNED,  /* stopped early, or waiting at a rung; `score` is the best it had by then, at `share` of
                   * its budget */
    SEEN_FAILED,  /* diverged, crashed, timed out: no score */
    SEEN_PENDING  /* proposed, not settled for this ask */
} SeenState;

typedef struct {
    uint32_t number;
    SeenState state;
    const double *u; /* (n_dims), snapped */
    double score;    /* minimized; NaN unless DONE or PRUNED */
    double share;    /* of the epochs it could have had, in (0, 1] */
    int n_curve;         /* epochs of DONE and PRUNED whose value is known; 0: none is */
    const double *curve; /* (n_curve), minimized */
    double off;          /* PRUNED, above 0: `score` is a forecast of its end, with that standard deviation */
    const double *slack; /* (limits of the space) by what it reported, limit.h; NULL or NaN: not known */
    int n_repeats;       /* DONE: the score is the mean of so many runs; 0: that is not told */
    double variance;     /* of such a run, by what they differed; NaN: not known */
} Seen;

typedef struct Transfer Transfer;

typedef struct {
    const Space *space;
    uint64_t seed;
    uint32_t number;   /* of the trial asked for, from 0; every number is asked once, in order */
    int n_seen;
    const Seen *seen;  /* in number order, all numbers below `number` that were sampled or given */
    /* Is this (snapped) point new and inside the constraints? Samplers never return a point that
     * is refused, and what was refused once in a search is refused ever after. */
    bool (*accept)(void *context, const double *u);
    void *context;
    /* The logarithm of what a (snapped) point costs to evaluate, in whatever unit. Expected improvement is
     * divided by the cost to the power of `cost_weight`; 0: not looked at. The Gaussian process alone does. */
    double (*log_cost)(void *context, const double *u);
    double cost_weight;
    const Transfer *transfer; /* what earlier studies found out (transfer.h); NULL: nothing */
    Memo *memo; /* may be NULL: makes the asks of one search quicker, never different */
    /* The first so many of `seen` are settled and shown so, unchanged, to every later ask that has this memo:
     * what was worked out about them need not be checked. 0 is always right. */
    int n_steady;
    /* The same for a grid: combinations before this one were refused by an earlier ask of the search. 0 at
     * first, moved on by each ask; may be NULL. */
    int64_t *grid_from;
    /* Trials that wait can go on at any time (thaw.h): they are completed by what they gained themselves, too
     * (ends.h). */
    bool thaws;
} Ask;

/* Why a point was chosen; stored with the trial. NaN where it does not apply. */
typedef struct {
    char kind[16];  /* "grid", "random", "middle", "sobol", "gp", "tpe", "cmaes", "de", "user", ... */
    double acquisition, mean, sigma, noise;
    double lambda;               /* of the Yeo-Johnson transform of the scores */
    int n_scales;                /* length scale a coordinate; 0 when there is no model */
    double scales[64];
} Trace;

typedef enum { ASK_POINT, ASK_EXHAUSTED } AskResult;

typedef struct {
    const char *name, *help; /* `help`: what it does and when to use it, one line */
    /* ASK_EXHAUSTED: no acceptable point is left (a finite space is used up, or a thousand tries
     * found none). `u` has n_dims entries. */
    bool (*ask)(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result,
                Error *err);
    const char *alias;     /* another name for it; NULL: none */
    bool learns;           /* from earlier trials; else it does not look at them, and `seen` may be empty */
    bool weighs_costs;     /* looks at log_cost where cost_weight is not 0 */
    bool transfers;        /* looks at what earlier studies found out, Ask.transfer */
    bool needs_grid;       /* every parameter must have one (space_grid_size), and its end is the end */
} Sampler;

/* All there are, in the order in which people are told of them; each has a file sampler_NAME.c (gp: that of
 * bayes). samplers.h finds them by name. */
#define SAMPLER_LIST_AFTER(X) X(gp) X(tpe) X(cmaes) X(de) X(random) X(qmc) X(grid)
#define SAMPLER_LIST(X) X(bayes) SAMPLER_LIST_AFTER(X)
#define SAMPLER_EXTERN(name) extern const Sampler sampler_##name;
SAMPLER_LIST(SAMPLER_EXTERN)

/* The kind of trace of a model that looks at a part of the trials. */
extern const char sampler_part[];
/* Kinds of points that a person (prior.h) or an earlier study (transfer.h) wishes for. */
extern const char sampler_prior[], sampler_transfer[];
/* What samplers share. */
enum { SAMPLER_TRIES = 1000, SAMPLER_ENUMERATE = 100000 };
/* A trace that says only what kind of point it is. */
void trace_clear(Trace *trace, const char *kind);
/* Draws before walking the cells. Few where walking is cheap. */
int sampler_tries(double space_size);
/* The last resort where draws keep being refused: walks all cells of a small finite space from a
 * random one on. False when there is none left, or the space is too large to walk. */
bool sampler_leftover(const Ask *ask, Rng *rng, double *u);
#endif
