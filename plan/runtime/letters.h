/* plan/runtime/letters.h - the characters of a text in UTF-8, in small letters (prep/texts.h). */
#ifndef CONSORT_PLAN_RUNTIME_LETTERS_H
#define CONSORT_PLAN_RUNTIME_LETTERS_H

/* The small letter of a character of two bytes, or the character. */
static inline unsigned rt_small(unsigned c)
{
    if (c >= 0xC0 && c <= 0xDE) return c + 0x20;
    if (c == 0x178) return 0xFF;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 ? c + 1 : c;
    if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149) return c | 1;
    if (c == 0x386) return 0x3AC;
    if (c >= 0x388 && c <= 0x38A) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if (c == 0x38E || c == 0x38F) return c + 63;
    if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 0x20;
    if (c >= 0x400 && c <= 0x40F) return c + 0x50;
    return c >= 0x410 && c <= 0x42F ? c + 0x20 : c;
}

/* The next character: how many bytes it takes, in small letters in `out`. Its bytes there, 0 if it parts
 * words. */
static inline int rt_character(const char *text, int *used, unsigned char *out)
{
    const unsigned char *in = (const unsigned char *)text;
    const unsigned char a = in[0];
    int n = a >= 0xF0 ? 4 : a >= 0xE0 ? 3 : a >= 0xC2 ? 2 : 1, i;
    *used = 1;
    out[0] = a;
    if (a < 0x80) {
        if (a >= 'A' && a <= 'Z') out[0] = (unsigned char)(a + 32);
        return (a >= '0' && a <= '9') || (out[0] >= 'a' && out[0] <= 'z');
    }
    for (i = 1; i < n; i++) {
        if ((in[i] & 0xC0) != 0x80) return 1;
        out[i] = in[i];
    }
    *used = n;
    if (n == 2) {
        const unsigned c = rt_small((unsigned)((a & 0x1F) << 6 | (in[1] & 0x3F)));
        out[0] = (unsigned char)(0xC0 | c >> 6);
        out[1] = (unsigned char)(0x80 | (c & 0x3F));
        return c < 0xC0 || c == 0xD7 || c == 0xF7 ? 0 : 2;
    }
    return (a == 0xE2 && (in[1] & 0xFE) == 0x80) || (a == 0xE3 && in[1] == 0x80) ? 0 : n;
}
#endif
