/* data/table.c - what is done to whole tables: fingerprint, schema, rows picked, useless columns dropped. */
#include "data/table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/text.h"
#include "data/dates.h"
#include "data/order.h"

const char *const picture_fit_names[] = {PICTURE_FIT_LIST(LIST_NAME) NULL};
const char *const picture_ground_names[] = {PICTURE_GROUND_LIST(LIST_NAME) NULL};
const char *const column_kind_names[] = {COLUMN_KIND_LIST(LIST_NAME) NULL};
const char *const row_key_names[] = {ROW_KEY_LIST(LIST_NAME) NULL};
const char *const missing_unsaid[] = {"",     "?",    "NA",   "N/A", "n/a",  "#N/A", "<NA>", "nan",
                                      "NaN",  "null", "NULL", "None", NULL};

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

/* As doubles, in whatever form they are kept. */
static void add_numbers(Sha256 *sha, const Column *column, int n_rows)
{
    double part[512];
    const int most = sizeof part / sizeof *part;
    for (int from = 0, n; from < n_rows; from += n) {
        n = n_rows - from < most ? n_rows - from : most;
        for (int i = 0; i < n; i++) part[i] = column_number(column, from + i);
        sha256_add(sha, part, (size_t)n * sizeof *part);
    }
}

static void add_task(Sha256 *sha, const Task *task)
{
    add_text(sha, task_names[task->kind]);
    add_number(sha, task->n_targets);
    for (int t = 0; t < task->n_targets; t++) add_text(sha, task->targets[t].name);
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
    if (pixels_channels(table->channels) > 1) add_number(&sha, table->channels); /* grey: as before colours */
    for (int i = 0; i < table->n_columns; i++) {
        const Column *c = &table->columns[i];
        add_text(&sha, c->name);
        add_number(&sha, c->kind);
        add_number(&sha, c->n_levels);
        for (int k = 0; k < c->n_levels; k++) add_text(&sha, c->levels[k]);
        if (!column_has_words(c->kind)) add_numbers(&sha, c, table->n_rows);
        if (c->code) sha256_add(&sha, c->code, n * sizeof *c->code);
    }
    if (table->pixels)
        sha256_add(&sha, table->pixels, n * PIXELS_OF(table));
    add_text(&sha, table->label_name);
    add_number(&sha, table->n_classes);
    for (int k = 0; k < table->n_classes; k++) add_text(&sha, table->classes[k]);
    if (table->labels) sha256_add(&sha, table->labels, n * sizeof *table->labels);
    if (table->task.kind != TASK_CLASSES) add_task(&sha, &table->task);
    if (table->targets)
        sha256_add(&sha, table->targets, n * (size_t)table->task.n_targets * sizeof *table->targets);
    if (table->soft) sha256_add(&sha, table->soft, n * (size_t)table_soft_width(table) * sizeof *table->soft);
    sha256_end(&sha, table->fingerprint);
}

Schema table_schema(const Table *table)
{
    return (Schema){.n_columns = table->n_columns,
                    .columns = table->columns,
                    .height = table->height,
                    .width = table->width,
                    .channels = table->channels,
                    .label_name = table->label_name,
                    .task = table->task,
                    .n_classes = table->n_classes,
                    .classes = table->classes,
                    .rules = table->rules};
}

bool table_known(const Table *table, int row)
{
    if (table->labels) return table->labels[row] >= 0;
    const int n = table->targets ? table->task.n_targets : 0;
    for (int t = 0; t < n; t++)
        if (!isnan(table->targets[(size_t)row * (size_t)n + (size_t)t])) return true;
    return false;
}

