/* How often intervals and sets hold what they promise, counted by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "model/evaluate.h"
#include "model/evaluate_parts.h"

static double number(const Doc *of, const char *key)
{
    return doc_to_number(doc_get(of, key), NAN);
}

/* Margins of 1 and 2 about 10 predictions of 0: truths of 0, .5, 1 .. 4.5. */
static void intervals_are_counted(void **state)
{
    (void)state;
    enum { N = 10 };
    const double level[] = {.5, .9}, margin[] = {1, 2};
    const int method[] = {CONFORMAL_PLAIN};
    const Conformal conformal = {.n_levels = 2, .level = level, .n_parts = 1, .method = method, .margin = margin,
                                 .n_rows = 9};
    const Target target = {.name = "y", .unit = 1, .scale = 1};
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    float values[N] = {0};
    double truth[N], weight[N];
    for (int i = 0; i < N; i++) truth[i] = i == 9 ? NAN : i * .5, weight[i] = i < 3 ? 2 : 1;
    Judged judged = {.n = N, .n_classes = 1, .proba = values, .targets = truth, .task = &task};
    for (int weighted = 0; weighted < 2; weighted++) {
        Arena *arena = arena_create(0);
        Doc *doc;
        judged.weight = weighted ? weight : NULL;
        assert_true(evaluate_predictions(&judged, arena, &doc, NULL));
        assert_true(evaluate_promises(NULL, &judged, arena, doc, NULL));
        assert_null(doc_get(doc_at(doc_get(doc, "targets"), 0), "interval"));
        assert_true(evaluate_promises(&conformal, &judged, arena, doc, NULL));
        const Doc *of = doc_at(doc_get(doc, "targets"), 0), *interval = doc_get(of, "interval");
        const Doc *first = doc_at(interval, 0), *second = doc_at(interval, 1);
        assert_int_equal(doc_count(interval), 2);
        assert_float_equal(number(first, "level"), .5, 0);
        /* 0, .5 and 1 lie within 1 of 9 known rows; the three weigh 6 of 12 */
        assert_float_equal(number(doc_get(first, "coverage"), "value"), weighted ? .5 : 3 / 9., 1e-12);
        assert_float_equal(number(doc_get(second, "coverage"), "value"), weighted ? 8 / 12. : 5 / 9., 1e-12);
        assert_float_equal(number(first, "width"), 2, 1e-6);
        assert_float_equal(number(second, "width"), 4, 1e-6);
        /* Wilson's interval of 5 in 9 */
        if (!weighted) assert_float_equal(number(doc_get(second, "coverage"), "low95"), 0.26665, 1e-4);
        assert_string_equal(doc_to_text(doc_get(first, "method"), ""), "plain");
        const Doc *worst = doc_at(doc_get(of, "worst"), 0);
        assert_float_equal(number(worst, "truth"), 4, 0);
        assert_float_equal(number(worst, "low"), -2, 1e-6);
        assert_float_equal(number(worst, "high"), 2, 1e-6);
        doc_free(doc);
        arena_destroy(arena);
    }
}

/* p >= 1 - .4 is in; of a row whose classes are all below, none. */
static void sets_are_counted(void **state)
{
    (void)state;
    const float proba[] = {.7f, .3f, .5f, .5f, .2f, .8f, .9f, .1f};
    const int32_t labels[] = {0, 1, 0, -1};
    const double level[] = {.6}, margin[] = {.4};
    const int method[] = {CONFORMAL_LAC};
    const char *const classes[] = {"a", "b"};
    const Conformal conformal = {.n_levels = 1, .level = level, .n_parts = 1, .method = method, .margin = margin};
    const Judged judged = {.n = 4, .n_classes = 2, .classes = classes, .proba = proba, .labels = labels,
                           .positive = -1};
    Arena *arena = arena_create(0);
    Doc *doc = doc_object();
    assert_true(evaluate_promises(&conformal, &judged, arena, doc, NULL));
    const Doc *set = doc_at(doc_get(doc, "sets"), 0);
    assert_float_equal(number(doc_get(set, "coverage"), "value"), 1 / 3., 1e-12);
    assert_float_equal(number(set, "size"), 2 / 3., 1e-12);
    assert_float_equal(number(set, "empty"), 1 / 3., 1e-12);
    doc_free(doc);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_counted),
        cmocka_unit_test(sets_are_counted),
    };
    return cmocka_run_group_tests_name("model/promises", tests, NULL, NULL);
}
