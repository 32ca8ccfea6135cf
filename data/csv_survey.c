/* data/csv_survey.c - settles what columns hold while their cells are stored. */
#include "data/csv_survey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv_kinds.h"

enum { FIRST_ROWS = 64 };

/* What is done with a column's cells. `codes` are in the narrow numbers' place until they are the table's. */
typedef enum { KEEP_NUMBERS, KEEP_CODES, KEEP_NOTHING } Keep;

typedef struct {
    Look *look;
    Keep keep;
    bool comma; /* some number has a decimal comma */
    Decimals cells;
} Seen;

static bool wrong_width(const Scanner *s, int n, int row, Error *err)
{
    const char *why = row <= 1 && s->n_cells > n
                          ? "; if what stands above is a title or a remark, say data.skip or data.comment"
                      : s->n_cells > n ? "; a field with the delimiter in it must be quoted"
                      : s->n_cells == 1 && n > 2 ? "; if it is a remark, take it out or say data.comment"
                                                 : "";
    return error_set(err, ERR_DATA, "%s:%ld: %d field%s, expected %d%s", s->path, s->record_line,
                     s->n_cells, s->n_cells == 1 ? "" : "s", n, why);
}

/* ---- cells ---- */

/* The column is left to the second walk. */
static void give_up(RawColumn *column, Seen *c)
{
    c->keep = KEEP_NOTHING;
    column->code = NULL;
    column->n_missing = column->n_infinite = column->n_unknown = 0;
}

/* A cell that is no number. The first cell of all, in no style that numbers have, makes the column nominal. */
static void meet_word(const Reading *r, RawColumn *column, Seen *c, const Cell *cell, int row, long line)
{
    bool first = c->look->n_number == 0 && c->look->n_other == 0;
    look_at_other(r, c->look, cell, line);
    if (c->keep != KEEP_NUMBERS) return;
    if (!first || column->fixed || c->look->dress.styles) {
        give_up(column, c);
        return;
    }
    c->keep = KEEP_CODES;
    column->kind = COLUMN_NOMINAL;
    column->code = c->cells.narrow; /* nothing wide is among missing cells */
    for (int i = 0; i < row; i++) column->code[i] = -1;
}

static bool keep_double(const Reading *r, RawColumn *column, Seen *c, const Cell *cell, int row, double value)
{
    c->comma = c->comma || (r->decimal_comma && !column->style && memchr(cell->text, ',', cell->n));
    if (isinf(value)) {
        column->n_infinite++;
        value = NAN;
    }
    column->n_missing += isnan(value) != 0;
    return decimals_add_double(&c->cells, row, value, r->arena);
}

/* As reading_cell() does it, but that nothing is said of a cell that is not to be read. */
static bool take_cell(Reading *r, Seen *c, const Cell *cell, int row, int at, long line, Error *err)
{
    RawColumn *column = &r->columns[at];
    bool missing = r->may_be_missing[cell->n ? (unsigned char)*cell->text : 0], number = false;
    missing = missing && reading_is_missing(r, cell->text, cell->n);
    Decimal decimal = cell->decimal;
    double value = NAN;
    if (!missing && (c->look->asked || c->keep == KEEP_NUMBERS)) {
        if (decimal.places == NOT_SIMPLE || column->style)
            decimal = decimal_of(cell->text, column->style ? 0 : cell->n);
        number = decimal.places >= 0
              || (column->style ? reading_styled(cell->text, cell->n, column->style, &value)
                                : reading_long_number(cell->text, cell->n, r->decimal_comma, &value));
        if (c->look->asked && number) look_at_number(r, c->look, cell, line);
        else if (c->look->asked) meet_word(r, column, c, cell, row, line);
        else if (!number) give_up(column, c);
    }
    if (c->keep == KEEP_NOTHING) return true;
    if (c->keep == KEEP_CODES) {
        if (!reading_cell(r, row, at, cell->text, cell->n, missing, line, NULL)) give_up(column, c);
        return true;
    }
    bool ok;
    if (number && r->n_missing_numbers)
        number = !reading_is_missing_number(r, decimal.places >= 0 ? decimal_value(decimal) : value);
    if (number && decimal.places >= 0) {
        ok = decimals_add(&c->cells, row, decimal, r->arena);
    } else if (number) {
        ok = keep_double(r, column, c, cell, row, value);
    } else {
        column->n_missing++;
        ok = decimals_add_double(&c->cells, row, NAN, r->arena);
    }
    return ok || error_memory(err);
}

