/* data/read_arff: Weka's files, as they should be and as they are. */
#include "tests/data_fixture.h"

static const char pets[] =
    "% a remark\n@RELATION 'my pets'\n\n@Attribute 'body weight' REAL % kg\n"
    "@attribute\tkind {cat, 'guinea pig', \"it's\"}\n@attribute born date \"yyyy-MM-dd\"\n"
    "@attribute name string\n@attribute mood { good , bad }\n@data\n% none yet\n"
    "1.5,'guinea pig',2020-01-01,'Mi\\'tzi',bad\r\n?, cat ,\"2021-05-05\",?,good\n\n"
    "  3e1 ,\"it's\", ?, \"a, b\" , bad  \n";

static void reads_every_kind_of_column(void **state)
{
    Fixture *fixture = *state;
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.arff", pets), NULL, NULL);
    fixture_check(t);
    assert_int_equal(t->n_rows, 3);
    assert_int_equal(t->n_columns, 4);
    assert_string_equal(t->columns[0].name, "body weight");
    assert_true(column_number(&t->columns[0], 0) == 1.5 && isnan(column_number(&t->columns[0], 1)) &&
                column_number(&t->columns[0], 2) == 30);
    const Column *kind = &t->columns[1];
    assert_int_equal(kind->n_levels, 3);
    assert_string_equal(kind->levels[1], "guinea pig");
    const int32_t codes[] = {1, 0, 2};
    assert_memory_equal(kind->code, codes, sizeof codes);
    assert_int_equal(t->columns[2].kind, COLUMN_DATE);
    assert_true(t->columns[2].number[0] == 1577836800 && t->columns[2].number[1] == 1620172800);
    assert_int_equal(t->columns[2].n_missing, 1);
    assert_string_equal(t->columns[3].levels[0], "Mi'tzi");
    assert_string_equal(t->columns[3].levels[1], "a, b");
    /* Classes keep the order of the header. */
    assert_string_equal(t->classes[0], "good");
    const int32_t labels[] = {1, 0, 1};
    assert_memory_equal(t->labels, labels, sizeof labels);
    assert_string_equal(t->label_name, "mood");
}

#define HEAD "@relation r\n@attribute x numeric\n@attribute c {no,yes,maybe}\n@attribute y {p,q}\n"

static void reads_sparse_rows(void **state)
{
    Fixture *fixture = *state;
    Table *t = fixture_read(
        fixture,
        fixture_text(fixture, "a.arff", HEAD "@data\n{0 5, 1 yes}\n{ }\n{1 ? , 2 q}\n{0 ?,2 q}\n"),
        NULL, NULL);
    fixture_check(t);
    const double *x = t->columns[0].number;
    assert_true(x[0] == 5 && x[1] == 0 && x[2] == 0 && isnan(x[3]));
    const int32_t codes[] = {1, 0, -1, 0}, labels[] = {0, 0, 1, 1};
    assert_memory_equal(t->columns[1].code, codes, sizeof codes);
    assert_memory_equal(t->labels, labels, sizeof labels);
    /* Text that is not mentioned has no first value: it is missing. */
    const char *last = fixture_text(fixture, "b.arff",
                                    "@relation r\n@attribute y {p,q}\n@attribute x numeric\n"
                                    "@attribute s string\n@data\n{0 q, 1 2}\n{1 3, 2 word}\n{}\n");
    Table *words = fixture_read(fixture, last, &(ReadOptions){.label = TEXT_ONE("y")}, NULL);
    fixture_check(words);
    assert_int_equal(words->columns[1].n_missing, 2);
    assert_int_equal(words->columns[1].code[0], -1);
    assert_int_equal(words->columns[1].code[1], 0);
    assert_true(column_number(&words->columns[0], 2) == 0);
    /* The model never heard of the first declared class; rows that do not use it are fine. */
    const char *classes[] = {"p", "q"};
    Schema schema = table_schema(t);
    schema.classes = classes;
    const char *path = fixture_text(fixture, "b.arff",
                                    "@relation r\n@attribute x numeric\n@attribute c {no,yes,maybe}\n"
                                    "@attribute y {dummy,p,q}\n@data\n{2 p}\n{2 q}\n");
    t = fixture_read(fixture, path, NULL, &schema);
    const int32_t matched[] = {0, 1};
    assert_memory_equal(t->labels, matched, sizeof matched);
}

