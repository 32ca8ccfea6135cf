/* Keeps the end of a stream of bytes, and its last line fit to be shown. */
#include "tuner/trial/tail.h"

#include <string.h>

void tail_add(Tail *tail, const char *bytes, size_t n)
{
    if (n > tail->most) {
        tail->lost += n - tail->most;
        bytes += n - tail->most;
        n = tail->most;
    }
    if (tail->n + n > 2 * tail->most) {
        size_t keep = tail->most;
        memmove(tail->bytes, tail->bytes + tail->n - keep, keep);
        tail->lost += tail->n - keep;
        tail->n = keep;
    }
    memcpy(tail->bytes + tail->n, bytes, n);
    tail->n += n;
}

void tail_last_line(const Tail *tail, char *out, size_t size)
{
    size_t end = tail->n;
    while (end > 0 && (unsigned char)tail->bytes[end - 1] <= ' ') end--;
    size_t from = end;
    while (from > 0 && tail->bytes[from - 1] != '\n') from--;
    while (from < end && (unsigned char)tail->bytes[from] <= ' ') from++;
    size_t n = end - from < size - 1 ? end - from : size - 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)tail->bytes[from + i];
        out[i] = (char)(c < 32 || c == 127 ? ' ' : c);
    }
    if (!text_is_utf8(out, n)) { /* cut in the middle of a letter, or no text at all */
        size_t whole = n;
        while (whole > 0 && ((unsigned char)out[whole - 1] & 0xC0) == 0x80) whole--;
        if (whole > 0) whole--;
        if (text_is_utf8(out, whole)) n = whole;
        for (size_t i = 0; n != whole && i < n; i++)
            if ((unsigned char)out[i] > 126) out[i] = '?';
    }
    out[n] = '\0';
}

void tail_text(const Tail *tail, Text *out)
{
    size_t from = tail->n > tail->most ? tail->n - tail->most : 0, lost = tail->lost + from;
    if (lost > 0) text_print(out, "[the first %zu bytes are left out]\n", lost);
    text_add_n(out, tail->bytes + from, tail->n - from);
}
