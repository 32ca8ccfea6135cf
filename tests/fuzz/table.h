/* tests/fuzz/table.h - what must be true of any table that a reader returns. */
#ifndef CONSORT_TESTS_FUZZ_TABLE_H
#define CONSORT_TESTS_FUZZ_TABLE_H
#include "data/card.h"
#include "data/read.h"
#include "export/write.h"
#include "tests/fuzz/fuzz.h"

/* What is wider than this takes minutes with sanitizers, were all of it looked at again and again: it is read. */
enum { FUZZ_WIDE = 1 << 12 };

static inline const ReadOptions *fuzz_read_options(void)
{
    static ReadOptions options;
    static bool made;
    Error err;
    if (!made) fuzz_must(field_defaults(&read_fields, &options, fuzz_forever(), &err), &err);
    made = true;
    return &options;
}

static inline void fuzz_column(const Column *column, int n_rows)
{
    int n_missing = 0;
    FUZZ_HOLDS(column->name && text_is_utf8(column->name, strlen(column->name)));
    for (int i = 0; i < n_rows; i++) {
        if (!column_has_words(column->kind)) {
            FUZZ_HOLDS(!isinf(column_number(column, i)));
            n_missing += isnan(column_number(column, i)) != 0;
        } else {
            FUZZ_HOLDS(column->code[i] >= -1 && column->code[i] < column->n_levels);
            n_missing += column->code[i] < 0;
        }
    }
    FUZZ_HOLDS(n_missing == column->n_missing);
    FUZZ_HOLDS((column->kind == COLUMN_DATE) == (column->format != NULL));
    for (int k = 0; column_has_words(column->kind) && k < column->n_levels; k++)
        FUZZ_HOLDS(text_is_utf8(column->levels[k], strlen(column->levels[k])));
}

static inline void fuzz_table(const Table *table)
{
    FUZZ_HOLDS(table->n_rows > 0 && strlen(table->fingerprint) == 64);
    FUZZ_HOLDS(table->pixels ? table->height > 0 && table->width > 0 && table->n_columns == 0
                             : table->n_columns > 0);
    for (int i = 0; i < table->n_columns; i++) fuzz_column(&table->columns[i], table->n_rows);
    for (int i = 0; table->labels && i < table->n_rows; i++)
        FUZZ_HOLDS(table->labels[i] >= -1 && table->labels[i] < table->n_classes);
    for (int i = 0; i < table->n_notes; i++) FUZZ_HOLDS(table->notes[i] && *table->notes[i]);
    if (table->n_columns > FUZZ_WIDE) return;
    Text card = {0};
    Doc *doc = card_make(table, NULL), *again = NULL;
    FUZZ_HOLDS(doc && doc_print(doc, 0, &card));
    FUZZ_HOLDS((again = doc_parse(card.bytes, card.n, NULL)) != NULL);
    doc_free(doc);
    doc_free(again);
    text_free(&card);
}

/* The same cell, read in training and with the model. */
static inline bool fuzz_same_cell(const Column *a, int i, const Column *b, int k)
{
    if (!column_has_words(a->kind)) {
        double x = column_number(a, i), y = column_number(b, k);
        return isnan(x) ? isnan(y) : x == y;
    }
    if (a->code[i] < 0 || b->code[k] < 0) return a->code[i] == b->code[k];
    return strcmp(a->levels[a->code[i]], b->levels[b->code[k]]) == 0;
}

/* The rows that training kept are those that have a label. */
static inline void fuzz_same_rows(const Table *table, const Table *again)
{
    int i = 0;
    FUZZ_HOLDS(again->n_columns == table->n_columns && !again->labels == !table->labels);
    FUZZ_HOLDS(!again->targets == !table->targets && again->task.n_targets == table->task.n_targets);
    FUZZ_HOLDS(!again->labels || again->n_classes == table->n_classes);
    for (int c = 0; c < table->n_columns; c++) FUZZ_HOLDS(again->columns[c].kind == table->columns[c].kind);
    for (int k = 0; k < again->n_rows; k++) {
        if (table_has_label(table) && !table_known(again, k)) continue;
        FUZZ_HOLDS(i < table->n_rows);
        FUZZ_HOLDS(!table->labels || again->labels[k] == table->labels[i]);
        for (int t = 0; table->targets && t < table->task.n_targets; t++) {
            double x = table->targets[i * table->task.n_targets + t], y = again->targets[k * table->task.n_targets + t];
            FUZZ_HOLDS(x == y || (isnan(x) && isnan(y)));
        }
        for (int c = 0; c < table->n_columns; c++)
            FUZZ_HOLDS(fuzz_same_cell(&table->columns[c], i, &again->columns[c], k));
        i++;
    }
    FUZZ_HOLDS(i == table->n_rows);
}

