/* Philox4x32-10 and what is drawn from it. */
#include "base/rng.h"

#include <math.h>

#include "base/clones.h"

static void philox(const uint32_t key_in[2], const uint32_t counter[4], uint32_t out[4])
{
    uint32_t k0 = key_in[0], k1 = key_in[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

static void advance(Rng *rng)
{
    if (++rng->counter[0] == 0) rng->counter[1]++;
}

Rng rng_stream(uint64_t seed, uint32_t stream, RngPurpose purpose)
{
    return (Rng){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                 .counter = {0, 0, (uint32_t)purpose, stream}};
}

uint32_t rng_u32(Rng *rng)
{
    if (rng->left == 0) {
        philox(rng->key, rng->counter, rng->block);
        advance(rng);
        rng->left = 4;
    }
    return rng->block[4 - rng->left--];
}

double rng_uniform(Rng *rng)
{
    uint64_t high = rng_u32(rng) >> 5, low = rng_u32(rng) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

double rng_normal(Rng *rng)
{
    /* 1 - u lies in (0, 1]: the logarithm is finite. */
    double radius = sqrt(-2 * log(1 - rng_uniform(rng)));
    return radius * cos(6.283185307179586477 * rng_uniform(rng));
}

uint32_t rng_below(Rng *rng, uint32_t n)
{
    /* Lemire 2019: multiply, and reject the few products that would favour some results. */
    uint64_t product = (uint64_t)rng_u32(rng) * n;
    if ((uint32_t)product < n) {
        uint32_t threshold = -n % n;
        while ((uint32_t)product < threshold) product = (uint64_t)rng_u32(rng) * n;
    }
    return (uint32_t)(product >> 32);
}

void rng_shuffle(Rng *rng, int32_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(rng, (uint32_t)i);
        int32_t swap = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swap;
    }
}

/* LANES blocks from a counter on, side by side: the same numbers as LANES calls of philox. */
enum { LANES = 16 };
VEC_CLONES static void philox_lanes(const uint32_t key[2], const uint32_t counter[4], uint32_t *out)
{
    const uint64_t first = (uint64_t)counter[1] << 32 | counter[0];
    uint32_t k0 = key[0], k1 = key[1], c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    for (int i = 0; i < LANES; i++) {
        c0[i] = (uint32_t)(first + (uint64_t)i);
        c1[i] = (uint32_t)((first + (uint64_t)i) >> 32);
        c2[i] = counter[2];
        c3[i] = counter[3];
    }
    for (int round = 0; round < 10; round++) {
#pragma omp simd
        for (int i = 0; i < LANES; i++) {
            uint64_t p0 = (uint64_t)0xD2511F53u * c0[i], p1 = (uint64_t)0xCD9E8D57u * c2[i];
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c1[i] = (uint32_t)p1;
            c3[i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < LANES; i++) {
        out[4 * i] = c0[i];
        out[4 * i + 1] = c1[i];
        out[4 * i + 2] = c2[i];
        out[4 * i + 3] = c3[i];
    }
}

void rng_fill(Rng *rng, uint32_t *words, size_t n)
{
    size_t i = 0;
    while (i < n && rng->left > 0) words[i++] = rng_u32(rng);
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        philox_lanes(rng->key, rng->counter, words + i);
        uint64_t next = ((uint64_t)rng->counter[1] << 32 | rng->counter[0]) + LANES;
        rng->counter[0] = (uint32_t)next;
        rng->counter[1] = (uint32_t)(next >> 32);
    }
    for (; i + 4 <= n; i += 4) {
        philox(rng->key, rng->counter, words + i);
        advance(rng);
    }
    while (i < n) words[i++] = rng_u32(rng);
}

uint64_t rng_mix(uint64_t seed, uint64_t number)
{
    uint64_t z = seed + 0x9E3779B97F4A7C15u * (number + 1);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
