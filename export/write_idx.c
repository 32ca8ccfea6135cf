/* export/write_idx.c - MNIST's files: pictures, and their labels as bytes beside them. */
#include <stdlib.h>
#include <string.h>

#include "export/writer.h"

static void add_head(Text *out, const uint32_t *sizes, int n)
{
    const char front[] = {0, 0, 8, (char)n};
    text_add_n(out, front, sizeof front);
    for (int i = 0; i < n; i++) {
        const char bytes[] = {(char)(sizes[i] >> 24), (char)(sizes[i] >> 16 & 0xFF),
                              (char)(sizes[i] >> 8 & 0xFF),
                              (char)(sizes[i] & 0xFF)};
        text_add_n(out, bytes, sizeof bytes);
    }
}

bool write_idx(const WriteRows *rows, Text *out, Text *beside, Error *err)
{
    const Table *t = rows->table;
    if (!t->pixels) return error_set(err, ERR_CONFIG,
                                     "idx holds pictures, and this is a table; write csv, ndjson or npz");
    const uint32_t sizes[] = {(uint32_t)t->n_rows, (uint32_t)t->height, (uint32_t)t->width,
                              (uint32_t)pixels_channels(t->channels)};
    add_head(out, sizes, sizes[3] == 1 ? 3 : 4);
    text_add_n(out, (const char *)t->pixels, (size_t)t->n_rows * PIXELS_OF(t));
    if (!t->labels) return true;
    add_head(beside, sizes, 1);
    for (int i = 0; i < t->n_rows; i++) {
        const char *word = t->labels[i] < 0 ? "" : t->classes[t->labels[i]];
        char *end;
        long value = strtol(word, &end, 10);
        if (!*word || *end || value < 0 || value > 255)
            return error_set(err, ERR_CONFIG,
                             "row %d: the label `%.60s` is no number from 0 to 255, as idx has them; write npz",
                             i + 1, word);
        text_add_n(beside, &(const char){(char)value}, 1);
    }
    return text_ok(beside) || error_memory(err);
}
