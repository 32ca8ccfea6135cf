/* export/write: what is written is read again as it was, in every format, packed or not. */
#include "tests/data_fixture.h"

#include "base/packed.h"
#include "base/set.h"
#include "export/write.h"

enum { MOST_ROWS = 40, MOST_COLUMNS = 9 };

/* ---- random tables ------------------------------------------------------------------------------- */

static double random_number(Rng *rng)
{
    static const double odd[] = {0, 1, -1, 0.1, 1e300, -5e-324, 1.7976931348623157e308, 123456789012345678, 1.0 / 3, 2147483648.0};
    switch (rng_below(rng, 4)) {
    case 0: return odd[rng_below(rng, sizeof odd / sizeof *odd)];
    case 1: return (double)rng_below(rng, 1000) / 100;
    case 2: return (double)(int)rng_below(rng, 200000) - 100000;
    default: {
        uint64_t bits = (uint64_t)rng_u32(rng) << 32 | rng_u32(rng);
        double number;
        memcpy(&number, &bits, sizeof number);
        return isfinite(number) ? number : 7;
    }
    }
}

/* A word that is no number, nor missing, without blanks at its ends; `lines`: maybe with line ends in it. */
static const char *random_word(Rng *rng, bool lines, Arena *arena)
{
    static const char *const pieces[] = {"a", "Zz", ",", "\"", "'", "\\", "caf\xC3\xA9", "\xE6\x97\xA5", "\xF0\x9F\x90\x9D", " ", "  ",
                                         "#", "%", "{", "}", "?", ";", "\t", "|", "0", "7", "\n", "\r\n", "sep=", "@data", ":"};
    const uint32_t n = sizeof pieces / sizeof *pieces;
    Text text = {0};
    text_add(&text, rng_below(rng, 3) ? "w" : "#");
    for (uint32_t i = rng_below(rng, 6); i > 0; i--) {
        const char *piece = pieces[rng_below(rng, n)];
        if (lines || !strpbrk(piece, "\r\n")) text_add(&text, piece);
    }
    text_add(&text, "x");
    const char *word = arena_copy(arena, text.bytes);
    text_free(&text);
    return word;
}

static Table *random_table(Rng *rng, bool words, bool lines, Arena *arena)
{
    Table *t = ARENA_NEW(arena, Table, 1);
    t->n_rows = 1 + (int)rng_below(rng, MOST_ROWS);
    t->n_columns = 2 + (int)rng_below(rng, MOST_COLUMNS - 1);
    t->columns = ARENA_NEW(arena, Column, t->n_columns);
    for (int c = 0; c < t->n_columns; c++) {
        Column *column = &t->columns[c];
        column->name = arena_print(arena, "%s %d", random_word(rng, false, arena), c);
        column->kind = words && rng_below(rng, 2) ? COLUMN_NOMINAL : COLUMN_NUMERIC;
        column->number = column->kind == COLUMN_NUMERIC ? ARENA_NEW(arena, double, t->n_rows) : NULL;
        column->code = column->kind == COLUMN_NOMINAL ? ARENA_NEW(arena, int32_t, t->n_rows) : NULL;
        TextSet levels = {0};
        for (int i = 0; i < t->n_rows; i++) {
            bool missing = i > 0 && rng_below(rng, 5) == 0; /* of the first row something is there */
            if (column->number) column->number[i] = missing ? NAN : random_number(rng);
            else if (missing) column->code[i] = -1;
            else {
                const char *word = random_word(rng, lines, arena);
                column->code[i] = text_set_add(&levels, arena, word, strlen(word));
            }
        }
        column->levels = levels.text;
        column->n_levels = levels.n;
    }
    return t;
}

/* ---- there and back ------------------------------------------------------------------------------ */

static void same_column(const Column *a, const Column *b, int n_rows)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->kind, b->kind);
    for (int i = 0; i < n_rows; i++) {
        if (a->kind == COLUMN_NUMERIC) {
            double x = column_number(a, i), y = column_number(b, i);
            if (!(isnan(x) ? isnan(y) : x == y)) fail_msg("%s: %.17g became %.17g in row %d", a->name, x, y, i + 1);
        } else {
            assert_int_equal(a->code[i] < 0, b->code[i] < 0);
            if (a->code[i] >= 0) assert_string_equal(a->levels[a->code[i]], b->levels[b->code[i]]);
        }
    }
}

