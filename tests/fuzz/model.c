/* Fuzzes the reader of models, in the words of tensors_input.h: what it accepts can predict any row, and saved
 * again is the same file. */
#include "base/mat.h"
#include "model/model.h"
#include "tests/fuzz/tensors_input.h"

enum { ROWS = 4 };

/* Rows of nothing, of zeros, of huge and of tiny values. */
static void any_table(const Schema *schema, Arena *arena, Table *table)
{
    static const double values[ROWS] = {NAN, 0, 1e300, -1e-300};
    *table = (Table){.n_rows = ROWS, .n_columns = schema->n_columns, .height = schema->height,
                     .width = schema->width, .n_classes = schema->n_classes, .classes = schema->classes};
    table->columns = ARENA_NEW(arena, Column, schema->n_columns);
    if (schema->n_columns == 0)
        table->pixels = ARENA_NEW(arena, uint8_t, (size_t)ROWS * (size_t)schema->height
                                                      * (size_t)schema->width);
    for (int i = 0; i < schema->n_columns; i++) {
        Column *column = &table->columns[i];
        *column = schema->columns[i];
        static const char *texts[] = {"", "Two words, and \xC3\x9C\xFF"};
        const bool words = column_has_words(column->kind);
        if (column->kind == COLUMN_FREE_TEXT) column->levels = texts, column->n_levels = 2;
        if (!words) column->number = ARENA_NEW(arena, double, ROWS);
        else column->code = ARENA_NEW(arena, int32_t, ROWS);
        for (int r = 0; r < ROWS; r++) {
            if (!words) column->number[r] = values[r];
            else column->code[r] = r == 0 || column->n_levels == 0 ? -1 : r == 1 ? 0 : column->n_levels - 1;
        }
    }
}

static void read_file(const char *path, Bytes *bytes)
{
    Error err;
    fuzz_must(file_read(path, 0, bytes, &err), &err);
}

static void check_saved(const Model *model, Arena *arena)
{
    const char *once = fuzz_path("once.consort"), *twice = fuzz_path("twice.consort");
    Error err;
    Model *again;
    Bytes a, b;
    fuzz_must(model_save(model, once, &err), &err);
    fuzz_must(model_load(once, arena, &again, &err), &err);
    fuzz_must(model_save(again, twice, &err), &err);
    read_file(once, &a);
    read_file(twice, &b);
    FUZZ_HOLDS(a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0);
    bytes_free(&a);
    bytes_free(&b);
}

/* Any row has intervals, of whatever numbers, and sets of its classes. */
static void check_promises(const Model *model, Arena *arena, const float *values)
{
    const Conformal *c = model->conformal;
    const Task *task = &model->schema.task;
    bool *in = ARENA_NEW(arena, bool, model->schema.n_classes + 1);
    if (!c || !in) return;
    for (int l = 0; l < c->n_levels; l++)
        for (int r = 0; r < ROWS; r++) {
            const float *row = values + (size_t)r * (size_t)model_values(model);
            if (task_has_classes(task)) {
                int n = conformal_set(c, l, model->schema.n_classes, row, in);
                FUZZ_HOLDS(n >= 0 && n <= model->schema.n_classes);
                continue;
            }
            for (int t = 0; t < task->n_targets; t++) {
                double low, high;
                conformal_interval(c, task, l, t, row, &low, &high);
            }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    Arena *arena = fuzz_arena();
    Model *model;
    Table table;
    Error err;
    if (!ready) mat_init(NULL);
    ready = true;
    if (!model_load(fuzz_tensors(data, size, "consort-model 1"), arena, &model, &err)) {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
        return 0;
    }
    any_table(&model->schema, arena, &table);
    const size_t n_values = (size_t)model_values(model);
    float *proba = ARENA_NEW(arena, float, (size_t)ROWS * n_values);
    if (!proba || !model_predict(model, &table, arena, proba, &err)) return 0;
    check_promises(model, arena, proba);
    for (int r = 0; r < ROWS && task_has_classes(&model->schema.task); r++) {
        int decided = model_decide(model, proba + r * model->schema.n_classes);
        FUZZ_HOLDS(decided >= 0 && decided < model->schema.n_classes);
    }
    check_saved(model, arena);
    return 0;
}
