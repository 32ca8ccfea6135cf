/* Tree-structured Parzen estimator: the settled trials are parted into the best and the others, a density
 * is laid over each (parzen.h), and of 64 draws from that of the best the one is tried at which the two
 * differ most.
 *
 * The best are ceil(n / 10), 25 at most. Stopped trials rank behind finished ones, the longer they ran the
 * better; failed and pending ones count among the others, so that nobody goes where somebody is.
 * Where there is a prior (prior.h) every fourth draw is from it, and its log density counts by its weight.
 *
 * Source  Bergstra, Bardenet, Bengio, Kegl 2011; Watanabe 2023.
 */
#include "tuner/search/sampler_tpe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/search/agreement.h"
#include "tuner/search/limits.h"
#include "tuner/search/parzen.h"
#include "tuner/search/prior.h"
#include "tuner/search/first.h"

enum { N_STARTUP = 10, N_DRAWS = 64, MOST_BEST = 25, ROUNDS = 4 };

typedef struct {
    int group; /* 0 finished, 1 stopped, 2 failed or pending */
    double share, score;
    int at;
} Place;

static int best_first(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    if (x->group != y->group) return x->group - y->group;
    if (x->share != y->share) return x->share > y->share ? -1 : 1;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Points by rank; *n_best of them are the best. */
static const double **rank_points(const Ask *ask, int *n_best, Arena *arena)
{
    Place *places = ARENA_NEW(arena, Place, ask->n_seen);
    const double **points = ARENA_NEW(arena, const double *, ask->n_seen);
    if (!places || !points) return NULL;
    int n_scored = 0;
    for (int i = 0; i < ask->n_seen; i++) {
        const Seen *seen = &ask->seen[i];
        bool scored = (seen->state == SEEN_DONE || seen->state == SEEN_PRUNED) && isfinite(seen->score);
        places[i] = (Place){!scored ? 2 : seen->state == SEEN_PRUNED, scored ? seen->share : 0,
                            scored ? seen->score : 0, i};
        n_scored += scored;
    }
    qsort(places, (size_t)ask->n_seen, sizeof *places, best_first);
    for (int i = 0; i < ask->n_seen; i++) points[i] = ask->seen[places[i].at].u;
    int best = (n_scored + 9) / 10;
    *n_best = best < MOST_BEST ? best : MOST_BEST;
    return points;
}

static void draw_expected(const Space *space, Rng *rng, double *u)
{
    for (int d = 0; d < space->n_dims; d++) u[d] = rng_uniform(rng);
    space_prior_at(space, u);
    space_snap(space, u);
}

bool sampler_tpe_ask(const Ask *given, Arena *arena, double *u, Trace *trace, bool *found, Error *err)
{
    const int d = given->space->n_dims;
    int n_best = 0;
    Parzen *best, *rest;
    Ask ranked, *const ask = &ranked;
    if (!limits_rank(given, arena, &ranked, err)) return false;
    const double **points = rank_points(ask, &n_best, arena);
    double *draws = arena_alloc(arena, (size_t)N_DRAWS * (size_t)d, sizeof *draws);
    *found = false;
    if (!points || !draws) return error_memory(err);
    if (!parzen_fit(ask->space, n_best, points, arena, &best, err)
        || !parzen_fit(ask->space, ask->n_seen - n_best, points + n_best, arena, &rest, err))
        return false;
    Rng rng = rng_stream(ask->seed, ask->number, RNG_SAMPLER);
    const double weight = agreement_with_prior(ask);
    for (int round = 0; round < ROUNDS && !*found; round++) {
        double gain[N_DRAWS], others[N_DRAWS];
        for (int i = 0; i < N_DRAWS; i++) {
            double *draw = draws + (size_t)i * (size_t)d;
            if (weight > 0 && i % 4 == 3) draw_expected(ask->space, &rng, draw);
            else parzen_draw(best, &rng, draw);
        }
        if (!parzen_log_densities(best, N_DRAWS, draws, arena, gain, err)
            || !parzen_log_densities(rest, N_DRAWS, draws, arena, others, err))
            return false;
        for (int i = 0; i < N_DRAWS; i++) gain[i] -= others[i];
        for (int i = 0; weight > 0 && i < N_DRAWS; i++)
            gain[i] += weight * space_log_prior(ask->space, draws + (size_t)i * (size_t)d, NULL);
        for (int tries = 0; tries < N_DRAWS && !*found; tries++) {
            int at = 0;
            for (int i = 1; i < N_DRAWS; i++)
                if (gain[i] > gain[at]) at = i;
            const double *draw = draws + (size_t)at * (size_t)d;
            if (ask->accept(ask->context, draw)) {
                memcpy(u, draw, (size_t)d * sizeof *u);
                trace_clear(trace, "tpe");
                trace->acquisition = gain[at];
                *found = true;
            }
            gain[at] = -INFINITY;
        }
    }
    return true;
}

static bool ask_tpe(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result, Error *err)
{
    int n_scored = 0;
    bool found = false;
    for (int i = 0; i < ask->n_seen; i++)
        n_scored += ask->seen[i].state == SEEN_DONE && isfinite(ask->seen[i].score);
    if (ask->space->n_dims > 0 && n_scored >= 2 && ask->n_seen >= N_STARTUP
        && !sampler_tpe_ask(ask, arena, u, trace, &found, err))
        return false;
    if (!found && !sampler_first(ask, false, arena, u, trace, &found, err)) return false;
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_tpe = {
    .name = "tpe",
    .help = "densities of the good and of the other trials; cheap, for many trials or categories",
    .ask = ask_tpe, .learns = true, .transfers = true};
