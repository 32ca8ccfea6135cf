/* Random changes to rows in training: pictures shifted, turned, bent; numbers jittered. */
#include "data/augment.h"

#include <math.h>
#include <string.h>

#include "data/pixels.h"

#define F(member) offsetof(Augment, member)
static const Field augment_field_list[] = {
    {"rotate_deg", FIELD_REAL, F(rotate_deg), "0", 0, 180, .searchable = true,
     .help = "images: turned by up to so many degrees either way"},
    {"shift_px", FIELD_REAL, F(shift_px), "0", 0, 1000, .searchable = true,
     .help = "images: moved by up to so many pixels an axis"},
    {"scale", FIELD_REAL, F(scale), "0", 0, 0.9, .searchable = true,
     .help = "images: stretched or shrunk by up to this share an axis"},
    {"shear", FIELD_REAL, F(shear), "0", 0, 2, .searchable = true,
     .help = "images: slanted by up to so many pixels a pixel"},
    {"crop", FIELD_REAL, F(crop), "0", 0, 0.9, .searchable = true,
     .help = "images: up to this share of each side cut away, the rest enlarged"},
    {"elastic_alpha", FIELD_REAL, F(elastic_alpha), "0", 0, 1000, .searchable = true,
     .help = "images: strength of elastic deformation; 36 is usual for 28 x 28"},
    {"elastic_sigma", FIELD_REAL, F(elastic_sigma), "5", 0.5, 100, .searchable = true,
     .help = "images: smoothness of elastic deformation, in pixels"},
    {"cutout_px", FIELD_REAL, F(cutout_px), "0", 0, 1000, .searchable = true,
     .help = "images: side of a square at a random place that is made 0"},
    {"noise", FIELD_REAL, F(noise), "0", 0, 10, .searchable = true,
     .help = "standard deviation of Gaussian noise on the inputs (images: grey from 0 to 1)"},
};
#undef F
const FieldTable augment_fields = FIELD_TABLE("augment", augment_field_list);

/* The source picture lies in a frame of zeros: one before, two after, so that a point clamped to
 * [-1, size] finds all four neighbours without a test. */
enum { FRAME = 3 };
static const double pi = 3.14159265358979323846;

static bool warps(const Augment *augment)
{
    return augment->rotate_deg > 0 || augment->shift_px > 0 || augment->scale > 0 ||
           augment->shear > 0 || augment->crop > 0 || augment->elastic_alpha > 0;
}

bool augment_is_on(const Augment *augment)
{
    return warps(augment) || augment->cutout_px > 0 || augment->noise > 0;
}

int augment_scratch_floats(int height, int width)
{
    return height > 0 && width > 0 ? (height + FRAME) * (width + FRAME) : 0;
}

/* 53 random bits from two words, as rng_uniform does, in [-1, 1). */
static double signed_unit(const uint32_t words[2])
{
    uint64_t bits = (uint64_t)(words[0] >> 5) << 26 | words[1] >> 6;
    return (double)bits * 0x1p-52 - 1;
}

static void draw_map(const Augment *augment, int height, int width, const uint32_t *words,
                     float map[6])
{
    double angle = augment->rotate_deg * signed_unit(words) * (pi / 180);
    double scale_x = 1 + augment->scale * signed_unit(words + 2);
    double scale_y = 1 + augment->scale * signed_unit(words + 4);
    double shear = augment->shear * signed_unit(words + 6);
    double shift_x = augment->shift_px * signed_unit(words + 8);
    double shift_y = augment->shift_px * signed_unit(words + 10);
    double cut = augment->crop * (signed_unit(words + 12) + 1) / 2;
    double half_x = (width - 1) / 2.0, half_y = (height - 1) / 2.0;
    double at_x = cut * half_x * signed_unit(words + 14) - shift_x;
    double at_y = cut * half_y * signed_unit(words + 16) - shift_y;

    /* (R H S)^-1 = S^-1 H^-1 R^-1, with R^-1 = [cos sin; -sin cos] and H^-1 = [1 -shear; 0 1]. */
    double c = cos(angle), s = sin(angle), size = 1 - cut;
    double xx = (c + shear * s) / scale_x, xy = (s - shear * c) / scale_x;
    double yx = -s / scale_y, yy = c / scale_y;
    map[0] = (float)(xx * size);
    map[1] = (float)(xy * size);
    map[2] = (float)(half_x + xx * (at_x - size * half_x) + xy * (at_y - size * half_y));
    map[3] = (float)(yx * size);
    map[4] = (float)(yy * size);
    map[5] = (float)(half_y + yx * (at_x - size * half_x) + yy * (at_y - size * half_y));
}

