/* data/read_arff.c - Weka's attribute-relation files.
 *
 *     @relation NAME
 *     @attribute NAME  numeric | real | integer | string | date [FORMAT] | {a, 'b c', ...}
 *     @data
 *     1.5, 'b c', ?          one row a line
 *     {0 1.5, 2 x}           or only its cells that are not zero (or not the first value)
 *     1.5, 'b c', ?, {5}     a weight; it is not used
 *
 * A '%' that begins a word begins a remark, keywords in any case, names and values quoted by ' or " with
 * backslash escapes. String and date columns are read as words; whether they are dates or running text, their
 * cells say (data/reader_settle.c). A declared list of values is a promise:
 * another value is an error.
 *
 * Source   Weka's wiki, "ARFF (stable version)".
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/grow.h"
#include "data/reader.h"

enum { MAX_ATTRIBUTES = 1 << 20 };
static const int64_t max_sparse_cells = (int64_t)1 << 28; /* 2 GiB of doubles */

typedef struct {
    const char *name;
    ColumnKind kind;
    bool listed; /* its values are declared */
    TextSet declared;
} Attribute;

typedef struct {
    Reading *reading;
    const char *rest, *end; /* the lines not read yet */
    long line;
    const char *at, *line_end; /* what is left of the current line */
    char *word;                /* the last word, unescaped; room for the longest line */
    size_t n_word;
    bool quoted;
    bool weighted; /* and it was said */
    Attribute *attributes;
    int n, capacity;
} Arff;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(Arff *a)
{
    while (a->at < a->line_end && is_blank(*a->at)) a->at++;
}

/* Where a remark begins behind what a line says: at a `%` that begins a word, outside of quotes. */
static const char *before_remark(const char *from, const char *to)
{
    char quote = '\0', before = ' ';
    bool closed = false; /* a quote, just now */
    if (!memchr(from, '%', (size_t)(to - from))) return to;
    for (const char *at = from; at < to; before = *at++) {
        bool begins = is_blank(before) || before == ',' || before == '{' || before == '}' || closed;
        closed = false;
        if (quote && *at == '\\' && at + 1 < to) at++;
        else if (quote && *at == quote) closed = true, quote = '\0';
        else if (quote) continue;
        else if (begins && (*at == '"' || *at == '\'')) quote = *at;
        else if (begins && *at == '%') return at;
    }
    return to;
}

/* Moves to the next line that says something; false at the end of the file. */
static bool next_line(Arff *a)
{
    while (a->rest < a->end) {
        const char *from = a->rest, *to = from;
        while (to < a->end && *to != '\n' && *to != '\r') to++;
        a->rest = to;
        if (to + 1 < a->end && to[0] == '\r' && to[1] == '\n') a->rest++;
        if (a->rest < a->end) a->rest++;
        a->line++;
        to = before_remark(from, to);
        while (to > from && is_blank(to[-1])) to--;
        a->at = from;
        a->line_end = to;
        skip_blanks(a);
        if (a->at < to && *a->at != '%') return true;
    }
    return false;
}

static bool bad_line(const Arff *a, Error *err, const char *what)
{
    char piece[48];
    return error_set(err, ERR_DATA, "%s:%ld: %s at `%s`", a->reading->path, a->line, what,
                     cell_quote(a->at, (size_t)(a->line_end - a->at), piece));
}

/* Reads a word up to a blank or one of `stops`; with `inner_blanks`, blanks inside belong to it.
 * Quoted words end at their quote. */
static bool read_word(Arff *a, const char *stops, bool inner_blanks, Error *err)
{
    skip_blanks(a);
    a->n_word = 0;
    a->quoted = a->at < a->line_end && (*a->at == '\'' || *a->at == '"');
    if (a->quoted) {
        const char *opened = a->at;
        char quote = *a->at++;
        for (; a->at < a->line_end && *a->at != quote; a->at++) {
            if (*a->at == '\\' && a->at + 1 < a->line_end) a->at++;
            a->word[a->n_word++] = *a->at;
        }
        if (a->at == a->line_end) {
            a->at = opened;
            return bad_line(a, err, "a quote is opened and not closed on its line,");
        }
        a->at++;
        skip_blanks(a);
        const char *text = a->word;
        reading_trim(&text, &a->n_word);
        memmove(a->word, text, a->n_word);
        return true;
    }
    while (a->at < a->line_end && !strchr(stops, *a->at) && (inner_blanks || !is_blank(*a->at)))
        a->word[a->n_word++] = *a->at++;
    while (a->n_word > 0 && is_blank(a->word[a->n_word - 1])) a->n_word--;
    skip_blanks(a);
    return true;
}

