/* Derived columns, all the way: a model that was fitted, the same saved and read back, and the C source that was
 * written of it say the same of rows with missing cells, words never met and numbers without a ratio. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mat.h"
#include "export/c_source.h"
#include "tests/model_maker.h"

#define WARNINGS "-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror"

enum { ROWS = 600, NEW_ROWS = 200, LEVELS = 5, COLUMNS = 6, PREPS = 4 };

static char folder[] = "/tmp/consort-derived-XXXXXX";
static Error err;

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* a, b, d numbers; u, v, w words, the last level of each for new rows alone; classes by all of them. */
static Table make_rows(int n, uint64_t seed, int n_classes, bool with_numbers, Arena *arena)
{
    static const char *const names[COLUMNS] = {"a", "u", "b", "v", "d", "w"};
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    const int step = with_numbers ? 1 : 2;
    Table table = {.n_rows = n, .n_classes = n_classes, .label_name = "y",
                   .columns = ARENA_NEW(arena, Column, COLUMNS), .labels = ARENA_NEW(arena, int32_t, n),
                   .classes = ARENA_NEW(arena, const char *, n_classes)};
    for (int c = 0; c < n_classes; c++) table.classes[c] = make_name(arena, "class ", c);
    Column *of[COLUMNS];
    for (int j = 0; j < COLUMNS; j++) {
        const bool words = j % 2;
        if (!words && !with_numbers) continue;
        Column *column = of[j] = &table.columns[table.n_columns++];
        *column = (Column){.name = names[j], .kind = words ? COLUMN_NOMINAL : COLUMN_NUMERIC};
        column->n_levels = words ? LEVELS : 0;
        column->levels = ARENA_NEW(arena, const char *, LEVELS);
        column->code = ARENA_NEW(arena, int32_t, n);
        column->number = ARENA_NEW(arena, double, n);
        for (int k = 0; words && k < LEVELS; k++) column->levels[k] = make_name(arena, "level ", k);
        for (int i = 0; i < n; i++) {
            column->number[i] = rng_below(&rng, 20) ? rng_normal(&rng) : 0;
            column->code[i] = (int32_t)rng_below(&rng, seed == 1 ? LEVELS - 1 : LEVELS);
        }
    }
    for (int i = 0; i < n; i++) {
        int y = (of[1]->code[i] + of[3]->code[i]) % 2;
        if (with_numbers) {
            y += of[0]->number[i] * of[2]->number[i] > 0;
            y += of[4]->number[i] > 0.3;
            of[4]->number[i] += 5 * of[5]->code[i];
        }
        if (with_numbers) y = n_classes == 2 ? y > 1 : y > 2 ? 2 : y;
        table.labels[i] = y;
        for (int j = 0; j < COLUMNS; j += step) {
            if (!with_numbers && j == 0) j = 1;
            if (rng_below(&rng, 12)) continue;
            of[j]->n_missing++;
            of[j]->code[i] = -1;
            of[j]->number[i] = rng_below(&rng, 2) ? NAN : INFINITY;
        }
    }
    return table;
}

static Model *fit(const Table *table, Arena *arena)
{
    static const PrepOptions options[PREPS] = {
        {.numeric = NUMERIC_ROBUST, .derive = {TARGET_OOF, 0, 0, 0}},
        {.numeric = NUMERIC_QUANTILE, .min_count = 4, .derive = {TARGET_NONE, 3, 4, 0}},
        {.numeric = NUMERIC_STANDARD, .numeric_embedding = NUMERIC_EMBED_PLE, .ple_bins = 6,
         .derive = {TARGET_OOF, 2, 4, 3}},
        {.numeric = NUMERIC_ROBUST, .impute = IMPUTE_MEAN}, /* one without */
    };
    static const int hidden[] = {9};
    Rng rng = rng_stream(9, 0, RNG_TEST);
    Model *model = ARENA_NEW(arena, Model, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, PREPS);
    ModelMember *members = ARENA_NEW(arena, ModelMember, PREPS);
    for (int p = 0; p < PREPS; p++) {
        Prep *prep = NULL;
        ModelNet *net = ARENA_NEW(arena, ModelNet, 1);
        if (!prep_fit(&options[p], table, NULL, table->n_rows, arena, &prep, &err)) fail_msg("%s", err.message);
        assert_int_equal(prep->n_derived > 0, p < 3);
        preps[p] = prep;
        *net = (ModelNet){make_net(prep->n_features, hidden, 1, table->n_classes, ACT_RELU, &rng, arena), p};
        members[p] = (ModelMember){.name = make_name(arena, "m", p), .weight = 1, .n_nets = 1, .nets = net};
    }
    *model = (Model){.name = "it", .schema = table_schema(table), .n_preps = PREPS, .preps = preps,
                     .n_members = PREPS, .members = members, .combine = COMBINE_AVERAGE, .temperature = 1,
                     .provenance = "{}"};
    return model;
}

