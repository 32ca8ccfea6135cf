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
    float *proba = ARENA_NEW(arena, float, (size_t)ROWS * (size_t)model->schema.n_classes);
    if (!proba || !model_predict(model, &table, arena, proba, &err)) return 0;
    for (int r = 0; r < ROWS; r++) {
        int decided = model_decide(model, proba + r * model->schema.n_classes);
        FUZZ_HOLDS(decided >= 0 && decided < model->schema.n_classes);
    }
    check_saved(model, arena);
    return 0;
}
