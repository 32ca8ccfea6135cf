/* data/typed.c - rows of typed cells become a Table. */
#include "data/typed.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

bool typed_too_large(int64_t rows, int64_t columns, size_t n)
{
    const int64_t most = (int64_t)1 << 28; /* 2 GiB of doubles */
    return columns > 0 && rows > most / columns && (double)rows * (double)columns > (double)n;
}

bool reading_value(Reading *r, int row, int at, double value, long line, Error *err)
{
    RawColumn *column = &r->columns[at];
    char text[32];
    if (column->role == ROLE_IGNORED) return true;
    if (isinf(value)) {
        column->n_infinite++;
        value = NAN;
    }
    if (column->kind == COLUMN_NUMERIC) {
        if (reading_is_missing_number(r, value)) value = NAN;
        column->n_missing += isnan(value) != 0;
        column->number[row] = value;
        return true;
    }
    if (isnan(value)) return reading_cell(r, row, at, "", 0, true, line, err);
    if (value == 0) value = 0; /* and not -0 */
    text_number(value, text);
    bool missing = reading_is_missing(r, text, strlen(text));
    return reading_cell(r, row, at, text, strlen(text), missing, line, err);
}

void typed_take_order(const Reading *r, const char **names, int n)
{
    const Schema *s = r->schema;
    if (!s || s->height > 0 || schema_by_place(s)) return;
    for (int i = 0; i < s->n_columns; i++)
        for (int k = 0; k < n; k++)
            if (strcmp(s->columns[i].name, names[k]) == 0) return;
    const Layout *trained = &s->rules.layout;
    const bool all = n != s->n_columns && trained->width > 0 && n == trained->width - (trained->label >= 0);
    if (n != s->n_columns && !all) return;
    for (int i = 0; i < s->n_columns; i++) {
        int place = s->columns[i].place - (trained->label >= 0 && s->columns[i].place > trained->label);
        if (!all || (place >= 0 && place < n)) names[all ? place : i] = s->columns[i].name;
    }
}

static long line_of(const TypedRows *rows, int row)
{
    return rows->line ? rows->line(rows, row) : row + 1L;
}

/* ---- kinds --------------------------------------------------------------------------------------- */

typedef struct {
    int n_number, n_text, n_text_number;
    bool code;       /* 007 */
    long first_line; /* of a word that is no number */
    char first[48];
} Seen;

static bool is_code(const char *text, size_t n)
{
    if (n < 2 || *text != '0') return false;
    for (size_t i = 1; i < n; i++)
        if (text[i] < '0' || text[i] > '9') return false;
    return true;
}

static void look_at(const Reading *r, Seen *seen, const TypedCell *cell, const TypedRows *rows, int row)
{
    const char *text = cell->text;
    size_t n = cell->n;
    double number;
    if (cell->kind == TYPED_NUMBER) seen->n_number += !isnan(cell->number);
    if (cell->kind != TYPED_TEXT && cell->kind != TYPED_LEVEL) return;
    reading_trim(&text, &n);
    if (reading_is_missing(r, text, n)) return;
    seen->n_text++;
    if (reading_number(text, n, false, &number)) {
        seen->n_text_number++;
        seen->code = seen->code || is_code(text, n);
    } else if (!seen->first_line) {
        seen->first_line = line_of(rows, row);
        cell_quote(text, n, seen->first);
    }
}

static void settle(Reading *r, RawColumn *column, const Seen *seen, bool text_numbers)
{
    bool numbers = seen->n_text == 0, all = seen->n_text > 0 && seen->n_text_number == seen->n_text;
    column->kind = numbers || (all && text_numbers && !seen->code) ? COLUMN_NUMERIC : COLUMN_NOMINAL;
    if (all && column->kind == COLUMN_NUMERIC)
        reading_note(r, "column `%s` holds its numbers as text; they were read as numbers; if they are names,"
                        " list it in data.nominal", column->name);
    else if (all && !seen->code)
        reading_note(r, "column `%s` holds numbers as text, which are taken as names; if they are numbers, list"
                        " it in data.numeric", column->name);
    else if (!numbers && seen->n_number > 0 && seen->first_line)
        reading_note(r, "column `%s` is taken as nominal because of %d cell%s that %s no number, first `%s` in"
                        " line %ld; if that means missing, add it to data.missing_tokens",
                     column->name, seen->n_text, seen->n_text == 1 ? "" : "s", seen->n_text == 1 ? "is" : "are",
                     seen->first, seen->first_line);
}

