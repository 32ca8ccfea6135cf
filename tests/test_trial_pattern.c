/* Patterns: what they find, what is refused, and that nothing takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tuner/trial/pattern.h"

static bool note(void *context, const char *text)
{
    char *all = context;
    if (strlen(all) + strlen(text) < 200) strcat(strcat(all, text), " ");
    return true;
}

static void groups_are_found(void **state)
{
    (void)state;
    static const struct { const char *pattern, *line, *groups; } cases[] = {
        {"loss=([0-9.e-]+)", "epoch 3 loss=2.5e-05 val_loss=0.5", "2.5e-05 0.5 "},
        {"^loss: *([0-9]+)", "loss:  7 loss: 8", "7 "},
        {"([0-9]+)$", "1 2 34", "34 "},
        {"(a|ab)", "abc", "a "},
        {"(?:loss|nll)[[:space:]]*=\\s*(\\d+\\.\\d+|nan)", "nll =\t0.25 loss=nan", "0.25 nan "},
        {"{\"loss\": ([^,}]+)}", "{\"loss\": 0.5}", "0.5 "},
        {"x{2,3}(y{2})", "xyy xxyyy xxxxyy", "yy yy "},
        {"([]a-]+)", "b]a-b", "]a- "},
        {"([^]]+)\\]", "0.5]", "0.5 "},
        {"(a{0}b{0,1}c{1,})", "acb bcc", "c bcc "},
        {"((?:a*)*)b", "aab", "aa "},
        {"[\\d.]+/([\\d.]+)", "1.5/2.5", "2.5 "},
        {"(x*)", "ab", ""},
        {"(a)|b", "bab", "a "},
        {".*=(.*)", "a=1=2", "2 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char why[160] = "", all[300] = "";
        Pattern *pattern = pattern_create(cases[i].pattern, why);
        if (!pattern) fail_msg("%s:%s", cases[i].pattern, why);
        pattern_find(pattern, cases[i].line, strlen(cases[i].line), note, all);
        assert_string_equal(all, cases[i].groups);
        pattern_destroy(pattern);
    }
}

static void wrong_ones_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "a", "(a)(b)", "(a", "a)", "(*a)", "+(a)", "[(a)", "(a)\\", "(a){99999}", "(a){3,2}",
                                        "(?:(?:(a{999}){999}){999}){999}", "[[:nosuch:]](a)", "[b-a](a)", "[[.a.]](a)", "(a)\\C"};
    char why[160], many[600];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        *why = '\0';
        assert_null(pattern_create(wrong[i], why));
        assert_true(strlen(why) > 5);
    }
    memset(many, 'a', sizeof many);
    memcpy(many, "(a)", 3);
    many[501] = '\0';
    assert_null(pattern_create(many, why));
    many[500] = '\0';
    Pattern *pattern = pattern_create(many, why);
    assert_non_null(pattern);
    pattern_destroy(pattern);
}

/* Whatever the pattern is, a long line is done with in a moment: the limits see to it. */
static void nothing_takes_long(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "b", "[ab]", ".", "[^a]", "(?:", "(", "|", "*", "+", "?", ")", ")", "{2}", "{1,30}",
                                         "{0,5}", "{10}", "^", "$", "\\.", "[[:alpha:]]", "{3,}", "x*", "\\", "\\1", "(?1)", "(?R)", "(?=", "(?>"};
    enum { N_PIECES = sizeof pieces / sizeof *pieces, LINE = 3000 };
    Rng rng = rng_stream(1, 2, 0);
    char line[LINE], text[700], why[160], all[300];
    for (int i = 0; i < LINE; i++) line[i] = "ab1."[(i * i / 7) % 4];
    for (int round = 0; round < 400; round++) {
        strcpy(text, round % 2 ? "(a)" : "");
        for (int n = 1 + (int)(rng_uniform(&rng) * 40); n > 0; n--)
            strcat(text, pieces[(int)(rng_uniform(&rng) * N_PIECES)]);
        Pattern *pattern = pattern_create(text, why);
        *all = '\0';
        if (pattern) pattern_find(pattern, line, LINE, note, all);
        pattern_destroy(pattern);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups_are_found), cmocka_unit_test(wrong_ones_are_refused),
                                       cmocka_unit_test(nothing_takes_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
