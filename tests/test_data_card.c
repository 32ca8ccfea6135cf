/* data/card: what it counts and what it warns of. */
#include "tests/data_fixture.h"

#include "data/card.h"

static Doc *card_of(const Table *table, const Table *test)
{
    Doc *card = card_make(table, test);
    assert_non_null(card);
    Text text = {0};
    assert_true(doc_print(card, 0, &text)); /* nothing was lost on the way */
    text_free(&text);
    return card;
}

static double number(const Doc *doc, const char *key)
{
    return doc_to_number(doc_get(doc, key), -1);
}

static int warnings_of(const Doc *card, const char *want)
{
    const Doc *list = doc_get(card, "warnings");
    int n = 0;
    for (size_t i = 0; i < doc_count(list); i++)
        n += strstr(doc_to_text(doc_at(list, i), ""), want) != NULL;
    return n;
}

/* N rows with a numeric and a nominal column of no use in guessing the class, and one more column
 * that `extra` writes. */
typedef int Extra(char *out, int row, int label);

static Table *make(Fixture *fixture, const char *name, int n, int seed, Extra *extra,
                   const ReadOptions *options)
{
    char *text = malloc((size_t)n * 64 + 64), *at = text;
    assert_non_null(text);
    Rng rng = rng_stream((uint64_t)seed, 0, RNG_TEST);
    at += sprintf(at, "x,town,extra,class\n");
    for (int i = 0; i < n; i++) {
        int label = (int)rng_below(&rng, 3) == 0;
        at += sprintf(at, "%.6f,%c,", rng_uniform(&rng), "pqrs"[rng_below(&rng, 4)]);
        at += extra(at, i, label);
        at += sprintf(at, ",%s\n", label ? "sick" : "well");
    }
    Table *table = fixture_read(fixture, fixture_text(fixture, name, text), options, NULL);
    free(text);
    return table;
}

static int harmless(char *out, int row, int label)
{
    return sprintf(out, "%d", (row * 7 + label * 3) % 11);
}
static int tells_in_words(char *out, int row, int label)
{
    return sprintf(out, "%c%d", label ? 'k' : 'w', row % 5);
}
static int tells_in_numbers(char *out, int row, int label)
{
    return sprintf(out, "%.3f", row % 13 + (label ? 100.0 : 50.0));
}
static int tells_but_twice(char *out, int row, int label)
{
    return row == 7 || row == 77 ? sprintf(out, "odd%d", row) : sprintf(out, "%c", label ? 'k' : 'w');
}
static int tells_mostly(char *out, int row, int label)
{
    return sprintf(out, "%d", row % 50 == 0 ? !label : label);
}
static int row_number(char *out, int row, int label)
{
    (void)label;
    return sprintf(out, "%d", 1000 + row);
}
static int name_of_row(char *out, int row, int label)
{
    (void)label;
    return sprintf(out, "u%d", row);
}
static int always_seven(char *out, int row, int label)
{
    (void)row, (void)label;
    return sprintf(out, "7");
}
static int nothing(char *out, int row, int label)
{
    (void)out, (void)row, (void)label;
    return 0;
}
static int rarely(char *out, int row, int label)
{
    (void)label;
    return row % 4 ? 0 : sprintf(out, "%d", row);
}

static void counts_rows_columns_classes(void **state)
{
    Fixture *fixture = *state;
    const char *text = "x,town,class\n1,Ulm,a\n2,Rom,b\n?,Ulm,a\n6,?,a\n6,Ulm,b\n";
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", text), NULL, NULL);
    Doc *card = card_of(t, NULL);
    assert_true(number(card, "rows") == 5);
    assert_true(number(card, "columns") == 2);
    assert_true(number(card, "classes") == 2);
    assert_string_equal(doc_to_text(doc_get(card, "label"), ""), "class");
    assert_string_equal(doc_to_text(doc_get(card, "fingerprint"), ""), t->fingerprint);
    assert_int_equal(doc_kind(doc_get(card, "image")), DOC_NULL);
    const Doc *a = doc_at(doc_get(card, "class_balance"), 0);
    assert_string_equal(doc_to_text(doc_get(a, "class"), ""), "a");
    assert_true(number(a, "rows") == 3 && number(a, "share") == 0.6);
    const Doc *x = doc_at(doc_get(card, "features"), 0), *town = doc_at(doc_get(card, "features"), 1);
    assert_string_equal(doc_to_text(doc_get(x, "type"), ""), "numeric");
    assert_true(number(x, "missing") == 1 && number(x, "missing_share") == 0.2);
    assert_true(number(x, "min") == 1 && number(x, "max") == 6 && number(x, "median") == 4);
    assert_true(number(x, "mean") == 3.75 && number(x, "distinct") == 3);
    assert_true(fabs(number(x, "sd") - 2.277608394786075) < 1e-12); /* numpy.std */
    assert_string_equal(doc_to_text(doc_get(town, "name"), ""), "town");
    assert_true(number(town, "levels") == 2);
    const Doc *top = doc_at(doc_get(town, "top"), 0);
    assert_string_equal(doc_to_text(doc_get(top, "value"), ""), "Ulm");
    assert_true(number(top, "rows") == 3);
    assert_int_equal(warnings_of(card, "only 5 rows"), 1);
    doc_free(card);
}

