/* data/read_pictures.c - pictures as files: a folder of them by class, or with a list of names, or one alone.
 *
 *     photos/cat/1.png   photos/cat/more/2.jpg   photos/dog/3.png     the first folder is the class
 *     photos/1.png ...   and names.csv with a column of files (`1.png`, from photos/) and columns of labels
 *
 * Either way a table of one column, the names, is read by the rules of all tables: labels, classes, rows
 * without a label, a model's schema. Then pictures take the names' place (data/pictures.h). Files that are
 * not called like pictures are left out, with a note.
 */
#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/text.h"
#include "data/pictures.h"
#include "data/read_cifar.h"

enum { MOST_FILES = 10000000, ASKED = 20 /* names that must be there for a column to be of names */ };

/* ---- what a model's schema says of a table of names ---------------------------------------------- */

static bool schema_of_names(const Reading *r, const char *column, NameOrigin names_are, Schema *out, Error *err)
{
    Column *names = ARENA_NEW(r->arena, Column, 1);
    if (!names) return error_memory(err);
    *names = (Column){.name = column, .kind = COLUMN_NOMINAL};
    *out = *r->schema;
    out->height = out->width = out->channels = 0;
    out->n_columns = 1;
    out->columns = names;
    out->rules = (ReadRules){.names = names_are};
    return true;
}

/* Names are always unknown to a model; that says nothing. */
static void drop_note_of(Reading *r, const char *column)
{
    const char *begin = arena_print(r->arena, "column `%s`: ", column);
    int kept = 0;
    for (int i = 0; begin && i < r->n_notes; i++)
        if (strncmp(r->notes[i], begin, strlen(begin)) != 0) r->notes[kept++] = r->notes[i];
    if (begin) r->n_notes = kept;
}

/* Rows without a name are no pictures. */
static bool drop_nameless(Reading *inner, Table **table, Error *err)
{
    const Table *all = *table;
    const int32_t *code = all->columns[0].code;
    int32_t *rows = ARENA_NEW(inner->arena, int32_t, all->n_rows);
    int n = 0;
    if (!rows) return error_memory(err);
    for (int i = 0; i < all->n_rows; i++)
        if (code[i] >= 0) rows[n++] = i;
    if (n == all->n_rows) return true;
    if (n == 0) return error_set(err, ERR_DATA, "%s: no row has the name of a picture", inner->path);
    reading_note(inner, "%d row%s without the name of a picture %s left out", all->n_rows - n,
                 all->n_rows - n == 1 ? "" : "s", all->n_rows - n == 1 ? "was" : "were");
    return table_rows(all, rows, n, inner->arena, table, err);
}

/* The notes of what was read on the way, and what is read with them. */
static bool load(Reading *r, Reading *inner, const char *column, Table *table, Table **out, Error *err)
{
    drop_note_of(inner, column);
    if (!drop_nameless(inner, &table, err)) return false;
    r->notes = inner->notes, r->n_notes = inner->n_notes, r->note_capacity = inner->note_capacity;
    if (!pictures_load(r, r->path, &table->columns[0], table, err)) return false;
    *out = table;
    return true;
}

/* ---- by class ------------------------------------------------------------------------------------- */

static void note_left_out(Reading *r, int n, const char *first)
{
    char name[48];
    if (n == 0) return;
    reading_note(r, "%d file%s not called like %s left out (%s)", n, n == 1 ? "" : "s",
                 n == 1 ? "a picture was" : "pictures were", cell_quote(first, strlen(first), name));
}

/* Keeps the pictures; `n_classes`: the different first folders. */
static void keep_pictures(Reading *r, FileList *list, bool *has_classes)
{
    int kept = 0, other = 0;
    const char *first = NULL;
    *has_classes = false;
    for (int i = 0; i < list->n; i++) {
        const char *path = list->paths[i];
        if (!picture_is_called(path)) {
            if (other++ == 0) first = path;
            continue;
        }
        *has_classes |= strchr(path, '/') != NULL;
        list->paths[kept++] = path;
    }
    list->n = kept;
    note_left_out(r, other, first);
    char name[48];
    if (list->n_dead > 0)
        reading_note(r, "%d link%s to no file %s left out (%s)", list->n_dead, list->n_dead == 1 ? "" : "s",
                     list->n_dead == 1 ? "was" : "were", cell_quote(list->dead, strlen(list->dead), name));
}

