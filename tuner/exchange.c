#include "tuner/exchange.h"

#include <math.h>
#include <stdlib.h>

/* ---- the best few ------------------------------------------------------------------------------ */

static int smaller_first(const void *a, const void *b)
{
    const TrialRow *x = a, *y = b;
    bool has_x = x->state == TRIAL_COMPLETE && !isnan(x->value);
    bool has_y = y->state == TRIAL_COMPLETE && !isnan(y->value);
    if (has_x != has_y) return has_y - has_x;
    if (has_x && x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int larger_first(const void *a, const void *b)
{
    TrialRow x = *(const TrialRow *)a, y = *(const TrialRow *)b;
    x.value = -x.value;
    y.value = -y.value;
    return smaller_first(&x, &y);
}

static int by_number(const void *a, const void *b)
{
    const TrialRow *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

int exchange_top(TrialRow *rows, int n, int top, bool maximize)
{
    if (top <= 0 || top >= n) return n;
    qsort(rows, (size_t)n, sizeof *rows, maximize ? larger_first : smaller_first);
    qsort(rows, (size_t)top, sizeof *rows, by_number);
    return top;
}
