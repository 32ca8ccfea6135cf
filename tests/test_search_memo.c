#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tuner/search/memo.h"

static MemoKey key_of(double x) { return memo_key(&x, sizeof x, MEMO_START); }

static void remembers_the_last(void **state)
{
    (void)state;
    Memo *memo = memo_create();
    assert_non_null(memo);
    for (int i = 0; i < 100; i++) {
        double values[2] = {i, 2 * i}, back[2] = {-1, -1};
        assert_false(memo_get(memo, key_of(i), 2, back));
        memo_put(memo, key_of(i), 2, values);
        assert_true(memo_get(memo, key_of(i), 2, back));
        assert_true(back[0] == i && back[1] == 2 * i);
        assert_false(memo_get(memo, key_of(i), 1, back)); /* another length is something else */
        assert_true(i < 10 || memo_get(memo, key_of(i - 9), 2, back));
    }
    double back[2];
    assert_false(memo_get(memo, key_of(3), 2, back)); /* the oldest gave way */
    memo_destroy(memo);
}

static void keys_hang_on_every_byte_and_the_order(void **state)
{
    (void)state;
    unsigned char bytes[37] = {0};
    MemoKey base = memo_key(bytes, sizeof bytes, MEMO_START), shorter = memo_key(bytes, 36, MEMO_START);
    assert_true(base.a != shorter.a && base.b == base.b);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = 1;
        MemoKey other = memo_key(bytes, sizeof bytes, MEMO_START);
        bytes[i] = 0;
        assert_true(other.a != base.a && other.b != base.b);
    }
    MemoKey one = key_of(1), both = memo_key(&(double){2}, sizeof(double), one);
    MemoKey two = key_of(2), swapped = memo_key(&(double){1}, sizeof(double), two);
    assert_true(both.a != swapped.a);
}

static void without_a_memo_nothing_is_kept(void **state)
{
    (void)state;
    double value = 1;
    memo_put(NULL, key_of(1), 1, &value);
    assert_false(memo_get(NULL, key_of(1), 1, &value));
    memo_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_the_last),
        cmocka_unit_test(keys_hang_on_every_byte_and_the_order),
        cmocka_unit_test(without_a_memo_nothing_is_kept),
    };
    return cmocka_run_group_tests_name("tuner/memo", tests, NULL, NULL);
}
