/* What columns become: dates, times and texts that are found, and what data.columns says. */
#include "tests/data_fixture.h"

#include "base/conf.h"

static Arena *said; /* outlives the fixture's */

/* data.columns as it would stand in a configuration. */
static ReadOptions saying(Fixture *fixture, const char *columns)
{
    ReadOptions options = {0};
    ConfNode *node;
    Error err;
    (void)fixture;
    if (!conf_read_value("columns", columns, said, &node, &err)) fail_msg("%s", err.message);
    options.columns = node;
    return options;
}

static const char dates[] =
    "iso,us,open,dots,clock,mixed,y\n"
    "2020-01-02 10:00,1/31/2020,1/2/2020,31.12.1999,9:30,2020-01-01,p\n"
    "2020-02-03T11:30:05.5Z,1/30/2020,1/3/2020,1.1.2000,11:30 PM,1.2.2020,q\n"
    ",12/30/2020,1/4/2020,02.02.2002,12:30,2020-01-03,p\n"
    "2021-02-03,2/3/2021,1/5/2020,3.3.2003,1:30 AM,2020-01-04,q\n"
    "0000-00-00,2/3/2021,1/6/2020,3.3.2003,0:30,2020-01-04,q\n";

static void finds_dates(void **state)
{
    Fixture *fixture = *state;
    Table *t = fixture_read(fixture, fixture_text(fixture, "d.csv", dates), NULL, NULL);
    fixture_check(t);
    for (int c = 0; c < 5; c++) assert_int_equal(t->columns[c].kind, COLUMN_DATE);
    assert_int_equal(t->columns[5].kind, COLUMN_NOMINAL);
    assert_true(t->columns[0].number[0] == 1577959200 && t->columns[0].number[1] == 1580729405.5);
    assert_int_equal(t->columns[0].n_missing, 2);
    /* As its neighbour: the month first. */
    assert_true(t->columns[2].number[0] == 1577923200);
    assert_true(fixture_noted(t, "column `open`: `1/2/2020` and the like do not say which is the month; it was read"
                                 " as column `us`, the month first"));
    assert_true(t->columns[4].number[0] == 34200 && t->columns[4].number[1] == 84600 && t->columns[4].number[3] == 5400);
    assert_string_equal(column_cell(&t->columns[0], 1, fixture->arena), "2020-02-03T11:30:05.5");
    assert_string_equal(column_cell(&t->columns[4], 1, fixture->arena), "23:30");
    assert_string_equal(column_cell(&t->columns[0], 4, fixture->arena), "");
    assert_true(fixture_noted(t, "column `clock` was read as times"));
}

static void says_how_to_declare_what_is_open(void **state)
{
    Fixture *fixture = *state;
    const char *path = fixture_text(fixture, "d.csv", "when,y\n3/4/2020,p\n5/6/2020,q\n7/8/2020,p\n");
    Table *t = fixture_read(fixture, path, NULL, NULL);
    assert_true(t->columns[0].number[0] == 1583280000); /* the fourth of March */
    assert_true(fixture_noted(t, "with the month first; if the other is right, say data.columns: {\"when\": {date:"
                                 " \"%d/%m/%Y"));
    ReadOptions options = saying(fixture, "{when: {date: \"%d/%m/%Y\"}}");
    t = fixture_read(fixture, path, &options, NULL);
    assert_true(t->columns[0].number[0] == 1585872000); /* the third of April */
    options = saying(fixture, "{when: nominal}");
    t = fixture_read(fixture, path, &options, NULL);
    assert_int_equal(t->columns[0].kind, COLUMN_NOMINAL);
    options = (ReadOptions){.nominal = {1, (const char *[]){"when"}}};
    t = fixture_read(fixture, path, &options, NULL);
    assert_int_equal(t->columns[0].kind, COLUMN_NOMINAL);
}

static const char kinds[] =
    "day,at,ms,size,junk,code,y\n"
    "20200131,1577836800,1577836800500,S,a,7,p\n"
    "20200201,1577836801.5,1577836801000,XL,b,8,q\n"
    "2020031,soon,NA,L,c,9,p\n"
    "NA,NA,1577836802000,xl,d,7,q\n";

static void takes_what_is_declared(void **state)
{
    Fixture *fixture = *state;
    ReadOptions options = saying(fixture, "{day: date, at: {date: unix}, ms: {date: unix_ms}, size: [S, M, L, XL],"
                                          " junk: ignore, code: nominal}");
    Table *t = fixture_read(fixture, fixture_text(fixture, "k.csv", kinds), &options, NULL);
    fixture_check(t);
    assert_int_equal(t->n_columns, 5);
    assert_true(t->columns[0].number[0] == 1580428800 && isnan(t->columns[0].number[2]));
    assert_true(t->columns[1].number[1] == 1577836801.5 && isnan(t->columns[1].number[2]));
    assert_true(t->columns[2].number[0] == 1577836800.5);
    assert_true(fixture_noted(t, "column `at`: 1 cell that is no date written as \"%s\" was taken as missing, first"
                                 " `soon` in row 3"));
    const Column *size = &t->columns[3];
    const int32_t codes[] = {0, 3, 2, -1};
    assert_int_equal(size->kind, COLUMN_ORDERED);
    assert_int_equal(size->n_levels, 4);
    assert_memory_equal(size->code, codes, sizeof codes);
    assert_true(fixture_noted(t, "column `size`: 1 cell that is none of its levels (S, M, L, XL) was taken as missing,"
                                 " first `xl` in row 4"));
    assert_int_equal(t->columns[4].kind, COLUMN_NOMINAL);
    /* New rows are read alike, whatever their cells look like. */
    Schema schema = table_schema(t);
    Table *again = fixture_read(fixture, fixture_text(fixture, "n.csv", "size,code,at,ms,day\nM,8,0,0,19991231\n"
                                                      "huge,new,?,x,31.12.1999\n"), NULL, &schema);
    fixture_check(again);
    assert_true(again->columns[0].number[0] == 946598400 && isnan(again->columns[0].number[1]));
    assert_true(again->columns[1].number[0] == 0 && again->columns[2].number[0] == 0);
    assert_true(again->columns[3].code[0] == 1 && again->columns[3].code[1] == -1);
    assert_int_equal(again->columns[3].n_levels, 4);
    assert_true(fixture_noted(again, "column `size`: 1 cell"));
    assert_true(fixture_noted(again, "first `31.12.1999` in row 2"));
}

