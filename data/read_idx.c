/* data/read_idx.c - IDX, the format of MNIST and its relatives.
 *
 *     bytes 0-1  zero      byte 2  element type (0x08: unsigned byte)     byte 3  dimensions, d
 *     d big-endian 32-bit sizes, then the elements, last index fastest
 *
 * Images have sizes (N, H, W), (N, H*W), or a fourth: (N, H, W, C) or (N, C, H, W) with C of 1, grey, or 3,
 * red, green and blue. Channels are last where the last size is 3 (or 1), else first; where both ends are 3,
 * last. Labels are (N).
 *
 * Source   LeCun, Cortes, Burges, "The MNIST database of handwritten digits", file formats.
 */
#include <stdlib.h>
#include <string.h>

#include "data/reader.h"
#include "data/source.h"

enum { MAX_DIMENSIONS = 4, UNSIGNED_BYTE = 0x08, MAX_SIDE = 1 << 15 };

typedef struct {
    int n;
    uint32_t size[MAX_DIMENSIONS];
    const uint8_t *elements;
    size_t count;
} Idx;

bool idx_looks_like(const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return n >= 4 && b[0] == 0 && b[1] == 0 && b[2] >= 0x08 && b[2] <= 0x0E && b[3] >= 1;
}

static bool parse_idx(const char *path, const char *bytes, size_t n, Idx *out, Error *err)
{
    static const char *const types[] = {"unsigned bytes",  "signed bytes",    "?",
                                        "16-bit integers", "32-bit integers", "floats",
                                        "doubles"};
    const uint8_t *b = (const uint8_t *)bytes;
    if (!idx_looks_like(bytes, n))
        return error_set(err, ERR_DATA, "%s: not an IDX file (it must begin with 0, 0, type)",
                         path);
    if (b[2] != UNSIGNED_BYTE)
        return error_set(err, ERR_DATA, "%s: IDX elements are %s; only unsigned bytes are read",
                         path, types[b[2] - 0x08]);
    Idx idx = {.n = b[3]};
    if (idx.n > MAX_DIMENSIONS)
        return error_set(err, ERR_DATA, "%s: %d dimensions; at most %d are read", path, idx.n,
                         MAX_DIMENSIONS);
    size_t head = 4 + 4 * (size_t)idx.n;
    if (n < head)
        return error_set(err, ERR_DATA, "%s: cut off in its header, %zu bytes", path, n);
    uint64_t count = 1;
    for (int i = 0; i < idx.n; i++) {
        const uint8_t *p = b + 4 + 4 * i;
        idx.size[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        if (idx.size[i] == 0)
            return error_set(err, ERR_DATA, "%s: dimension %d is empty", path, i + 1);
        /* A product that passes 2^62 can be no file. */
        if (count > ((uint64_t)1 << 62) / idx.size[i])
            return error_set(err, ERR_DATA, "%s: impossible sizes in the header", path);
        count *= idx.size[i];
    }
    if (count != n - head)
        return error_set(err, ERR_DATA,
                         "%s: the header promises %llu bytes of elements, the file has %zu%s", path,
                         (unsigned long long)count, n - head,
                         count > n - head ? "; is the download complete?" : "");
    idx.elements = b + head;
    idx.count = (size_t)count;
    *out = idx;
    return true;
}

typedef struct {
    int height, width, channels;
    bool planes; /* each channel on its own: (N, C, H, W) */
} Sides;

static bool image_sides(const char *path, const Idx *idx, Sides *out, Error *err)
{
    uint32_t h = 1, w = 0, c = 1;
    bool planes = false;
    if (idx->n == 2) w = idx->size[1];
    if (idx->n == 3) h = idx->size[1], w = idx->size[2];
    if (idx->n == 4 && (idx->size[3] == 1 || idx->size[3] == 3) && idx->size[1] != 1)
        h = idx->size[1], w = idx->size[2], c = idx->size[3];
    else if (idx->n == 4 && (idx->size[1] == 1 || idx->size[1] == 3))
        h = idx->size[2], w = idx->size[3], c = idx->size[1], planes = c == 3;
    if (idx->n == 1)
        return error_set(err, ERR_DATA,
                         "%s: one dimension: these are labels; give the images file as `images`",
                         path);
    if (w == 0)
        return error_set(err, ERR_DATA, "%s: images of %u, %u and %u: neither the first nor the last is 1"
                         " (grey) or 3 (colour)", path, idx->size[1], idx->size[2], idx->size[3]);
    if (idx->size[0] > INT32_MAX - 1 || (uint64_t)h * w > (uint64_t)MAX_SIDE * MAX_SIDE / 64)
        return error_set(err, ERR_DATA, "%s: %u images of %u x %u are too many or too large", path,
                         idx->size[0], h, w);
    *out = (Sides){(int)h, (int)w, (int)c, planes};
    return true;
}

/* Numbers the classes: `values` (N) are small integers. */
static bool label_bytes(Table *table, const Schema *schema, const uint8_t *values, const char *path,
                        Arena *arena, Error *err)
{
    char text[8];
    int number_of[256], n = table->n_rows;
    TextSet known = {0};
    for (int i = 0; i < 256; i++) number_of[i] = -1;
    table->labels = ARENA_NEW(arena, int32_t, n);
    table->classes = ARENA_NEW(arena, const char *, 256);
    if (!table->labels || !table->classes) return error_memory(err);
    table->label_name = "label";
    for (int i = 0; schema && i < schema->n_classes; i++)
        if (text_set_add(&known, arena, schema->classes[i], strlen(schema->classes[i])) < 0)
            return error_memory(err);
    bool present[256] = {false};
    for (int i = 0; i < n; i++) present[values[i]] = true;
    for (int v = 0; v < 256; v++) {
        if (!present[v]) continue;
        size_t length = 0;
        for (int d = 100; d; d /= 10)
            if (v >= d || d == 1) text[length++] = (char)('0' + v / d % 10);
        if (schema) {
            number_of[v] = schema_class(schema, &known, text, length);
            if (number_of[v] >= 0) continue;
            int row = 0;
            while (values[row] != v) row++;
            return error_set(err, ERR_DATA, "%s: row %d: class `%d` is none of the model's %d: %s",
                             path, row + 1, v, schema->n_classes,
                             names_list(arena, schema->classes, schema->n_classes));
        }
        number_of[v] = table->n_classes;
        table->classes[table->n_classes] = arena_copy_n(arena, text, length);
        if (!table->classes[table->n_classes++]) return error_memory(err);
    }
    for (int i = 0; i < n; i++) table->labels[i] = number_of[values[i]];
    if (schema) {
        table->classes = known.text;
        table->n_classes = schema->n_classes;
    } else if (table->n_classes < 2) {
        return error_set(err, ERR_DATA, "%s: all %d labels are the same", path, n);
    }
    return true;
}

static bool read_labels(const char *path, Reading *r, Table *table, Error *err)
{
    Bytes bytes;
    Idx idx = {0};
    if (!source_read(path, r->arena, &bytes, err)) return false;
    bool ok = parse_idx(path, bytes.bytes, bytes.n, &idx, err);
    if (ok && idx.n != 1)
        ok = error_set(err, ERR_DATA, "%s: labels must have one dimension, not %d%s", path, idx.n,
                       idx.n >= 3 ? "; images and labels may be swapped" : "");
    if (ok && idx.count != (size_t)table->n_rows)
        ok = error_set(err, ERR_DATA, "%s: %zu labels for the %d images of %s", path, idx.count,
                       table->n_rows, r->path);
    if (ok) ok = label_bytes(table, r->schema, idx.elements, path, r->arena, err);
    bytes_free(&bytes);
    return ok;
}

/* (N, 3, H, W) -> (N, H, W, 3) */
static void side_by_side(const Idx *idx, uint8_t *to)
{
    const size_t plane = (size_t)idx->size[2] * idx->size[3];
    for (const uint8_t *from = idx->elements, *end = from + idx->count; from < end; from += 3 * plane)
        for (size_t i = 0; i < plane; i++)
            for (size_t c = 0; c < 3; c++) *to++ = from[c * plane + i];
}

bool read_idx(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    Idx idx = {0};
    Sides sides = {0};
    if (!parse_idx(r->path, bytes, n, &idx, err) || !image_sides(r->path, &idx, &sides, err))
        return false;
    if (r->schema && r->schema->height == 0)
        return error_set(err, ERR_DATA, "%s holds images; the model reads a table of %d columns",
                         r->path, r->schema->n_columns);
    const Schema *s = r->schema;
    if (s && (s->height != sides.height || s->width != sides.width
              || pixels_channels(s->channels) != sides.channels))
        return error_set(err, ERR_DATA, "%s: images of %d x %d%s, the model reads %d x %d%s", r->path,
                         sides.height, sides.width, pixels_colour(sides.channels), s->height, s->width,
                         pixels_colour(s->channels));
    Table *table = ARENA_NEW(r->arena, Table, 1);
    uint8_t *pixels = arena_alloc(r->arena, idx.count, 1);
    if (!table || !pixels) return error_memory(err);
    if (sides.planes) side_by_side(&idx, pixels);
    else memcpy(pixels, idx.elements, idx.count);
    table->n_rows = (int)idx.size[0];
    table->height = sides.height;
    table->width = sides.width;
    table->channels = sides.channels;
    table->pixels = pixels;
    if (r->labels && !read_labels(r->labels, r, table, err)) return false;
    if (!r->labels && r->schema) {
        table->n_classes = r->schema->n_classes;
        table->classes = r->schema->classes;
    }
    table->notes = r->notes;
    table->n_notes = r->n_notes;
    table_fingerprint(table);
    *out = table;
    return true;
}
