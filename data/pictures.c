/* Files of pictures, one after the other, into one block of pixels of one size. */
#include "data/pictures.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "pictures/resize.h"

enum { MOST_BYTES = 1 << 28 /* of a file */ };

/* What all pictures become. */
typedef struct {
    int width, height, channels;
    PictureFit fit;
    uint8_t background;
} Shape;

/* What all pictures are. */
typedef struct {
    int n, width, height; /* of the first; 0: they differ */
    bool colour;
    double *aspects; /* (n) log(width / height) */
} Seen;

static bool read_file(const char *path, bool look, uint8_t background, Picture *out, Error *err)
{
    Bytes bytes;
    if (!file_read_plain(path, MOST_BYTES, &bytes, err)) return false;
    bool ok = picture_read(bytes.bytes, bytes.n, look, background, out, err);
    bytes_free(&bytes);
    if (ok) return true;
    const Error why = *err;
    return error_set(err, why.code, "%s: %s", path, why.message);
}

static void note_size(Seen *seen, const Picture *p)
{
    if (seen->n == 0) seen->width = p->width, seen->height = p->height;
    if (seen->width != p->width || seen->height != p->height) seen->width = seen->height = 0;
    seen->colour |= p->channels == 3;
    seen->aspects[seen->n++] = log((double)p->width / p->height);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int side_of(double x)
{
    return x < 1 ? 1 : x > 1024 ? 1024 : (int)(x + .5);
}

/* A side that is not given follows the middle shape. */
static void fit_sides(Reading *r, Seen *seen, Shape *shape)
{
    qsort(seen->aspects, (size_t)seen->n, sizeof *seen->aspects, by_value);
    const double aspect = exp(seen->aspects[seen->n / 2]);
    if (shape->width > 0) {
        shape->height = side_of(shape->width / aspect);
    } else if (shape->height > 0) {
        shape->width = side_of(shape->height * aspect);
    } else if (seen->width > 0 && seen->width <= PICTURES_WHOLE && seen->height <= PICTURES_WHOLE) {
        shape->width = seen->width, shape->height = seen->height;
    } else {
        shape->width = side_of(PICTURES_SIDE * fmin(1, aspect));
        shape->height = side_of(PICTURES_SIDE / fmax(1, aspect));
        if (seen->width > 0)
            reading_note(r, "pictures of %d x %d were reduced to %d x %d; data.pictures.width and height say"
                            " another size", seen->height, seen->width, shape->height, shape->width);
        else
            reading_note(r, "pictures of several sizes were made %d x %d; data.pictures.width and height say"
                            " another size", shape->height, shape->width);
    }
}

/* All that does not depend on the pictures; true: nothing does. */
static bool shape_as_said(const Reading *r, Shape *out)
{
    const Schema *s = r->schema;
    const PictureOptions *o = &r->options->pictures;
    const ReadRules *rules = s ? &s->rules : NULL;
    PictureGround ground = rules ? rules->ground : (PictureGround)o->background;
    *out = (Shape){.fit = rules ? rules->fit : (PictureFit)o->fit,
                   .background = ground == GROUND_WHITE ? 255 : 0};
    if (s) out->width = s->width, out->height = s->height, out->channels = pixels_channels(s->channels);
    else out->width = o->width, out->height = o->height;
    if (!s && o->colour) out->channels = o->colour == COLOUR_RGB ? 3 : 1;
    return out->width > 0 && out->height > 0 && out->channels > 0;
}

static void settle(Reading *r, Seen *seen, Shape *shape)
{
    if (shape->width <= 0 || shape->height <= 0) fit_sides(r, seen, shape);
    if (shape->channels == 0) shape->channels = seen->colour ? 3 : 1;
}

/* The part of a picture that is shown, and where in the new one. */
static bool place(Picture *p, const Shape *shape, uint8_t *to, Error *err)
{
    if (!picture_make_channels(p, shape->channels, err)) return false;
    int left = 0, top = 0, width = p->width, height = p->height;      /* of the old */
    int at_x = 0, at_y = 0, new_width = shape->width, new_height = shape->height;
    const int64_t wide = (int64_t)p->width * shape->height, high = (int64_t)p->height * shape->width;
    const size_t deep = (size_t)shape->channels, step = (size_t)shape->width * deep;
    if (shape->fit == FIT_CROP && wide > high) {
        width = (int)((high + shape->height / 2) / shape->height);
        width = width < 1 ? 1 : width;
        left = (p->width - width) / 2;
    } else if (shape->fit == FIT_CROP && high > wide) {
        height = (int)((wide + shape->width / 2) / shape->width);
        height = height < 1 ? 1 : height;
        top = (p->height - height) / 2;
    } else if (shape->fit == FIT_PAD && wide > high) {
        new_height = (int)((high + p->width / 2) / p->width);
        new_height = new_height < 1 ? 1 : new_height;
        at_y = (shape->height - new_height) / 2;
    } else if (shape->fit == FIT_PAD && high > wide) {
        new_width = (int)((wide + p->height / 2) / p->height);
        new_width = new_width < 1 ? 1 : new_width;
        at_x = (shape->width - new_width) / 2;
    }
    if (new_width < shape->width || new_height < shape->height)
        memset(to, shape->background, step * (size_t)shape->height);
    const size_t line = (size_t)p->width * deep;
    const uint8_t *from = p->bytes + (size_t)top * line + (size_t)left * deep;
    PicturePart part = {from, width, height, shape->channels, line};
    to += (size_t)at_y * step + (size_t)at_x * deep;
    return picture_resize(part, new_width, new_height, to, step, err);
}

/* ---- the table ---- */

static bool begin(Reading *r, Table *table, const Shape *shape, Error *err)
{
    const size_t size = pixels_size(shape->height, shape->width, shape->channels);
    table->pixels = arena_room(r->arena, (size_t)table->n_rows, size);
    if (!table->pixels) return error_memory(err);
    table->height = shape->height;
    table->width = shape->width;
    table->channels = shape->channels;
    table->rules = (ReadRules){.fit = shape->fit, .ground = shape->background ? GROUND_WHITE : GROUND_BLACK};
    return true;
}

static void finish(Reading *r, Table *table, const Column *id)
{
    table->id = id;
    table->columns = NULL;
    table->n_columns = 0;
    table->notes = r->notes;
    table->n_notes = r->n_notes;
    table_fingerprint(table);
}

static const char *path_of(const Reading *r, const char *folder, const Column *names, int row, Error *err)
{
    const char *path = path_join(r->arena, folder, names->levels[names->code[row]]);
    if (!path) error_memory(err);
    return path;
}

static bool look_at_all(Reading *r, const char *folder, const Column *names, int n, Seen *seen, Error *err)
{
    seen->aspects = ARENA_NEW(r->arena, double, n);
    if (!seen->aspects) return error_memory(err);
    for (int i = 0; i < n; i++) {
        Picture p = {0};
        const char *path = path_of(r, folder, names, i, err);
        if (!path || !read_file(path, true, 0, &p, err)) return false;
        note_size(seen, &p);
    }
    return true;
}

bool pictures_load(Reading *r, const char *folder, const Column *names, Table *table, Error *err)
{
    Shape shape;
    Seen seen = {0};
    const int n = table->n_rows;
    if (!shape_as_said(r, &shape)) {
        if (!look_at_all(r, folder, names, n, &seen, err)) return false;
        settle(r, &seen, &shape);
    }
    Column *id = ARENA_NEW(r->arena, Column, 1);
    if (!id) return error_memory(err);
    *id = *names;
    if (!begin(r, table, &shape, err)) return false;
    uint8_t *to = (uint8_t *)(uintptr_t)table->pixels;
    for (int i = 0; i < n; i++, to += PIXELS_OF(&shape)) {
        Picture p = {0};
        const char *path = path_of(r, folder, names, i, err);
        bool ok = path && read_file(path, false, shape.background, &p, err) && place(&p, &shape, to, err);
        picture_free(&p);
        if (!ok) return false;
    }
    finish(r, table, id);
    return true;
}

bool pictures_one(Reading *r, const char *name, const char *bytes, size_t n, Table *table, Error *err)
{
    Shape shape;
    Picture p = {0};
    double aspect;
    Seen seen = {.aspects = &aspect};
    bool said = shape_as_said(r, &shape);
    if (!picture_read(bytes, n, false, shape.background, &p, err)) {
        const Error why = *err;
        return error_set(err, why.code, "%s: %s", r->path, why.message);
    }
    note_size(&seen, &p);
    if (!said) settle(r, &seen, &shape);
    Column *id = ARENA_NEW(r->arena, Column, 1);
    const char **levels = ARENA_NEW(r->arena, const char *, 1);
    int32_t *code = ARENA_NEW(r->arena, int32_t, 1);
    bool ok = id && levels && code;
    if (!ok) error_memory(err);
    if (ok) {
        levels[0] = name;
        *id = (Column){.name = "file", .kind = COLUMN_NOMINAL, .code = code, .n_levels = 1, .levels = levels};
        table->n_rows = 1;
        ok = begin(r, table, &shape, err) && place(&p, &shape, (uint8_t *)(uintptr_t)table->pixels, err);
    }
    picture_free(&p);
    if (ok) finish(r, table, id);
    return ok;
}
