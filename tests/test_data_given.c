/* data/given: rows in memory are the tables that their files are; what is said of columns wins; what is refused. */
#include "data/dates.h"
#include "data/given.h"
#include "tests/data_fixture.h"



static const double sizes[] = {1.5, NAN, 3, 1e-3, 7, 8.25};
static const double days[] = {0, 86400, NAN, 172800, 259200, 864000};
static const char *const towns[] = {"Ulm", "Bonn", NULL, "Ulm", " Bonn ", "Kiel"};
static const int32_t grade[] = {2, 0, 1, -1, 1, 0};
static const char *const grades[] = {"low", "middle", "high"};
static const char *const classes[] = {"yes", "no", "no", "yes", "no", "yes"};
static const char csv[] = "size,day,town,grade,class\n1.5,1970-01-01,Ulm,high,yes\n,1970-01-02,Bonn,low,no\n"
                          "3,,?,middle,no\n0.001,1970-01-03,Ulm,,yes\n7,1970-01-04,Bonn,middle,no\n"
                          "8.25,1970-01-11,Kiel,low,yes\n";

static GivenColumn ducks[] = {{.name = "size", .kind = GIVEN_KIND_OPEN, .numbers = sizes},
                              {.name = "day", .kind = COLUMN_DATE, .numbers = days},
                              {.name = "town", .kind = GIVEN_KIND_OPEN, .words = towns},
                              {.name = "grade", .kind = COLUMN_ORDERED, .codes = grade, .n_levels = 3, .levels = grades},
                              {.name = "class", .kind = GIVEN_KIND_OPEN, .words = classes}};
static const GivenRows all = {.path = "memory:t", .n_rows = 6, .n_columns = 5, .columns = ducks};

static Table *give(Fixture *fixture, const GivenRows *rows, const ReadOptions *options, const Schema *schema)
{
    ReadOptions read = options ? *options : (ReadOptions){0};
    Error err = {0};
    Table *table = NULL;
    read.given = rows;
    read.n_given = 1;
    if (!table_read(&(DataFile){.images = "memory:t"}, &read, schema, fixture->arena, &table, &err))
        fail_msg("%s", err.message);
    fixture_check(table);
    return table;
}

static void refused(Fixture *fixture, const GivenRows *rows, const Schema *schema, const char *want)
{
    ReadOptions read = {.given = rows, .n_given = 1};
    Error err = {0};
    Table *table = NULL;
    if (table_read(&(DataFile){.images = "memory:t"}, &read, schema, fixture->arena, &table, &err))
        fail_msg("read %d rows where `%s` was due", table->n_rows, want);
    if (err.code != ERR_DATA || !strstr(err.message, want)) fail_msg("%s -- wanted %s", err.message, want);
    assert_null(strstr(err.message, "header")); /* memory has none */
}

static ReadOptions with_grades(Fixture *fixture)
{
    Conf *conf;
    Error err;
    const char text[] = "grade: [low, middle, high]\n";
    if (!conf_read_text("t", text, sizeof text - 1, fixture->arena, &conf, &err)) fail_msg("%s", err.message);
    return (ReadOptions){.columns = conf->root};
}

static void same_column(const Column *a, const Column *b, int n)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->n_missing, b->n_missing);
    for (int i = 0; i < n; i++) {
        if (column_has_words(a->kind)) {
            assert_int_equal(a->code[i] < 0, b->code[i] < 0);
            if (a->code[i] >= 0) assert_string_equal(a->levels[a->code[i]], b->levels[b->code[i]]);
        } else {
            const double x = column_number(a, i), y = column_number(b, i);
            if (isnan(x) ? !isnan(y) : x != y) fail_msg("`%s`, row %d: %.17g and %.17g", a->name, i + 1, x, y);
        }
    }
}

static void same_table(const Table *a, const Table *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_columns, b->n_columns);
    for (int c = 0; c < a->n_columns; c++) same_column(&a->columns[c], &b->columns[c], a->n_rows);
    assert_int_equal(a->n_classes, b->n_classes);
    for (int i = 0; i < a->n_rows; i++)
        assert_string_equal(a->classes[a->labels[i]], b->classes[b->labels[i]]);
}

static void columns_are_a_file(void **state)
{
    Fixture *fixture = *state;
    const ReadOptions read = with_grades(fixture);
    const Table *file = fixture_read(fixture, fixture_text(fixture, "t.csv", csv), &read, NULL);
    const Table *given = give(fixture, &all, NULL, NULL);
    same_table(file, given);
    assert_int_equal(given->columns[3].kind, COLUMN_ORDERED);
    assert_int_equal(given->columns[1].kind, COLUMN_DATE);
    /* With a schema, in whichever order, with and without the label, whatever was found the other way. */
    const Schema schema = table_schema(file), own = table_schema(given);
    GivenColumn mixed[] = {ducks[3], ducks[4], ducks[1], ducks[0], ducks[2]};
    const GivenRows other = {.path = "memory:t", .n_rows = 6, .n_columns = 5, .columns = mixed};
    same_table(given, give(fixture, &other, NULL, &schema));
    same_table(given, give(fixture, &other, NULL, &own));
    same_table(given, fixture_read(fixture, fixture->paths[0], NULL, &own));
    assert_string_equal(give(fixture, &all, NULL, NULL)->fingerprint, given->fingerprint);
}