static void reads_old_habits(void **state)
{
    Fixture *fixture = *state;
    /* Blanks between cells; a class that nobody has; a name that a keyword could be. */
    Table *t = fixture_read(
        fixture, fixture_text(fixture, "a.txt", HEAD "@data\n1 no p\n2\tyes  q\n3 no p\n"), NULL,
        NULL);
    assert_int_equal(t->n_rows, 3);
    assert_true(column_number(&t->columns[0], 1) == 2);
    t = fixture_read(fixture,
                     fixture_text(fixture, "a.arff",
                                  "@relation r\n@attribute x numeric\n@attribute y {b,never,a}\n"
                                  "@data\n1,b\n2,a\n"),
                     NULL, NULL);
    assert_int_equal(t->n_classes, 2);
    assert_string_equal(t->classes[0], "b");
    assert_true(fixture_noted(t, "class `never` is declared but no row has it"));
    /* Declared kinds give way to the options. */
    const char *c[] = {"x"};
    t = fixture_read(fixture, fixture_text(fixture, "a.arff", HEAD "@data\n1,no,p\n1.0,no,q\n"),
                     &(ReadOptions){.nominal = {1, c}}, NULL);
    assert_int_equal(t->columns[0].kind, COLUMN_NOMINAL);
    assert_string_equal(t->columns[0].levels[1], "1.0");
}

static const struct {
    const char *text, *want;
} hostile[] = {
    {"@relation r\n@attribute x numeric\n", "no @data line"},
    {"@relation r\n@data\n", ":2: @data without any @attribute"},
    {"@relation r\n@attribute\n@data\n", ":2: @attribute needs a name"},
    {"@relation r\n@attribute x\n@data\n", ":2: unknown type"},
    {"@relation r\n@attribute x float32\n@data\n", ":2: unknown type; known: numeric, real"},
    {"@relation r\n@attribute x relational\n@data\n", "tables themselves are not supported"},
    {"@relation r\n@attribute x {a,b\n@data\n", ":2: a list of values must"},
    {"@relation r\n@attribute x {'a b,c}\n@data\n", ":2: a quote is opened and not closed"},
    {"@relation r\n@attribute x {'a'b}\n@data\n", ":2: a list of values must"},
    {"@relation r\nattribute x numeric\n", ":2: expected @relation, @attribute or @data"},
    {HEAD "@data\n", "no rows"},
    {HEAD "@data\n1,no\n", ":6: 2 values, expected 3"},
    {HEAD "@data\n1,no,p\n1,no,p,p\n", ":7: 4 values, expected 3"},
    {HEAD "@data\n1,nope,p\n", ":6: `nope` is not one of the values declared for `c`"},
    {HEAD "@data\n1,'no,p\n", ":6: a quote is opened and not closed"},
    {HEAD "@data\n1,'no' x,p\n", ":6: text after a closing quote"},
    {HEAD "@data\none,no,p\n", ":6: column `x`: `one` is not a number"},
    {HEAD "@data\n{0 1\n", ":6: a sparse row must end with }"},
    {HEAD "@data\n{3 1}\n", ":6: sparse index `3` is not in 0..2"},
    {HEAD "@data\n{-1 1}\n", "sparse index `-1` is not in 0..2"},
    {HEAD "@data\n{x 1}\n", "sparse index `x` is not in 0..2"},
    {HEAD "@data\n{1 no, 1 no}\n", ":6: sparse index 1 is out of order"},
    {HEAD "@data\n{0 1} x\n", ":6: text after a sparse row"},
    {HEAD "@data\n{0 1, 2 r}\n", "`r` is not one of the values declared for `y`"},
    {HEAD "@data\n1,no,p\n2,no,p\n", "`y` has only one class"},
    {"@relation r\n@attribute y {p,q}\n@data\np\nq\n", "no column is left to learn from"},
};

