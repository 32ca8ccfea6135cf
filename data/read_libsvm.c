/* data/read_libsvm.c - LIBSVM's sparse rows, also called SVMlight's.
 *
 *     1 1:0.5 7:2 9:-1e3       a label, then pairs of a place and a number, places rising
 *     -1 qid:3 2:1 # why       a query's number is not used, what stands behind # is a remark
 *
 * What a row does not mention is zero. Columns are called by their places as they stand in the file, `label`
 * stands behind them. Places begin with 1, unless some row has a 0: that is found out, said, and in the
 * names, so that a model knows which is which whatever the next file begins with. A row without a label
 * begins with a pair.
 *
 * Source   Chang, Lin, "LIBSVM: A library for support vector machines", its README.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/text.h"
#include "data/typed.h"

enum { MOST_PLACE = 1 << 17 };

typedef struct {
    int32_t place;
    double value;
} Pair;

typedef struct {
    const char *label; /* NULL: none */
    size_t n_label;
    double number; /* it is one */
    bool is_number;
    int first; /* of its pairs */
    long line;
} SparseRow;

typedef struct {
    Reading *reading;
    const char *at, *end; /* the rest of the text */
    const char *line_end;
    long line;
    SparseRow *rows;
    Pair *pairs;
    int n_rows, row_capacity, n_pairs, pair_capacity;
    int least, most; /* places */
    bool queries;
    int cursor_row, cursor; /* what cell_of() has come to */
} Sparse;

static bool bad_line(const Sparse *s, const char *at, const char *what, Error *err)
{
    char piece[48];
    return error_set(err, ERR_DATA, "%s:%ld: %s at `%s`", s->reading->path, s->line, what,
                     cell_quote(at, (size_t)(s->line_end - at), piece));
}

/* ---- lines --------------------------------------------------------------------------------------- */

static size_t word_length(const Sparse *s)
{
    size_t n = 0;
    while (s->at + n < s->line_end && s->at[n] != ' ' && s->at[n] != '\t') n++;
    return n;
}

static void skip_blanks(Sparse *s)
{
    while (s->at < s->line_end && (*s->at == ' ' || *s->at == '\t')) s->at++;
}

static bool take_label(Sparse *s, SparseRow *row, Error *err)
{
    size_t n = word_length(s);
    if (memchr(s->at, ':', n)) return true;
    if (memchr(s->at, ',', n))
        return bad_line(s, s->at, "several labels, of which a row has one here,", err);
    row->label = s->at;
    row->n_label = n;
    row->is_number = reading_number(s->at, n, false, &row->number);
    s->at += n;
    return true;
}

static bool take_pair(Sparse *s, int *before, Error *err)
{
    const char *word = s->at, *colon = memchr(word, ':', word_length(s));
    size_t n = word_length(s);
    if (!colon) return bad_line(s, word, "a pair PLACE:NUMBER is expected", err);
    s->at += n;
    if (colon - word == 3 && memcmp(word, "qid", 3) == 0) {
        s->queries = true;
        return true;
    }
    long place = 0;
    for (const char *c = word; c < colon; c++) {
        if (*c < '0' || *c > '9') return bad_line(s, word, "a place is a whole number from 0 or 1,", err);
        if (place <= MOST_PLACE) place = 10 * place + (*c - '0');
    }
    if (colon == word) return bad_line(s, word, "a pair without its place", err);
    if (place > MOST_PLACE)
        return error_set(err, ERR_DATA, "%s:%ld: place %.*s; at most %d columns are read", s->reading->path,
                         s->line,
                         (int)(colon - word < 20 ? colon - word : 20), word, MOST_PLACE);
    if (place <= *before) return bad_line(s, word, "places of a row must rise; this one does not,", err);
    Pair pair = {.place = (int32_t)place};
    if (!reading_number(colon + 1, n - (size_t)(colon + 1 - word), false, &pair.value))
        return bad_line(s, colon + 1, "no number", err);
    if (!GROW(NULL, s->pairs, s->n_pairs, s->pair_capacity)) return error_memory(err);
    s->pairs[s->n_pairs++] = pair;
    *before = (int)place;
    if (place < s->least) s->least = (int)place;
    if (place > s->most) s->most = (int)place;
    return true;
}

