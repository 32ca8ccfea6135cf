/* Databases of every released schema: read without a change to the file, migrated with a copy kept,
 * whatever happens in between. tests/fixtures/schema-N.db are studies that were killed half way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/store_checks.h"

static char copy_path[160];

static Bytes load(const char *name)
{
    Bytes bytes = {0};
    OK(file_read(name, 0, &bytes, &err));
    return bytes;
}

static void put(const char *name, const char *fixture)
{
    Bytes bytes = load(fixture);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.bytes, 1, bytes.n, file), bytes.n);
    fclose(file);
    bytes_free(&bytes);
    snprintf(copy_path, sizeof copy_path, "%s/trials.before-schema-%d.db", folder, STORE_SCHEMA);
}

static void put_schema(int schema)
{
    char fixture[64];
    snprintf(fixture, sizeof fixture, "tests/fixtures/schema-%d.db", schema);
    put(path, fixture);
}

static void sql_of(const char *name, const char *sql, Text *out)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i);
            text_print(out, "%s|", text ? text : "null");
        }
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void check_sql(const char *name, const char *sql, const char *want)
{
    Text got = {0};
    sql_of(name, sql, &got);
    if (strcmp(got.bytes ? got.bytes : "", want) != 0)
        fail_msg("%s: %s\n  gives %s\n  not   %s", name, sql, got.bytes, want);
    text_free(&got);
}

static void same_sql(const char *a, const char *b, const char *sql)
{
    Text want = {0};
    sql_of(a, sql, &want);
    check_sql(b, sql, want.bytes);
    text_free(&want);
}

static void exec(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    sqlite3_close(db);
}

static int files_in_folder(void)
{
    DIR *dir = opendir(folder);
    int n = 0;
    for (struct dirent *e; (e = readdir(dir));) n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

#define ROWS "SELECT * FROM trial JOIN study USING (study_id) ORDER BY trial_id"
#define MADE "SELECT type, name, sql FROM sqlite_schema WHERE name NOT IN (SELECT view_name FROM study)" \
             " ORDER BY type, name"

static void migrates_and_keeps_the_file_as_it_was(void **state)
{
    (void)state;
    for (int schema = 1; schema < STORE_SCHEMA; schema++) {
        Store *store;
        char number[32], fresh[160];
        folder_empty();
        put_schema(schema);
        OK(store_open(path, STORE_WRITE, &store, &err));
        assert_non_null(store_notice(store, 0));
        assert_non_null(strstr(store_notice(store, 0), copy_path));
        assert_null(store_notice(store, 1));
        OK(store_close(store, &err));
        snprintf(number, sizeof number, "%d|", schema);
        check_sql(copy_path, "PRAGMA user_version", number);
        check_sql(copy_path, "PRAGMA integrity_check", "ok|");
        check_sql(copy_path, "PRAGMA journal_mode", "delete|");
        char fixture[64];
        snprintf(fixture, sizeof fixture, "tests/fixtures/schema-%d.db", schema);
        same_sql(fixture, copy_path, ROWS);
        same_sql(fixture, copy_path, MADE);
        check_sql(path, "PRAGMA integrity_check", "ok|");
        same_sql(fixture, path, "SELECT number, state, params, seed, value, start_utc FROM trial ORDER BY 1");
        same_sql(fixture, path, "SELECT trial_id, fold, epoch, lr, train_loss, val_loss, val_metric, grad_norm,"
                            " secs FROM epoch ORDER BY 1, 2, 3");
        check_sql(path, "SELECT code FROM event ORDER BY event_id DESC LIMIT 1", "MIGRATED|");
        /* the same as a file that was made today */
        snprintf(fresh, sizeof fresh, "%s/fresh.db", folder);
        OK(store_open(fresh, STORE_WRITE, &store, &err));
        OK(store_close(store, &err));
        same_sql(fresh, path, MADE);
        same_sql(fresh, path, "PRAGMA user_version");
        int n = files_in_folder();
        OK(store_open(path, STORE_WRITE, &store, &err)); /* nothing is left to do */
        assert_null(store_notice(store, 0));
        OK(store_close(store, &err));
        assert_int_equal(files_in_folder(), n);
    }
}

static void a_copy_is_never_written_over(void **state)
{
    (void)state;
    Store *store;
    put_schema(1);
    FILE *file = fopen(copy_path, "w");
    fputs("precious", file);
    fclose(file);
    OK(store_open(path, STORE_WRITE, &store, &err));
    OK(store_close(store, &err));
    Bytes bytes = load(copy_path);
    assert_string_equal(bytes.bytes, "precious");
    bytes_free(&bytes);
    snprintf(copy_path, sizeof copy_path, "%s/trials.before-schema-%d.2.db", folder, STORE_SCHEMA);
    check_sql(copy_path, "PRAGMA user_version", "1|");
}

