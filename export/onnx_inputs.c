/* The inputs of a graph: a column each, one matrix, or pictures; and notes on what they are. */
#include "export/onnx_inputs.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST_NAME = 60 };

/* Outputs have these names, and a matrix. */
static const char *const taken[] = {"label", "probabilities", "value", "quantiles", "low", "high", "set", "X"};

/* ---- names ----------------------------------------------------------------------------------- */

/* Letters, digits and single underscores, as every runtime and server takes them. */
static void sanitize(const char *text, char name[LONGEST_NAME + 1])
{
    size_t n = 0;
    for (; text && *text && n < LONGEST_NAME; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x80 && isalnum(c)) name[n++] = (char)c;
        else if (n > 0 && name[n - 1] != '_') name[n++] = '_';
    }
    while (n > 0 && name[n - 1] == '_') n--;
    name[n] = '\0';
}

/* A column's name made one that no other input or output has. */
static const char *name_of(OnnxExport *e, TextSet *names, int j)
{
    char stem[LONGEST_NAME + 1];
    sanitize(e->model->schema.columns[j].name, stem);
    const char *name = *stem && !isdigit((unsigned char)*stem) ? arena_copy(e->arena, stem)
                     : arena_print(e->arena, "column_%d%s%s", j + 1, *stem ? "_" : "", stem);
    for (int i = 2; name && text_set_find(names, name, strlen(name)) >= 0; i++)
        name = arena_print(e->arena, "%s_%d", *stem ? stem : "column", i);
    if (!name || text_set_add(names, e->arena, name, strlen(name)) < 0) return NULL;
    return name;
}

static bool name_all(OnnxExport *e)
{
    TextSet names = {0};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (text_set_add(&names, e->arena, taken[i], strlen(taken[i])) < 0) return false;
    for (int j = 0; j < e->model->schema.n_columns; j++) {
        e->name[j] = name_of(e, &names, j);
        if (!e->name[j]) return false;
    }
    return true;
}

/* ---- types ----------------------------------------------------------------------------------- */

/* Is column j encoded in double by some preprocessing, or a number of a derived column that is? */
static bool column_wide(const OnnxExport *e, int j)
{
    const Model *model = e->model;
    const double most = e->plan->features;
    for (int p = 0; p < model->n_preps; p++) {
        const Prep *prep = model->preps[p];
        if (plan_column_wide(&prep->columns[j], most)) return true;
        for (int k = 0; k < prep->n_derived; k++) {
            const Derivation *d = &prep->derived[k];
            const bool takes = d->a == j || (d->b == j && !derive_by_words(d->kind));
            if (takes && plan_derived_why(prep, k, most)) return true;
        }
    }
    return false;
}

static OnnxType type_of(const OnnxExport *e, int j)
{
    const Column *column = &e->model->schema.columns[j];
    if (column_has_words(column->kind)) return ONNX_STRING;
    return column->kind == COLUMN_DATE || column_wide(e, j) ? ONNX_DOUBLE : ONNX_FLOAT;
}

/* ---- notes ----------------------------------------------------------------------------------- */

/* [{"input": "capital_gain", "column": "capital-gain", "kind": "numeric", "type": "FLOAT"}, ...] */
static void note_features(OnnxExport *e)
{
    Text json = {0};
    text_add(&json, "[");
    for (int j = 0; j < e->model->schema.n_columns; j++) {
        const Column *column = &e->model->schema.columns[j];
        text_add(&json, j ? ", {\"input\": " : "{\"input\": ");
        if (e->matrix.name) text_print(&json, "\"X\", \"place\": %d", j);
        else text_json(&json, e->name[j]);
        text_add(&json, ", \"column\": ");
        text_json(&json, column->name ? column->name : "");
        text_print(&json, ", \"kind\": \"%s\", \"type\": \"%s\"", column_kind_names[column->kind],
                   onnx_type_name(e->matrix.name ? e->matrix.type : e->cell[j].type));
        if (column->kind == COLUMN_DATE) text_add(&json, ", \"unit\": \"seconds since 1970-01-01, UTC\"");
        text_add(&json, "}");
    }
    text_add(&json, "]");
    onnx_note_json(e, "features", &json);
}

