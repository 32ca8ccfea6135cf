/* Growing text, escaping, numbers with and without units, and the nearest of several words. */
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- growing ------------------------------------------------------------------------------- */

static bool reserve(Text *text, size_t more)
{
    if (text->broken) return false;
    if (more < text->capacity - text->n) return true; /* room for the NUL, too */
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity - text->n <= more) {
        if (capacity > SIZE_MAX / 4) {
            text->broken = true;
            return false;
        }
        capacity *= 2;
    }
    char *bytes = realloc(text->bytes, capacity);
    if (!bytes) {
        text->broken = true;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void text_add_n(Text *text, const char *piece, size_t n)
{
    if (!reserve(text, n)) return;
    if (n) memcpy(text->bytes + text->n, piece, n);
    text->n += n;
    text->bytes[text->n] = '\0';
}

char *text_keep(const char *bytes, size_t n)
{
    char *copy = malloc(n + 1);
    if (!copy) return NULL;
    if (n > 0) memcpy(copy, bytes, n);
    copy[n] = '\0';
    return copy;
}

void text_add(Text *text, const char *piece)
{
    text_add_n(text, piece, strlen(piece));
}

void text_print(Text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) text->broken = true;
    if (n < 0 || !reserve(text, (size_t)n)) return;
    va_start(args, format);
    vsnprintf(text->bytes + text->n, (size_t)n + 1, format, args);
    va_end(args);
    text->n += (size_t)n;
}

bool text_ok(const Text *text)
{
    return !text->broken;
}

void text_free(Text *text)
{
    free(text->bytes);
    *text = (Text){0};
}

/* ---- escaping ------------------------------------------------------------------------------ */

/* Length of the well-formed UTF-8 character at `bytes`, 0 when there is none (Unicode 15, table
 * 3-7: no overlong forms, no surrogates, nothing past U+10FFFF). */
size_t text_utf8_length(const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (n == 0) return 0;
    if (b[0] < 0x80) return 1;
    if (b[0] < 0xC2 || b[0] > 0xF4) return 0;
    size_t length = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    if (n < length) return 0;
    unsigned char low = 0x80, high = 0xBF; /* of the second byte */
    if (b[0] == 0xE0) low = 0xA0;
    if (b[0] == 0xED) high = 0x9F;
    if (b[0] == 0xF0) low = 0x90;
    if (b[0] == 0xF4) high = 0x8F;
    if (b[1] < low || b[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if (b[i] < 0x80 || b[i] > 0xBF) return 0;
    return length;
}

bool text_is_utf8(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint64_t eight;
        for (; n - i >= sizeof eight; i += sizeof eight) { /* of ASCII */
            memcpy(&eight, bytes + i, sizeof eight);
            if (eight & 0x8080808080808080u) break;
        }
        size_t length = i < n ? text_utf8_length(bytes + i, n - i) : 0;
        if (i == n) break;
        if (!length) return false;
        i += length;
    }
    return true;
}

/* The bytes of a control character beyond ASCII: of the second set (U+0080 to U+009F, which some terminals obey
 * like ESC and a letter), or of direction (U+202A to U+202E, U+2066 to U+2069), which shows text as another. */
static int hidden_length(const unsigned char *at, size_t n)
{
    if (n >= 2 && at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0) return 2;
    if (n < 3 || at[0] != 0xE2) return 0;
    bool turns = (at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE)
              || (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);
    return turns ? 3 : 0;
}

size_t text_json_step(const char **at, size_t n, char piece[8])
{
    unsigned char c = (unsigned char)**at;
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *found = c ? strchr(plain, c) : NULL;
    size_t length = text_utf8_length(*at, n);
    if (found) {
        piece[0] = '\\';
        piece[1] = letter[found - plain];
        *at += 1;
        return 2;
    }
    if (length == 0) { /* not a character: U+FFFD, the replacement character */
        memcpy(piece, "\xEF\xBF\xBD", 3);
        *at += 1;
        return 3;
    }
    if (c < 0x20 || c == 0x7F) {
        *at += 1;
        return (size_t)snprintf(piece, 8, "\\u%04x", c);
    }
    const unsigned char *b = (const unsigned char *)*at;
    int hidden = hidden_length(b, n);
    if (hidden) {
        unsigned code = hidden == 2 ? b[1] : 0x2000U + (b[1] & 0x3FU) * 64 + (b[2] & 0x3FU);
        *at += hidden;
        return (size_t)snprintf(piece, 8, "\\u%04x", code);
    }
    memcpy(piece, *at, length);
    *at += length;
    return length;
}

void text_shell(Text *text, const char *word)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+:=,%@-";
    bool bare = *word && *word != '=';
    for (const char *c = word; *c; c++) bare = bare && ((unsigned char)*c >= 0x80 || strchr(plain, *c));
    if (!bare) text_add(text, "'");
    for (; *word; word++) {
        if (*word == '\'') text_add(text, "'\\''");
        else text_add_n(text, word, 1);
    }
    if (!bare) text_add(text, "'");
}

