/* pictures/read, pictures/picture, pictures/resize: single pictures against Pillow, and in other sizes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "pictures/read.h"
#include "pictures/resize.h"
#include "tests/golden/pictures.h"

enum { N_FILES = sizeof golden_files / sizeof *golden_files, N_SIZES = sizeof golden_sizes / sizeof *golden_sizes };

static Picture read_whole(int f)
{
    Picture p;
    Error err;
    if (!picture_read((const char *)golden_files[f].bytes, golden_files[f].n, false, 255, &p, &err))
        fail_msg("%s: %s", golden_files[f].name, err.message);
    return p;
}

static void reads_what_pillow_reads(void **state)
{
    (void)state;
    for (int f = 0; f < N_FILES; f++) {
        Picture p = read_whole(f), seen;
        Error err;
        assert_int_equal(p.width, golden_files[f].width);
        assert_int_equal(p.height, golden_files[f].height);
        if (p.channels != golden_files[f].channels) fail_msg("%s: %d channels", golden_files[f].name, p.channels);
        for (int i = 0; i < p.width * p.height * p.channels; i++)
            if (p.bytes[i] != golden_files[f].pixels[i])
                fail_msg("%s: byte %d is %d, not %d", golden_files[f].name, i, p.bytes[i], golden_files[f].pixels[i]);
        assert_true(picture_read((const char *)golden_files[f].bytes, golden_files[f].n, true, 255, &seen, &err));
        assert_null(seen.bytes);
        assert_true(seen.width == p.width && seen.height == p.height && seen.channels == p.channels);
        assert_true(picture_is_called(golden_files[f].name));
        assert_true(picture_looks_like((const char *)golden_files[f].bytes, golden_files[f].n));
        picture_free(&p);
    }
}

/* Where the background is black, what is transparent is darker by as much as it is transparent. */
static void lays_over_black_as_well(void **state)
{
    (void)state;
    for (int f = 0; f < N_FILES; f++) {
        if (strcmp(golden_files[f].name, "alpha.png") != 0) continue;
        Picture white = read_whole(f), black;
        Error err;
        assert_true(picture_read((const char *)golden_files[f].bytes, golden_files[f].n, false, 0, &black, &err));
        int darker = 0;
        for (int i = 0; i < 3 * white.width * white.height; i++) {
            assert_true(black.bytes[i] <= white.bytes[i]);
            darker += black.bytes[i] < white.bytes[i];
        }
        assert_true(darker > white.width * white.height);
        picture_free(&white), picture_free(&black);
    }
}

/* Every way of cutting a file short, and random changed bytes: read or refused in a line, never a crash. */
static void survives_battering(void **state)
{
    (void)state;
    Rng rng = rng_stream(5, 0, RNG_TEST);
    int read_of_all = 0;
    for (int f = 0; f < N_FILES; f++) {
        const size_t n = golden_files[f].n;
        int n_read = 0, n_refused = 0;
        for (size_t round = 0; round < n + 300; round++) {
            const size_t keep = round < n ? round : n;
            char *copy = malloc(keep + 1); /* exactly as long, so that a sanitizer sees one too far */
            assert_non_null(copy);
            memcpy(copy, golden_files[f].bytes, keep);
            for (int k = 0; keep == n && k < 3; k++) copy[rng_below(&rng, (uint32_t)n)] = (char)rng_u32(&rng);
            Picture p;
            Error err = {0};
            copy = realloc(copy, keep ? keep : 1);
            if (picture_read(copy, keep, false, 255, &p, &err)) {
                assert_true(p.width >= 1 && p.height >= 1 && (p.channels == 1 || p.channels == 3) && p.bytes);
                picture_free(&p);
                n_read++;
            } else {
                assert_int_equal(err.code, ERR_DATA);
                assert_true(strlen(err.message) > 5 && !strchr(err.message, '\n'));
                n_refused++;
            }
            free(copy);
        }
        assert_true(n_refused > 20);
        read_of_all += n_read;
    }
    assert_true(read_of_all > 500);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    static const struct { const char *bytes, *want; } bad[] = {
        {"", "empty"},
        {"GIF89a", "no picture that is read"},
        {"P5 ", "no `P5 width height most`"},
        {"P5 3 0 255 ", "of no size"},
        {"P5 70000 2 255 ", "too many"},
        {"P5 30000 30000 255 ", "too many"},
        {"P5 3 3 255 abc", "cut off: 3 bytes where 9 are due"},
        {"P5 3 3 70000 abc", "no `P5 width"},
        {"P2 2 1 7 3 9", "above the most"},
        {"P2 2 1 7 3 x", "cut off after 1 of 2"},
        {"P1 2 1 12", "cut off after 1"},
        {"P5 2 1 255", "cut off in its header"},
        {"\x89PNG\r\n\x1a\nabc", "PNG: "},
        {"\xFF\xD8\xFF\xE0 abc", "JPEG: "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Picture p;
        Error err = {0};
        assert_false(picture_read(bad[i].bytes, strlen(bad[i].bytes), false, 0, &p, &err));
        if (!strstr(err.message, bad[i].want)) fail_msg("%s -- wanted %s", err.message, bad[i].want);
        assert_false(picture_looks_like("P5,name,3", 9)); /* a table may begin so */
    }
}

static void colours_become_grey_and_back(void **state)
{
    (void)state;
    Error err;
    Picture p = {.width = 2, .height = 2, .channels = 3};
    assert_true(picture_room(&p, &err));
    static const uint8_t rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 200, 200};
    memcpy(p.bytes, rgb, sizeof rgb);
    assert_true(picture_make_channels(&p, 1, &err));
    static const uint8_t grey[] = {76, 150, 29, 200}; /* Pillow's L of them */
    assert_memory_equal(p.bytes, grey, sizeof grey);
    assert_true(picture_make_channels(&p, 3, &err));
    for (int i = 0; i < 12; i++) assert_int_equal(p.bytes[i], grey[i / 3]);
    picture_free(&p);
}

