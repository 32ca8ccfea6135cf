/* Times of day as numbers. */
#include "base/utc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Days by Howard Hinnant's civil-from-days formula run backwards ("chrono-compatible low-level date
 * algorithms"). */
double utc_seconds(const char *text)
{
    int year, month, day, hour, minute, n = 0;
    double second;
    if (!text) return NAN;
    if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%n", &year, &month, &day, &hour, &minute, &n) < 5 ||
        n == 0)
        return NAN;
    char *end;
    second = strtod(text + n, &end);
    if (end == text + n || month < 1 || month > 12) return NAN;
    int shifted = year - (month <= 2), era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int of_era = shifted - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    double days = era * 146097.0 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}
