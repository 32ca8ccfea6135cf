/* data/read_idx: MNIST's format. */
#include "tests/data_fixture.h"

#include <zlib.h>

/* Three images of 2 x 3. */
static const unsigned char images[] = {0, 0, 8, 3, 0, 0, 0, 3, 0,  0,  0,  2,  0,  0,  0,  3, 1,
                                       2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 255};
static const unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 9, 2, 9};

static Table *read_pair(Fixture *fixture, const char *image_path, const char *label_path,
                        const Schema *schema)
{
    Error err = {0};
    Table *table = NULL;
    DataFile file = {image_path, label_path};
    if (!table_read(&file, &(ReadOptions){0}, schema, fixture->arena, &table, &err))
        fail_msg("%s", err.message);
    fixture_check(table);
    return table;
}

static void reads_images_and_labels(void **state)
{
    Fixture *fixture = *state;
    const char *i = fixture_write(fixture, "x", images, sizeof images);
    const char *l = fixture_write(fixture, "y", labels, sizeof labels);
    Table *t = read_pair(fixture, i, l, NULL);
    assert_int_equal(t->n_rows, 3);
    assert_int_equal(t->height, 2);
    assert_int_equal(t->width, 3);
    assert_memory_equal(t->pixels, images + 16, 18);
    assert_int_equal(t->n_classes, 2); /* those that occur, in order of number */
    assert_string_equal(t->classes[0], "2");
    assert_string_equal(t->classes[1], "9");
    const int32_t want[] = {1, 0, 1};
    assert_memory_equal(t->labels, want, sizeof want);
    assert_non_null(t->label_name);
    assert_null(t->columns);
    /* Without labels; and against a model that knows more classes. */
    Table *bare = read_pair(fixture, i, NULL, NULL);
    assert_null(bare->labels);
    assert_string_not_equal(bare->fingerprint, t->fingerprint);
    const char *classes[] = {"9", "2", "7"};
    Schema schema = {.height = 2, .width = 3, .n_classes = 3, .classes = classes};
    t = read_pair(fixture, i, l, &schema);
    const int32_t matched[] = {0, 1, 0};
    assert_memory_equal(t->labels, matched, sizeof matched);
    assert_int_equal(t->n_classes, 3);
}

static void finds_labels_beside_images(void **state)
{
    Fixture *fixture = *state;
    const char *i = fixture_write(fixture, "t-images-idx3-ubyte", images, sizeof images);
    fixture_write(fixture, "t-labels-idx1-ubyte", labels, sizeof labels);
    Table *t = read_pair(fixture, i, NULL, NULL);
    assert_non_null(t->labels);
    assert_true(fixture_noted(t, "t-labels-idx1-ubyte"));
}

static void reads_gzip_and_other_shapes(void **state)
{
    Fixture *fixture = *state;
    const char *i = fixture_write(fixture, "x", "", 0);
    gzFile zip = gzopen(i, "wb");
    assert_int_equal(gzwrite(zip, images, sizeof images), sizeof images);
    gzclose(zip);
    Table *t = read_pair(fixture, i, NULL, NULL);
    assert_memory_equal(t->pixels, images + 16, 18);
    const struct {
        unsigned char bytes[32];
        size_t n;
        int rows, height, width;
    } shapes[] = {
        {{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, 18, 2, 1, 3},
        {{0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4}, 24, 1, 2, 2},
        {{0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4}, 24, 1, 2, 2},
    };
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        i = fixture_write(fixture, "x", shapes[k].bytes, shapes[k].n);
        t = read_pair(fixture, i, NULL, NULL);
        assert_int_equal(t->n_rows, shapes[k].rows);
        assert_int_equal(t->height, shapes[k].height);
        assert_int_equal(t->width, shapes[k].width);
    }
}

static const struct {
    unsigned char bytes[24];
    size_t n;
    const char *want;
} hostile[] = {
    {{0, 0, 8, 3, 0, 0}, 6, "cut off in its header, 6 bytes"},
    {{0, 0, 8, 0, 0, 0}, 6, "a zero byte at position 1"},
    {{0, 0, 8, 9, 0, 0}, 6, "9 dimensions; at most 4"},
    {{0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0}, 12, "IDX elements are floats; only unsigned bytes"},
    {{0, 0, 10, 1, 0, 0, 0, 1, 0, 0, 0, 0}, 12, "only unsigned bytes"},
    {{0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2}, 16, "dimension 1 is empty"},
    {{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3}, 19,
     "promises 4 bytes of elements, the file has 3; is the download complete?"},
    {{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5}, 21, "the file has 5"},
    {{0, 0, 8, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 2}, 20,
     "impossible sizes"},
    {{0, 0, 8, 4, 128, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 1}, 21, "impossible sizes"},
    {{0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4}, 24,
     "neither the first nor the last is 1 (grey) or 3 (colour)"},
    {{0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3}, 11, "these are labels"},
};