static void note_missing(OnnxExport *e)
{
    const ReadRules *rules = &e->model->schema.rules;
    const int n = rules->n_missing > 0 ? rules->n_missing : N_MISSING_UNSAID;
    const char *const *words = rules->n_missing > 0 ? rules->missing : missing_unsaid;
    Text json = {0};
    text_add(&json, "[");
    for (int i = 0; i < n; i++) {
        if (i) text_add(&json, ", ");
        text_json(&json, words[i]);
    }
    text_add(&json, "]");
    onnx_note_json(e, "missing", &json);
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static bool check(const OnnxExport *e, Error *err)
{
    const Schema *schema = &e->model->schema;
    for (int j = 0; j < schema->n_columns; j++) {
        const Column *column = &schema->columns[j];
        if (column->kind == COLUMN_FREE_TEXT)
            return error_set(err, ERR_INVALID, "column `%.60s` is free text, which becomes hashed n-grams, and"
                             " ONNX has no operator for them; --to c writes this model", column->name);
        if (column->kind != COLUMN_NUMERIC && e->options->inputs == ONNX_MATRIX)
            return error_set(err, ERR_INVALID, "column `%.60s` is %s, and a matrix holds numbers only; leave"
                             " out --inputs matrix for one input a column", column->name,
                             column->kind == COLUMN_DATE ? "a date" : "of words");
    }
    if (schema->n_columns == 0 && e->options->inputs == ONNX_MATRIX)
        return error_set(err, ERR_INVALID, "--inputs matrix is for tables, and this model takes pictures");
    return true;
}

static void add_columns(OnnxExport *e)
{
    const int n = e->model->schema.n_columns;
    if (e->options->inputs == ONNX_MATRIX) {
        OnnxType type = ONNX_FLOAT;
        for (int j = 0; j < n; j++)
            if (type_of(e, j) == ONNX_DOUBLE) type = ONNX_DOUBLE;
        e->matrix = onnx_input(&e->g, "X", type, 2, (const int[]){ONNX_ROWS, n});
    }
    for (int j = 0; j < n && !e->matrix.name; j++)
        e->cell[j] = onnx_input(&e->g, e->name[j], type_of(e, j), 2, (const int[]){ONNX_ROWS, 1});
    note_features(e);
    note_missing(e);
}

bool onnx_inputs(OnnxExport *e, Error *err)
{
    const Schema *schema = &e->model->schema;
    if (!check(e, err)) return false;
    e->cell = ARENA_NEW(e->arena, OnnxValue, schema->n_columns);
    e->name = ARENA_NEW(e->arena, const char *, schema->n_columns);
    if (!e->cell || !e->name || !name_all(e)) return error_memory(err);
    if (schema->n_columns > 0) add_columns(e);
    else
        e->matrix = onnx_input(&e->g, "X", ONNX_UINT8, 4,
                               (const int[]){ONNX_ROWS, schema->height, schema->width,
                                             pixels_channels(schema->channels)});
    return true;
}

OnnxValue onnx_cell(OnnxExport *e, int j)
{
    return onnx_cells(e, j, 1);
}

OnnxValue onnx_cells(OnnxExport *e, int j, int n)
{
    if (e->matrix.name)
        return n == e->model->schema.n_columns ? e->matrix : onnx_slice(&e->g, e->matrix, 1, j, n);
    OnnxType type = e->cell[j].type;
    for (int i = 1; i < n; i++)
        if (e->cell[j + i].type == ONNX_DOUBLE) type = ONNX_DOUBLE;
    OnnxValue *all = ARENA_NEW(e->arena, OnnxValue, n);
    if (!all) {
        e->g.broken = true;
        return (OnnxValue){NULL, type};
    }
    for (int i = 0; i < n; i++) all[i] = onnx_cast(&e->g, e->cell[j + i], type);
    return onnx_concat(&e->g, 1, n, all);
}
