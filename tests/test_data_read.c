/* data/read: formats are found out, chosen, described. */
#include "tests/data_fixture.h"

#include <strings.h>

static void chooses_a_reader_by_content(void **state)
{
    Fixture *fixture = *state;
    const char *arff = "% hello\n\n@Relation r\n@attribute x numeric\n@attribute y {a,b}\n@data\n"
                       "1,a\n2,b\n";
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", arff), NULL, NULL);
    assert_string_equal(t->columns[0].name, "x");
    t = fixture_read(fixture, fixture_text(fixture, "b.arff.csv", "x,y\n1,a\n2,b\n"), NULL, NULL);
    assert_string_equal(t->columns[0].name, "x");
    fixture_refuses(fixture, fixture_text(fixture, "b.arff", "x,y\n1,a\n2,b\n"), NULL, NULL,
                    ERR_DATA, "b.arff:1: expected @relation");
    fixture_refuses(fixture, fixture_text(fixture, "c.ARFF.gz", "x,y\n1,a\n2,b\n"), NULL, NULL,
                    ERR_DATA, "c.ARFF.gz:1: expected @relation");
    fixture_refuses(fixture, fixture->folder, NULL, NULL, ERR_IO, fixture->folder);
}

static void reads_its_options(void **state)
{
    Fixture *fixture = *state;
    Arena *arena = fixture->arena;
    ReadOptions o;
    Conf *conf;
    Error err = {0};
    memset(&o, 0xA5, sizeof o);
    o.said_as = NULL;
    assert_true(field_defaults(&read_fields, &o, arena, &err));
    assert_int_equal(o.format, FORMAT_AUTO);
    assert_int_equal(o.header, HEADER_AUTO);
    assert_null(o.label);
    assert_int_equal(o.missing_tokens.n, 12);
    assert_string_equal(o.missing_tokens.items[0], "");
    assert_string_equal(o.missing_tokens.items[9], "null");
    assert_true(o.digits_noise == 1);
    const char text[] = "format: csv\nheader: true\nlabel: 2\ndrop: [id, town]\ndelimiter: \";\"\n"
                        "missing_tokens: [-999]\n";
    assert_true(conf_read_text("t", text, sizeof text - 1, arena, &conf, &err));
    if (!field_read(&read_fields, conf->root, &o, arena, &err)) fail_msg("%s", err.message);
    assert_int_equal(o.header, HEADER_YES);
    assert_string_equal(o.label, "2");
    const char *path = fixture_text(fixture, "a.csv", "id;y;x;town\n1;a;-999;p\n2;b;4;q\n");
    Table *t = fixture_read(fixture, path, &o, NULL);
    assert_int_equal(t->n_columns, 1);
    assert_string_equal(t->label_name, "y");
    assert_true(isnan(column_number(&t->columns[0], 0)));
}

static void makes_digits_as_a_format(void **state)
{
    Fixture *fixture = *state;
    ReadOptions o = {.format = FORMAT_DIGITS, .rows = 30, .test_rows = 20, .digits_seed = 5,
                     .digits_noise = 1};
    Table *train = fixture_read(fixture, NULL, &o, NULL), *want, *test;
    Error err = {0};
    assert_true(table_synth_digits(30, 5, 0, 1, fixture->arena, &want, &err));
    assert_string_equal(train->fingerprint, want->fingerprint);
    Schema schema = table_schema(train);
    test = fixture_read(fixture, "test", &o, &schema);
    assert_int_equal(test->n_rows, 20);
    assert_true(table_synth_digits(20, 5, 1, 1, fixture->arena, &want, &err));
    assert_string_equal(test->fingerprint, want->fingerprint);
    fixture_refuses(fixture, "a.csv", &o, NULL, ERR_CONFIG, "makes its own rows");
    schema.height = 8;
    fixture_refuses(fixture, "test", &o, &schema, ERR_DATA, "does not read digits");
}

/* docs/data.md has a paragraph for each format, opened by its name. */
static void describes_its_formats(void **state)
{
    (void)state;
    Bytes page;
    Error err = {0};
    if (!file_read("docs/data.md", 0, &page, &err)) fail_msg("%s", err.message);
    for (int f = 0; f < FORMAT_COUNT; f++) {
        if (f == FORMAT_AUTO) continue;
        const char *name = data_format_names[f], *at = page.bytes;
        size_t n = strlen(name);
        while ((at = strstr(at, "\n**")) && (strncasecmp(at + 3, name, n) != 0 || at[3 + n] != '.')) at++;
        if (!at) fail_msg("docs/data.md says nothing of the format %s", name);
    }
    bytes_free(&page);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(chooses_a_reader_by_content),
        TEST(reads_its_options),
        TEST(makes_digits_as_a_format),
        TEST(describes_its_formats),
    };
    return cmocka_run_group_tests_name("data/read", tests, fixture_open, fixture_close);
}
