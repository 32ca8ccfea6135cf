/* data/csv_scan.c - takes a text of separated values apart, record by record. */
#include "data/csv_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { MAX_COLUMNS = 1 << 20, AHEAD = 1 << 16 };

Scanner scan_from(const Scanner *start)
{
    Scanner s = *start;
    s.cells = NULL;
    s.n_cells = s.capacity = 0;
    s.unescaped = (Text){0};
    return s;
}

Scanner scan_again(const Scanner *start)
{
    if (start->pieces) pieces_again(start->pieces, (size_t)(start->at - start->pieces->bytes));
    return scan_from(start);
}

void scan_done(const Scanner *s)
{
    if (s->pieces) pieces_leave(s->pieces, (size_t)(s->at - s->pieces->bytes));
}

size_t scan_left(const Scanner *s)
{
    return (size_t)((s->pieces ? s->pieces->bytes + s->pieces->n : s->end) - s->at);
}

void scan_free(Scanner *s)
{
    free(s->cells);
    text_free(&s->unescaped);
    s->cells = NULL;
}

static bool add_cell(Scanner *s, Cell cell, Error *err)
{
    if (s->n_cells == MAX_COLUMNS)
        return error_set(err, ERR_DATA, "%s:%ld: more than %d fields; check data.delimiter",
                         s->path, s->record_line, MAX_COLUMNS);
    if (s->n_cells == s->capacity && !GROW(NULL, s->cells, s->n_cells, s->capacity)) return error_memory(err);
    s->cells[s->n_cells++] = cell;
    return true;
}

/* Where blanks separate, a tab is one as well, and however many there are is one delimiter. */
static bool runs(const Scanner *s)
{
    return s->delimiter == ' ';
}

static bool is_blank(const Scanner *s, char c)
{
    return (c == ' ' || c == '\t') && (c != s->delimiter || runs(s));
}

static bool separates(const Scanner *s, char c)
{
    return c == s->delimiter || (c == '\t' && runs(s));
}

static bool at_line_end(const Scanner *s)
{
    return s->at == s->end || *s->at == '\n' || *s->at == '\r';
}

static void skip_line_end(Scanner *s)
{
    if (s->at == s->end) return;
    if (*s->at == '\r' && s->at + 1 < s->end && s->at[1] == '\n') s->at++;
    s->at++;
    s->line++;
}

/* `from` is just past the opening quote. Leaves `at` behind the closing one. */
static bool quoted_cell(Scanner *s, Error *err)
{
    const char *from = ++s->at;
    long opened = s->line;
    int doubled = 0;
    for (;; s->at++) {
        if (s->at == s->end)
            return error_set(err, ERR_DATA, "%s:%ld: a quote is opened here and never closed",
                             s->path, opened);
        if (*s->at == '"') {
            if (s->at + 1 == s->end || s->at[1] != '"') break;
            doubled++;
            s->at++;
        }
        if (*s->at == '\n' || (*s->at == '\r' && (s->at + 1 == s->end || s->at[1] != '\n')))
            s->line++;
    }
    size_t n = (size_t)(s->at++ - from);
    while (!at_line_end(s) && is_blank(s, *s->at) && !separates(s, *s->at)) s->at++;
    if (!at_line_end(s) && !separates(s, *s->at))
        return error_set(err, ERR_DATA,
                         "%s:%ld: text after a closing quote; inside quotes a quote is written"
                         " twice",
                         s->path, s->line);
    if (!doubled) return add_cell(s, (Cell){from, n, true, {.places = -1}}, err);
    /* The buffer may move while the record grows: until it is whole, remember the place only. */
    size_t start = s->unescaped.n;
    for (const char *at = from, *end = from + n; at < end;) { /* of each pair of quotes the first */
        const char *quote = memchr(at, '"', (size_t)(end - at)), *stop = quote ? quote + 1 : end;
        text_add_n(&s->unescaped, at, (size_t)(stop - at));
        at = quote ? stop + 1 : end;
    }
    if (!text_ok(&s->unescaped)) return error_memory(err);
    return add_cell(s, (Cell){NULL, s->unescaped.n - start, true, {.places = -1}}, err);
}

/* Is the delimiter a part of numbers? Excel's hint may name anything. */
static bool in_numbers(char delimiter)
{
    return (delimiter >= '0' && delimiter <= '9') || delimiter == '-' || delimiter == '.';
}

