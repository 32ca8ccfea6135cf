/* data/rows and data/augment: batches are what the rows say, and pictures move as they should.
 * Prints how fast; nothing timed is asserted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "data/augment.h"
#include "data/rows.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, PICTURES = 40 };

static uint8_t pictures[PICTURES * PIXELS];
static float shift[PIXELS], scale[PIXELS], scratch[(SIDE + 3) * (SIDE + 3)];

/* A soft disc near the middle of each picture, well inside. */
static Rows discs(void)
{
    for (int p = 0; p < PICTURES; p++)
        for (int i = 0; i < PIXELS; i++) {
            double x = i % SIDE - 13.5 - p % 3 + 1, y = i / SIDE - 13.5 + p % 4 - 1.5;
            double grey = 255 * exp(-(x * x + 2 * y * y) / 18);
            pictures[p * PIXELS + i] = (uint8_t)(grey < 3 ? 0 : grey);
        }
    for (int i = 0; i < PIXELS; i++) {
        shift[i] = 0;
        scale[i] = 1 / 255.0f;
    }
    return (Rows){.n_rows = PICTURES, .n_features = PIXELS, .pixels = pictures, .shift = shift,
                  .scale = scale, .height = SIDE, .width = SIDE};
}

static void gathers_a_table(void **state)
{
    (void)state;
    enum { N = 9, D = 5, LD = 8, LD_OUT = 7 };
    float x[N * LD], out[4 * LD_OUT];
    for (int i = 0; i < N * LD; i++) x[i] = (float)i;
    Rows rows = {.n_rows = N, .n_features = D, .x = x, .ld = LD};
    const int32_t index[4] = {8, 0, 3, 3};
    for (int i = 0; i < 4 * LD_OUT; i++) out[i] = NAN;
    rows_gather(&rows, index, 0, 4, NULL, NULL, NULL, out, LD_OUT);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < LD_OUT; j++)
            assert_true(out[i * LD_OUT + j] == (j < D ? x[index[i] * LD + j] : 0));
    rows_gather(&rows, NULL, 5, 4, NULL, NULL, NULL, out, LD_OUT);
    for (int i = 0; i < 4; i++) assert_memory_equal(out + i * LD_OUT, x + (5 + i) * LD, D * 4);
    rows_gather(&rows, NULL, 5, 0, NULL, NULL, NULL, out, LD_OUT);
}

static void gathers_images(void **state)
{
    (void)state;
    Rows rows = discs();
    const int32_t source[3] = {7, 2, 39}, index[2] = {2, 0};
    float out[2 * (PIXELS + 3)];
    for (int each = 0; each < 4; each++) {
        /* One scale for all, one shift and scale for all, one of both for each pixel,
         * and one scale with a shift for each pixel. */
        for (int j = 0; j < PIXELS; j++) {
            shift[j] = each ? 33.3f : 0;
            scale[j] = each ? 0.013f : 1 / 255.0f;
            if (each == 3) shift[j] = (float)j;
            if (each == 2) shift[j] = (float)j, scale[j] = 1 / (1 + (float)j);
        }
        rows.source = source;
        rows.n_rows = 3;
        rows_gather(&rows, index, 0, 2, NULL, NULL, NULL, out, PIXELS + 3);
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < PIXELS + 3; j++) {
                float byte = j < PIXELS ? pictures[source[index[i]] * PIXELS + j] : 0;
                float want = j < PIXELS ? (byte - shift[j]) * scale[j] : 0;
                assert_true(out[i * (PIXELS + 3) + j] == want);
            }
    }
    rows.source = NULL;
    rows.n_features = 1; /* one pixel: the shortest row there is */
    rows.height = rows.width = 1;
    rows_gather(&rows, NULL, 1, 1, NULL, NULL, NULL, out, 1);
    assert_true(out[0] == ((float)pictures[1] - shift[0]) * scale[0]);
}