static void refuses_with_place_and_cure(void **state)
{
    Fixture *fixture = *state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
        fixture_refuses(fixture, fixture_write(fixture, "x", hostile[i].bytes, hostile[i].n), NULL,
                        NULL, ERR_DATA, hostile[i].want);
    const char *good = fixture_write(fixture, "x", images, sizeof images);
    const struct {
        unsigned char bytes[16];
        size_t n;
        const char *want;
    } bad[] = {
        {{0, 0, 8, 1, 0, 0, 0, 2, 1, 2}, 10, "2 labels for the 3 images"},
        {{0, 0, 8, 1, 0, 0, 0, 3, 4, 4, 4}, 11, "all 3 labels are the same"},
        {{0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1}, 16, "the header promises 3 bytes"},
        {{0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 1, 1, 2, 3}, 15, "labels must have one dimension, not 2"},
        {{'h', 'e', 'l', 'l', 'o'}, 5, "not an IDX file"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error err = {0};
        Table *table = NULL;
        DataFile file = {good, fixture_write(fixture, "y", bad[i].bytes, bad[i].n)};
        assert_false(
            table_read(&file, &(ReadOptions){0}, NULL, fixture->arena, &table, &err));
        if (!strstr(err.message, bad[i].want)) fail_msg("%s", err.message);
        assert_int_equal(err.code, ERR_DATA);
    }
    const char *classes[] = {"2", "3"}, *label_path = fixture_write(fixture, "y", labels, sizeof labels);
    Schema small = {.height = 8, .width = 8}, columns = {.n_columns = 4},
           known = {.height = 2, .width = 3, .n_classes = 2, .classes = classes};
    fixture_refuses(fixture, good, NULL, &small, ERR_DATA, "images of 2 x 3, the model reads 8 x 8");
    fixture_refuses(fixture, good, NULL, &columns, ERR_DATA, "the model reads a table of 4 columns");
    Error err = {0};
    Table *table = NULL;
    DataFile file = {good, label_path};
    assert_false(table_read(&file, &(ReadOptions){0}, &known, fixture->arena, &table, &err));
    assert_non_null(strstr(err.message, "row 1: class `9` is none of the model's 2: 2, 3"));
}

static void survives_battering(void **state)
{
    fixture_batter(*state, "c", images, sizeof images, 1, 500);
}

static void survives_without_memory(void **state)
{
    Fixture *fixture = *state;
    DataFile file = {fixture_write(fixture, "x", images, sizeof images),
                     fixture_write(fixture, "y", labels, sizeof labels)};
    fixture_starve(fixture, &file, &(ReadOptions){.dir = "/"}, NULL);
}

/* Class counts of the test set as its authors' publication lists them. */
static void reads_mnist(void **state)
{
    Fixture *fixture = *state;
    char path[512];
    if (!fixture_data("mnist/t10k-images-idx3-ubyte.gz", path, sizeof path)) skip();
    Table *t = read_pair(fixture, path, NULL, NULL);
    const int want[10] = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
    int count[10] = {0};
    assert_int_equal(t->n_rows, 10000);
    assert_int_equal(t->height, 28);
    assert_int_equal(t->width, 28);
    assert_int_equal(t->n_classes, 10);
    for (int i = 0; i < t->n_rows; i++) count[t->labels[i]]++;
    assert_memory_equal(count, want, sizeof want);
    assert_string_equal(t->classes[t->labels[0]], "7");
    assert_true(fixture_data("mnist/t10k-labels-idx1-ubyte.gz", path, sizeof path));
    fixture_refuses(fixture, path, NULL, NULL, ERR_DATA, "these are labels");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(reads_images_and_labels),     TEST(finds_labels_beside_images),
        TEST(reads_gzip_and_other_shapes), TEST(refuses_with_place_and_cure),
        TEST(survives_battering),          TEST(survives_without_memory),
        TEST(reads_mnist),
    };
    return cmocka_run_group_tests_name("data/read_idx", tests, fixture_open, fixture_close);
}
