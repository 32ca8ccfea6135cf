/* engine/floats.h - the three passes over arrays of floats that have no better home. */
#ifndef CONSORT_ENGINE_FLOATS_H
#define CONSORT_ENGINE_FLOATS_H
#include <stddef.h>

void floats_add(size_t n, const float *from, float *to);      /* to += from */
void floats_multiply(size_t n, const float *by, float *x);    /* x *= by */
void floats_scale(size_t n, float factor, float *x);          /* x *= factor */
#endif
