/* prep/prep: against scikit-learn, by properties over random tables, and where it must refuse. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "prep/prep.h"
#include "golden/prep.h"

enum { MAX_ROWS = 400 };

static void close_to(double found, double wanted, double tolerance, const char *what, int row)
{
    if (!(fabs(found - wanted) <= tolerance * (1 + fabs(wanted))))
        fail_msg("%s, row %d: %.17g, wanted %.17g", what, row, found, wanted);
}

static Column numeric(Arena *arena, const char *name, int n)
{
    return (Column){.name = name, .kind = COLUMN_NUMERIC, .number = ARENA_NEW(arena, double, n)};
}

static Column nominal(Arena *arena, const char *name, int n, int n_levels)
{
    const char **levels = ARENA_NEW(arena, const char *, n_levels);
    for (int i = 0; i < n_levels; i++) levels[i] = arena_print(arena, "%s-%d", name, i);
    return (Column){.name = name, .kind = COLUMN_NOMINAL, .code = ARENA_NEW(arena, int32_t, n),
                    .n_levels = n_levels, .levels = levels};
}

static int32_t *first_rows(Arena *arena, int n)
{
    int32_t *rows = ARENA_NEW(arena, int32_t, n);
    for (int i = 0; i < n; i++) rows[i] = i;
    return rows;
}

/* Numbers, ties, holes, words, rare words and missing words, by seed. */
static Table random_table(Arena *arena, int seed, int n)
{
    Rng rng = rng_stream((uint64_t)seed, 0, RNG_TEST);
    Column *columns = ARENA_NEW(arena, Column, 7);
    columns[0] = numeric(arena, "normal", n);
    columns[1] = numeric(arena, "ties", n);
    columns[2] = numeric(arena, "holes", n);
    columns[3] = nominal(arena, "two", n, 2);
    columns[4] = nominal(arena, "five", n, 5);
    columns[5] = nominal(arena, "skewed", n, 12);
    columns[6] = numeric(arena, "constant", n);
    for (int i = 0; i < n; i++) {
        columns[0].number[i] = 5 + 3 * rng_normal(&rng);
        columns[1].number[i] = rng_below(&rng, 4);
        columns[2].number[i] = rng_below(&rng, 4) == 0 ? NAN : rng_uniform(&rng);
        columns[3].code[i] = (int32_t)rng_below(&rng, 2);
        columns[4].code[i] = (int32_t)rng_below(&rng, 6) - 1;
        double u = rng_uniform(&rng);
        columns[5].code[i] = (int32_t)(12 * u * u * u * u);
        columns[6].number[i] = 7;
    }
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    for (int i = 0; i < n; i++) labels[i] = (int32_t)rng_below(&rng, 3);
    return (Table){.n_rows = n, .n_columns = 7, .columns = columns, .labels = labels,
                   .n_classes = 3};
}

static Prep *fit(const PrepOptions *options, const Table *table, const int32_t *rows, int n,
                 Arena *arena)
{
    Error err = {0};
    Prep *prep = NULL;
    if (!prep_fit(options, table, rows, n, arena, &prep, &err)) fail_msg("%s", err.message);
    return prep;
}

static Rows *apply(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena)
{
    Error err = {0};
    Rows *out = NULL;
    if (!prep_apply(prep, table, rows, n, arena, &out, &err)) fail_msg("%s", err.message);
    if (prep->columns && !rows_in_place(out)) { /* the tests look at floats */
        int ld = (out->n_features + 7) / 8 * 8;
        float *x = ARENA_NEW(arena, float, (size_t)n * (size_t)ld);
        rows_gather(out, NULL, 0, n, NULL, NULL, NULL, x, ld);
        *out = (Rows){.n_rows = n, .n_features = out->n_features, .n_classes = out->n_classes,
                      .labels = out->labels, .feature = out->feature, .x = x, .ld = ld};
    }
    return out;
}

