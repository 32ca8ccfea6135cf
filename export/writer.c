/* export/writer.c - a table as writers see it. */
#include "export/writer.h"

WriteRows write_rows(const Table *t, int label, Arena *arena)
{
    WriteRows rows = {.table = t, .arena = arena, .n_rows = t->n_rows, .n_columns = t->n_columns,
                      .label = label,
                      .delimiter = ','};
    if (!t->pixels) return rows;
    rows.n_columns = (int)PIXELS_OF(t) + (t->labels != NULL);
    rows.label = t->labels ? rows.n_columns - 1 : -1;
    return rows;
}

static bool is_pixel(const WriteRows *rows, int column)
{
    return rows->table->pixels && column < (int)PIXELS_OF(rows->table);
}

const char *write_name(const WriteRows *rows, int column)
{
    const Table *t = rows->table;
    if (is_pixel(rows, column)) return arena_print(rows->arena, "pixel_%d", column + 1);
    if (t->pixels) return t->label_name ? t->label_name : "label";
    return t->columns[column].name;
}

bool write_is_number(const WriteRows *rows, int column)
{
    if (rows->table->pixels) return is_pixel(rows, column);
    return !column_has_words(rows->table->columns[column].kind);
}

double write_number(const WriteRows *rows, int row, int column)
{
    const Table *t = rows->table;
    if (!t->pixels) return column_number(&t->columns[column], row);
    return t->pixels[(size_t)row * PIXELS_OF(t) + (size_t)column];
}

const char *write_word(const WriteRows *rows, int row, int column)
{
    const Table *t = rows->table;
    if (t->pixels) return t->labels[row] < 0 ? NULL : t->classes[t->labels[row]];
    const Column *c = &t->columns[column];
    return c->code[row] < 0 ? NULL : c->levels[c->code[row]];
}

bool write_numbers_only(const WriteRows *rows, const char *format, Error *err)
{
    for (int c = 0; c < rows->n_columns; c++)
        if (c != rows->label && !write_is_number(rows, c))
            return error_set(err, ERR_CONFIG,
                             "column `%.100s` has words, and %s holds numbers alone; write csv, ndjson or"
                                              " arff", write_name(rows, c), format);
    return true;
}
