/* data/csv_kinds.c - what the cells of a column look like, and so of which kind and in which style it is. */
#include "data/csv_kinds.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_ASKED = 100 };

static void find(Found *found, const Cell *cell, long line)
{
    if (found->line) return;
    found->line = line;
    cell_quote(cell->text, cell->n, found->text);
}

/* 007: digits behind a zero. */
static bool is_code(const Cell *cell)
{
    if (cell->n < 2 || *cell->text != '0') return false;
    for (size_t i = 1; i < cell->n; i++)
        if (cell->text[i] < '0' || cell->text[i] > '9') return false;
    return true;
}

bool look_is_asked(const Reading *r, int column)
{
    const RawColumn *c = &r->columns[column];
    return (c->role == ROLE_FEATURE || c->role == ROLE_KEPT) && (!c->fixed || (c->kind == COLUMN_NUMERIC
                                                                               && !r->schema));
}

static void add_dress(const Reading *r, Dress *dress, const Cell *cell)
{
    static const int wanted[] = {[DECIMAL_AUTO] = 0, [DECIMAL_POINT] = -1, [DECIMAL_COMMA] = 1};
    if (!dress->begun || dress->styles) dress_add(dress, cell->text, cell->n, wanted[r->options->decimal]);
}

void look_at_other(const Reading *r, Look *look, const Cell *cell, long line)
{
    double number;
    look->n_other++;
    find(&look->odd, cell, line);
    bool begun = look->dress.begun, agreed = dress_style(&look->dress, false) != STYLE_PLAIN;
    add_dress(r, &look->dress, cell);
    /* A column of words is one soon. */
    bool asked = look->n_word < WORDS_ASKED || look->n_word + 1 < look->n_other;
    if (asked && dressed_number(cell->text, cell->n, &number)) {
        bool agrees = dress_style(&look->dress, false) != STYLE_PLAIN;
        if (begun && agreed && !agrees) find(&look->clash, cell, line);
        return;
    }
    look->n_word++;
    find(&look->word, cell, line);
    if (look->n_kinds > FEW_WORDS) return;
    uint32_t hash = (uint32_t)set_hash(cell->text, cell->n, 0);
    for (int k = 0; k < look->n_kinds; k++)
        if (look->kinds[k] == hash) return;
    if (look->n_kinds++ < FEW_WORDS) look->kinds[look->n_kinds - 1] = hash;
}

/* A bare number with a comma: 1,25 is a fraction, 1,250 might be thousands. */
static void add_comma(Look *look, const Cell *cell, long line)
{
    char bare[DRESSED_MOST];
    if (dressed_bare(cell->text, cell->n, STYLE_COMMA_POINT, bare)) find(&look->comma, cell, line);
    else look->decimal_comma = true;
}

/* Where all other cells of a column agree on a style, its bare numbers have to agree as well. That is rare:
 * the text is walked once more. */
static void ask_numbers(const Reading *r, const Scanner *data, Look *look)
{
    double number;
    bool any = false;
    for (int i = 0; i < r->n_columns; i++)
        any = any || (look[i].n_number && dress_style(&look[i].dress, false) != STYLE_PLAIN);
    if (!any) return;
    Scanner s = scan_again(data);
    for (; scan_record(&s, NULL) == RECORD; scan_done(&s))
        for (int i = 0; i < s.n_cells; i++) {
            const Cell *cell = &s.cells[i];
            if (look[i].n_number && look[i].dress.begun && !reading_is_missing(r, cell->text, cell->n) &&
                reading_number(cell->text, cell->n, r->decimal_comma, &number)) {
                bool agreed = dress_style(&look[i].dress, false) != STYLE_PLAIN;
                add_dress(r, &look[i].dress, cell);
                if (agreed && dress_style(&look[i].dress, false) == STYLE_PLAIN)
                    find(&look[i].clash, cell, s.record_line);
            }
        }
    scan_free(&s);
}

void look_at_number(const Reading *r, Look *look, const Cell *cell, long line)
{
    look->n_number++;
    if (!look->zero.line && is_code(cell)) find(&look->zero, cell, line);
    if (r->decimal_comma && memchr(cell->text, ',', cell->n)) add_comma(look, cell, line);
}

/* Where a comma is the decimal point, 1.994 is no fraction: of the columns of bare numbers those whose points
 * all separate thousands. That commas are decimal has to be said, or to be plain from some other cell. */
