/* data/given.c - describes rows in memory as typed cells, with what is said of their columns. */
#include "data/given.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "data/dates.h"
#include "data/typed.h"

/* As found dates are read that have this format; seconds need no text. */
static const char date_format[] = "%Y-%m-%d" DATE_CLOCK;

/* ---- what is given ------------------------------------------------------------------------------- */

static bool bad_text(const GivenRows *g, const char *what, int column, long row, Error *err)
{
    if (row > 0)
        return error_set(err, ERR_DATA, "%s: row %ld: %s of column %d is not UTF-8", g->path, row, what,
                         column + 1);
    return error_set(err, ERR_DATA, "%s: %s of column %d is not UTF-8", g->path, what, column + 1);
}

static bool check_levels(const GivenRows *g, int at, Arena *arena, Error *err)
{
    const GivenColumn *c = &g->columns[at];
    TextSet seen = {0};
    for (int k = 0; k < c->n_levels; k++) {
        const char *text = c->levels[k];
        size_t n = text ? strlen(text) : 0;
        if (text && !text_is_utf8(text, n)) return bad_text(g, "a level", at, 0, err);
        if (text) reading_trim(&text, &n);
        if (n == 0) return error_set(err, ERR_DATA, "%s: column %d: level %d is empty", g->path, at + 1, k);
        if (text_set_find(&seen, text, n) >= 0)
            return error_set(err, ERR_DATA, "%s: column %d: two levels are `%.60s`", g->path, at + 1,
                             c->levels[k]);
        if (text_set_add(&seen, arena, text, n) < 0) return error_memory(err);
    }
    for (int i = 0; i < g->n_rows; i++)
        if (c->codes[i] < -1 || c->codes[i] >= c->n_levels)
            return error_set(err, ERR_DATA, "%s: row %d: column %d has the code %ld of %d levels", g->path,
                             i + 1,
                             at + 1, (long)c->codes[i], c->n_levels);
    return true;
}

static bool check_column(const GivenRows *g, int at, Arena *arena, Error *err)
{
    const GivenColumn *c = &g->columns[at];
    const int n_forms = (c->numbers != NULL) + (c->words != NULL) + (c->codes != NULL);
    if (n_forms != 1 && g->n_rows > 0)
        return error_set(err, ERR_DATA, "%s: column %d has %s numbers, words or codes", g->path, at + 1,
                         n_forms ? "more than one of" : "neither");
    if (c->kind < GIVEN_KIND_OPEN || c->kind > COLUMN_ORDERED || (c->kind == COLUMN_ORDERED && !c->codes)
        || (c->kind == COLUMN_NUMERIC && c->codes) || (c->kind == COLUMN_FREE_TEXT && c->numbers)
        || (c->kind == COLUMN_DATE && c->codes))
        return error_set(err, ERR_DATA, "%s: column %d cannot be of this kind; ordered columns are codes, dates"
                         " are words or seconds", g->path, at + 1);
    if (!c->name != !g->columns[0].name)
        return error_set(err, ERR_DATA, "%s: some columns have names and some have none", g->path);
    if (c->name && !text_is_utf8(c->name, strlen(c->name))) return bad_text(g, "the name", at, 0, err);
    for (int i = 0; c->words && i < g->n_rows; i++)
        if (c->words[i] && !text_is_utf8(c->words[i], strlen(c->words[i])))
            return bad_text(g, "the word", at, i + 1, err);
    return !c->codes || check_levels(g, at, arena, err);
}

static bool check(const GivenRows *g, Arena *arena, Error *err)
{
    const int n_forms = (g->columns != NULL) + (g->doubles != NULL) + (g->floats != NULL) + (g->cells != NULL);
    if (g->n_rows < 1) return error_set(err, ERR_DATA, "%s: no rows of data", g->path);
    if (g->pixels ? g->doubles || g->floats || g->cells : n_forms != 1 || g->n_columns < 1)
        return error_set(err, ERR_DATA, "%s: rows are columns, a matrix, cells or pictures, one of them",
                         g->path);
    for (int c = 0; c < g->n_columns && g->names; c++)
        if (!g->names[c] || !text_is_utf8(g->names[c], strlen(g->names[c]))) return bad_text(g, "the name",
                                                                                             c, 0, err);
    for (int c = 0; c < g->n_columns && g->columns; c++)
        if (!check_column(g, c, arena, err)) return false;
    for (int i = 0; i < g->n_rows && g->cells; i++)
        for (int c = 0; c < g->n_columns; c++) {
            const char *text = g->cells[(size_t)i * (size_t)g->n_columns + (size_t)c];
            if (text && !text_is_utf8(text, strlen(text))) return bad_text(g, "the cell", c, i + 1, err);
        }
    return true;
}

/* ---- cells --------------------------------------------------------------------------------------- */

static TypedCell of_number(double number)
{
    return (TypedCell){.kind = isnan(number) ? TYPED_MISSING : TYPED_NUMBER, .number = number};
}

