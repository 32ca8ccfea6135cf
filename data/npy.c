/* data/npy.c - NumPy's arrays, taken apart. */
#include "data/npy.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/names.h"

enum { MOST_FIELDS = 1 << 16, LONGEST_HEADER = 1 << 22, LONGEST_CELL = 1 << 20 };

typedef struct {
    const char *path, *at, *end; /* the header */
    Arena *arena;
    Npy *npy;
    NpyType *types;
    int capacity;
} Header;

bool npy_looks_like(const char *bytes, size_t n)
{
    return n >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0;
}

/* By the name of the first member of the zip. */
bool npz_looks_like(const char *bytes, size_t n)
{
    if (n < 34 || memcmp(bytes, "PK\3\4", 4) != 0) return false;
    const size_t length = (unsigned char)bytes[26] | (size_t)(unsigned char)bytes[27] << 8;
    return length > 4 && length <= n - 30 && memcmp(bytes + 30 + length - 4, ".npy", 4) == 0;
}

/* ---- Python's literals --------------------------------------------------------------------------- */

static bool bad_header(const Header *h, Error *err)
{
    char piece[48];
    return error_set(err, ERR_DATA, "%s: damaged in its header at `%s`", h->path,
                     cell_quote(h->at, (size_t)(h->end - h->at), piece));
}

static void skip_blanks(Header *h)
{
    while (h->at < h->end && isspace((unsigned char)*h->at)) h->at++;
}

static bool take(Header *h, char c)
{
    skip_blanks(h);
    if (h->at == h->end || *h->at != c) return false;
    h->at++;
    return true;
}

/* 'text', with \' and \\ for themselves; \n and the like stand for what they do in Python. */
static const char *take_text(Header *h, Error *err)
{
    skip_blanks(h);
    if (h->at == h->end || (*h->at != '\'' && *h->at != '"')) return bad_header(h, err), NULL;
    const char quote = *h->at, *from = ++h->at;
    while (h->at < h->end && *h->at != quote) h->at += *h->at == '\\' && h->at + 1 < h->end ? 2 : 1;
    if (h->at >= h->end) return h->at = from, bad_header(h, err), NULL;
    char *text = arena_copy_n(h->arena, from, (size_t)(h->at++ - from)), *to = text;
    if (!text) return error_memory(err), NULL;
    for (const char *c = text; *c; c++) {
        if (*c == '\\' && c[1]) c++, *to++ = *c == 'n' ? '\n' : *c == 't' ? '\t' : *c;
        else *to++ = *c;
    }
    *to = '\0';
    if (text_is_utf8(text, strlen(text))) return text;
    error_set(err, ERR_DATA, "%s: a name in its header is not UTF-8", h->path);
    return NULL;
}

static bool take_whole(Header *h, uint64_t *out, Error *err)
{
    skip_blanks(h);
    uint64_t n = 0;
    const char *from = h->at;
    for (; h->at < h->end && isdigit((unsigned char)*h->at); h->at++) {
        if (n > (uint64_t)1 << 58) return bad_header(h, err);
        n = 10 * n + (uint64_t)(*h->at - '0');
    }
    if (h->at == from) return bad_header(h, err);
    if (h->at < h->end && *h->at == 'L') h->at++; /* Python 2's */
    *out = n;
    return true;
}

/* ---- types --------------------------------------------------------------------------------------- */

static bool no_such_type(const Header *h, const char *descr, const char *what, const char *cure, Error *err)
{
    return error_set(err, ERR_DATA, "%s: cells are %s (`%.40s`), which are not read; save them %s", h->path,
                     what, descr,
                     cure);
}