static void matches_scikit_learn(void **state)
{
    static const struct {
        NumericPrep numeric;
        const double (*want)[GOLDEN_COLUMNS];
        double tolerance;
    } cases[] = {
        {NUMERIC_NONE, golden_none, 1e-14},       {NUMERIC_UNIT, golden_unit, 1e-14},
        {NUMERIC_STANDARD, golden_standard, 1e-7}, {NUMERIC_MINMAX, golden_minmax, 1e-7},
        {NUMERIC_ROBUST, golden_robust, 1e-12},   {NUMERIC_QUANTILE, golden_quantile, 1e-9},
    };
    Arena *arena = *state;
    Column columns[GOLDEN_COLUMNS];
    for (int j = 0; j < GOLDEN_COLUMNS; j++) {
        columns[j] = numeric(arena, golden_names[j], GOLDEN_ROWS);
        for (int i = 0; i < GOLDEN_ROWS; i++) columns[j].number[i] = golden_raw[i][j];
    }
    Table table = {.n_rows = GOLDEN_ROWS, .n_columns = GOLDEN_COLUMNS, .columns = columns};
    int32_t *rows = first_rows(arena, GOLDEN_ROWS);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        PrepOptions options = {.numeric = (int)cases[c].numeric};
        Prep *prep = fit(&options, &table, rows, GOLDEN_TRAIN, arena);
        assert_int_equal(prep->n_features, GOLDEN_COLUMNS + 1);
        assert_int_equal(prep->columns[4].n_out, 2);
        Rows *x = apply(prep, &table, rows, GOLDEN_ROWS, arena);
        for (int j = 0; j < GOLDEN_COLUMNS; j++) {
            /* 1e9 + a small number: scikit-learn itself is good to 1e-7 there. */
            double tolerance = j == 3 ? cases[c].tolerance : fmin(cases[c].tolerance, 1e-9);
            for (int i = 0; i < GOLDEN_ROWS; i++) {
                double found = prep_number(&prep->columns[j], golden_raw[i][j]);
                close_to(found, cases[c].want[i][j], tolerance, "golden", i);
                assert_true(x->x[i * x->ld + j] == (float)found);
                if (j == 4) assert_true(x->x[i * x->ld + 5] == isnan(golden_raw[i][4]));
            }
        }
    }
    Prep *mean = fit(&(PrepOptions){.impute = IMPUTE_MEAN}, &table, rows, GOLDEN_TRAIN, arena);
    close_to(mean->columns[4].fill, golden_mean_fill, 1e-14, "mean", 0);
    assert_int_equal(mean->n_features, GOLDEN_COLUMNS);
    Prep *zero = fit(&(PrepOptions){.impute = IMPUTE_ZERO}, &table, rows, GOLDEN_TRAIN, arena);
    assert_true(zero->columns[4].fill == 0);
}

static void piecewise_bins_match_numpy(void **state)
{
    Arena *arena = *state;
    Column columns[GOLDEN_COLUMNS];
    for (int j = 0; j < GOLDEN_COLUMNS; j++) {
        columns[j] = numeric(arena, golden_names[j], GOLDEN_ROWS);
        for (int i = 0; i < GOLDEN_ROWS; i++) columns[j].number[i] = golden_raw[i][j];
    }
    Table table = {.n_rows = GOLDEN_ROWS, .n_columns = GOLDEN_COLUMNS, .columns = columns};
    int32_t *rows = first_rows(arena, GOLDEN_ROWS);
    PrepOptions options = {.numeric = NUMERIC_ROBUST, .numeric_embedding = NUMERIC_EMBED_PLE, .ple_bins = GOLDEN_BINS};
    Prep *prep = fit(&options, &table, rows, GOLDEN_TRAIN, arena);
    Rows *x = apply(prep, &table, rows, GOLDEN_ROWS, arena);
    for (int j = 0; j < GOLDEN_COLUMNS; j++) {
        const PrepColumn *column = &prep->columns[j];
        assert_int_equal(column->n_edges, golden_bins[j] + 1);
        assert_int_equal(column->n_out, 1 + golden_bins[j] + (j == 4)); /* number, bins, flag */
        for (int i = 0; i < GOLDEN_ROWS; i++) {
            const float *cell = x->x + i * x->ld + column->out;
            assert_true(cell[0] == (float)prep_number(column, golden_raw[i][j]));
            for (int t = 0; t < golden_bins[j]; t++) {
                close_to(cell[1 + t], golden_encoded[i][j * GOLDEN_BINS + t], 1e-6, golden_names[j], i);
                assert_true(t == 0 || cell[t] >= cell[1 + t]); /* full ones first */
            }
            if (j == 4) assert_true(cell[column->n_out - 1] == isnan(golden_raw[i][4]));
        }
    }
    /* Two values are one step: the number itself says as much. */
    Column two = numeric(arena, "two", 6);
    for (int i = 0; i < 6; i++) two.number[i] = i % 2;
    Table small = {.n_rows = 6, .n_columns = 1, .columns = &two};
    assert_int_equal(fit(&options, &small, rows, 6, arena)->n_features, 1);
}