static TypedCell of_text(TypedKind kind, const char *text)
{
    if (!text) return (TypedCell){.kind = TYPED_MISSING};
    return (TypedCell){.kind = kind, .text = text, .n = strlen(text)};
}

static TypedCell cell_of(const TypedRows *rows, int row, int column)
{
    const GivenRows *g = rows->of;
    const size_t r = (size_t)row, c = (size_t)column;
    if (g->doubles) return of_number(g->doubles[r * g->ld + c]);
    if (g->floats) return of_number((double)g->floats[r * g->ld + c]);
    if (g->cells) return of_text(TYPED_TEXT, g->cells[r * (size_t)g->n_columns + c]);
    const GivenColumn *from = &g->columns[column];
    if (from->numbers) return of_number(from->numbers[row]);
    if (from->words) return of_text(TYPED_TEXT, from->words[row]);
    return of_text(TYPED_LEVEL, from->codes[row] < 0 ? NULL : from->levels[from->codes[row]]);
}

static bool is_numbers(const TypedRows *rows, int column)
{
    const GivenRows *g = rows->of;
    return g->doubles || g->floats || (g->columns && g->columns[column].numbers);
}

/* ---- columns ------------------------------------------------------------------------------------- */

/* Seconds are stored as they are: no text says them better. */
static bool store_dates(Reading *r, RawColumn *to, const GivenColumn *from, int n_rows, Error *err)
{
    to->number = ARENA_NEW(r->arena, double, n_rows);
    if (!to->number) return error_memory(err);
    for (int i = 0; i < n_rows; i++) {
        to->number[i] = date_is_there(from->numbers[i]) ? from->numbers[i] : NAN;
        to->n_missing += isnan(to->number[i]) != 0;
    }
    to->kind = COLUMN_DATE;
    to->becomes = COLUMN_NUMERIC;
    if (!to->format) to->format = date_format;
    to->stored = to->fixed = to->said = true;
    return true;
}

static bool add_levels(Reading *r, RawColumn *to, const GivenColumn *from, Error *err)
{
    to->declared = true;
    for (int k = 0; k < from->n_levels; k++) {
        const char *text = from->levels[k];
        size_t n = strlen(text);
        reading_trim(&text, &n);
        if (text_set_add(&to->levels, r->arena, text, n) < 0) return error_memory(err);
    }
    if (from->kind == COLUMN_ORDERED && to->role == ROLE_FEATURE) {
        to->becomes = COLUMN_ORDERED;
        to->n_known = to->levels.n;
    }
    return true;
}

static bool declare(const TypedRows *rows, Reading *r, Error *err)
{
    const GivenRows *g = rows->of;
    for (int c = 0; c < g->n_columns && g->columns; c++) {
        const GivenColumn *from = &g->columns[c];
        RawColumn *to = &r->columns[c];
        const bool date = from->kind == COLUMN_DATE, feature = to->role == ROLE_FEATURE;
        if (to->role == ROLE_IGNORED) continue;
        const bool wanted = to->becomes == COLUMN_DATE || (!r->schema && !to->said);
        if (date && from->numbers && feature && wanted) {
            if (!store_dates(r, to, from, g->n_rows, err)) return false;
            continue;
        }
        if (r->schema || to->said) continue;
        if (from->codes && (!to->fixed || to->kind == COLUMN_NOMINAL) && !add_levels(r, to, from,
                                                                                     err)) return false;
        if (!feature || (from->kind == GIVEN_KIND_OPEN && !from->codes)) continue;
        to->kind = from->kind == COLUMN_NUMERIC ? COLUMN_NUMERIC : COLUMN_NOMINAL;
        to->fixed = to->said = true;
        if (from->kind > COLUMN_NOMINAL) to->becomes = (ColumnKind)from->kind;
    }
    return true;
}

static bool read_columns(Reading *r, const GivenRows *g, Table **out, Error *err)
{
    const char **names = ARENA_NEW(r->arena, const char *, g->n_columns);
    TypedRows rows = {.n_rows = g->n_rows, .n_columns = g->n_columns, .of = (void *)g, .cell = cell_of,
                      .is_numbers = is_numbers, .declare = declare, .text_numbers = g->cells != NULL};
    if (!names) return error_memory(err);
    for (int c = 0; c < g->n_columns; c++) {
        const char *name = g->names ? g->names[c] : g->columns ? g->columns[c].name : NULL;
        names[c] = name ? name : arena_print(r->arena, "column_%d", c + 1);
        if (!names[c]) return error_memory(err);
    }
    const bool nameless = !g->names && !(g->columns && g->columns[0].name);
    if (nameless) typed_take_order(r, names, g->n_columns);
    rows.names = nameless && !r->schema ? NULL : names;
    return typed_table(r, &rows, out, err);
}

/* ---- pictures ------------------------------------------------------------------------------------ */

