/* data/dates.c - reads dates by a format, finds the format, and knows the calendar. */
#include "data/dates.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LIST_FORMAT(format, found, other) format,
const char *const date_formats[] = {DATE_FORMAT_LIST(LIST_FORMAT) NULL};
#undef LIST_FORMAT
#define LIST_FORMAT(format, found, other) {found, other},
static const struct {
    bool found;
    int other;
} known[] = {DATE_FORMAT_LIST(LIST_FORMAT)};
const char *const date_part_names[] = {DATE_PART_LIST(LIST_NAME) NULL};

enum { MOST_BRACKETS = 12, EPOCH_DAY = 719162, DAY_S = 86400, CYCLE_DAYS = 146097 };
static const char month_names[12][10] = {"january", "february", "march", "april", "may", "june", "july",
                                         "august", "september", "october", "november", "december"};
static const char weekday_names[7][10] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                                          "sunday"};

int date_other_order(int format)
{
    return known[format].other ? format + known[format].other : -1;
}

/* ---- the calendar ---- */

static int is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month] + (month == 1 && is_leap(year));
}

/* Days from the first day of year 1 to that of `year`. */
static int days_before(int year)
{
    int past = year - 1;
    return 365 * past + past / 4 - past / 100 + past / 400;
}

static void calendar(int day, int *year, int *month, int *of_month)
{
    int y = (int)((int64_t)day * 400 / CYCLE_DAYS) + 1;
    while (days_before(y) > day) y--;
    while (days_before(y + 1) <= day) y++;
    day -= days_before(y);
    int m = 0;
    while (day >= month_days(y, m)) day -= month_days(y, m++);
    *year = y, *month = m, *of_month = day;
}

void date_parts(double seconds, double part[DATE_PART_COUNT])
{
    double days = floor(seconds / DAY_S);
    int day = (int)days + EPOCH_DAY, year, month, of_month;
    calendar(day, &year, &month, &of_month);
    part[DATE_YEAR] = year;
    part[DATE_MONTH] = month;
    part[DATE_WEEKDAY] = day % 7; /* the first day of year 1 is a Monday */
    part[DATE_HOUR] = (seconds - days * DAY_S) / 3600;
}

double date_cycle(DatePart part)
{
    static const double cycles[DATE_PART_COUNT] = {[DATE_MONTH] = 12, [DATE_WEEKDAY] = 7, [DATE_HOUR] = 24};
    return cycles[part];
}

bool date_is_clock(const char *format)
{
    for (const char *f = format; (f = strchr(f, '%')) != NULL && f[1]; f += 2)
        if (strchr("YymdbBsQ", f[1])) return false;
    return true;
}

const char *date_text(double seconds, bool clock, char *out)
{
    enum { ROOM = 40 };
    if (!date_is_there(seconds)) return strcpy(out, "");
    double days = floor(seconds / DAY_S), rest = seconds - days * DAY_S;
    int year, month, day, second = (int)rest, n = 0;
    calendar((int)days + EPOCH_DAY, &year, &month, &day);
    if (!clock) n = snprintf(out, ROOM, "%04d-%02d-%02d", year, month + 1, day + 1);
    if (!clock && rest == 0) return out;
    n += snprintf(out + n, (size_t)(ROOM - n), "%s%02d:%02d", n ? "T" : "", second / 3600, second / 60 % 60);
    if (rest != second / 60 * 60) n += snprintf(out + n, (size_t)(ROOM - n), ":%02d", second % 60);
    if (rest != second) {
        n += snprintf(out + n, (size_t)(ROOM - n), ".%06d",
                      (int)fmin(floor((rest - second) * 1e6 + 0.5), 999999));
        while (out[n - 1] == '0') out[--n] = '\0';
        if (out[n - 1] == '.') out[n - 1] = '\0';
    }
    return out;
}

/* ---- reading ---- */

/* What was read so far; -1: not said. */
typedef struct {
    int year, month, day, hour, minute, second, half; /* half: 0 AM, 1 PM */
    double fraction, since;
    int offset; /* seconds east of UTC */
} Moment;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Between `least` and `most` digits. */
static bool digits(const char **t, const char *end, int least, int most, int *out)
{
    int n = 0, value = 0;
    for (; n < most && *t < end && is_digit(**t); n++) value = value * 10 + (*(*t)++ - '0');
    *out = value;
    return n >= least;
}

