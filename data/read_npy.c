/* data/read_npy.c - NumPy's arrays: one (.npy), or several with names (.npz).
 *
 *     (N, D)      rows and columns; of (N), one column; of (N, A, B), A * B columns; records have names
 *     (N, H, W)   of unsigned bytes: pictures, as (N, H, W, C) and (N, C, H, W) are, of 1 or 3 channels
 *
 * Which arrays of an .npz are meant is said (`data.npz/X_train`) or told by their names: features in `X`,
 * `data`, `features`, `images`, `x_train` or what else `pairs` below has, classes in `y`, `target`,
 * `labels`, ... beside them, or in the one that `label` names; names of columns in `columns` or
 * `feature_names`. If none is called so, all of them are columns by their names. Of one array, the labels
 * may be a file of their own, or are its last column.
 */
#include <stdlib.h>
#include <string.h>

#include "base/packed.h"
#include "data/npy.h"
#include "data/source.h"

typedef struct {
    const char *name; /* without ".npy" */
    Bytes bytes;      /* NULL: not read */
    Npy npy;
} Array;

/* A column is part of an array. */
typedef struct {
    const Npy *npy;
    int type;
    uint64_t at, width; /* in a row; of a row */
} Part;

typedef struct {
    Reading *reading;
    Arena *arena;
    const char *bytes; /* of the .npz */
    size_t n;
    Array *arrays;
    int n_arrays;
    Part *parts;
    const char **names;
    int n_parts;
    bool nameless;
    Text text; /* of the last word */
} Arrays;

enum { MOST_COLUMNS = 1 << 20 };

/* ---- which array is what ------------------------------------------------------------------------- */

/* Names of features, and the names of classes that belong to them, in the order in which they are tried. */
static const struct {
    const char *features, *labels[6];
} pairs[] = {{"X", {"y", "Y", "label", "labels", "target", NULL}},
             {"x", {"y", "Y", "label", "labels", "target", NULL}},
             {"X_train", {"y_train", "Y_train", NULL}},
             {"x_train", {"y_train", "Y_train", NULL}},
             {"train_images", {"train_labels", NULL}},
             {"train_x", {"train_y", NULL}},
             {"images", {"labels", "label", "y", "target", NULL}},
             {"data", {"target", "label", "labels", "y", NULL}},
             {"features", {"labels", "label", "target", "y", NULL}},
             {"inputs", {"targets", "labels", "y", NULL}},
             {"arr_0", {"arr_1", NULL}},
             {"X_test", {"y_test", "Y_test", NULL}},
             {"x_test", {"y_test", "Y_test", NULL}},
             {"X_val", {"y_val", NULL}},
             {"x_val", {"y_val", NULL}},
             {"test_images", {"test_labels", NULL}},
             {"val_images", {"val_labels", NULL}},
             {"test_x", {"test_y", NULL}}};

static Array *find(const Arrays *a, const char *name)
{
    size_t n = name ? strlen(name) : 0;
    if (n > 4 && strcmp(name + n - 4, ".npy") == 0) n -= 4;
    for (int i = 0; name && i < a->n_arrays; i++)
        if (strncmp(a->arrays[i].name, name, n) == 0 && !a->arrays[i].name[n]) return &a->arrays[i];
    return NULL;
}

/* data.label, if it is one name. */
static const char *said_label(const Arrays *a)
{
    const TextList *label = &a->reading->options->label;
    return label->n == 1 ? label->items[0] : NULL;
}

static Array *labels_of(const Arrays *a, const char *features)
{
    const char *said = said_label(a);
    if (said && find(a, said)) return find(a, said);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int k = 0; strcmp(pairs[i].features, features) == 0 && pairs[i].labels[k]; k++)
            if (find(a, pairs[i].labels[k])) return find(a, pairs[i].labels[k]);
    return NULL;
}

static const char *list_arrays(const Arrays *a)
{
    const char **names = ARENA_NEW(a->arena, const char *, a->n_arrays);
    for (int i = 0; names && i < a->n_arrays; i++) names[i] = a->arrays[i].name;
    return names ? names_list(a->arena, names, a->n_arrays) : "";
}

/* ---- arrays -------------------------------------------------------------------------------------- */

static bool open_array(Arrays *a, Array *array, Error *err)
{
    if (array->bytes.bytes) return true;
    const char *path = arena_print(a->arena, "%s/%s", a->reading->path, array->name);
    const char *member = arena_print(a->arena, "%s.npy", array->name);
    if (!path || !member) return error_memory(err);
    return packed_member(a->reading->path, a->bytes, a->n, member, &array->bytes, err)
        && npy_parse(path, array->bytes.bytes, array->bytes.n, a->arena, &array->npy, err);
}