static void off_means_untouched(void **state)
{
    (void)state;
    Rows rows = discs();
    float plain[4 * PIXELS], same[4 * PIXELS];
    Augment off = {0};
    assert_false(augment_is_on(&off));
    Rng rng = rng_stream(1, 0, RNG_AUGMENT), before = rng;
    rows_gather(&rows, NULL, 3, 4, NULL, NULL, NULL, plain, PIXELS);
    rows_gather(&rows, NULL, 3, 4, &off, &rng, scratch, same, PIXELS);
    assert_memory_equal(plain, same, sizeof plain);
    assert_memory_equal(&rng, &before, sizeof rng);
    /* Strengths that hardly move anything hardly change anything. */
    Augment faint = {.rotate_deg = 1e-5, .shift_px = 1e-6, .scale = 1e-7, .shear = 1e-7, .crop = 1e-7, .noise = 1e-7};
    assert_true(augment_is_on(&faint));
    rows_gather(&rows, NULL, 3, 4, &faint, &rng, scratch, same, PIXELS);
    for (int i = 0; i < 4 * PIXELS; i++) assert_true(fabsf(plain[i] - same[i]) < 1e-4f);
}

static void warps_by_hand(void **state)
{
    (void)state;
    enum { H = 5, W = 5 };
    uint8_t in[H * W];
    float out[H * W];
    Rng rng = rng_stream(2, 0, RNG_TEST);
    for (int i = 0; i < H * W; i++) in[i] = (uint8_t)rng_below(&rng, 256);
    const float identity[6] = {1, 0, 0, 0, 1, 0}, quarter[6] = {0, 1, 0, -1, 0, H - 1},
                mirror[6] = {-1, 0, W - 1, 0, 1, 0}, half[6] = {1, 0, 0.5f, 0, 1, 0.25f},
                away[6] = {1, 0, 1e30f, 0, 1, -1e30f}, nowhere[6] = {NAN, 0, 0, 0, 1, 0};
    augment_warp(identity, in, H, W, scratch, out);
    for (int i = 0; i < H * W; i++) assert_true(out[i] == in[i]);
    augment_warp(quarter, in, H, W, scratch, out); /* source (x, y) = (y', 4 - x') */
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) assert_true(out[y * W + x] == in[(H - 1 - x) * W + y]);
    augment_warp(mirror, in, H, W, scratch, out);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) assert_true(out[y * W + x] == in[y * W + W - 1 - x]);
    augment_warp(half, in, H, W, scratch, out);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            double a = in[y * W + x], b = x + 1 < W ? in[y * W + x + 1] : 0;
            double c = y + 1 < H ? in[(y + 1) * W + x] : 0;
            double d = y + 1 < H && x + 1 < W ? in[(y + 1) * W + x + 1] : 0;
            double want = 0.75 * (a + b) / 2 + 0.25 * (c + d) / 2;
            assert_true(fabs(out[y * W + x] - want) < 1e-3);
        }
    augment_warp(away, in, H, W, scratch, out);
    for (int i = 0; i < H * W; i++) assert_true(out[i] == 0);
    augment_warp(nowhere, in, H, W, scratch, out);
    for (int i = 0; i < H * W; i++) assert_true(isfinite(out[i]));
    /* Not square, and one pixel. */
    const float turn[6] = {0, 1, 0, 1, 0, 0};
    augment_warp(turn, in, 2, 3, scratch, out);
    assert_true(out[1] == in[3] && out[2] == 0 && out[3] == in[1] && out[5] == 0);
    augment_warp(identity, in, 1, 1, scratch, out);
    assert_true(out[0] == in[0]);
}

static void moments(const float *x, double *mass, double *cx, double *cy)
{
    *mass = *cx = *cy = 0;
    for (int i = 0; i < PIXELS; i++) {
        *mass += x[i];
        *cx += x[i] * (double)(i % SIDE);
        *cy += x[i] * (double)(i / SIDE);
    }
    *cx /= *mass;
    *cy /= *mass;
}