static bool fraction(const char **t, const char *end, double *out)
{
    double value = 0, unit = 1;
    const char *from = *t;
    for (; *t < end && is_digit(**t); ++*t)
        if (*t - from < 15) value = value * 10 + (**t - '0'), unit *= 10;
    *out = value / unit;
    return *t > from;
}

/* A name or its first three letters: which of n. */
static bool name(const char **t, const char *end, const char (*names)[10], int n, int *out)
{
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (names[i][k] && *t + k < end && lower((*t)[k]) == names[i][k]) k++;
        bool ends = *t + k == end || lower((*t)[k]) < 'a' || lower((*t)[k]) > 'z';
        bool whole = !names[i][k] || k == 3 || (k == 4 && strcmp(names[i], "september") == 0);
        if (k < 3 || !ends || !whole) continue;
        *t += k;
        *out = i;
        return true;
    }
    return false;
}

static bool offset(const char **t, const char *end, int *out)
{
    static const char *const zero[] = {"utc", "gmt", "z"};
    for (int i = 0; i < 3; i++) {
        int k = 0;
        while (zero[i][k] && *t + k < end && lower((*t)[k]) == zero[i][k]) k++;
        if (zero[i][k]) continue;
        *t += k;
        *out = 0;
        return true;
    }
    if (*t == end || (**t != '+' && **t != '-')) return false;
    bool west = *(*t)++ == '-';
    int hours, minutes = 0;
    if (!digits(t, end, 2, 2, &hours)) return false;
    bool colon = *t < end && **t == ':';
    *t += colon;
    if ((colon || (*t < end && is_digit(**t))) && !digits(t, end, 2, 2, &minutes)) return false;
    *out = (west ? -1 : 1) * (hours * 60 + minutes) * 60;
    return hours < 24 && minutes < 60;
}

/* Seconds or thousandths of them since 1970. */
static bool since(const char **t, const char *end, double unit, double *out)
{
    bool minus = *t < end && **t == '-';
    double value = 0, part = 0;
    *t += minus;
    const char *from = *t;
    for (; *t < end && is_digit(**t) && *t - from < 15; ++*t) value = value * 10 + (**t - '0');
    if (*t == from) return false;
    if (*t < end && **t == '.') {
        ++*t;
        if (*t < end && !fraction(t, end, &part)) return false;
    }
    *out = (minus ? -(value + part) : value + part) / unit;
    return date_is_there(*out);
}

static bool half(const char **t, const char *end, int *out)
{
    if (end - *t < 2 || (lower(**t) != 'a' && lower(**t) != 'p')) return false;
    *out = lower(**t) == 'p';
    bool dots = end - *t >= 4 && (*t)[1] == '.' && (*t)[3] == '.';
    if (lower((*t)[dots ? 2 : 1]) != 'm') return false;
    *t += dots ? 4 : 2;
    return true;
}

/* One directive, of which f is the letter; `packed`: another one stands right before it. */
static bool directive(const char *f, bool packed, const char **t, const char *end, Moment *m)
{
    const char next = f[1], after = next ? f[2] : '\0';
    bool close = next == '%' && after != 'b' && after != 'B' && after != 'p' && after != 'z';
    int least = close || packed ? 2 : 1, unused;
    switch (*f) {
    case 'Y': return digits(t, end, 4, 4, &m->year);
    case 'y':
        if (!digits(t, end, 2, 2, &m->year)) return false;
        m->year += m->year < 69 ? 2000 : 1900;
        return true;
    case 'm': return digits(t, end, least, 2, &m->month);
    case 'd': return digits(t, end, least, 2, &m->day);
    case 'H': case 'I': return digits(t, end, least, 2, &m->hour);
    case 'M': return digits(t, end, 2, 2, &m->minute);
    case 'S':
        if (!digits(t, end, 2, 2, &m->second)) return false;
        if (next == '.' || next == ',' || end - *t < 2 || (**t != '.' && **t != ',') || !is_digit((*t)[1]))
            return true;
        ++*t;
        return fraction(t, end, &m->fraction);
    case 'f': return fraction(t, end, &m->fraction);
    case 'b': case 'B':
        if (!name(t, end, month_names, 12, &m->month)) return false;
        m->month++;
        return true;
    case 'a': case 'A': return name(t, end, weekday_names, 7, &unused);
    case 'p': return half(t, end, &m->half);
    case 'z': return offset(t, end, &m->offset);
    case 's': return since(t, end, 1, &m->since);
    case 'Q': return since(t, end, 1000, &m->since);
    default: return false;
    }
}

