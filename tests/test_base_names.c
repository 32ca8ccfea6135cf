#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/names.h"

#define SHAPE_LIST(X) X(SHAPE_ROUND, "round", 1) X(SHAPE_FLAT, "flat", 2) X(SHAPE_LONG, "long", 3)
typedef enum { SHAPE_LIST(LIST_ID) SHAPE_COUNT } Shape;
static const char *const shape_names[] = {SHAPE_LIST(LIST_NAME) NULL};

static void an_enum_and_its_names_are_one_list(void **state)
{
    (void)state;
    assert_int_equal(SHAPE_COUNT, 3);
    assert_string_equal(shape_names[SHAPE_FLAT], "flat");
    assert_null(shape_names[SHAPE_COUNT]);
    assert_int_equal(names_find(shape_names, "long"), SHAPE_LONG);
    assert_int_equal(names_find(shape_names, "Long"), -1);
    assert_int_equal(names_find(shape_names + SHAPE_COUNT, "long"), -1);
}

static void a_message_ends_in_what_helps(void **state)
{
    (void)state;
    Error err;
    error_set(&err, ERR_CONFIG, "shape `%s`%s", "flatt", names_suggest("flatt", shape_names, "").text);
    assert_string_equal(err.message, "shape `flatt`; did you mean `flat`?");
    error_set(&err, ERR_CONFIG, "shape `%s`%s", "x", names_suggest("x", shape_names, "; 100% wrong").text);
    assert_string_equal(err.message, "shape `x`; 100% wrong");
    assert_string_equal(names_suggest("x", shape_names, "").text, "");
    assert_string_equal(names_suggest_as("did you mean --", "?", "rond", shape_names, "").text,
                        "did you mean --round?");
}

static void names_are_joined_as_far_as_they_fit(void **state)
{
    (void)state;
    char out[21]; /* 17 letters, and always room for the dots and the NUL */
    assert_string_equal(names_join(shape_names, out, sizeof out), "round, flat, long");
    assert_string_equal(names_join(shape_names, out, 20), "round, flat, lon...");
    assert_string_equal(names_join(shape_names, out, 5), "r...");
    assert_string_equal(names_join(shape_names + 3, out, sizeof out), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_enum_and_its_names_are_one_list),
        cmocka_unit_test(a_message_ends_in_what_helps),
        cmocka_unit_test(names_are_joined_as_far_as_they_fit),
    };
    return cmocka_run_group_tests_name("base/names", tests, NULL, NULL);
}