/* 1 .. L for the levels of training, then missing and unseen where training had such; else 0. */
static void many_levels_become_codes(void **state)
{
    Arena *arena = *state;
    enum { N = 40, L = 9 };
    Column columns[2] = {nominal(arena, "many", N, L), nominal(arena, "few", N, 3)};
    Table table = {.n_rows = N, .n_columns = 2, .columns = columns};
    int32_t *rows = first_rows(arena, N);
    for (int i = 0; i < N; i++) columns[0].code[i] = i == 30 ? -1 : i % (L - 1), columns[1].code[i] = i % 3;
    columns[0].code[35] = L - 1; /* a level that only the rows after the training rows have */
    PrepOptions options = {.categorical = CATEGORY_EMBED, .embed_above = 3};
    Prep *prep = fit(&options, &table, rows, 32, arena);
    assert_true(prep->columns[0].coded && !prep->columns[1].coded);
    assert_int_equal(prep->n_features, 1 + 3);
    assert_int_equal(prep->feature[0], (L - 1) + 1); /* eight levels and missing */
    for (int j = 1; j < 4; j++) assert_int_equal(prep->feature[j], FEATURE_PLAIN);
    Rows *x = apply(prep, &table, rows, N, arena);
    assert_ptr_equal(x->feature, prep->feature);
    for (int i = 0; i < N; i++) {
        int code = columns[0].code[i];
        float want = code < 0 ? L : code == L - 1 ? 0 : -1;
        for (int l = 0; l < prep->columns[0].n_levels && want < 0; l++)
            if (strcmp(prep->columns[0].levels[l], columns[0].levels[code]) == 0) want = (float)(l + 1);
        assert_true(x->x[i * x->ld] == want);
        assert_true(x->x[i * x->ld + 1 + columns[1].code[i]] == 1);
    }
    /* A bucket for rare levels is the last code, and takes what training never met. */
    columns[0].code[0] = columns[0].code[8] = columns[0].code[16] = 1; /* level 0: only row 24 is left */
    options.min_count = 2;
    prep = fit(&options, &table, rows, 32, arena);
    assert_int_equal(prep->columns[0].n_levels, L - 2);
    assert_int_equal(prep->feature[0], (L - 2) + 2);
    x = apply(prep, &table, rows, N, arena);
    assert_true(x->x[24 * x->ld] == L && x->x[35 * x->ld] == L && x->x[30 * x->ld] == L - 1);
}

static void normal_scores_match_scipy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_scores / sizeof *golden_scores; i++)
        close_to(prep_normal_score(golden_scores[i][0]), golden_scores[i][1],
                 golden_scores[i][0] < 0.9999 ? 1e-14 : 1e-12, "score", (int)i);
    for (double p = 0.01; p < 0.5; p += 0.01)
        close_to(prep_normal_score(p), -prep_normal_score(1 - p), 1e-13, "symmetry", 0);
    assert_true(prep_normal_score(0) == -5.2 && prep_normal_score(1) == 5.2);
}

static void training_rows_come_out_standardized(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 10; seed++) {
        Table table = random_table(arena, seed, MAX_ROWS);
        int32_t *rows = first_rows(arena, MAX_ROWS);
        Prep *prep = fit(&(PrepOptions){.numeric = NUMERIC_STANDARD}, &table, rows, 300, arena);
        Rows *x = apply(prep, &table, rows, 300, arena);
        for (int j = 0; j < 2; j++) {
            double sum = 0, squares = 0;
            for (int i = 0; i < 300; i++) {
                double v = x->x[i * x->ld + j];
                sum += v;
                squares += v * v;
            }
            assert_true(fabs(sum / 300) < 1e-6 && fabs(squares / 300 - 1) < 1e-6);
        }
        Prep *minmax = fit(&(PrepOptions){.numeric = NUMERIC_MINMAX}, &table, rows, 300, arena);
        Rows *y = apply(minmax, &table, rows, 300, arena);
        float low = 9, high = -9;
        for (int i = 0; i < 300; i++) {
            low = fminf(low, y->x[i * y->ld]);
            high = fmaxf(high, y->x[i * y->ld]);
        }
        assert_true(low == 0 && high == 1);
        assert_true(prep->columns[6].scale == 0); /* constant: a zero feature */
        for (int i = 0; i < 300; i++)
            assert_true(x->x[i * x->ld + prep->columns[6].out] == 0);
    }
}

