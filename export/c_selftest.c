/* Rows with what is expected of them, and the function that compares. */
#include "export/c_selftest.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "export/c_encode.h"
#include "export/c_predict.h"
#include "plan/run.h"

enum { SELFTEST_ROWS = 10 };

/* Rows to test with when none were given: around where each column's values lie, with some missing
 * and some words that were never seen. */
static bool make_up(CExport *e, Table *table, Error *err)
{
    const Schema *schema = &e->model->schema;
    const int n = SELFTEST_ROWS;
    Rng rng = rng_stream(1, 0, RNG_SYNTH);
    *table = (Table){.n_rows = n, .n_columns = schema->n_columns, .height = schema->height,
                     .width = schema->width, .channels = schema->channels, .n_classes = schema->n_classes};
    if (e->image) {
        uint8_t *pixels = ARENA_NEW(e->arena, uint8_t, (size_t)n * (size_t)e->n_inputs);
        if (!pixels) return error_memory(err);
        for (int i = 0; i < n * e->n_inputs; i++) /* a third lit, as in drawings */
            pixels[i] = rng_below(&rng, 3) ? 0 : (uint8_t)rng_below(&rng, 256);
        table->pixels = pixels;
        return true;
    }
    table->columns = ARENA_NEW(e->arena, Column, schema->n_columns);
    if (!table->columns) return error_memory(err);
    for (int j = 0; j < schema->n_columns; j++) {
        const PrepColumn *prep = &e->model->preps[0]->columns[j];
        Column *column = &table->columns[j];
        *column = schema->columns[j];
        if (column->kind == COLUMN_FREE_TEXT) {
            static const char *const made[] = {"Made up: good, and not so good", "it is the best",
                                         "\303\234ber alles", "no. 1"};
            column->levels = (const char **)made;
            column->n_levels = sizeof made / sizeof *made;
        }
        column->number = ARENA_NEW(e->arena, double, n);
        column->code = ARENA_NEW(e->arena, int32_t, n);
        if (!column->number || !column->code) return error_memory(err);
        for (int i = 0; i < n; i++) {
            double unit = column->kind == COLUMN_DATE ? 86400 : 1; /* of days */
            double spread = prep->n_knots ? 0 : prep->scale != 0 ? 1 / prep->scale : 1;
            double z = rng_normal(&rng);
            uint32_t draw = rng_u32(&rng);
            column->number[i] = (prep->shift + spread * z) * unit;
            if (prep->n_knots)
                column->number[i] = prep->knots[draw % (uint32_t)prep->n_knots] * unit;
            if (draw % 8 == 0) column->number[i] = NAN;
            column->code[i] = (int32_t)(draw % (uint32_t)(column->n_levels + 1)) - 1;
        }
    }
    return true;
}

/* The schema's number of a table's level: they are the same list at first, but a table may have
 * met more. */
static double raw_value(const CExport *e, const Table *table, int row, int j)
{
    const Column *column = &table->columns[j], *known = &e->model->schema.columns[j];
    if (!column_has_words(column->kind)) return column_number(column, row);
    int code = column->code[row];
    if (code < 0) return NAN;
    for (int i = 0; i < known->n_levels; i++)
        if (strcmp(known->levels[i], column->levels[code]) == 0) return i;
    return -1;
}

static void raw_input(CExport *e, const Table *table, int row, int j)
{
    const Column *column = &table->columns[j];
    bool text = column->kind == COLUMN_FREE_TEXT, there = text && column->code[row] >= 0;
    text_add(e->out, "{");
    if (text) text_add(e->out, "NAN, ");
    else c_cell(e, raw_value(e, table, row, j));
    if (!text) text_add(e->out, ", ");
    if (there) c_string(e->out, column->levels[column->code[row]]);
    else text_add(e->out, "0");
    text_add(e->out, "}");
}

/* Texts may be as long as they like, constants may not: the self-test takes their beginnings. */
static bool cut_texts(CExport *e, Table *table, Error *err)
{
    enum { LONGEST = 400 };
    for (int j = 0; j < table->n_columns; j++) {
        Column *column = &table->columns[j];
        if (column->kind != COLUMN_FREE_TEXT) continue;
        const char **levels = ARENA_NEW(e->arena, const char *, column->n_levels);
        if (!levels) return error_memory(err);
        for (int k = 0; k < column->n_levels; k++) levels[k] = column->levels[k];
        for (int i = 0; i < table->n_rows; i++) {
            int code = column->code[i];
            if (code < 0 || strlen(levels[code]) <= LONGEST) continue;
            levels[code] = arena_copy_n(e->arena, levels[code], LONGEST);
            if (!levels[code]) return error_memory(err);
        }
        column->levels = levels;
    }
    return true;
}

