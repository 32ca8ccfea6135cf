/* Whose turn it is, found out by going through all trials again. */
#include "tuner/search/voices.h"

#include <math.h>

#include "tuner/search/crowd.h"
#include "tuner/search/limits.h"

enum { BLOCK = 16, TOP = 10, KEPT = 100, EPOCH = 1000, MODEL = 0, STRATEGY = 1 };
/* The strategy's shares; what an earlier block's worth is in the next. What each is taken to have earned, in
 * how many trials: always, and when it begins. */
static const double LEAST = 0.25, MOST = 0.8125, FADE = 0.9, EARNED = 0.5, TRIALS = 8;
static const double first_worth[2] = {1.5, 6}, first_trials = 24;

typedef struct {
    const Ask *ask;
    Arena *arena;
    Evolution *strategy; /* NULL: none yet */
    int n_settled, n_best;
    EvolutionMember best[KEPT]; /* so far, in order */
    uint32_t block;             /* the one at hand, and which of its numbers are the strategy's */
    bool own[BLOCK];
    double worth[2], trials[2]; /* of each voice, faded */
} Way;

/* What a trial of this voice was worth lately. */
static double rate_of(const Way *way, int voice)
{
    return (way->worth[voice] + EARNED) / (way->trials[voice] + TRIALS);
}

static void begin_block(Way *way, uint32_t block)
{
    for (; way->block != block; way->block++)
        for (int voice = 0; voice < 2; voice++) way->worth[voice] *= FADE, way->trials[voice] *= FADE;
    const double strategy = rate_of(way, STRATEGY), model = rate_of(way, MODEL);
    const double share = fmin(fmax(strategy / (model + strategy), LEAST), MOST);
    const int n = (int)(share * BLOCK + 0.5);
    int order[BLOCK];
    for (int i = 0; i < BLOCK; i++) order[i] = i;
    Rng rng = rng_stream(rng_mix(way->ask->seed, 0x766f69), block, RNG_SAMPLER);
    rng_shuffle(&rng, order, BLOCK);
    for (int i = 0; i < BLOCK; i++) way->own[order[i]] = i < n;
}

static int voice_of(Way *way, uint32_t number)
{
    if (number / BLOCK != way->block) begin_block(way, number / BLOCK);
    return way->own[number % BLOCK] ? STRATEGY : MODEL;
}

/* Among the best so far; returns how many were as good or better, KEPT for too many. */
static int place(Way *way, double score, const double *u)
{
    int at = way->n_best;
    if (at == KEPT && way->best[at - 1].score <= score) return KEPT;
    if (at == KEPT) at--;
    else way->n_best++;
    for (; at > 0 && way->best[at - 1].score > score; at--) way->best[at] = way->best[at - 1];
    way->best[at] = (EvolutionMember){score, u};
    return at;
}

/* From the best tenth; `lambda` 0: the usual. */
static bool begin(Way *way, int lambda, Error *err)
{
    int n = (way->n_settled + 9) / 10;
    if (n > way->n_best) n = way->n_best;
    return evolution_begin(way->ask->space, n, way->best, lambda, way->arena, &way->strategy, err);
}

/* A settled trial of the epoch; `at` is its place. */
static bool learn(Way *way, const Seen *seen, double score, int at, int voice, Error *err)
{
    way->trials[voice]++;
    if (at < TOP) way->worth[voice] += 1.0 / (at + 1);
    if (at == 0 && !evolution_knows(way->strategy, seen->u)) return begin(way, 0, err);
    if (!evolution_knows(way->strategy, seen->u) || (voice == MODEL && at > 0)) return true;
    const int lambda = way->strategy->cma->lambda;
    return evolution_add(way->strategy, score, seen->u) || begin(way, 2 * lambda, err);
}

bool voices_turn(const Ask *given, Arena *arena, Evolution **strategy, Error *err)
{
    const uint32_t from = given->number / EPOCH * EPOCH;
    *strategy = NULL;
    if (given->number < VOICES_FROM) return true;
    Ask ranked, *const ask = &ranked;
    if (!limits_rank(given, arena, &ranked, err)) return false;
    Way *way = ARENA_NEW(arena, Way, 1);
    if (!way) return error_memory(err);
    way->ask = ask, way->arena = arena;
    bool begun = false;
    for (int i = 0; i <= ask->n_seen; i++) {
        const Seen *seen = i < ask->n_seen ? &ask->seen[i] : NULL;
        const uint32_t number = seen ? seen->number : ask->number;
        if (!begun && number >= from && way->n_settled >= VOICES_FROM && way->n_best > 0) {
            if (!begin(way, 0, err)) return false;
            if (!way->strategy) return true;
            for (int voice = 0; voice < 2; voice++)
                way->worth[voice] = first_worth[voice], way->trials[voice] = first_trials;
            way->block = number / BLOCK;
            begin_block(way, way->block);
            begun = true;
        }
        if (!seen) break;
        const int voice = begun ? voice_of(way, number) : MODEL;
        if (!seen_settled(seen)) continue;
        const bool done = seen->state == SEEN_DONE && seen_scored(seen);
        const int at = done ? place(way, seen->score, seen->u) : KEPT;
        way->n_settled++;
        if (begun && !learn(way, seen, done ? seen->score : INFINITY, at, voice, err)) return false;
        if (begun && !way->strategy) return true;
    }
    if (begun && voice_of(way, ask->number) == STRATEGY) *strategy = way->strategy;
    return true;
}
