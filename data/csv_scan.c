/* data/csv_scan.c - takes a text of separated values apart, and finds out what separates them. */
#include "data/csv_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { MAX_COLUMNS = 1 << 20, DELIMITER_SAMPLE = 30 };

Scanner scan_from(const Scanner *start)
{
    Scanner s = *start;
    s.cells = NULL;
    s.n_cells = s.capacity = 0;
    s.unescaped = (Text){0};
    return s;
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
    if (!GROW(NULL, s->cells, s->n_cells, s->capacity)) return error_memory(err);
    s->cells[s->n_cells++] = cell;
    return true;
}

static bool is_blank(const Scanner *s, char c)
{
    return (c == ' ' || c == '\t') && c != s->delimiter;
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
    while (!at_line_end(s) && is_blank(s, *s->at)) s->at++;
    if (!at_line_end(s) && *s->at != s->delimiter)
        return error_set(err, ERR_DATA,
                         "%s:%ld: text after a closing quote; inside quotes a quote is written"
                         " twice",
                         s->path, s->line);
    if (!doubled) return add_cell(s, (Cell){from, n, true}, err);
    /* The buffer may move while the record grows: until it is whole, remember the place only. */
    size_t start = s->unescaped.n;
    for (const char *at = from, *end = from + n; at < end;) { /* of each pair of quotes the first */
        const char *quote = memchr(at, '"', (size_t)(end - at)), *stop = quote ? quote + 1 : end;
        text_add_n(&s->unescaped, at, (size_t)(stop - at));
        at = quote ? stop + 1 : end;
    }
    if (!text_ok(&s->unescaped)) return error_memory(err);
    return add_cell(s, (Cell){NULL, s->unescaped.n - start, true}, err);
}

static bool plain_cell(Scanner *s, Error *err)
{
    const char *from = s->at;
    while (!at_line_end(s) && *s->at != s->delimiter) s->at++;
    size_t n = (size_t)(s->at - from);
    while (n > 0 && is_blank(s, from[n - 1])) n--;
    return add_cell(s, (Cell){from, n, false}, err);
}

Scan scan_record(Scanner *s, Error *err)
{
    for (;;) { /* blank lines */
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
        if (at_line_end(s)) break;
        s->at++; /* the delimiter */
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
    return RECORD;
}

/* ---- delimiter ---- */

static bool record_is_empty(const Scanner *s)
{
    for (int i = 0; i < s->n_cells; i++)
        if (s->cells[i].n) return false;
    return true;
}

/* Share of the first records that have the commonest number of fields, if that is over one. */
static double agreement(const Scanner *start, char delimiter)
{
    Scanner s = scan_from(start);
    s.delimiter = delimiter;
    int count[DELIMITER_SAMPLE], n = 0, best = 0;
    while (n < DELIMITER_SAMPLE && scan_record(&s, NULL) == RECORD)
        if (!record_is_empty(&s)) count[n++] = s.n_cells;
    scan_free(&s);
    for (int i = 0; i < n; i++) {
        int same = 0;
        for (int k = 0; k < n; k++) same += count[k] == count[i];
        if (count[i] > 1 && same > best) best = same;
    }
    return n ? (double)best / n : 0;
}

/* The rarer the character is in ordinary text, the earlier it is tried; a comma, which also
 * stands in numbers and sentences, comes last. */
static char guess_delimiter(const Scanner *start)
{
    static const char tried[] = {'\t', ';', '|', ','};
    char best = ',';
    double most = 0;
    for (size_t i = 0; i < sizeof tried; i++) {
        double share = agreement(start, tried[i]);
        if (share > most + 1e-9) {
            most = share;
            best = tried[i];
        }
    }
    return best;
}

bool scan_choose_delimiter(Scanner *s, const Reading *r, Error *err)
{
    const char *word = r->options->delimiter;
    if (!word || !*word || strcmp(word, "auto") == 0) s->delimiter = guess_delimiter(s);
    else if (strcmp(word, "tab") == 0 || strcmp(word, "\\t") == 0) s->delimiter = '\t';
    else if (strcmp(word, "space") == 0) s->delimiter = ' ';
    else if (word[1] == '\0' && !isalnum((unsigned char)*word) && !strchr("\"\r\n.-+", *word))
        s->delimiter = *word;
    else
        return error_set(err, ERR_CONFIG,
                         "%sdelimiter: `%s` is not one character that can separate fields; use"
                         " \",\", \";\", \"|\", tab, space or auto",
                         reading_said_as(r), word);
    return true;
}