static void put(const char *name, const char *bytes, size_t n)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!file_write(path, bytes, n, &err)) fail_msg("%s", err.message);
}

/* The self-test that is written has these rows and what the model says of them. */
static void same_in_c(const Model *model, const Table *sample, const char *compiler, Arena *arena)
{
    static const char driver[] = "#include \"it.h\"\nint main(void) { return it_selftest() ? 1 : 0; }\n";
    Text header = {0}, source = {0};
    char path[100], command[400];
    Bytes log;
    if (!c_source_write(model, &(CExportOptions){.name = "it", .sample = sample}, arena, &header, &source, &err))
        fail_msg("%s", err.message);
    put("it.h", header.bytes, header.n);
    put("it.c", source.bytes, source.n);
    put("main.c", driver, sizeof driver - 1);
    text_free(&header);
    text_free(&source);
    snprintf(command, sizeof command,
             "cd %s && (%s -c it.c -o it.o && cc -c main.c && cc -o it it.o main.o -lm && ./it) > log 2>&1", folder,
             compiler);
    if (system(command) == 0) return;
    snprintf(path, sizeof path, "%s/log", folder);
    assert_true(file_read(path, 0, &log, &err));
    fail_msg("%.3000s", log.bytes);
}

/* `slices` of ten rows each are what C is tested with: a self-test takes no more; 0: made-up rows. */
static void alike(int n_classes, bool with_numbers, int slices, const char *compiler)
{
    Arena *arena = arena_create(0);
    Table table = make_rows(ROWS, 1, n_classes, with_numbers, arena);
    Table fresh = make_rows(NEW_ROWS, 2, n_classes, with_numbers, arena);
    Model *model = fit(&table, arena), *loaded, *again;
    char path[2][100];
    const size_t n = (size_t)(NEW_ROWS * n_classes);
    float *own = ARENA_NEW(arena, float, n), *read = ARENA_NEW(arena, float, n);
    for (int i = 0; i < 2; i++) snprintf(path[i], sizeof path[i], "%s/it%d.consort", folder, i);
    if (!model_save(model, path[0], &err) || !model_load(path[0], arena, &loaded, &err)) fail_msg("%s", err.message);
    if (!model_save(loaded, path[1], &err) || !model_load(path[1], arena, &again, &err)) fail_msg("%s", err.message);
    for (int p = 0; p < PREPS; p++)
        for (int j = 0; j < model->preps[p]->n_columns; j++)
            assert_string_equal(model->preps[p]->columns[j].name, loaded->preps[p]->columns[j].name);
    if (!model_predict(model, &fresh, arena, own, &err) || !model_predict(again, &fresh, arena, read, &err))
        fail_msg("%s", err.message);
    assert_memory_equal(own, read, n * sizeof *own);
    for (int from = 0; from < 10 * slices; from += 10) {
        Table *some;
        int32_t rows[10];
        for (int i = 0; i < 10; i++) rows[i] = from + i;
        assert_true(table_rows(&fresh, rows, 10, arena, &some, &err));
        same_in_c(loaded, some, compiler, arena);
    }
    if (slices == 0) same_in_c(loaded, NULL, compiler, arena);
    arena_destroy(arena);
}

static void all_kinds_say_the_same(void **state)
{
    (void)state;
    if (system("cc --version > /dev/null 2>&1") != 0) skip();
    alike(2, true, 0, "cc -std=c99 " WARNINGS);
    alike(3, true, 2, "cc -std=c99 -O2 " WARNINGS);
}

static void so_do_words_alone(void **state)
{
    (void)state;
    if (system("cc --version > /dev/null 2>&1") != 0) skip();
    alike(2, false, 1, "cc -std=c99 " WARNINGS);
}

static void and_in_cxx(void **state)
{
    (void)state;
    if (system("c++ --version > /dev/null 2>&1") != 0) skip();
    alike(2, true, 1, "c++ -x c++ -Wall -Wextra -Wconversion -Wshadow -Werror");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_say_the_same),
        cmocka_unit_test(so_do_words_alone),
        cmocka_unit_test(and_in_cxx),
    };
    return cmocka_run_group_tests_name("export/derived", tests, set_up, tear_down);
}