static bool settle_type(Header *h, const char *descr, NpyType *t, Error *err)
{
    const char *at = descr;
    const uint16_t one = 1;
    const bool little = *(const unsigned char *)&one == 1;
    char order = strchr("<>=|", *at) && *at ? *at++ : '=', *end;
    t->kind = *at ? *at++ : '?';
    long size = strtol(at, &end, 10);
    t->swapped = (order == '>' && little) || (order == '<' && !little);
    if (t->kind == '?') t->kind = 'b', size = 1;
    if (t->kind == 'O')
        return no_such_type(h, descr, "Python objects", "with astype(float) or astype(str)", err);
    if (t->kind == 'c') return no_such_type(h, descr, "complex numbers", "as two columns", err);
    if (t->kind == 'm') return no_such_type(h, descr, "spans of time", "with astype('i8')", err);
    if (t->kind == 'f' && size > 8) return no_such_type(h, descr, "long doubles", "with astype('f8')", err);
    if (t->kind == 'M') {
        static const char *const units[] = {"Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", NULL};
        size_t n = strcspn(end, "]");
        if (*end == '[' && end[n] == ']' && n >= 2 && n <= 3) memcpy(t->unit, end + 1, n - 1);
        if (names_find(units, t->unit) < 0)
            return no_such_type(h, descr, "dates of an unusual unit", "with astype('M8[s]')", err);
        end += n + 1;
    }
    const bool numbers = strchr("iu", t->kind) && (size == 1 || size == 2 || size == 4 || size == 8);
    const bool known = numbers || (t->kind == 'b' && size == 1)
                    || (t->kind == 'f' && (size == 2 || size == 4 || size == 8))
                    || (t->kind == 'M' && size == 8)
                    || (strchr("SUV", t->kind) && t->kind && size >= 0 && size <= LONGEST_CELL);
    if (!known || *end)
        return error_set(err, ERR_DATA, "%s: cells of type `%.40s` are not known", h->path, descr);
    t->size = (int)size * (t->kind == 'U' ? 4 : 1);
    return true;
}

/* [('age', '<f8'), ('city', '<U10')] */
static bool take_record(Header *h, Error *err)
{
    h->npy->is_record = true;
    while (!take(h, ']')) {
        NpyType t = {.at = h->npy->size};
        if (!take(h, '(')) return bad_header(h, err);
        if (take(h, '(')) { /* (title, name) */
            if (!take_text(h, err) || !take(h, ',') || !(t.name = take_text(h, err)) || !take(h, ')'))
                return bad_header(h, err);
        } else if (!(t.name = take_text(h, err))) {
            return false;
        }
        if (!take(h, ',')) return bad_header(h, err);
        skip_blanks(h);
        if (h->at < h->end && *h->at == '[')
            return error_set(err, ERR_DATA, "%s: records within records (`%.40s`) are not read", h->path,
                             t.name);
        const char *descr = take_text(h, err);
        if (!descr || !settle_type(h, descr, &t, err)) return false;
        if (take(h, ',') && !take(h, ')'))
            return error_set(err, ERR_DATA, "%s: the field `%.40s` is an array; save its parts as fields",
                             h->path, t.name);
        else if (h->at[-1] != ')' && !take(h, ')'))
            return bad_header(h, err);
        if (h->npy->n_types == MOST_FIELDS)
            return error_set(err, ERR_DATA, "%s: more than %d fields", h->path, MOST_FIELDS);
        if (!GROW(h->arena, h->types, h->npy->n_types, h->capacity)) return error_memory(err);
        h->npy->size += (size_t)t.size;
        if (t.kind != 'V') h->types[h->npy->n_types++] = t;
        if (!take(h, ',') && (h->at == h->end || *h->at != ']')) return bad_header(h, err);
    }
    return true;
}

static bool take_descr(Header *h, Error *err)
{
    if (take(h, '[')) return take_record(h, err);
    NpyType t = {0};
    const char *descr = take_text(h, err);
    if (!descr || !settle_type(h, descr, &t, err)) return false;
    if (t.kind == 'V')
        return error_set(err, ERR_DATA, "%s: cells of type `%.40s` are not known", h->path, descr);
    if (!GROW(h->arena, h->types, 0, h->capacity)) return error_memory(err);
    h->types[h->npy->n_types++] = t;
    h->npy->size = (size_t)t.size;
    return true;
}

