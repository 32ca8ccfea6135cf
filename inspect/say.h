/* inspect/say.h - how the looked-at is put into a document: numbers of few digits, histograms, pictures as
 * base64.
 *
 * A picture of signed numbers is one byte a number, 128 + 127 x / scale; the scale stands beside it.
 */
#ifndef CONSORT_INSPECT_SAY_H
#define CONSORT_INSPECT_SAY_H
#include "base/doc.h"

enum { SAY_BINS = 24 };

double say_round(double x); /* to four digits */
/* {low, high, counts[SAY_BINS]} of the finite ones; low = high where all are the same. `n` 0: null. */
Doc *say_histogram(const float *x, size_t n);
/* One list of n numbers, rounded. */
Doc *say_numbers(const double *x, size_t n);
/* Signed numbers as a picture; `scale` 0: the largest. Sets key, and key_scale. */
void say_signed(Doc *out, const char *key, const double *x, size_t n, double scale);
void say_bytes(Doc *out, const char *key, const unsigned char *bytes, size_t n);
#endif