/* For all rows, going by the bytes of those that came, and a quarter more: what is not used is not touched. */
static int guess_rows(const Scanner *s, const char *from, int rows)
{
    double guess = (double)rows * (1 + (double)scan_left(s) / (double)(s->at - from)) * 1.25;
    return rows == 0 ? FIRST_ROWS : guess < INT32_MAX - FIRST_ROWS ? (int)guess + FIRST_ROWS : INT32_MAX;
}

static bool make_room(Reading *r, Seen *seen, int n, int capacity, Error *err)
{
    for (int i = 0; i < r->n_columns; i++) {
        if (seen[i].keep == KEEP_NOTHING) continue;
        if (!decimals_reserve(&seen[i].cells, n, capacity, r->arena)) return error_memory(err);
        if (seen[i].keep == KEEP_CODES) r->columns[i].code = seen[i].cells.narrow;
    }
    return true;
}

static bool walk(Reading *r, Scanner *s, Seen *seen, int *n_rows, Error *err)
{
    const char *from = s->at;
    int rows = 0, room = 0;
    for (Scan scan; (scan = scan_record(s, err)) != RECORD_END; rows++) {
        if (scan == RECORD_BAD) return false;
        if (s->n_cells != r->n_columns) return wrong_width(s, r->n_columns, rows, err);
        if (rows == INT32_MAX - 1)
            return error_set(err, ERR_DATA, "%s: more than %d rows", r->path, INT32_MAX - 1);
        if (rows == room) {
            room = guess_rows(s, from, rows);
            if (!make_room(r, seen, rows, room, err)) return false;
        }
        for (int i = 0; i < s->n_cells; i++)
            if ((seen[i].look->asked || seen[i].keep != KEEP_NOTHING)
                && !take_cell(r, &seen[i], &s->cells[i], rows, i, s->record_line, err)) return false;
        if (r->carried) carried_add(r->carried, s->cells[r->carried->column].text,
                                    s->cells[r->carried->column].n);
        scan_done(s);
    }
    *n_rows = rows;
    return true;
}

/* Cells that were kept become the column's. */
static void hand_over(Reading *r, Seen *seen)
{
    for (int i = 0; i < r->n_columns; i++) {
        RawColumn *column = &r->columns[i];
        Seen *c = &seen[i];
        if (c->keep == KEEP_NOTHING) continue;
        if (c->keep == KEEP_NUMBERS) {
            column->number = c->cells.wide;
            column->decimal = c->cells.narrow;
            column->unit = decimals_unit(&c->cells);
            if (c->comma) r->rules.decimal_comma = true;
        }
        column->stored = true;
    }
}

bool csv_survey(Reading *r, Scanner *s, int *n_rows, Error *err)
{
    Scanner data = scan_from(s);
    Seen *seen = calloc((size_t)r->n_columns, sizeof *seen);
    Look *looks = calloc((size_t)r->n_columns, sizeof *looks);
    if (!seen || !looks) {
        free(seen);
        free(looks);
        return error_memory(err);
    }
    for (int i = 0; i < r->n_columns; i++) {
        const RawColumn *c = &r->columns[i];
        looks[i].asked = look_is_asked(r, i);
        seen[i].look = &looks[i];
        seen[i].keep = c->role == ROLE_IGNORED      ? KEEP_NOTHING
                     : c->kind == COLUMN_NOMINAL ? KEEP_CODES : KEEP_NUMBERS;
    }
    s->decimals = true;
    bool ok = walk(r, s, seen, n_rows, err);
    if (ok) look_settles(r, &data, looks);
    for (int i = 0; ok && i < r->n_columns; i++) /* what were plain numbers may be in a style */
        if (looks[i].asked && r->columns[i].style) give_up(&r->columns[i], &seen[i]);
    ok = ok && (*n_rows > 0 || make_room(r, seen, 0, 1, err)); /* no rows: columns all the same */
    if (ok) hand_over(r, seen);
    free(seen);
    free(looks);
    return ok;
}
