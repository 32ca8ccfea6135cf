/* job/convert.c - a file of rows becomes another. */
#include "job/convert.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/packed.h"
#include "export/write.h"
#include "job/load.h"

/* The column that is the label by name, by place from 1, or the last; -1: there is none. */
static bool find_label(const Table *table, const char *word, int *out, Error *err)
{
    char *end;
    *out = table->n_columns - 1;
    if (!word || table->pixels) return true;
    *out = -1;
    if (strcmp(word, "none") == 0) return true;
    for (int c = 0; c < table->n_columns && *out < 0; c++)
        if (strcmp(table->columns[c].name, word) == 0) *out = c;
    long place = strtol(word, &end, 10);
    if (*out < 0 && *word && !*end && place >= 1 && place <= table->n_columns) *out = (int)place - 1;
    if (*out < 0 && *word && !*end && place <= -1
        && place >= -table->n_columns) *out = table->n_columns + (int)place;
    return *out >= 0 || error_set(err, ERR_CONFIG, "--label: there is no column `%.100s`", word);
}

static bool settle_format(int *format, const char *to, Arena *arena, Error *err)
{
    if (*format == FORMAT_AUTO) *format = write_format_of(to);
    return *format != FORMAT_AUTO
        || error_set(err, ERR_CONFIG,
                     "the ending of %.200s names no format that is written; --to says it: %s", to,
                     write_formats(arena));
}

/* As the ending of the name says. */
static bool pack(Text *bytes, Packing packing, Error *err)
{
    Bytes packed;
    if (packing == PACKED_NOT) return true;
    if (!packed_pack(bytes->bytes ? bytes->bytes : "", bytes->n, packing, &packed, err)) return false;
    text_free(bytes);
    *bytes = (Text){0};
    text_add_n(bytes, packed.bytes, packed.n);
    bytes_free(&packed);
    return text_ok(bytes) || error_memory(err);
}

bool convert_file(const DataFile *file, const ReadOptions *options, int format, const char *to, Arena *arena,
                  Table **out,
                  Text *bytes, Text *beside, Error *err)
{
    ReadOptions all = *options;
    int label;
    size_t n;
    if (!settle_format(&format, to, arena, err)) return false;
    const char *said = options->label.n == 1 ? options->label.items[0] : NULL;
    if (options->label.n > 1) return error_set(err, ERR_CONFIG, "--label: one column, or none");
    all.label = TEXT_ONE("none");
    all.as_written = true;
    if (!table_open(file, &all, NULL, arena, out, err) || !find_label(*out, said, &label, err)) return false;
    WriteRows rows = write_rows(*out, label, arena);
    Packing packing = packed_how_named(to, &n);
    if (n > 4 && (strncasecmp(to + n - 4, ".tsv", 4) == 0 || strncasecmp(to + n - 4, ".tab",
                                                                         4) == 0)) rows.delimiter = '\t';
    return table_write(&rows, (DataFormat)format, bytes, beside, err) && pack(bytes, packing, err)
        && (beside->n == 0 || pack(beside, packing, err));
}

bool convert_writes(int format)
{
    return write_can(format);
}

const char *convert_beside(const char *to, Arena *arena, Error *err)
{
    const char *name = path_base(to), *word = strstr(name, "images");
    if (!word)
        return error_set(err, ERR_CONFIG,
                         "idx keeps labels in a file of its own, so the name of that of the pictures has"
                                          " `images` in it: train-images-idx3-ubyte"), NULL;
    char *path = arena_copy(arena, to);
    if (!path) return error_memory(err), NULL;
    memcpy(path + (word - to), "labels", 6);
    char *dimensions = strstr(path + (word - to), "idx3");
    if (dimensions) dimensions[3] = '1';
    return path;
}
