/* data/read_pictures, data/pictures: folders of pictures by class, lists of names, one alone. */
#include "tests/data_fixture.h"

#include <sys/stat.h>

#include "base/folder.h"
#include "data/pictures.h"

/* Folders below the fixture's, removed at the end of each test. */
static char made[64][192];
static int n_made;

static const char *in_folder(Fixture *fixture, const char *path)
{
    assert_true(n_made < 64);
    snprintf(made[n_made], sizeof made[0], "%s/%s", fixture->folder, path);
    return made[n_made++];
}

static void folder(Fixture *fixture, const char *path)
{
    assert_int_equal(mkdir(in_folder(fixture, path), 0700), 0);
}

static void bytes_in(Fixture *fixture, const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(in_folder(fixture, path), "wb");
    assert_non_null(file);
    assert_true(fwrite(bytes, 1, n, file) == n);
    fclose(file);
}

/* A PPM or PGM of one level a channel; red < 0: grey of that level. */
static void picture(Fixture *fixture, const char *path, int width, int height, int red, int green)
{
    unsigned char bytes[3 * 400 + 32];
    int n = snprintf((char *)bytes, 32, "%s %d %d 255\n", red < 0 ? "P5" : "P6", width, height);
    assert_true(width * height <= 400);
    for (int i = 0; i < width * height; i++) {
        if (red < 0) bytes[n++] = (unsigned char)-red;
        else bytes[n++] = (unsigned char)red, bytes[n++] = (unsigned char)green, bytes[n++] = 7;
    }
    bytes_in(fixture, path, bytes, (size_t)n);
}

static int clean(void **state)
{
    (void)state;
    while (n_made > 0) {
        n_made--;
        if (unlink(made[n_made]) != 0) rmdir(made[n_made]);
    }
    return 0;
}

static Table *read_it(Fixture *fixture, const char *path, const char *labels, const ReadOptions *options,
                      const Schema *schema)
{
    static const ReadOptions none;
    char full[192];
    Error err = {0};
    Table *table = NULL;
    snprintf(full, sizeof full, "%s/%s", fixture->folder, path);
    DataFile file = {full, labels};
    if (!table_read(&file, options ? options : &none, schema, fixture->arena, &table, &err))
        fail_msg("%s", err.message);
    fixture_check(table);
    assert_int_equal(table->n_columns, 0);
    return table;
}

static const char *name_of(const Table *table, int row)
{
    return table->id->levels[table->id->code[row]];
}

static void by_class(Fixture *fixture)
{
    folder(fixture, "p");
    folder(fixture, "p/dog");
    folder(fixture, "p/cat");
    folder(fixture, "p/cat/more");
    folder(fixture, "p/.hidden");
    picture(fixture, "p/dog/2.ppm", 3, 2, 40, 50);
    picture(fixture, "p/dog/10.ppm", 3, 2, 60, 70);
    picture(fixture, "p/cat/1.pgm", 3, 2, -9, 0);
    picture(fixture, "p/cat/more/x.ppm", 3, 2, 80, 90);
    picture(fixture, "p/cat/.thumb.ppm", 9, 9, 1, 1);
    picture(fixture, "p/.hidden/y.ppm", 9, 9, 1, 1);
    bytes_in(fixture, "p/notes.txt", "hello", 5);
}

static void reads_a_folder_by_class(void **state)
{
    Fixture *fixture = *state;
    by_class(fixture);
    Table *t = read_it(fixture, "p", NULL, NULL, NULL);
    assert_int_equal(t->n_rows, 4);
    assert_int_equal(t->n_classes, 2);
    assert_string_equal(t->classes[0], "cat");
    assert_string_equal(t->classes[1], "dog");
    assert_true(t->height == 2 && t->width == 3 && t->channels == 3);
    static const char *const names[] = {"cat/1.pgm", "cat/more/x.ppm", "dog/2.ppm", "dog/10.ppm"};
    static const int labels[] = {0, 0, 1, 1}, first[] = {9, 80, 40, 60}, second[] = {9, 90, 50, 70};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(name_of(t, i), names[i]);
        assert_int_equal(t->labels[i], labels[i]);
        const uint8_t *p = t->pixels + (size_t)i * PIXELS_OF(t);
        for (int k = 0; k < 6; k++) assert_true(p[3 * k] == first[i] && p[3 * k + 1] == second[i]);
    }
    assert_true(fixture_noted(t, "1 file not called like a picture was left out (notes.txt)"));
    assert_int_equal(t->n_notes, 1);
    /* The same against its schema, and picked apart. */
    Schema schema = table_schema(t);
    Table *again = read_it(fixture, "p", NULL, NULL, &schema);
    assert_string_equal(again->fingerprint, t->fingerprint);
    assert_memory_equal(again->labels, t->labels, 4 * sizeof *t->labels);
    assert_int_equal(again->n_notes, 1);
    const int32_t rows[] = {3, 0};
    Table *part;
    Error err;
    assert_true(table_rows(t, rows, 2, fixture->arena, &part, &err));
    assert_string_equal(name_of(part, 0), "dog/10.ppm");
    assert_int_equal(part->pixels[0], 60);
    assert_int_equal(part->pixels[PIXELS_OF(part)], 9);
}

