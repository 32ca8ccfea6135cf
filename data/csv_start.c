/* data/csv_start.c - finds the first line of a table and what separates its fields. */
#include "data/csv_start.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SAMPLE = 30, MOST_TITLES = 50, LOOK_AHEAD = 1000 };

/* ---- delimiter ---- */

/* How many fields the first records have, those of nothing left out. */
typedef struct {
    int count[SAMPLE], n;
    int common, agreed; /* the commonest number over one, and how many records have it */
} Widths;

static bool is_remark(const Cell *cell)
{
    return !cell->quoted && cell->n && (*cell->text == '#' || *cell->text == '%');
}

static Widths widths_of(const Scanner *start, char delimiter)
{
    Widths w = {.n = 0};
    Scanner s = scan_from(start);
    s.delimiter = delimiter;
    for (Scan scan = RECORD; w.n < SAMPLE && scan == RECORD; ) {
        scan = scan_record(&s, NULL);
        if (scan == RECORD_BAD) w.count[w.n++] = 0; /* agrees with none */
        else if (scan == RECORD && !scan_is_empty(&s)) w.count[w.n++] = s.n_cells;
    }
    scan_free(&s);
    for (int i = 0; i < w.n; i++) {
        int same = 0;
        for (int k = 0; k < w.n; k++) same += w.count[k] == w.count[i];
        if (w.count[i] < 2 || same <= w.agreed) continue;
        w.agreed = same;
        w.common = w.count[i];
    }
    return w;
}

static double share_of(const Widths *w)
{
    return w->n ? (double)w->agreed / w->n : 0;
}

/* Have all records as many fields, or all but the first one more than that, as R's header has it? */
static bool all_agree(const Widths *w)
{
    return w->agreed == w->n || (w->agreed == w->n - 1 && w->n > 2 && w->count[0] == w->common - 1);
}

/* Do the fields of the first record hold aligned numbers, as 1.0  2   3? */
static bool holds_runs(const Scanner *start, char delimiter)
{
    Scanner s = scan_from(start);
    s.delimiter = delimiter;
    bool found = false;
    if (scan_record(&s, NULL) == RECORD)
        for (int i = 0; i < s.n_cells; i++)
            for (size_t k = 0; k + 1 < s.cells[i].n && !s.cells[i].quoted; k++)
                found = found || (s.cells[i].text[k] == ' ' && s.cells[i].text[k + 1] == ' ');
    scan_free(&s);
    return found;
}

/* Are all commas of the first records decimal ones, where blanks separate? 0,5  12,25 q */
static bool commas_are_decimal(const Scanner *start)
{
    Scanner s = scan_from(start);
    bool decimal = false;
    s.delimiter = ' ';
    for (int n = 0; n < SAMPLE && scan_record(&s, NULL) == RECORD; n++)
        for (int i = 0; i < s.n_cells; i++) {
            const Cell *cell = &s.cells[i];
            char bare[DRESSED_MOST];
            if (!memchr(cell->text, ',', cell->n)) continue;
            if (cell->quoted || !dressed_bare(cell->text, cell->n, STYLE_COMMA, bare)) {
                scan_free(&s);
                return false;
            }
            decimal = true;
        }
    scan_free(&s);
    return decimal;
}

/* Below the remarks above a table, if more than one record stands there: what they say is no guide to how its
 * fields are separated. */
static Scanner below_remarks(const Scanner *start)
{
    Scanner s = scan_from(start), below, look;
    int n = 0;
    for (const char *at = s.at; at < s.end; at = s.at) {
        while (at < s.end && (*at == ' ' || *at == '\t')) at++;
        if (at < s.end && !strchr("#%\r\n", *at)) break;
        scan_skip_line(&s);
    }
    below = look = scan_from(&s);
    while (n < 2 && scan_record(&look, NULL) == RECORD) n++;
    scan_free(&look);
    return n < 2 ? scan_from(start) : below;
}

/* The rarer the character is in ordinary text, the earlier it is tried; a comma, which also
 * stands in numbers and sentences, comes last. Blanks are the delimiter where nothing else is, where what a tab
 * separates is aligned by blanks, or where all agree on them and not on tabs; with a model, only if the number
 * of fields fits it. */
