/* Limits on what trials report: read, and compared with a value. */
#include "tuner/search/limit.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t') at++;
    return at;
}

static bool is_name(unsigned char c)
{
    return isalnum(c) || c == '_' || c == '.' || c == '/' || c == ':' || c >= 0x80;
}

/* A decimal number and nothing behind it. */
static bool is_number(const char *at, double *out)
{
    char *end;
    if (!*at || at[strspn(at, "+-.0123456789eE \t")] != '\0') return false;
    *out = strtod(at, &end);
    return end != at && *skip_blanks(end) == '\0' && isfinite(*out);
}

LimitRead limit_read(const char *text, Arena *arena, Limit *out)
{
    const char *from = skip_blanks(text), *end = from;
    if (!isalpha((unsigned char)*from) && *from != '_' && (unsigned char)*from < 0x80) return LIMIT_NONE;
    while (is_name((unsigned char)*end)) end++;
    const char *at = skip_blanks(end);
    if (*at != '<' && *at != '>') return LIMIT_NONE;
    *out = (Limit){.at_least = *at == '>', .strict = at[1] != '='};
    if (!is_number(skip_blanks(at + (out->strict ? 1 : 2)), &out->bound)) return LIMIT_NONE;
    out->text = arena_copy(arena, text);
    char *name = ARENA_NEW(arena, char, end - from + 1);
    if (!out->text || !name) return LIMIT_NO_MEMORY;
    memcpy(name, from, (size_t)(end - from));
    out->name = name;
    return LIMIT_READ;
}

double limit_slack(const Limit *limit, double value)
{
    const double slack = limit->at_least ? limit->bound - value : value - limit->bound;
    return slack == 0 && limit->strict ? DBL_MIN : slack;
}

bool limits_hold(int n, const double *slack)
{
    for (int i = 0; i < n; i++)
        if (!(slack[i] <= 0)) return false;
    return true;
}
