/* prep/texts: against a second implementation with scikit-learn's weights, encoded rows, and any bytes at all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "prep/prep.h"
#include "golden/texts.h"

static Table texts(Arena *arena, int n_rows)
{
    Column *columns = ARENA_NEW(arena, Column, 3);
    int32_t *code = ARENA_NEW(arena, int32_t, n_rows), *labels = ARENA_NEW(arena, int32_t, n_rows);
    double *number = ARENA_NEW(arena, double, n_rows);
    static const char *classes[] = {"a", "b"};
    for (int i = 0; i < n_rows; i++) {
        code[i] = i % GOLDEN_TEXTS, labels[i] = i % 2, number[i] = i;
        if (i % 11 == 7) code[i] = -1;
    }
    columns[0] = (Column){.name = "t", .kind = COLUMN_FREE_TEXT, .code = code, .n_levels = GOLDEN_TEXTS,
                          .levels = (const char **)golden_text};
    columns[1] = (Column){.name = "x", .kind = COLUMN_NUMERIC, .number = number};
    columns[2] = columns[0];
    columns[2].name = "u";
    return (Table){.n_rows = n_rows, .n_columns = 3, .columns = columns, .labels = labels, .n_classes = 2,
                   .classes = classes};
}

static void agrees_with_the_second_implementation(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    int32_t code[GOLDEN_TEXTS];
    for (int i = 0; i < GOLDEN_TEXTS; i++) code[i] = i;
    Column cells = {.kind = COLUMN_FREE_TEXT, .code = code, .n_levels = GOLDEN_TEXTS, .levels = (const char **)golden_text};
    for (size_t g = 0; g < sizeof golden_rows / sizeof *golden_rows; g++) {
        TextPrep prep = {.n_buckets = golden_rows[g].n_buckets};
        prep.ngrams = (TextNgrams)names_find(text_ngram_names, golden_rows[g].ngrams);
        prep.weight = (TextWeight)names_find(text_weight_names, golden_rows[g].weight);
        TextCoder coder;
        assert_true(text_fit(&cells, NULL, GOLDEN_TRAIN, golden_rows[g].least, arena, &prep));
        assert_int_equal(prep.n, golden_rows[g].n_features);
        assert_true(text_coder(&prep, arena, &coder));
        int32_t *feature = ARENA_NEW(arena, int32_t, prep.n);
        float *value = ARENA_NEW(arena, float, prep.n);
        for (int i = 0; i < GOLDEN_TEXTS; i++) {
            double sum = 0;
            int n = text_encode(&coder, golden_text[i], feature, value);
            for (int k = 0; k < n; k++) sum += (double)value[k] * (feature[k] + 1);
            double first = n ? (double)value[0] : 0;
            if (!(fabs(sum - golden_rows[g].sum[i]) <= 1e-6 * (1 + prep.n)) ||
                !(fabs(first - golden_rows[g].first[i]) <= 1e-6))
                fail_msg("%s %s, text %d: %.9g and %.9g, wanted %.9g and %.9g", golden_rows[g].ngrams,
                         golden_rows[g].weight, i, sum, first, golden_rows[g].sum[i], golden_rows[g].first[i]);
        }
    }
    arena_destroy(arena);
}

static void last_hash(void *context, uint32_t hash)
{
    *(uint32_t *)context = hash;
}

static void takes_small_letters_as_python_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden_small / sizeof *golden_small; i++) {
        uint32_t large = 0, small = 0;
        text_grams(golden_small[i].letter, TEXT_WORDS, last_hash, &large);
        text_grams(golden_small[i].small, TEXT_WORDS, last_hash, &small);
        if (large != small || !large) fail_msg("%s is not %s", golden_small[i].letter, golden_small[i].small);
        if (strcmp(golden_small[i].letter, golden_small[i].small) != 0) continue;
        for (size_t k = 0; k < sizeof golden_small / sizeof *golden_small; k++) { /* and no other one is taken for it */
            if (strcmp(golden_small[k].small, golden_small[i].letter) == 0) continue;
            text_grams(golden_small[k].letter, TEXT_WORDS, last_hash, &large);
            if (large == small) fail_msg("%s is %s", golden_small[k].letter, golden_small[i].letter);
        }
    }
}

/* Any bytes: no n-gram more than was promised, none beyond the end; capitals change nothing. */
static void one_more(void *context, uint32_t hash)
{
    *(double *)context += 1 + 0 * hash;
}

