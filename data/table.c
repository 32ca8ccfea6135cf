/* data/table.c - the options of reading, choosing a reader, and what is done to whole tables. */
#include "data/table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "data/reader.h"

const char *const column_kind_names[] = {"numeric", "nominal", NULL};
const char *const data_format_names[] = {"auto", "csv", "arff", "idx", "digits", NULL};
const char *const header_mode_names[] = {"auto", "true", "false", NULL};

#define F(member) offsetof(ReadOptions, member)
static const Field read_field_list[] = {
    {"format", FIELD_CHOICE, F(format), "auto", .choices = data_format_names,
     .help = "what the files are; auto looks at their content"},
    {"dir", FIELD_TEXT, F(dir), .help = "folder of the files; default: the configuration's"},
    {"header", FIELD_CHOICE, F(header), "auto", .choices = header_mode_names,
     .help = "CSV: is the first line the names of the columns?"},
    {"delimiter", FIELD_TEXT, F(delimiter), "auto",
     .help = "CSV: one character, tab, space, or auto"},
    {"label", FIELD_TEXT, F(label),
     .help = "the column with the classes: its name, or its place from 1; default: the last; none"},
    {"features", FIELD_TEXT_LIST, F(features), .help = "learn from these columns only"},
    {"drop", FIELD_TEXT_LIST, F(drop), .help = "leave these columns out"},
    {"numeric", FIELD_TEXT_LIST, F(numeric), .help = "columns to be read as numbers"},
    {"nominal", FIELD_TEXT_LIST, F(nominal), .help = "columns to be read as categories"},
    {"missing_tokens", FIELD_TEXT_LIST, F(missing_tokens),
     "[\"\", \"?\", NA, N/A, nan, NaN, \"null\", \"NULL\", None]",
     .help = "CSV: cells that mean missing"},
    {"rows", FIELD_INT, F(rows), "10000", 10, 10000000,
     .help = "digits: how many training rows to make"},
    {"test_rows", FIELD_INT, F(test_rows), "2000", 10, 10000000,
     .help = "digits: how many test rows to make"},
    {"digits_seed", FIELD_INT, F(digits_seed), "1", 0, 2147483647,
     .help = "digits: which digits are made"},
    {"digits_noise", FIELD_REAL, F(digits_noise), "1", 0, 4,
     .help = "digits: how difficult they are; 0 is clean"},
};
const FieldTable read_fields = FIELD_TABLE("data", read_field_list);

/* ---- fingerprint ---- */

static void add_number(Sha256 *sha, int64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)number >> 8 * i);
    sha256_add(sha, bytes, sizeof bytes);
}

/* With its length in front, so that "ab","c" and "a","bc" differ. */
static void add_text(Sha256 *sha, const char *text)
{
    add_number(sha, text ? (int64_t)strlen(text) : -1);
    if (text) sha256_add(sha, text, strlen(text));
}

void table_fingerprint(Table *table)
{
    Sha256 sha;
    size_t n = (size_t)table->n_rows;
    sha256_start(&sha);
    add_text(&sha, "consort table 1");
    add_number(&sha, table->n_rows);
    add_number(&sha, table->n_columns);
    add_number(&sha, table->height);
    add_number(&sha, table->width);
    for (int i = 0; i < table->n_columns; i++) {
        const Column *c = &table->columns[i];
        add_text(&sha, c->name);
        add_number(&sha, c->kind);
        add_number(&sha, c->n_levels);
        for (int k = 0; k < c->n_levels; k++) add_text(&sha, c->levels[k]);
        if (c->number) sha256_add(&sha, c->number, n * sizeof *c->number);
        if (c->code) sha256_add(&sha, c->code, n * sizeof *c->code);
    }
    if (table->pixels)
        sha256_add(&sha, table->pixels, n * (size_t)table->height * (size_t)table->width);
    add_text(&sha, table->label_name);
    add_number(&sha, table->n_classes);
    for (int k = 0; k < table->n_classes; k++) add_text(&sha, table->classes[k]);
    if (table->labels) sha256_add(&sha, table->labels, n * sizeof *table->labels);
    sha256_end(&sha, table->fingerprint);
}

/* ---- reading ---- */

Schema table_schema(const Table *table)
{
    return (Schema){.n_columns = table->n_columns,
                    .columns = table->columns,
                    .height = table->height,
                    .width = table->width,
                    .label_name = table->label_name,
                    .n_classes = table->n_classes,
                    .classes = table->classes};
}

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), k = strlen(end);
    return n >= k && strcasecmp(path + n - k, end) == 0;
}

static int detect_format(const char *path, const Bytes *bytes)
{
    if (idx_looks_like(bytes->bytes, bytes->n)) return FORMAT_IDX;
    if (arff_looks_like(bytes->bytes, bytes->n)) return FORMAT_ARFF;
    if (ends_with(path, ".arff") || ends_with(path, ".arff.gz")) return FORMAT_ARFF;
    return FORMAT_CSV;
}