void text_json(Text *text, const char *piece)
{
    const char *end = piece + strlen(piece);
    text_add_n(text, "\"", 1);
    while (piece < end) {
        char step[8];
        size_t n = text_json_step(&piece, (size_t)(end - piece), step);
        text_add_n(text, step, n);
    }
    text_add_n(text, "\"", 1);
}

void text_html(Text *text, const char *piece)
{
    for (; *piece; piece++) {
        switch (*piece) {
        case '&': text_add(text, "&amp;"); break;
        case '<': text_add(text, "&lt;"); break;
        case '>': text_add(text, "&gt;"); break;
        case '"': text_add(text, "&quot;"); break;
        case '\'': text_add(text, "&#39;"); break;
        default: text_add_n(text, piece, 1);
        }
    }
}

/* ---- numbers ------------------------------------------------------------------------------- */

char *text_number(double number, char *out)
{
    enum { SIZE = 32 };
    if (!isfinite(number)) return strcpy(out, "null");
    if (fabs(number) <= 0x1p53 && number == floor(number)) { /* an integer reads best whole */
        snprintf(out, SIZE, "%.0f", number);
        return out;
    }
    /* Whatever had 15 digits or fewer comes out of %.15g as it went in; some doubles need 16 or
     * 17. Below the normal range fewer may do. */
    char wide[64] = ""; /* the longest is -2.2250738585072014e-308, 24 letters */
    for (int digits = fabs(number) < 0x1p-1022 ? 1 : 15; digits <= 17; digits++) {
        snprintf(wide, sizeof wide, "%.*g", digits, number);
        if (strtod(wide, NULL) == number) break;
    }
    return memcpy(out, wide, SIZE);
}

static size_t span(const char *text, const char *set)
{
    return strspn(text, set);
}

/* The unsigned decimal at `text` ("12", "1.", ".5", "1.5e-3"): its length, 0 when there is none. */
static size_t decimal_length(const char *text, bool exponent)
{
    static const char digits[] = "0123456789";
    size_t whole = span(text, digits), n = whole, part = 0;
    if (text[n] == '.') {
        part = span(text + n + 1, digits);
        if (whole + part == 0) return 0;
        n += 1 + part;
    }
    if (whole + part == 0) return 0;
    if (exponent && (text[n] == 'e' || text[n] == 'E')) {
        size_t sign = text[n + 1] == '-' || text[n + 1] == '+';
        size_t power = span(text + n + 1 + sign, digits);
        if (power) n += 1 + sign + power;
    }
    return n;
}

bool text_to_number(const char *text, double *number)
{
    double value = 0;
    bool based = text[0] == '0' && (text[1] == 'x' || text[1] == 'o');
    if (based) {
        int base = text[1] == 'x' ? 16 : 8;
        const char *digits = text + 2;
        size_t n = span(digits, base == 16 ? "0123456789abcdefABCDEF" : "01234567");
        if (n == 0 || digits[n]) return false;
        for (size_t i = 0; i < n; i++) {
            int c = digits[i], digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
            value = value * base + digit;
        }
    } else {
        const char *start = text + (*text == '-' || *text == '+');
        size_t n = decimal_length(start, true);
        if (n == 0 || start[n]) return false;
        value = strtod(text, NULL);
    }
    if (!isfinite(value)) return false;
    *number = value;
    return true;
}