static bool take_shape(Header *h, Error *err)
{
    if (!take(h, '(')) return bad_header(h, err);
    while (!take(h, ')')) {
        uint64_t n = 0;
        if (!take_whole(h, &n, err)) return false;
        if (h->npy->n_dims == NPY_DIMENSIONS)
            return error_set(err, ERR_DATA, "%s: more than %d dimensions; reshape it to rows and columns",
                             h->path,
                             NPY_DIMENSIONS);
        h->npy->shape[h->npy->n_dims++] = n;
        if (!take(h, ',') && (h->at == h->end || *h->at != ')')) return bad_header(h, err);
    }
    return true;
}

/* {'descr': ..., 'fortran_order': ..., 'shape': ...}, in any order, each once. */
static bool take_header(Header *h, Error *err)
{
    bool descr = false, order = false, shape = false;
    if (!take(h, '{')) return bad_header(h, err);
    while (!take(h, '}')) {
        const char *key = take_text(h, err);
        if (!key) return false;
        if (!take(h, ':')) return bad_header(h, err);
        if (strcmp(key, "descr") == 0 && !descr) {
            descr = true;
            if (!take_descr(h, err)) return false;
        } else if (strcmp(key, "shape") == 0 && !shape) {
            shape = true;
            if (!take_shape(h, err)) return false;
        } else if (strcmp(key, "fortran_order") == 0 && !order) {
            order = true;
            skip_blanks(h);
            h->npy->by_columns = h->end - h->at >= 4 && memcmp(h->at, "True", 4) == 0;
            const bool by_rows = h->end - h->at >= 5 && memcmp(h->at, "False", 5) == 0;
            if (!h->npy->by_columns && !by_rows) return bad_header(h, err);
            h->at += h->npy->by_columns ? 4 : 5;
        } else {
            return bad_header(h, err);
        }
        if (!take(h, ',') && (h->at == h->end || *h->at != '}')) return bad_header(h, err);
    }
    return (descr && order && shape && h->npy->n_types > 0) || bad_header(h, err);
}

bool npy_parse(const char *path, const char *bytes, size_t n, Arena *arena, Npy *out, Error *err)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (n < 10 || !npy_looks_like(bytes, n))
        return error_set(err, ERR_DATA, "%s: not a NumPy array, or cut off in its header", path);
    if (b[6] < 1 || b[6] > 3)
        return error_set(err, ERR_DATA, "%s: NumPy's format in version %d.%d; 1 to 3 are read", path, b[6],
                         b[7]);
    const size_t front = b[6] == 1 ? 10 : 12;
    if (n < front) return error_set(err, ERR_DATA, "%s: cut off in its header", path);
    size_t length = b[8] | (size_t)b[9] << 8;
    if (front == 12) length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (length > n - front || length > LONGEST_HEADER)
        return error_set(err, ERR_DATA, "%s: cut off in its header", path);
    Npy npy = {.n_cells = 1};
    Header h = {.path = path, .at = bytes + front, .end = bytes + front + length, .arena = arena, .npy = &npy};
    if (!take_header(&h, err)) return false;
    for (int i = 0; i < npy.n_dims; i++) {
        if (npy.shape[i] && npy.n_cells > ((uint64_t)1 << 58) / npy.shape[i])
            return error_set(err, ERR_DATA, "%s: impossible sizes in its header", path);
        npy.n_cells *= npy.shape[i];
    }
    const size_t there = n - front - length;
    if (npy.size && npy.n_cells > there / npy.size)
        return error_set(err, ERR_DATA,
                         "%s: cut off: its header promises %llu cells of %zu bytes, there are %zu bytes",
                         path, (unsigned long long)npy.n_cells, npy.size, there);
    if (!npy.size && npy.n_cells > 1 << 20)
        return error_set(err, ERR_DATA, "%s: %llu cells without a byte", path, (unsigned long long)npy.n_cells);
    npy.cells = b + front + length;
    npy.types = h.types;
    *out = npy;
    return true;
}

