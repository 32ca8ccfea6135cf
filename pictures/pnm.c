/* PNM, the pictures of Netpbm: P1 to P3 as text, P4 to P6 in binary; black and white, grey, colour.
 *
 *     P5 # remarks \n width height \n most \n levels 0..most, two bytes each (big-endian) where most > 255
 *
 * Of P1 and P4 there is no `most`, 1 is black, and a row of P4 is whole bytes. Of a file with several pictures
 * the first is read.
 */
#include "pictures/read.h"

typedef struct {
    const uint8_t *at, *end;
} Cursor;

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(Cursor *c)
{
    while (c->at < c->end && (is_blank(*c->at) || *c->at == '#')) {
        if (*c->at == '#')
            while (c->at < c->end && *c->at != '\n') c->at++;
        else c->at++;
    }
}

/* -1: there is none, or above a million. */
static int number(Cursor *c)
{
    int value = -1;
    skip_blanks(c);
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        value = (value < 0 ? 0 : value) * 10 + (*c->at - '0');
        if (value > 1000000) return -1;
    }
    return value;
}

/* Of P1 digits need nothing between them. */
static int bit(Cursor *c)
{
    skip_blanks(c);
    return c->at < c->end && (*c->at == '0' || *c->at == '1') ? *c->at++ - '0' : -1;
}

static bool read_text(Cursor *c, bool bits, int most, size_t n, uint8_t *out, Error *err)
{
    for (size_t i = 0; i < n; i++) {
        int v = bits ? bit(c) : number(c);
        if (v < 0 || v > most)
            return error_set(err, ERR_DATA, v < 0 ? "PNM: cut off after %zu of %zu levels"
                                                  : "PNM: level %zu of %zu is above the most", i, n);
        out[i] = (uint8_t)(bits ? (v ? 0 : 255) : (v * 255 + most / 2) / most);
    }
    return true;
}

static bool read_bytes(Cursor *c, int most, size_t n, uint8_t *out, Error *err)
{
    const size_t each = most > 255 ? 2 : 1;
    if ((size_t)(c->end - c->at) / each < n)
        return error_set(err, ERR_DATA, "PNM: cut off: %zu bytes where %zu are due", (size_t)(c->end - c->at),
                         n * each);
    for (size_t i = 0; i < n; i++, c->at += each) {
        int v = each == 2 ? c->at[0] << 8 | c->at[1] : c->at[0];
        if (v > most) return error_set(err, ERR_DATA, "PNM: level %zu of %zu is above the most", i, n);
        out[i] = (uint8_t)((v * 255 + most / 2) / most);
    }
    return true;
}

static bool read_packed(Cursor *c, int width, int height, uint8_t *out, Error *err)
{
    const size_t line = ((size_t)width + 7) / 8;
    if ((size_t)(c->end - c->at) / line < (size_t)height)
        return error_set(err, ERR_DATA, "PNM: cut off: %zu bytes where %zu are due", (size_t)(c->end - c->at),
                         line * (size_t)height);
    for (int y = 0; y < height; y++, c->at += line)
        for (int x = 0; x < width; x++) *out++ = c->at[x / 8] >> (7 - x % 8) & 1 ? 0 : 255;
    return true;
}

bool picture_read_pnm(const uint8_t *bytes, size_t n, bool look, uint8_t background, Picture *out, Error *err)
{
    (void)background; /* nothing is transparent */
    Cursor c = {bytes + 2, bytes + n};
    const int kind = bytes[1] - '0';
    const bool bits = kind == 1 || kind == 4;
    int width = number(&c), height = number(&c), most = bits ? 1 : number(&c);
    if (width < 0 || height < 0 || most < 1 || most > 65535)
        return error_set(err, ERR_DATA, "PNM: the header is no `P%d width height%s`", kind,
                         bits ? "" : " most");
    if (!picture_fits(width, height, err)) return false;
    *out = (Picture){width, height, kind % 3 == 0 ? 3 : 1, NULL};
    if (look) return true;
    if (kind > 3) { /* one blank, then the levels */
        if (c.at >= c.end || !is_blank(*c.at)) return error_set(err, ERR_DATA, "PNM: cut off in its header");
        c.at++;
    }
    const size_t levels = (size_t)width * (size_t)height * (size_t)out->channels;
    const size_t left = (size_t)(c.end - c.at);
    if (left < levels / 8)
        return error_set(err, ERR_DATA, "PNM: cut off: %zu bytes for %zu levels", left, levels);
    if (!picture_room(out, err)) return false;
    if (kind == 4) return read_packed(&c, width, height, out->bytes, err);
    return kind > 3 ? read_bytes(&c, most, levels, out->bytes, err)
                    : read_text(&c, bits, most, levels, out->bytes, err);
}
