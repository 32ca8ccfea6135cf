/* Command lines of programs: values as Python writes them, and every macro of W&B's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/golden/python_str.h"
#include "tuner/trial/command.h"

static void reals_are_written_as_python_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof python_reals / sizeof *python_reals; i++) {
        Text text = {0};
        Value value = value_real(python_reals[i].value);
        assert_true(command_value(&value, &text));
        assert_string_equal(text.bytes, python_reals[i].text);
        assert_true(strtod(text.bytes, NULL) == python_reals[i].value);
        text_free(&text);
    }
}

static void lists_are_written_as_python_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof python_lists / sizeof *python_lists; i++) {
        Text text = {0};
        Value value = value_list(python_lists[i].json);
        assert_true(command_value(&value, &text));
        assert_string_equal(text.bytes, python_lists[i].text);
        text_free(&text);
    }
    Text text = {0};
    Value values[] = {value_int(-3), value_bool(true), value_text("a b"), value_int(0x1p53)};
    for (int i = 0; i < 4; i++) {
        assert_true(command_value(&values[i], &text));
        text_add(&text, ";");
    }
    assert_string_equal(text.bytes, "-3;True;a b;9007199254740992;");
    text_free(&text);
}

/* Fails at each allocation in turn, and then succeeds. */
static void running_out_of_memory_is_reported(void **state)
{
    (void)state;
    static const char yaml[] = "command: [\"${env}\", \"${args}\", \"x${envvar:PATH}y\", \"${args_json_file}\"]\n"
                               "parameters: {a: {value: 1}, g: {parameters: {b: {value: [1, x]}}}}\n";
    Arena *setup = arena_create(0);
    Error err = {0};
    Conf *conf;
    Space *space;
    Command command;
    assert_true(conf_read_text("c", yaml, strlen(yaml), setup, &conf, &err));
    const ConfNode *parameters = conf_get(conf->root, "parameters");
    assert_true(space_read(parameters, NULL, NULL, setup, &space, &err));
    assert_true(command_read(NULL, conf_get(conf->root, "command"), space, parameters, setup, &command, &err));
    Value values[2] = {space->params[0].choices[0], space->params[1].choices[0]};
    int tries = 0;
    for (bool done = false; !done; tries++) {
        Arena *arena = arena_create(0);
        const char *const *words = NULL;
        err = (Error){0};
        arena_fail_after(arena, tries);
        done = command_words(&command, values, "{}", "p.json", arena, &words, &err);
        if (!done) {
            assert_int_equal(err.code, ERR_MEMORY);
            assert_null(words);
        } else {
            const char *want[] = {"/usr/bin/env", "--a=1", "--g.b=[1, 'x']"};
            for (int i = 0; i < 3; i++) assert_string_equal(words[i], want[i]);
            assert_true(words[3][0] == 'x' && words[3][strlen(words[3]) - 1] == 'y');
            assert_string_equal(words[4], "p.json");
            assert_null(words[5]);
        }
        arena_destroy(arena);
    }
    assert_true(tries > 4);
    Doc *doc = command_params(&command, values);
    Text text = {0};
    assert_true(doc_print(doc, 0, &text));
    assert_string_equal(text.bytes, "{\"a\":1,\"g\":{\"b\":[1,\"x\"]}}");
    text_free(&text);
    doc_free(doc);
    arena_destroy(setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_are_written_as_python_does),
        cmocka_unit_test(lists_are_written_as_python_does),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