static uint64_t width_of(const Npy *npy)
{
    uint64_t width = 1;
    for (int d = 1; d < npy->n_dims; d++) width *= npy->shape[d];
    return width;
}

static bool add_part(Arrays *a, Part part, const char *name, Error *err)
{
    if (!name) return error_memory(err);
    a->parts[a->n_parts] = part;
    a->names[a->n_parts++] = name;
    return true;
}

static bool make_room(Arrays *a, uint64_t n, Error *err)
{
    if (n > MOST_COLUMNS)
        return error_set(err, ERR_DATA, "%s: %llu columns; at most %d are read", a->reading->path,
                         (unsigned long long)n,
                         MOST_COLUMNS);
    a->parts = ARENA_NEW(a->arena, Part, n);
    a->names = ARENA_NEW(a->arena, const char *, n);
    return (a->parts && a->names) || error_memory(err);
}

/* Columns of an array that is nothing but features: `stem`_1, ... */
static bool add_array(Arrays *a, const Npy *npy, const char *stem, Error *err)
{
    const uint64_t width = width_of(npy);
    for (int t = 0; t < npy->n_types && npy->is_record; t++)
        if (!add_part(a, (Part){npy, t, 0, 1}, npy->types[t].name, err)) return false;
    for (uint64_t k = 0; k < width && !npy->is_record; k++) {
        const char *name = arena_print(a->arena, "%s_%llu", stem, (unsigned long long)k + 1);
        if (!add_part(a, (Part){npy, 0, k, width}, name, err)) return false;
    }
    return true;
}

static uint64_t columns_of(const Npy *npy)
{
    return npy->is_record ? (uint64_t)npy->n_types : width_of(npy);
}

