/* data/pictures.h - a table of file names becomes a table of pictures of one size.
 *
 * What the readers of folders and lists of names share (data/read_pictures.c): they make a table whose only
 * column is a file name, with labels like any table, and pictures_load() puts the pixels in the names'
 * place. The names stay as the table's `id`, so that mistakes and predictions are told by file.
 *
 * Size      options.width and height, or one of them and the other by the pictures' middle shape; a model's;
 *           else the size of all if they agree on one of at most PICTURES_WHOLE a side; else PICTURES_SIDE
 *           on the longer side, in the middle shape of all, with a note.
 * Channels  options.colour, a model's, else 3 where any file has colours.
 * Fit       how a picture of another shape gets there: `stretch` as it is; `crop` its middle part of the right
 *           shape; `pad` all of it, between bars of the background. Resized as pictures/resize.h says.
 *
 * Fit and background travel in the schema: new pictures are read as those that a model learned from.
 */
#ifndef CONSORT_DATA_PICTURES_H
#define CONSORT_DATA_PICTURES_H
#include "pictures/read.h"
#include "data/reader.h"

enum { PICTURES_WHOLE = 128, PICTURES_SIDE = 32 };

/* `folder`: where relative names lie. `names`, the column of names, none missing; *table gets pixels, and
 * loses its columns. */
bool pictures_load(Reading *reading, const char *folder, const Column *names, Table *table, Error *err);
/* One picture that is there already, called `name`. */
bool pictures_one(Reading *reading, const char *name, const char *bytes, size_t n, Table *table, Error *err);
/* Is a picture in the folder or below, or a file of CIFAR's? (data/read_pictures.c) */
bool folder_has_pictures(const char *folder, Arena *arena);
#endif