/* Written as JSON and read again, a table is what it was; one in which a column has no cells may be of other kinds. */
static inline void fuzz_round_trip(const DataFile *file, int format, Arena *arena)
{
    ReadOptions all = *fuzz_read_options();
    Table *table, *again;
    Error err;
    const char *none = "none";
    all.label = (TextList){1, &none};
    all.as_written = true;
    all.format = format;
    if (!table_read(file, &all, NULL, arena, &table, &err) || table->pixels || table->n_columns > FUZZ_WIDE) return;
    fuzz_table(table);
    WriteRows rows = write_rows(table, -1, arena);
    Text text = {0};
    fuzz_must(table_write(&rows, FORMAT_NDJSON, &text, NULL, &err), &err);
    const DataFile written = {.images = fuzz_file("written.ndjson", text.bytes, text.n)};
    text_free(&text);
    all.format = FORMAT_AUTO;
    if (!table_read(&written, &all, NULL, arena, &again, &err)) {
        if (err.code != ERR_MEMORY) fuzz_must(false, &err);
        return;
    }
    FUZZ_HOLDS(again->n_columns == table->n_columns && again->n_rows == table->n_rows);
    for (int c = 0; c < table->n_columns; c++) {
        const Column *a = &table->columns[c], *b = &again->columns[c];
        FUZZ_HOLDS(strcmp(a->name, b->name) == 0);
        FUZZ_HOLDS(a->kind == b->kind || a->n_missing == table->n_rows);
        for (int i = 0; i < table->n_rows && a->kind == b->kind; i++) FUZZ_HOLDS(fuzz_same_cell(a, i, b, i));
    }
}

/* The options of `predict`, when nothing is said but the format. */
static inline const ReadOptions *fuzz_said_nothing(int format)
{
    static ReadOptions options;
    options = *fuzz_read_options();
    options.format = format;
    options.skip = -1;
    options.said_as = "--";
    return &options;
}

static inline void fuzz_read_again(const DataFile *file, const ReadOptions *options, const Schema *schema,
                                   const Table *table, Arena *arena)
{
    Table *again;
    Error err;
    if (!table_read(file, options, schema, arena, &again, &err)) {
        if (err.code != ERR_MEMORY) fuzz_must(false, &err);
        return;
    }
    fuzz_same_rows(table, again);
    fuzz_table(again);
}

/* Reads a file as for training, then once more with what the first time found, as a test file is read, and as
 * `evaluate` does, which knows nothing but the model: every row means the same. Returns what a model learns from, or
 * NULL where the file is refused, is wide, or leaves nothing to learn from. */
static inline const Table *fuzz_read_table(const DataFile *file, const ReadOptions *options, Arena *arena)
{
    Table *table;
    Error err;
    if (!table_read(file, options, NULL, arena, &table, &err)) {
        FUZZ_HOLDS(err.code != ERR_NONE && *err.message && !strchr(err.message, '\n'));
        return NULL;
    }
    fuzz_table(table);
    if (table->n_columns > FUZZ_WIDE) return NULL;
    Schema schema = table_schema(table);
    const ReadOptions *nothing = fuzz_said_nothing(options->format);
    fuzz_read_again(file, options, &schema, table, arena);
    fuzz_read_again(file, nothing, &schema, table, arena);
    table_drop_useless(table, arena);
    schema = table_schema(table);
    if (!schema.n_columns && !schema.height) return NULL;
    fuzz_read_again(file, nothing, &schema, table, arena);
    return table;
}

/* Reads another file with what one has taught: refuses it in one line, or returns a sound table. */
static inline void fuzz_read_other(const DataFile *file, int format, const Table *learned, Arena *arena)
{
    Schema schema = table_schema(learned);
    Table *table;
    Error err;
    if (table_read(file, fuzz_said_nothing(format), &schema, arena, &table, &err)) {
        FUZZ_HOLDS(table->n_columns == learned->n_columns);
        fuzz_table(table);
    } else {
        FUZZ_HOLDS(err.code != ERR_NONE && *err.message && !strchr(err.message, '\n'));
    }
}
#endif