static void finds_texts(void **state)
{
    Fixture *fixture = *state;
    Text csv = {0};
    text_add(&csv, "note,name,y\n");
    for (int i = 0; i < 60; i++)
        text_print(&csv, "the order number %d came %s and late,n%d,%c\n", i * 7, i % 2 ? "broken" : "whole", i, "pq"[i % 2]);
    const char *path = fixture_text(fixture, "t.csv", csv.bytes);
    text_free(&csv);
    Table *t = fixture_read(fixture, path, NULL, NULL);
    fixture_check(t);
    assert_int_equal(t->columns[0].kind, COLUMN_FREE_TEXT);
    assert_int_equal(t->columns[1].kind, COLUMN_NOMINAL);
    assert_true(fixture_noted(t, "column `note` was read as text: 60 different cells of 60, 8 words each"));
    table_drop_useless(t, fixture->arena);
    assert_int_equal(t->n_columns, 1); /* the name is an identifier; the text is none */
    ReadOptions options = saying(fixture, "{note: nominal, name: text}");
    t = fixture_read(fixture, path, &options, NULL);
    assert_int_equal(t->columns[0].kind, COLUMN_NOMINAL);
    assert_int_equal(t->columns[1].kind, COLUMN_FREE_TEXT);
}

static void refuses_what_cannot_be(void **state)
{
    Fixture *fixture = *state;
    static const char *const wrong[][2] = {
        {"[a]", "data.columns takes a map"},
        {"{sise: text}", "has no column `sise`; did you mean `size`?"},
        {"{size: ordinal}", "column `size` takes numeric, nominal, date"},
        {"{size: nominall}", "did you mean `nominal`?"},
        {"{size: 3}", "column `size` takes numeric"},
        {"{size: {date: \"%d.%q\"}}", "`%d.%q` is no format of dates: it knows %Y"},
        {"{size: {date: \"%d.%m.\"}}", "it has neither a year (%Y) nor an hour (%H)"},
        {"{size: {ordered: S}}", "column `size` takes"},
        {"{size: [S]}", "levels in order are at least two"},
        {"{size: [S, M, S]}", "the level `S` is listed twice"},
        {"{size: [S, [M]]}", "a level is a word, not a list"},
        {"{size: date}", "no cell of `size` looks like a date, first `S`; say how it is written"},
        {"{size: {date: \"%Y\"}}", "no cell of `size` is a date written as \"%Y\", first `S`"},
        {"{y: ignore}", "data.columns ignores `y`, which is the label"},
    };
    const char *path = fixture_text(fixture, "k.csv", kinds);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ReadOptions options = saying(fixture, wrong[i][0]);
        bool of_data = strstr(wrong[i][1], "no cell") != NULL;
        fixture_refuses(fixture, path, &options, NULL, of_data ? ERR_DATA : ERR_CONFIG, wrong[i][1]);
    }
    ReadOptions both = saying(fixture, "{code: text}");
    both.numeric = (TextList){1, (const char *[]){"code"}};
    fixture_refuses(fixture, path, &both, NULL, ERR_CONFIG, "column `code` stands in data.numeric, too");
}

static void survives_battering(void **state)
{
    fixture_batter(*state, "d.csv", dates, sizeof dates - 1, 1, 500);
}

static void survives_without_memory(void **state)
{
    Fixture *fixture = *state;
    DataFile file = {.images = fixture_text(fixture, "k.csv", kinds)};
    ReadOptions options = saying(fixture, "{day: date, at: {date: unix}, size: [S, M, L, XL], junk: text}");
    fixture_starve(fixture, &file, &options, NULL);
}

#define TEST(test) cmocka_unit_test_setup(test, fixture_reset)

int main(void)
{
    said = arena_create(0);
    const struct CMUnitTest tests[] = {
        TEST(finds_dates),     TEST(says_how_to_declare_what_is_open), TEST(takes_what_is_declared),
        TEST(finds_texts),     TEST(refuses_what_cannot_be),           TEST(survives_battering),
        TEST(survives_without_memory),
    };
    int failed = cmocka_run_group_tests_name("data/columns", tests, fixture_open, fixture_close);
    arena_destroy(said);
    return failed;
}
