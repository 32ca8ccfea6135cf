#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/error.h"

static void context_comes_first_and_the_code_stays(void **state)
{
    (void)state;
    Error err = {0};
    assert_false(error_set(&err, ERR_NUMERIC, "loss is %s", "nan"));
    assert_false(error_wrap(&err, "fold %d", 3));
    assert_false(error_wrap(&err, "trial 12"));
    assert_string_equal(err.message, "trial 12: fold 3: loss is nan");
    assert_int_equal(err.code, ERR_NUMERIC);
    assert_string_equal(error_name(err.code), "not finite");
    assert_string_equal(error_name(ERROR_COUNT), "unknown");
    assert_false(error_memory(&err));
    assert_int_equal(err.code, ERR_MEMORY);
    assert_false(error_set(NULL, ERR_IO, "nobody listens"));
    assert_false(error_wrap(NULL, "nobody"));
}

static void long_messages_lose_their_end_only(void **state)
{
    (void)state;
    Error err = {0};
    char cause[3000], context[3000];
    memset(cause, 'c', sizeof cause - 1), cause[sizeof cause - 1] = '\0';
    memset(context, 'x', sizeof context - 1), context[sizeof context - 1] = '\0';
    error_set(&err, ERR_IO, "%s", cause);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    error_wrap(&err, "trial 3");
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_memory_equal(err.message, "trial 3: ccc", 12);
    error_wrap(&err, "%s", context);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static void a_message_is_one_line(void **state)
{
    (void)state;
    Error err = {0};
    error_set(&err, ERR_DATA, "column `%s`", "a\nb\x1b[31m\x7f");
    assert_string_equal(err.message, "column `a b [31m `");
    error_wrap(&err, "%s", "x\r\n.csv");
    assert_string_equal(err.message, "x  .csv: column `a b [31m `");
}

static void blocks_are_zeroed_and_aligned(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 3000; n += 17) {
            unsigned char *block = ARENA_NEW(arena, unsigned char, n);
            assert_non_null(block);
            assert_int_equal((uintptr_t)block % 64, 0);
            for (size_t i = 0; i < n; i++) assert_int_equal(block[i], 0);
            memset(block, 0xAB, n); /* the next round must find zeros again */
        }
        assert_true(arena_used(arena) > 0);
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    assert_string_equal(arena_print(arena, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_copy_n(arena, "abcdef", 3), "abc");
    assert_string_equal(arena_copy(arena, ""), "");
    arena_destroy(arena);
    arena_destroy(NULL);
}

static void limits_overflow_and_planned_failures(void **state)
{
    (void)state;
    Arena *arena = arena_create(1 << 20);
    assert_null(ARENA_NEW(arena, char, 1 << 21));
    assert_non_null(ARENA_NEW(arena, char, 1 << 19)); /* a refusal leaves the arena usable */
    int blocks = 0;
    while (ARENA_NEW(arena, char, 1 << 16) && blocks < 100) blocks++;
    assert_in_range(blocks, 1, 15);
    assert_null(arena_alloc(arena, SIZE_MAX / 2, 8));
    assert_null(arena_alloc(arena, SIZE_MAX, 1));
    arena_reset(arena);
    arena_fail_after(arena, 2);
    assert_non_null(ARENA_NEW(arena, int, 1));
    assert_non_null(ARENA_NEW(arena, int, 1));
    assert_null(ARENA_NEW(arena, int, 1));
    assert_null(arena_copy(arena, "x"));
    arena_fail_after(arena, -1);
    assert_non_null(arena_copy(arena, "x"));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(context_comes_first_and_the_code_stays),
        cmocka_unit_test(long_messages_lose_their_end_only),
        cmocka_unit_test(a_message_is_one_line),
        cmocka_unit_test(blocks_are_zeroed_and_aligned),
        cmocka_unit_test(limits_overflow_and_planned_failures),
    };
    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