/* Ranks survive: the quantile and robust transforms never turn an order around. */
static void order_is_kept(void **state)
{
    Arena *arena = *state;
    Table table = random_table(arena, 3, MAX_ROWS);
    int32_t *rows = first_rows(arena, MAX_ROWS);
    for (int numeric_rule = NUMERIC_NONE; numeric_rule <= NUMERIC_QUANTILE; numeric_rule++) {
        Prep *prep = fit(&(PrepOptions){.numeric = numeric_rule}, &table, rows, 300, arena);
        for (int j = 0; j < 3; j++) {
            double last = -INFINITY;
            for (double v = -20; v < 30; v += 0.07) {
                double x = prep_number(&prep->columns[j], v);
                assert_true(x >= last);
                last = x;
            }
        }
    }
}

static bool same_prep(const Prep *a, const Prep *b)
{
    if (a->n_features != b->n_features || a->n_columns != b->n_columns) return false;
    for (int j = 0; j < a->n_columns; j++) {
        const PrepColumn *p = &a->columns[j], *q = &b->columns[j];
        if (p->fill != q->fill || p->shift != q->shift || p->scale != q->scale ||
            p->clip != q->clip || p->flag != q->flag || p->n_knots != q->n_knots ||
            p->n_levels != q->n_levels || p->missing_level != q->missing_level ||
            p->unseen_level != q->unseen_level || p->out != q->out || p->n_out != q->n_out)
            return false;
        for (int k = 0; k < p->n_knots; k++)
            if (p->knots[k] != q->knots[k]) return false;
        for (int k = 0; k < p->n_levels; k++)
            if (strcmp(p->levels[k], q->levels[k]) != 0) return false;
    }
    return true;
}

static void other_rows_change_nothing(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 12; seed++) {
        Table table = random_table(arena, seed, 200);
        Rng rng = rng_stream((uint64_t)seed, 1, RNG_TEST);
        int32_t *order = first_rows(arena, 200);
        rng_shuffle(&rng, order, 200);
        PrepOptions options = {.numeric = seed % 7, .min_count = seed % 3 * 4,
                               .impute = seed % 6, .missing_category = seed % 2};
        Prep *before = fit(&options, &table, order, 120, arena);
        for (int i = 120; i < 200; i++) {
            int row = order[i];
            table.columns[0].number[row] = 1e12;
            table.columns[1].number[row] = NAN;
            table.columns[2].number[row] = -INFINITY;
            table.columns[3].code[row] = -1;
            table.columns[4].code[row] = (int32_t)rng_below(&rng, 5);
            table.columns[5].code[row] = 11;
            table.columns[6].number[row] = i;
        }
        assert_true(same_prep(before, fit(&options, &table, order, 120, arena)));
        /* ... nor does the order of the training rows. */
        rng_shuffle(&rng, order, 120);
        Prep *shuffled = fit(&options, &table, order, 120, arena);
        assert_true(same_prep(before, shuffled));
        /* A training row does matter. */
        table.columns[0].number[order[0]] = 1e3;
        if (options.numeric != NUMERIC_NONE)
            assert_false(same_prep(before, fit(&options, &table, order, 120, arena)));
    }
}

static void permuted_rows_give_permuted_features(void **state)
{
    Arena *arena = *state;
    Table table = random_table(arena, 5, 100);
    Prep *prep = fit(&(PrepOptions){.numeric = NUMERIC_QUANTILE}, &table, NULL, 100, arena);
    int32_t *order = first_rows(arena, 100);
    Rng rng = rng_stream(5, 2, RNG_TEST);
    rng_shuffle(&rng, order, 100);
    Rows *plain = apply(prep, &table, NULL, 100, arena);
    Rows *mixed = apply(prep, &table, order, 100, arena);
    assert_true(plain->ld >= plain->n_features && plain->n_features == prep->n_features);
    for (int i = 0; i < 100; i++) {
        assert_memory_equal(mixed->x + i * mixed->ld, plain->x + order[i] * plain->ld,
                            (size_t)plain->ld * sizeof(float));
        assert_int_equal(mixed->labels[i], table.labels[order[i]]);
    }
}

