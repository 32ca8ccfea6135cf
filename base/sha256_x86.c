/* SHA-256 by x86's own instructions, four rounds at a time: Intel's manual, volume 2, SHA256RNDS2. */
#include "base/sha256_x86.h"

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#include <immintrin.h>

bool sha256_x86_here(void)
{
    return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1");
}

static __m128i four_at(const void *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

/* The instructions keep a, b, e, f in one register and c, d, g, h in another, each from the top down. Two
 * rounds make new a, b, e, f; the old ones are then c, d, g, h. */
__attribute__((target("sha,sse4.1")))
void sha256_x86_blocks(uint32_t state[8], const unsigned char *bytes, size_t n_blocks, const uint32_t k[64])
{
    const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    __m128i abef = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
    __m128i cdgh = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);
    for (; n_blocks > 0; n_blocks--, bytes += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; i++) w[i] = _mm_shuffle_epi8(four_at(bytes + 16 * i), big_endian);
#pragma GCC unroll 16
        for (int t = 0; t < 16; t++) {
            __m128i *now = &w[t % 4], next = w[(t + 1) % 4], third = w[(t + 2) % 4], last = w[(t + 3) % 4];
            __m128i sum = _mm_add_epi32(*now, four_at(k + 4 * t));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
            /* The schedule: w[t-16] + s0(w[t-15]) + w[t-7] + s1(w[t-2]), four at a time. */
            __m128i early = _mm_add_epi32(_mm_sha256msg1_epu32(*now, next), _mm_alignr_epi8(last, third, 4));
            *now = _mm_sha256msg2_epu32(early, last);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    state[0] = (uint32_t)_mm_extract_epi32(abef, 3), state[1] = (uint32_t)_mm_extract_epi32(abef, 2);
    state[4] = (uint32_t)_mm_extract_epi32(abef, 1), state[5] = (uint32_t)_mm_extract_epi32(abef, 0);
    state[2] = (uint32_t)_mm_extract_epi32(cdgh, 3), state[3] = (uint32_t)_mm_extract_epi32(cdgh, 2);
    state[6] = (uint32_t)_mm_extract_epi32(cdgh, 1), state[7] = (uint32_t)_mm_extract_epi32(cdgh, 0);
}

#else
bool sha256_x86_here(void)
{
    return false;
}

void sha256_x86_blocks(uint32_t state[8], const unsigned char *bytes, size_t n_blocks, const uint32_t k[64])
{
    (void)state, (void)bytes, (void)n_blocks, (void)k;
}
#endif
