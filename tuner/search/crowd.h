/* tuner/search/crowd.h - which few of very many trials a model looks at, where very many are under way.
 *
 * With hundreds of workers a proposal is due every few milliseconds, and a model of all trials takes longer
 * than that. So it looks at no more than CROWD_SETTLED settled trials - the best, the newest, and of the others
 * some at even distances in number order - and at no more than CROWD_PENDING of those under way: the newest,
 * and those nearest to where this proposal looks. Which those are follows from the trials alone.
 *
 * Of the trials that are settled for good and stand before all others (Ask, n_steady) the best are remembered
 * in the ask's memo, a block at a time. So a proposal after a million trials costs what one after a thousand
 * does, as long as few of those settled come after one that is not; who remembers nothing goes through all of
 * them, and finds the same.
 *
 * Memory  the arena. Errors  ERR_MEMORY.
 */
#ifndef CONSORT_TUNER_SEARCH_CROWD_H
#define CONSORT_TUNER_SEARCH_CROWD_H
#include "tuner/search/sampler.h"

enum {
    CROWD_FROM = 128, /* a crowd: more than these are under way */
    CROWD_BEST = 80, CROWD_NEWEST = 32, CROWD_EVEN = 48,
    CROWD_SETTLED = CROWD_BEST + CROWD_NEWEST + CROWD_EVEN,
    CROWD_PENDING = 64
};

typedef struct {
    int n_settled, n_pending;
    int n_late;                /* of the settled ones from n_steady on: */
    const int *late, *pending; /* (n_late), (n_pending) which of ask->seen */
} Crowd;

bool seen_settled(const Seen *seen);
bool seen_scored(const Seen *seen); /* done or stopped, with a score */
bool crowd_count(const Ask *ask, Arena *arena, Crowd *out, Error *err);
/* The rows of the first m settled trials, ascending; returns how many. `rows` has room for CROWD_SETTLED. */
bool crowd_settled(const Ask *ask, const Crowd *crowd, int m, int *rows, int *n, Arena *arena, Error *err);
/* Pending rows near u, by coordinates in units of `scales` (n_dims), and the newest, ascending. `rows` has room
 * for CROWD_PENDING. */
bool crowd_pending(const Ask *ask, const Crowd *crowd, const double *u, const double *scales, int *rows, int *n,
                   Arena *arena, Error *err);
#endif
