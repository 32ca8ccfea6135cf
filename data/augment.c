#include "data/augment.h"

#include <math.h>
#include <string.h>

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
           augment->shear > 0 || augment->crop > 0;
}

bool augment_is_on(const Augment *augment)
{
    return warps(augment) || augment->noise > 0;
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

void augment_draw(const Augment *augment, int height, int width, Rng *rng, float map[6])
{
    uint32_t words[AUGMENT_WARP_WORDS];
    rng_fill(rng, words, AUGMENT_WARP_WORDS);
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

static void frame_picture(const unsigned char *restrict pixels, int height, int width,
                          float *restrict frame)
{
    int ld = width + FRAME;
    memset(frame, 0, (size_t)ld * sizeof *frame);
    for (int y = 0; y < height; y++) {
        float *row = frame + (size_t)(y + 1) * (size_t)ld;
        row[0] = row[width + 1] = row[width + 2] = 0;
#pragma omp simd
        for (int x = 0; x < width; x++) row[x + 1] = (float)pixels[x];
        pixels += width;
    }
    memset(frame + (size_t)(height + 1) * (size_t)ld, 0, 2 * (size_t)ld * sizeof *frame);
}

/* In [0, high]. A nan becomes 0. */
static float clamp(float x, float high)
{
    x = x > 0 ? x : 0;
    return x < high ? x : high;
}

void augment_warp(const float map[6], const unsigned char *pixels, int height, int width,
                  float *scratch, float *out)
{
    int ld = width + FRAME;
    float high_x = (float)(width + 1), high_y = (float)(height + 1);
    frame_picture(pixels, height, width, scratch);
    for (int y = 0; y < height; y++) {
        /* + 1: in coordinates of the frame. */
        float start_x = map[1] * (float)y + map[2] + 1, start_y = map[4] * (float)y + map[5] + 1;
        for (int x = 0; x < width; x++) {
            float from_x = clamp(map[0] * (float)x + start_x, high_x);
            float from_y = clamp(map[3] * (float)x + start_y, high_y);
            int ix = (int)from_x, iy = (int)from_y;
            float right = from_x - (float)ix, below = from_y - (float)iy;
            const float *p = scratch + iy * ld + ix, *q = p + ld;
            float top = p[0] + right * (p[1] - p[0]), bottom = q[0] + right * (q[1] - q[0]);
            out[x] = top + below * (bottom - top);
        }
        out += width;
    }
}

void augment_image(const Augment *augment, const unsigned char *pixels, int height, int width,
                   Rng *rng, float *scratch, float *out)
{
    float map[6];
    augment_draw(augment, height, width, rng, map);
    if (warps(augment)) {
        augment_warp(map, pixels, height, width, scratch, out);
    } else {
        for (int i = 0; i < height * width; i++) out[i] = (float)pixels[i];
    }
}

void augment_noise(double sd, Rng *rng, float *x, int n)
{
    enum { BLOCK = 64 };
    uint32_t words[BLOCK];
    for (int done = 0; done < n; done += BLOCK) {
        int m = n - done < BLOCK ? n - done : BLOCK;
        rng_fill(rng, words, (size_t)(m + (m & 1)));
        for (int j = 0; j < m; j += 2) {
            /* (word + 1/2) / 2^32 lies inside (0, 1] in float: the logarithm is finite. */
            float u = ((float)words[j] + 0.5f) * 0x1p-32f;
            float angle = (float)words[j + 1] * (float)(2 * pi * 0x1p-32);
            float radius = (float)sd * sqrtf(-2 * logf(u));
            x[done + j] += radius * cosf(angle);
            if (j + 1 < m) x[done + j + 1] += radius * sinf(angle);
        }
    }
}