/* The drawn map takes the centre where the strengths allow, and the picture follows. */
static void pictures_move_within_bounds(void **state)
{
    (void)state;
    Rows rows = discs();
    Rng rng = rng_stream(3, 0, RNG_AUGMENT);
    float plain[PIXELS], moved[PIXELS];
    double mass, cx, cy, mass_moved, mx, my, furthest = 0, most = 0, least = 9;
    for (int round = 0; round < 300; round++) {
        int p = round % PICTURES;
        rows_gather(&rows, NULL, p, 1, NULL, NULL, NULL, plain, PIXELS);
        moments(plain, &mass, &cx, &cy);
        rows_gather(&rows, NULL, p, 1, &(Augment){.shift_px = 3}, &rng, scratch, moved, PIXELS);
        moments(moved, &mass_moved, &mx, &my);
        assert_true(fabs(mx - cx) < 3.01 && fabs(my - cy) < 3.01);
        assert_true(fabs(mass_moved / mass - 1) < 0.01);
        furthest = fmax(furthest, fabs(mx - cx));
        rows_gather(&rows, NULL, p, 1, &(Augment){.scale = 0.2}, &rng, scratch, moved, PIXELS);
        moments(moved, &mass_moved, &mx, &my);
        most = fmax(most, mass_moved / mass);
        least = fmin(least, mass_moved / mass);
        rows_gather(&rows, NULL, p, 1, &(Augment){.rotate_deg = 180}, &rng, scratch, moved, PIXELS);
        moments(moved, &mass_moved, &mx, &my);
        assert_true(fabs(hypot(mx - 13.5, my - 13.5) - hypot(cx - 13.5, cy - 13.5)) < 0.05);
        assert_true(fabs(mass_moved / mass - 1) < 0.02);
        rows_gather(&rows, NULL, p, 1, &(Augment){.crop = 0.3}, &rng, scratch, moved, PIXELS);
        moments(moved, &mass_moved, &mx, &my);
        assert_true(mass_moved / mass > 0.9 && mass_moved / mass < 1 / (0.7 * 0.7) + 0.05);
    }
    assert_true(furthest > 2.8);
    assert_true(most > 1.3 && most < 1.46 && least < 0.75 && least > 0.6);
}

/* A shear moves a row sideways by shear * its height above the centre; scale stretches. */
static void the_map_is_the_inverse(void **state)
{
    (void)state;
    Augment strong = {.rotate_deg = 30, .shift_px = 2, .scale = 0.3, .shear = 0.4, .crop = 0.2, .noise = 0};
    Rng rng = rng_stream(4, 0, RNG_AUGMENT);
    for (int round = 0; round < 200; round++) {
        Rng copy = rng;
        float map[6];
        augment_draw(&strong, SIDE, SIDE, &rng, map);
        double u[9];
        for (int k = 0; k < 9; k++) u[k] = 2 * rng_uniform(&copy) - 1;
        double a = 30 * u[0] * 3.14159265358979323846 / 180, sx = 1 + 0.3 * u[1],
               sy = 1 + 0.3 * u[2], k = 0.4 * u[3], tx = 2 * u[4], ty = 2 * u[5];
        double cut = 0.2 * (u[6] + 1) / 2, ox = cut * 13.5 * u[7], oy = cut * 13.5 * u[8];
        for (int q = 0; q < 5; q++) {
            double x = q * 5, y = 27 - q * 4; /* an output pixel, its source, and forward again */
            double px = map[0] * x + map[1] * y + map[2] - 13.5;
            double py = map[3] * x + map[4] * y + map[5] - 13.5;
            double wide = sx * px + k * sy * py, high = sy * py;
            double fx = cos(a) * wide - sin(a) * high, fy = sin(a) * wide + cos(a) * high;
            assert_true(fabs(fx - ((1 - cut) * (x - 13.5) + ox - tx)) < 1e-4);
            assert_true(fabs(fy - ((1 - cut) * (y - 13.5) + oy - ty)) < 1e-4);
        }
    }
}

