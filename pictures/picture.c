/* One picture: its limits, transparency, colour to grey. */
#include "pictures/picture.h"

#include <stdlib.h>

void picture_free(Picture *picture)
{
    free(picture->bytes);
    *picture = (Picture){0};
}

bool picture_fits(double width, double height, Error *err)
{
    if (!(width >= 1 && height >= 1)) return error_set(err, ERR_DATA, "a picture of no size");
    if (width <= PICTURE_SIDE && height <= PICTURE_SIDE && width * height <= PICTURE_PIXELS) return true;
    return error_set(err, ERR_DATA, "%.0f x %.0f pixels are too many (at most %d a side, %d in all)", width,
                     height, PICTURE_SIDE, PICTURE_PIXELS);
}

bool picture_room(Picture *picture, Error *err)
{
    if (!picture_fits(picture->width, picture->height, err)) return false;
    picture->bytes = calloc((size_t)picture->width * (size_t)picture->height, (size_t)picture->channels);
    return picture->bytes || error_memory(err);
}

void picture_over(Picture *picture, uint8_t background)
{
    const int deep = picture->channels, colours = deep - 1;
    const size_t n = (size_t)picture->width * (size_t)picture->height;
    const uint8_t *from = picture->bytes;
    uint8_t *to = picture->bytes;
    if (deep != 2 && deep != 4) return;
    for (size_t i = 0; i < n; i++, from += deep)
        for (int c = 0; c < colours; c++) {
            int alpha = from[colours];
            *to++ = (uint8_t)((from[c] * alpha + background * (255 - alpha) + 127) / 255);
        }
    picture->channels = colours;
}

bool picture_make_channels(Picture *picture, int channels, Error *err)
{
    const size_t n = (size_t)picture->width * (size_t)picture->height;
    if (picture->channels == channels) return true;
    uint8_t *bytes = picture->bytes;
    if (channels == 1) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)((19595u * bytes[3 * i] + 38470u * bytes[3 * i + 1] + 7471u * bytes[3 * i + 2]
                                  + 32768u) >> 16);
    } else {
        bytes = realloc(bytes, 3 * n);
        if (!bytes) return error_memory(err);
        for (size_t i = n; i-- > 0;) bytes[3 * i] = bytes[3 * i + 1] = bytes[3 * i + 2] = bytes[i];
        picture->bytes = bytes;
    }
    picture->channels = channels;
    return true;
}