/* Every byte of Latin-1 is the character of that number: at most two bytes of UTF-8. */
static bool from_latin1(Bytes *bytes, Error *err)
{
    size_t high = 0, n = 0;
    for (size_t i = 0; i < bytes->n; i++) high += (unsigned char)bytes->bytes[i] >= 0x80;
    char *text = malloc(bytes->n + high + 1);
    if (!text) return error_memory(err);
    for (size_t i = 0; i < bytes->n; i++) {
        unsigned char c = (unsigned char)bytes->bytes[i];
        if (c >= 0x80) text[n++] = (char)(0xC0 | c >> 6);
        text[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
    }
    text[n] = '\0';
    bytes_free(bytes);
    *bytes = (Bytes){text, n};
    return true;
}

/* Makes sure that what follows can treat the bytes as UTF-8 text. */
static bool check_text(Reading *r, Bytes *bytes, Error *err)
{
    const unsigned char *b = (const unsigned char *)bytes->bytes;
    if (bytes->n == 0) return error_set(err, ERR_DATA, "%s: the file is empty", r->path);
    if (bytes->n >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF)))
        return error_set(err, ERR_DATA, "%s: UTF-16 text; save the file as UTF-8", r->path);
    if (bytes->n >= 4 && memcmp(b, "PK\3\4", 4) == 0)
        return error_set(err, ERR_DATA,
                         "%s: a zip archive or a spreadsheet; export the table as CSV", r->path);
    const char *zero = memchr(bytes->bytes, 0, bytes->n);
    if (zero)
        return error_set(err, ERR_DATA,
                         "%s: a zero byte at position %zu: this is neither text nor IDX", r->path,
                         (size_t)(zero - bytes->bytes) + 1);
    if (text_is_utf8(bytes->bytes, bytes->n)) return true;
    reading_note(r, "the text is not UTF-8; it was read as Latin-1");
    return from_latin1(bytes, err);
}

