/* export/write.h - a table becomes a file again, in any format of FORMAT_LIST that has a writer.
 *
 * What was read is written so that reading it again gives the same: numbers with the fewest digits that are
 * exactly them, missing as the format says it, words in quotes where they need them. Pictures become rows of
 * their pixels where a format has none.
 *
 * Which column is the label matters to formats that keep it apart (libsvm, npz) or last (npy). A table for
 * them is read with all of its columns, `label: none`.
 *
 * Memory, errors  as in export/writer.h; ERR_CONFIG also where there is no such writer.
 */
#ifndef CONSORT_EXPORT_WRITE_H
#define CONSORT_EXPORT_WRITE_H
#include "data/read_options.h"
#include "export/writer.h"

/* The format that a file of this name has, FORMAT_AUTO if none that can be written. */
DataFormat write_format_of(const char *path);
/* Appends the file. `beside`: what belongs into a file beside it (the labels of pictures), if anything does. */
bool table_write(const WriteRows *rows, DataFormat format, Text *out, Text *beside, Error *err);
bool write_can(int format);
/* "csv, arff, ...": what can be written. */
const char *write_formats(Arena *arena);
#endif
