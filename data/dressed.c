/* data/dressed.c - takes the currency, percent signs and thousands separators off a number. */
#include "data/dressed.h"

#include <stdlib.h>
#include <string.h>

#define LIST_STYLE(id, name, thousands, decimal) name,
const char *const number_style_names[] = {NUMBER_STYLE_LIST(LIST_STYLE) NULL};
#undef LIST_STYLE
#define LIST_STYLE(id, name, thousands, decimal) {thousands, decimal},
static const struct {
    char thousands, decimal;
} styles[] = {NUMBER_STYLE_LIST(LIST_STYLE)};

char dressed_thousands(NumberStyle style)
{
    return styles[style].thousands;
}

char dressed_decimal(NumberStyle style)
{
    return styles[style].decimal;
}

/* How many bytes of `text` are one of these characters; 0: none. */
static size_t one_of(const char *const *list, const char *text, size_t n)
{
    for (; *list; list++) {
        size_t k = strlen(*list);
        if (n >= k && memcmp(text, *list, k) == 0) return k;
    }
    return 0;
}

const char *const dressed_quotes[] = {"'", "\xE2\x80\x99", NULL};
const char *const dressed_blanks[] = {" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", NULL};
/* Longer ones first, where one begins another. */
const char *const dressed_currencies[] = {
    "$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xB9", "\xE2\x82\xA9", "\xE2\x82\xBD",
    "\xE2\x82\xBA", "\xE2\x82\xAA", "\xE2\x82\xAB", "\xE2\x82\xB4", "\xE2\x82\xB1", "\xE2\x82\xA6",
    "\xE0\xB8\xBF", "\xC2\xA2", "US$", "A$", "C$", "R$", "HK$", "NZ$", "USD", "EUR", "GBP", "JPY", "CNY",
    "CHF", "CAD", "AUD", "NZD", "INR", "SEK", "NOK", "DKK", "ISK", "PLN", "CZK", "HUF", "RON", "BRL", "MXN",
    "ZAR", "RUB", "TRY", "KRW", "SGD", "HKD", "Rs.", "Rs", "kr.", "kr", "Kr", "Ft", "z\xC5\x82",
    "K\xC4\x8D", NULL};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The length of a currency; 0: none. One of letters is none right before a digit. */
static size_t currency_at(const char *text, size_t n, bool in_front)
{
    size_t k = one_of(dressed_currencies, text, n);
    if (!in_front || k == 0 || k == n || !is_digit(text[k])) return k;
    bool letters = *text >= 'A' && *text <= 'z' && text[k - 1] != '$' && text[k - 1] != '.';
    return letters ? 0 : k;
}

/* The digits, from `*at` on, with a point for the decimal character; 0: a separator where none belongs. */
static size_t bare_digits(const char *text, size_t n, size_t *at, NumberStyle style, char *out,
                          size_t k)
{
    const char thousands = styles[style].thousands, decimal = styles[style].decimal;
    size_t i = *at, group = 0, parts = 0, digits = 0, width = 3, leading = 0;
    bool point = false;
    while (i < n && k + 2 < DRESSED_MOST) {
        size_t gap = !thousands || point ? 0
                     : thousands == ' '  ? one_of(dressed_blanks, text + i, n - i)
                     : thousands == '\'' ? one_of(dressed_quotes, text + i, n - i)
                                         : text[i] == thousands;
        if (is_digit(text[i])) {
            out[k++] = text[i++];
            digits++;
            group += !point;
        } else if (text[i] == decimal && !point) {
            point = true;
            out[k++] = '.';
            i++;
        } else if (gap && i + gap < n && is_digit(text[i + gap])) {
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
    out[k] = '\0';
    return digits && (!parts || group == 3) ? k : 0;
}

size_t dressed_bare(const char *text, size_t n, NumberStyle style, char *out)
{
    static const char minus_sign[] = "\xE2\x88\x92";
    size_t i = 0, k = 0, step;
    bool open = false, sign = false, minus = false;
    for (; i < n; i += step) {
        step = 1;
        if (text[i] == '(' && !open && !sign) open = true;
        else if ((text[i] == '-' || text[i] == '+') && !sign) sign = true, minus = text[i] == '-';
        else if (!sign && n - i >= 3 && memcmp(text + i, minus_sign, 3) == 0) sign = minus = true, step = 3;
        else if (!(step = one_of(dressed_blanks, text + i, n - i)) &&
                 !(step = currency_at(text + i, n - i, true)))
            break;
    }
    if (minus || open) out[k++] = '-';
    k = bare_digits(text, n, &i, style, out, k);
    if (!k) return 0;
    for (; i < n; i += step) {
        step = 1;
        if (text[i] == ')' && open) open = false;
        else if (text[i] != '%' && !(step = one_of(dressed_blanks, text + i, n - i)) &&
                 !(step = currency_at(text + i, n - i, false)))
            return 0;
    }
    return open ? 0 : k;
}

void dress_add(Dress *d, const char *text, size_t n, int comma)
{
    char bare[DRESSED_MOST], sign[sizeof d->sign] = "";
    bool digit = false;
    for (size_t i = 0; i < n && !digit; i++) digit = is_digit(text[i]);
    if (!d->begun) d->styles = (1u << STYLE_COUNT) - 2;
    if (!digit) d->styles = 0;
    for (int s = 1; s < STYLE_COUNT && d->styles; s++) {
        bool wanted = comma == 0 || (styles[s].decimal == ',') == (comma > 0);
        if (d->styles >> s & 1 && !(wanted && dressed_bare(text, n, (NumberStyle)s, bare)))
            d->styles &= ~(1u << s);
    }
    for (size_t i = 0, k; i < n && d->styles && !*sign; i++) {
        k = text[i] == '%' ? 1 : one_of(dressed_currencies, text + i, n - i);
        memcpy(sign, text + i, k);
    }
    d->split = d->split || (d->begun && strcmp(sign, d->sign) != 0);
    memcpy(d->sign, sign, sizeof sign);
    d->begun = true;
}

NumberStyle dress_style(const Dress *d, bool comma_is_usual)
{
    if (!d->begun || d->split) return STYLE_PLAIN;
    for (int s = 1; s < STYLE_COUNT && comma_is_usual; s++)
        if (d->styles >> s & 1 && styles[s].decimal == ',') return (NumberStyle)s;
    for (int s = 1; s < STYLE_COUNT; s++)
        if (d->styles >> s & 1) return (NumberStyle)s;
    return STYLE_PLAIN;
}

bool dressed_number(const char *text, size_t n, double *value)
{
    char bare[DRESSED_MOST];
    Dress dress = {0};
    dress_add(&dress, text, n, 0);
    NumberStyle style = dress_style(&dress, false);
    if (style == STYLE_PLAIN) return false;
    dressed_bare(text, n, style, bare);
    *value = strtod(bare, NULL);
    return true;
}