static void cells_are_a_file(void **state)
{
    Fixture *fixture = *state;
    const ReadOptions read = with_grades(fixture);
    const Table *file = fixture_read(fixture, fixture_text(fixture, "t.csv", csv), &read, NULL);
    const char *cells[30];
    const char *names[5];
    char *text = arena_copy(fixture->arena, csv);
    for (int i = -1; i < 6; i++)
        for (int c = 0; c < 5; c++) {
            const size_t n = strcspn(text, ",\n");
            text[n] = '\0';
            *(i < 0 ? &names[c] : &cells[5 * i + c]) = n ? text : NULL;
            text += n + 1;
        }
    const GivenRows rows = {.path = "memory:t", .n_rows = 6, .n_columns = 5, .cells = cells, .names = names};
    const Schema schema = table_schema(file);
    same_table(file, give(fixture, &rows, &read, NULL));
    same_table(file, give(fixture, &rows, NULL, &schema));
}

static void matrices_go_by_place_or_name(void **state)
{
    Fixture *fixture = *state;
    static const double m[] = {1, 2, 0, -1, 3, 4, 1, -1, 5, NAN, 0, -1, 7, 8, 1, -1};
    static const float f[] = {1, 2, 3, 4, 5, NAN, 7, 8};
    static const char *const names[] = {"b", "a"}, *const known[] = {"a", "b"};
    static const char *last = "3";
    const GivenRows train = {.path = "memory:t", .n_rows = 4, .n_columns = 3, .doubles = m, .ld = 4};
    const ReadOptions read = {.label = {1, &last}};
    const Table *table = give(fixture, &train, &read, NULL);
    assert_int_equal(table->n_columns, 2);
    assert_string_equal(table->columns[1].name, "column_2");
    assert_int_equal(table->n_classes, 2);
    assert_string_equal(table->classes[1], "1");
    const Schema schema = table_schema(table);
    const GivenRows floats = {.path = "memory:t", .n_rows = 4, .n_columns = 2, .floats = f, .ld = 2};
    same_column(&table->columns[1], &give(fixture, &floats, NULL, &schema)->columns[1], 4);
    /* A model with names: the same order, or by name. */
    Column named[] = {{.name = "a", .kind = COLUMN_NUMERIC, .place = 0}, {.name = "b", .kind = COLUMN_NUMERIC, .place = 1}};
    Schema of_names = {.n_columns = 2, .columns = named, .rules = {.names = NAMES_OF_FILE}};
    assert_true(column_number(&give(fixture, &floats, NULL, &of_names)->columns[0], 3) == 7);
    GivenRows turned = floats;
    turned.names = names;
    assert_true(column_number(&give(fixture, &turned, NULL, &of_names)->columns[0], 3) == 8);
    turned.names = known;
    assert_true(column_number(&give(fixture, &turned, NULL, &of_names)->columns[0], 3) == 7);
}

/* What would be taken for numbers, text, dates or missing is what was said. */
static void what_is_said_wins(void **state)
{
    Fixture *fixture = *state;
    static const int32_t codes[] = {0, 1, 0, 1, -1, 1};
    static const char *const levels[] = {"1", "NA"}, *const when[] = {"2020-01-01", "2020-01-02", "2020-01-03", "2020-01-05",
                                                                      NULL, "2020-01-04"};
    static const double code[] = {1, 2, 1, 2, 1, 2};
    GivenColumn columns[] = {{.name = "level", .kind = GIVEN_KIND_OPEN, .codes = codes, .n_levels = 2, .levels = levels},
                             {.name = "when", .kind = COLUMN_NOMINAL, .words = when},
                             {.name = "zip", .kind = COLUMN_NOMINAL, .numbers = code},
                             {.name = "day", .kind = GIVEN_KIND_OPEN, .words = when}, ducks[4]};
    const GivenRows rows = {.path = "memory:t", .n_rows = 6, .n_columns = 5, .columns = columns};
    const Table *t = give(fixture, &rows, NULL, NULL);
    for (int c = 0; c < 3; c++) assert_int_equal(t->columns[c].kind, COLUMN_NOMINAL);
    assert_string_equal(t->columns[0].levels[t->columns[0].code[1]], "NA");
    assert_int_equal(t->columns[0].n_missing, 1);
    assert_string_equal(t->columns[2].levels[t->columns[2].code[1]], "2");
    assert_int_equal(t->columns[3].kind, COLUMN_DATE);
    /* And options win over that. */
    static const char *words[] = {"when", "zip"};
    const ReadOptions read = {.numeric = {1, &words[1]}};
    assert_int_equal(give(fixture, &rows, &read, NULL)->columns[2].kind, COLUMN_NUMERIC);
    /* Options that say the same, as `consort init` writes them. */
    Conf *conf;
    Error err;
    const char text[] = "day: {date: '%d.%m.%Y'}\n";
    assert_true(conf_read_text("t", text, sizeof text - 1, fixture->arena, &conf, &err));
    const ReadOptions dates = {.columns = conf->root};
    same_column(&give(fixture, &all, NULL, NULL)->columns[1], &give(fixture, &all, &dates, NULL)->columns[1], 6);
}

