/* Scores of numbers and labels are those of scikit-learn and SciPy (tests/golden/metrics_numbers.py). */
#include "tests/test_engine.h"

#include "tests/golden/metrics_numbers.h"

static void one_case(const GoldenTargets *g, TaskKind kind, Arena *arena)
{
    Target target[4] = {{0}};
    Task task = {.kind = kind, .n_targets = g->n_targets, .targets = target, .n_quantiles = g->n_quantiles,
                 .quantiles = g->quantiles};
    for (int t = 0; t < g->n_targets; t++)
        target[t] = (Target){.name = "y", .origin = g->scales[2 * t], .unit = g->scales[2 * t + 1], .scale = 1};
    Metrics m;
    assert_true(metrics_create_for(&task, 0, arena, &m, NULL));
    void *scratch = arena_alloc(arena, scored_scratch_bytes(&task, g->n), 1);
    const ScoredRows rows = {.task = &task, .n = g->n, .values = g->values, .ld = task_values(&task, 0),
                             .targets = g->targets, .weight = g->weight};
    metrics_score(&rows, metrics_for(kind), scratch, &m);
    for (int t = 0; t <= g->n_targets; t++)
        for (int j = METRIC_ACCURACY; j < METRIC_COUNT; j++) {
            char what[120];
            if (!metric_is_for((MetricId)j, kind)) continue;
            snprintf(what, sizeof what, "%s, target %d: %s", g->name, t, metric_name((MetricId)j));
            double want = g->value[t][j];
            check_close(what, t < g->n_targets ? m.of_target[t][j] : m.value[j], want, 1e-9 * fmax(1, fabs(want)));
        }
    /* without the sorted ones the others are what they were */
    metrics_score(&rows, 1u << METRIC_RMSE | 1u << METRIC_LOG_LOSS, scratch, &m);
    const MetricId plain = kind == TASK_NUMBERS ? METRIC_RMSE : METRIC_LOG_LOSS;
    check_close(g->name, m.value[plain], g->value[g->n_targets][plain], 1e-9 * fmax(1, fabs(m.value[plain])));
}

static void numbers_match(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (size_t i = 0; i < sizeof golden_numbers / sizeof *golden_numbers; i++)
        one_case(&golden_numbers[i], TASK_NUMBERS, arena);
    arena_destroy(arena);
}

static void labels_match(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (size_t i = 0; i < sizeof golden_labels / sizeof *golden_labels; i++)
        one_case(&golden_labels[i], TASK_LABELS, arena);
    arena_destroy(arena);
}

/* A row of weight k is k rows. */
static void weights_are_repetitions(void **state)
{
    (void)state;
    enum { N = 60, MOST = 4 * N };
    Arena *arena = arena_create(0);
    for (int kind = TASK_NUMBERS; kind <= TASK_LABELS; kind++) {
        Target target[2] = {{.name = "a", .unit = 1, .scale = 1}, {.name = "b", .unit = 2, .scale = 1}};
        const Task task = {.kind = (TaskKind)kind, .n_targets = 2, .targets = target};
        double y[2 * N], all_y[2 * MOST], weight[N];
        float v[2 * N], all_v[2 * MOST];
        int n = 0;
        Rng rng = rng_stream(3, (uint32_t)kind, RNG_TEST);
        for (int i = 0; i < N; i++) {
            weight[i] = rng_below(&rng, 4);
            for (int t = 0; t < 2; t++) {
                double p = rng_below(&rng, 100) / 100.0;
                y[2 * i + t] = kind == TASK_LABELS ? rng_below(&rng, 2) : 3 * p - 1;
                v[2 * i + t] = (float)rng_below(&rng, 50) / 50;
                if (rng_below(&rng, 7) == 0) y[2 * i + t] = NAN;
            }
            for (int k = 0; k < (int)weight[i]; k++, n++)
                for (int t = 0; t < 2; t++) all_y[2 * n + t] = y[2 * i + t], all_v[2 * n + t] = v[2 * i + t];
        }
        Metrics a, b;
        assert_true(metrics_create_for(&task, 0, arena, &a, NULL));
        assert_true(metrics_create_for(&task, 0, arena, &b, NULL));
        void *scratch = arena_alloc(arena, scored_scratch_bytes(&task, MOST), 1);
        const ScoredRows weighed = {.task = &task, .n = N, .values = v, .ld = 2, .targets = y, .weight = weight};
        const ScoredRows repeated = {.task = &task, .n = n, .values = all_v, .ld = 2, .targets = all_y};
        metrics_score(&weighed, metrics_for(task.kind), scratch, &a);
        metrics_score(&repeated, metrics_for(task.kind), scratch, &b);
        for (int j = 0; j < METRIC_COUNT; j++) {
            if (!metric_is_for((MetricId)j, task.kind)) continue;
            check_close(metric_name((MetricId)j), a.value[j], b.value[j], 1e-12 * fmax(1, fabs(b.value[j])));
        }
    }
    arena_destroy(arena);
}

static void predictions_that_are_no_numbers(void **state)
{
    (void)state;
    Target target = {.name = "a", .unit = 1, .scale = 1};
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    const double y[] = {1, 2, 3}, none[] = {NAN, NAN, NAN}, nothing[] = {0, 0, 0};
    const float v[] = {1, NAN, 2};
    Arena *arena = arena_create(0);
    Metrics m;
    assert_true(metrics_create_for(&task, 0, arena, &m, NULL));
    void *scratch = arena_alloc(arena, scored_scratch_bytes(&task, 3), 1);
    ScoredRows rows = {.task = &task, .n = 3, .values = v, .ld = 1, .targets = y};
    metrics_score(&rows, metrics_for(TASK_NUMBERS), scratch, &m);
    assert_true(isnan(m.value[METRIC_RMSE]) && isnan(m.value[METRIC_SPEARMAN]) && m.n_rows == 3);
    rows.targets = none;
    metrics_score(&rows, metrics_for(TASK_NUMBERS), scratch, &m);
    assert_true(isnan(m.value[METRIC_MAE]) && m.n_rows == 0);
    rows.targets = y;
    rows.weight = nothing;
    metrics_score(&rows, metrics_for(TASK_NUMBERS), scratch, &m);
    assert_true(isnan(m.value[METRIC_MAE]) && m.n_rows == 0);
    rows.n = 0;
    metrics_score(&rows, metrics_for(TASK_NUMBERS), scratch, &m);
    assert_true(isnan(m.value[METRIC_MAE]) && m.n_rows == 0);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_match),
        cmocka_unit_test(labels_match),
        cmocka_unit_test(weights_are_repetitions),
        cmocka_unit_test(predictions_that_are_no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
