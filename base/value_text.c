/* The text of a value, exact as programs get it and plain as strict JSON keeps it; lists piece by piece. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/value.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

PieceKind value_piece(const char *at, size_t *n)
{
    static const char words[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t sign = *at == '-';
    *n = 1;
    if (!*at) return *n = 0, PIECE_END;
    if (*at == '"') {
        while (at[*n] && at[*n] != '"') *n += at[*n] == '\\' && at[*n + 1] ? 2 : 1;
        *n += at[*n] == '"';
        return PIECE_TEXT;
    }
    if (is_digit(at[sign])) {
        *n = strspn(at, "+-0123456789.eE");
        return PIECE_NUMBER;
    }
    size_t length = strspn(at + sign, words);
    if (length == 0) return PIECE_MARK;
    *n = sign + length;
    return PIECE_WORD;
}

bool value_is_long(const char *number, size_t n)
{
    static const char most[] = "9007199254740992"; /* 2^53 */
    size_t sign = n > 0 && (*number == '-' || *number == '+'), digits = strspn(number + sign, "0123456789");
    if (sign + digits != n || digits < sizeof most - 1) return false;
    return digits > sizeof most - 1 || strncmp(number + sign, most, digits) > 0;
}

/* repr() of a float in Python: the fewest digits that read back the same, with a point or an exponent. */
static void add_real(double x, Text *out)
{
    char digits[40];
    for (int p = 0; p <= 17; p++) {
        snprintf(digits, sizeof digits, "%.*e", p, x);
        if (strtod(digits, NULL) == x) break;
    }
    const char *e = strchr(digits, 'e'), *point = strchr(digits, '.');
    int exponent = e ? atoi(e + 1) : 0;
    if (exponent < -4 || exponent >= 16) {
        text_add(out, digits); /* C and Python agree: at least two digits of exponent */
        return;
    }
    int decimals = (point ? (int)strcspn(point + 1, "e") : 0) - exponent;
    text_print(out, "%.*f", decimals > 1 ? decimals : 1, x);
}

/* What strict JSON has no number for, or would round, stands there as text. */
static void plain_list(const char *at, Text *out)
{
    size_t n;
    for (PieceKind kind; (kind = value_piece(at, &n)) != PIECE_END; at += n) {
        bool quoted = kind == PIECE_WORD ? memchr(at, 'I', n) || *at == 'N'
                                         : kind == PIECE_NUMBER && value_is_long(at, n);
        char number[32] = "";
        if (kind == PIECE_NUMBER && strcspn(at, ".eE") < n) text_number(strtod(at, NULL), number);
        if (value_is_long(number, strlen(number))) *number = '\0'; /* 6.9e+16: a float that would look whole */
        if (quoted) text_add(out, "\"");
        text_add_n(out, *number ? number : at, *number ? strlen(number) : n);
        if (quoted) text_add(out, "\"");
    }
}

static const char *word_of(double number)
{
    return isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
}

void value_plain(const Value *value, Text *out)
{
    char number[32];
    switch (value->kind) {
    case VALUE_NONE: text_add(out, "null"); break;
    case VALUE_BOOL: text_add(out, value->number != 0 ? "true" : "false"); break;
    case VALUE_TEXT: text_json(out, value->text); break;
    case VALUE_LIST: plain_list(value->text, out); break;
    default:
        if (value->text) text_json(out, value->text);
        else if (!isfinite(value->number)) text_json(out, word_of(value->number));
        else text_add(out, text_number(value->number, number));
    }
}

void value_exact(const Value *value, Text *out)
{
    if (value->kind == VALUE_LIST || (value->kind == VALUE_INT && value->text)) {
        text_add(out, value->text);
    } else if (value->kind == VALUE_REAL && !isfinite(value->number)) {
        text_add(out, word_of(value->number));
    } else if (value->kind == VALUE_REAL) {
        add_real(value->number, out);
    } else {
        value_plain(value, out);
    }
}

bool value_alike(const Value *a, const Value *b)
{
    Text one = {0}, other = {0};
    value_plain(a, &one);
    value_plain(b, &other);
    bool alike = text_ok(&one) && text_ok(&other) && strcmp(one.bytes, other.bytes) == 0;
    text_free(&one);
    text_free(&other);
    return alike;
}

bool value_is_null(const Value *value)
{
    return value->kind == VALUE_LIST && strcmp(value->text, "null") == 0;
}
