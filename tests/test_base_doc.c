#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/doc.h"

static void expect_print(const Doc *doc, int indent, const char *want)
{
    Text out = {0};
    assert_true(doc_print(doc, indent, &out));
    assert_string_equal(out.bytes, want);
    text_free(&out);
}

static void builds_in_order_and_prints(void **state)
{
    (void)state;
    Doc *root = doc_object(), *metrics = doc_set(root, "metrics", doc_object());
    doc_set_number(metrics, "f1", 0.1);
    doc_set_number(metrics, "nan", NAN);
    doc_set_text(root, "name", "a\"\n");
    doc_set_text(root, "nothing", NULL);
    doc_set_bool(root, "ok", true);
    doc_set(root, "absent", NULL);
    Doc *curve = doc_set(root, "curve", doc_array());
    for (int i = 0; i < 3; i++) doc_add(curve, doc_number(i * 0.5));
    doc_set(root, "list", doc_value(&(Value){VALUE_LIST, 0, "[256,\"x\",null]"}));
    doc_set_number(metrics, "f1", 0.2); /* replaced where it stands */
    expect_print(root, 0, "{\"metrics\":{\"f1\":0.2,\"nan\":null},\"name\":\"a\\\"\\n\",\"nothing\":null,\"ok\":true,"
                          "\"absent\":null,\"curve\":[0,0.5,1],\"list\":[256,\"x\",null]}");
    Doc *copy = doc_copy(metrics);
    expect_print(copy, 2, "{\n  \"f1\": 0.2,\n  \"nan\": null\n}");
    doc_free(copy);
    expect_print(curve, 2, "[0, 0.5, 1]");
    expect_print(NULL, 0, "null");
    doc_free(root);
    doc_free(NULL);
}

static void looks_up_and_walks(void **state)
{
    (void)state;
    Doc *object = doc_object();
    char key[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "key%d", i * 7919 % 5000);
        doc_set_number(object, key, i);
    }
    assert_int_equal(doc_count(object), 5000);
    for (int i = 0; i < 5000; i++) {
        const char *name;
        const Doc *child;
        snprintf(key, sizeof key, "key%d", i * 7919 % 5000);
        assert_true(doc_member(object, (size_t)i, &name, &child));
        assert_string_equal(name, key);
        assert_ptr_equal(doc_get(object, key), child);
        assert_true(doc_to_number(child, -1) == i);
    }
    const char *name;
    const Doc *child;
    assert_false(doc_member(object, 5000, &name, &child));
    assert_null(doc_get(object, "other"));
    assert_null(doc_get(NULL, "x"));
    assert_null(doc_at(object, 0));
    assert_int_equal(doc_kind(NULL), DOC_NULL);
    assert_true(doc_to_number(NULL, 4) == 4);
    assert_string_equal(doc_to_text(object, "else"), "else");
    assert_true(doc_to_bool(object, true));
    doc_free(object);
}

static void reads_what_it_wrote(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"a\":[1,2.5,-1e-300,true,false,null,\"\\u00e4\"],\"b\":{}}", "[]", "3", "\"x\"",
                                        "null", "[[[[]]]]", "-0", "12345678901234567890"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Error err = {0};
        Doc *doc = doc_parse(texts[i], strlen(texts[i]), &err);
        if (!doc) fail_msg("%s: %s", texts[i], err.message);
        Text one = {0}, two = {0};
        assert_true(doc_print(doc, 0, &one));
        Doc *again = doc_parse(one.bytes, one.n, &err);
        assert_true(doc_print(again, 0, &two));
        assert_string_equal(one.bytes, two.bytes);
        text_free(&one), text_free(&two);
        doc_free(doc), doc_free(again);
    }
}

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "line 1, column 0"},
        {"{\"a\":1,\n\"a\":2}", "JSON line 2, column 3: duplicate object key near '\"a\"'"},
        {"[1,]", "line 1, column 4"},
        {"[1] x", "end of file expected near 'x'"},
        {"{\"a\":1e999}", "real number overflow"},
        {"\"\xff\"", "unable to decode byte 0xff"},
        {"[\"\\u0000\"]", "\\u0000 is not allowed"},
        {"nan", "line 1"},
        {"{a:1}", "line 1, column 2"},
        {"[\"a\nb\"]", "unexpected newline"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        assert_null(doc_parse(cases[i].text, strlen(cases[i].text), &err));
        assert_int_equal(err.code, ERR_DATA);
        if (!strstr(err.message, cases[i].part)) fail_msg("%s", err.message);
        assert_null(strchr(err.message, '\n'));
        assert_null(strstr(err.message, "JSON_")); /* a flag of the library's */
    }
    assert_null(doc_parse("[1]\0", 4, NULL));
    enum { DEEP = 100000 };
    char *deep = malloc(DEEP);
    memset(deep, '[', DEEP);
    Error err = {0};
    assert_null(doc_parse(deep, DEEP, &err));
    assert_non_null(strstr(err.message, "depth"));
    free(deep);
}

static void what_was_lost_is_remembered(void **state)
{
    (void)state;
    Text out = {0};
    Doc *root = doc_object(), *inner = doc_set(root, "inner", doc_array());
    Doc *lost = doc_set(inner, "key", doc_text("not an object")); /* as a failed allocation would */
    assert_non_null(lost);
    doc_set(lost, "more", doc_number(1)); /* swallowed, freed */
    doc_add(NULL, doc_number(1));
    assert_false(doc_print(root, 0, &out));
    Doc *copy = doc_copy(root);
    assert_false(doc_print(copy, 0, &out));
    doc_free(copy);
    doc_free(root);
    doc_free(lost); /* a stand-in: never freed */
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_in_order_and_prints), cmocka_unit_test(looks_up_and_walks),
        cmocka_unit_test(reads_what_it_wrote),        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(what_was_lost_is_remembered),
    };
    return cmocka_run_group_tests_name("base/doc", tests, NULL, NULL);
}
