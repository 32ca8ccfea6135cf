/* plan/runtime/parse.h - a decimal number, whatever the locale. A comma is a point where `comma` says so. */
#ifndef CONSORT_PLAN_RUNTIME_PARSE_H
#define CONSORT_PLAN_RUNTIME_PARSE_H
#include <math.h>
#include <stddef.h>

/* inf, infinity or nan, in letters of any case. */
static inline int rt_no_number(const char *text, size_t n)
{
    static const char *const words[3] = {"inf", "infinity", "nan"};
    for (int w = 0; w < 3; w++) {
        size_t i = 0;
        while (i < n && words[w][i] && (text[i] | 32) == words[w][i]) i++;
        if (i == n && !words[w][i]) return 1;
    }
    return 0;
}

static inline double rt_times_ten(double value, int exponent)
{
    const int down = exponent < 0;
    double power = 1;
    if (down) exponent = -exponent;
    if (exponent > 400) exponent = 400;
    if (exponent <= 22) { /* powers of ten up to here are exact: round once */
        for (; exponent > 0; exponent--) power *= 10;
        return down ? value / power : value * power;
    }
    for (; exponent > 0; exponent--) value = down ? value / 10 : value * 10;
    return value;
}

/* 0 when the text is none. */
static inline int rt_parse(const char *text, size_t n, int comma, double *number)
{
    size_t i = 0;
    double value = 0;
    int digits = 0, exponent = 0, written = 0, point = 0;
    const int minus = n > 0 && text[0] == '-';
    if (n > 0 && (text[0] == '-' || text[0] == '+')) i++;
    if (rt_no_number(text + i, n - i)) {
        *number = (double)NAN;
        return 1;
    }
    for (; i < n; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            digits = 1;
            if (value < 1e18) {
                value = 10 * value + (text[i] - '0');
                exponent -= point;
            } else if (exponent < 100000) {
                exponent += !point;
            }
        } else if (!point && (text[i] == '.' || (comma && text[i] == ','))) {
            point = 1;
        } else {
            break;
        }
    }
    if (!digits) return 0;
    if (i < n && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        const int down = i < n && text[i] == '-';
        if (i < n && (text[i] == '-' || text[i] == '+')) i++;
        if (i == n) return 0;
        for (; i < n && text[i] >= '0' && text[i] <= '9'; i++)
            if (written < 1000000) written = 10 * written + (text[i] - '0');
        exponent += down ? -written : written;
    }
    if (i < n) return 0;
    value = rt_times_ten(value, exponent);
    *number = minus ? -value : value;
    return 1;
}
#endif