static void sizes_and_colours_as_asked(void **state)
{
    Fixture *fixture = *state;
    by_class(fixture);
    ReadOptions grey = {.pictures = {.colour = COLOUR_GREY, .width = 6}};
    Table *t = read_it(fixture, "p", NULL, &grey, NULL);
    assert_true(t->width == 6 && t->height == 4 && t->channels == 1); /* the height follows the shape */
    assert_int_equal(t->pixels[0], 9);
    picture(fixture, "p/cat/z.pgm", 20, 10, -100, 0); /* not as large as the others */
    t = read_it(fixture, "p", NULL, NULL, NULL);
    assert_true(t->width == 32 && t->height == 21 && t->channels == 3);
    assert_true(fixture_noted(t, "of several sizes were made 21 x 32; data.pictures.width"));
    ReadOptions exact = {.pictures = {.width = 4, .height = 4, .colour = COLOUR_RGB}};
    t = read_it(fixture, "p", NULL, &exact, NULL);
    assert_true(t->width == 4 && t->height == 4 && t->n_notes == 1);
}

static void fits_other_shapes(void **state)
{
    Fixture *fixture = *state;
    unsigned char bytes[64];
    int n = snprintf((char *)bytes, 32, "P5 6 2 255\n");
    for (int y = 0; y < 2; y++)
        for (int x = 0; x < 6; x++) bytes[n++] = (unsigned char)(x * 40);
    folder(fixture, "q");
    bytes_in(fixture, "q/wide.pgm", bytes, (size_t)n);
    ReadOptions options = {.pictures = {.width = 2, .height = 2}};
    Table *t = read_it(fixture, "q", NULL, &options, NULL);
    static const uint8_t stretched[] = {40, 160, 40, 160}, cropped[] = {80, 120, 80, 120};
    assert_memory_equal(t->pixels, stretched, 4);
    assert_null(t->labels);
    options.pictures.fit = FIT_CROP;
    t = read_it(fixture, "q", NULL, &options, NULL);
    assert_memory_equal(t->pixels, cropped, 4);
    options = (ReadOptions){.pictures = {.width = 3, .height = 5, .fit = FIT_PAD, .background = GROUND_BLACK}};
    t = read_it(fixture, "q", NULL, &options, NULL);
    static const uint8_t padded[] = {0, 0, 0, 0, 0, 0, 20, 100, 180, 0, 0, 0, 0, 0, 0};
    assert_memory_equal(t->pixels, padded, 15);
    /* A model's pictures are made fit as its own were, whatever is said. */
    Schema schema = table_schema(t);
    assert_true(schema.rules.fit == FIT_PAD && schema.rules.ground == GROUND_BLACK);
    Table *again = read_it(fixture, "q", NULL, &(ReadOptions){.pictures = {.width = 9}}, &schema);
    assert_memory_equal(again->pixels, padded, 15);
    again = read_it(fixture, "q/wide.pgm", NULL, NULL, &schema);
    assert_memory_equal(again->pixels, padded, 15);
    assert_string_equal(name_of(again, 0), "wide.pgm");
}

static void reads_names_from_a_list(void **state)
{
    Fixture *fixture = *state;
    by_class(fixture);
    const char *list = fixture_text(fixture, "names.csv", "kind,file,when\npet,dog/2.ppm,1\npet,cat/1.pgm,2\n"
                                                          "wild,cat/more/x.ppm,3\nwild,dog/10.ppm,4\n,dog/2.ppm,5\n");
    Table *t = read_it(fixture, "p", list, &(ReadOptions){.label = {1, (const char *[]){"kind"}}}, NULL);
    assert_int_equal(t->n_rows, 4); /* the last has no label */
    assert_string_equal(t->classes[1], "wild");
    assert_string_equal(t->label_name, "kind");
    assert_string_equal(name_of(t, 1), "cat/1.pgm");
    assert_int_equal(t->pixels[PIXELS_OF(t)], 9);
    static const int32_t labels[] = {0, 0, 1, 1};
    assert_memory_equal(t->labels, labels, sizeof labels);
    /* With the model: labels are optional, and the column may be called otherwise. */
    Schema schema = table_schema(t);
    const char *bare = fixture_text(fixture, "bare.csv", "which\ncat/more/x.ppm\ndog/2.ppm\n");
    Table *new = read_it(fixture, "p", bare, NULL, &schema);
    assert_true(new->n_rows == 2 && !new->labels && new->n_notes == 0);
    assert_int_equal(new->pixels[0], 80);
    Table *all = read_it(fixture, "p", list, &(ReadOptions){.no_labels = true}, &schema);
    assert_int_equal(all->n_rows, 5);
    assert_null(all->labels);
    /* Without a header names and labels are known by their places, or labels are not there. */
    const char *plain = fixture_text(fixture, "plain.csv", "7,dog/2.ppm,u\n8,cat/1.pgm,v\n9,dog/10.ppm,u\n");
    Table *placed = read_it(fixture, "p", plain, NULL, NULL);
    assert_true(placed->n_rows == 3 && placed->n_classes == 2);
    schema = table_schema(placed);
    Table *same = read_it(fixture, "p", plain, NULL, &schema);
    assert_true(same->n_rows == 3 && same->labels && same->labels[1] == 1);
    const char *only = fixture_text(fixture, "only.csv", "6,cat/1.pgm\n6,dog/10.ppm\n");
    Table *unlabelled = read_it(fixture, "p", only, NULL, &schema);
    assert_true(unlabelled->n_rows == 2 && !unlabelled->labels && unlabelled->pixels[0] == 9);
    ReadOptions said = {.label = {1, (const char *[]){"kind"}}, .pictures = {.column = "file"}};
    assert_string_equal(read_it(fixture, "p", list, &said, NULL)->fingerprint, t->fingerprint);
}