static bool word_is(const Arff *a, const char *text)
{
    return strlen(text) == a->n_word && strncasecmp(a->word, text, a->n_word) == 0;
}

/* ---- header ---- */

static bool read_values(Arff *a, Attribute *attribute, Error *err)
{
    a->at++; /* { */
    attribute->listed = true;
    attribute->kind = COLUMN_NOMINAL;
    for (;;) {
        skip_blanks(a);
        if (a->at < a->line_end && *a->at == '}') break;
        if (!read_word(a, ",}", true, err)) return false;
        if (text_set_add(&attribute->declared, a->reading->arena, a->word, a->n_word) < 0)
            return error_memory(err);
        if (a->at < a->line_end && *a->at == ',') a->at++;
        else if (a->at == a->line_end || *a->at != '}')
            return bad_line(a, err, "a list of values must be separated by commas and end with },");
    }
    a->at++;
    return true;
}

static bool read_attribute(Arff *a, Error *err)
{
    if (a->n == MAX_ATTRIBUTES)
        return error_set(err, ERR_DATA, "%s:%ld: more than %d attributes", a->reading->path,
                         a->line, MAX_ATTRIBUTES);
    if (!GROW(NULL, a->attributes, a->n, a->capacity)) return error_memory(err);
    Attribute *attribute = &a->attributes[a->n];
    *attribute = (Attribute){0};
    if (!read_word(a, "{", false, err)) return false;
    if (!a->n_word && !a->quoted) return bad_line(a, err, "@attribute needs a name");
    attribute->name = arena_copy_n(a->reading->arena, a->word, a->n_word);
    if (!attribute->name) return error_memory(err);
    a->n++;
    if (a->at < a->line_end && *a->at == '{') return read_values(a, attribute, err);
    const char *type = a->at;
    if (!read_word(a, "{", false, err)) return false;
    if (word_is(a, "numeric") || word_is(a, "real") || word_is(a, "integer"))
        attribute->kind = COLUMN_NUMERIC;
    else if (word_is(a, "string") || word_is(a, "date"))
        attribute->kind = COLUMN_NOMINAL;
    else {
        a->at = type;
        return bad_line(a, err,
                        word_is(a, "relational")
                            ? "attributes that are tables themselves are not supported,"
                            : "unknown type; known: numeric, real, integer, string, date, {a, b},");
    }
    return true;
}

static bool read_header(Arff *a, Error *err)
{
    while (next_line(a)) {
        const char *from = a->at;
        if (!read_word(a, "", false, err)) return false;
        if (word_is(a, "@relation")) continue;
        if (word_is(a, "@data")) {
            if (a->n) return true;
            return error_set(err, ERR_DATA, "%s:%ld: @data without any @attribute before it",
                             a->reading->path, a->line);
        }
        if (!word_is(a, "@attribute")) {
            a->at = from;
            return bad_line(a, err, "expected @relation, @attribute or @data,");
        }
        if (!read_attribute(a, err)) return false;
    }
    return error_set(err, ERR_DATA, "%s: no @data line", a->reading->path);
}

/* ---- rows ---- */

/* Hands the current word over as the cell of a column. */
static bool take_cell(Arff *a, int row, int column, Error *err)
{
    bool missing = !a->n_word || (!a->quoted && a->n_word == 1 && a->word[0] == '?');
    const Attribute *attribute = &a->attributes[column];
    char piece[48];
    if (!missing && attribute->listed &&
        a->reading->columns[column].role != ROLE_IGNORED &&
        text_set_find(&attribute->declared, a->word, a->n_word) < 0)
        return error_set(err, ERR_DATA, "%s:%ld: `%s` is not one of the values declared for `%s`",
                         a->reading->path, a->line, cell_quote(a->word, a->n_word, piece),
                         attribute->name);
    /* Words that mean missing stand for it among numbers, and where a model says so. */
    const Reading *r = a->reading;
    if (missing) a->n_word = 0;
    else if (r->columns[column].kind == COLUMN_NUMERIC || r->schema)
        missing = reading_is_missing(r, a->word, a->n_word);
    return reading_cell(a->reading, row, column, a->word, a->n_word, missing, a->line, err);
}

