/* data/decimals.c - whole numbers of one unit, as long as they are. */
#include "data/decimals.h"

#include <string.h>

enum { MOST_PLACES = 9,           /* of a unit: with more, ten digits do not reach 1 */
       LARGEST = INT32_MAX - 1 }; /* and its negative is no word of its own */

static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                               1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

Decimal decimal_of(const char *text, size_t n)
{
    Decimal decimal;
    if (decimal_read(text, text + n, &decimal) != text + n) decimal.places = -1;
    return decimal;
}

double decimal_value(Decimal d)
{
    double value = (double)d.whole / power[(int)d.places];
    return d.minus ? -value : value;
}

bool decimals_reserve(Decimals *d, int n, int capacity, Arena *arena)
{
    size_t size = d->wide ? sizeof *d->wide : sizeof *d->narrow;
    void *cells = arena_room(arena, (size_t)capacity, size);
    if (!cells) return false;
    if (n > 0) memcpy(cells, d->wide ? (void *)d->wide : d->narrow, (size_t)n * size);
    if (d->wide) d->wide = cells;
    else d->narrow = cells;
    d->capacity = capacity;
    return true;
}

static bool widen(Decimals *d, int n, Arena *arena)
{
    if (d->wide) return true;
    d->wide = arena_room(arena, (size_t)d->capacity, sizeof *d->wide);
    if (!d->wide) return false;
    for (int i = 0; i < n; i++) d->wide[i] = decimal_number(d->narrow[i], power[d->places]);
    d->narrow = NULL;
    return true;
}

/* Makes the unit smaller, if the n numbers allow it. */
static bool refine(Decimals *d, int n, int places)
{
    int32_t times = (int32_t)power[places - d->places], most = LARGEST / times;
    for (int i = 0; i < n; i++)
        if (d->narrow[i] > DECIMAL_MINUS_ZERO && (d->narrow[i] > most || d->narrow[i] < -most)) return false;
    for (int i = 0; i < n; i++)
        if (d->narrow[i] > DECIMAL_MINUS_ZERO) d->narrow[i] *= times;
    d->places = places;
    return true;
}

bool decimals_add(Decimals *d, int n, Decimal new, Arena *arena)
{
    uint64_t whole = new.whole;
    if (d->narrow && new.places != d->places && whole <= LARGEST) {
        if (new.places < d->places) whole *= (uint64_t)power[d->places - new.places];
        else if (new.places > MOST_PLACES || !refine(d, n, new.places)) whole = UINT64_MAX;
    }
    if (!d->narrow || whole > LARGEST) return decimals_add_double(d, n, decimal_value(new), arena);
    d->narrow[n] = !new.minus ? (int32_t)whole : whole ? -(int32_t)whole : DECIMAL_MINUS_ZERO;
    return true;
}

bool decimals_add_double(Decimals *d, int n, double value, Arena *arena)
{
    if (d->narrow && isnan(value)) {
        d->narrow[n] = DECIMAL_MISSING;
        return true;
    }
    if (!widen(d, n, arena)) return false;
    d->wide[n] = value;
    return true;
}

double decimals_unit(const Decimals *d)
{
    return power[d->places];
}