static void words_become_one_hot(void **state)
{
    Arena *arena = *state;
    for (int seed = 1; seed <= 6; seed++) {
        Table table = random_table(arena, seed, 300);
        PrepOptions options = {.min_count = seed % 2 ? 10 : 0};
        Prep *prep = fit(&options, &table, NULL, 200, arena);
        Rows *x = apply(prep, &table, NULL, 300, arena);
        const PrepColumn *two = &prep->columns[3], *five = &prep->columns[4],
                         *skewed = &prep->columns[5];
        assert_int_equal(two->n_out, 1);
        assert_int_equal(five->n_out, 6); /* and one for missing */
        assert_true(five->missing_level && !five->unseen_level);
        assert_int_equal(skewed->unseen_level, options.min_count == 10);
        for (int i = 0; i < 300; i++) {
            const float *row = x->x + i * x->ld;
            int code = table.columns[4].code[i], ones = 0;
            assert_true(row[two->out] == (table.columns[3].code[i] ? 1 : -1));
            for (int k = 0; k < 6; k++) {
                ones += row[five->out + k] == 1;
                assert_true(row[five->out + k] == (k == (code < 0 ? 5 : code)));
            }
            assert_int_equal(ones, 1);
            ones = 0;
            for (int k = 0; k < skewed->n_out; k++) ones += row[skewed->out + k] == 1;
            if (i < 200 || skewed->unseen_level) assert_int_equal(ones, 1);
        }
    }
}

/* A table to be predicted has its own levels, in its own order. */
static void levels_are_matched_by_text(void **state)
{
    Arena *arena = *state;
    Column train = nominal(arena, "c", 6, 4);
    memcpy(train.code, (int32_t[]){0, 1, 2, 0, 1, -1}, 6 * sizeof(int32_t));
    Table table = {.n_rows = 6, .n_columns = 1, .columns = &train};
    Prep *prep = fit(&(PrepOptions){0}, &table, NULL, 6, arena);
    assert_int_equal(prep->n_features, 4); /* c-0, c-1, c-2, missing; c-3 was never seen */
    Column later = nominal(arena, "c", 5, 4);
    later.levels = (const char *[]){"c-2", "new", "c-0", "c-3"};
    memcpy(later.code, (int32_t[]){0, 1, 2, 3, -1}, 5 * sizeof(int32_t));
    Table fresh = {.n_rows = 5, .n_columns = 1, .columns = &later};
    Rows *x = apply(prep, &fresh, NULL, 5, arena);
    static const float want[5][4] = {
        {0, 0, 1, 0}, {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 1}};
    for (int i = 0; i < 5; i++)
        assert_memory_equal(x->x + i * x->ld, want[i], sizeof want[i]);
    /* With a bucket for rare levels, what was never seen goes there. */
    train.code[2] = 3;
    train.code[5] = 2;
    prep = fit(&(PrepOptions){.min_count = 2}, &table, NULL, 6, arena);
    assert_int_equal(prep->columns[0].n_levels, 2); /* two kept levels: one feature, rare ones 0 */
    assert_int_equal(prep->n_features, 1);
    train.code[2] = -1;
    train.code[4] = 0;
    prep = fit(&(PrepOptions){.min_count = 2}, &table, NULL, 6, arena);
    assert_int_equal(prep->n_features, 3); /* c-0, missing, unseen */
    x = apply(prep, &fresh, NULL, 5, arena);
    static const float bucket[5][3] = {{0, 0, 1}, {0, 0, 1}, {1, 0, 0}, {0, 0, 1}, {0, 1, 0}};
    for (int i = 0; i < 5; i++)
        assert_memory_equal(x->x + i * x->ld, bucket[i], sizeof bucket[i]);
    prep = fit(&(PrepOptions){.missing_category = MISSING_ZEROS}, &table, NULL, 3, arena);
    assert_false(prep->columns[0].missing_level);
}

