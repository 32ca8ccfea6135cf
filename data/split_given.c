/* data/split_given.c - reads a split from a column, or from files of row numbers. */
#include "data/split_given.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/text.h"
#include "data/reader.h"
#include "data/split_parts.h"

/* ---- a column ---- */

/* What a cell says: a fold's number, or one of these. */
enum { SAYS_TRAIN = -1, SAYS_VALID = -2, SAYS_TEST = -3, SAYS_NOTHING = -4, MOST_FOLDS = 1000 };

static int meaning_of_word(const char *text)
{
    static const struct {
        const char *word;
        int means;
    } words[] = {{"train", SAYS_TRAIN}, {"training", SAYS_TRAIN}, {"valid", SAYS_VALID}, {"val", SAYS_VALID},
                 {"validation", SAYS_VALID}, {"validate", SAYS_VALID}, {"dev", SAYS_VALID}, {"test", SAYS_TEST},
                 {"testing", SAYS_TEST}};
    double number;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i].word) == 0) return words[i].means;
    if (!reading_number(text, strlen(text), false, &number) || !(number >= 0) || number > MOST_FOLDS
        || number != floor(number))
        return SAYS_NOTHING;
    return (int)number;
}

static int meaning_of(const Column *column, int row)
{
    if (column_has_words(column->kind))
        return column->code[row] < 0 ? SAYS_NOTHING : meaning_of_word(column->levels[column->code[row]]);
    double number = column_number(column, row);
    return number >= 0 && number <= MOST_FOLDS && number == floor(number) ? (int)number : SAYS_NOTHING;
}

bool given_validates(const SplitRows *rows)
{
    for (int i = 0; i < rows->n; i++)
        if (split_usable(rows, i)) {
            int says = meaning_of(rows->part, i);
            if (says >= 0 || says == SAYS_VALID) return true;
        }
    return false;
}

static bool no_meaning(const SplitRows *rows, int row, Arena *arena, Error *err)
{
    const char *cell = column_cell(rows->part, row, arena);
    char quoted[48];
    if (!cell || !*cell)
        return error_set(err, ERR_DATA, "data.split_column: row %d has nothing in column `%.60s`; it may be"
                         " train, valid (val, validation, dev) or test, or the number of a fold from 0 or"
                         " from 1", rows->table ? table_source(rows->table, row) : row + 1, rows->part->name);
    return error_set(err, ERR_DATA, "data.split_column: row %d: `%s` in column `%.60s` says no part; it may be"
                     " train,"
                     " valid (val, validation, dev) or test, or the number of a fold from 0 or from 1",
                     rows->table ? table_source(rows->table, row) : row + 1,
                     cell_quote(cell, strlen(cell), quoted), rows->part->name);
}

/* What each row of use says; `count` (MOST_FOLDS + 1) has the rows of each fold, below it those of the
 * words. */
typedef struct {
    int *says;  /* (rows) */
    int *count; /* (MOST_FOLDS + 1) */
    int n_train, n_valid, n_test, low, high;
} Said;

static bool read_column(const SplitRows *rows, Arena *arena, Said *s, Error *err)
{
    *s = (Said){.says = ARENA_NEW(arena, int, rows->n), .count = ARENA_NEW(arena, int, MOST_FOLDS + 1),
                .low = MOST_FOLDS + 1, .high = -1};
    if (!s->says || !s->count) return error_memory(err);
    for (int i = 0; i < rows->n; i++) {
        s->says[i] = SAYS_NOTHING;
        if (!split_usable(rows, i)) continue;
        int says = s->says[i] = meaning_of(rows->part, i);
        if (says == SAYS_NOTHING) return no_meaning(rows, i, arena, err);
        s->n_train += says == SAYS_TRAIN;
        s->n_valid += says == SAYS_VALID;
        s->n_test += says == SAYS_TEST;
        if (says < 0) continue;
        s->count[says]++;
        if (says < s->low) s->low = says;
        if (says > s->high) s->high = says;
    }
    const char *name = rows->part->name;
    if (s->high >= 0 && s->n_train + s->n_valid > 0)
        return error_set(err, ERR_DATA, "data.split_column: column `%.60s` has numbers of folds and the words"
                         " train or"
                         " valid; it is one or the other", name);
    if (s->n_valid > 0 && s->n_train == 0)
        return error_set(err, ERR_DATA, "data.split_column: no labelled row says train in column `%.60s`",
                         name);
    if (s->high < 0) return true;
    if (s->low > 1 || s->high == s->low)
        return error_set(err, ERR_DATA, "data.split_column: folds in column `%.60s` are numbered from 0 or"
                         " from 1, and"
                         " are at least two; here the least is %d and the greatest %d", name, s->low, s->high);
    for (int f = s->low; f <= s->high; f++)
        if (!s->count[f])
            return error_set(err, ERR_DATA, "data.split_column: fold %d of %d .. %d has no labelled row in"
                             " column"
                             " `%.60s`", f, s->low, s->high, name);
    return true;
}

