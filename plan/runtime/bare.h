/* plan/runtime/bare.h - a number as people write it for people, without its signs: currency, percent,
 * thousands (data/dressed.h). */
#ifndef CONSORT_PLAN_RUNTIME_BARE_H
#define CONSORT_PLAN_RUNTIME_BARE_H
#include <string.h>

enum { RT_BARE_MOST = 64 };

/* Blanks, also those of typography, apostrophes and signs of currencies, in UTF-8; a null pointer behind
 * them. */
typedef struct {
    const char *const *blanks, *const *quotes, *const *currencies;
} rt_signs;

static inline size_t rt_one_of(const char *const *list, const char *text, size_t n)
{
    for (; *list; list++) {
        const size_t k = strlen(*list);
        if (n >= k && memcmp(text, *list, k) == 0) return k;
    }
    return 0;
}

/* The length of a currency; 0: none. One of letters is none right before a digit. */
static inline size_t rt_currency_at(const rt_signs *signs, const char *text, size_t n, int in_front)
{
    const size_t k = rt_one_of(signs->currencies, text, n);
    if (!in_front || k == 0 || k == n || text[k] < '0' || text[k] > '9') return k;
    return *text >= 'A' && *text <= 'z' && text[k - 1] != '\044' && text[k - 1] != '.' ? 0 : k;
}

/* The digits, from `*at` on, with a point for the decimal character; 0: a separator where none belongs. */
static inline size_t rt_bare_digits(const rt_signs *signs, char thousands, char decimal, const char *text,
                                    size_t n, size_t *at, char *out, size_t k)
{
    size_t i = *at, group = 0, parts = 0, digits = 0, width = 3, leading = 0;
    int point = 0;
    while (i < n && k + 2 < RT_BARE_MOST) {
        size_t gap = 0;
        if (thousands == ' ' && !point) gap = rt_one_of(signs->blanks, text + i, n - i);
        else if (thousands == '\'' && !point) gap = rt_one_of(signs->quotes, text + i, n - i);
        else if (thousands && !point) gap = text[i] == thousands;
        if (text[i] >= '0' && text[i] <= '9') {
            out[k++] = text[i++];
            digits++;
            if (!point) group++;
        } else if (text[i] == decimal && !point) {
            point = 1;
            out[k++] = '.';
            i++;
        } else if (gap && i + gap < n && text[i + gap] >= '0' && text[i + gap] <= '9') {
            if (parts == 0) leading = group;
            if (parts == 1 && group == 2 && thousands == ',' && leading < 3) width = 2;
            if (parts ? group != width : group < 1 || group > 3 || (group == 1 && out[k - 1] == '0')) return 0;
            parts++;
            group = 0;
            i += gap;
        } else {
            break;
        }
    }
    *at = i;
    return digits && (!parts || group == 3) ? k : 0;
}

/* The number as -1234.5 in `out` (RT_BARE_MOST); returns its length, 0: it is none. */
static inline size_t rt_bare(const rt_signs *signs, char thousands, char decimal, const char *text, size_t n,
                             char *out)
{
    size_t i = 0, k = 0, step;
    int open = 0, sign = 0, minus = 0;
    for (; i < n; i += step) {
        step = 1;
        if (text[i] == '(' && !open && !sign) {
            open = 1;
        } else if ((text[i] == '-' || text[i] == '+') && !sign) {
            sign = 1;
            minus = text[i] == '-';
        } else if (!sign && n - i >= 3 && memcmp(text + i, "\342\210\222", 3) == 0) { /* a long one */
            sign = minus = 1;
            step = 3;
        } else {
            step = rt_one_of(signs->blanks, text + i, n - i);
            if (!step) step = rt_currency_at(signs, text + i, n - i, 1);
            if (!step) break;
        }
    }
    if (minus || open) out[k++] = '-';
    k = rt_bare_digits(signs, thousands, decimal, text, n, &i, out, k);
    if (!k) return 0;
    for (; i < n; i += step) {
        step = 1;
        if (text[i] == ')' && open) {
            open = 0;
        } else if (text[i] != '%') {
            step = rt_one_of(signs->blanks, text + i, n - i);
            if (!step) step = rt_currency_at(signs, text + i, n - i, 0);
            if (!step) return 0;
        }
    }
    return open ? 0 : k;
}
#endif
