/* data/read_cifar: CIFAR's binary files; and IDX in colour. */
#include "tests/data_fixture.h"

enum { PIXELS = 3072 };

/* n records with `classes` bytes in front: class k of record i is (i * (k + 3)) modulo most[k]. */
static size_t records(unsigned char *out, int n, int classes, const int *most)
{
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < classes; k++) out[at++] = (unsigned char)(i * (k + 3) % most[k]);
        for (int j = 0; j < PIXELS; j++) out[at++] = (unsigned char)(i * 31 + j + j / 1024);
    }
    return at;
}

static const int ten[] = {10}, hundred[] = {20, 100};
static unsigned char bytes[8 * (PIXELS + 2)];

static void check_pixels(const Table *t)
{
    assert_true(t->height == 32 && t->width == 32 && t->channels == 3);
    for (int i = 0; i < t->n_rows; i++)
        for (int p = 0; p < 1024; p++)
            for (int c = 0; c < 3; c++)
                assert_int_equal(t->pixels[(i * 1024 + p) * 3 + c], (unsigned char)(i * 31 + c * 1024 + p + c));
}

static void reads_cifar_10(void **state)
{
    Fixture *fixture = *state;
    size_t n = records(bytes, 6, 1, ten);
    const char *path = fixture_write(fixture, "test_batch.bin", bytes, n);
    Table *t = fixture_read(fixture, path, NULL, NULL);
    fixture_check(t);
    check_pixels(t);
    assert_int_equal(t->n_rows, 6);
    assert_string_equal(t->classes[t->labels[2]], "6");
    fixture_text(fixture, "batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
    t = fixture_read(fixture, path, NULL, NULL);
    assert_string_equal(t->classes[t->labels[2]], "frog");
    assert_string_equal(t->classes[0], "airplane");
    Schema schema = table_schema(t);
    Table *again = fixture_read(fixture, path, NULL, &schema);
    assert_string_equal(again->fingerprint, t->fingerprint);
    schema.channels = 1;
    fixture_refuses(fixture, path, NULL, &schema, ERR_DATA, "32 x 32 in colour, the model reads 32 x 32");
    fixture_text(fixture, "batches.meta.txt", "only\nfew\n");
    assert_string_equal(fixture_read(fixture, path, NULL, NULL)->classes[0], "0");
}

static void reads_cifar_100(void **state)
{
    Fixture *fixture = *state;
    const char *path = fixture_write(fixture, "c", bytes, records(bytes, 7, 2, hundred));
    Table *t = fixture_read(fixture, path, NULL, NULL);
    check_pixels(t);
    assert_string_equal(t->label_name, "fine");
    assert_string_equal(t->classes[t->labels[3]], "12");
    t = fixture_read(fixture, path, &(ReadOptions){.label = {1, (const char *[]){"coarse"}}}, NULL);
    assert_string_equal(t->label_name, "coarse");
    assert_string_equal(t->classes[t->labels[3]], "9");
}

static void reads_the_batches_of_a_folder(void **state)
{
    Fixture *fixture = *state;
    size_t n = records(bytes, 6, 1, ten), record = PIXELS + 1;
    fixture_write(fixture, "data_batch_2.bin", bytes + 2 * record, n - 3 * record);
    fixture_write(fixture, "data_batch_1.bin", bytes, 2 * record);
    fixture_write(fixture, "data_batch_10.bin", bytes + 5 * record, record);
    fixture_write(fixture, "test_batch.bin", bytes, record);
    unlink(fixture_text(fixture, "batches.meta.txt", ""));
    Table *t = fixture_read(fixture, fixture->folder, NULL, NULL);
    assert_int_equal(t->n_rows, 6);
    check_pixels(t);
    for (int i = 0; i < 6; i++) assert_int_equal(atoi(t->classes[t->labels[i]]), i * 3 % 10);
    const char *bad = fixture_write(fixture, "data_batch_2.bin", bytes, record - 1);
    fixture_refuses(fixture, fixture->folder, NULL, NULL, ERR_DATA, "data_batch_2.bin: no file of CIFAR as the");
    unlink(bad);
    unlink(fixture_text(fixture, "data_batch_1.bin", ""));
    unlink(fixture_text(fixture, "data_batch_10.bin", ""));
}

static void survives_battering(void **state)
{
    Fixture *fixture = *state;
    size_t n = records(bytes, 2, 1, ten);
    fixture_refuses(fixture, fixture_write(fixture, "c", bytes, n - 1), &(ReadOptions){.format = FORMAT_CIFAR}, NULL,
                    ERR_DATA, "6145 bytes are no whole number of records");
    bytes[PIXELS + 1] = 10; /* no class */
    fixture_refuses(fixture, fixture_write(fixture, "c", bytes, n), &(ReadOptions){.format = FORMAT_CIFAR}, NULL,
                    ERR_DATA, "with classes in front");
    records(bytes, 2, 1, ten);
    fixture_batter(fixture, "c", bytes, n, 97, 100);
}

static void survives_without_memory(void **state)
{
    Fixture *fixture = *state;
    DataFile file = {.images = fixture_write(fixture, "c", bytes, records(bytes, 3, 1, ten))};
    fixture_starve(fixture, &file, &(ReadOptions){.dir = "/"}, NULL);
}

/* (N, H, W, 3) as it is, (N, 3, H, W) turned: both the same table. */
static void reads_idx_in_colour(void **state)
{
    Fixture *fixture = *state;
    unsigned char last[20 + 24] = {0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3};
    unsigned char first[20 + 24] = {0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2};
    for (int i = 0; i < 2; i++)
        for (int p = 0; p < 4; p++)
            for (int c = 0; c < 3; c++)
                last[20 + (i * 4 + p) * 3 + c] = first[20 + (i * 3 + c) * 4 + p] = (unsigned char)(100 * i + 10 * p + c);
    Table *a = fixture_read(fixture, fixture_write(fixture, "last", last, sizeof last), NULL, NULL);
    Table *b = fixture_read(fixture, fixture_write(fixture, "first", first, sizeof first), NULL, NULL);
    assert_true(a->channels == 3 && a->height == 2 && a->width == 2 && a->n_rows == 2);
    assert_memory_equal(a->pixels, last + 20, 24);
    assert_string_equal(a->fingerprint, b->fingerprint);
    Schema grey = {.height = 2, .width = 2};
    fixture_refuses(fixture, fixture_write(fixture, "last", last, sizeof last), NULL, &grey, ERR_DATA,
                    "images of 2 x 2 in colour, the model reads 2 x 2");
    unlink(fixture_text(fixture, "last", ""));
    unlink(fixture_text(fixture, "first", ""));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fixture_reset)
    const struct CMUnitTest tests[] = {
        TEST(reads_cifar_10),     TEST(reads_cifar_100),         TEST(reads_the_batches_of_a_folder),
        TEST(survives_battering), TEST(survives_without_memory), TEST(reads_idx_in_colour),
    };
    return cmocka_run_group_tests_name("data/read_cifar", tests, fixture_open, fixture_close);
}