bool split_by_column(const SplitRows *rows, Arena *arena, Split *out, Error *err)
{
    Said s;
    uint8_t *side = ARENA_NEW(arena, uint8_t, rows->n);
    if (!side) return error_memory(err);
    if (!read_column(rows, arena, &s, err)) return false;
    const bool folds = s.high >= 0;
    const int k = folds ? s.high - s.low + 1 : 1;
    if (!split_reserve(out, k, arena, err)) return false;
    for (int f = 0; f < k; f++) {
        for (int i = 0; i < rows->n; i++) {
            bool valid = folds ? s.says[i] == f + s.low : s.says[i] == SAYS_VALID;
            side[i] = valid                                                ? SIDE_VALID
                    : s.says[i] == SAYS_TRAIN || (folds && s.says[i] >= 0) ? SIDE_TRAIN : SIDE_NONE;
        }
        if (!split_fill(out, f, side, arena, err)) return false;
    }
    out->said = folds ? arena_print(arena, "%d folds as column `%s` says", k, rows->part->name)
                      : arena_print(arena, "%d rows as column `%s` says", out->n_valid[0], rows->part->name);
    return out->said || error_memory(err);
}

/* ---- files ---- */

enum { FILE_BYTES = 256 << 20 };

/* Which row of the table has a number of the file, from 0; -1: none that is here. */
typedef struct {
    int n;        /* numbers that there are */
    int32_t *row; /* (n) */
} Numbered;

static bool number_rows(const SplitRows *rows, Arena *arena, Numbered *out, Error *err)
{
    out->n = 0;
    for (int i = 0; i < rows->n; i++) {
        int source = rows->table ? table_source(rows->table, i) : i + 1;
        if (source > out->n) out->n = source;
    }
    out->row = ARENA_NEW(arena, int32_t, out->n);
    if (!out->row) return error_memory(err);
    for (int i = 0; i < out->n; i++) out->row[i] = -1;
    for (int i = 0; i < rows->n; i++) out->row[(rows->table ? table_source(rows->table, i) : i + 1) - 1] = i;
    return true;
}

/* One line without what follows a #: 0 for nothing, 1 for a number, -1 for what is none. */
static int line_number(const char *text, size_t n, int64_t *out)
{
    const char *mark = memchr(text, '#', n);
    if (mark) n = (size_t)(mark - text);
    reading_trim(&text, &n);
    *out = 0;
    if (n == 0) return 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9' || n > 10) return -1;
        *out = *out * 10 + (text[i] - '0');
    }
    return 1;
}