/* Behind the bracket that closes the one before f. */
static const char *behind(const char *f)
{
    for (int open = 1; open > 0; f++) open += (*f == '[') - (*f == ']');
    return f;
}

static bool match(const char *f, const char *t, const char *end, Moment *m)
{
    const char *last = NULL;
    while (*f) {
        if (*f == ']') {
            f++;
        } else if (*f == '[') {
            Moment kept = *m;
            if (match(f + 1, t, end, m)) return true;
            *m = kept;
            f = behind(f + 1);
        } else if (*f == '%') {
            if (!directive(f + 1, f == last, &t, end, m)) return false;
            last = f += 2;
        } else if (*f == ' ') {
            const char *from = t;
            if (t < end && lower(*t) == 't') t++;
            else while (t < end && *t == ' ') t++;
            if (t == from) return false;
            f++;
        } else {
            if (t == end || *t != *f) return false;
            t++, f++;
        }
    }
    return t == end;
}

/* False where the calendar or the clock has no such moment. */
static bool moment_seconds(const Moment *m, double *out)
{
    int hour = m->hour < 0 ? 0 : m->hour, minute = m->minute < 0 ? 0 : m->minute;
    int second = m->second < 0 ? 0 : m->second;
    if (m->since > -INFINITY) return *out = m->since, true;
    if (m->year == 0 && m->month == 0 && m->day == 0) return *out = NAN, true;
    int year = m->year < 0 ? 1970 : m->year, month = m->month < 0 ? 1 : m->month, day = m->day < 0 ? 1 : m->day;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_days(year, month - 1)) return false;
    if (m->half >= 0) {
        if (hour < 1 || hour > 12) return false;
        hour = hour % 12 + 12 * m->half;
    }
    if (hour > 23 || minute > 59 || second > 60) return false;
    int days = days_before(year) - EPOCH_DAY + day - 1;
    for (int k = 0; k < month - 1; k++) days += month_days(year, k);
    double whole = (double)days * DAY_S + hour * 3600 + minute * 60 + second - m->offset;
    *out = whole + m->fraction;
    return date_is_there(*out);
}

bool date_read(const char *format, const char *text, size_t n, double *seconds)
{
    Moment m = {-1, -1, -1, -1, -1, -1, -1, 0, -INFINITY, 0};
    return match(format, text, text + n, &m) && moment_seconds(&m, seconds);
}

bool date_format_check(const char *format, const char **why)
{
    int open = 0, brackets = 0, moment = 0;
    *why = NULL;
    if (strlen(format) >= DATE_FORMAT_LONGEST) *why = "it is too long";
    for (const char *f = format; *f && !*why; f++) {
        open += (*f == '[') - (*f == ']');
        brackets += *f == '[';
        if (open < 0) *why = "a `]` closes nothing";
        if (*f != '%') continue;
        f++;
        bool known_one = *f && strchr("YymdHIMSfbBaApzsQ", *f);
        if (!known_one) *why = "it knows %Y %y %m %d %b %B %a %H %I %M %S %f %p %z %s %Q";
        else moment += strchr("YyHIsQ", *f) != NULL;
        if (!*f) break;
    }
    if (!*why && open) *why = "a `[` is not closed";
    if (!*why && brackets > MOST_BRACKETS) *why = "it has too many brackets";
    if (!*why && !moment) *why = "it has neither a year (%Y) nor an hour (%H)";
    return !*why;
}

/* ---- finding the format ---- */

bool date_look_add(DateLook *look, const char *text, size_t n)
{
    double seconds;
    bool left = false, digit = false;
    for (size_t i = 0; i < n && !digit; i++) digit = is_digit(text[i]);
    for (int f = 0; f < DATE_FORMAT_COUNT && digit; f++)
        look->read[f] += date_read(date_formats[f], text, n, &seconds);
    look->n++;
    for (int f = 0; f < DATE_FORMAT_COUNT; f++) left = left || (known[f].found && look->read[f] == look->n);
    return left;
}

bool date_is_found(int format)
{
    return known[format].found;
}

int date_look_best(const DateLook *look, bool all)
{
    int best = -1;
    for (int f = 0; f < DATE_FORMAT_COUNT; f++) {
        bool fits = all ? known[f].found && look->read[f] == look->n : look->read[f] > 0;
        if (fits && (best < 0 || look->read[f] > look->read[best])) best = f;
    }
    return best;
}