/* ---- sizes ---------------------------------------------------------------------------------------- */

static PicturePart part_of(const Picture *p)
{
    return (PicturePart){p->bytes, p->width, p->height, p->channels, (size_t)p->width * (size_t)p->channels};
}

static void sizes_are_sums_of_fractions(void **state)
{
    (void)state;
    Picture p = read_whole(GOLDEN_RGB);
    uint8_t out[3 * 400];
    Error err;
    for (int k = 0; k < N_SIZES; k++) {
        const int w = golden_sizes[k].width, h = golden_sizes[k].height;
        assert_true(picture_resize(part_of(&p), w, h, out, 3 * (size_t)w, &err));
        assert_memory_equal(out, golden_sizes[k].pixels, 3 * (size_t)(w * h));
    }
    picture_free(&p);
}

static void one_level_stays_that_level(void **state)
{
    (void)state;
    uint8_t from[40 * 40], to[64 * 64];
    Error err;
    Rng rng = rng_stream(6, 0, RNG_TEST);
    for (int round = 0; round < 300; round++) {
        int w = 1 + (int)rng_below(&rng, 40), h = 1 + (int)rng_below(&rng, 40);
        int wide = 1 + (int)rng_below(&rng, 64), high = 1 + (int)rng_below(&rng, 64);
        const int level = (int)rng_below(&rng, 256);
        memset(from, level, sizeof from);
        assert_true(picture_resize((PicturePart){from, w, h, 1, (size_t)w}, wide, high, to, (size_t)wide, &err));
        for (int i = 0; i < wide * high; i++) assert_int_equal(to[i], level);
    }
}

/* By a whole factor each pixel is the mean of its block, rounded half up; in its own size a picture is itself. */
static void whole_factors_keep_means(void **state)
{
    (void)state;
    uint8_t from[60 * 60], to[60 * 60];
    Error err;
    Rng rng = rng_stream(7, 0, RNG_TEST);
    for (int i = 0; i < 60 * 60; i++) from[i] = (uint8_t)rng_below(&rng, 256);
    static const int factors[][2] = {{1, 1}, {2, 3}, {5, 1}, {10, 10}, {60, 4}, {60, 60}};
    for (size_t k = 0; k < sizeof factors / sizeof *factors; k++) {
        const int fx = factors[k][0], fy = factors[k][1], w = 60 / fx, h = 60 / fy;
        assert_true(picture_resize((PicturePart){from, 60, 60, 1, 60}, w, h, to, (size_t)w, &err));
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                int sum = 0;
                for (int j = 0; j < fy; j++)
                    for (int i = 0; i < fx; i++) sum += from[(y * fy + j) * 60 + x * fx + i];
                assert_int_equal(to[y * w + x], (2 * sum + fx * fy) / (2 * fx * fy));
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_pillow_reads),      cmocka_unit_test(lays_over_black_as_well),
        cmocka_unit_test(survives_battering),           cmocka_unit_test(refuses_with_a_reason),
        cmocka_unit_test(colours_become_grey_and_back), cmocka_unit_test(sizes_are_sums_of_fractions),
        cmocka_unit_test(one_level_stays_that_level),   cmocka_unit_test(whole_factors_keep_means),
    };
    return cmocka_run_group_tests_name("pictures", tests, NULL, NULL);
}
