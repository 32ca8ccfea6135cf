/* One value of any kind: made, compared, printed. */
#include "base/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_number(ValueKind kind)
{
    return kind == VALUE_INT || kind == VALUE_REAL;
}

/* A number that stands as text where plain. */
static bool unusual(const Value *value)
{
    return is_number(value->kind) && (value->text || !isfinite(value->number));
}

/* Where two lists differ only in how a number is written, one of them has a point or a quote there. */
static bool same_list(const Value *a, const Value *b)
{
    size_t i = 0;
    while (a->text[i] && a->text[i] == b->text[i]) i++;
    if (a->text[i] == b->text[i]) return true;
    char x = a->text[i], y = b->text[i];
    return (x == '.' || x == '"' || y == '.' || y == '"') && value_alike(a, b);
}

bool value_equal(const Value *a, const Value *b)
{
    if (is_number(a->kind) && is_number(b->kind)) {
        if (a->text && b->text) return strcmp(a->text, b->text) == 0;
        if ((a->text || b->text) && fabs(a->number) <= 0x1p53) return false; /* 2^53 + 1 beside 2^53 */
        return a->number == b->number || (isnan(a->number) && isnan(b->number));
    }
    if (a->kind != b->kind) return unusual(a) != unusual(b) && value_alike(a, b);
    switch (a->kind) {
    case VALUE_NONE: return true;
    case VALUE_BOOL: return (a->number != 0) == (b->number != 0);
    case VALUE_LIST: return same_list(a, b);
    default: return strcmp(a->text, b->text) == 0;
    }
}

/* Copies what fits and counts everything, as snprintf does. */
typedef struct {
    char *out;
    size_t size, n;
} Sink;

static void sink_add(Sink *sink, const char *piece, size_t n)
{
    for (size_t i = 0; i < n; i++, sink->n++)
        if (sink->n + 1 < sink->size) sink->out[sink->n] = piece[i];
}

static size_t sink_end(Sink *sink)
{
    if (sink->size) sink->out[sink->n < sink->size ? sink->n : sink->size - 1] = '\0';
    return sink->n;
}

size_t value_json(const Value *value, char *out, size_t size)
{
    Sink sink = {out, size, 0};
    char piece[32];
    switch (value->kind) {
    case VALUE_NONE: sink_add(&sink, "null", 4); break;
    case VALUE_BOOL: sink_add(&sink, value->number ? "true" : "false", value->number ? 4 : 5); break;
    case VALUE_INT:
    case VALUE_REAL:
        text_number(value->number, piece);
        sink_add(&sink, value->text ? value->text : piece, strlen(value->text ? value->text : piece));
        break;
    case VALUE_TEXT:
        sink_add(&sink, "\"", 1);
        for (const char *at = value->text, *end = at + strlen(at); at < end;) {
            size_t n = text_json_step(&at, (size_t)(end - at), piece);
            sink_add(&sink, piece, n);
        }
        sink_add(&sink, "\"", 1);
        break;
    case VALUE_LIST: sink_add(&sink, value->text, strlen(value->text)); break;
    }
    return sink_end(&sink);
}

size_t value_label(const Value *value, char *out, size_t size)
{
    Sink sink = {out, size, 0};
    char number[32];
    switch (value->kind) {
    case VALUE_REAL:
        snprintf(number, sizeof number, "%.6g", value->number);
        sink_add(&sink, number, strlen(number));
        break;
    case VALUE_TEXT: sink_add(&sink, value->text, strlen(value->text)); break;
    default: return value_json(value, out, size);
    }
    return sink_end(&sink);
}
