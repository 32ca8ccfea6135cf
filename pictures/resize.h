/* pictures/resize.h - a picture in another size.
 *
 * Each axis on its own, down by area averaging and up bilinearly:
 *     down  a new pixel is the mean of what it covers of the old ones, parts of pixels by their share
 *     up    centres of pixels at whole numbers plus a half; between two centres linearly, beyond the outermost
 *           as they are
 * All weights are whole numbers over one denominator an axis (the old size, or twice the new), so sums are
 * exact and are rounded once, half up: a picture of one level stays that level, and reduced by a whole
 * factor each pixel is the rounded mean of its block.
 */
#ifndef CONSORT_PICTURES_RESIZE_H
#define CONSORT_PICTURES_RESIZE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A part of a picture: `step` bytes from row to row, channels side by side. */
typedef struct {
    const uint8_t *bytes;
    int width, height, channels;
    size_t step;
} PicturePart;

/* Into `to` (height, width, channels), whose rows are `step` bytes apart. Sides from 1 to 2^15. ERR_MEMORY. */
bool picture_resize(PicturePart from, int width, int height, uint8_t *to, size_t step, Error *err);
#endif