static void same_seed_same_batch(void **state)
{
    (void)state;
    Rows rows = discs();
    Augment augment = {.rotate_deg = 15, .shift_px = 2, .scale = 0.15, .shear = 0.15, .crop = 0.1, .noise = 0.1};
    static float one[8 * PIXELS], two[8 * PIXELS];
    const int32_t index[8] = {1, 2, 3, 4, 5, 6, 7, 8}, other[8] = {9, 2, 30, 4, 31, 6, 32, 8};
    Rng a = rng_stream(5, 1, RNG_AUGMENT), b = a;
    rows_gather(&rows, index, 0, 8, &augment, &a, scratch, one, PIXELS);
    for (size_t i = 0; i < sizeof scratch / sizeof *scratch; i++) scratch[i] = NAN;
    rows_gather(&rows, index, 0, 8, &augment, &b, scratch, two, PIXELS);
    assert_memory_equal(one, two, sizeof one);
    assert_memory_equal(&a, &b, sizeof a);
    /* Each row's deformation is its own: other neighbours change nothing, nor does the cut
     * between two calls. */
    b = rng_stream(5, 1, RNG_AUGMENT);
    rows_gather(&rows, other, 0, 3, &augment, &b, scratch, two, PIXELS);
    rows_gather(&rows, other + 3, 0, 5, &augment, &b, scratch, two + 3 * PIXELS, PIXELS);
    for (int i = 1; i < 8; i += 2)
        assert_memory_equal(one + i * PIXELS, two + i * PIXELS, PIXELS * sizeof(float));
    rows_gather(&rows, index, 0, 1, &augment, &b, scratch, two, PIXELS);
    assert_memory_not_equal(one, two, PIXELS * sizeof(float));
    for (int i = 0; i < PIXELS; i++) assert_true(one[i] >= 0 && one[i] <= 1);
}

/* Strengths do not change how many words a picture takes. */
static void draws_are_counted(void **state)
{
    (void)state;
    const Augment some[] = {{.noise = 1}, {.rotate_deg = 9}, {.rotate_deg = 9, .shift_px = 1, .scale = 0.1, .shear = 0.1, .crop = 0.1, .noise = 0}};
    for (int k = 0; k < 3; k++) {
        Rng rng = rng_stream(5, 2, RNG_AUGMENT), words = rng;
        float map[6];
        augment_draw(&some[k], SIDE, SIDE, &rng, map);
        for (int i = 0; i < AUGMENT_WARP_WORDS; i++) (void)rng_u32(&words);
        assert_int_equal(rng_u32(&rng), rng_u32(&words));
    }
}

static void pictures_get_noise_and_are_clipped(void **state)
{
    (void)state;
    Rows rows = discs();
    Rng rng = rng_stream(6, 1, RNG_AUGMENT);
    const int greys[3] = {0, 128, 255};
    float out[PIXELS];
    for (int k = 0; k < 3; k++) {
        memset(pictures, greys[k], PIXELS);
        rows_gather(&rows, NULL, 0, 1, &(Augment){.noise = 0.1}, &rng, scratch, out, PIXELS);
        double sum = 0, squares = 0;
        int at_bound = 0;
        for (int i = 0; i < PIXELS; i++) {
            double deviation = out[i] - greys[k] / 255.0;
            assert_true(out[i] >= 0 && out[i] <= 1.0000001f);
            sum += deviation;
            squares += deviation * deviation;
            at_bound += deviation == 0;
        }
        if (k == 1) assert_true(fabs(sum / PIXELS) < 0.015);
        if (k == 1) assert_true(fabs(sqrt(squares / PIXELS) - 0.1) < 0.01);
        if (k != 1) assert_in_range(at_bound, PIXELS / 2 - 80, PIXELS / 2 + 80);
    }
}

