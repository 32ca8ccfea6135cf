/* Rows with what is expected of them, and the function that compares. */
#include "export/c_selftest.h"

#include <math.h>
#include <string.h>

#include "export/c_encode.h"
#include "export/c_predict.h"
#include "model/made_rows.h"
#include "plan/run.h"

enum { SELFTEST_ROWS = 10 };

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
        if (!made_rows(e->model, SELFTEST_ROWS, e->arena, &made, err)) return false;
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