static bool put_names(Reading *r, const FileList *list, bool classes, Error *err)
{
    for (int i = 0; i < list->n; i++) {
        const char *path = list->paths[i], *slash = strchr(path, '/');
        if (!text_is_utf8(path, strlen(path)))
            return error_set(err, ERR_DATA, "%s: the name of a picture is not UTF-8; rename it", r->path);
        if (!reading_cell(r, i, 0, path, strlen(path), false, i + 1, err)) return false;
        if (!classes) continue;
        if (!reading_cell(r, i, 1, path, slash ? (size_t)(slash - path) : 0, !slash, i + 1, err)) return false;
    }
    return true;
}

static bool holds_batches(const FileList *list)
{
    for (int i = 0; i < list->n; i++)
        if (cifar_is_batch(list->paths[i])) return true;
    return false;
}

static bool read_by_class(Reading *r, Table **out, Error *err)
{
    const char *columns[] = {"file", "class"};
    FileList list;
    ReadOptions options = *r->options;
    Reading inner = *r;
    Schema schema;
    Table *table = NULL;
    bool classes;
    if (!folder_list(r->path, MOST_FILES, r->arena, &list, err)) return false;
    if (holds_batches(&list)) return read_cifar_folder(r, &list, out, err);
    keep_pictures(&inner, &list, &classes);
    if (list.n == 0)
        return error_set(err, ERR_DATA, "%s is a folder, and no pictures are in it; files called .png, .jpg,"
                         " .jpeg, .pgm, .ppm, .pbm or .pnm are read", r->path);
    if (r->schema && r->schema->label_name && strcmp(r->schema->label_name, "file") != 0)
        columns[1] = r->schema->label_name;
    const char *label = classes ? columns[1] : "none";
    options.label = (TextList){1, &label};
    if (!options.task) options.task = 1 + TASK_CLASSES; /* folders called 1, 2, 3 are no quantity */
    options.features = options.drop = options.numeric = (TextList){0};
    options.nominal = (TextList){1, columns};
    inner.options = &options;
    if (r->schema && !schema_of_names(r, columns[0], NAMES_OF_FILE, &schema, err)) return false;
    inner.schema = r->schema ? &schema : NULL;
    if (!reading_plan(&inner, columns, classes ? 2 : 1, err) || !reading_start(&inner, list.n, err)
        || !put_names(&inner, &list, classes, err) || !reading_finish(&inner, &table, err))
        return false;
    return load(r, &inner, columns[0], table, out, err);
}

/* ---- a list of names ------------------------------------------------------------------------------ */

static bool read_list(Reading *inner, const Bytes *bytes, Table **out, Error *err)
{
    const char *text = bytes->bytes;
    size_t n = bytes->n;
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, n -= 3;
    if (n == 0) return error_set(err, ERR_DATA, "%s: the file is empty", inner->path);
    if (memchr(text, 0, n) || !text_is_utf8(text, n))
        return error_set(err, ERR_DATA, "%s: names of pictures are read from CSV in UTF-8", inner->path);
    return reading_rules(inner, err) && read_csv(inner, text, n, out, err);
}

static bool names_a_file(const Reading *r, const char *name, bool *is, Error *err)
{
    const char *path = path_join(r->arena, r->path, name);
    if (!path) return error_memory(err);
    *is = file_exists(path) && !file_is_folder(path);
    return true;
}

/* Do its first cells name files of the folder? */
static bool names_files(const Reading *r, const Column *column, int n_rows, bool *is, Error *err)
{
    int asked = 0;
    *is = column_has_words(column->kind);
    for (int i = 0; i < n_rows && asked < ASKED && *is; i++) {
        if (column->code[i] < 0) continue;
        if (!names_a_file(r, column->levels[column->code[i]], is, err)) return false;
        asked++;
    }
    *is = *is && asked > 0;
    return true;
}

/* The column of names, and how many there are. */
typedef struct {
    const char *column; /* NULL: it is not there */
    int n_columns;
    Layout layout;
} Found;

