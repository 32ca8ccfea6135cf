/* api/rows.c - the caller's rows become what data/given.h reads. */
#include "api/parts.h"

#include <string.h>

#include "job/load.h"

_Static_assert(CONSORT_NUMERIC_COLUMN == COLUMN_NUMERIC + 1 && CONSORT_NOMINAL_COLUMN == COLUMN_NOMINAL + 1
               && CONSORT_DATE_COLUMN == COLUMN_DATE + 1 && CONSORT_TEXT_COLUMN == COLUMN_FREE_TEXT + 1
               && CONSORT_ORDERED_COLUMN == COLUMN_ORDERED + 1, "kinds are one more");
_Static_assert(CONSORT_FOUND_OUT == GIVEN_KIND_OPEN + 1, "and so is none");

static bool take_columns(const consort_rows *rows, Arena *arena, GivenRows *out, Error *err)
{
    GivenColumn *columns = ARENA_NEW(arena, GivenColumn, rows->n_columns);
    const char *at = (const char *)rows->columns;
    const size_t step = rows->columns->size;
    if (!columns) return error_memory(err);
    for (int i = 0; i < rows->n_columns; i++) {
        consort_column from;
        if (!api_take(at + (size_t)i * step, &from, sizeof from, "consort_column", err)) return false;
        if (from.size != step)
            return error_set(err, ERR_INVALID, "consort_column: the sizes of an array's structs differ");
        columns[i] = (GivenColumn){.name = from.name, .kind = from.kind - 1, .numbers = from.numbers,
                                   .words = from.words, .codes = from.codes, .n_levels = from.n_levels,
                                   .levels = from.levels};
        if (from.codes && (from.n_levels < 0 || (from.n_levels > 0 && !from.levels)))
            return error_set(err, ERR_INVALID, "consort_column: column %d has codes and no levels", i + 1);
    }
    out->columns = columns;
    return true;
}

bool api_given(const consort_rows *rows, const char *path, Arena *arena, GivenRows *out, Error *err)
{
    *out = (GivenRows){.path = path, .n_rows = rows->n_rows, .n_columns = rows->n_columns,
                       .doubles = rows->doubles, .floats = rows->floats,
                       .ld = rows->row_step ? rows->row_step : (size_t)rows->n_columns, .cells = rows->cells,
                       .names = rows->names, .pixels = rows->pixels, .height = rows->height,
                           .width = rows->width,
                       .channels = rows->channels};
    if (rows->n_rows < 0 || rows->n_columns < 0)
        return error_set(err, ERR_INVALID, "consort_rows: %d rows of %d columns", rows->n_rows,
                         rows->n_columns);
    if (out->ld < (size_t)rows->n_columns && (rows->doubles || rows->floats))
        return error_set(err, ERR_INVALID, "consort_rows: `row_step` is less than the columns of a row");
    return !rows->columns || rows->n_columns == 0 || take_columns(rows, arena, out, err);
}

bool api_table(const consort_rows *rows, const Schema *schema, bool no_labels, Arena *arena, Table **out,
               Error *err)
{
    consort_rows from;
    GivenRows given;
    ReadOptions read = {.said_as = ""};
    DataFile file = {.images = "memory:rows"};
    if (!rows) return error_set(err, ERR_INVALID, "no rows are given");
    if (!api_take(rows, &from, sizeof from, "consort_rows", err)
        || !field_defaults(&read_fields, &read, arena, err))
        return false;
    read.dir = "";
    read.no_labels = no_labels;
    if (from.file) {
        file.images = from.file;
    } else {
        if (!api_given(&from, file.images, arena, &given, err)) return false;
        read.given = &given;
        read.n_given = 1;
    }
    return table_open(&file, &read, schema, arena, out, err);
}