static bool take_line(Sparse *s, Error *err)
{
    int before = -1;
    SparseRow row = {.first = s->n_pairs, .line = s->line};
    if (!take_label(s, &row, err)) return false;
    for (skip_blanks(s); s->at < s->line_end; skip_blanks(s))
        if (!take_pair(s, &before, err)) return false;
    if (s->n_rows == INT32_MAX / 2 - 1)
        return error_set(err, ERR_DATA, "%s: more than %d rows", s->reading->path, s->n_rows);
    if (!GROW(NULL, s->rows, s->n_rows, s->row_capacity)) return error_memory(err);
    s->rows[s->n_rows++] = row;
    return true;
}

static bool take_lines(Sparse *s, Error *err)
{
    while (s->at < s->end) {
        const char *next = memchr(s->at, '\n', (size_t)(s->end - s->at)), *remark;
        const char *to = next ? next : s->end;
        s->line++;
        remark = memchr(s->at, '#', (size_t)(to - s->at));
        s->line_end = remark ? remark : to;
        while (s->line_end > s->at && isspace((unsigned char)s->line_end[-1])) s->line_end--;
        skip_blanks(s);
        if (s->at < s->line_end && !take_line(s, err)) return false;
        s->at = next ? next + 1 : s->end;
    }
    return true;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

/* Column `n_columns - 1` is the label, the others are places from the least on. */
static TypedCell cell_of(const TypedRows *rows, int row, int column)
{
    Sparse *s = rows->of;
    const SparseRow *r = &s->rows[row];
    const int last = row + 1 < s->n_rows ? s->rows[row + 1].first : s->n_pairs, place = column + s->least;
    if (column == rows->n_columns - 1) {
        if (!r->label) return (TypedCell){.kind = TYPED_MISSING};
        if (r->is_number) return (TypedCell){.kind = TYPED_NUMBER, .number = r->number};
        return (TypedCell){.kind = TYPED_TEXT, .text = r->label, .n = r->n_label};
    }
    if (s->cursor_row != row || (s->cursor > r->first && s->pairs[s->cursor - 1].place >= place)) {
        s->cursor_row = row;
        s->cursor = r->first;
    }
    while (s->cursor < last && s->pairs[s->cursor].place < place) s->cursor++;
    bool there = s->cursor < last && s->pairs[s->cursor].place == place;
    return (TypedCell){.kind = TYPED_NUMBER, .number = there ? s->pairs[s->cursor].value : 0};
}

static bool is_numbers(const TypedRows *rows, int column)
{
    return column < rows->n_columns - 1;
}

static long line_of(const TypedRows *rows, int row)
{
    return ((const Sparse *)rows->of)->rows[row].line;
}

/* A name that is nothing but a place; -1: none. */
static int place_of(const char *name)
{
    size_t n = strspn(name, "0123456789");
    return n > 0 && n <= 7 && !name[n] && (n == 1 || *name != '0') ? atoi(name) : -1;
}

/* Which places are columns: those of the file, and those of the model. */
static void settle_places(Sparse *s)
{
    const Schema *schema = s->reading->schema;
    const bool zero = s->least == 0;
    if (s->least > 1) s->least = 1;
    bool places = false;
    for (int i = 0; schema && i < schema->n_columns; i++) {
        int place = place_of(schema->columns[i].name);
        places = places || place >= 0;
        if (place >= 0 && place < s->least) s->least = place;
        if (place > s->most && place <= MOST_PLACE) s->most = place;
    }
    if (schema && schema_by_place(schema)) { /* by position: as many as the file had that it learned from */
        int width = schema->rules.layout.width;
        for (int i = 0; i < schema->n_columns; i++) {
            const int place = column_place(schema->columns[i].name);
            if (place + 2 > width) width = place + 2;
        }
        if (s->most < width - 2 + s->least) s->most = width - 2 + s->least;
    }
    const bool named = schema && !places && !schema_by_place(schema); /* places are the order of its columns */
    if (named && s->most < s->least + schema->n_columns - 1) s->most = s->least + schema->n_columns - 1;
    if (zero && !schema) reading_note(s->reading, "places begin with 0 here: column `0` is the first");
    if (s->queries) reading_note(s->reading, "rows belong to queries (qid:N); they were not used");
}

static const char **name_places(const Sparse *s, Arena *arena)
{
    const int n = s->most - s->least + 1;
    const char **names = ARENA_NEW(arena, const char *, n + 1);
    for (int i = 0; names && i < n; i++)
        if (!(names[i] = arena_print(arena, "%d", i + s->least))) return NULL;
    if (names) names[n] = "label";
    return names;
}

static bool read_all(Sparse *s, size_t n, Table **out, Error *err)
{
    Reading *r = s->reading;
    if (!take_lines(s, err)) return false;
    settle_places(s);
    if (s->most < s->least) return error_set(err, ERR_DATA, "%s: no pairs PLACE:NUMBER in %d rows", r->path,
                                             s->n_rows);
    TypedRows rows = {.n_rows = s->n_rows, .n_columns = s->most - s->least + 2, .of = s, .cell = cell_of,
                      .is_numbers = is_numbers, .line = line_of};
    if (typed_too_large(rows.n_rows, rows.n_columns, n))
        return error_set(err, ERR_DATA, "%s: %d rows of %d columns are too large as a full table", r->path,
                         rows.n_rows,
                         rows.n_columns);
    rows.names = name_places(s, r->arena);
    if (!rows.names) return error_memory(err);
    typed_take_order(r, rows.names, rows.n_columns - 1);
    return typed_table(r, &rows, out, err);
}

bool read_libsvm(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    Sparse s = {.reading = r, .at = bytes, .end = bytes + n, .least = MOST_PLACE, .most = -1, .cursor_row = -1};
    bool ok = read_all(&s, n, out, err);
    free(s.rows);
    free(s.pairs);
    return ok;
}

/* One row of it, up to the line's end or a remark; how many pairs it has, -1: it is none. */
static int pairs_of(const char *at, const char *end)
{
    static const char number[] = "+-.0123456789eE";
    int pairs = 0;
    long before = -1;
    const char *from = at;
    while (at < end && *at && !strchr(" \t\r:,;|\"'#{[<", *at)) at++; /* a number, or a word */
    if (at == from) return -1;
    while (at < end && (*at == ' ' || *at == '\t')) {
        while (at < end && (*at == ' ' || *at == '\t')) at++;
        if (at == end || *at == '\r' || *at == '#') break;
        if (pairs == 0 && end - at > 4 && memcmp(at, "qid:", 4) == 0) {
            for (at += 4; at < end && isdigit((unsigned char)*at);) at++;
            continue;
        }
        long place = -1;
        for (; at < end && isdigit((unsigned char)*at) && place < 1L << 40; at++)
            place = 10 * (place < 0 ? 0 : place) + (*at - '0');
        if (place <= before || at == end || *at++ != ':') return -1;
        before = place;
        const char *value = at;
        if (end - at >= 3 && (memcmp(at, "nan", 3) == 0 || memcmp(at, "inf", 3) == 0)) at += 3;
        while (at < end && *at && strchr(number, *at)) at++;
        if (at == value) return -1;
        pairs++;
    }
    return at == end || *at == '\r' || *at == '#' ? pairs : -1;
}

/* A class, then pairs of a place and a number: 1 1:0.5 7:2. So are the first rows, and one has two pairs: times
 * have one. */
bool libsvm_looks_like(const char *bytes, size_t n)
{
    enum { FIRST_ROWS = 20 };
    const char *at = bytes, *end = bytes + n;
    bool two = false;
    for (int rows = 0; at < end && rows < FIRST_ROWS;) {
        const char *next = memchr(at, '\n', (size_t)(end - at)), *to = next ? next : end;
        while (at < to && isspace((unsigned char)*at)) at++;
        if (at < to && *at != '#') {
            int pairs = pairs_of(at, to);
            if (pairs < 0) return false;
            two = two || pairs > 1;
            rows++;
        }
        at = next ? next + 1 : end;
    }
    return two;
}