/* Read once with all columns, to find the one of names. */
static bool look_for_column(const Reading *r, const Bytes *bytes, int header, Found *out, Error *err)
{
    ReadOptions options = *r->options;
    const char *wanted = options.pictures.column;
    Reading inner = {.path = r->labels, .options = &options, .arena = r->arena, .label = -1};
    Table *table = NULL;
    const char *none = "none";
    options.label = (TextList){1, &none};
    options.features = options.drop = options.numeric = options.nominal = (TextList){0};
    options.header = header;
    options.groups = options.order = options.split_column = options.weight = NULL;
    options.soft_labels = NULL;
    *out = (Found){0};
    if (!read_list(&inner, bytes, &table, err) || !table) return false;
    out->n_columns = table->n_columns;
    out->layout = table->rules.layout;
    for (int c = 0; c < table->n_columns && !out->column; c++) {
        const Column *column = &table->columns[c];
        bool is = wanted && strcmp(column->name, wanted) == 0;
        if (!wanted && !names_files(r, column, table->n_rows, &is, err)) return false;
        if (is) out->column = column->name;
    }
    return true;
}

/* The column, and whether there is a header: a first line that itself names a picture is none. */
static bool find_column(const Reading *r, const Bytes *bytes, Found *out, int *header, Error *err)
{
    const char *wanted = r->options->pictures.column;
    bool is_file = false;
    *header = r->options->header == HEADER_NO ? HEADER_NO : HEADER_YES;
    if (!look_for_column(r, bytes, *header, out, err)) return false;
    if (out->column && *header == HEADER_YES && !wanted && !names_a_file(r, out->column, &is_file, err))
        return false;
    if (r->options->header == HEADER_AUTO && (!out->column || is_file)) {
        *header = HEADER_NO;
        if (!look_for_column(r, bytes, *header, out, err)) return false;
    }
    if (out->column) return true;
    if (wanted)
        return error_set(err, ERR_CONFIG, "data.pictures.column: %s has no column `%s`", r->labels, wanted);
    return error_set(err, ERR_DATA, "%s: no column has names of files in %s; data.pictures.column says which"
                     " has", r->labels, r->path);
}

static bool read_by_list(Reading *r, Table **out, Error *err)
{
    Found found = {0};
    ReadOptions options = *r->options;
    Reading inner = {.path = r->labels, .options = &options, .arena = r->arena, .label = -1};
    Schema schema;
    Table *table = NULL;
    Bytes bytes;
    if (!file_read(r->labels, 0, &bytes, err)) return false;
    bool ok = find_column(r, &bytes, &found, &options.header, err);
    TextList names = {1, &found.column};
    const bool by_place = options.header == HEADER_NO;
    options.features = options.nominal = names;
    options.drop = options.numeric = (TextList){0};
    if (ok && r->schema)
        ok = schema_of_names(r, found.column, by_place ? NAMES_BY_PLACE : NAMES_OF_FILE, &schema, err);
    if (ok && r->schema) schema.rules.layout = found.layout; /* of this very list: what stands above it, too */
    /* A list without the label's place has no labels. */
    if (ok && r->schema && by_place && column_place(schema.label_name) >= found.n_columns)
        schema.label_name = NULL;
    inner.schema = r->schema ? &schema : NULL;
    ok = ok && read_list(&inner, &bytes, &table, err);
    bytes_free(&bytes);
    return ok && load(r, &inner, found.column, table, out, err);
}

bool folder_has_pictures(const char *folder, Arena *arena)
{
    FileList list;
    if (!folder_list(folder, MOST_FILES, arena, &list, NULL)) return false;
    for (int i = 0; i < list.n; i++)
        if (picture_is_called(list.paths[i])) return true;
    return holds_batches(&list);
}

static bool reads_pictures(const Reading *r, Error *err)
{
    if (!r->schema || r->schema->height > 0) return true;
    return error_set(err, ERR_DATA, "%s holds pictures; the model reads a table of %d columns", r->path,
                     r->schema->n_columns);
}

bool read_folder(Reading *r, Table **out, Error *err)
{
    if (!reads_pictures(r, err)) return false;
    return r->labels ? read_by_list(r, out, err) : read_by_class(r, out, err);
}

/* ---- one alone ------------------------------------------------------------------------------------ */

bool read_picture(Reading *r, const char *bytes, size_t n, Table **out, Error *err)
{
    const char *name = path_base(r->path);
    Table *table = ARENA_NEW(r->arena, Table, 1);
    if (!table) return error_memory(err);
    if (!reads_pictures(r, err)) return false;
    if (!text_is_utf8(name, strlen(name))) name = "picture";
    if (r->schema) table->n_classes = r->schema->n_classes, table->classes = r->schema->classes;
    if (!pictures_one(r, name, bytes, n, table, err)) return false;
    *out = table;
    return true;
}