bool text_to_duration(const char *text, double *seconds)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"ms", 0.001}};
    enum { N_UNITS = sizeof units / sizeof *units };
    double total = 0;
    if (text_to_number(text, &total) && total >= 0) {
        *seconds = total;
        return true;
    }
    total = 0;
    int next = 0; /* units come in falling order, each once */
    do {
        size_t n = decimal_length(text, false), letters;
        if (n == 0) return false;
        double amount = strtod(text, NULL);
        text += n;
        letters = span(text, "dhms");
        int u = next;
        while (u < N_UNITS &&
               (strlen(units[u].unit) != letters || strncmp(text, units[u].unit, letters) != 0))
            u++;
        if (u == N_UNITS) return false;
        total += amount * units[u].seconds;
        next = u + 1;
        text += letters;
        if (*text == ' ' && text[1]) text++;
    } while (*text);
    if (!isfinite(total)) return false;
    *seconds = total;
    return true;
}

bool text_to_bytes(const char *text, double *bytes)
{
    static const struct {
        const char *unit;
        double bytes;
    } units[] = {{"", 1},         {"B", 1},         {"kB", 1e3},       {"KB", 1e3},
                 {"MB", 1e6},     {"GB", 1e9},      {"TB", 1e12},      {"KiB", 0x1p10},
                 {"kiB", 0x1p10}, {"MiB", 0x1p20},  {"GiB", 0x1p30},   {"TiB", 0x1p40}};
    const char *unit = text;
    size_t n = decimal_length(text, true);
    if (n == 0) return false;
    double amount = strtod(text, NULL);
    unit += n;
    if (*unit == ' ' && unit[1]) unit++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(unit, units[i].unit) != 0) continue;
        if (!isfinite(amount * units[i].bytes)) return false;
        *bytes = amount * units[i].bytes;
        return true;
    }
    return false;
}

const char *text_bytes(double bytes, char out[32])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t u = 0;
    while (bytes >= 1023.5 && u + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        u++;
    }
    snprintf(out, 32, u > 0 && bytes < 99.5 ? "%.2g %s" : "%.0f %s", bytes, units[u]);
    return out;
}

char *text_duration(double seconds, char *out)
{
    enum { SIZE = 32 };
    if (!isfinite(seconds) || seconds < 0) return strcpy(out, "-");
    if (seconds < 59.95) {
        snprintf(out, SIZE, "%.1fs", seconds);
        return out;
    }
    double whole = floor(seconds + 0.5), minutes = floor(whole / 60), hours = floor(minutes / 60);
    double days = floor(hours / 24);
    if (hours < 1)
        snprintf(out, SIZE, "%.0fm %02.0fs", minutes, whole - minutes * 60);
    else if (hours < 48)
        snprintf(out, SIZE, "%.0fh %02.0fm", hours, minutes - hours * 60);
    else if (days < 1e6)
        snprintf(out, SIZE, "%.0fd %02.0fh", days, hours - days * 24);
    else
        snprintf(out, SIZE, "%.3gd", days);
    return out;
}

char *text_about(double seconds, char *out)
{
    if (seconds >= 59.5 || !(seconds >= 0)) return text_duration(seconds, out);
    snprintf(out, 32, "%.0fs", seconds);
    return out;
}

/* ---- did you mean -------------------------------------------------------------------------- */

/* Case and the choice between - and _ are not mistakes worth counting. */
static char fold(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c | 0x20);
    return c == '-' || c == ' ' ? '_' : c;
}

enum { LONGEST_WORD = 63 };

