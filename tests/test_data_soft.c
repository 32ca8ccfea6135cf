/* Columns of a teacher: found in each of their forms, no features, in the order of the classes; refused where wrong. */
#include "tests/data_fixture.h"

#include "base/conf.h"

static Arena *said; /* outlives the fixture's */

static ReadOptions saying(const char *soft_labels)
{
    ReadOptions options = {0};
    ConfNode *node;
    Error err;
    if (!conf_read_value("soft_labels", soft_labels, said, &node, &err)) fail_msg("%s", err.message);
    options.soft_labels = node;
    return options;
}

static const char rows[] =
    "a,p_no,p_yes,y\n"
    "1,.25,0.75,yes\n"
    "2,0.9,0.1004,no\n" /* nearly 1: made so */
    "3,,,yes\n"
    "4,1,0,no\n"
    "5,.5,.5,?\n";

static void check_soft(const Table *t)
{
    assert_int_equal(t->n_columns, 1);
    assert_int_equal(t->n_rows, 4);
    assert_non_null(t->soft);
    assert_true(t->soft[0] == 0.25 && t->soft[1] == 0.75);
    assert_true(fabs(t->soft[2] - 0.9 / 1.0004) < 1e-15 && fabs(t->soft[2] + t->soft[3] - 1) < 1e-15);
    assert_true(isnan(t->soft[4]) && isnan(t->soft[5]) && t->soft[6] == 1 && t->soft[7] == 0);
    assert_true(fixture_noted(t, "data.soft_labels: 1 of 4 rows have no teacher's word"));
}

static void finds_the_columns(void **state)
{
    static const char *const forms[] = {"{yes: p_yes, no: p_no}", "[p_no, p_yes]", "{prefix: p_}", "[2, 3]"};
    Fixture *fixture = *state;
    const char *path = fixture_text(fixture, "t.csv", rows);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        ReadOptions options = saying(forms[i]);
        Table *t = fixture_read(fixture, path, &options, NULL);
        fixture_check(t);
        check_soft(t);
        /* Some of the rows, and rows that a model reads. */
        const int32_t pick[2] = {3, 0};
        Table *part;
        Error err;
        assert_true(table_rows(t, pick, 2, fixture->arena, &part, &err));
        assert_true(part->soft[0] == 1 && part->soft[3] == 0.75);
        assert_string_not_equal(part->fingerprint, t->fingerprint);
        Schema schema = table_schema(t);
        const char *bare = fixture_text(fixture, "bare.csv", "a,y\n1,yes\n2,no\n");
        part = fixture_read(fixture, bare, &options, &schema);
        assert_null(part->soft);
        assert_int_equal(part->n_rows, 2);
        part = fixture_read(fixture, path, &options, &schema);
        assert_null(part->soft);
        assert_int_equal(part->n_columns, 1);
    }
}

static void other_words_are_other_data(void **state)
{
    Fixture *fixture = *state;
    ReadOptions options = saying("{prefix: p_}");
    Table *one = fixture_read(fixture, fixture_text(fixture, "a.csv", "a,p_n,p_y,y\n1,.5,.5,n\n2,.5,.5,y\n"), &options, NULL);
    Table *two = fixture_read(fixture, fixture_text(fixture, "b.csv", "a,p_n,p_y,y\n1,.5,.5,n\n2,.4,.6,y\n"), &options, NULL);
    assert_string_not_equal(one->fingerprint, two->fingerprint);
}

static void takes_numbers(void **state)
{
    Fixture *fixture = *state;
    ReadOptions options = saying("v");
    const char *path = fixture_text(fixture, "n.csv", "a,v,y\n1,10.5,11.25\n2,,12.5\n3,-7,13.75\n");
    options.task = 1 + TASK_NUMBERS;
    Table *t = fixture_read(fixture, path, &options, NULL);
    assert_int_equal(t->n_columns, 1);
    assert_true(t->soft[0] == 10.5 && isnan(t->soft[1]) && t->soft[2] == -7);
    ReadOptions two = saying("{w: q, y: v}");
    two.task = 1 + TASK_NUMBERS;
    two.label = (TextList){2, (const char *[]){"y", "w"}};
    path = fixture_text(fixture, "m.csv", "a,v,q,y,w\n1,10.5,1,11.25,2\n2,9,,12.5,3\n");
    t = fixture_read(fixture, path, &two, NULL);
    assert_true(t->soft[0] == 10.5 && t->soft[1] == 1 && t->soft[2] == 9 && isnan(t->soft[3]));
    two.task = 1 + TASK_LABELS;
    path = fixture_text(fixture, "l.csv", "a,v,q,y,w\n1,.5,1,1,0\n2,.9,0,0,1\n");
    t = fixture_read(fixture, path, &two, NULL);
    assert_true(t->soft[0] == 0.5 && t->soft[1] == 1);
    path = fixture_text(fixture, "l.csv", "a,v,q,y,w\n1,.5,1.5,1,0\n2,.9,0,0,1\n");
    fixture_refuses(fixture, path, &two, NULL, ERR_DATA, "row 1: `q` is more than 1");
    options.quantiles = (TextList){1, (const char *[]){"0.5"}};
    path = fixture_text(fixture, "n.csv", "a,v,y\n1,10.5,11.25\n2,,12.5\n3,-7,13.75\n");
    fixture_refuses(fixture, path, &options, NULL, ERR_CONFIG, "a teacher's number is no quantile");
}

