/* plan/runtime/date.h - a date or time as its column's format has it (data/dates.h), as seconds since
 * 1970. */
#ifndef CONSORT_PLAN_RUNTIME_DATE_H
#define CONSORT_PLAN_RUNTIME_DATE_H
#include <math.h>
#include <string.h>

#include "plan/runtime/calendar.h"

static const char *const rt_months[12] = {"january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december"};
static const char *const rt_weekdays[7] = {"monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday"};

/* What was read so far; -1: not said. */
typedef struct {
    int year, month, day, hour, minute, second, half, offset, counted;
    double fraction, since;
} rt_moment;

static inline int rt_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char rt_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline int rt_digits_of(const char **t, const char *end, int least, int most, int *out)
{
    int n = 0, value = 0;
    for (; n < most && *t < end && rt_is_digit(**t); n++) value = value * 10 + (*(*t)++ - '0');
    *out = value;
    return n >= least;
}

static inline int rt_fraction(const char **t, const char *end, double *out)
{
    double value = 0, unit = 1;
    const char *from = *t;
    for (; *t < end && rt_is_digit(**t); ++*t)
        if (*t - from < 15) {
            value = value * 10 + (**t - '0');
            unit *= 10;
        }
    *out = value / unit;
    return *t > from;
}

/* A name or its first three letters: which of n. */
static inline int rt_name(const char **t, const char *end, const char *const *names, int n, int *out)
{
    int i, k, ends;
    for (i = 0; i < n; i++) {
        for (k = 0; names[i][k] && *t + k < end && rt_lower((*t)[k]) == names[i][k];) k++;
        ends = *t + k == end || rt_lower((*t)[k]) < 'a' || rt_lower((*t)[k]) > 'z';
        if (k < 3 || !ends) continue;
        if (names[i][k] && k != 3 && !(k == 4 && strcmp(names[i], "september") == 0)) continue;
        *t += k;
        *out = i;
        return 1;
    }
    return 0;
}

static inline int rt_offset(const char **t, const char *end, int *out)
{
    static const char *const zero[3] = {"utc", "gmt", "z"};
    int i, k, west, colon, hours, minutes = 0;
    for (i = 0; i < 3; i++) {
        for (k = 0; zero[i][k] && *t + k < end && rt_lower((*t)[k]) == zero[i][k];) k++;
        if (zero[i][k]) continue;
        *t += k;
        *out = 0;
        return 1;
    }
    if (*t == end || (**t != '+' && **t != '-')) return 0;
    west = *(*t)++ == '-';
    if (!rt_digits_of(t, end, 2, 2, &hours)) return 0;
    colon = *t < end && **t == ':';
    *t += colon;
    if ((colon || (*t < end && rt_is_digit(**t))) && !rt_digits_of(t, end, 2, 2, &minutes)) return 0;
    *out = (west ? -1 : 1) * (hours * 60 + minutes) * 60;
    return hours < 24 && minutes < 60;
}

static inline int rt_since(const char **t, const char *end, double unit, double *out)
{
    int minus = *t < end && **t == '-';
    double value = 0, part = 0;
    const char *from;
    *t += minus;
    from = *t;
    for (; *t < end && rt_is_digit(**t) && *t - from < 15; ++*t) value = value * 10 + (**t - '0');
    if (*t == from) return 0;
    if (*t < end && **t == '.') {
        ++*t;
        if (*t < end && !rt_fraction(t, end, &part)) return 0;
    }
    *out = (minus ? -(value + part) : value + part) / unit;
    return *out >= -62135596800.0 && *out < 253402300800.0;
}

static inline int rt_half(const char **t, const char *end, int *out)
{
    int dots;
    if (end - *t < 2 || (rt_lower(**t) != 'a' && rt_lower(**t) != 'p')) return 0;
    *out = rt_lower(**t) == 'p';
    dots = end - *t >= 4 && (*t)[1] == '.' && (*t)[3] == '.';
    if (rt_lower((*t)[dots ? 2 : 1]) != 'm') return 0;
    *t += dots ? 4 : 2;
    return 1;
}

