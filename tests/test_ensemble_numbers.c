#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/disagreement.h"
#include "ensemble/score.h"
#include "ensemble/select.h"
#include "ensemble/weigh_numbers.h"

enum { N = 600, M = 8, T = 2 };

typedef struct {
    Task task;
    Target target[T];
    double quantiles[3];
    float *proba[M];
    double targets[N * T], weight[N];
    Library library;
} Made;

/* Models of differing noise about the truth; those of one half have their errors in common. `careful`: all say only
 * 0.6 of how far the truth is from 10. The second target is in thousands, and not always known. */
static Made *make(uint64_t seed, int n_quantiles, double careful, Arena *arena)
{
    Made *made = ARENA_NEW(arena, Made, 1);
    Rng rng = rng_stream(seed, 4, RNG_TEST);
    *made = (Made){.quantiles = {0.1, 0.5, 0.8}};
    for (int t = 0; t < T; t++)
        made->target[t] = (Target){.name = t ? "b" : "a", .unit = t ? 500 : 1, .origin = t ? 100 : 0,
                                   .shift = 10, .scale = t ? 2000 : 2, .log_scale = 1};
    made->task = (Task){.kind = TASK_NUMBERS, .n_targets = T, .targets = made->target, .n_quantiles = n_quantiles,
                        .quantiles = made->quantiles};
    const int stride = task_stride(&made->task), values = stride * T;
    for (int m = 0; m < M; m++) made->proba[m] = ARENA_NEW(arena, float, N * values);
    for (int i = 0; i < N; i++) {
        made->weight[i] = i % 4 == 0 ? 0 : 1 + i % 3;
        for (int t = 0; t < T; t++) {
            const double unit = t ? 1000 : 1, y = 10 + 2 * rng_normal(&rng), common = rng_normal(&rng);
            made->targets[i * T + t] = t && i % 7 == 0 ? NAN : unit * y;
            for (int m = 0; m < M; m++) {
                double p = y + (m % 2 ? 0.8 * common : 0) + (0.3 + 0.2 * m) * rng_normal(&rng);
                p = 10 + (p - 10) * careful + (n_quantiles > 0 ? 0.15 * (m - 3) : 0);
                for (int q = 0; q < stride; q++)
                    made->proba[m][i * values + t * stride + q] =
                        (float)task_value(&made->task, t, unit * (p + (q - stride / 2) * 0.8));
            }
        }
    }
    made->library = (Library){.n_models = M, .n_rows = N, .n_classes = values, .proba = (const float *const *)made->proba,
                              .positive = -1, .task = &made->task, .targets = made->targets};
    return made;
}

static double score_of(const Library *l, const double *w, double slope, const double *intercept, MetricId metric,
                       Arena *arena)
{
    Metrics metrics;
    float *p = ARENA_NEW(arena, float, l->n_rows * l->n_classes);
    const int stride = task_stride(l->task);
    double total = 0;
    for (int m = 0; m < l->n_models; m++) total += w[m];
    for (int i = 0; i < l->n_rows * l->n_classes; i++) {
        double sum = 0;
        for (int m = 0; m < l->n_models; m++) sum += w[m] * l->proba[m][i];
        p[i] = intercept ? (float)(intercept[i % l->n_classes / stride] + slope * (sum / total)) : (float)(sum / total);
    }
    assert_true(metrics_create_for(l->task, l->n_classes, arena, &metrics, NULL));
    const ScoredRows rows = library_scored(l, p);
    metrics_score(&rows, metrics_for(l->task->kind), arena_alloc(arena, 1, scored_scratch_bytes(l->task, l->n_rows)),
                  &metrics);
    return metrics.value[metric];
}

static EnsembleOptions options(int method)
{
    return (EnsembleOptions){.method = method, .size = 12, .bags = 20, .library = 30};
}

/* ---- promises -------------------------------------------------------------------------------- */