/* How a row's cells are told apart. Weka takes commas and blanks alike, and however many of them as one; most
 * files mean the comma alone, with blanks in words and nothing between two commas for a missing cell. */
typedef enum { BY_COMMAS, BY_BLANKS, BY_BOTH } Between;

/* Reads a cell and steps over what ends it. */
static bool next_cell(Arff *a, Between between, bool *last, Error *err)
{
    if (!read_word(a, between == BY_BLANKS ? "" : ",", between == BY_COMMAS, err)) return false;
    *last = a->at == a->line_end;
    if (*last) return true;
    if (*a->at == ',' && between != BY_BLANKS) a->at++;
    else if (between == BY_COMMAS) return bad_line(a, err, "text after a closing quote,");
    return true;
}

/* -1: the row cannot be read so. Leaves the line as it is. */
static int count_cells(Arff *a, Between between)
{
    const char *from = a->at;
    int n = 0;
    for (bool last = false; !last && n >= 0; ) {
        if (!next_cell(a, between, &last, NULL)) n = -1;
        else n += between != BY_BOTH || a->n_word || a->quoted;
    }
    a->at = from;
    return n;
}

static Between between_cells(Arff *a)
{
    size_t n = (size_t)(a->line_end - a->at);
    bool comma = memchr(a->at, ',', n) != NULL, quote = memchr(a->at, '"', n) || memchr(a->at, '\'', n);
    if (!comma && a->n > 1) return BY_BLANKS;
    int commas = 0;
    for (size_t i = 0; i < n && !quote; i++) commas += a->at[i] == ',';
    if ((quote ? count_cells(a, BY_COMMAS) : commas + 1) == a->n) return BY_COMMAS;
    return count_cells(a, BY_BOTH) == a->n ? BY_BOTH : BY_COMMAS;
}

/* `..., {5}` is the row's weight. */
static void leave_weight(Arff *a)
{
    const char *close = a->line_end - 1, *open = close;
    double weight;
    if (close <= a->at || *close != '}') return;
    while (open > a->at && *open != '{') open--;
    if (open == a->at || (!is_blank(open[-1]) && open[-1] != ',')) return;
    const char *text = open + 1;
    size_t n = (size_t)(close - text);
    reading_trim(&text, &n);
    if (!reading_number(text, n, false, &weight)) return;
    a->line_end = open;
    while (a->line_end > a->at && (is_blank(a->line_end[-1]))) a->line_end--;
    if (a->line_end > a->at && a->line_end[-1] == ',') a->line_end--;
    while (a->line_end > a->at && (is_blank(a->line_end[-1]))) a->line_end--;
    if (!a->weighted)
        reading_note(a->reading, "rows have weights (`{%.15g}` in line %ld); they were not used", weight,
                     a->line);
    a->weighted = true;
}

static bool read_dense(Arff *a, int row, Error *err)
{
    Between between = between_cells(a);
    int n = 0;
    for (bool last = false; !last; ) {
        if (!next_cell(a, between, &last, err)) return false;
        if (between == BY_BOTH && !a->n_word && !a->quoted) continue;
        if (n < a->n && !take_cell(a, row, n, err)) return false;
        n++;
    }
    if (n == a->n) return true;
    return error_set(err, ERR_DATA, "%s:%ld: %d value%s, expected %d", a->reading->path, a->line,
                     n, n == 1 ? "" : "s", a->n);
}

/* What a sparse row does not mention, here columns [from, to), is zero or the first value. */
static bool fill_gap(Arff *a, int row, int from, int to, Error *err)
{
    for (int i = from; i < to; i++) {
        const Attribute *attribute = &a->attributes[i];
        const char *text = "0";
        if (attribute->kind == COLUMN_NOMINAL)
            text = attribute->declared.n ? attribute->declared.text[0] : "";
        if (!reading_cell(a->reading, row, i, text, strlen(text), !*text, a->line, err))
            return false;
    }
    return true;
}

