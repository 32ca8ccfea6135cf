/* plan/runtime/date_parts.h - what a calendar says of a moment: year, month, weekday, hour; `parts` has a
 * bit for each that is a feature, or two (sine and cosine of its place in the cycle). All are 0 where it
 * is missing. */
#ifndef CONSORT_PLAN_RUNTIME_DATE_PARTS_H
#define CONSORT_PLAN_RUNTIME_DATE_PARTS_H
#include <math.h>

#include "plan/runtime/calendar.h"

static inline void rt_date_parts(double days, unsigned parts, double year_shift, double year_scale, float *f)
{
    static const float turn[4] = {0, 0.523598776f, 0.897597901f, 0.261799388f}; /* 2 pi by 12, 7 and 24 */
    double year_feature = 0;
    float part[4] = {0, 0, 0, 0};
    const int there = isfinite(days);
    if (there) {
        const double seconds = floor(days * 86400e6 + 0.5) / 1e6, whole = floor(seconds / 86400);
        int day = (int)whole + 719162, year = (int)((double)day * 400 / 146097) + 1, month = 0;
        part[2] = (float)(day % 7);
        part[3] = (float)((seconds - whole * 86400) / 3600);
        while (rt_days_before(year) > day) year--;
        while (rt_days_before(year + 1) <= day) year++;
        for (day -= rt_days_before(year); day >= rt_month_days(year, month); month++)
            day -= rt_month_days(year, month);
        year_feature = (year - year_shift) * year_scale;
        part[1] = (float)month;
    }
    if (parts & 1) *f++ = (float)year_feature;
    for (int p = 1; p < 4; p++) {
        if (!(parts >> p & 1)) continue;
        *f++ = there ? sinf(turn[p] * part[p]) : 0.0f;
        *f++ = there ? cosf(turn[p] * part[p]) : 0.0f;
    }
}
#endif
