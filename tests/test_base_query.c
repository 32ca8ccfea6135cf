/* base/query: a stranger's database is read, and nothing else is done with it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/query.h"

static char folder[] = "/tmp/consort-query-XXXXXX", path[64];
static Arena *arena;

static int open_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || !(arena = arena_create(0))) return -1;
    snprintf(path, sizeof path, "%s/a%%?#.db", folder); /* a name that a URI would take apart */
    return 0;
}

static int close_folder(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    (void)state;
    char name[80];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    rmdir(folder);
    arena_destroy(arena);
    return 0;
}

static sqlite3 *make(const char *sql)
{
    sqlite3 *db;
    char *why = NULL;
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
    return db;
}

static void cells_have_types(void **state)
{
    (void)state;
    sqlite3_close(make("CREATE TABLE \"a \"\"t\"(i, r, t, b, n); INSERT INTO \"a \"\"t\" VALUES"
                       "(9007199254740993, 1.5, 'caf\xC3\xA9', x'00', NULL)"));
    Query *q;
    Error err = {0};
    bool row;
    if (!query_open(path, NULL, arena, &q, &err)) fail_msg("%s", err.message);
    assert_int_equal(query_columns(q), 5);
    assert_string_equal(query_name(q, 2), "t");
    assert_true(query_next(q, &row, &err) && row);
    assert_int_equal(query_cell(q, 0).kind, QUERY_WHOLE);
    assert_true(query_cell(q, 0).whole == 9007199254740993);
    assert_true(query_cell(q, 1).kind == QUERY_REAL && query_cell(q, 1).number == 1.5);
    assert_true(query_cell(q, 2).kind == QUERY_TEXT && query_cell(q, 2).n == 5);
    assert_int_equal(query_cell(q, 3).kind, QUERY_BYTES);
    assert_int_equal(query_cell(q, 4).kind, QUERY_NULL);
    assert_true(query_next(q, &row, &err) && !row);
    query_close(q);
    query_close(NULL);
    int n;
    assert_string_equal(query_tables(path, arena, &n), "a \"t");
    assert_int_equal(n, 1);
}

static void refuses(const char *sql, ErrorCode code, const char *want)
{
    Query *q = NULL;
    Error err = {0};
    bool row = true, ok = query_open(path, sql, arena, &q, &err);
    while (ok && row) ok = query_next(q, &row, &err);
    if (ok) fail_msg("%s was done", sql ? sql : "everything");
    query_close(q);
    if (err.code != code || !strstr(err.message, want)) fail_msg("[%d] %s -- wanted %s", (int)err.code, err.message, want);
}

static void nothing_but_reading(void **state)
{
    (void)state;
    char attach[100];
    sqlite3_close(make("CREATE TABLE t(a); CREATE TABLE u(b); INSERT INTO t VALUES(1); CREATE VIEW bad AS SELECT"
                       " load_extension('x') FROM t; CREATE TABLE log(x)"));
    char before[65], after[65];
    Bytes bytes;
    assert_true(file_read_plain(path, 0, &bytes, NULL));
    sha256_of(bytes.bytes, bytes.n, before);
    bytes_free(&bytes);
    snprintf(attach, sizeof attach, "ATTACH '%s/other.db' AS o", folder);
    static const char *const writing[] = {"DELETE FROM t", "INSERT INTO t VALUES(2) RETURNING a", "DROP TABLE t",
                                          "PRAGMA journal_mode = WAL", "PRAGMA user_version", "CREATE TABLE v(a)",
                                          "BEGIN", "CREATE TEMP TABLE v(a)"};
    for (size_t i = 0; i < sizeof writing / sizeof *writing; i++) refuses(writing[i], ERR_CONFIG, "may only read");
    refuses(attach, ERR_CONFIG, "may only read");
    refuses("VACUUM", ERR_CONFIG, "a query begins with SELECT");
    refuses("SELECT load_extension('x')", ERR_CONFIG, ""); /* whatever SQLite was built with */
    refuses("SELECT * FROM bad", ERR_CONFIG, "");
    refuses("SELECT 1; DROP TABLE t", ERR_CONFIG, "one query, not several");
    refuses("", ERR_CONFIG, "a query begins with SELECT");
    refuses("-- nothing", ERR_CONFIG, "a query begins with SELECT");
    refuses("SELECT nothing", ERR_CONFIG, "in the query: SELECT nothing");
    refuses("SELECT c FROM t", ERR_CONFIG, "no such column: c");
    refuses(NULL, ERR_CONFIG, "has 4 tables: t, u, bad, log; say which");
    assert_true(file_read_plain(path, 0, &bytes, NULL));
    sha256_of(bytes.bytes, bytes.n, after);
    bytes_free(&bytes);
    assert_string_equal(before, after);
    snprintf(attach, sizeof attach, "%s/other.db", folder);
    assert_false(file_exists(attach));
}

static int64_t count_rows(const char *sql)
{
    Query *q;
    Error err = {0};
    int64_t n = 0;
    if (!query_open(path, sql, arena, &q, &err)) fail_msg("%s", err.message);
    for (bool row = true; row; n += row)
        if (!query_next(q, &row, &err)) fail_msg("%s", err.message);
    query_close(q);
    return n;
}

static void reads_what_another_writes(void **state)
{
    (void)state;
    sqlite3 *db = make("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1), (2)");
    assert_int_equal(count_rows("SELECT a FROM t"), 2); /* still in the log */
    assert_int_equal(sqlite3_exec(db, "BEGIN; INSERT INTO t VALUES(3)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(count_rows("SELECT a FROM t"), 2);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(count_rows("SELECT a FROM t"), 3);
    sqlite3_close(db);
    if (geteuid() == 0) return; /* root writes everywhere */
    assert_int_equal(chmod(folder, 0500), 0);
    assert_int_equal(count_rows("SELECT a FROM t"), 3);
    assert_int_equal(chmod(folder, 0700), 0);
}

static void what_is_no_database(void **state)
{
    (void)state;
    assert_true(file_write(path, "a,b\n1,2\n", 8, NULL));
    refuses("SELECT 1", ERR_DATA, "not an SQLite database, or a damaged one");
    assert_true(file_write(path, "SQLite format 3\0\x10\0\1\1\0\x40\x20\x20", 24, NULL));
    refuses("SELECT * FROM t", ERR_DATA, "");
    unlink(path);
    refuses("SELECT 1", ERR_IO, "no such file");
    assert_false(file_exists(path)); /* nor is it made */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_types),
        cmocka_unit_test(nothing_but_reading),
        cmocka_unit_test(reads_what_another_writes),
        cmocka_unit_test(what_is_no_database),
    };
    return cmocka_run_group_tests_name("base/query", tests, open_folder, close_folder);
}
