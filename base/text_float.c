/* base/text_float.c - floats with the nine digits that tell them apart.
 *
 * A float is a whole number of 24 bits times a power of two. From 1e-4 to 1e9, where "%.9g" writes no
 * exponent, nine
 * digits before the point are that number times at most 10^12, which 64 bits hold: exact, and rounded once.
 */
#include "base/text_float.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The nine digits of a value in [1e-4, 1e9), and the power of ten of the first. */
static uint32_t digits_of(float value, int *first)
{
    static const double power[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    static const uint64_t ten[] = {1,         10,         100,         1000,         10000,
                                   100000,    1000000,    10000000,    100000000,    1000000000,
                                   10000000000, 100000000000, 1000000000000};
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t whole = (bits & 0x7FFFFF) | 0x800000;
    const int exponent = (int)(bits >> 23) - 150; /* value = whole * 2^exponent */
    int at = -4;
    while (at < 8 && (double)value >= power[at + 5]) at++;
    const uint64_t scaled = whole * ten[8 - at];
    uint64_t digits = exponent >= 0 ? scaled << exponent : scaled >> -exponent;
    if (exponent < 0) {
        const uint64_t rest = scaled & (((uint64_t)1 << -exponent) - 1), half = (uint64_t)1 << (-exponent - 1);
        digits += rest > half || (rest == half && (digits & 1));
    }
    if (digits == 1000000000) digits = 100000000, at++;
    *first = at;
    return (uint32_t)digits;
}

void text_float(Text *text, float value)
{
    char out[32], digit[9];
    size_t n = 0;
    const float size = fabsf(value);
    if (!((double)size >= 1e-4 && size < 1e9f)) {
        text_print(text, "%.9g", (double)value);
        return;
    }
    int first, last = 8;
    uint32_t digits = digits_of(size, &first);
    if (first > 8) { /* rounded up to 1e9 */
        text_print(text, "%.9g", (double)value);
        return;
    }
    for (int i = 8; i >= 0; i--, digits /= 10) digit[i] = (char)('0' + digits % 10);
    while (last > 0 && last > first && digit[last] == '0') last--;
    if (signbit(value)) out[n++] = '-';
    if (first < 0) out[n++] = '0', out[n++] = '.';
    for (int i = -1; i > first; i--) out[n++] = '0';
    for (int i = 0; i <= last; i++) {
        if (i > 0 && i == first + 1) out[n++] = '.';
        out[n++] = digit[i];
    }
    text_add_n(text, out, n);
}