static bool plain_cell(Scanner *s, Error *err)
{
    const char *from = s->at, *at = from, *end = s->end, delimiter = s->delimiter;
    Cell cell = {.text = from, .decimal.places = -1};
    if (s->decimals && !in_numbers(delimiter)) at = decimal_read(from, end, &cell.decimal);
    const char *number_end = at;
    for (; at < end && *at != delimiter; at++) /* nearly all bytes are above the line ends and the tab */
        if ((unsigned char)*at <= '\r' && (*at == '\n' || *at == '\r' || separates(s, *at))) break;
    s->at = at;
    if (at != number_end) cell.decimal.places = NOT_SIMPLE;
    else if (cell.decimal.places < 0 && s->decimals) cell.decimal.places = LOOKED_AT;
    cell.n = (size_t)(at - from);
    while (cell.n > 0 && is_blank(s, from[cell.n - 1])) cell.n--;
    return add_cell(s, cell, err);
}

static bool is_remark(const Scanner *s)
{
    size_t n = s->comment ? strlen(s->comment) : 0;
    return n && (size_t)(s->end - s->at) >= n && memcmp(s->at, s->comment, n) == 0;
}

static void skip_line(Scanner *s)
{
    while (!at_line_end(s)) s->at++;
    skip_line_end(s);
}

/* Makes sure of `ahead` more bytes. True: or of all that there are. */
static bool reach(Scanner *s, size_t ahead, Error *err)
{
    Pieces *p = s->pieces;
    bool ok = !p || pieces_reach(p, (size_t)(s->at - p->bytes) + ahead, err);
    if (ok && p) s->end = p->bytes + p->reached;
    return ok;
}

static bool at_the_end(const Scanner *s)
{
    return !s->pieces || s->pieces->reached == s->pieces->n;
}

void scan_reach_line(Scanner *s)
{
    for (size_t ahead = AHEAD; reach(s, ahead, NULL) && !at_the_end(s); ahead *= 2) {
        const char *at = s->at;
        while (at < s->end && *at != '\n' && *at != '\r') at++;
        if (at + 1 < s->end) break; /* a \n behind a \r is there as well */
    }
}

void scan_skip_line(Scanner *s)
{
    scan_reach_line(s);
    skip_line(s);
}

/* Takes off the cell that is none of the table's. */
static void cut(Scanner *s)
{
    while (s->cut == CUT_LAST && s->n_cells > s->width && s->cells[s->n_cells - 1].n == 0) s->n_cells--;
    if (s->cut != CUT_FIRST || s->n_cells != s->width + 1) return;
    s->n_cells--;
    memmove(s->cells, s->cells + 1, (size_t)s->n_cells * sizeof *s->cells);
}

/* Of what is there: a record that goes up to `end` may be a part of one. */
static Scan read_record(Scanner *s, Error *err)
{
    for (;;) { /* blank lines and remarks */
        if (is_remark(s)) {
            skip_line(s);
            continue;
        }
        const char *look = s->at;
        while (look < s->end && is_blank(s, *look)) look++;
        if (look == s->end) return RECORD_END;
        if ((*look != '\n' && *look != '\r') || s->one_column) break;
        s->at = look;
        skip_line_end(s);
    }
    s->record_line = s->line;
    s->n_cells = 0;
    s->unescaped.n = 0;
    for (;;) {
        while (!at_line_end(s) && is_blank(s, *s->at)) s->at++;
        bool quote = !at_line_end(s) && *s->at == '"' && s->delimiter != '"';
        if (!(quote ? quoted_cell(s, err) : plain_cell(s, err))) return RECORD_BAD;
        while (runs(s) && !at_line_end(s) && is_blank(s, *s->at)) s->at++;
        if (at_line_end(s)) break;
        if (!runs(s)) s->at++; /* the delimiter */
    }
    skip_line_end(s);
    size_t used = 0;
    for (int i = 0; i < s->n_cells; i++) {
        Cell *cell = &s->cells[i];
        if (!cell->quoted) continue;
        if (!cell->text) {
            cell->text = s->unescaped.bytes + used;
            used += cell->n;
        }
        reading_trim(&cell->text, &cell->n);
    }
    cut(s);
    return RECORD;
}

Scan scan_record(Scanner *s, Error *err)
{
    for (size_t ahead = AHEAD;; ahead *= 2) {
        if (!reach(s, ahead, err)) return RECORD_BAD;
        const char *at = s->at;
        long line = s->line;
        Scan scan = read_record(s, err);
        if (at_the_end(s) || (scan != RECORD_END && s->at < s->end)) return scan;
        s->at = at;
        s->line = line;
    }
}

bool scan_is_empty(const Scanner *s)
{
    for (int i = 0; i < s->n_cells; i++)
        if (s->cells[i].n) return false;
    return true;
}