static bool settle_kinds(Reading *r, const TypedRows *rows, Error *err)
{
    Seen *seen = ARENA_NEW(r->arena, Seen, rows->n_columns);
    bool *asked = ARENA_NEW(r->arena, bool, rows->n_columns), any = false;
    if (!seen || !asked) return error_memory(err);
    for (int c = 0; c < rows->n_columns; c++) {
        RawColumn *column = &r->columns[c];
        if (column->fixed || column->role == ROLE_IGNORED) continue;
        column->kind = COLUMN_NUMERIC;
        asked[c] = !(rows->is_numbers && rows->is_numbers(rows, c));
        any = any || asked[c];
    }
    for (int i = 0; any && i < rows->n_rows; i++)
        for (int c = 0; c < rows->n_columns; c++) {
            if (!asked[c]) continue;
            TypedCell cell = rows->cell(rows, i, c);
            look_at(r, &seen[c], &cell, rows, i);
        }
    for (int c = 0; c < rows->n_columns; c++)
        if (asked[c]) settle(r, &r->columns[c], &seen[c], rows->text_numbers);
    return true;
}

/* ---- cells --------------------------------------------------------------------------------------- */

static bool take_cell(Reading *r, const TypedRows *rows, int row, int c, Error *err)
{
    TypedCell cell = rows->cell(rows, row, c);
    const char *text = cell.text;
    size_t n = cell.n;
    long line = line_of(rows, row);
    if (cell.kind == TYPED_NUMBER) return reading_value(r, row, c, cell.number, line, err);
    if (cell.kind == TYPED_MISSING) return reading_cell(r, row, c, "", 0, true, line, err);
    reading_trim(&text, &n);
    const bool missing = n == 0 || (cell.kind == TYPED_TEXT && reading_is_missing(r, text, n));
    return reading_cell(r, row, c, text, n, missing, line, err);
}

/* With a schema, names of columns that no row has, behind those that are there. */
static const char **with_absent(Reading *r, const TypedRows *rows, int *n, Error *err)
{
    const Schema *schema = r->schema;
    TextSet here = {0};
    int found = 0;
    const char **names = ARENA_NEW(r->arena, const char *, rows->n_columns + schema->n_columns);
    *n = rows->n_columns;
    if (!names) return error_memory(err), NULL;
    for (int i = 0; i < *n; i++) {
        names[i] = rows->names[i];
        if (text_set_add(&here, r->arena, names[i], strlen(names[i])) < 0) return error_memory(err), NULL;
    }
    for (int i = 0; i < schema->n_columns; i++) {
        const char *name = schema->columns[i].name;
        /* reader_plan.c's */
        const bool unnamed = strncmp(name, "unnamed_", 8) == 0 && text_set_find(&here, "", 0) >= 0;
        if (unnamed || text_set_find(&here, name, strlen(name)) >= 0) found++;
        else names[(*n)++] = name;
    }
    if (found == 0 && !r->part) *n = rows->n_columns; /* this is some other table: it is refused */
    for (int i = rows->n_columns; i < *n && !r->part; i++)
        reading_note(r, "no row has a column `%s`, which the model knows; it is missing in all", names[i]);
    return names;
}

/* As a column of words has them. */
static void carry(Carried *carried, const TypedRows *rows)
{
    int at = 0;
    char number[32];
    while (at < rows->n_columns && strcmp(rows->names[at], carried->name) != 0) at++;
    for (int i = 0; i < rows->n_rows; i++) {
        TypedCell cell = {.kind = TYPED_MISSING};
        if (at < rows->n_columns) cell = rows->cell(rows, i, at);
        if (cell.kind == TYPED_NUMBER && isfinite(cell.number)) {
            cell.text = text_number(cell.number == 0 ? 0 : cell.number, number);
            cell.n = strlen(cell.text);
        } else if (cell.kind != TYPED_TEXT) {
            cell.n = 0;
        }
        reading_trim(&cell.text, &cell.n);
        carried_add(carried, cell.text ? cell.text : "", cell.n);
    }
}

bool typed_table(Reading *r, const TypedRows *rows, Table **out, Error *err)
{
    int n = rows->n_columns;
    const char **names = rows->names;
    if (rows->n_rows == 0) return error_set(err, ERR_DATA, "%s: no rows of data", r->path);
    if (names && r->schema && rows->absent_is_missing && !(names = with_absent(r, rows, &n, err))) return false;
    if (!reading_plan(r, names, n, err) || (rows->declare && !rows->declare(rows, r, err))
        || (!r->schema && !settle_kinds(r, rows, err))
        || !reading_start(r, rows->n_rows, err))
        return false;
    for (int i = 0; i < rows->n_rows; i++)
        for (int c = 0; c < n; c++) {
            if (r->columns[c].role == ROLE_IGNORED || r->columns[c].stored) continue;
            bool ok = c < rows->n_columns ? take_cell(r, rows, i, c, err)
                                          : reading_cell(r, i, c, "", 0, true, line_of(rows, i), err);
            if (!ok) return false;
        }
    if (r->carried) carry(r->carried, rows);
    return reading_finish(r, out, err);
}