/* Classes are numbered as a table's are: one is read that has the labels, and a column of nothing. */
static bool read_labels(Reading *r, const GivenRows *g, Table **out, Error *err)
{
    const Schema *model = r->schema;
    const ReadOptions *said = r->options;
    const int n = g->n_columns + 1;
    const Column place = {.name = "row", .kind = COLUMN_NUMERIC};
    const char *row = place.name;
    GivenColumn *columns = ARENA_NEW(r->arena, GivenColumn, n);
    double *numbers = ARENA_NEW(r->arena, double, g->n_rows);
    Schema beside = {.n_columns = 1, .columns = &place};
    ReadOptions plain = *said;
    if (!columns || !numbers) return error_memory(err);
    for (int i = 0; i < g->n_rows; i++) numbers[i] = i;
    columns[0] = (GivenColumn){.name = place.name, .kind = COLUMN_NUMERIC, .numbers = numbers};
    memcpy(columns + 1, g->columns, (size_t)g->n_columns * sizeof *columns);
    for (int c = 1; c < n; c++)
        if (!columns[c].name) columns[c].name = model && model->label_name ? model->label_name : "label";
    if (model) {
        beside.label_name = model->label_name;
        beside.task = model->task;
        beside.n_classes = model->n_classes;
        beside.classes = model->classes;
        beside.rules = model->rules;
        beside.rules.names = NAMES_OF_FILE;
        r->schema = &beside;
    }
    if (plain.label.n == 0) plain.label = (TextList){1, &columns[n - 1].name};
    plain.features = (TextList){1, &row};
    plain.drop = plain.numeric = plain.nominal = (TextList){0};
    plain.columns = NULL;
    r->options = &plain;
    const GivenRows with = {.path = g->path, .n_rows = g->n_rows, .n_columns = n, .columns = columns};
    const bool ok = read_columns(r, &with, out, err);
    r->schema = model;
    r->options = said;
    return ok;
}

static bool read_pictures(Reading *r, const GivenRows *g, Table **out, Error *err)
{
    enum { MOST_SIDE = 1 << 15 };
    const Schema *model = r->schema;
    const int channels = pixels_channels(g->channels);
    Table *table = ARENA_NEW(r->arena, Table, 1), *labelled = NULL;
    if (!table) return error_memory(err);
    if (g->height < 1 || g->width < 1 || g->height > MOST_SIDE || g->width > MOST_SIDE
        || (channels != 1 && channels != 3))
        return error_set(err, ERR_DATA, "%s: pictures of %d x %d in %d channels; sides are 1 to %d,"
                         " channels 1 or 3", g->path, g->height, g->width, g->channels, MOST_SIDE);
    if (model && model->height == 0)
        return error_set(err, ERR_DATA, "%s holds images; the model reads a table of %d columns", g->path,
                         model->n_columns);
    if (model && (model->height != g->height || model->width != g->width
                  || pixels_channels(model->channels) != channels))
        return error_set(err, ERR_DATA, "%s: images of %d x %d%s, the model reads %d x %d%s", g->path,
                         g->height,
                         g->width, pixels_colour(channels), model->height, model->width,
                         pixels_colour(model->channels));
    if (g->n_columns > 0 && !(model && r->options->no_labels) && !read_labels(r, g, &labelled,
                                                                              err)) return false;
    const int kept = labelled ? labelled->n_rows : g->n_rows;
    const size_t size = pixels_size(g->height, g->width, channels);
    uint8_t *pixels = arena_room(r->arena, (size_t)kept, size);
    if (!pixels) return error_memory(err);
    for (int i = 0; i < kept; i++) {
        const size_t from = labelled ? (size_t)table_source(labelled, i) - 1 : (size_t)i;
        memcpy(pixels + (size_t)i * size, g->pixels + from * size, size);
    }
    if (labelled) *table = *labelled;
    table->columns = NULL;
    table->n_columns = 0;
    table->pixels = pixels;
    table->n_rows = kept;
    table->height = g->height;
    table->width = g->width;
    table->channels = channels;
    table->rules = (ReadRules){0};
    if (!labelled && model) {
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

bool given_read(const char *path, const ReadOptions *options, const Schema *schema, Arena *arena, Table **out,
                Error *err)
{
    const GivenRows *rows = NULL;
    for (int i = 0; i < options->n_given; i++)
        if (strcmp(options->given[i].path, path) == 0) rows = &options->given[i];
    if (!rows)
        return error_set(err, ERR_DATA, "%s: these rows were in the memory of a program, which has to give them"
                         " again", path);
    Reading r = {.path = rows->path, .options = options, .schema = schema, .arena = arena, .label = -1,
                 .keyed = true};
    if (!check(rows, arena, err) || !reading_rules(&r, err)) return false;
    if (rows->pixels) return read_pictures(&r, rows, out, err);
    if (schema && schema->height > 0)
        return error_set(err, ERR_DATA, "%s holds columns; the model reads images of %d x %d", rows->path,
                         schema->height, schema->width);
    return read_columns(&r, rows, out, err);
}
