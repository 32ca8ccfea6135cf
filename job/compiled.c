/* job/compiled.c - writes the program, compiles it, feeds it and reads what it says. */
#include "job/compiled.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "job/tool.h"

enum { LIMIT_S = 600 };
enum { CELL_MISSING, CELL_NUMBER, CELL_WORD, CELL_TEXT };

/* ---- the program ------------------------------------------------------------------------------ */

static const char program[] =
    "#include <math.h>\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "static model_input x[DRIVE_INPUTS];\n"
    "static DRIVE_VALUE v[DRIVE_VALUES];\n"
    "#if !DRIVE_PICTURE\n"
    "static char *text[DRIVE_INPUTS];\n"
    "static int cell(FILE *in, int i)\n"
    "{\n"
    "    unsigned n;\n"
    "    double number = NAN;\n"
    "    int kind = fgetc(in);\n"
    "    if (kind == EOF) return 0;\n"
    "    if (kind == 1 && fread(&number, sizeof number, 1, in) != 1) exit(3);\n"
    "    if (kind > 1) {\n"
    "        if (fread(&n, sizeof n, 1, in) != 1) exit(3);\n"
    "        text[i] = (char *)realloc(text[i], (size_t)n + 1);\n"
    "        if (!text[i] || fread(text[i], 1, n, in) != n) exit(3);\n"
    "        text[i][n] = 0;\n"
    "    }\n"
    "#if DRIVE_WORDS\n"
    "    if (kind == 2) number = model_level(i, text[i]);\n"
    "#endif\n"
    "#if DRIVE_TEXTS\n"
    "    x[i].number = number;\n"
    "    x[i].text = kind == 3 ? text[i] : 0;\n"
    "#else\n"
    "    x[i] = (model_input)number;\n"
    "#endif\n"
    "    return 1;\n"
    "}\n"
    "#endif\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    FILE *in = fopen(argv[argc - 2], \"rb\"), *out = fopen(argv[argc - 1], \"wb\");\n"
    "    int i;\n"
    "    if (!in || !out) return 3;\n"
    "    for (;;) {\n"
    "#if DRIVE_PICTURE\n"
    "        if (fread(x, 1, sizeof x, in) != sizeof x) break;\n"
    "#else\n"
    "        for (i = 0; i < DRIVE_INPUTS; i++)\n"
    "            if (!cell(in, i)) break;\n"
    "        if (i < DRIVE_INPUTS) break;\n"
    "#endif\n"
    "        (void)model_predict(x, v);\n"
    "        for (i = 0; i < DRIVE_VALUES; i++) {\n"
    "            double y = (double)v[i];\n"
    "            fwrite(&y, sizeof y, 1, out);\n"
    "        }\n"
    "    }\n"
    "    return fclose(out) == 0 ? 0 : 3;\n"
    "}\n";

static void write_program(const Model *model, Text *out)
{
    const Schema *schema = &model->schema;
    bool words = false, texts = false;
    for (int j = 0; j < schema->n_columns; j++) {
        const ColumnKind kind = schema->columns[j].kind;
        words |= kind == COLUMN_NOMINAL || kind == COLUMN_ORDERED;
        texts |= kind == COLUMN_FREE_TEXT;
    }
    text_print(out, "#include \"model.h\"\n#define DRIVE_INPUTS %zu\n#define DRIVE_VALUES %d\n",
               schema->n_columns ? (size_t)schema->n_columns : PIXELS_OF(schema), model_values(model));
    text_print(out, "#define DRIVE_PICTURE %d\n#define DRIVE_WORDS %d\n#define DRIVE_TEXTS %d\n"
                    "#define DRIVE_VALUE %s\n", schema->n_columns == 0, words, texts,
               schema->task.kind == TASK_NUMBERS ? "double" : "float");
    text_add(out, program);
}

/* ---- rows and values -------------------------------------------------------------------------- */

static void add_cell(const Column *column, int row, Text *out)
{
    char kind = CELL_MISSING;
    const bool words = column_has_words(column->kind);
    const double number = words ? NAN : column_number(column, row);
    const char *text = words && column->code[row] >= 0 ? column->levels[column->code[row]] : NULL;
    const unsigned n = text ? (unsigned)strlen(text) : 0;
    if (text) kind = column->kind == COLUMN_FREE_TEXT ? CELL_TEXT : CELL_WORD;
    else if (!words && !isnan(number)) kind = CELL_NUMBER;
    text_add_n(out, &kind, 1);
    if (kind == CELL_NUMBER) text_add_n(out, (const char *)&number, sizeof number);
    if (!text) return;
    text_add_n(out, (const char *)&n, sizeof n);
    text_add_n(out, text, n);
}

