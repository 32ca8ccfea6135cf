/* Sobol points, scrambled in the manner of Owen.
 *
 * A Sobol coordinate is a sum modulo 2 of direction numbers V_j over the bits j of the (Gray-coded)
 * index. V_j = m_j / 2^(j+1), and the odd integers m_j follow a recurrence given by a primitive
 * polynomial over the field of two elements, so that any 2^k successive points are spread evenly.
 * Owen's scrambling permutes the halves of every dyadic interval at random and keeps that evenness;
 * here the permutation at each level is a hash of the higher bits.
 *
 * Source  direction numbers: S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
 *         two-dimensional projections", SIAM J. Sci. Comput. 30 (2008), table new-joe-kuo-6.21201
 *         (tests/golden/sobol.py prints the rows below). Scrambling: B. Burley, "Practical
 *         hash-based Owen scrambling", JCGT 9 (2020), after S. Laine and T. Karras (2011).
 */
#include "tuner/search/sobol.h"

#include <assert.h>

#include "base/rng.h"

enum { DIMENSIONS = 64, MAX_DEGREE = 9 };

/* The polynomial's coefficients as bits, both ends included, and m_1, m_2, ... */
static const struct { uint16_t polynomial, m[MAX_DEGREE]; } directions[DIMENSIONS] = {
    {1, {1}}, {3, {1}}, {7, {1, 3}}, {11, {1, 3, 1}}, {13, {1, 1, 1}}, {19, {1, 1, 3, 3}},
    {25, {1, 3, 5, 13}}, {37, {1, 1, 5, 5, 17}}, {41, {1, 1, 5, 5, 5}}, {47, {1, 1, 7, 11, 19}},
    {55, {1, 1, 5, 1, 1}}, {59, {1, 1, 1, 3, 11}}, {61, {1, 3, 5, 5, 31}},
    {67, {1, 3, 3, 9, 7, 49}}, {91, {1, 1, 1, 15, 21, 21}}, {97, {1, 3, 1, 13, 27, 49}},
    {103, {1, 1, 1, 15, 7, 5}}, {109, {1, 3, 1, 15, 13, 25}}, {115, {1, 1, 5, 5, 19, 61}},
    {131, {1, 3, 7, 11, 23, 15, 103}}, {137, {1, 3, 7, 13, 13, 15, 69}},
    {143, {1, 1, 3, 13, 7, 35, 63}}, {145, {1, 3, 5, 9, 1, 25, 53}},
    {157, {1, 3, 1, 13, 9, 35, 107}}, {167, {1, 3, 1, 5, 27, 61, 31}},
    {171, {1, 1, 5, 11, 19, 41, 61}}, {185, {1, 3, 5, 3, 3, 13, 69}},
    {191, {1, 1, 7, 13, 1, 19, 1}}, {193, {1, 3, 7, 5, 13, 19, 59}},
    {203, {1, 1, 3, 9, 25, 29, 41}}, {211, {1, 3, 5, 13, 23, 1, 55}},
    {213, {1, 3, 7, 3, 13, 59, 17}}, {229, {1, 3, 1, 3, 5, 53, 69}},
    {239, {1, 1, 5, 5, 23, 33, 13}}, {241, {1, 1, 7, 7, 1, 61, 123}},
    {247, {1, 1, 7, 9, 13, 61, 49}}, {253, {1, 3, 3, 5, 3, 55, 33}},
    {285, {1, 3, 1, 15, 31, 13, 49, 245}}, {299, {1, 3, 5, 15, 31, 59, 63, 97}},
    {301, {1, 3, 1, 11, 11, 11, 77, 249}}, {333, {1, 3, 1, 11, 27, 43, 71, 9}},
    {351, {1, 1, 7, 15, 21, 11, 81, 45}}, {355, {1, 3, 7, 3, 25, 31, 65, 79}},
    {357, {1, 3, 1, 1, 19, 11, 3, 205}}, {361, {1, 1, 5, 9, 19, 21, 29, 157}},
    {369, {1, 3, 7, 11, 1, 33, 89, 185}}, {391, {1, 3, 3, 3, 15, 9, 79, 71}},
    {397, {1, 3, 7, 11, 15, 39, 119, 27}}, {425, {1, 1, 3, 1, 11, 31, 97, 225}},
    {451, {1, 1, 1, 3, 23, 43, 57, 177}}, {463, {1, 3, 7, 7, 17, 17, 37, 71}},
    {487, {1, 3, 1, 5, 27, 63, 123, 213}}, {501, {1, 1, 3, 5, 11, 43, 53, 133}},
    {529, {1, 3, 5, 5, 29, 17, 47, 173, 479}}, {539, {1, 3, 3, 11, 3, 1, 109, 9, 69}},
    {545, {1, 1, 1, 5, 17, 39, 23, 5, 343}}, {557, {1, 3, 1, 5, 25, 15, 31, 103, 499}},
    {563, {1, 1, 1, 11, 11, 17, 63, 105, 183}}, {601, {1, 1, 5, 11, 9, 29, 97, 231, 363}},
    {607, {1, 1, 5, 15, 19, 45, 41, 7, 383}}, {617, {1, 3, 7, 7, 31, 19, 83, 137, 221}},
    {623, {1, 1, 1, 3, 23, 15, 111, 223, 83}}, {631, {1, 1, 5, 13, 31, 15, 55, 25, 161}},
    {637, {1, 1, 3, 13, 25, 47, 39, 87, 257}},
};