static void survives_any_bytes(void **state)
{
    (void)state;
    Rng rng = rng_stream(8, 0, RNG_TEST);
    for (int round = 0; round < 20000; round++) {
        size_t n = rng_below(&rng, 30);
        char *text = malloc(n + 1);
        assert_non_null(text);
        for (size_t i = 0; i < n; i++) text[i] = (char)(1 + rng_below(&rng, round % 2 ? 255 : 127));
        text[n] = '\0';
        const char *level[] = {text};
        int32_t code[] = {0};
        Column cells = {.kind = COLUMN_FREE_TEXT, .code = code, .n_levels = 1, .levels = level};
        for (int kind = TEXT_WORDS; kind <= TEXT_BOTH; kind++) {
            double count = 0;
            text_grams(text, (TextNgrams)kind, one_more, &count);
            assert_true(count <= text_grams_most(&cells, 1, (TextNgrams)kind));
        }
        free(text);
    }
}

/* Sparse rows are what they are, gathered in any order, beside numbers, and no more features than prep_most says. */
static void rows_are_gathered(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Error err;
    Table table = texts(arena, 200);
    PrepOptions options = {.text_features = 300, .text_ngrams = TEXT_BOTH, .text_weight = TEXT_TFIDF};
    Prep *prep, *most;
    Rows *rows;
    if (!prep_fit(&options, &table, NULL, 120, arena, &prep, &err) ||
        !prep_apply(prep, &table, NULL, table.n_rows, arena, &rows, &err) ||
        !prep_most(&options, &table, arena, &most, &err))
        fail_msg("%s", err.message);
    assert_true(prep->n_features <= most->n_features);
    assert_int_equal(rows->n_texts, 2);
    assert_int_equal(rows->n_plain, 1);
    assert_false(rows_in_place(rows));
    const int d = prep->n_features, ld = d + 5;
    float *x = ARENA_NEW(arena, float, ld), *one = ARENA_NEW(arena, float, d);
    TextCoder coder;
    assert_true(text_coder(&prep->columns[2].text, arena, &coder));
    int32_t *feature = ARENA_NEW(arena, int32_t, d);
    float *value = ARENA_NEW(arena, float, d);
    for (int i = table.n_rows - 1; i >= 0; i--) {
        const int32_t index[] = {i};
        rows_gather(rows, index, 0, 1, NULL, NULL, NULL, x, ld);
        memset(one, 0, (size_t)d * sizeof *one);
        int code = table.columns[2].code[i], n = text_encode(&coder, code < 0 ? NULL : golden_text[code], feature, value);
        for (int k = 0; k < n; k++) one[prep->columns[2].out + feature[k]] = value[k];
        assert_memory_equal(x + prep->columns[2].out, one + prep->columns[2].out,
                            (size_t)prep->columns[2].n_out * sizeof *x);
        assert_memory_equal(x, x + prep->columns[2].out, (size_t)prep->columns[0].n_out * sizeof *x);
        int zeros = 0;
        double square = 0;
        for (int f = 0; f < d; f++) zeros += x[f] == 0;
        for (int k = 0; k < n; k++) square += (double)value[k] * value[k];
        for (int f = d; f < ld; f++) assert_true(x[f] == 0);
        assert_int_equal(rows_zeros(rows, i), zeros);
        if (n) assert_true(fabs(square - 1) < 1e-6);
    }
    /* Noise is for numbers: what is not in a text stays out of it. */
    Augment noise = {.noise = 0.5};
    Rng rng = rng_stream(1, 0, RNG_TEST);
    rows_gather(rows, NULL, 3, 1, NULL, NULL, NULL, one, d);
    rows_gather(rows, NULL, 3, 1, &noise, &rng, NULL, x, d);
    for (int f = 0; f < d; f++) assert_int_equal(x[f] == one[f], f != prep->columns[1].out);
    arena_destroy(arena);
}

/* Every allocation that fails is said. */
static void survives_without_memory(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table table = texts(arena, 60);
    PrepOptions options = {.text_features = 50};
    bool done = false;
    for (int n = 0; !done; n++) {
        Error err = {0};
        Prep *prep = NULL;
        Rows *rows = NULL;
        Arena *few = arena_create(0);
        arena_fail_after(few, n);
        done = prep_fit(&options, &table, NULL, 60, few, &prep, &err) &&
               prep_apply(prep, &table, NULL, 60, few, &rows, &err);
        arena_fail_after(few, -1);
        if (!done) assert_int_equal(err.code, ERR_MEMORY);
        arena_destroy(few);
        assert_true(n < 200);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_second_implementation),
        cmocka_unit_test(takes_small_letters_as_python_does),
        cmocka_unit_test(survives_any_bytes),
        cmocka_unit_test(rows_are_gathered),
        cmocka_unit_test(survives_without_memory),
    };
    return cmocka_run_group_tests_name("prep/texts", tests, NULL, NULL);
}
