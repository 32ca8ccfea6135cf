/* Pictures in another size: area averaging down, bilinear up, in whole numbers. */
#include "pictures/resize.h"

#include <assert.h>
#include <stdlib.h>

enum { MOST_SIDE = 1 << 15 };

/* What one new pixel of an axis takes from the old ones. */
typedef struct {
    int first, n;
    const uint32_t *weight; /* (n) */
} Taps;

typedef struct {
    Taps *taps; /* (to) */
    uint32_t *weights, whole; /* their sum at each pixel */
} Axis;

static void axis_free(Axis *axis)
{
    free(axis->taps);
    free(axis->weights);
}

/* The old axis in units of which a new pixel has `from` and an old one `to`. */
static void average(int from, int to, Axis *axis)
{
    uint32_t *w = axis->weights;
    axis->whole = (uint32_t)from;
    for (int i = 0; i < to; i++) {
        int64_t begin = (int64_t)i * from, end = begin + from;
        int first = (int)(begin / to), last = (int)((end - 1) / to);
        axis->taps[i] = (Taps){first, last - first + 1, w};
        for (int j = first; j <= last; j++) {
            int64_t low = (int64_t)j * to, high = low + to;
            *w++ = (uint32_t)((high < end ? high : end) - (low > begin ? low : begin));
        }
    }
}

/* The centre of new pixel i lies at ((2 i + 1) from - to) / (2 to) of the old axis. */
static void interpolate(int from, int to, Axis *axis)
{
    uint32_t *w = axis->weights;
    const int64_t unit = 2 * (int64_t)to, last = unit * (from - 1);
    axis->whole = (uint32_t)unit;
    for (int i = 0; i < to; i++, w += 2) {
        int64_t at = (2 * (int64_t)i + 1) * from - to;
        at = at < 0 ? 0 : at > last ? last : at;
        w[1] = (uint32_t)(at % unit);
        w[0] = (uint32_t)unit - w[1];
        axis->taps[i] = (Taps){(int)(at / unit), w[1] ? 2 : 1, w};
    }
}

static bool axis_make(int from, int to, Axis *axis)
{
    const size_t n = (size_t)to, most = to < from ? (size_t)from + n : 2 * n;
    axis->taps = calloc(n, sizeof *axis->taps);
    axis->weights = calloc(most, sizeof *axis->weights);
    if (!axis->taps || !axis->weights) return false;
    if (to < from) average(from, to, axis);
    else interpolate(from, to, axis); /* of one size: each pixel itself */
    return true;
}

/* Rows as they are, but of the new width, as sums. */
static void widths(PicturePart from, const Axis *axis, int width, uint32_t *out)
{
    const int deep = from.channels;
    for (int y = 0; y < from.height; y++) {
        const uint8_t *row = from.bytes + (size_t)y * from.step;
        for (int x = 0; x < width; x++) {
            const Taps taps = axis->taps[x];
            for (int c = 0; c < deep; c++) {
                uint32_t sum = 0;
                for (int k = 0; k < taps.n; k++) sum += taps.weight[k] * row[(taps.first + k) * deep + c];
                *out++ = sum;
            }
        }
    }
}

bool picture_resize(PicturePart from, int width, int height, uint8_t *to, size_t step, Error *err)
{
    assert(from.width >= 1 && from.height >= 1 && from.width <= MOST_SIDE && from.height <= MOST_SIDE
           && width >= 1 && height >= 1 && width <= MOST_SIDE && height <= MOST_SIDE);
    const size_t line = (size_t)width * (size_t)from.channels;
    Axis across = {0}, down = {0};
    uint32_t *rows = calloc((size_t)from.height * line, sizeof *rows);
    bool ok = rows && axis_make(from.width, width, &across) && axis_make(from.height, height, &down);
    if (ok) widths(from, &across, width, rows);
    const uint64_t whole = (uint64_t)across.whole * down.whole;
    for (int y = 0; ok && y < height; y++) {
        const Taps taps = down.taps[y];
        for (size_t x = 0; x < line; x++) {
            uint64_t sum = 0;
            for (int k = 0; k < taps.n; k++)
                sum += (uint64_t)taps.weight[k] * rows[(size_t)(taps.first + k) * line + x];
            to[(size_t)y * step + x] = (uint8_t)((2 * sum + whole) / (2 * whole));
        }
    }
    axis_free(&across);
    axis_free(&down);
    free(rows);
    return ok || error_memory(err);
}