static const char probabilities_code[] =
    "\n"
    "int @_selftest(void)\n"
    "{\n"
    "    int row, c;\n"
    "    float p[sizeof @_test_p[0] / sizeof(float)];\n"
    "    for (row = 0; row < (int)(sizeof @_test_x / sizeof @_test_x[0]); row++) {\n"
    "        (void)@_predict(@_test_x[row], p);\n"
    "        for (c = 0; c < (int)(sizeof p / sizeof p[0]); c++)\n"
    "            if (!(fabsf(p[c] - @_test_p[row][c]) < 1e-4f)) return row + 1;\n"
    "    }\n"
    "    return 0;\n"
    "}\n"
    "#endif\n";
/* A number may be off by a ten thousandth of how much its target varies, and of itself. */
static const char numbers_code[] =
    "\n"
    "int @_selftest(void)\n"
    "{\n"
    "    int row, c;\n"
    "    double y[$_N_VALUES];\n"
    "    for (row = 0; row < (int)(sizeof @_test_x / sizeof @_test_x[0]); row++) {\n"
    "        (void)@_predict(@_test_x[row], y);\n"
    "        for (c = 0; c < $_N_VALUES; c++) {\n"
    "            const double want = @_test_y[row][c], scale = @_test_scale[c / ($_N_VALUES / $_N_TARGETS)];\n"
    "            if (!(fabs(y[c] - want) <= 1e-4 * (scale + fabs(want)))) return row + 1;\n"
    "        }\n"
    "    }\n"
    "    return 0;\n"
    "}\n"
    "#endif\n";

static void probabilities(CExport *e, int n, const float *p)
{
    text_print(e->out, "static const float %s_test_p[%d][%d] = {", e->name, n, e->n_values);
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    {" : "\n    {");
        for (int c = 0; c < e->n_values; c++) {
            if (c) text_add(e->out, ", ");
            c_float(e->out, p[(size_t)i * (size_t)e->n_values + (size_t)c]);
        }
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
}

static void numbers(CExport *e, int n, const float *values)
{
    const Task *task = &e->model->schema.task;
    text_print(e->out, "static const double %s_test_y[%d][%s_N_VALUES] = {", e->name, n, e->capitals);
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    {" : "\n    {");
        for (int c = 0; c < e->n_values; c++) {
            c_break(e->out, (size_t)c, 4);
            c_double(e->out, task_number(task, c / task_stride(task),
                                         (double)values[(size_t)i * (size_t)e->n_values + (size_t)c]));
        }
        text_add(e->out, "}");
    }
    text_print(e->out, "};\nstatic const double %s_test_scale[%s_N_TARGETS] = {", e->name, e->capitals);
    for (int t = 0; t < task->n_targets; t++) {
        c_break(e->out, (size_t)t, 6);
        c_double(e->out, task->targets[t].scale);
    }
    text_add(e->out, "};\n");
}

bool c_selftest(CExport *e, const Table *table, Error *err)
{
    Table made;
    if (!table || table->n_rows == 0) {
        if (!make_up(e, &made, err)) return false;
        table = &made;
    }
    int32_t first[SELFTEST_ROWS];
    int n = table->n_rows < SELFTEST_ROWS ? table->n_rows : SELFTEST_ROWS;
    Table *rows = &made;
    for (int i = 0; i < n; i++) first[i] = i;
    if (table != &made && !table_rows(table, first, n, e->arena, &rows, err)) return false;
    if (e->has_texts && !cut_texts(e, rows, err)) return false;
    float *proba = ARENA_NEW(e->arena, float, (size_t)n * (size_t)e->n_values);
    if (!proba) return error_memory(err);
    if (e->plan->numbers == PLAN_F32 ? !model_predict(e->model, rows, e->arena, proba, err)
                                     : !plan_run(e->plan, rows, e->arena, proba, err))
        return error_wrap(err, "self-test");
    text_print(e->out, "\n#ifndef %s_NO_SELFTEST\nstatic const %s_input %s_test_x[%d][%s_N_INPUTS] = {",
               e->capitals, e->name, e->name, n, e->capitals);
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    {" : "\n    {");
        for (int j = 0; j < e->n_inputs; j++) {
            c_break(e->out, (size_t)j, e->image ? 24 : 6);
            if (e->image) text_print(e->out, "%d", rows->pixels[i * e->n_inputs + j]);
            else if (e->has_texts) raw_input(e, rows, i, j);
            else c_cell(e, raw_value(e, rows, i, j));
        }
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
    if (c_has_numbers(e)) numbers(e, n, proba);
    else probabilities(e, n, proba);
    c_emit(e, c_has_numbers(e) ? numbers_code : probabilities_code);
    return true;
}
