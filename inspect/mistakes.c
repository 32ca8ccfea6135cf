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

/* Documents are built, not changed: the list is made again, with more in each. NULL: failed. */
static Doc *with_rows(const Table *table, const int *order, int n, const Doc *mistakes, Arena *arena,
                      Error *err)
{
    Doc *more = doc_array();
    for (size_t i = 0; i < doc_count(mistakes); i++) {
        Doc *one = doc_add(more, doc_copy(doc_at(mistakes, i)));
        double row = doc_to_number(doc_get(one, "row"), -1);
        if (row >= 0 && row < table->n_rows && !put_mistake(table, order, n, (int)row, one, arena, err)) {
            doc_free(more);
            return NULL;
        }
    }
    return more;
}

/* Of numbers each target has its own. */
static bool of_targets(const Table *table, const int *order, int n, Doc *evaluation, Arena *arena, Error *err)
{
    const Doc *targets = doc_get(evaluation, "targets");
    Doc *more = doc_array();
    for (size_t t = 0; t < doc_count(targets); t++) {
        Doc *target = doc_add(more, doc_copy(doc_at(targets, t)));
        if (!doc_get(target, "worst")) continue;
        Doc *worst = with_rows(table, order, n, doc_get(target, "worst"), arena, err);
        if (!worst) {
            doc_free(more);
            return false;
        }
        doc_set(target, "worst", worst);
    }
    doc_set(evaluation, "targets", more);
    return true;
}

bool inside_mistakes(const Table *table, const int *order, int n, Doc *evaluation, Arena *arena, Error *err)
{
    if (doc_get(evaluation, "targets")) return of_targets(table, order, n, evaluation, arena, err);
    Doc *more = with_rows(table, order, n, doc_get(evaluation, "mistakes"), arena, err);
    if (more) doc_set(evaluation, "mistakes", more);
    return more != NULL;
}
