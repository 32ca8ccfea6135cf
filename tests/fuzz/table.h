/* tests/fuzz/table.h - what must be true of any table that a reader returns. */
#ifndef CONSORT_TESTS_FUZZ_TABLE_H
#define CONSORT_TESTS_FUZZ_TABLE_H
#include "data/card.h"
#include "data/read.h"
#include "tests/fuzz/fuzz.h"

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
        if (column->kind == COLUMN_NUMERIC) {
            FUZZ_HOLDS(!isinf(column->number[i]));
            n_missing += isnan(column->number[i]) != 0;
        } else {
            FUZZ_HOLDS(column->code[i] >= -1 && column->code[i] < column->n_levels);
            n_missing += column->code[i] < 0;
        }
    }
    FUZZ_HOLDS(n_missing == column->n_missing);
    for (int k = 0; column->kind == COLUMN_NOMINAL && k < column->n_levels; k++)
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
    Text card = {0};
    Doc *doc = card_make(table, NULL), *again = NULL;
    FUZZ_HOLDS(doc && doc_print(doc, 0, &card));
    FUZZ_HOLDS((again = doc_parse(card.bytes, card.n, NULL)) != NULL);
    doc_free(doc);
    doc_free(again);
    text_free(&card);
}

/* Reads a file as for training, then once more as `predict` would, with what the first time found. */
static inline void fuzz_read_table(const DataFile *file, const ReadOptions *options, Arena *arena)
{
    Table *table, *again;
    Error err;
    if (!table_read(file, options, NULL, arena, &table, &err)) {
        FUZZ_HOLDS(err.code != ERR_NONE && *err.message && !strchr(err.message, '\n'));
        return;
    }
    fuzz_table(table);
    Schema schema = table_schema(table);
    if (table_read(file, options, &schema, arena, &again, &err)) {
        FUZZ_HOLDS(again->n_columns == table->n_columns && (again->n_classes == table->n_classes || !again->labels));
        for (int i = 0; i < table->n_columns; i++)
            FUZZ_HOLDS(again->columns[i].kind == table->columns[i].kind);
        fuzz_table(again);
    }
    table_drop_useless(table, arena);
}
#endif
