/* What stands in the rows that were mistaken, so that they can be looked up and thought about. */
#include "inspect/inside.h"

enum { MOST_VALUES = 8 };

static bool put_mistake(const Table *table, const int *order, int n, int row, Doc *one, Arena *arena,
                        Error *err)
{
    doc_set_number(one, "source_row", table_source(table, row));
    if (table->id) {
        const char *id = column_cell(table->id, row, arena);
        if (!id) return error_memory(err);
        doc_set_text(one, "id", id);
    }
    if (table->n_columns == 0) return true;
    Doc *values = doc_set(one, "values", doc_object());
    for (int k = 0; k < (order ? n : table->n_columns) && k < MOST_VALUES; k++) {
        const Column *column = &table->columns[order ? order[k] : k];
        const char *text = column_cell(column, row, arena);
        if (!text) return error_memory(err);
        doc_set_text(values, column->name, text);
    }
    return true;
}

/* Documents are built, not changed: the list is made again, with more in each. */
bool inside_mistakes(const Table *table, const int *order, int n, Doc *evaluation, Arena *arena, Error *err)
{
    const Doc *mistakes = doc_get(evaluation, "mistakes");
    Doc *more = doc_array();
    bool ok = true;
    for (size_t i = 0; ok && i < doc_count(mistakes); i++) {
        Doc *one = doc_add(more, doc_copy(doc_at(mistakes, i)));
        double row = doc_to_number(doc_get(one, "row"), -1);
        if (row >= 0 && row < table->n_rows) ok = put_mistake(table, order, n, (int)row, one, arena, err);
    }
    if (ok) doc_set(evaluation, "mistakes", more);
    else doc_free(more);
    return ok;
}
