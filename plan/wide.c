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
 * Where these exceed `most`, the column is wide. So is one with knots, whatever they are: a normal score climbs
 * by 1.9e6 a unit of rank at its ends, where a float's last digit is seen. Dates are, since seconds since 1970
 * are more than a float has digits for.
 */
#include <math.h>

#include "plan/plan.h"

static const double unit = 0x1p-24;

/* Large and small numbers that a float cannot hold, or holds with fewer digits. */
static bool is_float(double v)
{
    return v == 0 || (fabs(v) > 1e-30 && fabs(v) < 1e30);
}

const char *const plan_wide_names[] = {PLAN_WIDE_LIST(LIST_NAME) NULL};

static PlanWide why_by(const PrepColumn *column, double most)
{
    if (column->kind == COLUMN_DATE) return WIDE_DATE;
    if (column->n_knots > 0) return WIDE_RANK;
    if (column->scale != 0) {
        if (!is_float(column->shift) || !is_float(column->scale) || !is_float(column->fill)) return WIDE_SIZE;
        if (unit * (2 * fabs(column->shift * column->scale) + 19) > most) return WIDE_DIGITS;
    }
    for (int t = 1; column->edges && t < column->n_edges; t++) {
        const double a = column->edges[t - 1], b = column->edges[t];
        if (!is_float(a) || !is_float(b)) return WIDE_SIZE;
        if (unit * (4 * fmax(fabs(a), fabs(b)) / (b - a) + 4) > most) return WIDE_BINS;
    }
    return WIDE_NOT;
}

PlanWide plan_column_why(const PrepColumn *column, double most)
{
    const PlanWide usual = why_by(column, PLAN_FEATURES), why = usual ? usual : why_by(column, most);
    return why == usual ? why : WIDE_STEEP;
}

PlanWide plan_derived_why(const Prep *prep, int k, double most)
{
    const DeriveKind kind = prep->derived[k].kind;
    const bool looked_up = kind == DERIVE_TARGET || kind == DERIVE_MEAN;
    return looked_up ? plan_column_why(&prep->columns[prep_table_columns(prep) + k], most) : WIDE_ARITHMETIC;
}
