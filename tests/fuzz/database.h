/* tests/fuzz/database.h - a database with damaged cells, from lines of text:
 *
 *     set TABLE COLUMN ROW VALUE     VALUE is null, a number, 'text, x followed by hexadecimal digits, or
 *                                    long N: text of N letters
 *     drop TABLE ROW                 the row goes
 *     twice TABLE ROW                it is there twice
 *
 * Rows count from 0. The tables have lost their keys, checks and types first, as in a file that somebody made
 * to do harm: any value can stand anywhere. */
#ifndef CONSORT_TESTS_FUZZ_DATABASE_H
#define CONSORT_TESTS_FUZZ_DATABASE_H
#include <sqlite3.h>

#include "base/file.h"
#include "tests/fuzz/fuzz.h"

typedef struct {
    char *bytes;
    size_t n;
} DatabaseImage;

static inline void database_exec(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK) return;
    fprintf(stderr, "%s: %s\n", sql, why);
    abort();
}

/* A copy of the database at `path` whose tables take anything; its views as they were. */
static inline void database_image(const char *path, DatabaseImage *out)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    Text sql = {0};
    Bytes bytes;
    Error err;
    const char *loose = fuzz_path("loose.db");
    unlink(loose);
    if (sqlite3_open(path, &db) != SQLITE_OK) abort();
    text_print(&sql, "ATTACH '%s' AS loose;", loose);
    for (int pragma = 0; pragma < 2; pragma++) {
        const char *name = pragma ? "user_version" : "application_id";
        char ask[64];
        snprintf(ask, sizeof ask, "PRAGMA %s", name);
        if (sqlite3_prepare_v2(db, ask, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW) abort();
        text_print(&sql, "PRAGMA loose.%s = %d;", name, sqlite3_column_int(s, 0));
        sqlite3_finalize(s);
    }
    if (sqlite3_prepare_v2(db, "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'"
                               " ORDER BY type, rowid", -1, &s, NULL) != SQLITE_OK) abort();
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(s, 0);
        const char *name = (const char *)sqlite3_column_text(s, 1);
        if (strcmp(type, "table") == 0)
            text_print(&sql, "CREATE TABLE loose.\"%s\" AS SELECT * FROM main.\"%s\";", name, name);
        if (strcmp(type, "view") == 0) /* "CREATE VIEW name AS ..." */
            text_print(&sql, "CREATE VIEW loose.%s;", (const char *)sqlite3_column_text(s, 2) + 12);
    }
    sqlite3_finalize(s);
    database_exec(db, sql.bytes);
    sqlite3_close(db);
    text_free(&sql);
    fuzz_must(file_read(loose, 0, &bytes, &err), &err);
    *out = (DatabaseImage){bytes.bytes, bytes.n};
}

static inline void database_bind(sqlite3_stmt *s, char *value)
{
    double number;
    if (strncmp(value, "long ", 5) == 0) {
        long n = strtol(value + 5, NULL, 10);
        char *text = malloc((size_t)(n = n < 0 ? 0 : n > 100000 ? 100000 : n) + 1);
        if (!text) abort();
        memset(text, 'a', (size_t)n);
        sqlite3_bind_text(s, 1, text, (int)n, SQLITE_TRANSIENT);
        free(text);
    } else if (*value == '\'') {
        sqlite3_bind_text(s, 1, value + 1, -1, SQLITE_TRANSIENT);
    } else if (*value == 'x') {
        size_t n = 0;
        for (char *c = value + 1; c[0] && c[1]; c += 2, n++) {
            const char pair[] = {c[0], c[1], '\0'};
            value[n] = (char)strtol(pair, NULL, 16);
        }
        sqlite3_bind_blob(s, 1, value, (int)n, SQLITE_TRANSIENT);
    } else if (text_to_number(value, &number)) {
        if (fabs(number) < 9e18 && number == floor(number) && !strpbrk(value, ".eE"))
            sqlite3_bind_int64(s, 1, (sqlite3_int64)number);
        else
            sqlite3_bind_double(s, 1, number);
    }
}

/* Rows count from 0, rowids from 1. */
static inline long database_row(const char *text)
{
    long row = text ? strtol(text, NULL, 10) : 0;
    return row < 0 || row > 1000000 ? 0 : row + 1;
}

static inline void database_damage(sqlite3 *db, char *line)
{
    char *rest, sql[400], *verb = strtok_r(line, " ", &rest), *table = strtok_r(NULL, " ", &rest), *value = "";
    if (!verb || !table || strchr(table, '"')) return;
    sqlite3_stmt *s = NULL;
    if (strcmp(verb, "set") == 0) {
        char *column = strtok_r(NULL, " ", &rest), *row = strtok_r(NULL, " ", &rest);
        if (!column || !row || strchr(column, '"')) return;
        snprintf(sql, sizeof sql, "UPDATE \"%.60s\" SET \"%.60s\" = ?1 WHERE rowid = %ld", table, column,
                 database_row(row));
        value = rest;
    } else {
        char *row = strtok_r(NULL, " ", &rest);
        long id = database_row(row);
        if (strcmp(verb, "drop") == 0)
            snprintf(sql, sizeof sql, "DELETE FROM \"%.60s\" WHERE rowid = %ld", table, id);
        else if (strcmp(verb, "twice") == 0)
            snprintf(sql, sizeof sql, "INSERT INTO \"%.60s\" SELECT * FROM \"%.60s\" WHERE rowid = %ld", table,
                     table, id);
        else return;
    }
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) return;
    database_bind(s, value);
    sqlite3_step(s);
    sqlite3_finalize(s);
}

/* Writes the image, damaged as the lines say, and returns its path. */
static inline const char *database_damaged(const DatabaseImage *image, FuzzBytes lines)
{
    sqlite3 *db;
    const char *path = fuzz_file("damaged.db", image->bytes, image->n);
    if (sqlite3_open(path, &db) != SQLITE_OK) abort();
    database_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    for (int i = 0; lines.n && i < 64; i++) {
        FuzzBytes line = fuzz_line(&lines);
        char *text = fuzz_string(line.at, line.n);
        database_damage(db, text);
        free(text);
    }
    database_exec(db, "COMMIT");
    sqlite3_close(db);
    return path;
}
#endif