void augment_draw(const Augment *augment, int height, int width, Rng *rng, float map[6])
{
    uint32_t words[AUGMENT_WARP_WORDS];
    rng_fill(rng, words, AUGMENT_WARP_WORDS);
    draw_map(augment, height, width, words, map);
}

/* ---- elastic fields ---- */

/* A field has two planes, x and y, of `height` rows that are written twice side by side, so that a
 * rolled row is contiguous. */
static int plane_floats(int height, int width) { return 2 * height * width; }

int augment_pool_floats(const Augment *augment, int height, int width)
{
    return augment->elastic_alpha > 0 ? AUGMENT_FIELDS * 2 * plane_floats(height, width) : 0;
}

/* Smooths n numbers `step` apart on a circle with a Gaussian of that many pixels. */
static void smooth_line(double sigma, int n, int step, float *line, float *copy)
{
    int radius = (int)ceil(3 * sigma);
    for (int i = 0; i < n; i++) copy[i] = line[i * step];
    for (int i = 0; i < n; i++) {
        double sum = 0, total = 0;
        for (int k = -radius; k <= radius; k++) {
            double weight = exp(-0.5 * k * k / (sigma * sigma));
            sum += weight * (double)copy[((i + k) % n + n) % n];
            total += weight;
        }
        line[i * step] = (float)(sum / total);
    }
}

void augment_fill_pool(const Augment *augment, int height, int width, Rng *rng, float *scratch)
{
    float *plane = scratch + augment_scratch_floats(height, width); /* the frame is room for a line */
    const double sigma = augment->elastic_sigma;
    if (augment->elastic_alpha <= 0) return;
    for (int p = 0; p < 2 * AUGMENT_FIELDS; p++, plane += plane_floats(height, width)) {
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                plane[y * 2 * width + x] =
                    (float)(augment->elastic_alpha * (2 * rng_uniform(rng) - 1));
        for (int y = 0; y < height; y++)
            smooth_line(sigma, width, 1, plane + y * 2 * width, scratch);
        for (int x = 0; x < width; x++)
            smooth_line(sigma, height, 2 * width, plane + x, scratch);
        for (int y = 0; y < height; y++)
            memcpy(plane + y * 2 * width + width, plane + y * 2 * width,
                   (size_t)width * sizeof *plane);
    }
}

/* A picture's own field: two planes of the pool, rolled, with signs. */
typedef struct {
    const float *x, *y; /* NULL: none */
    int roll_x, roll_y;
    float sign_x, sign_y;
} Elastic;

static Elastic draw_elastic(const Augment *augment, int height, int width, const uint32_t words[2],
                            const float *scratch)
{
    if (augment->elastic_alpha <= 0) return (Elastic){0};
    int size = plane_floats(height, width), field = (int)(words[0] % AUGMENT_FIELDS);
    const float *pool = scratch + augment_scratch_floats(height, width);
    return (Elastic){.x = pool + (size_t)(2 * field) * (size_t)size,
                     .y = pool + (size_t)(2 * field + 1) * (size_t)size,
                     .roll_x = (int)((words[1] & 0xFFFF) % (uint32_t)width),
                     .roll_y = (int)((words[1] >> 16) % (uint32_t)height),
                     .sign_x = words[0] >> 31 ? 1.0f : -1.0f,
                     .sign_y = words[0] >> 30 & 1 ? 1.0f : -1.0f};
}