static inline int rt_directive(const char *f, int packed, const char **t, const char *end, rt_moment *m)
{
    const char next = f[1], after = f[1] ? f[2] : '\0';
    int close = next == '%' && after != 'b' && after != 'B' && after != 'p' && after != 'z';
    int least = close || packed ? 2 : 1, unused;
    switch (*f) {
    case 'Y': return rt_digits_of(t, end, 4, 4, &m->year);
    case 'y':
        if (!rt_digits_of(t, end, 2, 2, &m->year)) return 0;
        m->year += m->year < 69 ? 2000 : 1900;
        return 1;
    case 'm': return rt_digits_of(t, end, least, 2, &m->month);
    case 'd': return rt_digits_of(t, end, least, 2, &m->day);
    case 'H': case 'I': return rt_digits_of(t, end, least, 2, &m->hour);
    case 'M': return rt_digits_of(t, end, 2, 2, &m->minute);
    case 'S':
        if (!rt_digits_of(t, end, 2, 2, &m->second)) return 0;
        if (next == '.' || next == ',' || end - *t < 2 || (**t != '.' && **t != ',') || !rt_is_digit((*t)[1]))
            return 1;
        ++*t;
        return rt_fraction(t, end, &m->fraction);
    case 'f': return rt_fraction(t, end, &m->fraction);
    case 'b': case 'B':
        if (!rt_name(t, end, rt_months, 12, &m->month)) return 0;
        m->month++;
        return 1;
    case 'a': case 'A': return rt_name(t, end, rt_weekdays, 7, &unused);
    case 'p': return rt_half(t, end, &m->half);
    case 'z': return rt_offset(t, end, &m->offset);
    case 's': case 'Q':
        m->counted = 1;
        return rt_since(t, end, *f == 's' ? 1.0 : 1000.0, &m->since);
    default: return 0;
    }
}

/* As strptime's; what stands in [brackets] may be left out, a blank also takes a T. */
static inline int rt_match(const char *f, const char *t, const char *end, rt_moment *m)
{
    const char *last = 0;
    while (*f) {
        if (*f == ']') {
            f++;
        } else if (*f == '[') {
            const rt_moment kept = *m;
            int open = 1;
            if (rt_match(f + 1, t, end, m)) return 1;
            *m = kept;
            for (f++; open > 0; f++) open += (*f == '[') - (*f == ']');
        } else if (*f == '%') {
            if (!rt_directive(f + 1, f == last, &t, end, m)) return 0;
            last = f += 2;
        } else if (*f == ' ') {
            const char *from = t;
            if (t < end && rt_lower(*t) == 't') t++;
            else while (t < end && *t == ' ') t++;
            if (t == from) return 0;
            f++;
        } else {
            if (t == end || *t != *f) return 0;
            t++;
            f++;
        }
    }
    return t == end;
}

/* Seconds since 1970; NAN where the text is no date. */
static inline double rt_date(const char *format, const char *text, size_t n)
{
    rt_moment m = {-1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0};
    int days, k;
    double out;
    if (!rt_match(format, text, text + n, &m)) return (double)NAN;
    if (m.counted) return m.since;
    if (m.year < 0) m.year = 1970;
    if (m.month < 0) m.month = 1;
    if (m.day < 0) m.day = 1;
    if (m.hour < 0) m.hour = 0;
    if (m.minute < 0) m.minute = 0;
    if (m.second < 0) m.second = 0;
    if (m.year < 1 || m.month < 1 || m.month > 12 || m.day < 1 || m.day > rt_month_days(m.year, m.month - 1))
        return (double)NAN;
    if (m.half >= 0) {
        if (m.hour < 1 || m.hour > 12) return (double)NAN;
        m.hour = m.hour % 12 + 12 * m.half;
    }
    if (m.hour > 23 || m.minute > 59 || m.second > 60) return (double)NAN;
    days = rt_days_before(m.year) - 719162 + m.day - 1;
    for (k = 0; k < m.month - 1; k++) days += rt_month_days(m.year, k);
    out = (double)days * 86400 + m.hour * 3600 + m.minute * 60 + m.second - m.offset + m.fraction;
    return out >= -62135596800.0 && out < 253402300800.0 ? out : (double)NAN;
}
#endif