static bool read_sparse(Arff *a, int row, Error *err)
{
    if ((int64_t)(row + 1) * a->n > max_sparse_cells)
        return error_set(err, ERR_DATA,
                         "%s:%ld: as a full table these sparse rows would pass %lld cells",
                         a->reading->path, a->line, (long long)max_sparse_cells);
    a->at++; /* { */
    int next = 0;
    for (;;) {
        skip_blanks(a);
        if (a->at < a->line_end && *a->at == '}') break;
        char *end;
        if (!read_word(a, ",}", false, err)) return false;
        a->word[a->n_word] = '\0';
        long index = strtol(a->word, &end, 10);
        if (!a->n_word || *end || index < 0 || index >= a->n)
            return error_set(err, ERR_DATA, "%s:%ld: sparse index `%.40s` is not in 0..%d",
                             a->reading->path, a->line, a->word, a->n - 1);
        if (index < next)
            return error_set(err, ERR_DATA, "%s:%ld: sparse index %ld is out of order",
                             a->reading->path, a->line, index);
        if (!fill_gap(a, row, next, (int)index, err)) return false;
        next = (int)index + 1;
        if (!read_word(a, ",}", true, err)) return false;
        if (!take_cell(a, row, (int)index, err)) return false;
        if (a->at < a->line_end && *a->at == ',') a->at++;
        else if (a->at == a->line_end || *a->at != '}')
            return bad_line(a, err, "a sparse row must end with },");
    }
    a->at++;
    skip_blanks(a);
    if (a->at < a->line_end) return bad_line(a, err, "text after a sparse row,");
    return fill_gap(a, row, next, a->n, err);
}

static bool read_row(Arff *a, int row, Error *err)
{
    leave_weight(a);
    return *a->at == '{' ? read_sparse(a, row, err) : read_dense(a, row, err);
}

/* The file's types hold unless options or the schema say otherwise. */
static bool take_kinds(Arff *a, Error *err)
{
    Reading *r = a->reading;
    for (int i = 0; i < a->n; i++) {
        RawColumn *column = &r->columns[i];
        const Attribute *attribute = &a->attributes[i];
        if (!column->fixed) column->kind = attribute->kind;
        column->fixed = true;
        if (r->schema || column->kind != COLUMN_NOMINAL) continue;
        column->declared = attribute->listed;
        for (int k = 0; k < attribute->declared.n; k++) {
            const char *text = attribute->declared.text[k];
            if (!*text) continue; /* a cell without anything is missing, whatever is declared */
            if (text_set_add(&column->levels, r->arena, text, strlen(text)) < 0)
                return error_memory(err);
        }
    }
    return true;
}

static bool read_all(Arff *a, Error *err)
{
    Reading *r = a->reading;
    if (!read_header(a, err)) return false;
    const char **names = ARENA_NEW(r->arena, const char *, a->n);
    if (!names) return error_memory(err);
    for (int i = 0; i < a->n; i++) names[i] = a->attributes[i].name;
    if (!reading_plan(r, names, a->n, err) || !take_kinds(a, err)) return false;
    Arff count = *a;
    int n_rows = 0;
    while (next_line(&count))
        if (++n_rows == INT32_MAX)
            return error_set(err, ERR_DATA, "%s: more than %d rows", r->path, INT32_MAX - 1);
    /* A short file of sparse rows can claim more cells than a machine has memory. */
    if ((int64_t)n_rows * a->n > max_sparse_cells && (int64_t)n_rows * a->n > a->end - a->rest)
        return error_set(err, ERR_DATA, "%s: %d rows of %d columns are too large as a full table",
                         r->path, n_rows, a->n);
    if (!reading_start(r, n_rows, err)) return false;
    for (int row = 0; row < n_rows; row++)
        if (!next_line(a) || !read_row(a, row, err)) return false;
    return true;
}

bool read_arff(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    size_t longest = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        length = bytes[i] == '\n' || bytes[i] == '\r' ? 0 : length + 1;
        if (length > longest) longest = length;
    }
    Arff a = {.reading = r, .rest = bytes, .end = bytes + n, .word = malloc(longest + 1)};
    bool ok = a.word ? read_all(&a, err) : error_memory(err);
    free(a.word);
    free(a.attributes);
    return ok && reading_finish(r, out, err);
}

bool arff_looks_like(const char *bytes, size_t n)
{
    const char *at = bytes, *end = bytes + n;
    if (n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
    while (at < end) {
        while (at < end && isspace((unsigned char)*at)) at++;
        if (at == end || *at != '%') break;
        while (at < end && *at != '\n' && *at != '\r') at++;
    }
    return (end - at >= 9 && strncasecmp(at, "@relation", 9) == 0) ||
           (end - at >= 10 && strncasecmp(at, "@attribute", 10) == 0);
}