/* One of `deep` channels. Inlined where `deep` is a constant, so that of grey pictures it costs nothing. */
static inline void frame_picture(const unsigned char *restrict pixels, int height, int width, int deep,
                                 float *restrict frame)
{
    int ld = width + FRAME;
    memset(frame, 0, (size_t)ld * sizeof *frame);
    for (int y = 0; y < height; y++) {
        float *row = frame + (size_t)(y + 1) * (size_t)ld;
        row[0] = row[width + 1] = row[width + 2] = 0;
#pragma omp simd
        for (int x = 0; x < width; x++) row[x + 1] = (float)pixels[x * deep];
        pixels += width * deep;
    }
    memset(frame + (size_t)(height + 1) * (size_t)ld, 0, 2 * (size_t)ld * sizeof *frame);
}

/* In [0, high]. A nan becomes 0. */
static float clamp(float x, float high)
{
    x = x > 0 ? x : 0;
    return x < high ? x : high;
}

static inline void warp_channel(const float map[6], const Elastic *elastic, const unsigned char *pixels,
                                int height, int width, int deep, float *scratch, float *out)
{
    int ld = width + FRAME;
    float high_x = (float)(width + 1), high_y = (float)(height + 1);
    frame_picture(pixels, height, width, deep, scratch);
    for (int y = 0; y < height; y++) {
        /* + 1: in coordinates of the frame. */
        float start_x = map[1] * (float)y + map[2] + 1, start_y = map[4] * (float)y + map[5] + 1;
        size_t at = elastic->x ? (size_t)((y + elastic->roll_y) % height * 2 * width +
                                          elastic->roll_x)
                               : 0;
        for (int x = 0; x < width; x++) {
            float from_x = map[0] * (float)x + start_x, from_y = map[3] * (float)x + start_y;
            if (elastic->x) {
                from_x += elastic->sign_x * elastic->x[at + (size_t)x];
                from_y += elastic->sign_y * elastic->y[at + (size_t)x];
            }
            from_x = clamp(from_x, high_x);
            from_y = clamp(from_y, high_y);
            int ix = (int)from_x, iy = (int)from_y;
            float right = from_x - (float)ix, below = from_y - (float)iy;
            const float *p = scratch + iy * ld + ix, *q = p + ld;
            float top = p[0] + right * (p[1] - p[0]), bottom = q[0] + right * (q[1] - q[0]);
            out[x * deep] = top + below * (bottom - top);
        }
        out += width * deep;
    }
}

/* The frame is room for one channel: they are warped one after the other. */
static void warp(const float map[6], const Elastic *elastic, const unsigned char *pixels, int height, int width,
                 int channels, float *scratch, float *out)
{
    if (channels != 3) warp_channel(map, elastic, pixels, height, width, 1, scratch, out);
    for (int c = 0; channels == 3 && c < 3; c++)
        warp_channel(map, elastic, pixels + c, height, width, 3, scratch, out + c);
}

void augment_warp(const float map[6], const unsigned char *pixels, int height, int width,
                  float *scratch, float *out)
{
    const Elastic none = {0};
    warp(map, &none, pixels, height, width, 1, scratch, out);
}

/* A square of that side around a random pixel, as far as it lies inside, becomes 0. */
static void cut_out(double side, int height, int width, int deep, const uint32_t words[2], float *out)
{
    int half = (int)(side / 2), size = (int)(side + 0.5);
    int left = (int)(words[0] % (uint32_t)width) - half, top = (int)(words[1] % (uint32_t)height) - half;
    for (int y = top < 0 ? 0 : top; y < top + size && y < height; y++)
        for (int x = left < 0 ? 0 : left; x < left + size && x < width; x++)
            for (int c = 0; c < deep; c++) out[(y * width + x) * deep + c] = 0;
}

