/* job/segments.c - reads columns beside a table and makes levels of them. */
#include "job/segments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/dates.h"

/* ---- levels ------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The numbers that are there, sorted; how many. */
static int sorted_numbers(const Column *column, int n_rows, double *out)
{
    int n = 0;
    for (int i = 0; i < n_rows; i++) {
        double value = column_number(column, i);
        if (!isnan(value)) out[n++] = value;
    }
    qsort(out, (size_t)n, sizeof *out, by_size);
    return n;
}

/* Upper ends of the levels: each value of few, or the quartiles, equal ones once. */
static int ends_of(const double *sorted, int n, double ends[], int few, bool *each)
{
    int distinct = 0, n_ends = 0;
    for (int i = 0; i < n && distinct <= few; i++)
        if (i == 0 || sorted[i] != sorted[i - 1]) {
            if (distinct < few) ends[distinct] = sorted[i];
            distinct++;
        }
    *each = distinct <= few;
    if (*each) return distinct;
    for (int q = 1; q <= 4; q++) {
        double end = sorted[(size_t)n * (size_t)q / 4 - 1];
        if (n_ends == 0 || end > ends[n_ends - 1]) ends[n_ends++] = end;
    }
    return n_ends;
}

static const char *end_name(const Column *column, double value, Arena *arena)
{
    char date[40];
    if (column->kind != COLUMN_DATE) return arena_print(arena, "%.6g", value);
    return arena_copy(arena, date_text(value, date_is_clock(column->format), date));
}

static bool levels_of_numbers(const Column *column, int n_rows, Arena *arena, Segmentation *out, Error *err)
{
    enum { FEW = 8 };
    double *sorted = ARENA_NEW(arena, double, n_rows), ends[FEW];
    const char **names = ARENA_NEW(arena, const char *, FEW + 1);
    int32_t *of = ARENA_NEW(arena, int32_t, n_rows);
    bool each;
    if (!sorted || !names || !of) return error_memory(err);
    int n = sorted_numbers(column, n_rows, sorted), n_levels = ends_of(sorted, n, ends, FEW, &each);
    for (int l = 0; l < n_levels; l++) {
        const char *end = end_name(column, ends[l], arena), *before =
            end_name(column, l ? ends[l - 1] : 0, arena);
        if (!end || !before) return error_memory(err);
        names[l] = each ? end
                 : l == 0 ? arena_print(arena, "up to %s", end)
                 : l + 1 == n_levels ? arena_print(arena, "above %s", before)
                 : arena_print(arena, "above %s, up to %s", before, end);
        if (!names[l]) return error_memory(err);
    }
    if (n < n_rows) names[n_levels] = "(missing)";
    for (int i = 0; i < n_rows; i++) {
        double value = column_number(column, i);
        of[i] = n_levels;
        for (int l = n_levels - 1; l >= 0; l--)
            if (value <= ends[l]) of[i] = l;
    }
    *out = (Segmentation){column->name, n_levels + (n < n_rows), names, of};
    return true;
}

typedef struct {
    int level, rows;
} Counted;

static int most_rows(const void *a, const void *b)
{
    const Counted *x = a, *y = b;
    if (x->rows != y->rows) return x->rows > y->rows ? -1 : 1;
    return (x->level > y->level) - (x->level < y->level);
}

static bool levels_of_words(const Column *column, int n_rows, Arena *arena, Segmentation *out, Error *err)
{
    const int n = column->n_levels;
    Counted *counted = ARENA_NEW(arena, Counted, n + 1); /* the last: missing */
    int32_t *place = ARENA_NEW(arena, int32_t, n + 1), *of = ARENA_NEW(arena, int32_t, n_rows);
    const char **names = ARENA_NEW(arena, const char *, SEGMENT_LEVELS + 1);
    int n_levels = 0, others = 0;
    if (!counted || !place || !of || !names) return error_memory(err);
    for (int l = 0; l <= n; l++) counted[l].level = l;
    for (int i = 0; i < n_rows; i++) counted[column->code[i] < 0 ? n : column->code[i]].rows++;
    qsort(counted, (size_t)n + 1, sizeof *counted, most_rows);
    for (int l = 0; l <= n && counted[l].rows > 0; l++) {
        place[counted[l].level] = l < SEGMENT_LEVELS ? l : SEGMENT_LEVELS;
        if (l >= SEGMENT_LEVELS) others++;
        else names[n_levels++] = counted[l].level == n ? "(missing)" : column->levels[counted[l].level];
    }
    if (others) names[n_levels++] = arena_print(arena, "(%d others)", others);
    if (n_levels && !names[n_levels - 1]) return error_memory(err);
    for (int i = 0; i < n_rows; i++) of[i] = place[column->code[i] < 0 ? n : column->code[i]];
    *out = (Segmentation){column->name, n_levels, names, of};
    return true;
}