/* Edits (insert, delete, replace, swap neighbours) between two words of at most LONGEST_WORD
 * letters: the "optimal string alignment" form of Damerau-Levenshtein. */
static int distance(const char *a, const char *b)
{
    int before[LONGEST_WORD + 1] = {0}, last[LONGEST_WORD + 1] = {0}, now[LONGEST_WORD + 1] = {0};
    int n = (int)strlen(a), m = (int)strlen(b);
    for (int j = 0; j <= m; j++) last[j] = j;
    for (int i = 1; i <= n; i++) {
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = last[j - 1] + (fold(a[i - 1]) != fold(b[j - 1]));
            if (last[j] + 1 < best) best = last[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1]) && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        memcpy(before, last, sizeof last);
        memcpy(last, now, sizeof now);
    }
    return last[m];
}

const char *text_nearest(const char *word, const char *const *candidates)
{
    size_t n = strlen(word);
    if (n == 0 || n > LONGEST_WORD) return NULL;
    int allowed = n < 2 ? 0 : n < 6 ? 1 : (int)(n / 3); /* one slip is forgiven in short words */
    const char *best = NULL;
    for (; *candidates; candidates++) {
        if (strlen(*candidates) > LONGEST_WORD) continue;
        int d = distance(word, *candidates);
        if (d > allowed) continue;
        allowed = d - 1; /* from now on only nearer ones: the first of equals wins */
        best = *candidates;
    }
    return best;
}

/* A spreadsheet runs what begins so, and a command needs a bracket, a bar or an exclamation mark: "=1+1" would
 * only change, and labels such as "-" or "+50K" are common. Numbers have none of these. The four are also read
 * in their full width (U+FF1D and so on). */
static bool is_formula(const char *cell)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
                                       "\xEF\xBC\xA0"};
    for (int i = 0; i < 4; i++)
        if (strncmp(cell, wide[i], 3) == 0) return strpbrk(cell, "(|!") != NULL;
    if (!*cell || !strchr("=+-@\t\r\n", *cell)) return false;
    return *cell == '=' ? cell[1] != '\0' : strpbrk(cell, "(|!") != NULL;
}

void text_csv(Text *out, const char *cell)
{
    bool plain = !strpbrk(cell, ",\"\r\n");
    if (!plain) text_add(out, "\"");
    if (is_formula(cell)) text_add(out, "'");
    if (plain) text_add(out, cell);
    for (const char *c = cell; !plain && *c; c++) text_add_n(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    if (!plain) text_add(out, "\"");
}

void text_calm(char *bytes, size_t n, bool all)
{
    unsigned char *at = (unsigned char *)bytes;
    for (size_t i = 0; i < n; i++) {
        if ((at[i] < 0x20 && at[i] != '\n' && at[i] != '\t') || (all && at[i] == 0x7F)) at[i] = ' ';
        int hidden = all ? hidden_length(at + i, n - i) : 0;
        for (int k = 0; k < hidden; k++) at[i + (size_t)k] = ' ';
    }
}

void text_difference(const char *a, const char *b, char *out, size_t size)
{
    const char *key = "";
    int n_key = 0, n = 0, m = 0;
    while (*a || *b) {
        n = (int)strcspn(a, "\n"), m = (int)strcspn(b, "\n");
        if (n != m || memcmp(a, b, (size_t)n) != 0) break;
        if (n > 0 && a[n - 1] == ':') key = a, n_key = n;
        a += n + (a[n] == '\n');
        b += m + (b[m] == '\n');
    }
    int blanks[3] = {(int)strspn(key, " "), (int)strspn(a, " "), (int)strspn(b, " ")};
    if (blanks[1] <= blanks[0]) blanks[0] = n_key; /* not below that key any more */
    snprintf(out, size, "%.*s%s%.*s, not %.*s", n_key - blanks[0], key + blanks[0],
             blanks[0] < n_key ? " " : "", n ? n - blanks[1] : 7, n ? a + blanks[1] : "nothing",
             m ? m - blanks[2] : 7, m ? b + blanks[2] : "nothing");
}
