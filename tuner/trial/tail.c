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

/* How long the escape sequence is that begins here: colors, titles, the cursor. 0: none begins. */
static size_t escape_length(const char *at, size_t n)
{
    if (n == 0 || *at != 27) return 0;
    size_t i = n > 1 && at[1] >= 32 && at[1] < 48 ? 3 : 2; /* ESC ( B, or ESC and a letter */
    if (n > 1 && at[1] == '[') /* ESC [ parameters, and a letter */
        while (i < n && (at[i] < 64 || at[i] > 126)) i++;
    else if (n > 1 && at[1] == ']') /* ESC ] text, and BEL or ESC \ */
        while (i < n && at[i] != 7 && at[i - 1] != 27) i++;
    return i < n ? i + (at[1] == '[' || at[1] == ']') : n;
}

void tail_last_line(const Tail *tail, char *out, size_t size)
{
    size_t end = tail->n, n = 0;
    while (end > 0 && n == 0) { /* a line of escape sequences alone is none */
        size_t from = end;
        while (from > 0 && (unsigned char)tail->bytes[from - 1] <= ' ') from--;
        end = from; /* a progress bar begins its line again and again: what it shows last */
        while (from > 0 && tail->bytes[from - 1] != '\n' && tail->bytes[from - 1] != '\r') from--;
        for (size_t i = from; i < end && n < size - 1;) {
            size_t escape = escape_length(tail->bytes + i, end - i);
            unsigned char c = (unsigned char)tail->bytes[i];
            i += escape ? escape : 1;
            if (!escape && (c > ' ' || n > 0)) out[n++] = (char)(c < 32 || c == 127 ? ' ' : c);
        }
        while (n > 0 && out[n - 1] == ' ') n--;
        end = from;
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
