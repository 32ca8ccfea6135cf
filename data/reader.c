/* data/reader.c - what is the same for every text format: numbers, cells into columns,
 * columns into a table. */
#include "data/reader.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/text.h"

/* ---- small things ---- */

void reading_note(Reading *reading, const char *format, ...)
{
    if (!GROW(reading->arena, reading->notes, reading->n_notes, reading->note_capacity)) return;
    char text[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *copy = arena_copy(reading->arena, text);
    if (copy) reading->notes[reading->n_notes++] = copy;
}

void carried_add(Carried *carried, const char *text, size_t n)
{
    text_add_n(&carried->bytes, text, n);
    text_add_n(&carried->bytes, "", 1);
    carried->broken = carried->broken || !text_ok(&carried->bytes);
    carried->n++;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void reading_trim(const char **text, size_t *n)
{
    for (; *n && is_blank(**text); --*n) ++*text;
    while (*n && is_blank((*text)[*n - 1])) --*n;
}

const char *cell_quote(const char *text, size_t n, char *out)
{
    size_t keep = n > 40 ? 40 : n;
    /* Never half a UTF-8 character. */
    while (keep < n && keep > 0 && ((unsigned char)text[keep] & 0xC0) == 0x80) keep--;
    for (size_t i = 0; i < keep; i++) {
        unsigned char c = (unsigned char)text[i];
        out[i] = c < 32 || c == 127 ? ' ' : text[i];
    }
    strcpy(out + keep, keep < n ? "..." : "");
    return out;
}

const char *names_list(Arena *arena, const char *const *names, int n)
{
    Text list = {0};
    char piece[48];
    for (int i = 0; i < n && i < 12; i++) {
        if (i) text_add(&list, ", ");
        text_add(&list, cell_quote(names[i], strlen(names[i]), piece));
    }
    if (n > 12) text_print(&list, ", ... (%d in all)", n);
    const char *copy = text_ok(&list) && list.bytes ? arena_copy(arena, list.bytes) : NULL;
    text_free(&list);
    return copy ? copy : "";
}

static bool is_word(const char *text, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (!word[i] || tolower((unsigned char)text[i]) != word[i]) return false;
    return word[n] == '\0';
}

/* Where a long double has 64 bits, as x86's has: 19 digits and a power of ten up to 10^27 are exact, and what
 * is between them is rounded to 64 bits. Rounding once more, to 53, gives the nearest double unless the 11 bits
 * that go are next to a half. */
static bool long_number(uint64_t mantissa, int scale, double *out)
{
#if LDBL_MANT_DIG == 64 && defined(__x86_64__)
    static const long double power[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                        1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                        1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    if (mantissa == 0 || scale < -27 || scale > 27) return false;
    long double value = (long double)mantissa;
    value = scale < 0 ? value / power[-scale] : value * power[scale];
    uint64_t bits; /* the significand comes first */
    memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7FF) - 0x3FF <= 2) return false;
    *out = (double)value;
    return true;
#else
    (void)mantissa, (void)scale, (void)out;
    return false;
#endif
}

bool reading_number(const char *text, size_t n, bool decimal_comma, double *out)
{
    Decimal decimal = decimal_of(text, n);
    if (decimal.places < 0) return reading_long_number(text, n, decimal_comma, out);
    *out = decimal_value(decimal);
    return true;
}

bool reading_long_number(const char *text, size_t n, bool decimal_comma, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t i = 0;
    bool minus = n > 0 && text[0] == '-';
    if (n > 0 && (text[0] == '-' || text[0] == '+')) i++;
    if (n - i >= 3 && isalpha((unsigned char)text[i])) {
        bool infinite = is_word(text + i, n - i, "inf") || is_word(text + i, n - i, "infinity");
        if (!infinite && !is_word(text + i, n - i, "nan")) return false;
        *out = infinite ? (minus ? -INFINITY : INFINITY) : NAN;
        return true;
    }
    uint64_t mantissa = 0;
    int digits = 0, significant = 0, scale = 0;
    bool point = false;
    for (; i < n; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9') {
            digits++;
            if (significant || c != '0') significant++;
            if (significant <= 19) mantissa = mantissa * 10 + (uint64_t)(c - '0');
            if (point) scale--;
        } else if (!point && (c == '.' || (decimal_comma && c == ','))) {
            point = true;
        } else {
            break;
        }
    }
    if (!digits) return false;
    int exponent = 0;
    if (i < n && (text[i] == 'e' || text[i] == 'E')) {
        bool down = ++i < n && text[i] == '-';
        if (i < n && (text[i] == '-' || text[i] == '+')) i++;
        if (i == n) return false;
        for (; i < n && text[i] >= '0' && text[i] <= '9'; i++)
            if (exponent < 100000) exponent = exponent * 10 + (text[i] - '0');
        if (down) exponent = -exponent;
    }
    if (i != n) return false;
    scale += exponent;
    /* Clinger 1990: up to 2^53 times or over an exact power of ten rounds once, so correctly. */
    if (significant <= 19 && mantissa <= (uint64_t)1 << 53 && scale >= -22 && scale <= 22) {
        double value = scale < 0 ? (double)mantissa / power[-scale]
                                 : (double)mantissa * power[scale];
        *out = minus ? -value : value;
        return true;
    }
    if (significant <= 19 && long_number(mantissa, scale, out)) {
        if (minus) *out = -*out;
        return true;
    }
    char copy[128];
    if (n >= sizeof copy) return false; /* nobody writes a measurement with 128 digits */
    memcpy(copy, text, n);
    copy[n] = '\0';
    char *comma = strchr(copy, ',');
    if (comma) *comma = '.';
    *out = strtod(copy, NULL);
    return true;
}

