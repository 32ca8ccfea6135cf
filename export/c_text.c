/* Templates with the model's prefix put in, and constants as C reads them back exactly. */
#include "export/c_text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

void c_emit(CExport *e, const char *code)
{
    for (const char *mark; (mark = strpbrk(code, "@$~")); code = mark + 1) {
        text_add_n(e->out, code, (size_t)(mark - code));
        if (*mark == '~') text_add(e->out, e->has_texts ? ".number" : "");
        else text_add(e->out, *mark == '@' ? e->name : e->capitals);
    }
    text_add(e->out, code);
}

static void digits(Text *out, uint32_t mantissa, int exponent, bool minus)
{
    static const char hex[] = "0123456789abcdef";
    char piece[32];
    size_t n = sizeof piece;
    bool down = exponent < 0;
    piece[--n] = 'f';
    for (int e = down ? -exponent : exponent; e > 0 || n == sizeof piece - 1; e /= 10)
        piece[--n] = (char)('0' + e % 10);
    if (down) piece[--n] = '-';
    piece[--n] = 'p';
    for (; mantissa; mantissa >>= 4) piece[--n] = hex[mantissa & 15];
    piece[--n] = 'x';
    piece[--n] = '0';
    if (minus) piece[--n] = '-';
    text_add_n(out, piece + n, sizeof piece - n);
}

/* By hand, because there may be millions. */
void c_float(Text *out, float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint32_t mantissa = bits & 0x7fffff, exponent = bits >> 23 & 0xff;
    if (exponent) mantissa |= 0x800000;
    else exponent = 1;
    if (mantissa == 0) {
        text_add(out, "0");
        return;
    }
    int power = (int)exponent - 127 - 23;
    while (!(mantissa & 1)) mantissa >>= 1, power++;
    digits(out, mantissa, power, bits >> 31);
}

void c_double(Text *out, double number)
{
    if (!isfinite(number)) text_add(out, "NAN"); /* infinite means missing */
    else if (number == 0) text_add(out, "0");
    else text_print(out, "%a", number);
}

void c_break(Text *out, size_t i, int a_line)
{
    if (i % (size_t)a_line == 0) text_add(out, i ? ",\n    " : "\n    ");
    else text_add(out, ", ");
}

void c_string(Text *out, const char *text)
{
    text_add(out, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\' || *c == '?') text_print(out, "\\%c", *c); /* ? : trigraphs */
        else if (*c >= 0x20 && *c < 0x7F) text_add_n(out, (const char *)c, 1);
        else text_print(out, "\\%03o", *c);
    }
    text_add(out, "\"");
}
