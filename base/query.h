/* base/query.h - one SELECT on somebody's SQLite database, which is only read.
 *
 *     Query *query;
 *     if (!query_open("shop.db", "SELECT age, city FROM customer", arena, &query, err)) return false;
 *     for (bool row; (ok = query_next(query, &row, err)) && row;) ... query_cell(query, i) ...
 *     query_close(query);
 *
 * The file may come from anywhere and the query from a configuration. The connection cannot write, attach, load
 * or set anything: SQLite asks for each thing that a statement wants to do, and only reading is granted. A
 * database on a medium that cannot be written to is opened as one that does not change. One transaction
 * holds all rows. A statement that works for minutes without a row is given up.
 *
 * Memory  the query's; names and texts hold until the next row. query_close(NULL) does nothing.
 * Errors  ERR_IO: there is no such file. ERR_CONFIG: the SQL is wrong, or no SELECT. ERR_DATA: the file is none
 *         of SQLite's, or damaged.
 */
#ifndef CONSORT_BASE_QUERY_H
#define CONSORT_BASE_QUERY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct Query Query;

typedef enum { QUERY_NULL, QUERY_WHOLE, QUERY_REAL, QUERY_TEXT, QUERY_BYTES } QueryKind;
typedef struct {
    QueryKind kind;
    int64_t whole;
    double number; /* also of a whole one */
    const char *text;
    size_t n;
} QueryCell;

/* `sql` NULL: all of the only table. */
bool query_open(const char *path, const char *sql, Arena *arena, Query **out, Error *err);
void query_close(Query *query);
int query_columns(const Query *query);
const char *query_name(const Query *query, int column);
bool query_next(Query *query, bool *row, Error *err);
QueryCell query_cell(const Query *query, int column);
/* The names of tables and views, for a message: "a, b, c". "" without any, or where they cannot be read. */
const char *query_tables(const char *path, Arena *arena, int *n);
#endif