static void has_nothing_to_say_about_sound_data(void **state)
{
    Doc *card = card_of(make(*state, "a.csv", 300, 1, harmless, NULL), NULL);
    if (doc_count(doc_get(card, "warnings")))
        fail_msg("%s", doc_to_text(doc_at(doc_get(card, "warnings"), 0), ""));
    assert_true(number(card, "duplicates") == 0);
    assert_int_equal(doc_kind(doc_get(card, "train_test_overlap")), DOC_NULL);
    doc_free(card);
}

static void warns_of_traps(void **state)
{
    static const struct {
        Extra *extra;
        const char *want; /* the only warning; NULL: none */
        int rows;         /* 0: 300 */
    } cases[] = {
        {tells_but_twice, "column `extra` alone gives the class away (99.9", 2000},
        {tells_in_words, "column `extra` alone gives the class away", 0},
        {tells_in_numbers, "column `extra` alone gives the class away", 0},
        {tells_mostly, NULL, 0},
        {row_number, "column `extra` counts the rows", 0},
        {name_of_row, "column `extra` is an identifier: 300 different values in 300 rows", 0},
        {always_seven, "column `extra` is constant", 0},
        {nothing, "column `extra` is entirely missing", 0},
        {rarely, "column `extra` is missing in 75 % of the rows", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int rows = cases[i].rows ? cases[i].rows : 300;
        Doc *card = card_of(make(*state, "a.csv", rows, 1, cases[i].extra, NULL), NULL);
        const Doc *list = doc_get(card, "warnings");
        if (doc_count(list) != (cases[i].want ? 1 : 0) ||
            (cases[i].want && !warnings_of(card, cases[i].want)))
            fail_msg("case %zu: %zu warnings, first %s", i, doc_count(list),
                     doc_to_text(doc_at(list, 0), "none"));
        doc_free(card);
    }
    const char *extra[] = {"extra"};
    ReadOptions nominal = {.nominal = {1, extra}};
    Doc *card = card_of(make(*state, "a.csv", 300, 1, always_seven, &nominal), NULL);
    assert_int_equal(warnings_of(card, "is constant"), 1);
    doc_free(card);
}

static void warns_of_small_and_unequal_classes(void **state)
{
    Fixture *fixture = *state;
    char text[8000], *at = text;
    at += sprintf(at, "x,class\n");
    for (int i = 0; i < 100; i++) at += sprintf(at, "%d,common\n", i * i % 101);
    for (int i = 0; i < 9; i++) at += sprintf(at, "%d,rare\n", i * 31 % 101);
    Doc *card =
        card_of(fixture_read(fixture, fixture_text(fixture, "a.csv", text), NULL, NULL), NULL);
    assert_int_equal(warnings_of(card, "class `rare` has only 9 rows"), 1);
    assert_int_equal(warnings_of(card, "imbalanced: class `common` has 91.7 % of the rows"), 1);
    doc_free(card);
}

static void finds_rows_that_come_twice(void **state)
{
    Fixture *fixture = *state;
    Table *train = fixture_read(
        fixture,
        fixture_text(fixture, "a.csv",
                     "x,town,class\n1,Ulm,a\n2,Rom,b\n1,Ulm,a\n1,Ulm,a\n?,Ulm,a\n?,Ulm,b\n0,Rom,a\n"),
        NULL, NULL);
    Schema schema = table_schema(train);
    /* Other order of levels, -0 for 0, and a new town. */
    Table *test = fixture_read(fixture,
                               fixture_text(fixture, "b.csv",
                                            "town,x,class\nRom,2,a\nBonn,1,a\nRom,-0,b\nUlm,7,a\n"),
                               NULL, &schema);
    Doc *card = card_of(train, test);
    assert_true(number(card, "duplicates") == 2);
    assert_true(number(card, "conflicts") == 2);
    assert_true(number(card, "train_test_overlap") == 2);
    assert_int_equal(warnings_of(card, "2 of 7 rows repeat an earlier row"), 1);
    assert_int_equal(warnings_of(card, "2 rows have the same features as a row of another"), 1);
    assert_int_equal(warnings_of(card, "2 of 4 test rows (50.0 %)"), 1);
    doc_free(card);
    /* Levels are compared by their text: here Rom has another number than in `train`. */
    test = fixture_read(
        fixture, fixture_text(fixture, "b.csv", "x,town,class\n2,Rom,a\n9,Rom,b\n7,Ulm,b\n"), NULL,
        NULL);
    card = card_of(train, test);
    assert_true(number(card, "train_test_overlap") == 1);
    doc_free(card);
}

static void describes_images(void **state)
{
    Fixture *fixture = *state;
    Table *t, *twice, *test;
    Error err = {0};
    assert_true(table_synth_digits(100, 1, 0, 1, fixture->arena, &t, &err));
    assert_true(table_synth_digits(100, 1, 1, 1, fixture->arena, &test, &err));
    Doc *card = card_of(t, test);
    assert_true(number(doc_get(card, "image"), "width") == 28);
    assert_true(number(card, "duplicates") == 0 && number(card, "train_test_overlap") == 0);
    assert_int_equal(doc_count(doc_get(card, "features")), 0);
    assert_int_equal(doc_count(doc_get(card, "warnings")), 0);
    doc_free(card);
    int32_t rows[101];
    for (int i = 0; i < 101; i++) rows[i] = i % 100;
    assert_true(table_rows(t, rows, 101, fixture->arena, &twice, &err));
    card = card_of(twice, t);
    assert_true(number(card, "duplicates") == 1 && number(card, "train_test_overlap") == 100);
    doc_free(card);
}

static void needs_no_labels(void **state)
{
    Fixture *fixture = *state;
    const char *path = fixture_text(fixture, "a.csv", "x,y\n1,2\n3,4\n1,2\n");
    Doc *card = card_of(fixture_read(fixture, path, &(ReadOptions){.label = TEXT_ONE("none")}, NULL), NULL);
    assert_int_equal(doc_kind(doc_get(card, "label")), DOC_NULL);
    assert_int_equal(doc_count(doc_get(card, "class_balance")), 0);
    assert_true(number(card, "duplicates") == 1);
    doc_free(card);
}

static void knows_the_benchmark_tables(void **state)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        {"tabular/splice.arff", "`Instance_name` is an identifier: 3178 different"},
        {"tabular/nursery.arff", "class `recommend` has only 2 rows"},
        {"tabular/hypothyroid.arff", "class `secondary_hypothyroid` has only 2 rows"},
        {"tabular/hypothyroid.arff", "column `TBG` is entirely missing"},
        {"tabular/hypothyroid.arff", "imbalanced: class `negative` has 92.3 %"},
        {"tabular/segment.arff", "column `region-pixel-count` is constant"},
        {"tabular/mushroom.arff", "column `veil-type` is constant"},
    };
    Fixture *fixture = *state;
    char path[512];
    if (!fixture_data(cases[0].name, path, sizeof path)) skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(fixture_data(cases[i].name, path, sizeof path));
        Doc *card = card_of(fixture_read(fixture, path, NULL, NULL), NULL);
        if (warnings_of(card, cases[i].want) != 1) fail_msg("%s: %s", path, cases[i].want);
        assert_int_equal(warnings_of(card, "gives the class away"), 0);
        doc_free(card);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(counts_rows_columns_classes),
        TEST(has_nothing_to_say_about_sound_data),
        TEST(warns_of_traps),
        TEST(warns_of_small_and_unequal_classes),
        TEST(finds_rows_that_come_twice),
        TEST(describes_images),
        TEST(needs_no_labels),
        TEST(knows_the_benchmark_tables),
    };
    return cmocka_run_group_tests_name("data/card", tests, fixture_open, fixture_close);
}