static void refuses_what_cannot_be(void **state)
{
    Fixture *fixture = *state;
    static const char *const wrong[][2] = {
        {"true", "data.soft_labels takes a map from classes to columns"},
        {"{}", "data.soft_labels takes"},
        {"[]", "data.soft_labels takes"},
        {"[p_no, [p_yes]]", "a column is a name or a place, not a list"},
        {"[p_no, \"\"]", "a column is a name or a place, not nothing"},
        {"{no: p_no, yes: p_yse}", "has no column `p_yse`; did you mean `p_yes`?"},
        {"{no: p_no, yse: p_yes}", "data.soft_labels: `yse` is no class; did you mean `yes`?"},
        {"{no: p_no}", "data.soft_labels has no column for class `yes`"},
        {"[p_no]", "data.soft_labels names 1 column for 2 classes"},
        {"p_no", "data.soft_labels names 1 column for 2 classes"},
        {"[p_no, p_no]", "names `p_no`, which is named twice"},
        {"[p_no, y]", "names `y`, which is the label"},
        {"{prefix: q_}", "no column of"},
        {"{prefix: p_n}", "column `p_no` begins with `p_n`, but `o` is no class"},
    };
    const char *path = fixture_text(fixture, "t.csv", rows);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ReadOptions options = saying(wrong[i][0]);
        fixture_refuses(fixture, path, &options, NULL, ERR_CONFIG, wrong[i][1]);
    }
    ReadOptions weighed = saying("[p_no, p_yes]");
    weighed.weight = "p_no";
    fixture_refuses(fixture, path, &weighed, NULL, ERR_CONFIG, "names `p_no`, which is another of groups");
    ReadOptions none = saying("[p_no, p_yes]");
    none.label = (TextList){1, (const char *[]){"none"}};
    fixture_refuses(fixture, path, &none, NULL, ERR_CONFIG, "there is no label of which a teacher could speak");
}

static void refuses_what_no_teacher_says(void **state)
{
    Fixture *fixture = *state;
    static const char *const wrong[][2] = {
        {".3,.69", "row 2: the probabilities `p_no` ... `p_yes` add up to 0.99, not to 1"},
        {"-0.1,1.1", "row 2: `p_no` is less than 0"},
        {"0,1.2", "row 2: `p_yes` is more than 1"},
        {",1", "row 2: `p_no` is missing or infinite, and others of the row are not"},
        {"inf,1", "row 2: `p_no` is missing or infinite"},
        {"0,nan", "row 2: `p_yes` is missing or infinite"},
        {"1e400,1", "row 2: `p_no` is missing or infinite"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[200];
        ReadOptions options = saying("{prefix: p_}");
        snprintf(text, sizeof text, "a,p_no,p_yes,y\n1,.25,0.75,yes\n2,%s,no\n", wrong[i][0]);
        const char *path = fixture_text(fixture, "w.csv", text);
        options.missing_tokens = (TextList){2, (const char *[]){"", "nan"}};
        fixture_refuses(fixture, path, &options, NULL, ERR_DATA, wrong[i][1]);
    }
    ReadOptions options = saying("{prefix: p_}");
    const char *path = fixture_text(fixture, "w.csv", "a,p_no,p_yes,y\n1,,,yes\n2,,,no\n");
    fixture_refuses(fixture, path, &options, NULL, ERR_DATA, "all cells of `p_no` are missing: there is no teacher");
}

static void survives_without_memory(void **state)
{
    Fixture *fixture = *state;
    DataFile file = {.images = fixture_text(fixture, "t.csv", rows)};
    ReadOptions options = saying("{prefix: p_}");
    fixture_starve(fixture, &file, &options, NULL);
}

#define TEST(test) cmocka_unit_test_setup(test, fixture_reset)

int main(void)
{
    said = arena_create(0);
    const struct CMUnitTest tests[] = {
        TEST(finds_the_columns),      TEST(other_words_are_other_data),   TEST(takes_numbers),
        TEST(refuses_what_cannot_be), TEST(refuses_what_no_teacher_says), TEST(survives_without_memory),
    };
    int failed = cmocka_run_group_tests_name("data/soft", tests, fixture_open, fixture_close);
    arena_destroy(said);
    return failed;
}
