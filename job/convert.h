/* job/convert.h - a file of rows becomes another: read as any, written in another format.
 *
 * All columns are read, the label's among them and none left out, so that what is written has what was read.
 */
#ifndef CONSORT_JOB_CONVERT_H
#define CONSORT_JOB_CONVERT_H
#include "base/text.h"
#include "data/read.h"

/* Reads `file` as `options` say, whose label is only what the written file calls so, and appends it as `format`
 * (a DataFormat; FORMAT_AUTO: by the name `to`), packed as that name says. `beside`: the labels of pictures,
 * where they are a file of their own. The table in `*out` for its notes. */
bool convert_file(const DataFile *file, const ReadOptions *options, int format, const char *to, Arena *arena,
                  Table **out,
                  Text *bytes, Text *beside, Error *err);
/* Is it a DataFormat that can be written? */
bool convert_writes(int format);
/* Where `beside` goes: "labels" in place of "images" in the name; NULL and ERR_CONFIG if that is not in it. */
const char *convert_beside(const char *to, Arena *arena, Error *err);
#endif
