/* engine/sampling: every class alike, every row before one comes again, an epoch by its number alone; and weights of
 * rows in losses and training. */
#include "tests/test_engine.h"

#include <string.h>

#include "engine/sampling.h"

static Rows skewed(int n, int n_classes, uint64_t seed, Arena *arena)
{
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    Rng rng = rng_stream(seed, 3, RNG_TEST);
    for (int i = 0; i < n; i++) {
        double u = rng_uniform(&rng);
        labels[i] = i < n_classes ? i : (int32_t)(n_classes * u * u * u);
        if (labels[i] == 1 && n_classes > 3) labels[i] = 0; /* a class without rows */
    }
    return (Rows){.n_rows = n, .n_classes = n_classes, .labels = labels};
}

static void classes_are_alike(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    for (int seed = 1; seed <= 60; seed++) {
        const int n = 40 + 17 * seed, k = 2 + seed % 6;
        Rows rows = skewed(n, k, (uint64_t)seed, arena);
        int size[8] = {0}, with_rows = 0, largest = 0, smallest = n;
        for (int i = 0; i < n; i++) size[rows.labels[i]]++;
        for (int c = 0; c < k; c++) {
            if (size[c] == 0) continue;
            with_rows++;
            if (size[c] > largest) largest = size[c];
            if (size[c] < smallest) smallest = size[c];
        }
        for (int kind = SAMPLING_BALANCED; kind <= SAMPLING_UNDERSAMPLE; kind++) {
            EpochRows epoch;
            size_t before = arena_used(arena);
            assert_true(sampling_create((Sampling)kind, &rows, arena, &epoch, NULL));
            assert_true(arena_used(arena) - before <= sampling_bytes((Sampling)kind, n, k));
            int want = kind == SAMPLING_BALANCED ? n : with_rows * (kind == SAMPLING_OVERSAMPLE ? largest : smallest);
            assert_int_equal(epoch.n_epoch, want);
            assert_true(epoch.n_epoch <= sampling_most((Sampling)kind, n, k));
            int32_t *order = ARENA_NEW(arena, int32_t, want), *again = ARENA_NEW(arena, int32_t, want);
            int *times = ARENA_NEW(arena, int, n), seen[8] = {0};
            sampling_epoch(&epoch, 7, 2, 5, again);
            sampling_epoch(&epoch, 7, 2, 6, order);
            assert_memory_not_equal(order, again, (size_t)want * sizeof *order);
            sampling_epoch(&epoch, 7, 2, 5, order);
            assert_memory_equal(order, again, (size_t)want * sizeof *order);
            for (int i = 0; i < want; i++) {
                const int c = rows.labels[order[i]];
                times[order[i]]++;
                assert_true(times[order[i]] <= seen[c]++ / size[c] + 1); /* all of it once before one twice */
                if ((i + 1) % with_rows == 0 && i + 1 <= want / with_rows * with_rows)
                    for (int other = 0; other < k; other++)
                        if (size[other]) assert_int_equal(seen[other], (i + 1) / with_rows);
            }
        }
        float weight[8];
        double sum = 0;
        sampling_weights(SAMPLING_BALANCED, &rows, weight);
        for (int i = 0; i < n; i++) sum += (double)weight[rows.labels[i]];
        check_close("mean 1", sum / n, 1, 1e-5);
        arena_reset(arena);
    }
    arena_destroy(arena);
}

static void none_is_as_ever(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = skewed(50, 3, 1, arena);
    EpochRows epoch;
    int32_t order[50], want[50];
    assert_true(sampling_create(SAMPLING_NONE, &rows, arena, &epoch, NULL));
    sampling_epoch(&epoch, 3, 1, 2, order);
    for (int i = 0; i < 50; i++) want[i] = i;
    Rng rng = rng_stream(rng_mix(3, 2), 1, RNG_SHUFFLE);
    rng_shuffle(&rng, want, 50);
    assert_memory_equal(order, want, sizeof want);
    Error err;
    rows.labels = NULL;
    assert_false(sampling_create(SAMPLING_BALANCED, &rows, arena, &epoch, &err));
    arena_destroy(arena);
}