static void never_worse_than_the_best_single_model(void **state)
{
    Arena *arena = *state;
    const MetricId metrics[] = {METRIC_RMSE, METRIC_MAE, METRIC_R2, METRIC_MEDIAN_AE, METRIC_SPEARMAN, METRIC_PINBALL,
                                METRIC_LOSS, METRIC_MAPE};
    const int methods[] = {SELECT_GREEDY, SELECT_AVERAGE, SELECT_WEIGHTED, SELECT_STACK};
    for (size_t k = 0; k < sizeof metrics / sizeof *metrics; k++)
        for (size_t how = 0; how < 4; how++)
            for (int more = 0; more < 3; more++) { /* plain, weights of rows, quantiles */
                if (more == 2 && methods[how] == SELECT_STACK) continue;
                Made *made = make(k * 7 + how, more == 2 ? 3 : 0, 0.9, arena);
                if (more == 1) made->library.weight = made->weight;
                const EnsembleOptions o = options(methods[how]);
                const MetricId metric = select_metric(&made->task, metrics[k]);
                const double sign = metric_larger_is_better(metric) ? 1 : -1;
                Selection s;
                Error err;
                assert_true(ensemble_select(&made->library, &o, metrics[k], 5, arena, &s, &err));
                double best = -INFINITY, sum = 0;
                for (int m = 0; m < M; m++) {
                    double alone[M] = {0};
                    alone[m] = 1;
                    best = fmax(best, sign * score_of(&made->library, alone, 1, NULL, metric, arena));
                    sum += s.weight[m];
                }
                assert_true(fabs(sum - 1) < 1e-12 && sign * s.score >= best - 1e-12 * fabs(best));
                assert_true(sign * s.best_single == best && s.reason);
                assert_true(s.score == score_of(&made->library, s.weight, s.slope, s.intercept, metric, arena));
                arena_reset(arena);
            }
}

/* The cost from planes is the metric of the average, but for rounding. */
static void planes_give_the_metric(void **state)
{
    Arena *arena = *state;
    const MetricId metrics[] = {METRIC_RMSE, METRIC_MAE, METRIC_R2, METRIC_PINBALL, METRIC_SPEARMAN};
    for (int quantiles = 0; quantiles <= 3; quantiles += 3)
        for (size_t k = 0; k < sizeof metrics / sizeof *metrics; k++)
            for (int weighted = 0; weighted < 2; weighted++) {
                Made *made = make(k, quantiles, 1, arena);
                if (weighted) made->library.weight = made->weight;
                const int all[M] = {0, 1, 2, 3, 4, 5, 6, 7};
                const double w[M] = {1, 0, 2};
                Scorer scorer;
                Error err;
                assert_true(scorer_create(&made->library, all, M, metrics[k], arena, &scorer, &err));
                scorer_draw(&scorer, 0);
                scorer_draw(&scorer, 2);
                scorer_cost(&scorer, 2);
                double truth = score_of(&made->library, w, 1, NULL, metrics[k], arena);
                assert_true(fabs(scorer.value / truth - 1) < 1e-5);
                arena_reset(arena);
            }
}

/* No small step to another weight is better. */
static void weights_are_the_least_loss(void **state)
{
    Arena *arena = *state;
    const int all[M] = {0, 1, 2, 3, 4, 5, 6, 7};
    for (int kind = 0; kind < 3; kind++) {
        Made *made = make(20, kind == 2 ? 3 : 0, 1, arena);
        const MetricId metric = kind == 0 ? METRIC_RMSE : kind == 1 ? METRIC_MAE : METRIC_PINBALL;
        made->task.n_targets = T;
        double w[M];
        Error err;
        assert_true(weigh_simplex(&made->library, all, M, metric, arena, w, &err));
        /* in units of the targets' scales, of one target alone the metric itself */
        for (int i = 0; i < N; i++) made->targets[i * T + 1] = NAN;
        assert_true(weigh_simplex(&made->library, all, M, metric, arena, w, &err));
        const double best = score_of(&made->library, w, 1, NULL, metric, arena);
        double sum = 0;
        for (int m = 0; m < M; m++) {
            assert_true(w[m] >= 0);
            sum += w[m];
            for (int k = 0; k < M; k++) {
                double other[M];
                memcpy(other, w, sizeof other);
                const double step = fmin(0.02, other[m]);
                other[m] -= step;
                other[k] += step;
                assert_true(score_of(&made->library, other, 1, NULL, metric, arena) > best * (1 - 2e-6));
            }
        }
        assert_true(fabs(sum - 1) < 1e-9);
        arena_reset(arena);
    }
}