static void noise_is_gaussian(void **state)
{
    (void)state;
    enum { N = 40001 };
    static float x[N];
    Rng rng = rng_stream(6, 0, RNG_AUGMENT), words = rng;
    augment_noise(0.5, &rng, x, N);
    for (int i = 0; i < (N + 1) / 2; i++) (void)rng_u32(&words);
    assert_int_equal(rng_u32(&rng), rng_u32(&words)); /* one word for two */
    double sum = 0, squares = 0, fourth = 0, lag = 0, pair = 0, first = 0;
    int beyond = 0;
    for (int i = 0; i < N; i++) {
        double z = x[i] / 0.5;
        sum += z;
        squares += z * z;
        fourth += z * z * z * z;
        beyond += fabs(z) > 1.959964;
        if (i > 0) lag += z * x[i - 1] / 0.5;
        if (i % 64 < 32) first += z * z;
        if (i % 64 >= 32) pair += z * z * x[i - 32] * x[i - 32] / 0.25; /* the two of one word */
    }
    assert_true(fabs(sum / N) < 0.02 && fabs(squares / N - 1) < 0.03 && fabs(lag / N) < 0.02);
    assert_true(fabs(fourth / N - 3) < 0.2 && fabs(pair / (N / 2) - 1) < 0.06);
    assert_true(fabs(first / (N / 2) - 1) < 0.04);
    assert_in_range(beyond, N / 20 - 180, N / 20 + 180);

    float table[6] = {1, 2, 3, 4, 5, 6}, out[8];
    Rows rows = {.n_rows = 2, .n_features = 3, .x = table, .ld = 3};
    rows_gather(&rows, NULL, 0, 2, &(Augment){.noise = 0.01}, &rng, NULL, out, 4);
    for (int i = 0; i < 2; i++) {
        assert_true(out[4 * i + 3] == 0);
        for (int j = 0; j < 3; j++) {
            float moved = fabsf(out[4 * i + j] - table[3 * i + j]);
            assert_true(moved > 0 && moved < 0.06f);
        }
    }
    /* A code is a name, not a number; the features beside it keep their noise. */
    const int feature[3] = {FEATURE_PLAIN, 6, FEATURE_PBLD};
    rows.feature = feature;
    rows_gather(&rows, NULL, 0, 2, &(Augment){.noise = 0.01}, &rng, NULL, out, 3);
    for (int i = 0; i < 6; i++) assert_true((out[i] == table[i]) == (i % 3 == 1));
    rows.feature = NULL;
    /* Warps do not apply to a table, and cost it no words. */
    Rng before = rng;
    rows_gather(&rows, NULL, 0, 2, &(Augment){.rotate_deg = 9}, &rng, NULL, out, 3);
    assert_memory_equal(out, table, sizeof table);
    assert_memory_equal(&rng, &before, sizeof rng);
}

/* Features 0, 5 and 6 are numbers, 1..4 and 7..9 one-hot. */
static void places_of_ones_give_the_same_floats(void **state)
{
    (void)state;
    enum { D = 10, N = 4 };
    static const float dense[N][D + 2] = {{1.5f, 0, 1, 0, 0, -2, 3, 1, 0, 0}, {0, 0, 0, 0, 0, 5, 0, 0, 0, 1},
                                          {2, 1, 0, 0, 0, 0, 7, 0, 0, 0}, {-1, 0, 0, 0, 1, 4, 2, 0, 1, 0}};
    static const float x[N][8] = {{1.5f, -2, 3}, {0, 5, 0}, {2, 0, 7}, {-1, 4, 2}};
    static const int32_t hot[2 * N] = {2, 7, -1, 9, 1, -1, 4, 8}, index[5] = {3, 0, 0, 2, 1};
    static const int plain[3] = {0, 5, 6}, feature[D] = {0, 0, 0, 0, 0, 4, FEATURE_PBLD};
    Rows full = {.n_rows = N, .n_features = D, .x = dense[0], .ld = D + 2};
    Rows packed = {.n_rows = N, .n_features = D, .x = x[0], .ld = 8, .n_hot = 2, .n_plain = 3, .plain = plain,
                   .hot = hot};
    float a[5 * (D + 3)], b[5 * (D + 3)];
    assert_true(rows_in_place(&full) && !rows_in_place(&packed));
    for (int i = 0; i < N; i++) assert_int_equal(rows_zeros(&full, i), rows_zeros(&packed, i));
    for (int noise = 0; noise < 2; noise++) {
        for (int coded = 0; coded < 2; coded++) {
            full.feature = packed.feature = coded ? feature : NULL;
            Rng rng = rng_stream(4, 0, RNG_TEST), same = rng;
            memset(a, 1, sizeof a);
            memset(b, 2, sizeof b);
            rows_gather(&full, index, 0, 5, &(Augment){.noise = noise}, &rng, NULL, a, D + 3);
            rows_gather(&packed, index, 0, 5, &(Augment){.noise = noise}, &same, NULL, b, D + 3);
            assert_memory_equal(a, b, sizeof a);
            assert_memory_equal(&rng, &same, sizeof rng);
        }
    }
    rows_gather(&packed, NULL, 1, 3, NULL, NULL, NULL, b, D + 2);
    assert_memory_equal(b, dense[1], 3 * sizeof dense[0]);
}

