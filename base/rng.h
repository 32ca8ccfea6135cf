/* base/rng.h - counter-based random numbers.
 *
 * A draw is a pure function of (seed, stream, purpose, position): nothing to share, lock or
 * reseed, and a new draw for one purpose never moves another. That is what makes a study the same
 * for any number of workers: trial 17 draws the same numbers whoever trains it, and when.
 *
 * Source   Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2,
 *          3", SC11. The 64-bit key is the seed; the 128-bit counter holds (position, purpose,
 *          stream).
 * Threads  an Rng is a plain value: each thread has its own.
 */
#ifndef CONSORT_BASE_RNG_H
#define CONSORT_BASE_RNG_H
#include <stddef.h>
#include <stdint.h>

/* What the numbers are for. Append only: the values are part of every study's reproducibility. */
typedef enum {
    RNG_SPLIT,     /* which rows are held out */
    RNG_INIT,      /* first weights */
    RNG_SHUFFLE,   /* order of the rows in an epoch */
    RNG_DROPOUT,   /* which units are dropped */
    RNG_AUGMENT,   /* how a row is deformed */
    RNG_SAMPLER,   /* where to search next */
    RNG_SYNTH,     /* synthetic data */
    RNG_BOOTSTRAP, /* resampling for intervals and bags */
    RNG_TEST,      /* tests */
    RNG_MIX        /* how rows of a batch are mixed */
} RngPurpose;

typedef struct {
    uint32_t key[2];
    uint32_t counter[4]; /* [0], [1] position; [2] purpose; [3] stream */
    uint32_t block[4];   /* the current ten-round output */
    int left;            /* words of it not yet used */
} Rng;

Rng rng_stream(uint64_t seed, uint32_t stream, RngPurpose purpose);
uint32_t rng_u32(Rng *rng);
double rng_uniform(Rng *rng);                        /* [0, 1), 53 random bits */
double rng_normal(Rng *rng);                         /* N(0, 1), Box-Muller, two words a draw */
uint32_t rng_below(Rng *rng, uint32_t n);            /* [0, n), n > 0, unbiased */
void rng_shuffle(Rng *rng, int32_t *items, size_t n); /* Fisher-Yates */
/* `n` random words: the same numbers as n calls of rng_u32, several blocks at a time. */
void rng_fill(Rng *rng, uint32_t *words, size_t n);
/* A seed for something of its own, made from a seed and a number (SplitMix64's finalizer). */
uint64_t rng_mix(uint64_t seed, uint64_t number);
#endif