static void write_rows(const Table *rows, Text *out)
{
    if (rows->pixels) {
        text_add_n(out, (const char *)rows->pixels, (size_t)rows->n_rows * PIXELS_OF(rows));
        return;
    }
    for (int i = 0; i < rows->n_rows; i++)
        for (int j = 0; j < rows->n_columns; j++) add_cell(&rows->columns[j], i, out);
}

static bool read_values(const Model *model, const Table *rows, const char *path, float *values, Error *err)
{
    const Task *task = &model->schema.task;
    const size_t k = (size_t)model_values(model), n = (size_t)rows->n_rows * k;
    Bytes bytes;
    if (!file_read_plain(path, 0, &bytes, err)) return false;
    const bool whole = bytes.n == n * sizeof(double);
    for (size_t i = 0; whole && i < n; i++) {
        double y;
        memcpy(&y, bytes.bytes + i * sizeof y, sizeof y);
        if (task->kind == TASK_NUMBERS) y = task_value(task, (int)(i % k) / task_stride(task), y);
        values[i] = (float)y;
    }
    bytes_free(&bytes);
    return whole || error_set(err, ERR_INVALID, "the compiled C has not predicted all rows");
}

/* ---- all of it --------------------------------------------------------------------------------- */

enum { HEADER, SOURCE, MAIN, ROWS, N_WRITTEN, PROGRAM = N_WRITTEN, VALUES, SAID, N_PATHS };

static bool run(const Model *model, const Table *rows, char *const *path, float *values, Error *err)
{
    static const char missing[] = "--verify compile needs a C compiler (apt-get install gcc)";
    const char *const compile[] = {"cc", "-std=c99", "-O1", "-ffp-contract=off", "-DMODEL_NO_SELFTEST", "-o",
                                   path[PROGRAM], path[MAIN], path[SOURCE], "-lm", NULL};
    const char *const start[] = {path[PROGRAM], path[ROWS], path[VALUES], NULL};
    return tool_run(compile, LIMIT_S, path[SAID], missing, err)
        && tool_run(start, LIMIT_S, path[SAID], missing, err) && read_values(model, rows, path[VALUES],
                                                                             values, err);
}

static bool in_folder(const Model *model, const Table *rows, const Text *texts, const char *folder,
                      Arena *arena,
                      float *values, Error *err)
{
    static const char *const names[N_PATHS] = {"model.h", "model.c", "main.c", "rows", "model", "values",
                                               "said"};
    char *path[N_PATHS], *work = arena_print(arena, "%s/.consort-c-XXXXXX", folder);
    bool ok = work != NULL || error_memory(err);
    for (int i = 0; ok && i < N_PATHS; i++)
        ok = (path[i] = arena_print(arena, "%s/%s", work, names[i])) != NULL || error_memory(err);
    for (int i = 0; ok && i < N_WRITTEN; i++) ok = text_ok(&texts[i]) || error_memory(err);
    const bool made = ok && !file_exists(folder);
    if (!ok || !file_make_folder(folder, err)) return false;
    if (!mkdtemp(work)) return error_set(err, ERR_IO, "cannot make a folder in %s: %s", folder,
                                         strerror(errno));
    for (int i = 0; i < N_PATHS; i++) memcpy(path[i], work, strlen(work)); /* mkdtemp has named it */
    for (int i = 0; ok && i < N_WRITTEN; i++) ok = file_write(path[i], texts[i].bytes, texts[i].n, err);
    ok = ok && run(model, rows, path, values, err);
    for (int i = 0; i < N_PATHS; i++) unlink(path[i]);
    rmdir(work);
    if (made) rmdir(folder); /* who writes into it makes it again */
    return ok;
}

bool compiled_run(const Plan *plan, CTarget target, const Table *rows, const char *folder, Arena *arena,
                  float *values, Error *err)
{
    const Model *model = plan->model;
    const CExportOptions options = {.target = target, .name = "model", .plan = plan};
    Text texts[N_WRITTEN] = {{0}};
    write_program(model, &texts[MAIN]);
    write_rows(rows, &texts[ROWS]);
    bool ok = c_source_write(model, &options, arena, &texts[HEADER], &texts[SOURCE], err)
           && in_folder(model, rows, texts, folder, arena, values, err);
    for (int i = 0; i < N_WRITTEN; i++) text_free(&texts[i]);
    return ok;
}