static void scratch_is_enough(void **state)
{
    (void)state;
    assert_int_equal(augment_scratch_floats(0, 0), 0);
    Rng rng = rng_stream(7, 0, RNG_AUGMENT);
    Augment wild = {.rotate_deg = 180, .shift_px = 40, .scale = 0.9, .shear = 2, .crop = 0.9, .noise = 3};
    for (int h = 1; h < 12; h++)
        for (int w = 1; w < 12; w++) {
            /* On the heap and exactly as long as promised, so that a sanitizer sees one too far. */
            float *room = malloc((size_t)augment_scratch_floats(h, w) * sizeof *room);
            float *out = malloc((size_t)(h * w) * sizeof *out);
            unsigned char *in = malloc((size_t)(h * w));
            if (!room || !out || !in) abort();
            memset(in, 200, (size_t)(h * w));
            bool fine = true;
            for (int round = 0; round < 20; round++) {
                augment_image(&wild, in, h, w, 1, &rng, room, out);
                for (int i = 0; i < h * w; i++) fine = fine && out[i] >= 0 && out[i] < 200.01f;
            }
            free(room);
            free(out);
            free(in);
            assert_true(fine);
        }
}

/* A picture whose grey tells its place: bright_x(x, y) = 8 x, bright_y = 8 y. Inside, a warp of such a
 * ramp returns where each pixel came from, so the displacement itself can be read off. */
static void elastic_fields_are_smooth_and_as_strong_as_said(void **state)
{
    (void)state;
    const Augment elastic = {.elastic_alpha = 20, .elastic_sigma = 4};
    int pool = augment_pool_floats(&elastic, SIDE, SIDE), frame = augment_scratch_floats(SIDE, SIDE);
    assert_int_equal(pool, AUGMENT_FIELDS * 2 * 2 * PIXELS);
    assert_int_equal(augment_pool_floats(&(Augment){.rotate_deg = 9}, SIDE, SIDE), 0);
    float *room = malloc((size_t)(frame + pool) * sizeof *room);
    assert_non_null(room);
    Rng fill = rng_stream(11, 0, RNG_AUGMENT), rng = rng_stream(11, 1, RNG_AUGMENT);
    augment_fill_pool(&elastic, SIDE, SIDE, &fill, room);
    uint8_t ramp[2][PIXELS];
    for (int i = 0; i < PIXELS; i++) ramp[0][i] = (uint8_t)(8 * (i % SIDE)), ramp[1][i] = (uint8_t)(8 * (i / SIDE));
    double sum = 0, squares = 0, steps = 0, covariance = 0;
    int n = 0, n_steps = 0, different = 0;
    float last[PIXELS] = {0};
    for (int round = 0; round < 400; round++) {
        float moved[2][PIXELS];
        Rng same = rng;
        augment_image(&elastic, ramp[0], SIDE, SIDE, 1, &same, room, moved[0]);
        augment_image(&elastic, ramp[1], SIDE, SIDE, 1, &rng, room, moved[1]);
        different += memcmp(last, moved[0], sizeof last) != 0;
        memcpy(last, moved[0], sizeof last);
        for (int y = 6; y < SIDE - 6; y++)
            for (int x = 6; x < SIDE - 6; x++) {
                int i = y * SIDE + x;
                double dx = (double)moved[0][i] / 8 - x, dy = (double)moved[1][i] / 8 - y;
                double next = (double)moved[0][i + 1] / 8 - (x + 1);
                sum += dx + dy;
                squares += dx * dx + dy * dy;
                covariance += dx * dy;
                n += 2;
                steps += (next - dx) * (next - dx);
                n_steps++;
            }
    }
    /* U(-1, 1) has variance 1/3; a Gaussian of sigma in two dimensions leaves 1 / (4 pi sigma^2) of it; a
     * neighbour's correlation is exp(-1 / (4 sigma^2)). */
    const double wanted = 20 / sqrt(3.0) / (2 * sqrt(3.14159265) * 4), variance = squares / n;
    assert_true(fabs(sqrt(variance) / wanted - 1) < 0.06);
    assert_true(fabs(sum / n) < 0.06 * wanted && fabs(covariance / (n / 2)) < 0.1 * variance);
    assert_true(fabs(steps / n_steps / (2 * variance * (1 - exp(-1.0 / 64))) - 1) < 0.15);
    assert_true(different >= 399);
    free(room);
}

