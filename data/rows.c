/* Rows of numbers made from tables or pictures, and gathered batch by batch. */
#include "data/rows.h"

#include <assert.h>
#include <string.h>

#include "base/clones.h"

/* `omp simd`, because -O2 alone does not vectorize loops of unknown length. */
VEC_CLONES static void bytes_to_floats(const uint8_t *restrict pixels, int n, float shift, float scale,
                            float *restrict out)
{
#pragma omp simd
    for (int j = 0; j < n; j++) out[j] = ((float)pixels[j] - shift) * scale;
}

VEC_CLONES static void bytes_to_floats_each(const uint8_t *restrict pixels, int n,
                                 const float *restrict shift, const float *restrict scale,
                                 float *restrict out)
{
#pragma omp simd
    for (int j = 0; j < n; j++) out[j] = ((float)pixels[j] - shift[j]) * scale[j];
}

VEC_CLONES static void scale_floats(int n, const float *restrict shift, const float *restrict scale,
                         float *restrict x)
{
#pragma omp simd
    for (int j = 0; j < n; j++) x[j] = (x[j] - shift[j]) * scale[j];
}

/* Asks for a picture's bytes ahead of time: the next one of a shuffled batch is somewhere else. */
static void fetch(const uint8_t *pixels, int n)
{
#if defined(__GNUC__)
    for (int j = 0; j < n; j += 64) __builtin_prefetch(pixels + j);
#else
    (void)pixels, (void)n;
#endif
}

static const uint8_t *picture(const Rows *rows, const int32_t *index, int from, int i)
{
    int row = index ? index[i] : from + i;
    assert(row >= 0 && row < rows->n_rows);
    size_t number = (size_t)(rows->source ? rows->source[row] : row);
    return rows->pixels + number * (size_t)rows->n_features;
}

/* All n numbers the same? Comparing an array with itself one place on is one pass of memcmp. */
static bool is_constant(const float *x, int n)
{
    return memcmp(x, x + 1, (size_t)(n - 1) * sizeof *x) == 0;
}

/* A row as D floats, from its own floats, the places of its ones and how far its ramps climb. */
static void spread(const Rows *rows, size_t row, float *to)
{
    const float *x = rows->x + row * (size_t)rows->ld;
    const int32_t *hot = rows->hot + row * (size_t)rows->n_hot;
    memset(to, 0, (size_t)rows->n_features * sizeof *to);
    for (int k = 0; k < rows->n_plain; k++) to[rows->plain[k]] = x[k];
    for (int c = 0; c < rows->n_hot; c++)
        if (hot[c] >= 0) to[hot[c]] = 1;
    for (int c = 0; c < rows->n_ramps; c++) {
        const RampValue at = rows->climbed[row * (size_t)rows->n_ramps + (size_t)c];
        float *ramp = to + rows->ramp[c].first;
        for (int t = 0; t < at.bin; t++) ramp[t] = 1;
        ramp[at.bin] = at.part;
    }
    for (int64_t e = rows->n_texts ? rows->text_start[row] : 0; rows->n_texts && e < rows->text_start[row + 1];
         e++)
        to[rows->text_at[e]] = rows->text_value[e];
}

/* Noise for numbers only: a code names a category. `x` is the row without noise. */
static void add_noise(const Rows *rows, const float *x, double noise, Rng *rng, float *to)
{
    bool spread_out = rows_spread(rows);
    int n = spread_out ? rows->n_plain : rows->n_features;
    if (rows->n_texts == 0) augment_noise(noise, rng, to, rows->n_features);
    else /* what is not in a text stays 0 */
        for (int k = 0; k < n; k++) augment_noise(noise, rng, to + rows->plain[k], 1);
    if (!rows->feature) return;
    for (int k = 0; k < n; k++) {
        int j = spread_out ? rows->plain[k] : k;
        if (rows->feature[j] > 0) to[j] = x[k];
    }
}

