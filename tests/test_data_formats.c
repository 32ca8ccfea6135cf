/* data/read_npy, read_libsvm, read_ndjson: files of NumPy, scikit-learn and pandas, cell by cell; what is refused; and
 * whatever one does to a file. */
#include "data/dates.h"
#include "tests/data_fixture.h"
#include "tests/golden/formats.h"

#include "base/packed.h"
#include "data/npy.h"

static const ReadOptions all_columns = {.label = TEXT_ONE("none"), .as_written = true};

static void same_cell(const GoldenFile *file, const Column *column, int row, const char *want)
{
    if (column->kind == COLUMN_DATE) { /* as the file has it, read once more */
        double seconds = NAN;
        const size_t n = strlen(want), quote = n > 1 && *want == '"';
        if (!date_read(column->format, want + quote, n - 2 * quote, &seconds)) seconds = NAN;
        if (isnan(seconds) ? !isnan(column->number[row]) : seconds != column->number[row])
            fail_msg("%s: `%s` is %.17g in row %d, not %s", file->name, column->name, column->number[row], row + 1, want);
        return;
    }
    if (column->kind == COLUMN_NUMERIC) {
        double number = column_number(column, row), wanted = strtod(want, NULL);
        if (!(isnan(wanted) ? isnan(number) : number == wanted) || (*want == '"'))
            fail_msg("%s: `%s` is %.17g in row %d, not %s", file->name, column->name, number, row + 1, want);
        return;
    }
    const char *word = column->code[row] < 0 ? NULL : column->levels[column->code[row]];
    Text quoted = {0};
    if (word) text_json(&quoted, word);
    if (strcmp(word ? quoted.bytes : "nan", want) != 0)
        fail_msg("%s: `%s` is %s in row %d, not %s", file->name, column->name, word ? word : "missing", row + 1, want);
    text_free(&quoted);
}

static void reads_what_others_write(void **state)
{
    Fixture *fixture = *state;
    for (size_t i = 0; i < sizeof golden_files / sizeof *golden_files; i++) {
        const GoldenFile *file = &golden_files[i];
        const char *end = strrchr(file->name, '.');
        char name[32];
        snprintf(name, sizeof name, "golden%s", end);
        arena_reset(fixture->arena);
        Table *t = fixture_read(fixture, fixture_write(fixture, name, file->bytes, file->n), &all_columns, NULL);
        fixture_check(t);
        if (t->n_rows != file->n_rows || t->n_columns != file->n_columns)
            fail_msg("%s: %d x %d, not %d x %d", file->name, t->n_rows, t->n_columns, file->n_rows, file->n_columns);
        for (int c = 0; c < t->n_columns; c++) {
            assert_string_equal(t->columns[c].name, file->columns[c]);
            for (int row = 0; row < t->n_rows; row++)
                same_cell(file, &t->columns[c], row, file->cells[row * t->n_columns + c]);
        }
    }
}

static const GoldenFile *golden(const char *name)
{
    for (size_t i = 0; i < sizeof golden_files / sizeof *golden_files; i++)
        if (strcmp(golden_files[i].name, name) == 0) return &golden_files[i];
    fail_msg("no golden file %s", name);
    return NULL;
}

/* ---- as training and prediction see them --------------------------------------------------------- */