/* A colour picture is three grey ones: deformed alike, cut alike, by the same words of chance. */
static void channels_move_together(void **state)
{
    (void)state;
    const Augment all = {.rotate_deg = 25, .shift_px = 2, .scale = .1, .shear = .2, .crop = .2, .elastic_alpha = 20,
                         .elastic_sigma = 4, .cutout_px = 5}, cut = {.cutout_px = 7};
    const int floats = augment_scratch_floats(SIDE, SIDE) + augment_pool_floats(&all, SIDE, SIDE);
    float *room = malloc((size_t)floats * sizeof *room);
    assert_non_null(room);
    Rng fill = rng_stream(21, 0, RNG_AUGMENT), rng = rng_stream(21, 1, RNG_AUGMENT);
    augment_fill_pool(&all, SIDE, SIDE, &fill, room);
    static uint8_t colour[3 * PIXELS], grey[3][PIXELS];
    static float out[3 * PIXELS], one[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        for (int c = 0; c < 3; c++) colour[3 * i + c] = grey[c][i] = (uint8_t)rng_below(&fill, 256);
    for (int round = 0; round < 40; round++) {
        const Augment *how = round % 4 ? &all : &cut;
        const Rng before = rng;
        augment_image(how, colour, SIDE, SIDE, 3, &rng, room, out);
        for (int c = 0; c < 3; c++) {
            Rng same = before;
            augment_image(how, grey[c], SIDE, SIDE, 1, &same, room, one);
            for (int i = 0; i < PIXELS; i++) assert_true(out[3 * i + c] == one[i]);
            Rng after = rng;
            assert_int_equal(rng_u32(&same), rng_u32(&after));
        }
    }
    free(room);
}

/* Gathered without and with augmentation: bytes in their places, each with its scale. */
static void colour_is_gathered(void **state)
{
    (void)state;
    enum { W = 3, H = 2, D = 3 * W * H };
    uint8_t pixels[2 * D];
    float low[D], factor[D], out[2][D + 2], room[(H + 3) * (W + 3)];
    for (int i = 0; i < 2 * D; i++) pixels[i] = (uint8_t)(7 * i);
    for (int j = 0; j < D; j++) low[j] = (float)j, factor[j] = 1 / 255.0f;
    Rows rows = {.n_rows = 2, .n_features = D, .pixels = pixels, .shift = low, .scale = factor, .height = H,
                 .width = W, .channels = 3};
    rows_gather(&rows, NULL, 0, 2, NULL, NULL, NULL, out[0], D + 2);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < D; j++)
            assert_true(out[i][j] == ((float)pixels[i * D + j] - (float)j) * (1 / 255.0f));
    assert_true(out[1][D] == 0 && out[1][D + 1] == 0);
    Rng rng = rng_stream(3, 0, RNG_AUGMENT);
    const Augment noise = {.noise = 1e-9};
    rows_gather(&rows, NULL, 1, 1, &noise, &rng, room, out[0], D + 2);
    for (int j = 0; j < D; j++) assert_true(fabsf(out[0][j] - out[1][j]) < 1e-5f);
}

