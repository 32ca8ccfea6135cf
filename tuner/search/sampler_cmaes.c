/* CMA-ES (cma.h) over the unit cube, replayed from the trials at each ask.
 *
 * Blocks of lambda consecutive numbers are generations. A block whose trials are all settled moves the
 * distribution, in number order up to the first that is not; the point asked for is drawn from what has come
 * of that. So several may be pending, and the same trials give the same point. Of our own trials the draw
 * itself is known again (before it was rounded to its cell), of others the point is taken.
 *
 * Draws outside the cube are drawn again, at last cut off. A coordinate of few levels keeps a deviation of a
 * quarter of a level at least, or it would settle in its first cell (after Hamano et al. 2022). Once the
 * distribution has shrunk to nothing, another begins elsewhere with twice as many a generation (IPOP, Auger &
 * Hansen 2005).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/search/cma.h"
#include "tuner/search/limits.h"
#include "tuner/search/prior.h"
#include "tuner/search/sampler_qmc.h"

static const double FIRST_SIGMA = 0.25, LEAST_SIGMA = 1e-5;
enum { REDRAWS = 50, FOUND_AGAIN = 64, MOST_LAMBDA = 1000 };

/* Draw number `attempt` for this trial, in [0, 1). */
static void draw(const Cma *cma, const Ask *ask, uint32_t number, int attempt, double *z, double *x)
{
    const Space *space = ask->space;
    Rng rng = rng_stream(rng_mix(ask->seed, (uint64_t)attempt), number, RNG_SAMPLER);
    bool inside = false;
    for (int i = 0; i < REDRAWS && !inside; i++) {
        for (int k = 0; k < cma->d; k++) z[k] = rng_normal(&rng);
        cma_point(cma, z, x);
        inside = true;
        for (int k = 0; k < cma->d; k++) {
            int levels = space_dim_levels(space, k);
            double width = cma->sigma * sqrt(cma->c[k * cma->d + k]);
            if (levels > 1 && width < 0.25 / levels)
                x[k] = cma->mean[k] + (x[k] - cma->mean[k]) * 0.25 / levels / fmax(width, 1e-12);
            inside = inside && x[k] >= 0 && x[k] < 1;
        }
    }
    for (int k = 0; k < cma->d; k++) x[k] = fmin(fmax(x[k], 0), 1 - 0x1p-53);
}

/* What was drawn for a trial. */
static void draw_again(const Cma *cma, const Ask *ask, const Seen *seen, double *z, double *snapped, double *x)
{
    const size_t size = (size_t)cma->d * sizeof *x;
    for (int attempt = 0; attempt < FOUND_AGAIN; attempt++) {
        draw(cma, ask, seen->number, attempt, z, x);
        memcpy(snapped, x, size);
        space_snap(ask->space, snapped);
        if (memcmp(snapped, seen->u, size) == 0) return;
    }
    memcpy(x, seen->u, size);
}

typedef struct { int rank; double score; int at; } Place;

static int best_first(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    if (x->rank != y->rank) return x->rank - y->rank;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Finished ones by score, then stopped ones, then failures. */
static Place place_of(const Seen *seen, int at)
{
    bool scored = isfinite(seen->score) && seen->state != SEEN_FAILED;
    return (Place){!scored ? 2 : seen->state == SEEN_PRUNED, scored ? seen->score : 0, at};
}

static Cma *restart(const Ask *ask, int lambda, uint32_t round, Arena *arena, Error *err)
{
    Cma *cma = NULL;
    if (!cma_create(ask->space->n_dims, lambda, FIRST_SIGMA, arena, &cma, err)) return NULL;
    Rng rng = rng_stream(rng_mix(ask->seed, 0x636d61), round, RNG_SAMPLER);
    space_prior_mode(ask->space, cma->mean);
    for (int k = 0; round > 0 && k < ask->space->n_dims; k++) cma->mean[k] = 0.1 + 0.8 * rng_uniform(&rng);
    return cma;
}

static double widest(const Cma *cma)
{
    double most = 0;
    for (int k = 0; k < cma->d; k++) most = fmax(most, cma->length[k]);
    return cma->sigma * most;
}

/* The distribution after all whole generations; NULL on an error. */
static Cma *replay(const Ask *ask, Arena *arena, double *z, double *snapped, Error *err)
{
    const int d = ask->space->n_dims;
    uint32_t round = 0;
    Cma *cma = restart(ask, 0, round, arena, err);
    int most = ask->n_seen < MOST_LAMBDA ? MOST_LAMBDA : ask->n_seen;
    Place *places = ARENA_NEW(arena, Place, most);
    const double **x = ARENA_NEW(arena, const double *, most);
    double *points = arena_alloc(arena, (size_t)most * (size_t)d, sizeof *points);
    if (!cma) return NULL;
    if (!places || !x || !points) return error_memory(err), NULL;
    for (int from = 0; from + cma->lambda <= ask->n_seen;) {
        const int lambda = cma->lambda;
        for (int i = 0; i < lambda; i++)
            if (ask->seen[from + i].state == SEEN_PENDING) return cma;
        for (int i = 0; i < lambda; i++) places[i] = place_of(&ask->seen[from + i], i);
        qsort(places, (size_t)lambda, sizeof *places, best_first);
        for (int i = 0; i < lambda; i++) {
            double *point = points + (size_t)i * (size_t)d;
            draw_again(cma, ask, &ask->seen[from + places[i].at], z, snapped, point);
            x[i] = point;
        }
        bool broken = !cma_update(cma, x, NULL);
        from += lambda;
        int next = 2 * lambda <= MOST_LAMBDA ? 2 * lambda : lambda;
        if (broken || widest(cma) < LEAST_SIGMA || !isfinite(cma->sigma))
            if (!(cma = restart(ask, next, ++round, arena, err))) return NULL;
    }
    return cma;
}

static bool ask_cmaes(const Ask *given, Arena *arena, double *u, Trace *trace, AskResult *result, Error *err)
{
    const int d = given->space->n_dims;
    bool found = false;
    Ask ranked, *const ask = &ranked;
    if (!limits_rank(given, arena, &ranked, err)) return false;
    if (d > 0) {
        double *work = ARENA_NEW(arena, double, 3 * d);
        if (!work) return error_memory(err);
        double *z = work, *snapped = z + d, *x = snapped + d;
        Cma *cma = replay(ask, arena, z, snapped, err);
        if (!cma) return false;
        int tries = sampler_tries(space_size(ask->space));
        for (int attempt = 0; attempt < tries && !found; attempt++) {
            draw(cma, ask, ask->number, attempt, z, x);
            space_snap(ask->space, x);
            found = ask->accept(ask->context, x);
        }
        if (found) {
            memcpy(u, x, (size_t)d * sizeof *u);
            trace_clear(trace, "cmaes");
            trace->sigma = cma->sigma;
        }
    }
    if (!found) {
        found = sampler_sobol(ask, u);
        trace_clear(trace, "sobol");
    }
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_cmaes = {
    .name = "cmaes",
    .help = "an evolution strategy that learns a covariance; for hundreds of trials of numbers",
    .ask = ask_cmaes, .learns = true};