static void sparse_rows_know_their_places(void **state)
{
    Fixture *fixture = *state;
    Table *zero = fixture_read(fixture, fixture_text(fixture, "a.svm", "+1 0:1 2:4\n-1 1:2 3:nan\n1.0 0:3 3:1\n"), NULL, NULL);
    fixture_check(zero);
    assert_int_equal(zero->n_columns, 4);
    assert_int_equal(zero->n_classes, 2); /* +1 and 1.0 are one */
    assert_string_equal(zero->classes[0], "-1");
    assert_string_equal(zero->columns[0].name, "0");
    assert_true(isnan(column_number(&zero->columns[3], 1)) && column_number(&zero->columns[3], 0) == 0);
    assert_true(fixture_noted(zero, "places begin with 0 here"));
    /* The next file has no 0, nor the last place, and no labels: it means the same all the same. */
    Schema schema = table_schema(zero);
    Table *next = fixture_read(fixture, fixture_text(fixture, "b.svm", "1:5 2:7\n\n# nothing\n2:9 # why\n"),
                               &(ReadOptions){.format = FORMAT_LIBSVM}, &schema);
    assert_int_equal(next->n_rows, 2);
    assert_int_equal(next->n_columns, 4);
    assert_true(column_number(&next->columns[0], 0) == 0 && column_number(&next->columns[1], 0) == 5);
    assert_true(column_number(&next->columns[2], 1) == 9 && column_number(&next->columns[3], 1) == 0);
    assert_int_equal(next->labels[0], -1);
    /* A place that the model does not know is no column of its. */
    next = fixture_read(fixture, fixture_text(fixture, "b.svm", "1 1:5 2:7 9:1\n"), NULL, &schema);
    assert_int_equal(next->n_columns, 4);
    assert_int_equal(next->labels[0], 1);
    /* A model of a table without names: places from 1 are its columns. */
    Table *plain = fixture_read(fixture, fixture_text(fixture, "c.csv", "1,2,3,p\n4,5,7,q\n"),
                                &(ReadOptions){.header = HEADER_NO}, NULL);
    schema = table_schema(plain);
    next = fixture_read(fixture, fixture_text(fixture, "b.svm", "p 1:5 2:7\nq 2:1\n"),
                        &(ReadOptions){.format = FORMAT_LIBSVM, .no_labels = true}, &schema);
    assert_int_equal(next->n_columns, 3);
}

static void arrays_without_names_take_the_models(void **state)
{
    Fixture *fixture = *state;
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.csv", "age,y,income\n1,p,10\n2,q,20\n3,p,30\n"),
                            &(ReadOptions){.label = TEXT_ONE("y")}, NULL);
    Schema schema = table_schema(t);
    const double cells[] = {7, 8, 9, 10};
    Text text = {0};
    npy_header(&text, "<f8", (const uint64_t[]){2, 2}, 2);
    text_add_n(&text, (const char *)cells, sizeof cells); /* this machine's order is the usual one */
    Table *next = fixture_read(fixture, fixture_write(fixture, "a.npy", text.bytes, text.n), NULL, &schema);
    assert_true(column_number(&next->columns[0], 1) == 9 && column_number(&next->columns[1], 1) == 10);
    assert_null(next->labels);
    text_free(&text);
    npy_header(&text, "<f8", (const uint64_t[]){1, 4}, 2);
    text_add_n(&text, (const char *)cells, sizeof cells);
    fixture_refuses(fixture, fixture_write(fixture, "a.npy", text.bytes, text.n), NULL, &schema, ERR_DATA, "column `age` is missing");
    text_free(&text);
}

static void chooses_among_arrays(void **state)
{
    Fixture *fixture = *state;
    const GoldenFile *file = golden("pair.npz"), *plain = golden("plain.npz");
    const char *path = fixture_write(fixture, "golden.npz", file->bytes, file->n);
    char inside[200];
    Table *t = fixture_read(fixture, path, NULL, NULL);
    assert_int_equal(t->n_columns, 2);
    assert_int_equal(t->n_classes, 3);
    assert_string_equal(t->label_name, "y");
    snprintf(inside, sizeof inside, "%s/X", path);
    Table *same = fixture_read(fixture, inside, NULL, NULL);
    assert_string_equal(same->fingerprint, t->fingerprint);
    snprintf(inside, sizeof inside, "%s/Z", path);
    fixture_refuses(fixture, inside, NULL, NULL, ERR_DATA, "no array `Z` in it; it has X, y");
    path = fixture_write(fixture, "golden.npz", plain->bytes, plain->n);
    t = fixture_read(fixture, path, &(ReadOptions){.label = TEXT_ONE("city")}, NULL);
    assert_string_equal(t->label_name, "city");
    assert_int_equal(t->n_columns, 3);
    /* Labels in a file of their own. */
    file = golden("array_lu1.npy");
    path = fixture_write(fixture, "X_train.npy", file->bytes, file->n);
    Text labels = {0};
    npy_header(&labels, "|i1", (const uint64_t[]){3}, 1);
    text_add(&labels, "\1\2\1");
    fixture_write(fixture, "y_train.npy", labels.bytes, labels.n);
    text_free(&labels);
    t = fixture_read(fixture, path, NULL, NULL);
    assert_true(fixture_noted(t, "labels were read from"));
    assert_int_equal(t->n_columns, 2);
    assert_int_equal(t->n_classes, 2);
}