void augment_image(const Augment *augment, const unsigned char *pixels, int height, int width, int channels,
                   Rng *rng, float *scratch, float *out)
{
    const int deep = pixels_channels(channels), size = height * width * deep;
    uint32_t words[AUGMENT_WARP_WORDS];
    float map[6];
    rng_fill(rng, words, AUGMENT_WARP_WORDS);
    if (warps(augment)) {
        Elastic elastic = draw_elastic(augment, height, width, words + 18, scratch);
        draw_map(augment, height, width, words, map);
        warp(map, &elastic, pixels, height, width, deep, scratch, out);
    } else {
        for (int i = 0; i < size; i++) out[i] = (float)pixels[i];
    }
    if (augment->cutout_px > 0) cut_out(augment->cutout_px, height, width, deep, words + 20, out);
}

static inline int32_t bits_of(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(int32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Box-Muller, HALF pairs at a time and without libm, so that the loops become vector code and the
 * numbers are the same with any C library. One word makes a pair: its high half the radius, its low
 * half the angle, which is plenty for noise and halves the cost of drawing (numbers end at 4.9).
 *     log u = e log 2 + log m with m in [sqrt(1/2), sqrt 2), log m = 2 artanh((m - 1) / (m + 1))
 *     angle  within an eighth of a turn of 0, by Taylor; then two bits of the word reflect the
 *            point at the diagonal and at the origin, which carries it evenly round the circle */
enum { HALF = 32 };
static void gaussian_block(const uint32_t words[HALF], float z[2 * HALF])
{
    float squared[HALF], radius[HALF];
#pragma omp simd
    for (int k = 0; k < HALF; k++) {
        float u = ((float)(int32_t)(words[k] >> 16) + 0.5f) * 0x1p-16f;
        int32_t exponent = (bits_of(u) - 0x3f3504f3) >> 23; /* of u / sqrt(1/2), floored */
        float m = float_of(bits_of(u) - exponent * (1 << 23));
        float t = (m - 1) / (m + 1), tt = t * t;
        float series = 1 + tt * (1 / 3.0f + tt * (1 / 5.0f + tt * (1 / 7.0f + tt / 9)));
        squared[k] = -2 * ((float)exponent * 0.69314718f + 2 * t * series);
    }
    /* On its own: sqrtf may set errno, which would keep the loops around it scalar. */
    for (int k = 0; k < HALF; k++) radius[k] = sqrtf(squared[k]);
#pragma omp simd
    for (int k = 0; k < HALF; k++) {
        float place = (float)((int32_t)(words[k] & 0x3fff) - 0x2000) + 0.5f;
        float x = place * (float)(pi / 4 / 0x2000), xx = x * x;
        float sine = x * (1 - xx / 6 * (1 - xx / 20 * (1 - xx / 42 * (1 - xx / 72))));
        float cosine = 1 - xx / 2 * (1 - xx / 12 * (1 - xx / 30 * (1 - xx / 56)));
        /* Products with 0 and 1 are exact, and branches would keep the loop scalar. */
        float swap = (float)(int32_t)(words[k] >> 14 & 1), keep = 1 - swap;
        float r = radius[k] * (1 - 2 * (float)(int32_t)(words[k] >> 15 & 1));
        z[k] = r * (cosine * keep + sine * swap);
        z[k + HALF] = r * (sine * keep + cosine * swap);
    }
}

void augment_noise(double sd, Rng *rng, float *x, int n)
{
    uint32_t words[HALF] = {0};
    float z[2 * HALF];
    for (int done = 0; done < n; done += 2 * HALF) {
        int m = n - done < 2 * HALF ? n - done : 2 * HALF, pairs = (m + 1) / 2;
        rng_fill(rng, words, (size_t)pairs);
        gaussian_block(words, z);
        for (int j = 0; j < pairs; j++) x[done + j] += (float)sd * z[j];
        for (int j = pairs; j < m; j++) x[done + j] += (float)sd * z[HALF + j - pairs];
    }
}