static void hostile_numbers_stay_finite(void **state)
{
    static const double nasty[] = {DBL_MAX, -DBL_MAX, INFINITY, -INFINITY, NAN, 0, -0.0, 5e-324,
                                   -5e-324, DBL_MIN, 1e-300, 1, -1, 1e300, 3.5e38, 1e154};
    enum { NASTY = sizeof nasty / sizeof *nasty };
    Arena *arena = *state;
    Rng rng = rng_stream(9, 0, RNG_TEST);
    Column columns[2] = {numeric(arena, "a", 40), numeric(arena, "b", 40)};
    Table table = {.n_rows = 40, .n_columns = 2, .columns = columns};
    for (int round = 0; round < 300; round++) {
        int variety = 1 + (int)rng_below(&rng, NASTY);
        for (int i = 0; i < 40; i++) {
            columns[0].number[i] = nasty[rng_below(&rng, (uint32_t)variety)];
            columns[1].number[i] = i;
        }
        PrepOptions options = {.numeric = round % 7, .impute = round % 6};
        Prep *prep = fit(&options, &table, NULL, 30, arena);
        Rows *x = apply(prep, &table, NULL, 40, arena);
        for (int i = 0; i < 40; i++)
            for (int k = 0; k < x->n_features; k++) assert_true(isfinite(x->x[i * x->ld + k]));
        for (int i = 0; i < NASTY; i++)
            assert_true(isfinite(prep_number(&prep->columns[0], nasty[i])));
        assert_true(isfinite(prep->columns[0].fill));
    }
    /* Sums and differences overflow here, and the column still says which is which. */
    for (int i = 0; i < 40; i++) columns[0].number[i] = i % 2 ? DBL_MAX : -DBL_MAX;
    for (int rule = NUMERIC_UNIT; rule <= NUMERIC_QUANTILE; rule++) {
        Prep *prep = fit(&(PrepOptions){.numeric = rule}, &table, NULL, 40, arena);
        assert_true(prep_number(&prep->columns[0], DBL_MAX) > 0.5);
        assert_true(prep_number(&prep->columns[0], -DBL_MAX) < -0.5);
        assert_true(fabs(prep_number(&prep->columns[0], 0)) < 1e-9);
    }
}

/* What is known before anything is fitted: never too little, and exact where all that the table has stands in
 * the rows. */
static void most_features_are_known_before(void **state)
{
    Arena *arena = *state;
    Error err;
    for (int seed = 0; seed < 60; seed++) {
        Table table = random_table(arena, seed, 300);
        for (int i = 0; i < 300; i++) {
            table.columns[2].n_missing += isnan(table.columns[2].number[i]);
            table.columns[4].n_missing += table.columns[4].code[i] < 0;
        }
        PrepOptions options = {.numeric_embedding = seed % 4, .ple_bins = 2 + seed % 9,
                               .min_count = seed % 3 * 4, .categorical = seed / 4 % 2,
                               .embed_above = 4, .impute = seed % 6, .missing_category = seed / 2 % 2};
        int32_t *rows = first_rows(arena, 300);
        Prep *prep = fit(&options, &table, rows, seed % 5 == 0 ? 300 : 30 + 4 * seed, arena), *most;
        assert_true(prep_most(&options, &table, arena, &most, &err));
        for (int j = 0; j < table.n_columns; j++)
            if (prep->columns[j].n_out > most->columns[j].n_out && !most->columns[j].coded)
                fail_msg("seed %d: column %d has %d features of at most %d", seed, j, prep->columns[j].n_out,
                         most->columns[j].n_out);
        if (seed % 5 == 0 && options.min_count == 0)
            for (int j = 0; j < table.n_columns; j++)
                if (j != 1 && j != 6) /* few different numbers make fewer bins */
                    assert_int_equal(prep->columns[j].n_out, most->columns[j].n_out);
    }
    Table images = {.n_rows = 9, .height = 7, .width = 5, .pixels = (const uint8_t *)""};
    Prep *most;
    assert_true(prep_most(&(PrepOptions){0}, &images, arena, &most, &err));
    assert_int_equal(most->n_features, 35);
}

