/* Scores by the levels of a column: each level as if it were all there is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "model/evaluate.h"
#include "model/segments.h"

enum { N = 260 };
static float proba[2 * N];
static int32_t labels[N], sex[N], region[N];
static const char *const classes[] = {"no", "yes"}, *const sexes[] = {"f", "m"};
static const char *const regions[] = {"north", "south", "nobody", "few", "one class"};

/* The first 20 rows are few, the next 40 have one class; one row's class is not known. */
static Judged make(void)
{
    static const Segmentation by[] = {{"sex", 2, sexes, sex}, {"region", 5, regions, region}};
    Rng rng = rng_stream(12, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        sex[i] = i % 3 == 0;
        region[i] = i < 20 ? 3 : i < 60 ? 4 : i % 2;
        labels[i] = i >= 20 && i < 60 ? 0 : rng_uniform(&rng) < 0.4;
        float p = (float)(1 / (1 + exp(-rng_normal(&rng) - (labels[i] ? 1 : -1))));
        proba[2 * i] = 1 - p, proba[2 * i + 1] = p;
    }
    labels[100] = -1;
    sex[101] = 9; /* no level */
    return (Judged){.n = N, .n_classes = 2, .classes = classes, .proba = proba, .labels = labels, .positive = 1,
                    .bootstrap = 50, .seed = 2, .by = by, .n_by = 2};
}

static double number(const Doc *doc, const char *key)
{
    return doc_to_number(doc_get(doc, key), NAN);
}

static void each_level_is_evaluated_by_itself(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Judged judged = make(), some = judged;
    float p[2 * N];
    int32_t y[N];
    Doc *doc = NULL, *alone = NULL;
    some.n = some.n_by = 0;
    for (int i = 0; i < N; i++) {
        if (sex[i] != 0 || labels[i] < 0) continue;
        memcpy(p + 2 * some.n, proba + 2 * i, 2 * sizeof *p);
        y[some.n++] = labels[i];
    }
    some.proba = p, some.labels = y;
    assert_true(evaluate_predictions(&judged, arena, &doc, NULL));
    assert_true(evaluate_predictions(&some, arena, &alone, NULL));
    const Doc *list = doc_get(doc, "segments"), *first = doc_at(list, 0), *women = doc_at(doc_get(first, "levels"), 0);
    assert_int_equal(doc_count(list), 2);
    assert_string_equal(doc_to_text(doc_get(first, "column"), ""), "sex");
    assert_string_equal(doc_to_text(doc_get(women, "level"), ""), "f");
    assert_true(number(women, "n") == some.n);
    Text a = {0}, b = {0};
    assert_true(doc_print(doc_get(women, "metrics"), 0, &a) && doc_print(doc_get(alone, "metrics"), 0, &b));
    assert_string_equal(a.bytes, b.bytes);
    assert_null(doc_get(alone, "segments"));
    /* unknown class, no level: 99 and 100 are the two rows that do not count */
    const Doc *men = doc_at(doc_get(first, "levels"), 1);
    assert_true(number(women, "n") + number(men, "n") == N - 2);
    text_free(&a), text_free(&b);
    doc_free(doc), doc_free(alone);
    arena_destroy(arena);
}

static void small_ones_are_marked_and_empty_ones_left_out(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Judged judged = make();
    Doc *doc = NULL;
    assert_true(evaluate_predictions(&judged, arena, &doc, NULL));
    const Doc *levels = doc_get(doc_at(doc_get(doc, "segments"), 1), "levels");
    static const char *const names[] = {"north", "south", "few", "one class"};
    static const bool small[] = {false, false, true, true};
    assert_int_equal(doc_count(levels), 4);
    for (size_t l = 0; l < 4; l++) {
        const Doc *level = doc_at(levels, l), *accuracy = doc_get(doc_get(level, "metrics"), "accuracy");
        assert_string_equal(doc_to_text(doc_get(level, "level"), ""), names[l]);
        assert_true(doc_to_bool(doc_get(level, "small"), !small[l]) == small[l]);
        assert_true(number(accuracy, "low95") <= number(accuracy, "value"));
        assert_true(number(accuracy, "value") <= number(accuracy, "high95"));
    }
    doc_free(doc);
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Judged judged = make();
    judged.bootstrap = 3;
    for (long n = 0;; n++) {
        Doc *doc = NULL;
        Error err = {0};
        arena_fail_after(arena, n);
        bool ok = evaluate_predictions(&judged, arena, &doc, &err);
        arena_fail_after(arena, -1);
        doc_free(doc);
        if (ok) break;
        assert_true(err.code == ERR_MEMORY && n < 1000);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_level_is_evaluated_by_itself),
        cmocka_unit_test(small_ones_are_marked_and_empty_ones_left_out),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests_name("model/segments", tests, NULL, NULL);
}