static Table *there_and_back(Fixture *fixture, const Table *t, DataFormat format, int label, const char *name, const char *want_label)
{
    static const Packing packings[] = {PACKED_NOT, PACKED_GZIP, PACKED_XZ, PACKED_ZSTD, PACKED_BZIP2, PACKED_LZ4};
    static int turn;
    Text text = {0}, beside = {0};
    Error err = {0};
    WriteRows rows = write_rows(t, label, fixture->arena);
    if (!table_write(&rows, format, &text, &beside, &err)) fail_msg("%s", err.message);
    Bytes packed = {text.bytes, text.n};
    Packing packing = format == FORMAT_NPZ ? PACKED_NOT : packings[turn++ % (int)(sizeof packings / sizeof *packings)];
    if (packing != PACKED_NOT) assert_true(packed_pack(text.bytes, text.n, packing, &packed, &err));
    const char *path = fixture_write(fixture, name, packed.bytes, packed.n);
    ReadOptions o = {.label = want_label ? TEXT_ONE(want_label) : (TextList){0}, .as_written = true};
    Table *back = fixture_read(fixture, path, &o, NULL);
    if (packing != PACKED_NOT) bytes_free(&packed);
    text_free(&text);
    text_free(&beside);
    return back;
}

static void every_table_of_words_comes_back(void **state)
{
    static const struct { DataFormat format; const char *name; bool lines; } formats[] = {
        {FORMAT_CSV, "t.csv", true}, {FORMAT_NDJSON, "t.ndjson", true}, {FORMAT_ARFF, "t.arff", false}};
    Fixture *fixture = *state;
    Rng rng = rng_stream(5, 0, RNG_TEST);
    for (int round = 0; round < 600; round++) {
        size_t f = (size_t)round % 3;
        arena_reset(fixture->arena);
        Table *t = random_table(&rng, true, formats[f].lines, fixture->arena);
        Table *back = there_and_back(fixture, t, formats[f].format, -1, formats[f].name, "none");
        assert_int_equal(back->n_rows, t->n_rows);
        assert_int_equal(back->n_columns, t->n_columns);
        for (int c = 0; c < t->n_columns; c++) same_column(&t->columns[c], &back->columns[c], t->n_rows);
    }
}

/* The label, wherever it was, stands last. */
static int place_of(const Table *t, int label, int c)
{
    return c == label ? t->n_columns - 1 : c - (c > label);
}

static void every_table_of_numbers_comes_back(void **state)
{
    static const struct { DataFormat format; const char *name; } formats[] = {
        {FORMAT_NPY, "t.npy"}, {FORMAT_NPZ, "t.npz"}, {FORMAT_LIBSVM, "t.libsvm"}};
    Fixture *fixture = *state;
    Rng rng = rng_stream(6, 0, RNG_TEST);
    for (int round = 0; round < 600; round++) {
        size_t f = (size_t)round % 3;
        arena_reset(fixture->arena);
        Table *t = random_table(&rng, false, false, fixture->arena);
        int label = (int)rng_below(&rng, (uint32_t)t->n_columns);
        for (int i = 0; i < t->n_rows * 3; i++) { /* sparse rows are mostly that */
            Column *c = &t->columns[rng_below(&rng, (uint32_t)t->n_columns)];
            if (rng_below(&rng, 2)) c->number[rng_below(&rng, (uint32_t)t->n_rows)] = 0;
        }
        Table *back = there_and_back(fixture, t, formats[f].format, label, formats[f].name, "none");
        assert_int_equal(back->n_rows, t->n_rows);
        assert_int_equal(back->n_columns, t->n_columns);
        for (int c = 0; c < t->n_columns; c++) {
            Column named = back->columns[place_of(t, label, c)];
            if (formats[f].format != FORMAT_NPZ) named.name = t->columns[c].name;
            same_column(&t->columns[c], &named, t->n_rows);
        }
    }
}

/* The same table as one reads the other's: one fingerprint, whatever it came from. */
static void one_fingerprint_for_all(void **state)
{
    Fixture *fixture = *state;
    const char *csv = fixture_text(fixture, "a.csv", "b a,x,species\n1.5,,\"caf\xC3\xA9, au lait\"\n,2,tea\n-3e-7,4,tea\n");
    Table *all = fixture_read(fixture, csv, &(ReadOptions){.label = TEXT_ONE("none")}, NULL);
    Table *t = fixture_read(fixture, csv, NULL, NULL), *back;
    static const struct { DataFormat format; const char *name; } formats[] = {
        {FORMAT_CSV, "t.csv"}, {FORMAT_NDJSON, "t.ndjson"}, {FORMAT_NPZ, "t.npz"}, {FORMAT_ARFF, "t.arff"}};
    for (size_t f = 0; f < 3; f++) {
        back = there_and_back(fixture, all, formats[f].format, 2, formats[f].name, NULL);
        assert_string_equal(back->fingerprint, t->fingerprint);
    }
    back = there_and_back(fixture, all, FORMAT_ARFF, 2, "t.arff", NULL); /* whose classes are in the order declared */
    assert_string_equal(back->classes[0], "caf\xC3\xA9, au lait");
}

