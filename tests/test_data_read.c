/* data/read: formats are found out, chosen, described; large files are read as small ones. */
#include "tests/data_fixture.h"

#include "base/pieces.h"

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
    fixture_refuses(fixture, fixture->folder, NULL, NULL, ERR_DATA, "no pictures are in it");
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
    assert_int_equal(o.label.n, 0);
    assert_int_equal(o.missing_tokens.n, 12);
    assert_string_equal(o.missing_tokens.items[0], "");
    assert_string_equal(o.missing_tokens.items[9], "null");
    assert_true(o.digits_noise == 1);
    const char text[] = "format: csv\nheader: true\nlabel: 2\ndrop: [id, town]\ndelimiter: \";\"\n"
                        "missing_tokens: [-999]\n";
    assert_true(conf_read_text("t", text, sizeof text - 1, arena, &conf, &err));
    if (!field_read(&read_fields, conf->root, &o, arena, &err)) fail_msg("%s", err.message);
    assert_int_equal(o.header, HEADER_YES);
    assert_string_equal(o.label.items[0], "2");
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

/* docs/reference/data.md has a paragraph for each format, opened by its name. */
static void describes_its_formats(void **state)
{
    (void)state;
    Bytes page;
    Error err = {0};
    if (!file_read("docs/reference/data.md", 0, &page, &err)) fail_msg("%s", err.message);
    for (int f = 0; f < FORMAT_COUNT; f++) {
        if (f == FORMAT_AUTO) continue;
        const char *name = data_format_names[f], *at = page.bytes;
        size_t n = strlen(name);
        while ((at = strstr(at, "\n**")) && (strncasecmp(at + 3, name, n) != 0 || at[3 + n] != '.')) at++;
        if (!at) fail_msg("docs/reference/data.md says nothing of the format %s", name);
    }
    bytes_free(&page);
}

/* ---- large files, which are read by and by ---------------------------------------------------------------- */

/* The same rows from a file that is read by and by and from standard input, which is read whole. */
static void same_from_a_pipe(Fixture *fixture, const char *path, const ReadOptions *options)
{
    Table *t = NULL, *whole = NULL;
    Error a = {0}, b = {0};
    bool read = table_read(&(DataFile){.images = path}, options, NULL, fixture->arena, &t, &a);
    int before = dup(STDIN_FILENO);
    assert_non_null(freopen(path, "rb", stdin));
    bool from_pipe = table_read(&(DataFile){.images = "-"}, options, NULL, fixture->arena, &whole, &b);
    assert_true(dup2(before, STDIN_FILENO) >= 0 && close(before) == 0);
    assert_int_equal(read, from_pipe);
    if (!read) {
        assert_string_equal(strstr(a.message, ":"), strstr(b.message, ":")); /* behind the file's name */
        return;
    }
    fixture_check(t);
    assert_string_equal(t->fingerprint, whole->fingerprint);
    assert_int_equal(t->n_notes, whole->n_notes);
    for (int i = 0; i < t->n_notes; i++) assert_string_equal(t->notes[i], whole->notes[i]);
}

static const char *large_table(Fixture *fixture, const char *odd, const char *line_end)
{
    Text text = {0};
    text_print(&text, "n,word,late,y%s", line_end);
    for (int i = 0; i < 200000; i++)
        text_print(&text, "%d.%d,\"%s %d\",%s,%s%s", i % 1000, i % 97, i % 3 ? "caf\xC3\xA9, \"\"x\"\"" : "two\nlines",
                   i % 900, i == 190000 ? odd : "17", i % 2 ? "p" : "q", i % 1000 ? line_end : "\n\n");
    assert_true(text_ok(&text) && text.n > PIECES_LEAST);
    const char *path = fixture_text(fixture, "large.csv", text.bytes);
    text_free(&text);
    return path;
}

static void reads_large_files_as_small_ones(void **state)
{
    Fixture *fixture = *state;
    const ReadOptions plain = {0}, numbers = {.numeric = {1, (const char *[]){"late"}}};
    same_from_a_pipe(fixture, large_table(fixture, "17", "\n"), &plain);
    same_from_a_pipe(fixture, large_table(fixture, "late", "\r\n"), &plain); /* a second walk */
    same_from_a_pipe(fixture, large_table(fixture, "late", "\r"), &numbers); /* is refused */
    same_from_a_pipe(fixture, large_table(fixture, "$17.50", "\n"), &plain);
    same_from_a_pipe(fixture, large_table(fixture, "caf\xE9", "\n"), &plain); /* not UTF-8: read whole */
    same_from_a_pipe(fixture, large_table(fixture, "\"never closed", "\n"), &plain);
    same_from_a_pipe(fixture, large_table(fixture, "17,18", "\n"), &plain);
    static char bytes[PIECES_LEAST + 1000]; /* what no text holds, early and late */
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = "1,2\n"[i % 4];
    bytes[sizeof bytes - 4] = '\0';
    same_from_a_pipe(fixture, fixture_write(fixture, "zero.csv", bytes, sizeof bytes), &plain);
    memcpy(bytes, "PK\3\4", 4);
    same_from_a_pipe(fixture, fixture_write(fixture, "zip.csv", bytes, sizeof bytes), &plain);
    memcpy(bytes, "\xFF\xFE", 2);
    same_from_a_pipe(fixture, fixture_write(fixture, "utf16.csv", bytes, sizeof bytes), &plain);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(chooses_a_reader_by_content),
        TEST(reads_its_options),
        TEST(makes_digits_as_a_format),
        TEST(describes_its_formats),
        TEST(reads_large_files_as_small_ones),
    };
    return cmocka_run_group_tests_name("data/read", tests, fixture_open, fixture_close);
}
