/* data/cells.c - cells as they come, row after row. */
#include "data/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { MOST_COLUMNS = 1 << 20 };

static bool too_large(const Cells *cells, Error *err)
{
    if (cells->n_columns <= MOST_COLUMNS && !typed_too_large(cells->n_rows, cells->n_columns,
                                                             cells->n_bytes)) return false;
    error_set(err, ERR_DATA, "%s: %d rows of %d columns are too many for one table; take a part of it",
              cells->reading->path, cells->n_rows, cells->n_columns);
    return true;
}

int cells_add_column(Cells *cells, const char *name, size_t n, Error *err)
{
    const char *copy = arena_copy_n(cells->reading->arena, name, n);
    if (!copy || !GROW(NULL, cells->columns, cells->n_columns, cells->capacity)
        || !GROW(cells->reading->arena, cells->names, cells->n_columns, cells->name_capacity)
        || !set_add(&cells->by_name, cells->reading->arena, set_hash(copy, n, (uint64_t)(uintptr_t)cells),
                    cells->n_columns))
        return error_memory(err), -1;
    cells->columns[cells->n_columns] = (CellColumn){0};
    cells->names[cells->n_columns++] = copy;
    return too_large(cells, err) ? -1 : cells->n_columns - 1;
}

int cells_find_column(Cells *cells, const char *name, size_t n, Error *err)
{
    uint32_t step = 0;
    uint64_t hash = set_hash(name, n, (uint64_t)(uintptr_t)cells);
    for (int i; (i = set_next(&cells->by_name, hash, &step)) >= 0;)
        if (strlen(cells->names[i]) == n && memcmp(cells->names[i], name, n) == 0) return i;
    return cells_add_column(cells, name, n, err);
}

bool cells_row(Cells *cells, long line, Error *err)
{
    if (cells->n_rows == INT32_MAX / 2 - 1)
        return error_set(err, ERR_DATA, "%s: more than %d rows", cells->reading->path, cells->n_rows);
    if (!GROW(NULL, cells->line, cells->n_rows, cells->line_capacity)) return error_memory(err);
    cells->line[cells->n_rows++] = line < INT32_MAX ? (int32_t)line : INT32_MAX;
    return !too_large(cells, err);
}

bool cells_has(const Cells *cells, int column)
{
    return cells->columns[column].n == cells->n_rows;
}

/* The cell of this row; what was left out before it is missing. */
static bool reach(Cells *cells, CellColumn *c, Error *err)
{
    while (c->n < cells->n_rows) {
        int capacity = c->capacity;
        if (!GROW(NULL, c->number, c->n, capacity)) return error_memory(err);
        if (c->word && capacity > c->capacity) {
            int32_t *word = realloc(c->word, (size_t)capacity * sizeof *word);
            if (!word) return error_memory(err);
            c->word = word;
        }
        c->capacity = capacity;
        c->number[c->n] = NAN;
        if (c->word) c->word[c->n] = -1;
        c->n++;
    }
    return true;
}

bool cells_missing(Cells *cells, int column, Error *err)
{
    return reach(cells, &cells->columns[column], err);
}

bool cells_number(Cells *cells, int column, double number, Error *err)
{
    CellColumn *c = &cells->columns[column];
    if (!reach(cells, c, err)) return false;
    c->number[c->n - 1] = number;
    return true;
}

bool cells_text(Cells *cells, int column, const char *text, size_t n, Error *err)
{
    CellColumn *c = &cells->columns[column];
    if (!reach(cells, c, err)) return false;
    const int word = text_set_add(&c->words, cells->reading->arena, text, n);
    if (word < 0) return error_memory(err);
    if (!c->word) {
        int32_t *words = realloc(c->word, (size_t)c->capacity * sizeof *words);
        if (!words) return error_memory(err);
        c->word = words;
        for (int i = 0; i < c->n; i++) c->word[i] = -1;
    }
    c->word[c->n - 1] = word;
    return true;
}

/* ---- as rows ------------------------------------------------------------------------------------- */

static TypedCell cell_of(const TypedRows *rows, int row, int column)
{
    const CellColumn *c = &((const Cells *)rows->of)->columns[column];
    if (row >= c->n) return (TypedCell){.kind = TYPED_MISSING};
    if (c->word && c->word[row] >= 0) {
        const char *text = c->words.text[c->word[row]];
        return (TypedCell){.kind = TYPED_TEXT, .text = text, .n = strlen(text)};
    }
    if (isnan(c->number[row])) return (TypedCell){.kind = TYPED_MISSING};
    return (TypedCell){.kind = TYPED_NUMBER, .number = c->number[row]};
}

static bool is_numbers(const TypedRows *rows, int column)
{
    return !((const Cells *)rows->of)->columns[column].word;
}

static long line_of(const TypedRows *rows, int row)
{
    return ((const Cells *)rows->of)->line[row];
}

bool cells_table(Cells *cells, bool text_numbers, bool absent_is_missing, Table **out, Error *err)
{
    const char *none[] = {NULL}; /* rows of nothing but missing cells have names, too: not one */
    const TypedRows rows = {.n_rows = cells->n_rows, .n_columns = cells->n_columns,
                            .names = cells->names ? cells->names : none,
                            .of = cells,
                            .cell = cell_of, .is_numbers = is_numbers, .line = line_of,
                                .text_numbers = text_numbers,
                            .absent_is_missing = absent_is_missing};
    return typed_table(cells->reading, &rows, out, err);
}

void cells_free(Cells *cells)
{
    for (int i = 0; i < cells->n_columns; i++) {
        free(cells->columns[i].number);
        free(cells->columns[i].word);
    }
    free(cells->columns);
    free(cells->line);
}