static void cutout_clears_one_square(void **state)
{
    (void)state;
    const Augment cutout = {.cutout_px = 6};
    uint8_t white[PIXELS];
    float out[PIXELS];
    int whole = 0, corner = 0;
    memset(white, 255, sizeof white);
    Rng rng = rng_stream(12, 0, RNG_AUGMENT);
    assert_true(augment_is_on(&cutout));
    for (int round = 0; round < 2000; round++) {
        augment_image(&cutout, white, SIDE, SIDE, 1, &rng, scratch, out);
        int left = SIDE, right = -1, top = SIDE, bottom = -1, n = 0;
        for (int i = 0; i < PIXELS; i++) {
            if (out[i] != 0) continue;
            int x = i % SIDE, y = i / SIDE;
            left = x < left ? x : left, right = x > right ? x : right;
            top = y < top ? y : top, bottom = y > bottom ? y : bottom;
            n++;
        }
        int wide = right - left + 1, high = bottom - top + 1;
        assert_int_equal(n, wide * high);
        assert_true(wide >= 3 && wide <= 6 && high >= 3 && high <= 6);
        whole += n == 36;
        corner += n == 9;
    }
    /* All 28 x 28 centres are alike: 23 of 28 places an axis keep the whole side; 1 of 28 leaves 3 at the left. */
    assert_in_range(whole, 2000 * 23 * 23 / (28 * 28) - 90, 2000 * 23 * 23 / (28 * 28) + 90);
    assert_in_range(corner, 1, 25);
}

static void reads_its_section(void **state)
{
    (void)state;
    static const char yaml[] = "{rotate_deg: 15, shift_px: 3, scale: 0.15}";
    Arena *arena = arena_create(0);
    Error err = {0};
    Conf *conf = NULL;
    Augment augment;
    memset(&augment, 0x55, sizeof augment);
    assert_true(conf_read_text("t.yaml", yaml, strlen(yaml), arena, &conf, &err));
    assert_true(field_defaults(&augment_fields, &augment, arena, &err));
    assert_false(augment_is_on(&augment));
    assert_true(field_read(&augment_fields, conf->root, &augment, arena, &err));
    assert_true(augment.rotate_deg == 15 && augment.shift_px == 3 && augment.scale == 0.15);
    assert_true(augment.shear == 0 && augment.crop == 0 && augment.noise == 0);
    Value value = value_real(0.91); /* a picture may not shrink to nothing */
    assert_false(field_assign(&augment_fields, "scale", &value, &augment, arena, &err));
    arena_destroy(arena);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static void prints_how_fast(void **state)
{
    (void)state;
    Rows rows = discs();
    static float out[32 * PIXELS];
    Rng rng = rng_stream(8, 0, RNG_AUGMENT);
    const Augment none = {0}, warp = {.rotate_deg = 15, .shift_px = 2, .scale = 0.15, .shear = 0.15, .crop = 0.1, .noise = 0}, noise = {.noise = 0.1};
    const Augment *kinds[] = {&none, &warp, &noise};
    const char *names[] = {"plain", "warp", "noise"};
    for (int k = 0; k < 4; k++) {
        if (k == 3) shift[5] = 1;
        double best = 1e9;
        for (int round = 0; round < 20; round++) {
            double start = now_us();
            rows_gather(&rows, NULL, 0, 32, kinds[k % 3], &rng, scratch, out, PIXELS);
            best = fmin(best, (now_us() - start) / 32);
        }
        print_message("%-22s %6.2f us a 28 x 28 picture\n", k < 3 ? names[k] : "plain, each pixel",
                      best);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gathers_a_table),
        cmocka_unit_test(gathers_images),
        cmocka_unit_test(off_means_untouched),
        cmocka_unit_test(warps_by_hand),
        cmocka_unit_test(pictures_move_within_bounds),
        cmocka_unit_test(the_map_is_the_inverse),
        cmocka_unit_test(same_seed_same_batch),
        cmocka_unit_test(draws_are_counted),
        cmocka_unit_test(pictures_get_noise_and_are_clipped),
        cmocka_unit_test(noise_is_gaussian),
        cmocka_unit_test(places_of_ones_give_the_same_floats),
        cmocka_unit_test(scratch_is_enough),
        cmocka_unit_test(elastic_fields_are_smooth_and_as_strong_as_said),
        cmocka_unit_test(channels_move_together), cmocka_unit_test(colour_is_gathered),
        cmocka_unit_test(cutout_clears_one_square),
        cmocka_unit_test(reads_its_section),
        cmocka_unit_test(prints_how_fast),
    };
    return cmocka_run_group_tests_name("data/rows", tests, NULL, NULL);
}
