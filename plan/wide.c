/* Where a float is enough to encode a column: by a bound on the error of its features.
 *
 * With u = 2^-24, the relative error of a number that becomes a float, and x = (v - s) k the feature of a
 * number v, S = |s k| says how far the column lies from 0, in units of its spread: |v k| <= S + |x|. Then
 *
 *     v and s become floats        u (|v| + |s|) |k|  <=  u (2 S + |x|)
 *     their difference             u |x|
 *     k becomes a float, times k   2 u |x|
 *     a smooth clip                contracts, and then |x| < 3: five operations, 15 u at most
 *
 * and all of it is at most u (2 S + 19) max(1, |x|). Of a bin between edges a and b, in which what is said
 * of v lies between 0 and 1, M = max(|a|, |b|), the same with edges as floats:
 *
 *     v, a, b become floats        u (2 M + 2 M) / (b - a)
 *     differences and ratio        4 u
 *
 * Where these exceed 1e-5, the column is wide. So is one with knots, whatever they are: a normal score climbs
 * by 1.9e6 a unit of rank at its ends, where a float's last digit is seen. Dates are, since seconds since 1970
 * are more than a float has digits for.
 */
#include <math.h>

#include "plan/plan.h"

static const double unit = 0x1p-24, most = 1e-5;

/* Large and small numbers that a float cannot hold, or holds with fewer digits. */
static bool is_float(double v)
{
    return v == 0 || (fabs(v) > 1e-30 && fabs(v) < 1e30);
}

bool plan_column_wide(const PrepColumn *column)
{
    if (column->kind == COLUMN_DATE || column->n_knots > 0) return true;
    if (column->scale != 0) {
        if (!is_float(column->shift) || !is_float(column->scale) || !is_float(column->fill)) return true;
        if (unit * (2 * fabs(column->shift * column->scale) + 19) > most) return true;
    }
    for (int t = 1; column->edges && t < column->n_edges; t++) {
        const double a = column->edges[t - 1], b = column->edges[t];
        if (!is_float(a) || !is_float(b)) return true;
        if (unit * (4 * fmax(fabs(a), fabs(b)) / (b - a) + 4) > most) return true;
    }
    return false;
}

bool plan_derived_wide(const Prep *prep, int k)
{
    const DeriveKind kind = prep->derived[k].kind;
    const bool looked_up = kind == DERIVE_TARGET || kind == DERIVE_MEAN;
    return !looked_up || plan_column_wide(&prep->columns[prep_table_columns(prep) + k]);
}
