/* base/pieces: all addresses hold, memory is given back, bytes come again, and a file that changes is noticed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pieces.h"

enum { SIZE = 3 * PIECES_LEAST + 12345 };
static char path[64], *content;

static void put(size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static int make(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/consort-pieces-%ld", (long)getpid());
    content = malloc(SIZE);
    for (size_t i = 0; content && i < SIZE; i++) content[i] = (char)(i * i >> 7);
    return content ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    unlink(path);
    free(content);
    return 0;
}

static void reads_on_leaves_and_comes_back(void **state)
{
    (void)state;
    Pieces p;
    Error err;
    put(SIZE);
    assert_true(pieces_open(path, &p));
    assert_int_equal(p.n, SIZE);
    for (int round = 0; round < 3; round++) {
        pieces_again(&p, (size_t)round * 777);
        for (size_t at = (size_t)round * 777; at < SIZE; at += 100003) {
            size_t n = SIZE - at < 100003 ? SIZE - at : 100003;
            assert_true(pieces_reach(&p, at + n, &err));
            assert_true(p.reached >= at + n && p.left <= at);
            assert_memory_equal(p.bytes + at, content + at, n);
            pieces_leave(&p, at + n);
        }
        assert_true(pieces_reach(&p, (size_t)-1, &err) && p.reached == SIZE && p.left > SIZE / 2);
        assert_int_equal(p.bytes[SIZE], 0);
    }
    char some[100];
    assert_true(pieces_copy(&p, 12345, some, sizeof some, &err));
    assert_memory_equal(some, content + 12345, sizeof some);
    assert_true(pieces_same(&p, &err));
    pieces_close(&p);
    pieces_close(&p);
}

static void leaves_other_files_to_others(void **state)
{
    (void)state;
    Pieces p;
    put(PIECES_LEAST - 1);
    assert_false(pieces_open(path, &p));
    assert_false(pieces_open("-", &p));
    assert_false(pieces_open("/dev/zero", &p));
    assert_false(pieces_open("/tmp", &p));
    assert_false(pieces_open("/nowhere/at/all", &p));
    char first[2] = {content[0], content[1]};
    memcpy(content, "\x1f\x8b", 2);
    put(SIZE);
    assert_false(pieces_open(path, &p));
    memcpy(content, first, 2);
    unlink(path); /* a pipe is not even opened: that would take a writer's reader away */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(pieces_open(path, &p));
    unlink(path);
    pieces_close(&p);
}

static void notices_what_changes(void **state)
{
    (void)state;
    Pieces p;
    Error err;
    put(SIZE);
    assert_true(pieces_open(path, &p));
    assert_true(pieces_reach(&p, 1, &err));
    assert_int_equal(truncate(path, PIECES_LEAST), 0);
    assert_false(pieces_reach(&p, SIZE, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, "became shorter while it was read"));
    assert_false(pieces_same(&p, &err));
    pieces_close(&p);
    put(SIZE);
    assert_true(pieces_open(path, &p));
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 5}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_false(pieces_same(&p, &err));
    assert_non_null(strstr(err.message, "changed while it was read"));
    pieces_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_on_leaves_and_comes_back),
        cmocka_unit_test(leaves_other_files_to_others),
        cmocka_unit_test(notices_what_changes),
    };
    return cmocka_run_group_tests_name("base/pieces", tests, make, drop);
}
