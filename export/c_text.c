/* Templates and pieces with the model's prefix put in, and constants as C reads them back exactly. */
#include "export/c_text.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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

/* ---- pieces ----------------------------------------------------------------------------------- */

/* A line of a piece with names of the model's own. */
static void line(CExport *e, const char *from, const char *end)
{
    static const char alone[] = "static inline ";
    Text *out = &e->pieces;
    if ((size_t)(end - from) > sizeof alone && memcmp(from, alone, sizeof alone - 1) == 0) {
        text_add(out, "static ");
        from += sizeof alone - 1;
    }
    for (const char *at = from; at < end; at++) {
        const bool begins = at == from || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        const bool small = begins && end - at > 3 && memcmp(at, "rt_", 3) == 0;
        const bool large = begins && end - at > 3 && memcmp(at, "RT_", 3) == 0;
        if (!small && !large) continue;
        text_add_n(out, from, (size_t)(at - from));
        text_add(out, small ? e->name : e->capitals);
        from = at + 2;
    }
    text_add_n(out, from, (size_t)(end - from));
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* After the comment and the guard that it opens with, to the #endif of the guard. */
static void body(CExport *e, const char *text)
{
    static const char include[] = "#include \"plan/runtime/";
    const char *at = strstr(text, "*/"), *last = at;
    assert(at);
    for (const char *found = at; (found = strstr(found, "#endif")); found++) last = found;
    for (bool blank = false; (at = strchr(at, '\n')) && ++at < last;) {
        if (begins(at, include)) {
            const char *name = at + sizeof include - 1;
            c_piece(e, arena_copy_n(e->arena, name, (size_t)(strchr(name, '.') - name)));
        }
        const bool header = begins(at, "#include") && !begins(at, "#include <arm_"); /* c_source.c has those */
        if (header || begins(at, "#ifndef CONSORT_") || begins(at, "#define CONSORT_")) continue;
        if (*at == '\n') {
            blank = true;
            continue;
        }
        if (blank) text_add(&e->pieces, "\n");
        blank = false;
        line(e, at, strchr(at, '\n') + 1);
    }
}

void c_piece(CExport *e, const char *name)
{
    enum { MOST_PIECES = 256 };
    if (!e->has_piece) e->has_piece = ARENA_NEW(e->arena, bool, MOST_PIECES);
    if (!name || !e->has_piece) {
        e->pieces.broken = true;
        return;
    }
    const int i = runtime_find(name, (int)strlen(name));
    assert(i >= 0 && i < MOST_PIECES);
    if (e->has_piece[i]) return;
    e->has_piece[i] = true;
    body(e, runtime_pieces[i].text);
}

void c_call(CExport *e, const char *piece, const char *arguments, ...)
{
    char said[800];
    va_list list;
    va_start(list, arguments);
    const int n = vsnprintf(said, sizeof said, arguments, list);
    va_end(list);
    if (n < 0 || n >= (int)sizeof said) e->out->broken = true;
    c_piece(e, piece);
    text_print(e->out, "    %s_%s(%s);\n", e->name, piece, said);
}

/* ---- constants -------------------------------------------------------------------------------- */

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

void c_strings(CExport *e, int n, const char *const *texts)
{
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    " : "\n    ");
        c_string(e->out, texts[i] ? texts[i] : "");
    }
    text_add(e->out, "};\n");
}

void c_comment(Text *out, const char *text)
{
    for (; text && *text; text++) {
        bool fine = *text >= 0x20 && *text < 0x7F && *text != '*' && *text != '?' && *text != '\\';
        text_add_n(out, fine ? text : "_", 1);
    }
}