/* Marks the rows that a file names. `whole`: the table has all its rows, so that a number may be too large. */
static bool mark_rows(const char *path, const SplitOptions *o, const Numbered *numbered, bool whole, int means,
                      int8_t *mark, int *n_marked, Error *err)
{
    Bytes bytes;
    char quoted[48];
    int64_t number = 0;
    long line = 1;
    bool ok = true;
    *n_marked = 0;
    if (!file_read(path, FILE_BYTES, &bytes, err)) return false;
    size_t begin = bytes.n >= 3 && memcmp(bytes.bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (size_t at = begin, end; ok && at < bytes.n; at = end + 1, line++) {
        const char *newline = memchr(bytes.bytes + at, '\n', bytes.n - at);
        end = newline ? (size_t)(newline - bytes.bytes) : bytes.n;
        int found = line_number(bytes.bytes + at, end - at, &number);
        if (found == 0) continue;
        if (found < 0)
            ok = error_set(err, ERR_DATA, "%s:%ld: `%s` is no row number; one whole number stands in a line",
                           path, line,
                           cell_quote(bytes.bytes + at, end - at, quoted));
        else if (number < o->base || (whole && number - o->base >= numbered->n))
            ok = error_set(err, ERR_DATA, "%s:%ld: row %lld, but the rows are %d to %d (split.base: %d)",
                           path, line,
                           (long long)number, o->base, numbered->n - 1 + o->base, o->base);
        if (!ok) break;
        int32_t row = number - o->base < numbered->n ? numbered->row[number - o->base] : -1;
        if (row < 0) continue; /* without a label, or in another part of the table */
        if (mark[row] != SIDE_NONE)
            ok = error_set(err, ERR_DATA, "%s:%ld: row %lld stands in %s", path, line, (long long)number,
                           mark[row] == means ? "this file twice" : "another of the files, too");
        mark[row] = (int8_t)means;
        ++*n_marked;
    }
    bytes_free(&bytes);
    return ok;
}

enum { SIDE_TEST = SIDE_VALID + 1 };

/* Where each row stands; SIDE_TEST among the sides. */
static bool read_files(const SplitOptions *o, const SplitRows *rows, const char *dir, Arena *arena,
                       int8_t **out,
                       int count[SIDE_TEST + 1], Error *err)
{
    const struct {
        const char *path;
        int means;
    } files[] = {{o->test, SIDE_TEST}, {o->valid, SIDE_VALID}, {o->train, SIDE_TRAIN}};
    Numbered numbered;
    int8_t *mark = ARENA_NEW(arena, int8_t, rows->n);
    bool whole = !rows->table || !rows->table->source;
    memset(count, 0, (SIDE_TEST + 1) * sizeof *count);
    if (!mark) return error_memory(err);
    if (!number_rows(rows, arena, &numbered, err)) return false;
    for (int i = 0; i < 3; i++) {
        const char *path = files[i].path && dir ? path_join(arena, dir, files[i].path) : files[i].path;
        if (!files[i].path) continue;
        if (!path) return error_memory(err);
        if (!mark_rows(path, o, &numbered, whole, files[i].means, mark, &count[files[i].means],
                       err)) return false;
    }
    for (int i = 0; i < rows->n; i++) {
        if (!split_usable(rows, i)) mark[i] = SIDE_NONE;
        else if (!o->train && mark[i] == SIDE_NONE) mark[i] = SIDE_TRAIN;
    }
    *out = mark;
    return true;
}

bool split_by_files(const SplitOptions *o, const SplitRows *rows, const char *dir, Arena *arena, Split *out,
                    Error *err)
{
    int8_t *mark;
    int count[SIDE_TEST + 1];
    if (!read_files(o, rows, dir, arena, &mark, count, err) || !split_reserve(out, 1, arena, err)) return false;
    uint8_t *side = ARENA_NEW(arena, uint8_t, rows->n);
    if (!side) return error_memory(err);
    for (int i = 0; i < rows->n; i++) side[i] = mark[i] == SIDE_TEST ? SIDE_NONE : (uint8_t)mark[i];
    if (!split_fill(out, 0, side, arena, err)) return false;
    if (out->n_valid[0] == 0 || out->n_train[0] == 0)
        return error_set(err, ERR_DATA, "split.%s: no labelled row of the table is left to %s",
                         out->n_valid[0] == 0 ? "valid" : "train", out->n_valid[0] == 0 ? "validate" : "train");
    out->said = arena_print(arena, "%d rows as `%s` says", out->n_valid[0], o->valid);
    return out->said || error_memory(err);
}

/* ---- the test rows ---- */

static bool two_parts(const SplitRows *rows, const bool *held, Arena *arena, TwoParts *out, Error *err)
{
    out->rest = ARENA_NEW(arena, int32_t, rows->n);
    out->held = ARENA_NEW(arena, int32_t, rows->n);
    if (!out->rest || !out->held) return error_memory(err);
    for (int i = 0; i < rows->n; i++) {
        if (held[i]) out->held[out->n_held++] = i;
        else out->rest[out->n_rest++] = i;
    }
    return true;
}

bool split_given_test(const SplitOptions *o, const SplitRows *rows, const char *dir, Arena *arena,
                      TwoParts *out,
                      Error *err)
{
    *out = (TwoParts){0};
    const char *by = NULL;
    bool *held = ARENA_NEW(arena, bool, rows->n);
    if (!held) return error_memory(err);
    if (o->type == SPLIT_FILES) {
        int8_t *mark;
        int count[SIDE_TEST + 1];
        if (!read_files(o, rows, dir, arena, &mark, count, err)) return false;
        for (int i = 0; i < rows->n; i++) held[i] = mark[i] == SIDE_TEST;
        by = o->test;
    } else if (rows->part) {
        Said s;
        if (!read_column(rows, arena, &s, err)) return false;
        for (int i = 0; i < rows->n; i++) held[i] = s.says[i] == SAYS_TEST;
        by = rows->part->name;
    }
    if (!by) return true;
    TwoParts parts = {0};
    if (!two_parts(rows, held, arena, &parts, err)) return false;
    if (parts.n_held == 0) return true;
    parts.said = arena_print(arena, "%d rows as `%s` says", parts.n_held, by);
    *out = parts;
    return out->said || error_memory(err);
}
