/* pictures/read.h - the bytes of a picture file become pixels.
 *
 * A format is a row of PICTURE_LIST and one file NAME.c, which alone calls the format's library.
 * What is 16 bits deep is scaled to 8; what is transparent is laid over a background; a palette of greys is
 * grey. Colour profiles, gamma and EXIF orientation are not applied: levels are those of the file.
 *
 * The bytes are hostile: a cut or damaged file is an error and never half a picture.
 */
#ifndef CONSORT_PICTURES_READ_H
#define CONSORT_PICTURES_READ_H
#include "pictures/picture.h"

/* `look`: what its header says, without decoding it. `background`: the level behind what is transparent. */
typedef bool PictureReader(const uint8_t *bytes, size_t n, bool look, uint8_t background, Picture *out,
                           Error *err);
PictureReader picture_read_png, picture_read_jpeg, picture_read_pnm;

#define PICTURE_LIST(X) /* how files begin, how many bytes of that, what reads them, how their names end */ \
    X("\x89PNG\r\n\x1A\n", 8, picture_read_png, ".png")                                                     \
    X("\xFF\xD8\xFF", 3, picture_read_jpeg, ".jpg")                                                         \
    X("\xFF\xD8\xFF", 3, picture_read_jpeg, ".jpeg")                                                        \
    X("P1", 2, picture_read_pnm, ".pbm")                                                                    \
    X("P2", 2, picture_read_pnm, ".pgm")                                                                    \
    X("P3", 2, picture_read_pnm, ".ppm")                                                                    \
    X("P4", 2, picture_read_pnm, ".pnm")                                                                    \
    X("P5", 2, picture_read_pnm, ".pgm")                                                                    \
    X("P6", 2, picture_read_pnm, ".ppm")

bool picture_looks_like(const char *bytes, size_t n);
/* By how its name ends. */
bool picture_is_called(const char *path);
bool picture_read(const char *bytes, size_t n, bool look, uint8_t background, Picture *out, Error *err);
#endif