/* The gradient of a weighted batch is that of the loss, by differences; weights 2 are rows twice. */
static void weights_are_in_the_gradient(void **state)
{
    (void)state;
    enum { B = 6, K = 3, LD = 8 };
    const int32_t labels[B] = {0, 2, 1, 1, 0, 2}, labels2[B] = {1, 2, 0, 1, 2, 0};
    const float own[B] = {0.5f, 2, 1, 0.25f, 0, 3}, other[B] = {1, 0.5f, 0, 2, 1, 1}, by_class[K] = {1, 2, 0.5f};
    Rng rng = rng_stream(4, 0, RNG_TEST);
    float z[B * LD] = {0}, g[B * LD], moved[B * LD];
    for (int i = 0; i < B; i++)
        for (int c = 0; c < K; c++) z[i * LD + c] = (float)rng_normal(&rng);
    for (int mixed = 0; mixed < 2; mixed++)
        for (int focal = 0; focal < 2; focal++) {
            Loss loss = {.n_classes = K, .smoothing = 0.1f, .class_weight = by_class, .row_weight = own,
                         .row_weight2 = other, .focal_gamma = focal ? 2 : 0};
            if (mixed) loss.labels2 = labels2, loss.lambda = 0.7f;
            memcpy(g, z, sizeof g);
            loss_gradient(&loss, B, LD, g, labels);
            for (int i = 0; i < B; i++)
                for (int c = 0; c < K; c++) {
                    const float h = 1e-2f;
                    double at[2];
                    for (int s = 0; s < 2; s++) {
                        memcpy(moved, z, sizeof moved);
                        moved[i * LD + c] += s ? h : -h;
                        at[s] = loss_gradient(&loss, B, LD, moved, labels);
                    }
                    check_close("slope", (double)g[i * LD + c], (at[1] - at[0]) / (2 * (double)h), 2e-4);
                }
        }
}

/* Rows of no weight teach nothing; equal weights are none, to the bit. */
static void weights_decide_what_is_learned(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Rows rows = spirals(400, 1, arena), valid = spirals(200, 2, arena);
    float *weight = ARENA_NEW(arena, float, 400), *same = ARENA_NEW(arena, float, 400);
    int32_t *wrong = ARENA_NEW(arena, int32_t, 400);
    TrainOptions o = default_options();
    o.hidden = (IntList){2, {32, 32}};
    o.learning_rate = 0.02;
    o.batch_size = 32;
    o.epochs = 80;
    for (int i = 0; i < 400; i++) {
        wrong[i] = i % 4 < 2 ? rows.labels[i] : 1 - rows.labels[i];
        weight[i] = i % 4 < 2 ? 3 : 0;
        same[i] = 7;
    }
    const TrainRun run = {.seed = 1, .metric = METRIC_ACCURACY, .positive = -1};
    TrainResult plain, equal, weighed;
    assert_true(train_network(&o, &rows, &valid, &run, arena, &plain, NULL));
    rows.weight = same;
    assert_true(train_network(&o, &rows, &valid, &run, arena, &equal, NULL));
    assert_memory_equal(plain.proba, equal.proba, 400 * sizeof *plain.proba);
    rows.weight = weight;
    rows.labels = wrong;
    assert_true(train_network(&o, &rows, &valid, &run, arena, &weighed, NULL));
    assert_true(weighed.score > 0.9);
    rows.weight = NULL;
    assert_true(train_network(&o, &rows, &valid, &run, arena, &weighed, NULL));
    assert_true(weighed.score < 0.85);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_alike),
        cmocka_unit_test(none_is_as_ever),
        cmocka_unit_test(weights_are_in_the_gradient),
        cmocka_unit_test(weights_decide_what_is_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