static bool read_text(Reading *r, int format, Bytes *bytes, Table **out, Error *err)
{
    if (!check_text(r, bytes, err)) return false;
    size_t mark = bytes->n >= 3 && memcmp(bytes->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    const char *text = bytes->bytes + mark;
    return format == FORMAT_ARFF ? read_arff(r, text, bytes->n - mark, out, err)
                                 : read_csv(r, text, bytes->n - mark, out, err);
}

/* MNIST's files come in pairs: train-images-idx3-ubyte, train-labels-idx1-ubyte. */
static const char *labels_beside(Arena *arena, const char *images)
{
    const char *slash = strrchr(images, '/'), *name = slash ? slash + 1 : images;
    const char *word = strstr(name, "images");
    if (!word) return NULL;
    char *path = arena_copy(arena, images);
    if (!path) return NULL;
    memcpy(path + (word - images), "labels", 6);
    char *dimensions = strstr(path + (word - images), "idx3");
    if (dimensions) dimensions[3] = '1';
    return file_exists(path) ? path : NULL;
}

static const char *full_path(Arena *arena, const char *dir, const char *path)
{
    return !dir || strcmp(path, "-") == 0 ? path : path_join(arena, dir, path);
}

static bool read_digits(const DataFile *file, const ReadOptions *o, const Schema *schema,
                        Arena *arena, Table **out, Error *err)
{
    int test = file && file->images && strcmp(file->images, "test") == 0;
    int n = test ? o->test_rows : o->rows;
    if (file && file->images && !test && strcmp(file->images, "train") != 0)
        return error_set(err, ERR_CONFIG,
                         "`format: digits` makes its own rows; it does not read `%s`",
                         file->images);
    if (schema && (schema->height != 28 || schema->width != 28 || schema->n_classes != 10))
        return error_set(err, ERR_DATA, "the model does not read digits of 28 x 28 in 10 classes");
    return table_synth_digits(n > 0 ? n : test ? 2000 : 10000, (uint64_t)o->digits_seed, test,
                              o->digits_noise, arena, out, err);
}

bool table_read(const DataFile *file, const ReadOptions *o, const Schema *schema, Arena *arena,
                Table **out, Error *err)
{
    if (o->format == FORMAT_DIGITS) return read_digits(file, o, schema, arena, out, err);
    if (!file || !file->images || !*file->images)
        return error_set(err, ERR_CONFIG, "no data file is named");
    const char *path = full_path(arena, o->dir, file->images), *labels = file->labels;
    if (labels) labels = full_path(arena, o->dir, labels);
    if (!path || (file->labels && !labels)) return error_memory(err);
    Reading reading = {.path = strcmp(path, "-") == 0 ? "standard input" : path, .options = o,
                       .schema = schema, .arena = arena, .label = -1};
    Bytes bytes;
    if (!file_read(path, 0, &bytes, err)) return false;
    int format = o->format == FORMAT_AUTO ? detect_format(path, &bytes) : o->format;
    bool ok;
    if (format == FORMAT_IDX) {
        if (!labels && (labels = labels_beside(arena, path)))
            reading_note(&reading, "labels were read from %s", labels);
        ok = read_idx(&reading, &bytes, labels, out, err);
    } else if (labels) {
        ok = error_set(err, ERR_CONFIG,
                       "%s is a table: its labels are one of its columns (data.label), not a file"
                       " (%s)",
                       path, labels);
    } else {
        ok = read_text(&reading, format, &bytes, out, err);
    }
    bytes_free(&bytes);
    return ok;
}

/* ---- whole tables ---- */

/* How many levels occur. -1: no memory to count them. */
static int distinct_levels(const Column *column, int n_rows)
{
    bool *seen = calloc((size_t)column->n_levels + 1, 1);
    if (!seen) return -1;
    int n = 0;
    for (int i = 0; i < n_rows; i++)
        if (column->code[i] >= 0 && !seen[column->code[i]]) {
            seen[column->code[i]] = true;
            n++;
        }
    free(seen);
    return n;
}

static bool is_constant(const Column *column, int n_rows)
{
    /* A missing cell differs from every value: where it is missing may say something. */
    for (int i = 1; i < n_rows; i++) {
        if (column->number && column->number[i] != column->number[0]) return false;
        if (column->code && column->code[i] != column->code[0]) return false;
    }
    return true;
}

/* Why a column says nothing, or NULL. */
static const char *useless(const Column *column, int n_rows, Arena *arena)
{
    if (column->n_missing >= n_rows)
        return arena_print(arena, "column `%s` was dropped: every cell is missing", column->name);
    if (is_constant(column, n_rows))
        return arena_print(arena, "column `%s` was dropped: all its values are the same",
                           column->name);
    if (column->kind != COLUMN_NOMINAL) return NULL;
    int n = distinct_levels(column, n_rows);
    if (n <= n_rows / 2) return NULL;
    return arena_print(arena,
                       "column `%s` was dropped: %d different values in %d rows make it an"
                       " identifier",
                       column->name, n, n_rows);
}

void table_drop_useless(Table *table, Arena *arena)
{
    int n = table->n_columns, kept = 0;
    Column *columns = ARENA_NEW(arena, Column, n);
    const char **notes = ARENA_NEW(arena, const char *, table->n_notes + n);
    if (!columns || !notes || table->n_rows == 0) return;
    int n_notes = table->n_notes;
    for (int i = 0; i < n_notes; i++) notes[i] = table->notes[i];
    for (int i = 0; i < n; i++) {
        const char *why = useless(&table->columns[i], table->n_rows, arena);
        if (why) notes[n_notes++] = why;
        else columns[kept++] = table->columns[i];
    }
    if (kept == n) return;
    table->columns = columns;
    table->n_columns = kept;
    table->notes = notes;
    table->n_notes = n_notes;
}

static bool column_rows(const Column *from, const int32_t *rows, int n, Arena *arena, Column *out,
                        Error *err)
{
    *out = *from;
    out->n_missing = 0;
    if (from->kind == COLUMN_NUMERIC) out->number = ARENA_NEW(arena, double, n);
    else out->code = ARENA_NEW(arena, int32_t, n);
    if (from->kind == COLUMN_NUMERIC ? !out->number : !out->code) return error_memory(err);
    for (int i = 0; i < n; i++) {
        if (from->kind == COLUMN_NUMERIC) {
            out->number[i] = from->number[rows[i]];
            out->n_missing += isnan(out->number[i]) != 0;
        } else {
            out->code[i] = from->code[rows[i]];
            out->n_missing += out->code[i] < 0;
        }
    }
    return true;
}

bool table_rows(const Table *table, const int32_t *rows, int n, Arena *arena, Table **out,
                Error *err)
{
    for (int i = 0; i < n; i++) assert(rows[i] >= 0 && rows[i] < table->n_rows);
    Table *part = ARENA_NEW(arena, Table, 1);
    if (!part) return error_memory(err);
    *part = *table;
    part->n_rows = n;
    if (table->columns) {
        part->columns = ARENA_NEW(arena, Column, table->n_columns);
        if (!part->columns) return error_memory(err);
        for (int i = 0; i < table->n_columns; i++)
            if (!column_rows(&table->columns[i], rows, n, arena, &part->columns[i], err))
                return false;
    }
    if (table->pixels) {
        size_t size = (size_t)table->height * (size_t)table->width;
        uint8_t *pixels = arena_alloc(arena, (size_t)n, size);
        if (!pixels) return error_memory(err);
        for (int i = 0; i < n; i++)
            memcpy(pixels + (size_t)i * size, table->pixels + (size_t)rows[i] * size, size);
        part->pixels = pixels;
    }
    if (table->labels) {
        part->labels = ARENA_NEW(arena, int32_t, n);
        if (!part->labels) return error_memory(err);
        for (int i = 0; i < n; i++) part->labels[i] = table->labels[rows[i]];
    }
    table_fingerprint(part);
    *out = part;
    return true;
}
