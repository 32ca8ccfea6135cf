/* Loops over floats that the compiler makes into vectors. */
#include "engine/floats.h"

#include "engine/vec.h"

VEC_CLONES void floats_add(size_t n, const float *from, float *to)
{
    const float *restrict a = from;
    float *restrict b = to;
    for (size_t i = 0; i < n; i++) b[i] += a[i];
}

VEC_CLONES void floats_multiply(size_t n, const float *by, float *x)
{
    const float *restrict a = by;
    float *restrict b = x;
    for (size_t i = 0; i < n; i++) b[i] *= a[i];
}

VEC_CLONES void floats_scale(size_t n, float factor, float *x)
{
    for (size_t i = 0; i < n; i++) x[i] *= factor;
}