bool table_strata(const Table *table, Arena *arena, const int32_t **strata, int *n, Error *err)
{
    enum { TENTHS = 10, FEWEST = 5 };
    *strata = table->labels;
    *n = table->n_classes;
    if (table->labels || !table->targets) return true;
    const int width = table->task.n_targets, n_rows = table->n_rows;
    int32_t *of = ARENA_NEW(arena, int32_t, n_rows);
    Keyed *keys = ARENA_NEW(arena, Keyed, n_rows), *other = ARENA_NEW(arena, Keyed, n_rows);
    if (!of || !keys || !other) return error_memory(err);
    int known = 0;
    for (int i = 0; i < n_rows; i++) {
        of[i] = table_known(table, i) ? 0 : -1;
        if (of[i] == 0 && width == 1) keys[known++] = (Keyed){order_key(table->targets[i] + 0.0), i};
    }
    *strata = of;
    *n = known >= TENTHS * FEWEST && table->task.kind == TASK_NUMBERS ? TENTHS : 1;
    const Keyed *order = order_keyed(keys, other, known);
    for (int i = 0; *n > 1 && i < known; i++) of[order[i].label] = (int32_t)((int64_t)i * TENTHS / known);
    return true;
}

int column_place(const char *name)
{
    char *end;
    if (!name || strncmp(name, "column_", 7) != 0 || name[7] < '1' || name[7] > '9') return -1;
    long place = strtol(name + 7, &end, 10);
    return !*end && place <= INT32_MAX ? (int)place - 1 : -1;
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
        if (column_has_words(column->kind) ? column->code[i] != column->code[0]
                                           : column_number(column, i) != column_number(column, 0))
            return false;
    }
    return true;
}

enum { WIDEST_PART = 20, MANY_ROWS = 50 };

/* What pandas, R and spreadsheets put in front: an index without a name, or with one of these. */
static bool index_name(const char *name)
{
    static const char *const known[] = {"rownames", "row.names", "row_names", "rowname", "index", "level_0",
                                        "__index_level_0__"};
    if (strncmp(name, "unnamed_", 8) == 0 || strncmp(name, "Unnamed: ", 9) == 0) return true;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(name, known[i]) == 0) return true;
    return false;
}

/* Whole numbers from 0 on, none twice; sets the least and the most. */
static bool different_counts(const Column *column, int n, double *least, double *most)
{
    *least = *most = column_number(column, 0);
    for (int i = 0; i < n; i++) {
        double v = column_number(column, i);
        if (!(v >= 0) || v != floor(v)) return false;
        if (v < *least) *least = v;
        if (v > *most) *most = v;
    }
    if (*most - *least >= (double)WIDEST_PART * n) return false;
    size_t bits = (size_t)(*most - *least) + 1;
    uint8_t *met = calloc(bits / 8 + 1, 1);
    bool different = met != NULL;
    for (int i = 0; i < n && different; i++) {
        size_t at = (size_t)(column_number(column, i) - *least);
        different = !(met[at / 8] >> at % 8 & 1);
        met[at / 8] |= (uint8_t)(1 << at % 8);
    }
    free(met);
    return different;
}

bool table_column_counts(const Column *column, int n_rows)
{
    double least, most;
    if (column->kind != COLUMN_NUMERIC || column->n_missing || n_rows < 2) return false;
    if (!index_name(column->name)) return false;
    if (!different_counts(column, n_rows, &least, &most)) return false;
    /* In any order, and with gaps: the rows may be a shuffled part of a table. */
    if (least <= 1 && most < 2.0 * n_rows + 2) return true;
    if (n_rows < MANY_ROWS) return false;
    bool years = least >= 1500 && most < 2200, run = most - least == n_rows - 1;
    /* Of a small part the first number is small: it is ten times as high as expected once in e^10. */
    bool part = least <= 10 * (most + 1) / n_rows && most < (double)WIDEST_PART * n_rows;
    return part || (run && !years);
}

/* Why a column says nothing, or NULL. `tells`: it tells rows apart. */
static const char *useless(const Column *column, int n_rows, Arena *arena, bool *tells)
{
    *tells = false;
    if (column->n_missing >= n_rows)
        return arena_print(arena, "column `%s` was dropped: every cell is missing", column->name);
    if (is_constant(column, n_rows))
        return arena_print(arena, "column `%s` was dropped: all its values are the same",
                           column->name);
    if ((*tells = table_column_counts(column, n_rows)))
        return arena_print(arena, "column `%s` was dropped: it only counts the rows", column->name);
    if (column->kind != COLUMN_NOMINAL) return NULL;
    int n = distinct_levels(column, n_rows);
    if (n <= n_rows / 2) return NULL;
    *tells = true;
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
        bool tells;
        const char *why = useless(&table->columns[i], table->n_rows, arena, &tells);
        if (tells && !table->id) table->id = &table->columns[i];
        if (why) notes[n_notes++] = why;
        else columns[kept++] = table->columns[i];
    }
    if (kept == n) return;
    table->columns = columns;
    table->n_columns = kept;
    table->notes = notes;
    table->n_notes = n_notes;
}

