/* Rows as read and as encoded, side by side. */
#include "inspect/encoded.h"

#include <math.h>

#include "engine/mlp.h"
#include "inspect/inputs.h"
#include "inspect/say.h"

static bool put_column(const Table *table, int c, int n, Arena *arena, Doc *out, Error *err)
{
    const Column *column = &table->columns[c];
    doc_set_text(out, "name", column->name);
    doc_set_text(out, "kind", column_kind_names[column->kind]);
    Doc *read = doc_set(out, "read", doc_array());
    for (int i = 0; i < n; i++) {
        const char *text = column_cell(column, i, arena);
        if (!text) return error_memory(err);
        doc_add(read, doc_text(text));
    }
    return true;
}

/* What is made of the cells, before it is scaled. */
static bool put_derived(const Derivation *d, const PrepColumn *of, const DeriveRows *rows, Arena *arena,
                        Doc *out, Error *err)
{
    double *value = ARENA_NEW(arena, double, rows->n);
    if (!value) return error_memory(err);
    derive_values(d, rows, value);
    doc_set_text(out, "name", of->name);
    doc_set_text(out, "kind", "derived");
    Doc *read = doc_set(out, "read", doc_array());
    for (int i = 0; i < rows->n; i++) {
        const char *text = isnan(value[i]) ? "" : arena_print(arena, "%.6g", value[i]);
        if (!text) return error_memory(err);
        doc_add(read, doc_text(text));
    }
    return true;
}

static bool put_all(const Table *table, const Prep *prep, int n, int most, Arena *arena, Doc *out, Error *err)
{
    const int d = prep->n_features, ld = mlp_pad(d);
    Rows *rows;
    InputName *name;
    /* The names of the features are those of a network's inputs without an embedding. */
    const Mlp plain = {.n_layers = 1, .width = {d, 1}};
    float *x = ARENA_NEW(arena, float, (size_t)n * (size_t)ld);
    if (!x) return error_memory(err);
    if (!prep_apply(prep, table, NULL, n, arena, &rows, err) || !inputs_name(prep, &plain, arena, &name, err))
        return false;
    rows_gather(rows, NULL, 0, n, NULL, NULL, NULL, x, ld);
    Doc *places = doc_set(out, "rows", doc_array()), *labels = doc_set(out, "labels", doc_array());
    for (int i = 0; i < n; i++) {
        bool known = table->labels && table->labels[i] >= 0;
        doc_add(places, doc_number(table_source(table, i)));
        doc_add(labels, doc_text(known ? table->classes[table->labels[i]] : NULL));
    }
    Doc *columns = doc_set(out, "columns", doc_array());
    DeriveRows cells;
    if (prep->n_derived > 0 && !prep_groups(prep->columns, table, NULL, n, arena, &cells))
        return error_memory(err);
    for (int c = 0; c < prep->n_columns; c++) {
        Doc *column = doc_add(columns, doc_object());
        const PrepColumn *of = &prep->columns[c];
        const int derived = c - table->n_columns;
        if (derived < 0 ? !put_column(table, c, n, arena, column, err)
                        : !put_derived(&prep->derived[derived], of, &cells, arena, column, err))
            return false;
        Doc *features = doc_set(column, "features", doc_array());
        for (int k = 0; k < of->n_out && k < most; k++) {
            Doc *feature = doc_add(features, doc_object());
            doc_set_text(feature, "name", name[of->out + k].name);
            Doc *values = doc_set(feature, "values", doc_array());
            for (int i = 0; i < n; i++)
                doc_add(values,
                        doc_number(say_round((double)x[(size_t)i * (size_t)ld + (size_t)(of->out + k)])));
        }
        if (of->n_out > most) doc_set_number(column, "more", of->n_out - most);
    }
    return true;
}

bool encoded_make(const Table *table, const Prep *prep, int n, int most, Arena *arena, Doc **out, Error *err)
{
    Doc *doc = doc_object();
    bool ok = put_all(table, prep, n < table->n_rows ? n : table->n_rows, most, arena, doc, err);
    return doc_hand_over(doc, ok, out, err);
}
