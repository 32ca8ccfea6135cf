/* data/split: parts that are disjoint, cover, keep proportions, and repeat. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "data/split.h"

/* Skewed classes, some of one or two rows, some rows without a label. */
static int32_t *random_labels(Arena *arena, int seed, int n, int n_classes, bool holes)
{
    Rng rng = rng_stream((uint64_t)seed, 0, RNG_TEST);
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    for (int i = 0; i < n; i++) {
        double u = rng_uniform(&rng);
        labels[i] = (int32_t)(n_classes * u * u);
        if (holes && rng_below(&rng, 9) == 0) labels[i] = -1;
    }
    return labels;
}

static Split *make(const SplitOptions *options, const int32_t *labels, int n, int n_classes,
                   Arena *arena)
{
    Error err = {0};
    Split *split = NULL;
    if (!split_make(options, labels, n, n_classes, arena, &split, &err))
        fail_msg("%s", err.message);
    return split;
}

static void check_parts(const Split *split, const int32_t *labels, int n, Arena *arena)
{
    int *validated = ARENA_NEW(arena, int, n);
    assert_int_equal(split->n_rows, n);
    for (int f = 0; f < split->n_folds; f++) {
        int *seen = ARENA_NEW(arena, int, n);
        for (int i = 0; i < split->n_train[f]; i++) {
            if (i > 0) assert_true(split->train[f][i] > split->train[f][i - 1]);
            seen[split->train[f][i]]++;
        }
        for (int i = 0; i < split->n_valid[f]; i++) {
            int row = split->valid[f][i];
            if (i > 0) assert_true(row > split->valid[f][i - 1]);
            assert_int_equal(split->fold_of[row], f);
            seen[row]++;
            validated[row]++;
        }
        assert_true(split->n_train[f] > 0 && split->n_valid[f] > 0);
        for (int i = 0; i < n; i++) assert_int_equal(seen[i], !labels || labels[i] >= 0);
    }
    for (int i = 0; i < n; i++) assert_int_equal(validated[i], split->fold_of[i] >= 0);
}

static void count_classes(const int32_t *labels, const int32_t *rows, int n, int *counts)
{
    memset(counts, 0, 64 * sizeof *counts);
    for (int i = 0; i < n; i++) {
        int label = labels[rows ? rows[i] : i];
        if (label >= 0) counts[label]++;
    }
}

static void hold_out_keeps_proportions(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 40; seed++) {
        int n = 30 + 17 * seed, n_classes = 2 + seed % 9, all[64], held[64];
        double fraction = 0.05 + 0.02 * seed;
        int32_t *labels = random_labels(arena, seed, n, n_classes, seed % 2);
        SplitOptions options = {.type = SPLIT_HOLDOUT, .val_fraction = fraction, .stratify = true,
                                .seed = seed};
        Split *split = make(&options, labels, n, n_classes, arena);
        assert_int_equal(split->n_folds, 1);
        check_parts(split, labels, n, arena);
        count_classes(labels, NULL, n, all);
        count_classes(labels, split->valid[0], split->n_valid[0], held);
        for (int c = 0; c < n_classes; c++) {
            assert_true(fabs(held[c] - fraction * all[c]) <= 1);
            if (all[c] == 1) assert_int_equal(held[c], 0);
            if (all[c] >= 2) assert_true(held[c] >= 1 && held[c] < all[c]);
        }
    }
}

static void folds_keep_proportions(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 40; seed++) {
        int n = 20 + 13 * seed, n_classes = 1 + seed % 9, folds = 2 + seed % 7, all[64], here[64];
        int32_t *labels = random_labels(arena, seed, n, n_classes, seed % 2);
        SplitOptions options = {.type = SPLIT_KFOLD, .folds = folds, .stratify = true,
                                .seed = seed};
        Split *split = make(&options, labels, n, n_classes, arena);
        assert_int_equal(split->n_folds, folds);
        check_parts(split, labels, n, arena);
        count_classes(labels, NULL, n, all);
        for (int f = 0; f < folds; f++) {
            count_classes(labels, split->valid[f], split->n_valid[f], here);
            for (int c = 0; c < n_classes; c++)
                assert_true(here[c] >= all[c] / folds && here[c] <= (all[c] + folds - 1) / folds);
            for (int g = 0; g < f; g++) {
                int gap = split->n_valid[f] - split->n_valid[g];
                assert_true(gap >= -1 && gap <= 1);
            }
        }
        for (int i = 0; i < n; i++) assert_int_equal(split->fold_of[i] < 0, labels[i] < 0);
    }
}

