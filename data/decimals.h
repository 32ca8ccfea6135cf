/* data/decimals.h - a column's numbers while they are read: in four bytes each where that loses nothing.
 *
 * Most columns hold decimals of few digits: 12.5, -0.081, 1700. They are kept as whole numbers of one unit, a
 * power of ten that is the column's. A whole number of a double's 53 bits over a power of ten up to 10^22 is
 * rounded once (Clinger 1990), so decimal_number() gives the very double that the text means. The first number
 * that does not fit makes doubles of all of them.
 *
 * How many rows there are is not known: decimals_reserve() makes room, which is not touched before a row comes.
 *
 * Memory  the arena's, where smaller arrays stay: guess well.
 * Errors  false without memory, and the numbers are as before.
 */
#ifndef CONSORT_DATA_DECIMALS_H
#define CONSORT_DATA_DECIMALS_H
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* What a text says: (minus) whole / 10^places. `places` -1: nothing so simple. */
enum { NOT_SIMPLE = -1, LOOKED_AT = -2 }; /* the latter: nor need anybody look again */
typedef struct {
    uint64_t whole;     /* 2^53 at most */
    signed char places; /* 18 at most */
    bool minus;
} Decimal;

/* -?digits[.digits] of 18 characters at most, which nearly all cells of numbers are: no digit is lost. Returns
 * where it ends; what follows may still make something else of it. */
static inline const char *decimal_read(const char *at, const char *end, Decimal *out)
{
    const char *from = at, *point = NULL;
    unsigned digit;
    uint64_t whole = 0;
    out->minus = at < end && *at == '-';
    at += out->minus;
    for (; at < end && (digit = (unsigned)(unsigned char)*at - '0') <= 9; at++) whole = whole * 10 + digit;
    if (at < end && *at == '.') {
        point = at++;
        for (; at < end && (digit = (unsigned)(unsigned char)*at - '0') <= 9; at++) whole = whole * 10 + digit;
    }
    bool some = at - from > out->minus + (point != NULL);
    out->whole = whole;
    out->places = -1;
    if (some && at - from <= 18 && whole <= (uint64_t)1 << 53)
        out->places = point ? (signed char)(at - point - 1) : 0;
    return at;
}
/* The same of all of a text. */
Decimal decimal_of(const char *text, size_t n);
double decimal_value(Decimal decimal);

typedef struct {
    int32_t *narrow; /* or: */
    double *wide;
    int places; /* of the unit of `narrow` */
    int capacity;
} Decimals;
enum { DECIMAL_MISSING = INT32_MIN, DECIMAL_MINUS_ZERO }; /* in `narrow` */

/* Room for `capacity` rows, of which the first `n` are kept. */
bool decimals_reserve(Decimals *decimals, int n, int capacity, Arena *arena);
/* The number of row `n`, when those of the rows before are there. NaN: missing. */
bool decimals_add(Decimals *decimals, int n, Decimal decimal, Arena *arena);
bool decimals_add_double(Decimals *decimals, int n, double value, Arena *arena);
double decimals_unit(const Decimals *decimals);

/* A number as it was written. */
static inline double decimal_number(int32_t whole, double unit)
{
    if (whole > DECIMAL_MINUS_ZERO) return whole / unit;
    return whole == DECIMAL_MISSING ? NAN : -0.0;
}
#endif
