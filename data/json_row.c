/* data/json_row.c - a flat object of plain cells, in one walk. */
#include "data/json_row.h"

#include <math.h>
#include <string.h>

#include "base/grow.h"

enum { MOST_DIGITS = 18 };

static const char *skip(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

/* Behind the closing quote; NULL: something in it is not plain. `at` is behind the opening one. */
static const char *plain_text(const char *at, const char *end, size_t *n)
{
    const char *from = at;
    while (at < end && *at != '"') {
        if ((unsigned char)*at < ' ' || *at == '\\') return NULL;
        at++;
    }
    *n = (size_t)(at - from);
    return at < end ? at + 1 : NULL;
}

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* By JSON's grammar, and then as any number of a table is read, to the nearest double. */
static const char *plain_number(const char *at, const char *end, double *out)
{
    const char *from = at, *whole;
    if (at < end && *at == '-') at++;
    whole = at;
    if (!is_digit(at, end)) return NULL;
    while (is_digit(at, end)) at++;
    if ((*whole == '0' && at - whole > 1) || at - whole > MOST_DIGITS) return NULL;
    if (at < end && *at == '.') {
        if (!is_digit(++at, end)) return NULL;
        while (is_digit(at, end)) at++;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        if (!is_digit(at, end)) return NULL;
        while (is_digit(at, end)) at++;
    }
    if (!reading_number(from, (size_t)(at - from), false, out) || !isfinite(*out)) return NULL;
    if (*out == 0 && *from == '-') *out = -0.0;
    return at;
}

static const char *plain_word(const char *at, const char *end, const char *word)
{
    const size_t n = strlen(word);
    return (size_t)(end - at) >= n && memcmp(at, word, n) == 0 ? at + n : NULL;
}

static const char *plain_value(const char *at, const char *end, TypedCell *cell)
{
    *cell = (TypedCell){.kind = TYPED_TEXT, .text = at};
    switch (at < end ? *at : '\0') {
    case '"':
        cell->text++;
        return plain_text(at + 1, end, &cell->n);
    case 't':
        cell->n = 4;
        return plain_word(at, end, "true");
    case 'f':
        cell->n = 5;
        return plain_word(at, end, "false");
    case 'n':
        cell->kind = TYPED_MISSING;
        return plain_word(at, end, "null");
    default:
        cell->kind = TYPED_NUMBER;
        return plain_number(at, end, &cell->number);
    }
}

bool json_row(const char *at, const char *end, JsonRow *row, const char **behind)
{
    row->n = 0;
    at = skip(at + 1, end);
    if (at < end && *at == '}') {
        *behind = at + 1;
        return true;
    }
    for (;;) {
        const int before = row->capacity;
        if (at == end || *at != '"' || !GROW(NULL, row->cells, row->n, row->capacity)) return false;
        for (int i = before; i < row->capacity; i++) row->cells[i].column = 0;
        JsonCell *cell = &row->cells[row->n++];
        cell->key = at + 1;
        if (!(at = plain_text(at + 1, end, &cell->n_key))) return false;
        at = skip(at, end);
        if (at == end || *at != ':') return false;
        at = plain_value(skip(at + 1, end), end, &cell->cell);
        if (!at) return false;
        at = skip(at, end);
        if (at == end) return false;
        if (*at == '}') break;
        if (*at != ',') return false;
        at = skip(at + 1, end);
    }
    *behind = at + 1;
    return true;
}