static void without_labels_sizes_are_right(void **state)
{
    Arena *arena = *state;
    SplitOptions options = {.type = SPLIT_HOLDOUT, .val_fraction = 0.25, .stratify = true,
                            .seed = 3};
    Split *split = make(&options, NULL, 101, 0, arena);
    assert_int_equal(split->n_valid[0], 25);
    check_parts(split, NULL, 101, arena);
    int32_t *labels = random_labels(arena, 1, 101, 3, false);
    options.stratify = false;
    split = make(&options, labels, 101, 3, arena);
    assert_int_equal(split->n_valid[0], 25);
    options.type = SPLIT_KFOLD;
    options.folds = 4;
    check_parts(make(&options, labels, 101, 3, arena), labels, 101, arena);
    /* Classes are known, but no row's is. */
    options = (SplitOptions){.val_fraction = 0.25, .stratify = true};
    check_parts(make(&options, NULL, 101, 3, arena), NULL, 101, arena);
    /* Classes that have no rows. */
    int32_t one_class[8] = {4, 4, 4, 4, 4, 4, 4, 4};
    split = make(&options, one_class, 8, 9, arena);
    assert_int_equal(split->n_valid[0], 2);
    check_parts(split, one_class, 8, arena);
}

static void the_seed_decides_and_the_hash_tells(void **state)
{
    Arena *arena = *state;
    int32_t *labels = random_labels(arena, 8, 120, 4, true);
    for (int type = SPLIT_HOLDOUT; type <= SPLIT_KFOLD; type++) {
        SplitOptions options = {.type = type, .folds = 5, .val_fraction = 0.2, .stratify = true,
                                .seed = 7};
        Split *one = make(&options, labels, 120, 4, arena);
        Split *again = make(&options, labels, 120, 4, arena);
        assert_string_equal(one->hash, again->hash);
        assert_memory_equal(one->fold_of, again->fold_of, 120 * sizeof(int32_t));
        assert_int_equal(strlen(one->hash), 64);
        options.seed = 8;
        assert_string_not_equal(one->hash, make(&options, labels, 120, 4, arena)->hash);
    }
    /* Pinned: a study that is resumed by a later version must find the same split. */
    int32_t few[12] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, -1};
    SplitOptions options = {.type = SPLIT_KFOLD, .folds = 3, .stratify = true, .seed = 1};
    Split *split = make(&options, few, 12, 3, arena);
    unsigned char text[64] = "split 3 12\n";
    for (int i = 0; i < 12; i++)
        for (int b = 0; b < 4; b++)
            text[11 + 4 * i + b] = (unsigned char)((uint32_t)split->fold_of[i] >> (8 * b));
    char hash[65];
    sha256_of(text, 11 + 48, hash);
    assert_string_equal(split->hash, hash);
    assert_string_equal(hash, "c429196e36d965572a999f610699c039352ac3e9b3c59449dde319cb3d4378fe");
}

static void test_rows_do_not_follow_validation_rows(void **state)
{
    Arena *arena = *state;
    Error err = {0};
    int32_t *labels = random_labels(arena, 4, 1000, 2, false);
    TwoParts parts;
    assert_true(split_hold_out(&(HoldOut){.fraction = 0.2, .stratify = true, .seed = 1}, labels, 1000, 2, arena, &parts, &err));
    assert_int_equal(parts.n_held, 200);
    assert_int_equal(parts.n_rest, 800);
    SplitOptions options = {.val_fraction = 0.2, .stratify = true, .seed = 1};
    Split *split = make(&options, labels, 1000, 2, arena);
    int both = 0;
    for (int i = 0; i < 200; i++) both += split->fold_of[parts.held[i]] == 0;
    assert_in_range(both, 20, 65); /* 40 by chance; 200 if they were the same draw */
}

static void each_row_is_held_equally_often(void **state)
{
    Arena *arena = *state;
    int32_t labels[20];
    int times[20] = {0};
    TwoParts parts;
    for (int i = 0; i < 20; i++) labels[i] = i < 14;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        assert_true(split_hold_out(&(HoldOut){.fraction = 0.3, .stratify = true, .seed = seed}, labels, 20, 2, arena, &parts, NULL));
        for (int i = 0; i < parts.n_held; i++) times[parts.held[i]]++;
        if (seed % 100 == 99) arena_reset(arena);
    }
    for (int i = 0; i < 20; i++) assert_in_range(times[i], 500, 760);
}

static void refused(const SplitOptions *options, const int32_t *labels, int n, int n_classes,
                    ErrorCode code, const char *words, Arena *arena)
{
    Error err = {0};
    Split *split = NULL;
    assert_false(split_make(options, labels, n, n_classes, arena, &split, &err));
    assert_null(split);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, words)) fail_msg("no `%s` in: %s", words, err.message);
}