static void keys_are_columns(void **state)
{
    Fixture *fixture = *state;
    const char *text = "{\"a\": 1, \"o\": {\"k\": \"x\", \"deep\": {\"er\": true}}, \"y\": \"p\"}\n\n"
                       "{\"y\": \"q\", \"b\": \"12\", \"a\": null}\n{\"b\": \"13\",\n \"y\": \"p\", \"o\": {}}";
    Table *t = fixture_read(fixture, fixture_text(fixture, "a.txt", text), &(ReadOptions){.label = TEXT_ONE("y")}, NULL);
    fixture_check(t);
    assert_int_equal(t->n_rows, 3);
    assert_int_equal(t->n_columns, 4);
    assert_string_equal(t->columns[1].name, "o.k");
    assert_string_equal(t->columns[2].name, "o.deep.er");
    assert_string_equal(t->columns[2].levels[0], "true");
    assert_string_equal(t->columns[3].name, "b");
    assert_int_equal(t->columns[3].kind, COLUMN_NOMINAL); /* a string is a word */
    assert_true(fixture_noted(t, "column `b` holds numbers as text"));
    assert_int_equal(t->columns[0].n_missing, 2);
    /* To a model a key that no row has is missing; if it knows none, it is another table. */
    Schema schema = table_schema(t);
    Table *next = fixture_read(fixture, fixture_text(fixture, "b.txt", "{\"b\": \"13\", \"a\": 4, \"new\": [1]}"), NULL, &schema);
    assert_int_equal(next->columns[1].n_missing, 1);
    assert_true(fixture_noted(next, "no row has a column `o.k`"));
    fixture_refuses(fixture, fixture_text(fixture, "b.txt", "{\"c\": \"13\"}"), NULL, &schema, ERR_DATA, "column `a` is missing");
    const char *tags[] = {"tags"};
    t = fixture_read(fixture, fixture_text(fixture, "c.json", "[{\"tags\": [1], \"a\": 1, \"y\": 0}, {\"a\": 2, \"y\": 1}]\n"),
                     &(ReadOptions){.drop = {1, tags}}, NULL);
    assert_int_equal(t->n_columns, 1);
}

/* ---- hostile files ------------------------------------------------------------------------------- */

