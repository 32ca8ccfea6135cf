/* plan/runtime/calendar.h - the Gregorian calendar, also before its time. */
#ifndef CONSORT_PLAN_RUNTIME_CALENDAR_H
#define CONSORT_PLAN_RUNTIME_CALENDAR_H

static inline int rt_month_days(int year, int month)
{
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (month == 1 && leap);
}

/* Days from the first day of year 1 to that of `year`. */
static inline int rt_days_before(int year)
{
    const int past = year - 1;
    return 365 * past + past / 4 - past / 100 + past / 400;
}
#endif
