/* engine/lanes.h - vectors of four floats, for what moves numbers about rather than computing with them.
 * Every processor of ours has them; LANES4 says it in each compiler's own words.
 */
#ifndef CONSORT_ENGINE_LANES_H
#define CONSORT_ENGINE_LANES_H

typedef float Vec4 __attribute__((vector_size(16), aligned(4), may_alias));

/* Four lanes of the eight that two vectors have: i .. l are constants from 0 to 7. */
#ifdef __clang__
#define LANES4(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
typedef int Choice __attribute__((vector_size(16)));
#define LANES4(a, b, i, j, k, l) __builtin_shuffle(a, b, (Choice){i, j, k, l})
#endif
#endif