static bool check_dims(const Arrays *a, const Npy *npy, const char *name, Error *err)
{
    if (npy->n_dims == 0 || npy->shape[0] == 0)
        return error_set(err, ERR_DATA, "%s%s%s: no rows of data", a->reading->path, name ? "/" : "",
                         name ? name : "");
    if (npy->shape[0] > INT32_MAX - 1)
        return error_set(err, ERR_DATA, "%s: more than %d rows", a->reading->path, INT32_MAX - 1);
    if (npy->is_record && npy->n_dims > 1)
        return error_set(err, ERR_DATA, "%s: records in %d dimensions; save them in one", a->reading->path,
                         npy->n_dims);
    return true;
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static TypedCell cell_of(const TypedRows *rows, int row, int column)
{
    Arrays *a = rows->of;
    const Part *p = &a->parts[column];
    if (!p->npy) return (TypedCell){.kind = TYPED_NUMBER, .number = row}; /* of pictures */
    return npy_cell(p->npy, p->type, (uint64_t)row * p->width + p->at, &a->text);
}

static bool is_numbers(const TypedRows *rows, int column)
{
    const Part *p = &((const Arrays *)rows->of)->parts[column];
    return !p->npy || !npy_has_words(p->npy, p->type);
}

static bool make_table(Arrays *a, int n_rows, Table **out, Error *err)
{
    TypedRows rows = {.n_rows = n_rows, .n_columns = a->n_parts, .names = a->names, .of = a, .cell = cell_of,
                      .is_numbers = is_numbers, .text_numbers = true};
    return typed_table(a->reading, &rows, out, err);
}

/* ---- pictures ------------------------------------------------------------------------------------ */

typedef struct {
    int height, width, channels;
    bool planes; /* each channel on its own: (N, C, H, W) */
} Sides;

/* Unsigned bytes of three dimensions, or four of which the last or the second is 1 or 3 channels. */
static bool sides_of(const Npy *npy, Sides *out)
{
    enum { MOST_SIDE = 1 << 15 };
    if (npy->is_record || npy->types[0].kind != 'u' || npy->types[0].size != 1 || npy->n_dims < 3) return false;
    const uint64_t *s = npy->shape;
    const bool four = npy->n_dims == 4, last = four && (s[3] == 1 || s[3] == 3) && s[1] != 1;
    const bool first = four && !last && (s[1] == 1 || s[1] == 3);
    if (four && !first && !last) return false;
    const uint64_t h = s[first ? 2 : 1], w = s[first ? 3 : 2], c = last ? s[3] : first ? s[1] : 1;
    if (h == 0 || w == 0 || h > MOST_SIDE || w > MOST_SIDE) return false;
    *out = (Sides){(int)h, (int)w, (int)c, first && c == 3};
    return true;
}

/* The bytes of a picture as data/pixels.h has them, from wherever the array has them. */
static void copy_picture(const Npy *npy, const Sides *sides, uint64_t row, uint8_t *to)
{
    const size_t size = pixels_size(sides->height, sides->width, sides->channels);
    const size_t plane = size / (size_t)sides->channels;
    if (!npy->by_columns && !sides->planes) {
        memcpy(to, npy->cells + row * size, size);
        return;
    }
    for (size_t k = 0; k < size; k++) {
        const size_t at = sides->planes ? k / plane + k % plane * (size_t)sides->channels : k;
        to[at] = (uint8_t)npy_cell(npy, 0, row * size + k, NULL).number;
    }
}

/* Classes are numbered as a table's are: one is read that has the labels and a column of which row is which. */
static bool label_pictures(Arrays *a, const Npy *labels, const char *name, int n_rows, Table **out, Error *err)
{
    Reading *r = a->reading;
    const Schema *model = r->schema;
    const Column place = {.name = "row", .kind = COLUMN_NUMERIC};
    Schema beside = {.n_columns = 1, .columns = &place};
    ReadOptions plain = *r->options;
    if (model) {
        beside.label_name = name = model->label_name ? model->label_name : name;
        beside.task = model->task;
        beside.n_classes = model->n_classes;
        beside.classes = model->classes;
        beside.rules = model->rules;
        beside.rules.names = NAMES_OF_FILE;
        r->schema = &beside;
    }
    plain.label = (TextList){1, &name};
    if (plain.task == TASK_AUTO && labels->types[0].kind != 'f') plain.task = 1 + TASK_CLASSES; /* as of IDX */
    plain.features = plain.drop = plain.numeric = plain.nominal = (TextList){0};
    const ReadOptions *said = r->options;
    r->options = &plain;
    bool ok = make_room(a, 2, err) && add_part(a, (Part){NULL, 0, 0, 0}, place.name, err)
           && add_part(a, (Part){labels, 0, 0, 1}, name, err) && make_table(a, n_rows, out, err);
    r->schema = model;
    r->options = said;
    return ok;
}

static bool make_pictures(Arrays *a, const Npy *npy, const Npy *labels, const char *label_name, Table **out,
                          Error *err)
{
    Reading *r = a->reading;
    const Schema *model = r->schema;
    Sides sides = {0};
    const int n = (int)npy->shape[0];
    Table *table = ARENA_NEW(a->arena, Table, 1), *labelled = NULL;
    if (!table) return error_memory(err);
    sides_of(npy, &sides);
    if (model && (model->height != sides.height || model->width != sides.width
                  || pixels_channels(model->channels) != sides.channels))
        return error_set(err, ERR_DATA, "%s: images of %d x %d%s, the model reads %d x %d%s", r->path,
                         sides.height, sides.width, pixels_colour(sides.channels), model->height, model->width,
                         pixels_colour(model->channels));
    if (labels && !label_pictures(a, labels, label_name, n, &labelled, err)) return false;
    const int kept = labelled ? labelled->n_rows : n;
    const size_t size = pixels_size(sides.height, sides.width, sides.channels);
    uint8_t *pixels = arena_room(a->arena, (size_t)kept, size);
    if (!pixels) return error_memory(err);
    for (int i = 0; i < kept; i++) {
        const int from = labelled ? table_source(labelled, i) - 1 : i;
        copy_picture(npy, &sides, (uint64_t)from, pixels + (size_t)i * size);
    }
    table->pixels = pixels;
    table->n_rows = kept;
    table->height = sides.height;
    table->width = sides.width;
    table->channels = sides.channels;
    if (labelled) {
        table->task = labelled->task;
        table->labels = labelled->labels;
        table->targets = labelled->targets;
        table->n_classes = labelled->n_classes;
        table->classes = labelled->classes;
        table->label_name = labelled->label_name;
        table->source = labelled->source;
    } else if (model) {
        table->task = model->task;
        table->n_classes = model->n_classes;
        table->classes = model->classes;
    }
    table->notes = r->notes;
    table->n_notes = r->n_notes;
    table_fingerprint(table);
    *out = table;
    return true;
}

/* ---- one array, and labels beside it ------------------------------------------------------------- */

/* What the columns are called, if somebody says so: words, as many as there are columns. */
static void take_names(Arrays *a, const Npy *names, uint64_t width)
{
    if (!names || names->n_dims != 1 || names->shape[0] != width || !npy_has_words(names, 0)) return;
    for (uint64_t i = 0; i < width; i++) {
        TypedCell cell = npy_cell(names, 0, i, &a->text);
        const char *name = arena_copy_n(a->arena, cell.kind == TYPED_TEXT ? cell.text : "", cell.n);
        if (name) a->names[i] = name;
    }
    a->nameless = false;
}

/* label_name, as `data convert` writes it: what the labels are called. */
static const char *said_name(Arrays *a, const char *otherwise, Error *err)
{
    Array *said = find(a, "label_name");
    const char *label = said_label(a);
    if (!said || (label && strcmp(label, otherwise) == 0)) return otherwise;
    if (!open_array(a, said, err)) return NULL;
    if (said->npy.n_cells != 1 || said->npy.is_record || !npy_has_words(&said->npy, 0)) return otherwise;
    TypedCell cell = npy_cell(&said->npy, 0, 0, &a->text);
    if (cell.kind != TYPED_TEXT) return otherwise;
    const char *name = arena_copy_n(a->arena, cell.text, cell.n);
    if (!name) error_memory(err);
    return name;
}

static bool make_of(Arrays *a, const Npy *npy, const Npy *labels, const char *label_name, const Npy *names,
                    Table **out, Error *err)
{
    Reading *r = a->reading;
    Sides sides;
    if (!check_dims(a, npy, NULL, err)) return false;
    if (labels && (labels->n_dims == 0 || labels->shape[0] != npy->shape[0] || width_of(labels) != 1))
        return error_set(err, ERR_DATA,
                         "%s: %llu rows, but `%s` has %llu label%s of %llu number%s each; one label a row is"
                         " expected", r->path, (unsigned long long)npy->shape[0], label_name,
                         labels->n_dims ? (unsigned long long)labels->shape[0] : 0ULL,
                         labels->n_dims && labels->shape[0] == 1 ? "" : "s",
                         (unsigned long long)width_of(labels), width_of(labels) == 1 ? "" : "s");
    if (sides_of(npy, &sides) && (!r->schema || r->schema->height > 0))
        return make_pictures(a, npy, labels, label_name, out, err);
    if (!make_room(a, columns_of(npy) + (labels != NULL), err)
        || !add_array(a, npy, "column", err))
        return false;
    if (npy->n_dims > 2)
        reading_note(r, "an array of %d dimensions: the %d numbers of a row are its columns", npy->n_dims,
                     a->n_parts);
    a->nameless = !npy->is_record;
    take_names(a, names, (uint64_t)a->n_parts);
    if (a->nameless) typed_take_order(r, a->names, a->n_parts);
    if (a->nameless && !labels && r->schema) { /* the label may be a column */
        typed_take_order(r, a->names, a->n_parts - 1);
        if (r->schema->label_name && strcmp(a->names[0], "column_1") != 0)
            if (strncmp(a->names[a->n_parts - 1], "column_", 7) == 0)
                a->names[a->n_parts - 1] = r->schema->label_name;
    }
    if (labels && r->schema && r->schema->label_name && !said_label(a)) label_name = r->schema->label_name;
    return (!labels || add_part(a, (Part){labels, 0, 0, 1}, label_name, err))
        && make_table(a, (int)npy->shape[0], out, err);
}

/* X.npy and y.npy. */
static bool read_beside(Arrays *a, const Npy *npy, Table **out, Error *err)
{
    Reading *r = a->reading;
    Bytes bytes;
    Npy labels;
    if (!r->labels) return make_of(a, npy, NULL, NULL, NULL, out, err);
    if (!source_read(r->labels, a->arena, &bytes, err)) return false;
    bool ok = npy_parse(r->labels, bytes.bytes, bytes.n, a->arena, &labels, err)
           && make_of(a, npy, &labels, "label", NULL, out, err);
    bytes_free(&bytes);
    return ok;
}

bool read_npy(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    Arrays a = {.reading = r, .arena = r->arena};
    Npy npy;
    bool ok = npy_parse(r->path, bytes, n, r->arena, &npy, err) && read_beside(&a, &npy, out, err);
    text_free(&a.text);
    return ok;
}

/* ---- several ------------------------------------------------------------------------------------- */

static bool list(Arrays *a, Error *err)
{
    Member *members;
    int n;
    if (!packed_members(a->reading->path, a->bytes, a->n, a->arena, &members, &n, err)) return false;
    a->arrays = ARENA_NEW(a->arena, Array, n);
    if (!a->arrays) return error_memory(err);
    for (int i = 0; i < n; i++) {
        size_t length = strlen(members[i].name);
        if (length <= 4 || strcmp(members[i].name + length - 4, ".npy") != 0) continue;
        const char *name = arena_copy_n(a->arena, members[i].name, length - 4);
        if (!name) return error_memory(err);
        a->arrays[a->n_arrays++].name = name;
    }
    return a->n_arrays > 0 || error_set(err, ERR_DATA, "%s: no arrays in it", a->reading->path);
}

static Array *choose(const Arrays *a)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (find(a, pairs[i].features)) return find(a, pairs[i].features);
    return a->n_arrays == 1 ? &a->arrays[0] : NULL;
}

