/* tuner/search/sobol.h - points of the unit cube, more even than independent draws in any number.
 *
 * Owen-scrambled Sobol points (Joe & Kuo 2008 direction numbers): point `index` of the sequence
 * scrambled by `seed`, in (0, 1). Coordinates beyond the 64th are plain random numbers.
 *
 * Memory  none. Errors none.
 */
#ifndef CONSORT_TUNER_SEARCH_SOBOL_H
#define CONSORT_TUNER_SEARCH_SOBOL_H
#include <stdint.h>

uint32_t sobol_bits(int dimension, uint32_t index); /* unscrambled, as a fraction of 2^32 */
void sobol_point(int n_dims, uint64_t seed, uint32_t index, double *u);
void sobol_points(int n_dims, uint64_t seed, uint32_t n, double *u); /* the first n, (n, n_dims), quicker */
#endif
