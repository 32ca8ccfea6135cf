/* What a database from elsewhere must not do: name a process to signal, or keep a reader for ever. Signal 0 alone
 * is sent to strangers here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "tests/store_checks.h"
#include "tuner/store/holder.h"

static void only_what_is_there_is_alive(void **state)
{
    (void)state;
    Holder self, other;
    holder_self(&self);
    if (!self.started) skip(); /* no /proc */
    assert_true(holder_alive(&self, &self, 0));
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    other = self;
    other.pid = child;
    other.started--;
    assert_false(holder_alive(&other, &self, 0)); /* the pid of another that began earlier */
    other.started = 0;
    assert_false(holder_alive(&other, &self, 0));
    static const int64_t nobody[] = {0, 1, -1, -2, INT64_MIN, INT64_MAX, UINT32_MAX, (int64_t)1 << 32,
                                     (int64_t)INT32_MAX + 1, INT32_MAX};
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++)
        for (int started = 0; started < 2; started++) {
            other = self;
            other.pid = nobody[i];
            other.started = started;
            assert_false(holder_alive(&other, &self, 0));
            assert_false(holder_has_open(other.pid, "/dev/null"));
        }
    /* Its low half is ours: a cast would take it for us. */
    other = self;
    other.pid += (int64_t)1 << 32;
    assert_false(holder_alive(&other, &self, 0));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void a_writer_has_its_file_open(void **state)
{
    (void)state;
    Holder self;
    Store *store;
    StudyStart start;
    StudyHolder who;
    StudyInfo info = fixture_study("a");
    holder_self(&self);
    if (!self.started) skip();
    assert_false(holder_has_open(self.pid, path));
    OK(store_open(path, STORE_WRITE, &store, &err));
    assert_true(holder_has_open(self.pid, path));
    OK(store_study_begin(store, &info, &fixture_space, &start, &err));
    OK(curate_holder(store, info.id, &who, &err));
    assert_true(who.alive && who.here && who.writes);
    pid_t child = fork(); /* of our own, and with a true time of its start, but not a writer of this file */
    if (child == 0) {
        for (int fd = 3; fd < 256; fd++) close(fd);
        pause();
        _exit(0);
    }
    while (holder_has_open(child, path)) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    OK(store_close(store, &err));
}

static void a_reader_is_not_kept_for_ever(void **state)
{
    (void)state;
    Store *store;
    int64_t n;
    OK(store_open(path, STORE_WRITE, &store, &err));
    OK(store_close(store, &err));
    OK(store_open_with(path, STORE_READ, &(StoreHooks){.read_most_s = 1}, &store, &err));
    REFUSED(store_get_int(store, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*)"
                          " FROM c", NULL, 0, 0, &n, &err), "not done after 1 s");
    OK(store_get_int(store, "SELECT count(*) FROM trial", NULL, 0, 0, &n, &err));
    check_query(store, "SELECT 1", "1");
    REFUSED(store_get_int(store, "WITH RECURSIVE c(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM c) SELECT count(*)"
                          " FROM c", NULL, 0, 0, &n, &err), "not done after 1 s");
    OK(store_close(store, &err));
}

#define T(f) cmocka_unit_test_setup(f, empty)
int main(void)
{
    const struct CMUnitTest tests[] = {T(only_what_is_there_is_alive), T(a_writer_has_its_file_open),
                                       T(a_reader_is_not_kept_for_ever)};
    return cmocka_run_group_tests_name("store/holder", tests, folder_make, folder_drop);
}
