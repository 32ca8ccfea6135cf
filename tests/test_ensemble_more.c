/* The first half of the trials against all of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/more.h"

enum { N_MODELS = 12, N_ROWS = 400, N_CLASSES = 3 };

static const EnsembleOptions options = {.method = SELECT_AUTO, .size = 12, .bags = 20, .library = 30};

typedef struct {
    Arena *arena;
    Library library;
    float *proba[N_MODELS];
    int number[N_MODELS];
    const int *complete; /* NULL: those of the models */
    int n_complete;
    int32_t labels[N_ROWS];
} Made;

/* Trial 2 m is model m: how strongly it points at the truth. */
static void make(Made *made, const double strength[N_MODELS])
{
    Rng rng = rng_stream(9, 3, RNG_TEST);
    *made = (Made){.arena = arena_create(0)};
    for (int i = 0; i < N_ROWS; i++) made->labels[i] = (int32_t)rng_below(&rng, N_CLASSES);
    for (int m = 0; m < N_MODELS; m++) {
        made->number[m] = 2 * m;
        made->proba[m] = ARENA_NEW(made->arena, float, N_ROWS * N_CLASSES);
        for (int i = 0; i < N_ROWS; i++) {
            double p[N_CLASSES], sum = 0;
            for (int c = 0; c < N_CLASSES; c++)
                sum += p[c] = exp(rng_normal(&rng) + strength[m] * (c == made->labels[i]));
            for (int c = 0; c < N_CLASSES; c++) made->proba[m][i * N_CLASSES + c] = (float)(p[c] / sum);
        }
    }
    made->library = (Library){.n_models = N_MODELS, .n_rows = N_ROWS, .n_classes = N_CLASSES, .positive = -1,
                              .proba = (const float *const *)made->proba, .labels = made->labels};
}

static MoreInput input_of(const Made *made, const EnsembleOptions *o, MetricId metric)
{
    const int *complete = made->complete ? made->complete : made->number;
    return (MoreInput){.library = &made->library, .number = made->number, .complete = complete,
                       .n_complete = made->complete ? made->n_complete : made->library.n_models, .options = o,
                       .metric = metric, .seed = 1};
}

static More replay(Made *made, const EnsembleOptions *o, MetricId metric)
{
    More more;
    Error err = {0};
    const MoreInput in = input_of(made, o, metric);
    if (!more_replay(&in, made->arena, &more, &err))
        fail_msg("%s", err.message);
    return more;
}

static bool is_right(const Made *made, int model, int i)
{
    const float *p = made->proba[model] + i * N_CLASSES, truth = p[made->labels[i]];
    return truth >= p[0] && truth >= p[1] && truth >= p[2];
}

/* With ensembles of one model, where one stands out of each half: their paired difference, and its error. */
static void the_gain_is_the_paired_difference(void **state)
{
    (void)state;
    Made made;
    const double strength[N_MODELS] = {1.6, .1, .1, .1, .1, .1, .1, .1, 3, .1, .1, .1};
    const EnsembleOptions one = {.method = SELECT_AVERAGE, .size = 1, .library = 30};
    double sum = 0, square = 0, loss = 0;
    make(&made, strength);
    for (int i = 0; i < N_ROWS; i++) {
        const int d = is_right(&made, 8, i) - is_right(&made, 0, i), at = i * N_CLASSES + made.labels[i];
        sum += d;
        square += d * d;
        loss += (log(made.proba[8][at]) - log(made.proba[0][at])) / N_ROWS;
    }
    const double mean = sum / N_ROWS, error = sqrt((square / N_ROWS - mean * mean) / N_ROWS);
    More more = replay(&made, &one, METRIC_LOG_LOSS);
    assert_true(more.known && more.n == 2 && more.trials == 23 && more.first == 11);
    assert_int_equal(more.of[0].metric, METRIC_LOG_LOSS);
    assert_true(fabs(more.of[0].gain - loss) < 1e-6);
    assert_int_equal(more.of[1].metric, METRIC_ACCURACY);
    assert_true(fabs(more.of[1].gain - mean) < 1e-9);
    assert_true(more.of[1].error > 0.75 * error && more.of[1].error < 1.25 * error);
    more = replay(&made, &one, METRIC_ACCURACY);
    assert_true(more.n == 1 && fabs(more.of[0].gain - mean) < 1e-9);
    arena_destroy(made.arena);
}

static void says_what_to_expect(void **state)
{
    (void)state;
    Made made;
    const double late[N_MODELS] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2};
    const double early[N_MODELS] = {2.5, 2.5, 2.5, 2.5, 2.5, 2.5};
    make(&made, late);
    More more = replay(&made, &options, METRIC_LOG_LOSS);
    assert_true(more.of[0].gain > more.of[0].error && more.of[1].gain > more.of[1].error);
    assert_memory_equal(more.text, "twice the trials would likely gain up to 0.", 43);
    assert_non_null(strstr(more.text, " of log loss, "));
    assert_non_null(strstr(more.text, " points of accuracy: the last 12 of 23 gained 0."));
    arena_destroy(made.arena);
    make(&made, early);
    more = replay(&made, &options, METRIC_LOG_LOSS);
    assert_true(more.known && more.of[0].gain <= more.of[0].error);
    assert_memory_equal(more.text, "more trials are not likely to help", 34);
    arena_destroy(made.arena);
}