static void gather_table(const Rows *rows, const int32_t *index, int from, int n,
                         const Augment *augment, Rng *rng, float *out, int ld_out)
{
    int d = rows->n_features;
    double noise = augment ? augment->noise : 0;
    for (int i = 0; i < n; i++) {
        int row = index ? index[i] : from + i;
        assert(row >= 0 && row < rows->n_rows);
        const float *source = rows->x + (size_t)row * (size_t)rows->ld;
        float *to = out + (size_t)i * (size_t)ld_out;
        if (rows_spread(rows)) spread(rows, (size_t)row, to);
        else memcpy(to, source, (size_t)d * sizeof *to);
        if (noise > 0) add_noise(rows, source, noise, rng, to);
    }
}

static void deform(const Rows *rows, const uint8_t *pixels, const Augment *augment, Rng *rng,
                   float *scratch, float *out)
{
    int d = rows->n_features;
    augment_image(augment, pixels, rows->height, rows->width, rows->channels, rng, scratch, out);
    if (augment->noise > 0) {
        augment_noise(255 * augment->noise, rng, out, d);
#pragma omp simd
        for (int j = 0; j < d; j++) {
            float grey = out[j] > 0 ? out[j] : 0;
            out[j] = grey < 255 ? grey : 255;
        }
    }
    scale_floats(d, rows->shift, rows->scale, out);
}

static void gather_images(const Rows *rows, const int32_t *index, int from, int n,
                          const Augment *augment, Rng *rng, float *scratch, float *out,
                          int ld_out)
{
    int d = rows->n_features;
    bool simple = is_constant(rows->shift, d) && is_constant(rows->scale, d);
    for (int i = 0; i < n; i++) {
        const uint8_t *pixels = picture(rows, index, from, i);
        if (i + 1 < n) fetch(picture(rows, index, from, i + 1), d);
        float *to = out + (size_t)i * (size_t)ld_out;
        if (augment)
            deform(rows, pixels, augment, rng, scratch, to);
        else if (simple)
            bytes_to_floats(pixels, d, rows->shift[0], rows->scale[0], to);
        else
            bytes_to_floats_each(pixels, d, rows->shift, rows->scale, to);
    }
}

int rows_zeros(const Rows *rows, int row)
{
    assert(row >= 0 && row < rows->n_rows);
    const int d = rows->n_features, n = rows_spread(rows) ? rows->n_plain : d;
    int zeros = d - n;
    const float *x = rows->x ? rows->x + (size_t)row * (size_t)rows->ld : NULL;
    const uint8_t *pixels = x ? NULL : picture(rows, NULL, row, 0);
    for (int k = 0; k < n; k++)
        zeros += x ? x[k] == 0 : (float)pixels[k] - rows->shift[k] == 0;
    for (int c = 0; c < rows->n_hot; c++)
        zeros -= rows->hot[(size_t)row * (size_t)rows->n_hot + (size_t)c] >= 0;
    for (int c = 0; c < rows->n_ramps; c++) {
        const RampValue at = rows->climbed[(size_t)row * (size_t)rows->n_ramps + (size_t)c];
        zeros -= at.bin + (at.part != 0);
    }
    if (rows->n_texts) zeros -= (int)(rows->text_start[row + 1] - rows->text_start[row]);
    return zeros;
}

void rows_gather(const Rows *rows, const int32_t *index, int from, int n, const Augment *augment,
                 Rng *rng, float *scratch, float *out, int ld_out)
{
    int d = rows->n_features;
    assert(d > 0 && ld_out >= d && n >= 0 && (index || from >= 0));
    if (augment && !augment_is_on(augment)) augment = NULL;
    if (rows->x)
        gather_table(rows, index, from, n, augment, rng, out, ld_out);
    else
        gather_images(rows, index, from, n, augment, rng, scratch, out, ld_out);
    if (ld_out > d)
        for (int i = 0; i < n; i++)
            memset(out + (size_t)i * (size_t)ld_out + d, 0, (size_t)(ld_out - d) * sizeof *out);
}
