/* pictures/picture.h - one picture in memory: 8 bits a value, one channel (grey) or three (red, green, blue),
 * side by side; and its limits.
 *
 * Sides are at most PICTURE_SIDE, pixels at most PICTURE_PIXELS, whatever a file's header says.
 *
 * Memory   the pixels are malloc'd: picture_free().
 * Errors   ERR_DATA without a file's name, which the caller knows; ERR_MEMORY.
 */
#ifndef CONSORT_PICTURES_PICTURE_H
#define CONSORT_PICTURES_PICTURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { PICTURE_SIDE = 1 << 15, PICTURE_PIXELS = 1 << 26 };

typedef struct {
    int width, height, channels;
    uint8_t *bytes; /* (height, width, channels); NULL: only looked at */
} Picture;

void picture_free(Picture *picture);
bool picture_fits(double width, double height, Error *err);
/* Room for the pixels, zeroed, or an error where there are too many. */
bool picture_room(Picture *picture, Error *err);
/* Of 2 or 4 channels the last is alpha: lays the others over a background of that level, in place. */
void picture_over(Picture *picture, uint8_t background);
/* In place: colour to grey by Rec. 601 (.299 red + .587 green + .114 blue), or grey to three equal channels. */
bool picture_make_channels(Picture *picture, int channels, Error *err);
#endif