static void a_stack_is_taken_where_it_helps(void **state)
{
    Arena *arena = *state;
    const EnsembleOptions o = options(SELECT_STACK);
    Selection s;
    Error err;
    Made *made = make(31, 0, 0.6, arena);
    assert_true(ensemble_select(&made->library, &o, METRIC_RMSE, 5, arena, &s, &err));
    assert_int_equal(s.method, SELECT_STACK);
    assert_true(s.slope > 1.3 && s.slope < 1.7 && s.intercept);
    /* the right answer when one model is the truth, but for a line */
    for (int i = 0; i < N * T; i++)
        made->proba[0][i] = isnan(made->targets[i]) ? 0
            : (float)((task_value(&made->task, i % T, made->targets[i]) - 3) / 2);
    Stack stack;
    float *oof = ARENA_NEW(arena, float, N * T);
    const int one[1] = {0};
    assert_true(weigh_stack(&made->library, one, 1, 1, arena, &stack, oof, &err));
    assert_true(fabs(stack.slope - 2) < 1e-3 && stack.w[0] == 1);
    assert_true(fabs(stack.intercept[0] - 3) < 1e-2 && fabs(stack.intercept[1] - 3) < 1e-2);
    /* what nobody saw is predicted all the same */
    for (int i = 0; i < N * T; i++)
        if (!isnan(made->targets[i]))
            assert_true(fabs(oof[i] - task_value(&made->task, i % T, made->targets[i])) < 0.05);
    /* equal models, right on average: there is nothing to gain, and luck is not taken */
    int stacked = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        Made *fair = make(100 + seed, 0, 1, arena);
        Rng rng = rng_stream(seed, 9, RNG_TEST);
        fair->library.n_rows = 60;
        for (int i = 0; i < 60 * T; i++)
            for (int m = 0; m < M; m++)
                fair->proba[m][i] = isnan(fair->targets[i]) ? 0
                    : (float)(task_value(&fair->task, i % T, fair->targets[i]) + 0.3 * rng_normal(&rng));
        assert_true(ensemble_select(&fair->library, &o, METRIC_RMSE, 5, arena, &s, &err));
        stacked += s.method == SELECT_STACK;
    }
    assert_true(stacked <= 4);
}

static void labels_are_mixed_by_log_loss(void **state)
{
    Arena *arena = *state;
    Made *made = make(40, 0, 1, arena);
    Rng rng = rng_stream(3, 3, RNG_TEST);
    made->task.kind = TASK_LABELS;
    for (int i = 0; i < N * T; i++) {
        made->targets[i] = i % 11 == 0 ? NAN : rng_uniform(&rng) < 0.4;
        for (int m = 0; m < M; m++)
            made->proba[m][i] = (float)(1 / (1 + exp(-(made->targets[i] > 0.5 ? 1 : -1) - (0.5 + m * 0.3)
                                                     * rng_normal(&rng))));
    }
    for (int method = SELECT_GREEDY; method <= SELECT_WEIGHTED; method++) {
        const EnsembleOptions o = options(method);
        Selection s;
        Error err;
        assert_true(ensemble_select(&made->library, &o, METRIC_LOG_LOSS, 5, arena, &s, &err));
        assert_true(s.score <= s.best_single);
        assert_true(s.score == score_of(&made->library, s.weight, 1, NULL, METRIC_LOG_LOSS, arena));
    }
}

static void disagreement_is_in_deviations(void **state)
{
    (void)state;
    Target target = {.unit = 2, .scale = 6};
    const Task numbers = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    const Task labels = {.kind = TASK_LABELS, .n_targets = 2};
    const float p[4] = {1, 2, 3, 4}, q[4] = {4, 5, 6, 7};
    assert_true(fabs(disagreement(&numbers, 4, 1, p, q) - 1) < 1e-12); /* 3 apart, of 6 / 2 */
    const float a[4] = {0.1f, 0.9f, 0.6f, 0.2f}, b[4] = {0.2f, 0.1f, 0.9f, 0.4f};
    assert_true(disagreement(&labels, 2, 2, a, b) == 0.25);
}

static int begin(void **state)
{
    return (*state = arena_create(0)) ? 0 : -1;
}

static int end(void **state)
{
    arena_destroy(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(never_worse_than_the_best_single_model), TEST(planes_give_the_metric),
        TEST(weights_are_the_least_loss), TEST(a_stack_is_taken_where_it_helps),
        TEST(labels_are_mixed_by_log_loss), TEST(disagreement_is_in_deviations),
    };
    return cmocka_run_group_tests_name("ensemble/numbers", tests, NULL, NULL);
}
