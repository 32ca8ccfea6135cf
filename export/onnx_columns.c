/* Encoding: pixels, numbers, words, levels in order, columns made of others. */
#include "export/onnx_columns.h"

#include <math.h>
#include <string.h>

#include "data/reader.h"
#include "export/onnx_dates.h"
#include "export/onnx_inputs.h"
#include "export/onnx_numbers.h"

/* Were the cells of column j floats before they came here? */
static bool is_rounded(const OnnxExport *e, int j)
{
    return (e->matrix.name ? e->matrix.type : e->cell[j].type) == ONNX_FLOAT;
}

/* ---- pictures -------------------------------------------------------------------------------- */

static bool all_alike(int n, const float *values)
{
    for (int i = 1; i < n; i++)
        if (values[i] != values[0]) return false;
    return true;
}

static OnnxValue pixel_row(OnnxExport *e, int n, const float *values)
{
    if (all_alike(n, values)) return onnx_number(&e->g, ONNX_FLOAT, (double)values[0]);
    return onnx_weights(&e->g, 0, n, n, values);
}

static void pixels(OnnxExport *e, const PlanStep *step, const Prep *prep)
{
    const int n = prep->n_features;
    OnnxValue v = onnx_reshape(&e->g, e->matrix, 2, (const int[]){0, n});
    v = onnx_cast(&e->g, v, ONNX_FLOAT);
    if (prep->pixel_shift[0] != 0 || !all_alike(n, prep->pixel_shift))
        v = onnx_op2(&e->g, "Sub", v, pixel_row(e, n, prep->pixel_shift));
    onnx_part(e, step->out, 0, onnx_op2(&e->g, "Mul", v, pixel_row(e, n, prep->pixel_scale)));
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool has_word(int n, const char *const *words, const char *word)
{
    for (int i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0) return true;
    return false;
}

/* Words of column j as numbers: value[i] for level i of `levels`, `missing` for what means missing, unless the
 * column knows it as a word, and `other` for all else. */
static OnnxValue encode_words(OnnxExport *e, int j, OnnxType type, int n, const char *const *levels,
                              const double *value, double missing, double other)
{
    const Schema *schema = &e->model->schema;
    const ReadRules *rules = &schema->rules;
    const Column *column = &schema->columns[j];
    const int n_missing = rules->n_missing > 0 ? rules->n_missing : N_MISSING_UNSAID;
    const char *const *words = rules->n_missing > 0 ? rules->missing : missing_unsaid;
    const char **keys = ARENA_NEW(e->arena, const char *, n + n_missing);
    double *numbers = ARENA_NEW(e->arena, double, n + n_missing);
    int k = 0;
    if (!keys || !numbers) return onnx_broken(e);
    for (int i = 0; i < n; i++) keys[k] = levels[i], numbers[k++] = value[i];
    for (int i = 0; i < n_missing; i++) {
        if (has_word(column->n_levels, column->levels, words[i]) || has_word(k, keys, words[i])) continue;
        keys[k] = words[i], numbers[k++] = missing;
    }
    return onnx_encode_words(&e->g, onnx_cell(e, j), type, k, keys, numbers, other);
}

static OnnxValue word_number(OnnxExport *e, int j, const PrepColumn *column, const double *value,
                             double missing, double other)
{
    return encode_words(e, j, ONNX_FLOAT, column->n_levels, column->levels, value, missing, other);
}

static void word(OnnxExport *e, const PlanStep *step, const PrepColumn *column)
{
    const int j = step->column, known = column->n_levels, out = step->out, first = step->first;
    const int n = known + column->missing_level + column->unseen_level;
    const double missing = column->missing_level ? known : -1;
    double unseen = column->unseen_level ? known + column->missing_level : -1;
    double *place = onnx_counting(e, n > known ? n : known, column->coded ? 1 : 0);
    if (!place) return;
    if (column->kind == COLUMN_ORDERED) unseen = missing; /* what is no level in order is missing */
    if (column->coded) {
        onnx_part(e, out, first, word_number(e, j, column, place, missing + 1, unseen + 1));
        return;
    }
    if (known == 2) {
        static const double sides[2] = {-1, 1};
        onnx_part(e, out, first, word_number(e, j, column, sides, 0, 0));
        return;
    }
    if (n <= 1) { /* is it the only one? */
        static const double only[1] = {1};
        onnx_part(e, out, first, word_number(e, j, column, only, n > 0 && missing == 0, n > 0 && unseen == 0));
        return;
    }
    const OnnxValue code = encode_words(e, j, ONNX_INT64, known, column->levels, place, missing, unseen);
    const OnnxValue hot = onnx_op2(&e->g, "Equal", code, onnx_row(&e->g, ONNX_INT64, n, place));
    onnx_part(e, out, first, onnx_cast(&e->g, hot, ONNX_FLOAT));
}

/* The place of a level in order, NaN where there is none. */
static OnnxValue level(OnnxExport *e, int j)
{
    const Column *column = &e->model->schema.columns[j];
    const double *place = onnx_counting(e, column->n_levels, 0);
    if (!place) return onnx_broken(e);
    return encode_words(e, j, ONNX_FLOAT, column->n_levels, column->levels, place, (double)NAN, (double)NAN);
}

/* A feature for each step that is reached. */
static void thermometer(OnnxExport *e, const PlanStep *step, const PrepColumn *column)
{
    OnnxGraph *g = &e->g;
    const OnnxValue raw = level(e, step->column), present = onnx_finite(e, raw);
    const int n = column->high - column->low;
    const OnnxValue v = onnx_where(g, present, raw, onnx_number(g, ONNX_FLOAT, column->fill));
    if (n < 1) {
        onnx_part(e, step->out, step->first, onnx_with(g, "Mul", v, 0));
        return;
    }
    const double *steps = onnx_counting(e, n, column->low + 1);
    if (!steps) return;
    const OnnxValue reached = onnx_op2(g, "GreaterOrEqual", v, onnx_row(g, ONNX_FLOAT, n, steps));
    onnx_part(e, step->out, step->first, onnx_cast(g, reached, ONNX_FLOAT));
    if (column->flag)
        onnx_part(e, step->out, step->first + n, onnx_cast(g, onnx_op1(g, "Not", present), ONNX_FLOAT));
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Which of n columns' cells are there: finite, and no number that the model takes for missing. */
static OnnxValue present_of(OnnxExport *e, OnnxValue raw, int j, int n)
{
    const ReadRules *rules = &e->model->schema.rules;
    OnnxValue present = onnx_finite(e, raw);
    for (int i = 0; i < rules->n_missing; i++) {
        double number, *row;
        if (!reading_number(rules->missing[i], strlen(rules->missing[i]), false, &number) || !isfinite(number))
            continue;
        row = ARENA_NEW(e->arena, double, n);
        if (!row) return onnx_broken(e);
        for (int k = 0; k < n; k++) row[k] = is_rounded(e, j + k) ? (double)(float)number : number;
        const OnnxValue is = onnx_op2(&e->g, "Equal", raw, onnx_row(&e->g, raw.type, n, row));
        present = onnx_op2(&e->g, "And", present, onnx_op1(&e->g, "Not", is));
    }
    return present;
}

static void numbers(OnnxExport *e, const PlanStep *step, const PrepColumn *columns)
{
    const int j = step->column, n = step->n_columns;
    if (columns->kind == COLUMN_ORDERED && columns->coding == ORDERED_THERMOMETER) {
        thermometer(e, step, columns);
    } else if (columns->kind == COLUMN_ORDERED) {
        const OnnxValue raw = level(e, j);
        onnx_number_features(e, step, columns, 1, raw, onnx_finite(e, raw), false);
    } else if (columns->kind == COLUMN_DATE) {
        const OnnxValue days = onnx_days(e, onnx_cell(e, j));
        onnx_number_features(e, step, columns, 1, days, onnx_finite(e, days), false);
    } else {
        const OnnxValue raw = onnx_cells(e, j, n);
        onnx_number_features(e, step, columns, n, raw, present_of(e, raw, j, n), is_rounded(e, j));
    }
}

/* ---- derived columns ------------------------------------------------------------------------- */

/* A number of the row in double, NaN where it is missing. */
static OnnxValue operand(OnnxExport *e, int j)
{
    const OnnxValue raw = onnx_cell(e, j), present = present_of(e, raw, j, 1);
    return onnx_where(&e->g, present, onnx_cast(&e->g, raw, ONNX_DOUBLE),
                      onnx_number(&e->g, ONNX_DOUBLE, (double)NAN));
}

/* Which group a word belongs to: its level, then missing, then rare or never met. */
static OnnxValue group(OnnxExport *e, const Prep *prep, int j)
{
    const PrepColumn *column = &prep->columns[j];
    const double *place = onnx_counting(e, column->n_levels, 0);
    if (!place) return onnx_broken(e);
    return encode_words(e, j, ONNX_INT64, column->n_levels, column->levels, place, column->n_levels,
                        column->n_levels + 1);
}

static OnnxValue looked_up(OnnxExport *e, const Prep *prep, const Derivation *d)
{
    OnnxGraph *g = &e->g;
    OnnxValue cell = group(e, prep, d->kind == DERIVE_TARGET ? d->a : d->b);
    if (d->kind == DERIVE_TARGET && d->b >= 0)
        cell = onnx_op2(g, "Add", onnx_with(g, "Mul", cell, prep->columns[d->b].n_levels + 2),
                        group(e, prep, d->b));
    return onnx_gather(g, onnx_numbers(g, ONNX_DOUBLE, 1, &d->n_cells, d->cells), cell, 0);
}

static void derived(OnnxExport *e, const PlanStep *step, const Prep *prep)
{
    static const char *const signs[] = {"Sub", "Div", "Mul", "Add"};
    const Derivation *d = &prep->derived[step->column];
    OnnxValue v;
    if (!derive_by_words(d->kind)) v = onnx_op2(&e->g, signs[d->kind], operand(e, d->a), operand(e, d->b));
    else v = looked_up(e, prep, d);
    if (d->kind == DERIVE_DEVIATION) v = onnx_op2(&e->g, "Sub", operand(e, d->a), v);
    onnx_number_features(e, step, &prep->columns[prep_table_columns(prep) + step->column], 1, v,
                         onnx_finite(e, v), false);
}

void onnx_encode(OnnxExport *e, const PlanStep *step)
{
    const Prep *prep = e->model->preps[step->prep];
    e->g.scope = arena_print(e->arena, "encode%d", step->prep);
    if (!e->g.scope) e->g.broken = true;
    switch (step->op) {
    case PLAN_PIXELS: pixels(e, step, prep); return;
    case PLAN_NUMBERS: numbers(e, step, &prep->columns[step->column]); return;
    case PLAN_WORD: word(e, step, &prep->columns[step->column]); return;
    case PLAN_DERIVED: derived(e, step, prep); return;
    default: onnx_broken(e); return; /* texts were refused */
    }
}