static void refuses_with_place_and_cure(void **state)
{
    static const struct {
        int format;
        const char *text, *want;
    } hostile[] = {
        {FORMAT_LIBSVM, "1 1:2 2:3\n1 2:1 2:2\n", ":2: places of a row must rise; this one does not, at `2:2`"},
        {FORMAT_LIBSVM, "1 2:1 1:2\n", ":1: places of a row must rise"},
        {FORMAT_LIBSVM, "1 1:2 x\n", ":1: a pair PLACE:NUMBER is expected at `x`"},
        {FORMAT_LIBSVM, "1 x:2\n", "a place is a whole number"},
        {FORMAT_LIBSVM, "1 :2\n", "a pair without its place"},
        {FORMAT_LIBSVM, "1 1:\n", "no number"},
        {FORMAT_LIBSVM, "1 1:0x3\n", "no number at `0x3`"},
        {FORMAT_LIBSVM, "1,3 1:2\n", "several labels, of which a row has one here"},
        {FORMAT_LIBSVM, "1 131073:2\n", "place 131073; at most 131072 columns are read"},
        {FORMAT_LIBSVM, "1 99999999999999999999:2\n", "at most 131072 columns"},
        {FORMAT_LIBSVM, "1\n2\n", "no pairs PLACE:NUMBER in 2 rows"},
        {FORMAT_LIBSVM, "# no\n\n", "no pairs"},
        {FORMAT_NDJSON, "{\"a\": [1, 2]}", ":1: `a` is an array, which is no cell"},
        {FORMAT_NDJSON, "{\"a\": 1}\n{\"b\": {\"c\": []}}", ":2: `b.c` is an array"},
        {FORMAT_NDJSON, "{\"a\": 1}\n[1]", ":2: an object {...} is expected, a row each, at `[1]`"},
        {FORMAT_NDJSON, "[{\"a\": 1} {\"a\": 2}]", ":1: an object {...} is expected"},
        {FORMAT_NDJSON, "[{\"a\": 1},\n", ":2: the array is not closed"},
        {FORMAT_NDJSON, "{\"a\": 1}\n{\"a\": }", ":2: JSON line 1"},
        {FORMAT_NDJSON, "{\"a\": 1, \"a\": 2}", ":1: JSON line 1"},
        {FORMAT_NDJSON, "{\"a\": {\"b\": 1}, \"a.b\": 2}", ":1: `a.b` stands there twice"},
        {FORMAT_NDJSON, "{}\n{}\n", "no keys, so no columns, in 2 rows"},
        {FORMAT_NDJSON, "{\"a\": \"\\u0000\"}", "JSON line 1"},
        {FORMAT_NPY, "x", "not a NumPy array"},
    };
    Fixture *fixture = *state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        fixture_refuses(fixture, fixture_text(fixture, "hostile", hostile[i].text),
                        &(ReadOptions){.format = hostile[i].format, .label = TEXT_ONE("none")}, NULL, ERR_DATA, hostile[i].want);
}

static void refuses_arrays_that_lie(void **state)
{
    static const struct {
        const char *header, *want;
    } hostile[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", "cut off: its header promises 6 cells of 8 bytes, there are 8 bytes"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "impossible sizes"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", "damaged in its header"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2), }", "no rows of data"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "no rows of data"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1), }", "more than 4 dimensions"},
        {"{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,), }", "damaged in its header at `Maybe"},
        {"{'descr': '<f8', 'shape': (1,), }", "damaged in its header"},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "damaged in its header"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "Python objects (`|O`), which are not read; save them with astype"},
        {"{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }", "complex numbers"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", "long doubles"},
        {"{'descr': '<M8[ps]', 'fortran_order': False, 'shape': (1,), }", "dates of an unusual unit"},
        {"{'descr': '<M8[25s]', 'fortran_order': False, 'shape': (1,), }", "dates of an unusual unit"},
        {"{'descr': '<M8', 'fortran_order': False, 'shape': (1,), }", "dates of an unusual unit"},
        {"{'descr': '<m8[s]', 'fortran_order': False, 'shape': (1,), }", "spans of time"},
        {"{'descr': '<i3', 'fortran_order': False, 'shape': (1,), }", "type `<i3` are not known"},
        {"{'descr': '<U999999999', 'fortran_order': False, 'shape': (1,), }", "are not known"},
        {"{'descr': '<U0', 'fortran_order': False, 'shape': (100000000,), }", "cells without a byte"},
        {"{'descr': [('a', '<f8', (2,))], 'fortran_order': False, 'shape': (1,), }", "the field `a` is an array"},
        {"{'descr': [('a', [('b', '<f8')])], 'fortran_order': False, 'shape': (1,), }", "records within records"},
        {"{'descr': [], 'fortran_order': False, 'shape': (1,), }", "damaged in its header"},
        {"{'descr': '<f8", "damaged in its header"},
        {"", "damaged in its header"},
    };
    Fixture *fixture = *state;
    char bytes[400];
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        size_t n = strlen(hostile[i].header);
        memcpy(bytes, "\x93NUMPY\1\0", 8);
        bytes[8] = (char)n;
        bytes[9] = 0;
        memcpy(bytes + 10, hostile[i].header, n);
        memset(bytes + 10 + n, 1, 8);
        fixture_refuses(fixture, fixture_write(fixture, "hostile.npy", bytes, n + 18), &all_columns, NULL, ERR_DATA, hostile[i].want);
    }
    fixture_refuses(fixture, fixture_write(fixture, "hostile.npy", "\x93NUMPY\4\0\1\0 ", 11), &all_columns, NULL, ERR_DATA,
                    "in version 4.0; 1 to 3 are read");
    fixture_refuses(fixture, fixture_write(fixture, "hostile.npy", "\x93NUMPY\2\0\xff\xff\xff\xff ", 13), &all_columns, NULL,
                    ERR_DATA, "cut off in its header");
}

