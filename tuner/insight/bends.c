/* Models of the same trials on differently bent scales, weighed by what they make of the scores. */
#include "tuner/insight/bends.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "tuner/insight/targets.h"

enum { STRAIGHT = 5 };
static const double LAMBDA[BENDS] = {-1, -0.6, -0.2, 0.2, 0.6, 1, 1.4, 1.8, 2.2, 2.6, 3};
/* A power whose scores are less probable than the best one's by this (a logarithm) has no draw to expect. */
static const double HOPELESS = 7;

/* Fits one; `evidence` stays where there is no model. */
static bool look(const GpData *levels, const double *share, uint64_t seed, Bend *bend, double *log_slope,
                 double *evidence, Arena *arena, Error *err)
{
    double *z = ARENA_NEW(arena, double, levels->n);
    GpData data = *levels;
    Error why = {0};
    if (!z) return error_memory(err);
    targets_bend(levels->n, levels->y, share, bend->lambda, z, log_slope);
    bend->z = data.y = z;
    if (draws_create(&data, seed, arena, &bend->draws, &why)) {
        *evidence = draws_evidence(bend->draws, log_slope);
    } else if (why.code != ERR_NUMERIC) {
        if (err) *err = why;
        return false;
    }
    return true;
}

bool bends_create(const GpData *levels, const double *share, uint64_t seed, Arena *arena, Bends *out,
                  Error *err)
{
    double *log_slope = ARENA_NEW(arena, double, levels->n), evidence[BENDS], sum = 0;
    int best = STRAIGHT;
    if (!log_slope) return error_memory(err);
    memset(out, 0, sizeof *out);
    for (int i = 0; i < BENDS; i++) out->bend[i].lambda = LAMBDA[i], evidence[i] = -INFINITY;
    for (int way = -1; way <= 1; way += 2)
        for (int i = way < 0 ? STRAIGHT : STRAIGHT + 1; i >= 0 && i < BENDS; i += way) {
            if (!look(levels, share, rng_mix(seed, (uint64_t)i), &out->bend[i], log_slope, &evidence[i], arena,
                      err))
                return false;
            if (evidence[i] > evidence[best]) best = i;
            if (out->bend[i].draws && evidence[i] < evidence[best] - HOPELESS) break;
        }
    out->best = best;
    if (!out->bend[best].draws) return error_set(err, ERR_NUMERIC, "no model of %d trials", levels->n);
    for (int i = 0; i < BENDS; i++) sum += out->bend[i].share = exp(evidence[i] - evidence[best]);
    for (int i = 0; i < BENDS; i++) out->bend[i].share /= sum;
    return true;
}

const Bend *bends_of_turn(const Bends *bends, int turn, int turns)
{
    double below = (turn + 0.5) / turns;
    for (int i = 0; i < BENDS; i++) {
        below -= bends->bend[i].share;
        if (below < 0) return &bends->bend[i];
    }
    return &bends->bend[bends->best];
}
