/* data/read_cifar.c - the binary files of CIFAR-10 and CIFAR-100.
 *
 *     CIFAR-10   records of 3073 bytes: the class 0..9, then 1024 red, 1024 green and 1024 blue levels
 *     CIFAR-100  records of 3074 bytes: the coarse class 0..19, the fine class 0..99, then the same
 *
 * Which it is, follows from the length and from the classes being small enough. Names of classes are taken from
 * the files that come with them, where they lie beside: batches.meta.txt, or fine_label_names.txt and
 * coarse_label_names.txt; else they are numbers. The label of CIFAR-100 is `fine` unless data.label says
 * `coarse`. A folder is read as its data_batch_*.bin, or train.bin, one after the other; test files are
 * named by themselves.
 *
 * Source   Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; binary version.
 */
#include "data/read_cifar.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, PIXELS = 3 * PLANE, MOST_CLASSES = 100, MOST_FILES = 1000 };

/* A kind of CIFAR: what stands before the pixels. */
typedef struct {
    int n; /* bytes of classes */
    int most[2];
    const char *columns[3]; /* of the table that is made: the pictures, then a column a class */
    const char *names[2];   /* the files of their names */
    int label;              /* which column is the label, if nobody says */
} Kind;
static const Kind kinds[] = {
    {1, {10, 0}, {"picture", "label", NULL}, {"batches.meta.txt", NULL}, 1},
    {2, {20, 100}, {"picture", "coarse", "fine"}, {"coarse_label_names.txt", "fine_label_names.txt"}, 2},
};

static const Kind *kind_of(const uint8_t *bytes, size_t n)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const size_t record = (size_t)kinds[k].n + PIXELS;
        bool fits = n > 0 && n % record == 0;
        for (size_t at = 0; fits && at < n; at += record)
            for (int c = 0; c < kinds[k].n; c++) fits = fits && bytes[at + (size_t)c] < kinds[k].most[c];
        if (fits) return &kinds[k];
    }
    return NULL;
}

bool cifar_looks_like(const char *bytes, size_t n)
{
    return kind_of((const uint8_t *)bytes, n) != NULL;
}

/* The names of the classes of one column, one a line; without a file of them numbers. */
static bool class_names(const Reading *r, const char *folder, const char *file, int most, const char **names,
                        Error *err)
{
    const char *path = path_join(r->arena, folder, file);
    Bytes bytes = {0};
    int n = 0;
    if (!path) return error_memory(err);
    if (file_exists(path) && file_read_plain(path, 1 << 16, &bytes, NULL) && text_is_utf8(bytes.bytes, bytes.n)
        && !memchr(bytes.bytes, 0, bytes.n)) {
        for (const char *at = bytes.bytes; *at && n < most;) {
            const char *line = at;
            size_t length = strcspn(at, "\n");
            at += length + (at[length] != '\0');
            reading_trim(&line, &length);
            if (length > 0 && !(names[n++] = arena_copy_n(r->arena, line, length))) break;
        }
    }
    bytes_free(&bytes);
    if (n == most) return names[n - 1] || error_memory(err);
    for (int i = 0; i < most; i++)
        if (!(names[i] = arena_print(r->arena, "%d", i))) return error_memory(err);
    return true;
}

static void take_pixels(const uint8_t *from, uint8_t *to)
{
    for (int i = 0; i < PLANE; i++)
        for (int c = 0; c < 3; c++) to[3 * i + c] = from[c * PLANE + i];
}

typedef struct {
    const Kind *kind;
    const char *names[2][MOST_CLASSES];
    uint8_t *pixels;
    int n, row;
} Cifar;

/* Cells and pixels of one file's records. */
static bool take_records(Reading *inner, Cifar *c, const char *path, const uint8_t *bytes, size_t n, Error *err)
{
    const Kind *kind = kind_of(bytes, n);
    const size_t record = kind ? (size_t)kind->n + PIXELS : 0;
    if (kind != c->kind || (size_t)(c->n - c->row) < n / record)
        return error_set(err, ERR_DATA, "%s: no file of CIFAR as the others are", path);
    for (size_t at = 0; at < n; at += record, c->row++) {
        const uint8_t *from = bytes + at;
        if (!reading_cell(inner, c->row, 0, "x", 1, false, c->row + 1, err)) return false;
        for (int k = 0; k < kind->n; k++) {
            const char *name = c->names[k][from[k]];
            if (!reading_cell(inner, c->row, 1 + k, name, strlen(name), false, c->row + 1, err)) return false;
        }
        take_pixels(from + kind->n, c->pixels + (size_t)c->row * PIXELS);
    }
    return true;
}

/* The model's schema, of the table whose only column is `picture`. */
static Schema inner_schema(const Reading *r, const Column *picture)
{
    Schema s = *r->schema;
    s.height = s.width = s.channels = 0;
    s.n_columns = 1;
    s.columns = picture;
    s.rules = (ReadRules){.names = NAMES_OF_FILE};
    return s;
}

static bool check_model(const Reading *r, Error *err)
{
    const Schema *s = r->schema;
    if (!s || (s->height == SIDE && s->width == SIDE && pixels_channels(s->channels) == 3)) return true;
    if (s->height == 0)
        return error_set(err, ERR_DATA, "%s holds images; the model reads a table of %d columns", r->path,
                         s->n_columns);
    return error_set(err, ERR_DATA, "%s: images of 32 x 32 in colour, the model reads %d x %d%s", r->path,
                     s->height, s->width, pixels_colour(s->channels));
}