static void ask_points(Reading *r, const Scanner *data, Look *look)
{
    bool comma = r->options->decimal == DECIMAL_COMMA;
    for (int i = 0; i < r->n_columns; i++) {
        bool thousands = look[i].dress.styles >> STYLE_COMMA_POINT & 1; /* as well: 1,200 says nothing */
        NumberStyle style = dress_style(&look[i].dress, r->decimal_comma);
        comma = comma || look[i].decimal_comma || (dressed_decimal(style) == ',' && !thousands);
    }
    if (!comma || r->options->decimal == DECIMAL_POINT || r->schema) return;
    Found *point = calloc((size_t)r->n_columns, sizeof *point);
    Dress *dress = calloc((size_t)r->n_columns, sizeof *dress);
    Scanner s = scan_again(data);
    for (; point && dress && scan_record(&s, NULL) == RECORD; scan_done(&s))
        for (int i = 0; i < s.n_cells; i++) {
            const Cell *cell = &s.cells[i];
            if (!look[i].asked || look[i].n_other || reading_is_missing(r, cell->text, cell->n)) continue;
            if (!dress[i].begun || dress[i].styles) dress_add(&dress[i], cell->text, cell->n, 1);
            if (memchr(cell->text, '.', cell->n)) find(&point[i], cell, s.record_line);
        }
    scan_free(&s);
    for (int i = 0; point && dress && i < r->n_columns; i++)
        if (point[i].line && dress_style(&dress[i], true) == STYLE_POINT_COMMA) {
            look[i].dress = dress[i];
            look[i].odd = point[i];
        }
    free(point);
    free(dress);
}

/* Numbers with a few words among them, or with few different words: those may mean missing. */
static void note_words(Reading *r, const RawColumn *column, const Look *look)
{
    int n_number = look->n_number + look->n_other - look->n_word;
    bool few = n_number / 10 >= look->n_word || look->n_kinds == 1 ||
               (look->n_kinds <= FEW_WORDS && n_number > look->n_word);
    if (look->n_word == 0 && look->clash.line)
        reading_note(r, "column `%s` is taken as nominal: `%s` in line %ld and `%s` in line %ld are numbers,"
                     " but not written alike",
                     column->name, look->odd.text, look->odd.line, look->clash.text, look->clash.line);
    if (look->n_word == 0 || n_number < 10 || !few) return;
    reading_note(r, "column `%s` is taken as nominal because of %d cell%s that %s no number, first `%s` in"
                 " line %ld; if that means missing, add it to data.missing_tokens",
                 column->name, look->n_word, look->n_word == 1 ? "" : "s", look->n_word == 1 ? "is" : "are",
                 look->word.text, look->word.line);
}

static void note_numbers(Reading *r, const RawColumn *column, const Look *look, bool comma_is_plain)
{
    if (look->zero.line)
        reading_note(r, "column `%s` was read as numbers, but `%s` in line %ld has leading zeros, as codes"
                     " have; if they are names, list it in data.nominal", column->name, look->zero.text,
                     look->zero.line);
    if (look->comma.line && !comma_is_plain)
        reading_note(r, "column `%s`: `%s` in line %ld and the like were read with a decimal comma; if it"
                     " separates thousands, say %sdecimal%s",
                     column->name, look->comma.text, look->comma.line, reading_said_as(r),
                     strcmp(reading_said_as(r), "--") == 0 ? " ." : ": \".\"");
}

static void infer_kinds(Reading *r, const Look *look)
{
    bool comma = r->options->decimal != DECIMAL_AUTO;
    for (int i = 0; i < r->n_columns; i++) comma = comma || look[i].decimal_comma;
    for (int i = 0; i < r->n_columns; i++) {
        RawColumn *column = &r->columns[i];
        if (!look[i].asked) continue;
        column->style = dress_style(&look[i].dress, r->decimal_comma);
        if (column->style)
            reading_note(r, "column `%s` was read as numbers: `%s` in line %ld and the like, in the style"
                         " of %s", column->name, look[i].odd.text, look[i].odd.line,
                         number_style_names[column->style]);
        if (column->fixed) continue;
        column->kind = look[i].n_other && !column->style ? COLUMN_NOMINAL : COLUMN_NUMERIC;
        if (column->style) continue;
        if (column->kind == COLUMN_NOMINAL) note_words(r, column, &look[i]);
        else if (!r->schema) note_numbers(r, column, &look[i], comma);
    }
}

void look_settles(Reading *r, const Scanner *data, Look *looks)
{
    ask_numbers(r, data, looks);
    ask_points(r, data, looks);
    infer_kinds(r, looks);
}