/* A few bytes that ask for gigabytes. */
static void refuses_bombs(void **state)
{
    Fixture *fixture = *state;
    Text text = {0};
    for (int i = 0; i < 3000; i++) text_add(&text, "1 100000:1\n");
    fixture_refuses(fixture, fixture_text(fixture, "a.svm", text.bytes), NULL, NULL, ERR_DATA,
                    "3000 rows of 100001 columns are too large");
    text_free(&text);
    text = (Text){0};
    for (int i = 0; i < 40000; i++) text_print(&text, "{\"k%d\": 1}\n", i);
    fixture_refuses(fixture, fixture_text(fixture, "a.jsonl", text.bytes), NULL, NULL, ERR_DATA, "are too many for one table");
    text_free(&text);
    text = (Text){0};
    for (int i = 0; i < 3000; i++) text_add(&text, "{\"a\":");
    fixture_refuses(fixture, fixture_text(fixture, "a.jsonl", text.bytes), NULL, NULL, ERR_DATA, "JSON line 1");
    text_free(&text);
    text = (Text){0};
    for (int i = 0; i < 40; i++) text_add(&text, "{\"a\":");
    text_add(&text, "1");
    for (int i = 0; i < 40; i++) text_add(&text, "}");
    fixture_refuses(fixture, fixture_text(fixture, "a.jsonl", text.bytes), NULL, NULL, ERR_DATA, "objects in objects, more than 32 deep");
    text_free(&text);
}

static void survives_battering(void **state)
{
    static const char *const names[] = {"one.libsvm", "queries.libsvm", "frame.ndjson", "frame.json", "words.npy", "record.npy",
                                        "array_bf2.npy", "pair.npz", "named.npz", "plain.npz", "packed.npz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const GoldenFile *file = golden(names[i]);
        const char *end = strrchr(names[i], '.');
        char name[32];
        snprintf(name, sizeof name, "battered%s", end);
        if (strcmp(end, ".npz") != 0) fixture_batter(*state, name, file->bytes, file->n, 1, 2000);
        else fixture_batter_packed(*state, name, file->bytes, file->n, file->n / 100 + 1, 300);
    }
}

static void survives_without_memory(void **state)
{
    static const char *const names[] = {"one.libsvm", "frame.ndjson", "array_bf2.npy", "named.npz"};
    Fixture *fixture = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const GoldenFile *file = golden(names[i]);
        char name[32];
        snprintf(name, sizeof name, "starved%s", strrchr(names[i], '.'));
        DataFile data = {.images = fixture_write(fixture, name, file->bytes, file->n)};
        fixture_starve(fixture, &data, &all_columns, NULL);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(reads_what_others_write),
        TEST(sparse_rows_know_their_places),
        TEST(arrays_without_names_take_the_models),
        TEST(chooses_among_arrays),
        TEST(keys_are_columns),
        TEST(refuses_with_place_and_cure),
        TEST(refuses_arrays_that_lie),
        TEST(refuses_bombs),
        TEST(survives_battering),
        TEST(survives_without_memory),
    };
    return cmocka_run_group_tests_name("data/formats", tests, fixture_open, fixture_close);
}