static void says_nothing_of_few_trials(void **state)
{
    (void)state;
    Made made;
    const double strength[N_MODELS] = {1, 2, 1};
    const char *few = "too few trials to tell what more would bring";
    make(&made, strength);
    made.library.n_models = 2; /* trials 0 and 2 of three */
    More more = replay(&made, &options, METRIC_LOG_LOSS);
    assert_false(more.known);
    assert_string_equal(more.text, few);
    made.library.n_models = 3;
    for (int m = 0; m < 3; m++) made.number[m] = 20 + m; /* nothing is left of the first half */
    assert_string_equal(replay(&made, &options, METRIC_LOG_LOSS).text, few);
    made.library.n_models = N_MODELS;
    for (int m = 0; m < N_MODELS; m++) made.number[m] = m;
    for (int i = 0; i < N_ROWS; i++) made.labels[i] = i == 7 ? 0 : -1; /* half of the rows knows nothing */
    assert_string_equal(replay(&made, &options, METRIC_LOG_LOSS).text, few);
    arena_destroy(made.arena);
}

/* Twelve of 24 are kept, two of the first half: no gain of having more to choose from. */
static void kept_models_are_compared_like_with_like(void **state)
{
    (void)state;
    Made made;
    const double strength[N_MODELS] = {1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5};
    int complete[24];
    make(&made, strength);
    for (int i = 0; i < 24; i++) complete[i] = i;
    for (int m = 0; m < N_MODELS; m++) made.number[m] = m < 2 ? m : 10 + m;
    made.complete = complete;
    made.n_complete = 24;
    const More like = replay(&made, &options, METRIC_LOG_LOSS);
    assert_true(like.known && like.trials == 24 && like.first == 12);
    assert_true(like.of[0].gain < like.of[0].error);
    made.complete = NULL; /* had there been only two in the first half */
    const More whole = replay(&made, &options, METRIC_LOG_LOSS);
    assert_true(whole.of[0].gain > whole.of[0].error);
    arena_destroy(made.arena);
}

static void numbers_have_r2(void **state)
{
    (void)state;
    static double targets[N_ROWS];
    static float said[6][N_ROWS];
    const float *proba[6];
    const int number[6] = {0, 1, 2, 3, 4, 5};
    const Target target = {.name = "y", .unit = 1, .scale = 1};
    const Task task = {.kind = TASK_NUMBERS, .n_targets = 1, .targets = &target};
    Rng rng = rng_stream(2, 3, RNG_TEST);
    Arena *arena = arena_create(0);
    Error err = {0};
    More more;
    for (int m = 0; m < 6; m++) proba[m] = said[m];
    for (int i = 0; i < N_ROWS; i++) {
        targets[i] = rng_normal(&rng);
        for (int m = 0; m < 6; m++) said[m][i] = (float)(targets[i] + (m < 3 ? 1 : 0.5) * rng_normal(&rng));
    }
    const Library library = {.n_models = 6, .n_rows = N_ROWS, .n_classes = 1, .proba = proba, .task = &task,
                             .targets = targets, .positive = -1};
    const MoreInput in = {.library = &library, .number = number, .complete = number, .n_complete = 6,
                          .options = &options, .metric = METRIC_RMSE, .seed = 1};
    if (!more_replay(&in, arena, &more, &err)) fail_msg("%s", err.message);
    assert_true(more.known && more.n == 2 && more.first == 3);
    assert_true(more.of[0].metric == METRIC_RMSE && more.of[0].gain > more.of[0].error);
    assert_true(more.of[1].metric == METRIC_R2 && more.of[1].gain > more.of[1].error);
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Made made;
    const double strength[N_MODELS] = {1, 1, 1, 2, 2};
    Arena *poor = arena_create(0);
    More more;
    bool fine = false;
    make(&made, strength);
    const MoreInput in = input_of(&made, &options, METRIC_LOG_LOSS);
    for (int n = 0; n < 10 && !fine; n++) {
        Error err = {0};
        arena_reset(poor);
        arena_fail_after(poor, n);
        fine = more_replay(&in, poor, &more, &err);
        if (!fine) assert_int_equal(err.code, ERR_MEMORY);
        else assert_true(n > 0);
    }
    assert_true(fine);
    arena_destroy(poor);
    arena_destroy(made.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gain_is_the_paired_difference),
        cmocka_unit_test(says_what_to_expect),
        cmocka_unit_test(says_nothing_of_few_trials),
        cmocka_unit_test(kept_models_are_compared_like_with_like),
        cmocka_unit_test(numbers_have_r2),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests_name("ensemble/more", tests, NULL, NULL);
}