bool reading_styled(const char *text, size_t n, NumberStyle style, double *out)
{
    char bare[DRESSED_MOST];
    size_t k = dressed_bare(text, n, style, bare);
    return k && reading_number(bare, k, false, out);
}

bool reading_any_number(const char *text, size_t n, double *out)
{
    return reading_number(text, n, false, out) || dressed_number(text, n, out);
}

static bool settle_rules(Reading *r, Error *err)
{
    if (r->schema) {
        r->rules = r->schema->rules;
        r->decimal_comma = r->rules.decimal_comma;
        if (r->rules.n_missing > 0) return true;
    }
    const TextList *tokens = &r->options->missing_tokens;
    r->rules.n_missing = tokens->n ? tokens->n : N_MISSING_UNSAID;
    const char **words = ARENA_NEW(r->arena, const char *, r->rules.n_missing);
    if (!words) return error_memory(err);
    for (int i = 0; i < r->rules.n_missing; i++) {
        words[i] = arena_copy(r->arena, tokens->n ? tokens->items[i] : missing_unsaid[i]);
        if (!words[i]) return error_memory(err);
    }
    r->rules.missing = words;
    return true;
}

bool reading_rules(Reading *r, Error *err)
{
    if (!settle_rules(r, err)) return false;
    r->missing_number = ARENA_NEW(r->arena, double, r->rules.n_missing);
    if (!r->missing_number) return error_memory(err);
    for (int i = 0; i < r->rules.n_missing; i++) {
        const char *word = r->rules.missing[i];
        double *number = &r->missing_number[r->n_missing_numbers];
        r->may_be_missing[(unsigned char)*word] = true;
        r->n_missing_numbers += reading_number(word, strlen(word), false, number) && isfinite(*number);
    }
    return true;
}

bool reading_is_missing_number(const Reading *r, double value)
{
    for (int i = 0; i < r->n_missing_numbers; i++)
        if (value == r->missing_number[i]) return true;
    return false;
}

bool reading_is_missing(const Reading *reading, const char *text, size_t n)
{
    const ReadRules *rules = &reading->rules;
    char first = n ? *text : '\0';
    if (!reading->may_be_missing[(unsigned char)first]) return false; /* nearly every cell */
    for (int i = 0; i < rules->n_missing; i++) {
        const char *word = rules->missing[i];
        if (word[0] == first && strncmp(word, text, n) == 0 && word[n] == '\0') return true;
    }
    return false;
}

/* A class may well be called None or NA: in the label column only an empty cell and `?` mean missing, and what
 * somebody has listed. */
static bool label_is_missing(const Reading *r, const char *text, size_t n)
{
    const ReadRules *rules = &r->rules;
    if (n == 0 || (n == 1 && *text == '?')) return true;
    bool listed = rules->n_missing != N_MISSING_UNSAID;
    for (int i = 0; i < rules->n_missing && !listed; i++)
        listed = strcmp(rules->missing[i], missing_unsaid[i]) != 0;
    return listed && reading_is_missing(r, text, n);
}

/* ---- cells ---- */

