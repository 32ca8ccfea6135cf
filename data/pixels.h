/* data/pixels.h - how the bytes of a picture lie.
 *
 * Rows of pixels from the top, pixels from the left, and of a colour picture the three channels of a pixel side
 * by side: byte (y width + x) channels + c, as PNG and JPEG have it. Channels are 1 (grey) or 3 (red, green,
 * blue); where nobody says, as in model files from before there were colours, 0 means 1.
 */
#ifndef CONSORT_DATA_PIXELS_H
#define CONSORT_DATA_PIXELS_H
#include <stddef.h>

#include "base/names.h"

/* How a picture of another shape is made fit, and what is behind and beside it (data/pictures.h). */
#define PICTURE_FIT_LIST(X) X(FIT_STRETCH, "stretch") X(FIT_CROP, "crop") X(FIT_PAD, "pad")
typedef enum { PICTURE_FIT_LIST(LIST_ID) } PictureFit;
#define PICTURE_GROUND_LIST(X) X(GROUND_WHITE, "white") X(GROUND_BLACK, "black")
typedef enum { PICTURE_GROUND_LIST(LIST_ID) } PictureGround;
extern const char *const picture_fit_names[], *const picture_ground_names[];

static inline int pixels_channels(int channels)
{
    return channels > 1 ? channels : 1;
}

/* Bytes of one picture; 0 where there are none. */
static inline size_t pixels_size(int height, int width, int channels)
{
    return (size_t)height * (size_t)width * (size_t)pixels_channels(channels);
}
/* The same of whatever has these three members: a table, a schema, rows. */
#define PIXELS_OF(owner) pixels_size((owner)->height, (owner)->width, (owner)->channels)

/* "" or " in colour", behind "images of 32 x 32" in a message. */
static inline const char *pixels_colour(int channels)
{
    return pixels_channels(channels) == 3 ? " in colour" : "";
}
#endif