double *table_soft(const Table *table, const int32_t *rows, int n, Arena *arena)
{
    const size_t width = (size_t)table_soft_width(table);
    double *soft = ARENA_NEW(arena, double, (size_t)n * width);
    for (int i = 0; soft && i < n; i++)
        memcpy(soft + (size_t)i * width, table->soft + (size_t)(rows ? rows[i] : i) * width,
               width * sizeof *soft);
    return soft;
}

static bool column_rows(const Column *from, const int32_t *rows, int n, Arena *arena, Column *out,
                        Error *err)
{
    *out = *from;
    out->n_missing = 0;
    if (from->number) out->number = ARENA_NEW(arena, double, n);
    if (from->decimal) out->decimal = ARENA_NEW(arena, int32_t, n);
    if (from->code) out->code = ARENA_NEW(arena, int32_t, n);
    if (!out->number != !from->number || !out->decimal != !from->decimal || !out->code != !from->code)
        return error_memory(err);
    for (int i = 0; i < n; i++) {
        if (out->number) out->number[i] = from->number[rows[i]];
        if (out->decimal) out->decimal[i] = from->decimal[rows[i]];
        if (out->code) out->code[i] = from->code[rows[i]];
        out->n_missing += out->code ? out->code[i] < 0 : isnan(column_number(out, i)) != 0;
    }
    return true;
}

const char *column_cell(const Column *column, int row, Arena *arena)
{
    char number[40];
    if (column_has_words(column->kind))
        return column->code[row] < 0 ? "" : column->levels[column->code[row]];
    double value = column_number(column, row);
    if (column->kind == COLUMN_DATE)
        return arena_copy(arena, date_text(value, column->format && date_is_clock(column->format), number));
    return isnan(value) ? "" : isinf(value) ? (value > 0 ? "inf" : "-inf")
         : arena_copy(arena, text_number(value, number));
}

/* The columns beside the features. */
static bool key_rows(const Table *table, const int32_t *rows, int n, Arena *arena, Table *part, Error *err)
{
    for (int k = 0; k < ROW_KEYS; k++) {
        if (!table->key[k]) continue;
        Column *key = ARENA_NEW(arena, Column, 1);
        if (!key) return error_memory(err);
        if (!column_rows(table->key[k], rows, n, arena, key, err)) return false;
        part->key[k] = key;
    }
    if (!table->weight) return true;
    double *weight = ARENA_NEW(arena, double, n);
    if (!weight) return error_memory(err);
    for (int i = 0; i < n; i++) weight[i] = table->weight[rows[i]];
    part->weight = weight;
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
        size_t size = PIXELS_OF(table);
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
    if (table->targets) {
        size_t width = (size_t)table->task.n_targets;
        part->targets = ARENA_NEW(arena, double, (size_t)n * width);
        if (!part->targets) return error_memory(err);
        for (int i = 0; i < n; i++)
            memcpy(part->targets + (size_t)i * width, table->targets + (size_t)rows[i] * width,
                   width * sizeof *part->targets);
    }
    int32_t *source = ARENA_NEW(arena, int32_t, n);
    Column *id = table->id ? ARENA_NEW(arena, Column, 1) : NULL;
    if (!source || (table->id && !id)) return error_memory(err);
    if (id && !column_rows(table->id, rows, n, arena, id, err)) return false;
    for (int i = 0; i < n; i++) source[i] = table_source(table, rows[i]);
    if (!key_rows(table, rows, n, arena, part, err)) return false;
    part->source = source;
    part->id = id;
    if (table->soft && !(part->soft = table_soft(table, rows, n, arena))) return error_memory(err);
    table_fingerprint(part);
    *out = part;
    return true;
}
