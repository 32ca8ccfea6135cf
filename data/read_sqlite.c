/* data/read_sqlite.c - the rows of a query on an SQLite database.
 *
 *     sqlite:shop.db?SELECT age, city, returned FROM customer JOIN orders USING (id)
 *     sqlite:shop.db                      all of the only table
 *
 * Integers and reals are numbers, texts are words, NULL is missing. Texts that all are numbers are numbers, as
 * tables that were imported from CSV have nothing but text. base/query.h has what a query may do, and says
 * why a stranger's file can do no harm.
 */
#include <string.h>

#include "base/query.h"
#include "base/text.h"
#include "data/cells.h"

bool sqlite_looks_like(const char *bytes, size_t n)
{
    return n >= 16 && memcmp(bytes, "SQLite format 3\0", 16) == 0;
}

static bool take_cell(Cells *cells, const Query *query, int column, Error *err)
{
    QueryCell cell = query_cell(query, column);
    if (cell.kind == QUERY_NULL) return true;
    if (cell.kind == QUERY_WHOLE || cell.kind == QUERY_REAL) return cells_number(cells, column, cell.number,
                                                                                 err);
    const char *why = cell.kind == QUERY_BYTES               ? "bytes (a BLOB)"
                    : memchr(cell.text, 0, cell.n)          ? "a text with a zero byte"
                    : !text_is_utf8(cell.text, cell.n)      ? "a text that is not UTF-8" : NULL;
    if (!why) return cells_text(cells, column, cell.text, cell.n, err);
    return error_set(err, ERR_DATA,
                     "%s: row %d: column `%.60s` holds %s; leave it out of the query, or CAST it",
                     cells->reading->path, cells->n_rows, query_name(query, column), why);
}

static bool take_rows(Cells *cells, Query *query, Error *err)
{
    const int n = query_columns(query);
    for (int c = 0; c < n; c++) {
        const char *name = query_name(query, c);
        if (!text_is_utf8(name, strlen(name)))
            return error_set(err, ERR_DATA,
                             "%s: the name of column %d is not UTF-8; call it otherwise (AS ...)",
                             cells->reading->path, c + 1);
        if (cells_add_column(cells, name, strlen(name), err) < 0) return false;
    }
    for (bool row = true; row;) {
        if (!query_next(query, &row, err)) return false;
        if (row && !cells_row(cells, cells->n_rows + 1L, err)) return false;
        for (int c = 0; row && c < n; c++)
            if (!take_cell(cells, query, c, err)) return false;
    }
    return true;
}

bool read_query(Reading *r, const char *file, const char *sql, Table **out, Error *err)
{
    Query *query;
    Cells cells = {.reading = r};
    if (!query_open(file, sql, r->arena, &query, err)) return false;
    bool ok = take_rows(&cells, query, err);
    query_close(query);
    ok = ok && cells_table(&cells, true, false, out, err);
    cells_free(&cells);
    return ok;
}

/* A database given as a file: its only table, or what to say instead. */
bool read_sqlite(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    (void)bytes, (void)n;
    if (!r->in_file)
        return error_set(err, ERR_DATA,
                         "%s: an SQLite database, which is read from a file of its own; unpack it",
                         r->path);
    return read_query(r, r->path, NULL, out, err);
}