/* The first n_bits direction numbers of a dimension. */
static void find_directions(int dimension, int n_bits, uint32_t *m)
{
    assert(dimension >= 0 && dimension < DIMENSIONS);
    const uint32_t polynomial = directions[dimension].polynomial;
    int degree = 0;
    while (polynomial >> (degree + 1)) degree++;
    for (int j = 0; j < n_bits; j++) {
        if (degree == 0) {
            m[j] = 1; /* the first coordinate: van der Corput */
        } else if (j < degree) {
            m[j] = directions[dimension].m[j];
        } else {
            m[j] = m[j - degree] ^ (m[j - degree] << degree);
            for (int k = 1; k < degree; k++)
                if (polynomial >> (degree - k) & 1) m[j] ^= m[j - k] << k;
        }
    }
}

uint32_t sobol_bits(int dimension, uint32_t index)
{
    const uint32_t gray = index ^ (index >> 1);
    uint32_t bits = 0, m[32] = {0};
    int n_bits = 0;
    while (n_bits < 32 && gray >> n_bits) n_bits++;
    find_directions(dimension, n_bits, m);
    for (int j = 0; j < n_bits; j++)
        if (gray >> j & 1) bits ^= m[j] << (31 - j);
    return bits;
}

static uint32_t reverse(uint32_t x)
{
    x = x >> 16 | x << 16;
    x = (x & 0xff00ff00u) >> 8 | (x & 0x00ff00ffu) << 8;
    x = (x & 0xf0f0f0f0u) >> 4 | (x & 0x0f0f0f0fu) << 4;
    x = (x & 0xccccccccu) >> 2 | (x & 0x33333333u) << 2;
    return (x & 0xaaaaaaaau) >> 1 | (x & 0x55555555u) << 1;
}

/* Each output bit depends on its own and lower input bits only: read backwards, on the higher ones. */
static uint32_t scramble(uint32_t bits, uint32_t seed)
{
    uint32_t x = reverse(bits) + seed;
    x ^= x * 0x6c50b47cu;
    x ^= x * 0xb82f1e52u;
    x ^= x * 0xc7afe638u;
    x ^= x * 0x8d22f6e6u;
    return reverse(x);
}

/* `bits` are those of sobol_bits. Beyond the table: plain random numbers, as good as any there. */
static double coordinate(int dimension, uint64_t own, uint32_t index, uint32_t bits)
{
    uint32_t drawn = dimension < DIMENSIONS ? scramble(bits, (uint32_t)own)
                                            : (uint32_t)(rng_mix(own, index) >> 32);
    return (drawn + 0.5) * 0x1p-32;
}

void sobol_point(int n_dims, uint64_t seed, uint32_t index, double *u)
{
    for (int d = 0; d < n_dims; d++)
        u[d] = coordinate(d, rng_mix(seed, (uint64_t)d), index, d < DIMENSIONS ? sobol_bits(d, index) : 0);
}

void sobol_points(int n_dims, uint64_t seed, uint32_t n, double *u)
{
    for (int d = 0; d < n_dims; d++) {
        const uint64_t own = rng_mix(seed, (uint64_t)d);
        uint32_t bits = 0, m[32] = {0};
        if (d < DIMENSIONS) find_directions(d, 32, m);
        for (uint32_t i = 0; i < n; i++) {
            int flips = 0; /* the bit in which the Gray codes of i - 1 and i differ */
            while (i > 0 && !(i >> flips & 1)) flips++;
            if (i > 0) bits ^= m[flips] << (31 - flips);
            u[(size_t)i * (size_t)n_dims + (size_t)d] = coordinate(d, own, i, bits);
        }
    }
}