static bool read_pair(Arrays *a, Array *features, Table **out, Error *err)
{
    Array *labels = labels_of(a, features->name), *names = find(a, "columns");
    if (!names) names = find(a, "feature_names");
    if (labels == features) labels = NULL;
    if (labels && a->reading->schema && a->reading->options->no_labels) labels = NULL;
    for (int i = 0; i < a->n_arrays; i++) {
        const Array *other = &a->arrays[i];
        const bool used = other == features || other == labels || other == names;
        if (used || strcmp(other->name, "label_name") == 0) continue;
        reading_note(a->reading,
                     "read: `%s`%s%s; `%s` and what else there is was left out (FILE.npz/%s reads that)",
                     features->name, labels ? " with the labels of " : "", labels ? labels->name : "",
                     other->name, other->name);
        break;
    }
    const char *label_name = labels ? said_name(a, labels->name, err) : "";
    return label_name && open_array(a, features, err) && (!labels || open_array(a, labels, err))
        && (!names || open_array(a, names, err))
        && make_of(a, &features->npy, labels ? &labels->npy : NULL, label_name, names ? &names->npy : NULL,
                   out, err);
}

/* All arrays are columns, called as they are. */
static bool read_columns(Arrays *a, Table **out, Error *err)
{
    uint64_t n = 0;
    for (int i = 0; i < a->n_arrays; i++) {
        const Npy *npy = &a->arrays[i].npy, *first = &a->arrays[0].npy;
        if (!open_array(a, &a->arrays[i], err) || !check_dims(a, npy, a->arrays[i].name, err)) return false;
        if (npy->shape[0] != first->shape[0])
            return error_set(err, ERR_DATA, "%s holds %d arrays of different length: %s; say which: %s/%s",
                             a->reading->path,
                             a->n_arrays, list_arrays(a), a->reading->path, a->arrays[0].name);
        n += columns_of(npy);
    }
    if (!make_room(a, n, err)) return false;
    for (int i = 0; i < a->n_arrays; i++) {
        const Npy *npy = &a->arrays[i].npy;
        bool one = !npy->is_record && width_of(npy) == 1;
        if (!(one ? add_part(a, (Part){npy, 0, 0, 1}, a->arrays[i].name, err)
              : add_array(a, npy, a->arrays[i].name, err)))
            return false;
    }
    return make_table(a, (int)a->arrays[0].npy.shape[0], out, err);
}

bool read_npz(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    Arrays a = {.reading = r, .arena = r->arena, .bytes = bytes, .n = n};
    bool ok = list(&a, err);
    if (ok && r->labels)
        ok = error_set(err, ERR_CONFIG, "%s: labels are one of its arrays (data.label), not a file (%s)",
                                        r->path, r->labels);
    if (ok && !r->member && find(&a, "indptr") && find(&a, "indices") && find(&a, "data"))
        ok = error_set(err, ERR_DATA, "%s: a sparse matrix of SciPy, which is not read; write libsvm rows"
                       " (sklearn.datasets.dump_svmlight_file) or numpy.savez of its toarray()", r->path);
    Array *features = !ok ? NULL : r->member ? find(&a, r->member) : choose(&a);
    if (ok && r->member && !features)
        ok = error_set(err, ERR_DATA, "%s: no array `%.200s` in it; it has %s", r->path, r->member,
                       list_arrays(&a));
    ok = ok && (features ? read_pair(&a, features, out, err) : read_columns(&a, out, err));
    for (int i = 0; i < a.n_arrays; i++) bytes_free(&a.arrays[i].bytes);
    text_free(&a.text);
    return ok;
}