/* ---- cells --------------------------------------------------------------------------------------- */

/* From C's order to the place in the file. */
static uint64_t place_of(const Npy *npy, uint64_t index)
{
    if (!npy->by_columns || npy->n_dims < 2) return index;
    uint64_t place = 0, at[NPY_DIMENSIONS];
    for (int d = npy->n_dims - 1; d >= 0; d--) {
        at[d] = index % npy->shape[d];
        index /= npy->shape[d];
    }
    for (int d = npy->n_dims - 1; d >= 0; d--) place = place * npy->shape[d] + at[d];
    return place;
}

static uint64_t bits_of(const unsigned char *cell, int size, bool swapped)
{
    unsigned char b[8] = {0};
    for (int i = 0; i < size; i++) b[i] = cell[swapped ? size - 1 - i : i];
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    if (size == 1) return memcpy(&one, b, 1), one;
    if (size == 2) return memcpy(&two, b, 2), two;
    if (size == 4) return memcpy(&four, b, 4), four;
    return memcpy(&eight, b, 8), eight;
}

static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023), value;
    if (exponent == 31) value = fraction > 0 ? NAN : INFINITY;
    else value = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return bits >> 15 ? -value : value;
}

static double number_of(const NpyType *t, uint64_t bits)
{
    float single;
    double number;
    uint32_t four = (uint32_t)bits;
    switch (t->kind) {
    case 'b': return bits != 0;
    case 'u': return (double)bits;
    case 'i':
        if (t->size == 1) return (double)(int8_t)bits;
        if (t->size == 2) return (double)(int16_t)bits;
        if (t->size == 4) return (double)(int32_t)bits;
        return (double)(int64_t)bits;
    default: break;
    }
    if (t->size == 2) return half(bits);
    if (t->size == 4) return memcpy(&single, &four, 4), (double)single;
    return memcpy(&number, &bits, 8), number;
}

static void add_character(Text *text, uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
    const int n = c >= 0x10000 ? 4 : c >= 0x800 ? 3 : c >= 0x80 ? 2 : 1;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    char bytes[4];
    for (int i = n - 1; i > 0; i--, c >>= 6) bytes[i] = (char)(0x80 | (c & 63));
    bytes[0] = (char)(first[n] | c);
    text_add_n(text, bytes, (size_t)n);
}

/* Up to the zeros behind it. Bytes are characters of Latin-1, unless they are UTF-8. */
static void add_words(Text *text, const NpyType *t, const unsigned char *cell)
{
    const int step = t->kind == 'U' ? 4 : 1;
    int n = t->size / step;
    while (n > 0 && bits_of(cell + (n - 1) * step, step, t->swapped) == 0) n--;
    if (t->kind == 'S' && text_is_utf8((const char *)cell, (size_t)n) && !memchr(cell, 0, (size_t)n)) {
        text_add_n(text, (const char *)cell, (size_t)n);
        return;
    }
    for (int i = 0; i < n; i++) {
        uint64_t c = bits_of(cell + i * step, step, t->swapped);
        add_character(text, c ? (uint32_t)c : 0xFFFD);
    }
}

/* The day from 1970 on, in the Gregorian calendar: Howard Hinnant's civil_from_days. */
static void add_day(Text *text, int64_t day)
{
    day += 719468;
    const int64_t era = (day >= 0 ? day : day - 146096) / 146097, d = day - era * 146097;
    const int64_t year = (d - d / 1460 + d / 36524 - d / 146096) / 365;
    const int64_t rest = d - (365 * year + year / 4 - year / 100);
    const int64_t m = (5 * rest + 2) / 153, month = m < 10 ? m + 3 : m - 9;
    text_print(text, "%04lld-%02d-%02d", (long long)(year + era * 400 + (month <= 2)), (int)month,
               (int)(rest - (153 * m + 2) / 5 + 1));
}