bool segments_of(const Table *columns, Arena *arena, Segments *out, Error *err)
{
    Segmentation *of = ARENA_NEW(arena, Segmentation, columns->n_columns);
    if (!of) return error_memory(err);
    for (int c = 0; c < columns->n_columns; c++) {
        const Column *column = &columns->columns[c];
        bool words = column_has_words(column->kind);
        if (!(words ? levels_of_words : levels_of_numbers)(column, columns->n_rows, arena, &of[c], err))
            return false;
    }
    *out = (Segments){columns->n_columns, of};
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------ */

static bool no_columns(const char *said, Error *err)
{
    return error_set(err, ERR_CONFIG, "%s: pictures have no columns to go by; leave it out", said);
}

/* The columns alone, of the rows that have a class, or of all. */
static bool read_columns(const DataFile *file, const ReadOptions *read, const Table *beside, bool all_rows,
                         const TextList *by, const char *said, Arena *arena, Table **out, Error *err)
{
    ReadOptions options = *read;
    const char *none = "none";
    if (beside->pixels || read->format == FORMAT_DIGITS) return no_columns(said, err);
    if (strcmp(file->images, "-") == 0)
        return error_set(err, ERR_CONFIG, "%s: standard input cannot be read twice; give a file", said);
    for (int i = 0; beside->label_name && i < by->n; i++)
        if (strcmp(by->items[i], beside->label_name) == 0)
            return error_set(err, ERR_CONFIG, "%s: `%.100s` is the label; name another column", said,
                             by->items[i]);
    options.features = *by;
    options.features_as = said;
    options.drop = (TextList){0};
    options.groups = options.order = options.split_column = options.weight = NULL;
    options.soft_labels = NULL;
    if (all_rows) options.label = (TextList){1, &none};
    /* what a model's file had is taken as it was found in this one */
    if (options.skip < 0) options.skip = beside->rules.layout.skip;
    if (!options.comment) options.comment = beside->rules.layout.comment;
    return table_read(file, &options, NULL, arena, out, err);
}

static bool same_rows(const Table *columns, const Table *table, const char *said, Error *err)
{
    return columns->n_rows == table->n_rows
        || error_set(err, ERR_DATA, "%s: read by itself the file has %d rows, with the other columns %d", said,
                     columns->n_rows, table->n_rows);
}

bool segments_read(const DataFile *file, const ReadOptions *read, const Table *table, bool with_schema,
                   const TextList *by, const char *said, Arena *arena, Segments *out, Error *err)
{
    Table *columns;
    *out = (Segments){0};
    return by->n == 0
        || (read_columns(file, read, table, with_schema, by, said, arena, &columns, err)
            && same_rows(columns, table, said, err) && segments_of(columns, arena, out, err));
}

/* The columns of the rows that data_load made a part of: both tables say which row of the file each of theirs
 * is. */
static bool part_columns(const Table *all, const Table *part, const char *said, Arena *arena, Segments *out,
                         Error *err)
{
    int n = 0;
    for (int i = 0; i < all->n_rows; i++) n = table_source(all, i) > n ? table_source(all, i) : n;
    int32_t *row_of = ARENA_NEW(arena, int32_t, n + 1), *rows = ARENA_NEW(arena, int32_t, part->n_rows);
    Table *columns;
    if (!row_of || !rows) return error_memory(err);
    for (int i = 0; i < all->n_rows; i++) row_of[table_source(all, i)] = i + 1;
    for (int i = 0; i < part->n_rows; i++) {
        int source = table_source(part, i);
        if (source > n || row_of[source] == 0)
            return error_set(err, ERR_DATA, "%s: read by itself the file has no row %d", said, source);
        rows[i] = row_of[source] - 1;
    }
    return table_rows(all, rows, part->n_rows, arena, &columns, err) && segments_of(columns, arena, out, err);
}

bool segments_load(const Config *config, const TextList *by, const char *said, const Table *train,
                   const Table *test, Arena *arena, Segments *of_train, Segments *of_test, Error *err)
{
    const DataOptions *data = &config->data;
    Table *all;
    *of_train = *of_test = (Segments){0};
    if (by->n == 0) return true;
    if (train->pixels) return no_columns(said, err);
    if (test && !data->test_file.images)
        return read_columns(&data->train_file, &data->read, train, false, by, said, arena, &all, err)
            && part_columns(all, train, said, arena, of_train, err)
            && part_columns(all, test, said, arena, of_test, err);
    return segments_read(&data->train_file, &data->read, train, false, by, said, arena, of_train, err)
        && (!test || segments_read(&data->test_file, &data->read, test, true, by, said, arena, of_test, err));
}