static void images_keep_their_bytes(void **state)
{
    Arena *arena = *state;
    uint8_t pixels[5 * 6];
    for (int i = 0; i < 30; i++) pixels[i] = (uint8_t)(i * 8);
    int32_t labels[5] = {0, 1, 0, -1, 1};
    Table table = {.n_rows = 5, .pixels = pixels, .height = 2, .width = 3, .labels = labels,
                   .n_classes = 2};
    int32_t rows[3] = {0, 2, 4};
    Prep *prep = fit(&(PrepOptions){0}, &table, rows, 3, arena);
    assert_true(prep->n_features == 6 && prep->columns == NULL);
    assert_true(prep->pixel_scale[5] == 1 / 255.0f && prep->pixel_shift[5] == 0);
    Rows *x = apply(prep, &table, rows, 3, arena);
    assert_ptr_equal(x->pixels, pixels);
    assert_memory_equal(x->source, rows, sizeof rows);
    assert_true(x->labels[1] == 0 && x->labels[2] == 1 && x->height == 2 && x->width == 3);
    /* Rows 0, 2 and 4 hold 8 * (0..5, 12..17, 24..29): mean 116, extremes 0 and 232. */
    Prep *standard = fit(&(PrepOptions){.numeric = NUMERIC_STANDARD}, &table, rows, 3, arena);
    close_to(standard->pixel_shift[0], 116, 1e-6, "mean", 0);
    close_to(standard->pixel_scale[0], 1 / (8 * sqrt(96 + 35.0 / 12)), 1e-6, "deviation", 0);
    Prep *minmax = fit(&(PrepOptions){.numeric = NUMERIC_MINMAX}, &table, rows, 3, arena);
    close_to(minmax->pixel_scale[3], 1 / 232.0, 1e-6, "range", 0);
}

static void refused(const PrepOptions *options, const Table *table, int n, ErrorCode code,
                    const char *words, Arena *arena)
{
    Error err = {0};
    Prep *prep = NULL;
    assert_false(prep_fit(options, table, NULL, n, arena, &prep, &err));
    assert_null(prep);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, words)) fail_msg("no `%s` in: %s", words, err.message);
}

