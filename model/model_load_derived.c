/* What the last columns of a preprocessing are made of (prep/derive.h). */
#include <stdio.h>

#include "model/model_reader.h"

static bool read_one(ModelReader *r, const Doc *entry, const char *where, Derivation *d)
{
    const Schema *schema = &r->model->schema;
    const int last = schema->n_columns - 1;
    int kind = 0;
    d->b = -1;
    if (!reader_choice(r, entry, where, "kind", derive_kind_names, &kind) ||
        !reader_int(r, entry, where, "a", 0, last, &d->a))
        return false;
    d->kind = (DeriveKind)kind;
    const bool alone = d->kind == DERIVE_TARGET && doc_kind(doc_get(entry, "b")) == DOC_NULL;
    if (!alone && !reader_int(r, entry, where, "b", 0, last, &d->b)) return false;
    const ColumnKind a = schema->columns[d->a].kind, b = alone ? COLUMN_NOMINAL : schema->columns[d->b].kind;
    if (a != (d->kind == DERIVE_TARGET ? COLUMN_NOMINAL : COLUMN_NUMERIC) ||
        b != (derive_by_words(d->kind) ? COLUMN_NOMINAL : COLUMN_NUMERIC))
        return reader_bad(r, "%s: made of columns of another kind", where);
    const int values = derive_values_of(&schema->task, schema->n_classes);
    if (d->kind == DERIVE_TARGET && values == 0)
        return reader_bad(r, "%s: of a target of too many classes", where);
    return d->kind != DERIVE_TARGET || reader_int(r, entry, where, "value", 0, values - 1, &d->value);
}

bool reader_derived(ModelReader *r, const Doc *list, int number, Prep *prep, Derivation **out)
{
    const size_t n = doc_count(list);
    char where[64];
    *out = NULL;
    if (doc_kind(list) == DOC_NULL) return true;
    if (doc_kind(list) != DOC_ARRAY || n > READER_MOST_DERIVED)
        return reader_bad(r, "prep %d: `derived` is no list of at most %d columns", number,
                          READER_MOST_DERIVED);
    Derivation *derived = ARENA_NEW(r->arena, Derivation, n);
    if (!derived) return error_memory(r->err);
    for (size_t k = 0; k < n; k++) {
        snprintf(where, sizeof where, "prep %d, derived column %zu", number, k + 1);
        if (!read_one(r, doc_at(list, k), where, &derived[k])) return false;
    }
    prep->n_derived = (int)n;
    prep->derived = *out = derived;
    return true;
}

bool reader_cells(ModelReader *r, int number, Prep *prep, Derivation *derived)
{
    const int own = prep_table_columns(prep);
    int64_t n = 0;
    char name[32];
    const double *cells;
    int *n_groups = ARENA_NEW(r->arena, int, own);
    if (!n_groups) return error_memory(r->err);
    for (int j = 0; j < own; j++)
        if (prep->columns[j].kind == COLUMN_NOMINAL && prep->columns[j].n_levels > 0)
            n_groups[j] = prep->columns[j].n_levels + 2;
    for (int k = 0; k < prep->n_derived; k++) {
        derived[k].n_cells = derive_cells(&derived[k], n_groups);
        if (derive_by_words(derived[k].kind) && derived[k].n_cells == 0)
            return reader_bad(r, "prep %d, derived column %d: its words are none, or too many", number, k + 1);
        n += derived[k].n_cells;
    }
    snprintf(name, sizeof name, "prep%d.cells", number);
    if (n == 0) return true;
    if (!reader_doubles(r, name, n, &cells)) return false;
    for (int k = 0; k < prep->n_derived; k++) {
        derived[k].cells = derived[k].n_cells > 0 ? cells : NULL;
        cells += derived[k].n_cells;
    }
    return true;
}