bool reading_start(Reading *r, int n_rows, Error *err)
{
    r->n_rows = n_rows;
    for (int i = 0; i < r->n_columns; i++) {
        RawColumn *column = &r->columns[i];
        if (column->role == ROLE_IGNORED || column->stored) continue;
        if (column->kind == COLUMN_NUMERIC) column->number = ARENA_NEW(r->arena, double, n_rows);
        else column->code = ARENA_NEW(r->arena, int32_t, n_rows);
        if (!column->number && !column->code) return error_memory(err);
    }
    return true;
}

int schema_class(const Schema *schema, const TextSet *known, const char *text, size_t n)
{
    int found = text_set_find(known, text, n);
    if (found < 0 && n > 1 && text[n - 1] == '.') found = text_set_find(known, text, n - 1);
    double value, other;
    if (found < 0 && reading_number(text, n, false, &value))
        for (int i = 0; i < schema->n_classes && found < 0; i++)
            if (reading_number(schema->classes[i], strlen(schema->classes[i]), false, &other) &&
                value == other)
                found = i;
    return found;
}

/* Words that mean missing, for a message. */
static const char *missing_list(const Reading *r)
{
    const char **words = ARENA_NEW(r->arena, const char *, r->rules.n_missing);
    for (int i = 0; words && i < r->rules.n_missing; i++)
        words[i] = *r->rules.missing[i] ? r->rules.missing[i] : "an empty cell";
    return words ? names_list(r->arena, words, r->rules.n_missing) : "";
}

static bool no_number(const Reading *r, const RawColumn *column, const char *text, size_t n,
                      long line, Error *err)
{
    char quoted[48];
    const char *header = "", *what = cell_quote(text, n, quoted);
    bool verb = r->schema && r->options->said_as; /* which has no key to add a word to */
    if (r->schema && line == 1 && !r->keyed)
        header = verb ? "; if the line is a header, say --header true"
                      : "; if the line is a header, it names none of the training file's columns";
    return error_set(err, ERR_DATA, "%s:%ld: column `%s`: `%s` is not a number; %s%s%s", r->path,
                     line, column->name, what,
                     verb ? "missing is, to the model: "
                          : "if it means missing, add it to data.missing_tokens",
                     verb ? missing_list(r) : "", header);
}

/* A word that the model knows is that word, also where it would mean missing to others. */
static bool known_word(RawColumn *column, int row, const char *text, size_t n)
{
    int code = text_set_find(&column->levels, text, n);
    if (code < 0 || code >= column->n_known) return false;
    column->code[row] = code;
    return true;
}

bool reading_cell(Reading *r, int row, int at, const char *text, size_t n, bool missing, long line,
                  Error *err)
{
    RawColumn *column = &r->columns[at];
    char quoted[48];
    if (column->role == ROLE_IGNORED) return true;
    if (column->kind == COLUMN_NUMERIC) {
        double value = NAN;
        bool any = column->role == ROLE_LABEL && r->schema; /* in whatever dress, as training takes it */
        if (!missing && !(column->style ? reading_styled(text, n, column->style, &value)
                                        : reading_number(text, n, r->decimal_comma, &value))
            && !(any && reading_any_number(text, n, &value)))
            return no_number(r, column, text, n, line, err);
        if (r->decimal_comma && !missing && !column->style && memchr(text, ',', n))
            r->rules.decimal_comma = true;
        if (isinf(value)) {
            column->n_infinite++;
            value = NAN;
        }
        if (reading_is_missing_number(r, value)) value = NAN;
        column->n_missing += isnan(value) != 0;
        column->number[row] = value;
        return true;
    }
    if (column->n_known && known_word(column, row, text, n)) return true;
    if (missing && column->role == ROLE_LABEL && !label_is_missing(r, text, n))
        missing = r->schema && schema_class(r->schema, &column->levels, text, n) < 0;
    if (missing) {
        column->code[row] = -1;
        column->n_missing++;
        return true;
    }
    if (column->role == ROLE_LABEL && r->schema && task_has_classes(&r->schema->task)) {
        column->code[row] = schema_class(r->schema, &column->levels, text, n);
        if (column->code[row] >= 0) return true;
        return error_set(err, ERR_DATA, "%s:%ld: class `%s` is none of the model's %d: %s", r->path,
                         line, cell_quote(text, n, quoted), r->schema->n_classes,
                         names_list(r->arena, r->schema->classes, r->schema->n_classes));
    }
    column->code[row] = text_set_add(&column->levels, r->arena, text, n);
    if (column->code[row] < 0) return error_memory(err);
    if (r->schema && column->n_unknown++ == 0) column->unknown_line = line;
    return true;
}