static void says_what_cannot_be(void **state)
{
    Arena *arena = *state;
    Column columns[2] = {numeric(arena, "a", 4), nominal(arena, "b", 4, 1)};
    Table table = {.n_rows = 4, .n_columns = 2, .columns = columns};
    PrepOptions options = {0};
    refused(&options, &table, 4, ERR_DATA, "none of the 2 columns varies", arena);
    for (int i = 0; i < 4; i++) columns[0].number[i] = NAN;
    refused(&options, &table, 4, ERR_DATA, "none of the 2 columns varies", arena);
    refused(&options, &table, 0, ERR_DATA, "no training rows", arena);
    Table empty = {.n_rows = 4};
    refused(&options, &empty, 4, ERR_DATA, "no columns", arena);
    uint8_t black[4] = {0};
    Table image = {.n_rows = 1, .pixels = black, .height = 2, .width = 2};
    refused(&(PrepOptions){.numeric = NUMERIC_ROBUST}, &image, 1, ERR_CONFIG,
            "robust is for tables", arena);
    refused(&(PrepOptions){.numeric = NUMERIC_STANDARD}, &image, 1, ERR_DATA, "all pixels", arena);

    columns[0].number[2] = 5;
    Prep *prep = fit(&options, &table, NULL, 4, arena);
    Prep *grey = fit(&options, &image, NULL, 1, arena);
    assert_true(prep->columns[0].flag && prep->columns[0].scale == 0); /* one value, and holes */
    Error err = {0};
    Rows *rows = NULL;
    assert_false(prep_apply(prep, &image, NULL, 1, arena, &rows, &err));
    assert_non_null(strstr(err.message, "found images"));
    assert_false(prep_apply(grey, &table, NULL, 1, arena, &rows, &err));
    assert_non_null(strstr(err.message, "found a table"));
    Table narrow = {.n_rows = 4, .n_columns = 1, .columns = columns};
    assert_false(prep_apply(prep, &narrow, NULL, 4, arena, &rows, &err));
    Column swapped[2] = {columns[1], columns[0]};
    Table other = {.n_rows = 4, .n_columns = 2, .columns = swapped};
    assert_false(prep_apply(prep, &other, NULL, 4, arena, &rows, &err));
    assert_non_null(strstr(err.message, "column `a` should be numeric"));
    Table large = {.n_rows = 1, .pixels = black, .height = 1, .width = 4};
    assert_false(prep_apply(grey, &large, NULL, 1, arena, &rows, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_null(rows);
}

static void survives_every_failed_allocation(void **state)
{
    Arena *arena = *state;
    Table tables[2] = {random_table(arena, 1, 60)};
    uint8_t pixels[60 * 4] = {1, 2, 3};
    tables[1] = (Table){.n_rows = 60, .pixels = pixels, .height = 2, .width = 2,
                        .labels = tables[0].labels, .n_classes = 3};
    int32_t *order = first_rows(arena, 60);
    for (int t = 0; t < 2; t++) {
        PrepOptions options = {.numeric = t ? NUMERIC_UNIT : NUMERIC_QUANTILE};
        for (long k = 0;; k++) {
            Error err = {0};
            Prep *prep = NULL;
            Rows *rows = NULL;
            Arena *small = arena_create(0);
            arena_fail_after(small, k);
            bool ok = prep_fit(&options, &tables[t], order, 60, small, &prep, &err) &&
                      prep_apply(prep, &tables[t], order, 60, small, &rows, &err);
            assert_int_equal(ok, rows != NULL);
            if (!ok) assert_int_equal(err.code, ERR_MEMORY);
            arena_destroy(small);
            if (ok) break;
            assert_true(k < 200);
        }
    }
}

static bool read_section(const FieldTable *fields, const Conf *conf, const char *section,
                         PrepOptions *options, Arena *arena, Error *err)
{
    return field_read(fields, conf_get(conf->root, section), options, arena, err);
}

/* As in the documents; and the defaults. */
static void reads_its_sections(void **state)
{
    Arena *arena = *state;
    static const char yaml[] = "preprocess: {numeric: unit, min_count: 3}\n"
                               "missing: {numeric: mean, categorical: zeros}\n"
                               "churn: {categorical: onehot}\n"
                               "default: {numeric: median+indicator, categorical: own_level}\n"
                               "typo: {numeric: robst}\n"
                               "negative: {min_count: -1}\n";
    Error err = {0};
    Conf *conf = NULL;
    assert_true(conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err));
    PrepOptions zero = {.ple_bins = 16, .embed_above = 8, .text_features = 4096, .text_weight = TEXT_TFIDF}, options;
    memset(&options, 0x55, sizeof options);
    assert_true(field_defaults(&prep_fields, &options, arena, &err));
    assert_true(field_defaults(&missing_fields, &options, arena, &err));
    assert_memory_equal(&options, &zero, sizeof zero);
    assert_true(read_section(&prep_fields, conf, "churn", &options, arena, &err));
    assert_true(read_section(&missing_fields, conf, "default", &options, arena, &err));
    assert_memory_equal(&options, &zero, sizeof zero);
    assert_true(read_section(&prep_fields, conf, "preprocess", &options, arena, &err));
    assert_true(read_section(&missing_fields, conf, "missing", &options, arena, &err));
    assert_true(options.numeric == NUMERIC_UNIT && options.min_count == 3);
    assert_true(options.impute == IMPUTE_MEAN && options.missing_category == MISSING_ZEROS);
    for (int i = 0; numeric_prep_names[i]; i++) { /* searched by bare name */
        Value value = value_text(numeric_prep_names[i]);
        assert_true(field_assign(&prep_fields, "numeric", &value, &options, arena, &err));
        assert_int_equal(options.numeric, i);
    }
    assert_string_equal(numeric_prep_names[NUMERIC_QUANTILE], "quantile");
    assert_string_equal(impute_rule_names[IMPUTE_ZERO], "zero");
    assert_false(read_section(&prep_fields, conf, "typo", &options, arena, &err));
    assert_non_null(strstr(err.message, "t.yaml:5:"));
    assert_false(read_section(&prep_fields, conf, "negative", &options, arena, &err));
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
        TEST(matches_scikit_learn),
        TEST(piecewise_bins_match_numpy),
        TEST(many_levels_become_codes),
        TEST(normal_scores_match_scipy),
        TEST(training_rows_come_out_standardized),
        TEST(order_is_kept),
        TEST(other_rows_change_nothing),
        TEST(permuted_rows_give_permuted_features),
        TEST(words_become_one_hot),
        TEST(levels_are_matched_by_text),
        TEST(hostile_numbers_stay_finite),
        TEST(most_features_are_known_before),
        TEST(images_keep_their_bytes),
        TEST(says_what_cannot_be),
        TEST(reads_its_sections),
        TEST(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests_name("prep/prep", tests, NULL, NULL);
}