static void refuses_with_place_and_cure(void **state)
{
    Fixture *fixture = *state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        fixture_refuses(fixture, fixture_text(fixture, "a.arff", hostile[i].text), NULL, NULL,
                        ERR_DATA, hostile[i].want);
}

/* A few kilobytes that ask for a table of hundreds of gigabytes. */
static void refuses_a_bomb(void **state)
{
    Fixture *fixture = *state;
    enum { N = 20000 };
    char *text = malloc(N * 40), *at = text;
    assert_non_null(text);
    at += sprintf(at, "@relation r\n");
    for (int i = 0; i < N; i++) at += sprintf(at, "@attribute a%d numeric\n", i);
    at += sprintf(at, "@data\n");
    for (int i = 0; i < N; i++) at += sprintf(at, "{}\n");
    fixture_refuses(fixture, fixture_text(fixture, "a.arff", text), NULL, NULL, ERR_DATA,
                    "20000 rows of 20000 columns are too large");
    free(text);
}

static void survives_battering(void **state)
{
    fixture_batter(*state, "c.arff", pets, sizeof pets - 1, 1, 500);
    static const char sparse[] = HEAD "@data\n{0 5, 1 yes}\n{}\n{1 ?, 2 q}\n{0 1}\n{2 q}\n";
    fixture_batter(*state, "c.arff", sparse, sizeof sparse - 1, 1, 500);
}

static void survives_without_memory(void **state)
{
    Fixture *fixture = *state;
    DataFile file = {.images = fixture_text(fixture, "a.arff", HEAD "@data\n1,no,p\n2,no,q\n")};
    fixture_starve(fixture, &file, &(ReadOptions){0}, NULL);
}

static void reads_the_benchmark_tables(void **state)
{
    static const Golden golden[] = {
        {"credit-g.arff", 1000, 7, 13, 2, 0, 3336087, 149773662.30864701},
        {"hypothyroid.arff", 3772, 7, 22, 4, 6064, 979540.37900000438, 275156.40898715123},
        {"letter.arff", 20000, 16, 0, 26, 0, 1896149, 8064.8824723883909},
        {"mushroom.arff", 8124, 0, 22, 2, 2480, 0, 24227.710252423163},
        {"nursery.arff", 12960, 0, 8, 5, 0, 0, 73306.498957105461},
        {"segment.arff", 2310, 19, 0, 7, 0, 1081148.6959823451, 543560.36962826049},
        {"sick.arff", 3772, 7, 22, 2, 6064, 979540.37900000438, 274252.52387102443},
        {"soybean.arff", 683, 0, 35, 19, 2337, 0, 160481.1403625643},
        {"spambase.arff", 4601, 57, 0, 2, 0, 1613082.5380000842, 5970391.6338091874},
        {"splice.arff", 3190, 0, 61, 3, 0, 0, 48570.443560704203},
        {"tic-tac-toe.arff", 958, 0, 9, 2, 0, 0, 14135.930385335321},
        {"vehicle.arff", 846, 18, 0, 4, 0, 1791345, 3361439.4201497072},
    };
    Fixture *fixture = *state;
    char path[512], name[64];
    if (!fixture_data("tabular/letter.arff", path, sizeof path)) skip();
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        snprintf(name, sizeof name, "tabular/%s", golden[i].name);
        assert_true(fixture_data(name, path, sizeof path));
        arena_reset(fixture->arena);
        Table *table = fixture_read(fixture, path, NULL, NULL);
        fixture_golden(table, &golden[i]);
        Schema schema = table_schema(table);
        Table *again = fixture_read(fixture, path, NULL, &schema);
        assert_string_equal(again->fingerprint, table->fingerprint);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(reads_every_kind_of_column),
        TEST(reads_sparse_rows),
        TEST(reads_old_habits),
        TEST(refuses_with_place_and_cure),
        TEST(refuses_a_bomb),
        TEST(survives_battering),
        TEST(survives_without_memory),
        TEST(reads_the_benchmark_tables),
    };
    return cmocka_run_group_tests_name("data/read_arff", tests, fixture_open, fixture_close);
}