static void readers_change_nothing(void **state)
{
    (void)state;
    for (int schema = 1; schema < STORE_SCHEMA; schema++) {
        put_schema(schema);
        Bytes before = load(path);
        Store *store;
        Arena *arena = arena_create(0);
        TrialRow *rows;
        int n;
        StudyInfo study;
        OK(store_open(path, STORE_READ, &store, &err));
        OK(store_study_find(store, NULL, arena, &study, &err));
        OK(store_trials(store, study.id, arena, &rows, &n, &err));
        assert_true(n >= 4);
        assert_string_equal(rows[0].source, "baseline");
        check_query(store, "SELECT count(*) > 3 FROM leaderboard", "1");
        REFUSED(store_query(store, "DELETE FROM trial", 1, NULL, &err), "only read");
        char number[16];
        snprintf(number, sizeof number, "%d", STORE_SCHEMA);
        check_query(store, "PRAGMA user_version", number); /* as if it had been migrated */
        OK(store_close(store, &err));
        arena_destroy(arena);
        Bytes after = load(path);
        assert_int_equal(before.n, after.n);
        assert_memory_equal(before.bytes, after.bytes, before.n);
        bytes_free(&before);
        bytes_free(&after);
        assert_int_equal(files_in_folder(), 1);
    }
}

static void a_running_study_is_not_migrated_under_its_process(void **state)
{
    (void)state;
    put_schema(1);
    int up[2];
    assert_int_equal(pipe(up), 0);
    pid_t child = fork();
    if (child == 0) {
        Holder self;
        holder_self(&self);
        ssize_t n = write(up[1], &self, sizeof self);
        (void)n;
        pause();
        _exit(0);
    }
    Holder other;
    assert_int_equal(read(up[0], &other, sizeof other), sizeof other);
    char sql[400];
    snprintf(sql, sizeof sql, "UPDATE lease SET host = '%s', boot_id = '%s', pid = %d, pid_space = %lld,"
             " started = %lld", other.host, other.boot_id, (int)other.pid, (long long)other.pid_space,
             (long long)other.started);
    exec(sql);
    Store *store;
    REFUSED(store_open(path, STORE_WRITE, &store, &err), "is being run by pid");
    check_sql(path, "PRAGMA user_version", "1|");
    assert_int_equal(files_in_folder(), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    OK(store_open(path, STORE_WRITE, &store, &err));
    OK(store_close(store, &err));
    close(up[0]);
    close(up[1]);
}

static void a_study_moves_out_of_the_way_of_a_new_view(void **state)
{
    (void)state;
    Store *store;
    put_schema(1);
    /* schema 1 without the view, and a study of its name */
    exec("DROP VIEW history; UPDATE study SET view_name = 'History';"
         "CREATE VIEW \"History\" AS SELECT t.number AS trial FROM trial t");
    OK(store_open(path, STORE_WRITE, &store, &err));
    check_query(store, "SELECT view_name FROM study", "study_history");
    check_query(store, "SELECT count(*) = (SELECT count(*) FROM trial) FROM study_history", "1");
    check_query(store, "SELECT count(is_best) > 0 FROM history", "1");
    OK(store_close(store, &err));
}

static void without_room_for_the_copy_nothing_changes(void **state)
{
    (void)state;
    put_schema(1);
    Bytes before = load(path);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        struct rlimit limit = {16384, 16384};
        setrlimit(RLIMIT_FSIZE, &limit);
        Store *store;
        bool opened = store_open(path, STORE_WRITE, &store, &err);
        _exit(opened ? 1 : strstr(err.message, "cannot keep a copy") && strstr(err.message, "File too large")
                               && !strchr(err.message, '\n') ? 0 : 2);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(files_in_folder(), 1);
    Bytes after = load(path);
    assert_int_equal(before.n, after.n);
    assert_memory_equal(before.bytes, after.bytes, before.n);
    bytes_free(&before);
    bytes_free(&after);
}

static void survives_being_killed_while_it_migrates(void **state)
{
    (void)state;
    int n_migrated = 0;
    for (int i = 0; i < 24; i++) {
        folder_empty();
        put_schema(1);
        pid_t child = fork();
        if (child == 0) {
            Store *store;
            _exit(store_open(path, STORE_WRITE, &store, &err) ? 0 : 1);
        }
        nanosleep(&(struct timespec){0, 700000 * i}, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        Store *store;
        OK(store_open(path, STORE_READ, &store, &err));
        check_query(store, "SELECT count(*) > 3 FROM trial", "1");
        OK(store_close(store, &err));
        Text version = {0};
        sql_of(path, "PRAGMA user_version", &version);
        n_migrated += strcmp(version.bytes, "1|") != 0;
        if (strcmp(version.bytes, "1|") != 0) check_sql(copy_path, "PRAGMA user_version", "1|");
        text_free(&version);
        OK(store_open(path, STORE_WRITE, &store, &err));
        OK(store_close(store, &err));
        check_sql(path, "PRAGMA integrity_check", "ok|");
        check_sql(path, "SELECT count(*) FROM event WHERE code = 'MIGRATED'", "1|");
    }
    print_message("%d of 24 were killed after the migration\n", n_migrated);
}

#define T(f) cmocka_unit_test_setup(f, empty)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(migrates_and_keeps_the_file_as_it_was),
        T(a_copy_is_never_written_over),
        T(readers_change_nothing),
        T(a_running_study_is_not_migrated_under_its_process),
        T(a_study_moves_out_of_the_way_of_a_new_view),
        T(without_room_for_the_copy_nothing_changes),
        T(survives_being_killed_while_it_migrates),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