static void says_what_a_format_cannot_hold(void **state)
{
    Fixture *fixture = *state;
    const char *csv = fixture_text(fixture, "a.csv", "word,n,y\nq,1,a b\nr,2,c\n");
    Table *t = fixture_read(fixture, csv, &(ReadOptions){.label = TEXT_ONE("none")}, NULL);
    const struct { DataFormat format; int label; const char *want; } cases[] = {
        {FORMAT_LIBSVM, 2, "column `word` has words, and libsvm holds numbers alone"},
        {FORMAT_NPY, 2, "column `word` has words, and npy"},
        {FORMAT_NPZ, -1, "column `word` has words, and npz"},
        {FORMAT_LIBSVM, -1, "libsvm needs a label"},
        {FORMAT_IDX, 2, "idx holds pictures"},
        {FORMAT_SQLITE, 2, "sqlite is not written; what is: csv, arff, ndjson, libsvm, npy, npz, idx"},
        {FORMAT_AUTO, 2, "is not written"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Text text = {0}, beside = {0};
        Error err = {0};
        WriteRows rows = write_rows(t, cases[i].label, fixture->arena);
        assert_false(table_write(&rows, cases[i].format, &text, &beside, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.message, cases[i].want)) fail_msg("%s -- wanted %s", err.message, cases[i].want);
        text_free(&text);
        text_free(&beside);
    }
    const char *lines = fixture_text(fixture, "b.csv", "word,y\n\"q\nr\",1\ns,2\n");
    WriteRows rows = write_rows(fixture_read(fixture, lines, &(ReadOptions){.label = TEXT_ONE("none")}, NULL), 1, fixture->arena);
    Text text = {0};
    Error err = {0};
    assert_false(table_write(&rows, FORMAT_ARFF, &text, NULL, &err));
    assert_non_null(strstr(err.message, "column `word`: a word has a line end"));
    text_free(&text);
    const char *label = fixture_text(fixture, "c.csv", "n,y\n1,a b\n2,c\n");
    rows = write_rows(fixture_read(fixture, label, &(ReadOptions){.label = TEXT_ONE("none")}, NULL), 1, fixture->arena);
    text = (Text){0};
    assert_false(table_write(&rows, FORMAT_LIBSVM, &text, NULL, &err));
    assert_non_null(strstr(err.message, "row 1: the label `a b` cannot stand in libsvm"));
    text_free(&text);
}

static void finds_the_format_in_the_name(void **state)
{
    (void)state;
    assert_int_equal(write_format_of("a.csv"), FORMAT_CSV);
    assert_int_equal(write_format_of("a.b/x.TSV.gz"), FORMAT_CSV);
    assert_int_equal(write_format_of("x.jsonl.zst"), FORMAT_NDJSON);
    assert_int_equal(write_format_of("x.npz"), FORMAT_NPZ);
    assert_int_equal(write_format_of("train-images-idx3-ubyte"), FORMAT_IDX);
    assert_int_equal(write_format_of("x.sqlite"), FORMAT_AUTO);
    assert_int_equal(write_format_of(".csv"), FORMAT_AUTO);
    assert_int_equal(write_format_of("-"), FORMAT_AUTO);
}

static void pictures_come_back(void **state)
{
    Fixture *fixture = *state;
    Table *digits, *back;
    Error err = {0};
    assert_true(table_synth_digits(40, 3, 0, 1, fixture->arena, &digits, &err));
    back = there_and_back(fixture, digits, FORMAT_NPZ, -1, "t.npz", NULL);
    assert_string_equal(back->fingerprint, digits->fingerprint);
    Text images = {0}, labels = {0};
    WriteRows rows = write_rows(digits, -1, fixture->arena);
    assert_true(table_write(&rows, FORMAT_IDX, &images, &labels, &err));
    fixture_write(fixture, "train-labels-idx1-ubyte", labels.bytes, labels.n);
    back = fixture_read(fixture, fixture_write(fixture, "train-images-idx3-ubyte", images.bytes, images.n), NULL, NULL);
    assert_memory_equal(back->pixels, digits->pixels, 40 * 28 * 28);
    assert_memory_equal(back->labels, digits->labels, 40 * sizeof *back->labels);
    text_free(&images);
    text_free(&labels);
    back = there_and_back(fixture, digits, FORMAT_CSV, -1, "t.csv", "none");
    assert_int_equal(back->n_columns, 28 * 28 + 1);
    for (int i = 0; i < 40; i++)
        assert_true(column_number(&back->columns[399], i) == digits->pixels[i * 28 * 28 + 399]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(every_table_of_words_comes_back),
        TEST(every_table_of_numbers_comes_back),
        TEST(one_fingerprint_for_all),
        TEST(says_what_a_format_cannot_hold),
        TEST(finds_the_format_in_the_name),
        TEST(pictures_come_back),
    };
    return cmocka_run_group_tests_name("export/write", tests, fixture_open, fixture_close);
}