static void says_what_cannot_be(void **state)
{
    Arena *arena = *state;
    const int32_t singles[4] = {0, 1, 2, 3}, unknown[3] = {-1, 0, -1};
    SplitOptions kfold = {.type = SPLIT_KFOLD, .folds = 5, .stratify = true};
    refused(&kfold, singles, 4, 4, ERR_CONFIG, "lower folds", arena);
    refused(&kfold, NULL, 0, 0, ERR_CONFIG, "lower folds", arena);
    kfold.folds = 1;
    refused(&kfold, singles, 4, 4, ERR_CONFIG, "at least 2", arena);
    SplitOptions hold = {.val_fraction = 0.25, .stratify = true};
    refused(&hold, singles, 4, 4, ERR_DATA, "stratify: false", arena);
    refused(&hold, unknown, 3, 1, ERR_DATA, "1 labelled row cannot be divided", arena);
    refused(&hold, NULL, 0, 0, ERR_DATA, "0 labelled rows cannot be divided", arena);
    hold.val_fraction = 0;
    refused(&hold, singles, 4, 4, ERR_CONFIG, "no row to validate on", arena);
    hold.val_fraction = NAN;
    refused(&hold, singles, 4, 4, ERR_CONFIG, "no row to validate on", arena);
    hold.val_fraction = 1;
    refused(&hold, singles, 4, 4, ERR_CONFIG, "less than 1", arena);
    hold = (SplitOptions){.val_fraction = 0.01};
    refused(&hold, singles, 4, 4, ERR_CONFIG, "leaves no row held out", arena);
    hold.val_fraction = 0.95;
    refused(&hold, singles, 4, 4, ERR_CONFIG, "leaves no row to train on", arena);
    hold.val_fraction = 0.25; /* one row of four */
    assert_int_equal(make(&hold, singles, 4, 4, arena)->n_valid[0], 1);

    TwoParts parts = {.n_held = 9};
    assert_true(split_hold_out(&(HoldOut){.stratify = true, .seed = 1}, unknown, 3, 1, arena, &parts, NULL));
    assert_true(parts.n_rest == 1 && parts.n_held == 0 && parts.rest[0] == 1);
}

static void survives_every_failed_allocation(void **state)
{
    int32_t *labels = random_labels(*state, 2, 60, 3, true);
    for (int type = SPLIT_HOLDOUT; type <= SPLIT_KFOLD; type++) {
        SplitOptions options = {.type = type, .folds = 3, .val_fraction = 0.2, .stratify = true};
        for (long k = 0;; k++) {
            Error err = {0};
            Split *split = NULL;
            Arena *small = arena_create(0);
            arena_fail_after(small, k);
            bool ok = split_make(&options, labels, 60, 3, small, &split, &err);
            assert_int_equal(ok, split != NULL);
            if (!ok) assert_int_equal(err.code, ERR_MEMORY);
            arena_destroy(small);
            if (ok) break;
            assert_true(k < 100);
        }
    }
}

static void reads_its_sections(void **state)
{
    Arena *arena = *state;
    static const char yaml[] = "split: {type: kfold, folds: 7, stratify: false, seed: 99}\n"
                               "hold: {type: holdout, val_fraction: 0.1, stratify: true, seed: 7}\n"
                               "test: {fraction: 0.2, stratify: true, seed: 99}\n"
                               "none: {val_fraction: 0}\n";
    Error err = {0};
    Conf *conf = NULL;
    SplitOptions split;
    TestOptions test;
    assert_true(conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err));
    assert_true(field_defaults(&split_fields, &split, arena, &err));
    assert_true(field_defaults(&test_fields, &test, arena, &err));
    assert_true(split.type == SPLIT_HOLDOUT && split.stratify && split.folds == 5);
    assert_true(split.val_fraction == 0.2 && test.fraction == 0 && test.stratify);
    assert_true(field_read(&split_fields, conf_get(conf->root, "split"), &split, arena, &err));
    assert_true(split.type == SPLIT_KFOLD && split.folds == 7 && split.seed == 99);
    assert_false(split.stratify);
    assert_true(field_read(&split_fields, conf_get(conf->root, "hold"), &split, arena, &err));
    assert_true(split.type == SPLIT_HOLDOUT && split.val_fraction == 0.1 && split.stratify);
    assert_true(field_read(&test_fields, conf_get(conf->root, "test"), &test, arena, &err));
    assert_true(test.fraction == 0.2 && test.seed == 99);
    assert_false(field_read(&split_fields, conf_get(conf->root, "none"), &split, arena, &err));
}

static int set_up(void **state)
{
    return (*state = arena_create(0)) ? 0 : -1;
}

static int tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hold_out_keeps_proportions),
        TEST(folds_keep_proportions),
        TEST(without_labels_sizes_are_right),
        TEST(the_seed_decides_and_the_hash_tells),
        TEST(test_rows_do_not_follow_validation_rows),
        TEST(each_row_is_held_equally_often),
        TEST(says_what_cannot_be),
        TEST(reads_its_sections),
        TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests_name("data/split", tests, NULL, NULL);
}
