/* Differential evolution, replayed from the trials at each ask.
 *
 * Trial n belongs to place n mod NP of the population; the best settled trial of a place is its member. A new
 * point for a place is the best member, moved by a difference of two others (F drawn from [0.5, 1) each time),
 * crossed with the place's own member (each coordinate with probability 0.7, one at least). The first NP are
 * Sobol points. Nothing waits for a generation to end, so any number may be pending.
 *
 * Source  Storn & Price 1997, best/1/bin with dither, the defaults of scipy's implementation; the
 *         asynchronous form as in Awad et al. 2021 (DEHB).
 */
#include <math.h>
#include <string.h>

#include "tuner/search/first.h"
#include "tuner/search/limits.h"

static const double CROSSOVER = 0.7;

/* Members: 4 a coordinate, but enough for differences and few enough to come around. */
static int population(const Space *space)
{
    int n = 4 * space->n_dims;
    return n < 10 ? 10 : n > 40 ? 40 : n;
}

static bool better(const Seen *a, const Seen *b)
{
    bool a_scored = isfinite(a->score), b_scored = isfinite(b->score);
    if (a_scored != b_scored) return a_scored;
    if (!a_scored) return false;
    if (a->state != b->state) return a->state == SEEN_DONE;
    return a->score < b->score;
}

/* The index of each place's best settled trial, or -1; *best is the best of all. */
static void find_members(const Ask *ask, int n, int *member, int *best)
{
    *best = -1;
    for (int i = 0; i < n; i++) member[i] = -1;
    for (int i = 0; i < ask->n_seen; i++) {
        const Seen *seen = &ask->seen[i];
        int *place = &member[seen->number % (uint32_t)n];
        if (seen->state == SEEN_PENDING) continue;
        if (*place < 0 || better(seen, &ask->seen[*place])) *place = i;
        if (*best < 0 || better(seen, &ask->seen[*best])) *best = i;
    }
}

static double reflect(double x)
{
    x = fabs(x);
    if (x > 1) x = fabs(2 - x);
    return fmin(x, 1 - 0x1p-53);
}

/* Two different members besides those of places `a` and `b`. */
static bool pick_two(Rng *rng, int n, const int *member, int own, const double **first,
                     const double **second, const Seen *seen)
{
    int others[64], m = 0;
    for (int i = 0; i < n; i++)
        if (i != own && member[i] >= 0) others[m++] = member[i];
    if (m < 2) return false;
    int i = (int)rng_below(rng, (uint32_t)m), j = (int)rng_below(rng, (uint32_t)m - 1);
    if (j >= i) j++;
    *first = seen[others[i]].u;
    *second = seen[others[j]].u;
    return true;
}

static bool ask_de(const Ask *given, Arena *arena, double *u, Trace *trace, AskResult *result, Error *err)
{
    const Space *space = given->space;
    Ask ranked, *const ask = &ranked;
    const int d = space->n_dims, n = population(space);
    int member[64], best, own = (int)(given->number % (uint32_t)n);
    bool found = false;
    double *x = ARENA_NEW(arena, double, d);
    if (!x) return error_memory(err);
    if (!limits_rank(given, arena, &ranked, err)) return false;
    find_members(ask, n, member, &best);
    Rng rng = rng_stream(ask->seed, ask->number, RNG_SAMPLER);
    int tries = ask->n_seen >= n && d > 0 && best >= 0 ? sampler_tries(space_size(space)) : 0;
    for (; tries > 0 && !found; tries--) {
        const double *a, *b, *target = ask->seen[member[own] >= 0 ? member[own] : best].u;
        if (!pick_two(&rng, n, member, own, &a, &b, ask->seen)) break;
        double factor = 0.5 + 0.5 * rng_uniform(&rng);
        int always = (int)rng_below(&rng, (uint32_t)d);
        for (int k = 0; k < d; k++) {
            bool cross = rng_uniform(&rng) < CROSSOVER || k == always;
            x[k] = cross ? reflect(ask->seen[best].u[k] + factor * (a[k] - b[k])) : target[k];
        }
        space_snap(space, x);
        found = ask->accept(ask->context, x);
    }
    if (found) {
        memcpy(u, x, (size_t)d * sizeof *u);
        trace_clear(trace, "de");
    } else if (!sampler_first(ask, false, arena, u, trace, &found, err)) {
        return false;
    }
    *result = found ? ASK_POINT : ASK_EXHAUSTED;
    return true;
}

const Sampler sampler_de = {
    .name = "de", .help = "differential evolution: recombines good trials; for hundreds of cheap ones",
    .ask = ask_de, .learns = true, .transfers = true};
