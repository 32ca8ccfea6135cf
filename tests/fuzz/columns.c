/* Fuzzes data.columns and what columns become: the first line is its value in YAML, the rest a table. What was read is
 * encoded, so that dates, texts and levels go all the way. */
#include "base/conf.h"
#include "prep/prep.h"
#include "tests/fuzz/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *arena = fuzz_arena();
    const uint8_t *end = memchr(data, '\n', size);
    ReadOptions options = *fuzz_read_options();
    ConfNode *node;
    Error err;
    if (!end) return 0;
    char *said = fuzz_string(data, (size_t)(end - data));
    const char *kept = arena_copy(fuzz_forever(), said);
    free(said);
    if (!kept || !conf_read_value("columns", kept, fuzz_forever(), &node, &err)) return 0;
    if (!columns_check(node, &err)) {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
        return 0;
    }
    options.format = FORMAT_CSV;
    options.columns = node;
    const char *path = fuzz_file("columns.csv", end + 1, (size_t)(data + size - end - 1));
    const Table *table = fuzz_read_table(&(DataFile){.images = path}, &options, arena);
    if (!table) return 0;
    for (int way = 0; way < 3; way++) {
        PrepOptions prep = {.ordered = way, .text_features = 64 << way, .text_ngrams = way, .text_weight = way + 1,
                            .derive = {way > 0, 2 * way, 3 * way, way == 2}};
        Prep *fitted, *most;
        Rows *rows;
        if (!prep_fit(&prep, table, NULL, (table->n_rows + 1) / 2, arena, &fitted, &err)) continue;
        fuzz_must(prep_most(&prep, table, arena, &most, &err), &err);
        FUZZ_HOLDS(fitted->n_features <= most->n_features);
        fuzz_must(prep_apply_training(fitted, table, NULL, (table->n_rows + 1) / 2, arena, &rows, &err), &err);
        fuzz_must(prep_apply(fitted, table, NULL, table->n_rows, arena, &rows, &err), &err);
        float *x = ARENA_NEW(arena, float, fitted->n_features);
        for (int i = 0; x && i < table->n_rows; i++) {
            rows_gather(rows, NULL, i, 1, NULL, NULL, NULL, x, fitted->n_features);
            for (int f = 0; f < fitted->n_features; f++) FUZZ_HOLDS(isfinite(x[f]));
        }
    }
    return 0;
}