/* What all files have in common; then a call of take_records() for each, and end(). */
static bool begin(Reading *r, Reading *inner, ReadOptions *options, Schema *schema, const Column *picture,
                  const char *folder, Cifar *c, Error *err)
{
    const char **columns = ARENA_NEW(r->arena, const char *, 3);
    if (!columns) return error_memory(err);
    if (!check_model(r, err)) return false;
    memcpy(columns, c->kind->columns, sizeof c->kind->columns);
    for (int k = 0; k < c->kind->n; k++)
        if (!class_names(r, folder, c->kind->names[k], c->kind->most[k], c->names[k], err)) return false;
    *options = *r->options;
    *inner = *r;
    inner->options = options;
    if (options->label.n == 0) options->label = (TextList){1, columns + c->kind->label};
    if (!options->task) options->task = 1 + TASK_CLASSES;
    options->features = options->nominal = (TextList){1, columns};
    options->drop = options->numeric = (TextList){0};
    if (r->schema) {
        *schema = inner_schema(r, picture);
        inner->schema = schema;
        if (c->kind->n == 1 && schema->label_name) columns[1] = schema->label_name;
    }
    c->pixels = arena_room(r->arena, (size_t)c->n, PIXELS);
    if (!c->pixels) return error_memory(err);
    if (!reading_plan(inner, columns, 1 + c->kind->n, err)) return false;
    for (int i = 1; i <= c->kind->n; i++) inner->columns[i].kind = COLUMN_NOMINAL;
    return reading_start(inner, c->n, err);
}

static bool end(Reading *inner, const Cifar *c, Table **out, Error *err)
{
    Table *table;
    if (!reading_finish(inner, &table, err)) return false;
    table->columns = NULL;
    table->n_columns = 0;
    table->pixels = c->pixels;
    table->height = table->width = SIDE;
    table->channels = 3;
    table->rules = (ReadRules){0};
    table_fingerprint(table);
    *out = table;
    return true;
}

static const Column picture_column = {.name = "picture", .kind = COLUMN_NOMINAL, .n_levels = 1,
                                      .levels = (const char *[]){"x"}};

bool read_cifar(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    Cifar *c = ARENA_NEW(r->arena, Cifar, 1);
    ReadOptions options;
    Reading inner;
    Schema schema;
    const char *folder = path_folder(r->arena, r->path);
    if (!c || !folder) return error_memory(err);
    c->kind = kind_of((const uint8_t *)bytes, n);
    if (!c->kind)
        return error_set(err, ERR_DATA, "%s: no binary file of CIFAR: %zu bytes are no whole number of records"
                         " of 3073 or 3074 with classes in front", r->path, n);
    c->n = (int)(n / ((size_t)c->kind->n + PIXELS));
    return begin(r, &inner, &options, &schema, &picture_column, folder, c, err)
        && take_records(&inner, c, r->path, (const uint8_t *)bytes, n, err) && end(&inner, c, out, err);
}

/* ---- folders -------------------------------------------------------------------------------------- */

bool cifar_is_batch(const char *path)
{
    const char *name = path_base(path);
    size_t n = strlen(name);
    if (strchr(path, '/')) return false;
    return strcmp(name, "train.bin") == 0
        || (n > 15 && strncmp(name, "data_batch_", 11) == 0 && strcmp(name + n - 4, ".bin") == 0);
}

bool read_cifar_folder(Reading *r, const FileList *files, Table **out, Error *err)
{
    Cifar *c = ARENA_NEW(r->arena, Cifar, 1);
    ReadOptions options;
    Reading inner;
    Schema schema;
    int64_t total = 0;
    bool ok = true, begun = false;
    if (!c) return error_memory(err);
    for (int i = 0; i < files->n; i++) {
        const char *path = path_join(r->arena, r->path, files->paths[i]);
        if (!path) return error_memory(err);
        if (cifar_is_batch(files->paths[i])) total += file_bytes(path);
    }
    if (total > (int64_t)INT32_MAX * 3) return error_set(err, ERR_DATA, "%s: too many pictures", r->path);
    for (int i = 0; ok && i < files->n; i++) {
        Bytes bytes;
        if (!cifar_is_batch(files->paths[i])) continue;
        const char *path = path_join(r->arena, r->path, files->paths[i]);
        if (!path) return error_memory(err);
        if (!file_read_plain(path, 0, &bytes, err)) return false;
        if (!begun) {
            c->kind = kind_of((const uint8_t *)bytes.bytes, bytes.n);
            ok = c->kind || error_set(err, ERR_DATA, "%s: no binary file of CIFAR", path);
            c->n = ok ? (int)(total / (c->kind->n + PIXELS)) : 0;
            ok = ok && begin(r, &inner, &options, &schema, &picture_column, r->path, c, err);
            begun = true;
        }
        ok = ok && take_records(&inner, c, path, (const uint8_t *)bytes.bytes, bytes.n, err);
        bytes_free(&bytes);
    }
    if (ok && c->row != c->n)
        return error_set(err, ERR_DATA, "%s: the files changed while they were read", r->path);
    return ok && end(&inner, c, out, err);
}
