/* The wire format: tags, lengths, varints, bytes of numbers. */
#include "export/protobuf.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_BYTES = 2, WIRE_FIXED32 = 5, VARINT_LONGEST = 10 };

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static size_t varint(uint64_t value, char bytes[VARINT_LONGEST])
{
    size_t n = 0;
    for (; value > 0x7F; value >>= 7) bytes[n++] = (char)(value | 0x80);
    bytes[n++] = (char)value;
    return n;
}

static size_t tag(int field, int wire, char bytes[VARINT_LONGEST])
{
    return varint((uint64_t)field << 3 | (uint64_t)wire, bytes);
}

static size_t head(int field, size_t n, char bytes[2 * VARINT_LONGEST])
{
    const size_t length = tag(field, WIRE_BYTES, bytes);
    return length + varint(n, bytes + length);
}

void pb_int(Text *out, int field, int64_t value)
{
    char bytes[2 * VARINT_LONGEST];
    size_t n = tag(field, WIRE_VARINT, bytes);
    n += varint((uint64_t)value, bytes + n);
    text_add_n(out, bytes, n);
}

void pb_float(Text *out, int field, float value)
{
    char bytes[VARINT_LONGEST];
    text_add_n(out, bytes, tag(field, WIRE_FIXED32, bytes));
    pb_little_endian(out, &value, 1, sizeof value);
}

void pb_head(Text *out, int field, size_t n)
{
    char bytes[2 * VARINT_LONGEST];
    text_add_n(out, bytes, head(field, n, bytes));
}

size_t pb_size(int field, size_t n)
{
    char bytes[2 * VARINT_LONGEST];
    return head(field, n, bytes) + n;
}

void pb_bytes(Text *out, int field, const void *bytes, size_t n)
{
    pb_head(out, field, n);
    if (n > 0) text_add_n(out, bytes, n);
}

void pb_text(Text *out, int field, const char *text)
{
    pb_bytes(out, field, text, strlen(text));
}

size_t pb_begin(const Text *out)
{
    return out->n;
}

void pb_end(Text *out, int field, size_t mark)
{
    char bytes[2 * VARINT_LONGEST];
    if (!text_ok(out)) return;
    const size_t n = out->n - mark, length = head(field, n, bytes);
    text_add_n(out, bytes, length); /* room */
    if (!text_ok(out)) return;
    memmove(out->bytes + mark + length, out->bytes + mark, n);
    memcpy(out->bytes + mark, bytes, length);
}

void pb_little_endian(Text *out, const void *numbers, size_t n, size_t width)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    const char *from = numbers;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < width; k++) text_add_n(out, from + i * width + width - 1 - k, 1);
#else
    if (n > 0) text_add_n(out, numbers, n * width);
#endif
}