/* -1: no such unit. */
static int fraction_digits(const char *unit)
{
    static const struct { const char *unit; int digits; } units[] = {{"s", 0}, {"ms", 3}, {"us", 6}, {"ns", 9}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].unit, unit) == 0) return units[i].digits;
    return -1;
}

static int64_t floor_of(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t rest_of(int64_t a, int64_t b)
{
    return a % b + (a % b < 0 ? b : 0);
}

static void add_date(Text *text, const NpyType *t, int64_t count)
{
    const char *unit = t->unit;
    /* beyond it no calendar reaches */
    const int64_t most = strchr("YMWD", *unit) && !unit[1] ? INT64_MAX / 8 : INT64_MAX;
    if (count > most || count < -most) count = 0;
    if (strcmp(unit, "Y") == 0) text_print(text, "%04lld", (long long)count + 1970);
    else if (strcmp(unit, "M") == 0)
        text_print(text, "%04lld-%02d", (long long)(floor_of(count, 12) + 1970),
                   (int)rest_of(count, 12) + 1);
    else if (strcmp(unit, "W") == 0) add_day(text, 7 * count);
    else if (strcmp(unit, "D") == 0) add_day(text, count);
    else {
        const int digits = fraction_digits(unit);
        int64_t scale = 1, seconds = 1;
        for (int i = 0; i < digits; i++) scale *= 10;
        if (strcmp(unit, "m") == 0) seconds = 60;
        if (strcmp(unit, "h") == 0) seconds = 3600;
        const int64_t whole = floor_of(count, scale), fraction = rest_of(count, scale);
        const int64_t day = floor_of(whole, 86400 / seconds);
        const int64_t left = rest_of(whole, 86400 / seconds) * seconds;
        add_day(text, day);
        text_print(text, "T%02d:%02d:%02d", (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
        if (digits > 0) text_print(text, ".%0*lld", digits, (long long)fraction);
    }
}

bool npy_has_words(const Npy *npy, int type)
{
    return strchr("SUM", npy->types[type].kind) != NULL;
}

TypedCell npy_cell(const Npy *npy, int type, uint64_t index, Text *text)
{
    const NpyType *t = &npy->types[type];
    const unsigned char *cell = npy->cells + place_of(npy, index) * npy->size + t->at;
    if (!npy_has_words(npy, type)) {
        double number = number_of(t, bits_of(cell, t->size, t->swapped));
        return (TypedCell){.kind = isnan(number) ? TYPED_MISSING : TYPED_NUMBER, .number = number};
    }
    text->n = 0;
    if (t->kind == 'M') {
        int64_t count = (int64_t)bits_of(cell, 8, t->swapped);
        if (count == INT64_MIN) return (TypedCell){.kind = TYPED_MISSING}; /* NaT */
        add_date(text, t, count);
    } else {
        add_words(text, t, cell);
    }
    if (text->n == 0 || !text_ok(text)) return (TypedCell){.kind = TYPED_MISSING};
    return (TypedCell){.kind = TYPED_TEXT, .text = text->bytes, .n = text->n};
}

/* ---- writing ------------------------------------------------------------------------------------- */

void npy_header(Text *out, const char *descr, const uint64_t *shape, int n_dims)
{
    Text header = {0};
    text_print(&header, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (int i = 0; i < n_dims; i++)
        text_print(&header, n_dims == 1 ? "%llu," : i ? ", %llu" : "%llu", (unsigned long long)shape[i]);
    text_add(&header, "), }");
    while ((10 + header.n + 1) % 64) text_add(&header, " "); /* cells are aligned */
    text_add(&header, "\n");
    if (!text_ok(&header)) out->broken = true;
    else {
        const char front[] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, (char)(header.n & 0xFF),
                              (char)(header.n >> 8)};
        text_add_n(out, front, sizeof front);
        text_add_n(out, header.bytes, header.n);
    }
    text_free(&header);
}
