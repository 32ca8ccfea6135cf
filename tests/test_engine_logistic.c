/* Logistic regression against scikit-learn's optimum, and where memory runs out. */
#include "tests/test_engine.h"

#include <string.h>

#include "engine/logistic.h"
#include "tests/golden/logistic.h"

static void finds_the_optimum_of_scikit_learn(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_logistic / sizeof *golden_logistic; i++) {
        int n = golden_logistic[i].n, d = golden_logistic[i].d, k = golden_logistic[i].k;
        const char *name = golden_logistic[i].name;
        Arena *arena = arena_create(0);
        Logistic model;
        float proba[192];
        Rows rows = {.n_rows = n, .n_features = d, .n_classes = k, .labels = golden_logistic[i].labels,
                     .x = golden_logistic[i].x, .ld = d};
        assert_true(logistic_create(d, k, arena, &model, NULL));
        assert_true(logistic_fit(&rows, golden_logistic[i].l2, 1e-6, 1000, &model, NULL));
        assert_true(model.converged);
        check_close(name, model.loss, golden_logistic[i].loss, 1e-6);
        for (int j = 0; j < d * k; j++) /* biases are free up to a constant, weights are not */
            check_close(name, model.w[j], golden_logistic[i].w[j], golden_logistic[i].l2 < 1e-3 ? 2e-2 : 5e-4);
        assert_true(logistic_predict(&model, &rows, proba, NULL));
        for (int j = 0; j < n * k; j++) check_close(name, (double)proba[j], golden_logistic[i].proba[j], 1e-4);
        arena_destroy(arena);
    }
}

/* A row of penalties begins where the one before ended; a row without a label teaches nothing. */
static void goes_on_from_where_it_stands(void **state)
{
    (void)state;
    int n = golden_logistic[1].n, d = golden_logistic[1].d, k = golden_logistic[1].k;
    int32_t labels[64];
    float proba[192];
    Arena *arena = arena_create(0);
    Logistic warm, cold;
    Rows rows = {.n_rows = n, .n_features = d, .n_classes = k, .labels = labels,
                 .x = golden_logistic[1].x, .ld = d};
    memcpy(labels, golden_logistic[1].labels, sizeof labels);
    assert_true(logistic_create(d, k, arena, &warm, NULL) && logistic_create(d, k, arena, &cold, NULL));
    assert_true(logistic_fit(&rows, 5.2e-3, 1e-6, 500, &warm, NULL));
    assert_true(logistic_fit(&rows, 5e-3, 1e-5, 500, &warm, NULL));
    assert_true(logistic_fit(&rows, 5e-3, 1e-5, 500, &cold, NULL));
    assert_true(warm.n_passes < cold.n_passes);
    check_close("the same optimum", warm.loss, cold.loss, 1e-6);
    assert_true(logistic_create(d, k, arena, &cold, NULL));
    assert_true(logistic_fit(&rows, 1e-2, 1e-6, 3, &cold, NULL));
    assert_true(cold.n_passes == 3 && !cold.converged);
    for (int i = 40; i < n; i++) labels[i] = -1;
    Rows fewer = rows;
    fewer.n_rows = 40;
    assert_true(logistic_create(d, k, arena, &cold, NULL) && logistic_create(d, k, arena, &warm, NULL));
    assert_true(logistic_fit(&rows, 1e-2, 1e-6, 500, &cold, NULL));
    assert_true(logistic_fit(&fewer, 1e-2, 1e-6, 500, &warm, NULL));
    check_close("rows without a label", cold.loss, warm.loss, 1e-9);
    for (int i = 0; i < n; i++) labels[i] = -1; /* none at all: what it was */
    assert_true(logistic_create(d, k, arena, &cold, NULL));
    assert_true(logistic_fit(&rows, 1e-2, 1e-6, 500, &cold, NULL));
    assert_true(logistic_predict(&cold, &rows, proba, NULL));
    check_close("nothing is known", (double)proba[0], 1.0 / 3, 1e-7);
    arena_destroy(arena);
}

static void says_when_memory_runs_out(void **state)
{
    (void)state;
    Error err;
    Logistic model;
    Arena *arena = arena_create(64);
    assert_false(logistic_create(1000, 10, arena, &model, &err));
    assert_int_equal(err.code, ERR_MEMORY);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_optimum_of_scikit_learn),
        cmocka_unit_test(goes_on_from_where_it_stands),
        cmocka_unit_test(says_when_memory_runs_out),
    };
    return cmocka_run_group_tests_name("engine/logistic", tests, NULL, NULL);
}
