/* The end of reading: columns and what is to be predicted become a table. */
#include <math.h>
#include <string.h>

#include "data/reader.h"

/* Another spelling of a level is no error, and nothing that should pass in silence. */
static void note_unknown(Reading *r, const RawColumn *c)
{
    char quoted[48];
    const char *first = c->levels.text[c->n_known];
    reading_note(r, "column `%s`: %d of %d word%s %s unknown to the model, first `%s` in line %ld; it knows %s",
                 c->name, c->n_unknown, r->n_rows - c->n_missing, r->n_rows - c->n_missing == 1 ? "" : "s",
                 c->n_unknown == 1 ? "is" : "are", cell_quote(first, strlen(first), quoted), c->unknown_line,
                 c->n_known ? names_list(r->arena, c->levels.text, c->n_known) : "none");
}

static Column column_of(const RawColumn *c, int place)
{
    return (Column){.name = c->name,
                    .kind = c->kind,
                    .number = c->number,
                    .decimal = c->decimal,
                    .unit = c->unit,
                    .code = c->code,
                    .n_levels = c->levels.n,
                    .levels = c->levels.text,
                    .n_missing = c->n_missing,
                    .style = c->style,
                    .format = c->kind == COLUMN_DATE ? c->format : NULL,
                    .place = place};
}

static const double most_weight = 1e30, least_weight = 1e-30; /* of all rows: what floats still hold */

/* What rows count for: finite, at least 0, and of some row more. */
static bool take_weights(const Reading *r, Table *table, Error *err)
{
    const Column *column = table->key[ROW_WEIGHT];
    double *weight = ARENA_NEW(r->arena, double, table->n_rows), sum = 0;
    if (!weight) return error_memory(err);
    if (column->kind != COLUMN_NUMERIC)
        return error_set(err, ERR_DATA, "%s: data.weight: column `%s` holds words; weights are numbers",
                         r->path,
                         column->name);
    for (int i = 0; i < table->n_rows; i++) {
        weight[i] = column_number(column, i);
        if (isnan(weight[i]) || weight[i] < 0)
            return error_set(err, ERR_DATA, "%s: data.weight: row %d: `%s` is %s; weights are finite and at"
                             " least"
                             " 0, and 0 leaves a row out", r->path, table_source(table, i), column->name,
                             isnan(weight[i]) ? "missing or infinite" : "less than 0");
        sum += weight[i];
    }
    if (sum < least_weight || sum > most_weight)
        return error_set(err, ERR_DATA, "%s: data.weight: the weights in `%s` add up to %s", r->path,
                         column->name,
                         sum > most_weight ? "more than 1e30"
                         : sum > 0 ? "less than 1e-30" : "0: no row counts");
    table->weight = weight;
    return true;
}

static bool take_row_keys(const Reading *r, Table *table, Error *err)
{
    for (int i = 0; i < r->n_columns; i++)
        for (int k = 0; k < ROW_KEYS; k++) {
            if (!(r->columns[i].keys >> k & 1)) continue;
            Column *key = ARENA_NEW(r->arena, Column, 1);
            if (!key) return error_memory(err);
            *key = column_of(&r->columns[i], i);
            table->key[k] = key;
        }
    return !table->key[ROW_WEIGHT] || take_weights(r, table, err);
}

bool reading_finish(Reading *r, Table **out, Error *err)
{
    if (r->n_rows == 0)
        return error_set(err, ERR_DATA, "%s: no rows of data", r->path);
    Table *table = ARENA_NEW(r->arena, Table, 1);
    if (!table) return error_memory(err);
    if (!reading_targets(r, table, err)) return false;
    table->n_rows = r->n_rows;
    table->source = r->source;
    if (!reading_settle(r, err)) return false;
    for (int i = 0; i < r->n_columns; i++) table->n_columns += r->columns[i].role == ROLE_FEATURE;
    table->columns = ARENA_NEW(r->arena, Column, table->n_columns);
    if (!table->columns) return error_memory(err);
    for (int i = 0; i < r->n_columns; i++) {
        const RawColumn *c = &r->columns[i];
        if (c->role != ROLE_FEATURE) continue;
        table->columns[c->position] = column_of(c, i);
        if (c->n_infinite && !r->part)
            reading_note(r, "column `%s`: %d infinite value%s taken as missing", c->name,
                         c->n_infinite, c->n_infinite == 1 ? "" : "s");
        if (c->n_unknown && !r->part) note_unknown(r, c);
    }
    if (!take_row_keys(r, table, err) || !reading_soft(r, table, err)) return false;
    if (r->mirror && !reading_mirror(r, table, err)) return false;
    table->rules = r->rules;
    table->notes = r->notes;
    table->n_notes = r->n_notes;
    if (!r->part) table_fingerprint(table);
    *out = table;
    return true;
}