static void pictures_have_labels(void **state)
{
    Fixture *fixture = *state;
    static const uint8_t pixels[4 * 6] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};
    static const char *const labels[] = {"b", "a", NULL, "b"};
    const GivenColumn label = {.kind = GIVEN_KIND_OPEN, .words = labels};
    GivenRows rows = {.path = "memory:t", .n_rows = 4, .n_columns = 1, .columns = &label, .pixels = pixels, .height = 2,
                      .width = 3, .channels = 1};
    const Table *t = give(fixture, &rows, NULL, NULL);
    assert_int_equal(t->n_rows, 3);
    assert_int_equal(t->pixels[2 * 6], 19);
    assert_int_equal(t->n_classes, 2);
    assert_int_equal(t->labels[0], 1);
    assert_int_equal(table_source(t, 2), 4);
    const Schema schema = table_schema(t);
    rows.n_columns = 0;
    assert_int_equal(give(fixture, &rows, NULL, &schema)->n_rows, 4);
    rows.width = 2;
    refused(fixture, &rows, &schema, "images of 2 x 2, the model reads 2 x 3");
    rows.channels = 2;
    refused(fixture, &rows, NULL, "channels 1 or");
    refused(fixture, &all, &schema, "holds columns; the model reads images");
}

static void what_cannot_be_is_refused(void **state)
{
    Fixture *fixture = *state;
    const Table *table = give(fixture, &all, NULL, NULL);
    const Schema schema = table_schema(table);
    static const char *const bad[] = {"a", "b", "c", "\xff", "e", "f"}, *const twice[] = {"a", "b", " a"}, *const empty[] = {"a", "", "b"};
    GivenColumn c[5];
    GivenRows rows = {.path = "memory:t", .n_rows = 6, .n_columns = 5, .columns = c};
    memcpy(c, ducks, sizeof c);
    c[2].words = bad;
    refused(fixture, &rows, NULL, "row 4: the word of column 3 is not UTF-8");
    c[2].words = NULL;
    refused(fixture, &rows, NULL, "column 3 has neither numbers, words or codes");
    c[2].words = towns, c[2].numbers = sizes;
    refused(fixture, &rows, NULL, "more than one of numbers");
    c[2] = ducks[2], c[2].name = NULL;
    refused(fixture, &rows, NULL, "some columns have names");
    c[2] = ducks[2], c[2].kind = COLUMN_ORDERED;
    refused(fixture, &rows, NULL, "cannot be of this kind");
    c[2] = ducks[2], c[3].n_levels = 2;
    refused(fixture, &rows, NULL, "row 1: column 4 has the code 2 of 2 levels");
    c[3] = ducks[3], c[3].levels = twice;
    refused(fixture, &rows, NULL, "two levels are ` a`");
    c[3].levels = empty;
    refused(fixture, &rows, NULL, "level 1 is empty");
    c[3] = ducks[3], c[0] = (GivenColumn){.name = "size", .kind = GIVEN_KIND_OPEN, .words = towns};
    refused(fixture, &rows, &schema, "`Ulm` is not a number");
    c[0] = ducks[0], c[0].name = "width";
    refused(fixture, &rows, &schema, "column `size` is missing");
    rows.n_rows = 0;
    refused(fixture, &rows, NULL, "no rows of data");
    rows.n_rows = 6, rows.doubles = sizes;
    refused(fixture, &rows, NULL, "one of them");
    rows.path = "memory:u";
    refused(fixture, &rows, NULL, "were in the memory of a program");
}

static void failing_allocations(void **state)
{
    Fixture *fixture = *state;
    for (long n = 0;; n++) {
        ReadOptions read = {.given = &all, .n_given = 1};
        Error err = {0};
        Table *table = NULL;
        arena_reset(fixture->arena);
        arena_fail_after(fixture->arena, n);
        const bool ok = table_read(&(DataFile){.images = "memory:t"}, &read, NULL, fixture->arena, &table, &err);
        arena_fail_after(fixture->arena, -1);
        if (ok) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(columns_are_a_file, fixture_reset),
        cmocka_unit_test_setup(cells_are_a_file, fixture_reset),
        cmocka_unit_test_setup(matrices_go_by_place_or_name, fixture_reset),
        cmocka_unit_test_setup(what_is_said_wins, fixture_reset),
        cmocka_unit_test_setup(pictures_have_labels, fixture_reset),
        cmocka_unit_test_setup(what_cannot_be_is_refused, fixture_reset),
        cmocka_unit_test_setup(failing_allocations, fixture_reset),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