static void refused(Fixture *fixture, const char *path, const char *labels, const ReadOptions *options,
                    const Schema *schema, ErrorCode code, const char *want)
{
    char full[192];
    Error err = {0};
    Table *table = NULL;
    snprintf(full, sizeof full, "%s/%s", fixture->folder, path);
    DataFile file = {full, labels};
    assert_false(table_read(&file, options, schema, fixture->arena, &table, &err));
    if (err.code != code || !strstr(err.message, want)) fail_msg("%s -- wanted %s", err.message, want);
    assert_null(table);
}

static void refuses_with_place_and_cure(void **state)
{
    Fixture *fixture = *state;
    const ReadOptions none = {0};
    by_class(fixture);
    folder(fixture, "e");
    bytes_in(fixture, "e/a.txt", "x", 1);
    refused(fixture, "e", NULL, &none, NULL, ERR_DATA, "no pictures are in it; files called .png");
    const char *no = fixture_text(fixture, "no.csv", "a,b\nx,1\ny,2\n");
    refused(fixture, "p", no, &none, NULL, ERR_DATA, "no column has names of files");
    refused(fixture, "p", no, &(ReadOptions){.pictures = {.column = "c"}}, NULL, ERR_CONFIG,
            "data.pictures.column: ");
    const char *gone = fixture_text(fixture, "gone.csv", "file,y\ndog/2.ppm,a\nnowhere.png,b\n");
    refused(fixture, "p", gone, &(ReadOptions){.pictures = {.column = "file"}}, NULL, ERR_IO, "nowhere.png");
    Schema columns = {.n_columns = 2};
    refused(fixture, "p", NULL, &none, &columns, ERR_DATA, "the model reads a table of 2 columns");
    Table *t = read_it(fixture, "p", NULL, NULL, NULL);
    Schema schema = table_schema(t);
    folder(fixture, "p/bird");
    picture(fixture, "p/bird/1.pgm", 3, 2, -9, 0);
    refused(fixture, "p", NULL, &none, &schema, ERR_DATA, "class `bird` is none of the model's 2: cat, dog");
    bytes_in(fixture, "p/bird/2.png", "\x89PNG\r\n\x1a\n1234", 12);
    refused(fixture, "p", NULL, &none, NULL, ERR_DATA, "p/bird/2.png: PNG: ");
}

static void survives_without_memory(void **state)
{
    Fixture *fixture = *state;
    char full[192];
    by_class(fixture);
    snprintf(full, sizeof full, "%s/p", fixture->folder);
    DataFile file = {full, NULL};
    fixture_starve(fixture, &file, &(ReadOptions){.dir = "/"}, NULL);
    file.labels = fixture_text(fixture, "names.csv", "kind,file\npet,dog/2.ppm\nwild,cat/1.pgm\n");
    fixture_starve(fixture, &file, &(ReadOptions){.dir = "/", .label = {1, (const char *[]){"kind"}}}, NULL);
}

static void names_are_in_natural_order(void **state)
{
    (void)state;
    static const char *const order[] = {"", "01", "1", "2", "10", "a", "a1b2", "a1b10", "a01b11", "a2", "b"};
    enum { N = sizeof order / sizeof *order };
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int c = natural_compare(order[i], order[j]);
            assert_true(i == j ? c == 0 : i < j ? c < 0 : c > 0);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_reset, clean)
    const struct CMUnitTest tests[] = {
        TEST(reads_a_folder_by_class), TEST(sizes_and_colours_as_asked),  TEST(fits_other_shapes),
        TEST(reads_names_from_a_list), TEST(refuses_with_place_and_cure), TEST(survives_without_memory),
        TEST(names_are_in_natural_order),
    };
    return cmocka_run_group_tests_name("data/read_pictures", tests, fixture_open, fixture_close);
}