static char guess_delimiter(const Reading *r, const Scanner *file)
{
    static const char tried[] = {'\t', ';', '|', ','};
    Scanner below = below_remarks(file), *start = &below;
    Widths found = {.n = 0};
    char best = ',';
    for (size_t i = 0; i < sizeof tried; i++) {
        Widths w = widths_of(start, tried[i]);
        if (share_of(&w) <= share_of(&found) + 1e-9) continue;
        found = w;
        best = tried[i];
    }
    Widths w = widths_of(start, ' ');
    int expected = r->schema ? r->schema->n_columns : 0;
    bool enough = w.n >= 2 || (expected > 1 && (w.common == expected || w.common == expected + 1));
    if (!w.agreed || !all_agree(&w) || !enough || expected == 1) return best;
    if (share_of(&found) < 0.5 || (best == ',' && commas_are_decimal(start))) return ' ';
    if (best != '\t') return best;
    bool names_too = w.agreed == w.n && found.agreed < found.n && w.common == found.common; /* a b / 1<tab>2 */
    bool aligned = w.common > found.common && holds_runs(start, best);
    return !all_agree(&found) || names_too || aligned ? ' ' : best;
}

static bool choose_delimiter(const Reading *r, Scanner *s, char hint, const Layout *as, Error *err)
{
    const char *word = r->options->delimiter;
    if (!word || !*word || strcmp(word, "auto") == 0)
        s->delimiter = hint ? hint : as ? as->delimiter : guess_delimiter(r, s);
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

/* ---- lines above the table ---- */

static size_t line_length(Scanner *s)
{
    size_t n = 0;
    scan_reach_line(s);
    while (s->at + n < s->end && s->at[n] != '\n' && s->at[n] != '\r') n++;
    return n;
}

/* Excel's `sep=;`, a line of its own; a tab may be the character. 0: no such line. */
static char hinted_delimiter(Scanner *s)
{
    size_t n = line_length(s);
    const char *at = s->at;
    if (n >= 2 && at[0] == '"' && at[n - 1] == '"') at++, n -= 2;
    return n == 5 && strncasecmp(at, "sep=", 4) == 0 ? at[4] : '\0';
}

/* Nothing, or a title as spreadsheets write it: words in the first of three cells or more. */
static bool holds_no_row(const Scanner *record)
{
    double number;
    if (scan_is_empty(record)) return true;
    for (int i = 1; i < record->n_cells; i++)
        if (record->cells[i].n) return false;
    const Cell *cell = &record->cells[0];
    return record->n_cells >= 3 && !reading_any_number(cell->text, cell->n, &number);
}

/* A line that begins with `#` or `%` and has not the table's number of fields, or one of a single field above a
 * table of three or more; a line of nothing, if that may not be a row. */
static bool is_title(const Scanner *first, const Widths *w, bool empty_too)
{
    if (w->agreed == 0 || first->n_cells == w->common) return empty_too && holds_no_row(first);
    const Cell *cell = &first->cells[0];
    if (is_remark(cell)) return true;
    if (first->n_cells != 1) return false;
    if (w->common >= 3) return w->agreed * 2 >= w->n;
    return w->agreed == w->n && !cell->quoted && memchr(cell->text, ' ', cell->n); /* R's one name is a word */
}

/* Do more remarks stand between this one and the table, not all with as many fields as that has? Then this is a
 * remark however many it has; the last one may hold names, and all of as many fields may be rows. */
static bool remarks_follow(const Scanner *rest, int common)
{
    Scanner next = scan_from(rest);
    bool other = false;
    for (int n = 0; n < MOST_TITLES && !other; n++) {
        if (scan_record(&next, NULL) != RECORD || !is_remark(&next.cells[0])) break;
        other = next.n_cells != common;
    }
    scan_free(&next);
    return other && below_remarks(rest).at != rest->at;
}

static int skip_titles(Reading *r, Scanner *s, int most, bool empty_too, bool *empty)
{
    char said[48] = "";
    int n = 0;
    for (; n < most; n++) {
        Scanner look = scan_from(s);
        if (scan_record(&look, NULL) != RECORD) {
            scan_free(&look);
            break;
        }
        Scanner rest = scan_from(&look);
        Widths w = widths_of(&rest, s->delimiter);
        bool title = is_title(&look, &w, empty_too)
                  || (is_remark(&look.cells[0]) && remarks_follow(&rest, w.common));
        *empty = *empty || (title && holds_no_row(&look));
        if (title && n == 0) cell_quote(look.cells[0].text, look.cells[0].n, said);
        scan_free(&look);
        if (!title) break;
        *s = rest;
    }
    if (n) reading_note(r, "%d line%s above the table %s skipped, first `%s`", n, n == 1 ? "" : "s",
                        n == 1 ? "was" : "were", said);
    return n;
}

bool csv_skips_a_row(const Scanner *file, int lines, int width)
{
    Scanner s = scan_from(file), to = s;
    bool row = false;
    for (int i = 0; i < lines; i++) scan_skip_line(&to);
    s.pieces = NULL; /* nothing is read beyond these */
    s.end = to.at;
    while (!row && scan_record(&s, NULL) == RECORD) row = s.n_cells == width;
    scan_free(&s);
    return row;
}

static const char *comment_of(const Reading *r)
{
    const char *text = r->options->comment;
    if (!text && r->schema) text = r->schema->rules.layout.comment;
    return text && *text ? text : NULL;
}

bool csv_find_start(Reading *r, Scanner *s, const Layout *as, Layout *found, Error *err)
{
    const ReadOptions *o = r->options;
    int skip = o->skip >= 0 ? o->skip : as ? as->skip : 0, titles = 0;
    bool empty = false;
    for (int i = 0; i < skip; i++) scan_skip_line(s);
    if (skip && o->skip < 0)
        reading_note(r, "as in the training file the first %d line%s left out; --skip 0 reads %s", skip,
                     skip == 1 ? " was" : "s were", skip == 1 ? "it" : "them");
    /* C4.5's data files open with a remark after a bar ("|1x3 Cross validator"). */
    size_t n = line_length(s);
    if (n > 1 && s->at[0] == '|' && isdigit((unsigned char)s->at[1]) && !memchr(s->at + 1, '|', n - 1)) {
        scan_skip_line(s);
        reading_note(r, "the first line begins with `|`; it was skipped as a remark");
    }
    s->comment = comment_of(r);
    char hint = hinted_delimiter(s);
    if (hint) scan_skip_line(s);
    if (!choose_delimiter(r, s, hint, as, err)) return false;
    if (o->header != HEADER_NO || !r->schema || (as && schema_by_place(r->schema)))
        titles = skip_titles(r, s, as ? as->titles : MOST_TITLES, as ? as->empty_titles : !r->schema, &empty);
    *found = (Layout){.delimiter = s->delimiter, .skip = skip, .titles = titles, .empty_titles = empty,
                      .comment = s->comment};
    return true;
}

/* ---- cells that are none of the table's ---- */

/* How many cells behind the last that holds something. */
static int empty_at_end(const Scanner *s)
{
    int n = 0;
    while (n < s->n_cells && s->cells[s->n_cells - 1 - n].n == 0) n++;
    return n;
}

/* Of `empty` cells at the ends of records of n, how many are none of the table's. With a model, a last cell
 * that is always empty may be its label. */
static int to_spare(const Reading *r, int n, int empty)
{
    const Schema *schema = r->schema;
    if (!schema) return empty;
    int width = schema->rules.layout.width;
    if (width && n > width && n - width <= empty) return n - width;
    return n == schema->n_columns + 2 && !(width && schema_by_place(schema)) && empty > 0 ? 1 : 0;
}

static void note_ends(Reading *r, const char *which, int n)
{
    if (n == 1) reading_note(r, "%s ends with a delimiter; it separates nothing", which);
    else reading_note(r, "%s ends with %d delimiters; they separate nothing", which, n);
}

bool csv_choose_cut(Reading *r, Scanner *s)
{
    Scanner after = scan_from(s);
    int n = s->n_cells, rows = 0, width = 0, ends = empty_at_end(s), below = 0;
    bool alike = true, named = r->options->header != HEADER_NO;
    for (; rows < LOOK_AHEAD && scan_record(&after, NULL) == RECORD; rows++) {
        int here = empty_at_end(&after);
        alike = alike && (rows == 0 || after.n_cells == width);
        width = after.n_cells;
        below = rows == 0 || here < below ? here : below;
    }
    scan_free(&after);
    if (rows > 0 && alike && width > 1 && width < n && n - width <= ends && named) {
        s->n_cells = width;
        note_ends(r, "the first line alone", n - width);
        return true;
    }
    bool empty = alike && width > n && below >= width - n;
    if (rows > 0 && alike && (width == n + 1 || empty) && named) {
        s->width = n;
        s->cut = empty ? CUT_LAST : CUT_FIRST;
        if (empty) note_ends(r, "every line but the first", width - n);
        else
            reading_note(r, "the first line has a name less than the others have fields; the first field of"
                            " each was left out as the name of its row");
        return true;
    }
    if (below < ends) ends = below;
    if (n - ends < 2) ends = n - 2;
    ends = to_spare(r, n, ends);
    if (rows > 0 && alike && width == n && ends > 0) {
        s->width = n - ends;
        s->cut = CUT_LAST;
        s->n_cells -= ends;
        note_ends(r, "every line", ends);
    }
    return false;
}
