/* Dates, times, texts and levels in order: what a model that was fitted says, the same one saved and read back, and the
 * C source that was written of it, from cells as they stand in files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mat.h"
#include "data/read.h"
#include "export/c_source.h"
#include "tests/model_maker.h"

#define WARNINGS "-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror"

enum { ROWS = 160, CELL = 200, COLUMNS = 7 };
static const char *const names[COLUMNS + 1] = {"when", "clock", "us", "note", "size", "x", "colour", "y"};

static char folder[] = "/tmp/consort-columns-XXXXXX";
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
    return getenv("KEEP") ? 0 : system(command);
}

static void put(const char *name, const char *bytes, size_t n, char *path)
{
    snprintf(path, 100, "%s/%s", folder, name);
    if (!file_write(path, bytes, n, &err)) fail_msg("%s", err.message);
}

static void any_text(Rng *rng, char *cell)
{
    static const char *const words[] = {"Der", "\xC3\x9C" "BER", "\xC3\xBC" "ber", "na\xC3\xAFve", "don't", "x", "7up", "\xD0\x9C\xD0\xB8\xD1\x80",
                                        "\xD0\xBC\xD0\xB8\xD1\x80", "\xCE\x91\xCE\xB8\xCE\xAE\xCE\xBD\xCE\xB1", "\xE2\x80\x94", "\xE6\x97\xA5\xE6\x9C\xAC",
                                        "tree", "Tree", "\xC5\x81\xC3\xB3" "d\xC5\xBA", "of", "green-blue", "\xF0\x9F\x98\x80", "\xC3\x97", "...", "12.5"};
    static const char *const gaps[] = {" ", " ", "  ", "\xC2\xA0", "; ", "/", "\xE3\x80\x82"};
    int n = (int)rng_below(rng, 14);
    *cell = '\0';
    for (int i = 0; i < n; i++) {
        if (i) strcat(cell, gaps[rng_below(rng, sizeof gaps / sizeof *gaps)]);
        strcat(cell, words[rng_below(rng, sizeof words / sizeof *words)]);
    }
}

static void any_row(Rng *rng, bool fresh, char (*cell)[CELL])
{
    static const char *const sizes[] = {"S", "M", "L", "XL", "", "NA"}, *const colours[] = {"red", "green", "blue", ""};
    int year = 1960 + (int)rng_below(rng, 90), month = 1 + (int)rng_below(rng, 12), day = 1 + (int)rng_below(rng, 28);
    int hour = (int)rng_below(rng, 24), minute = (int)rng_below(rng, 60), odd = (int)rng_below(rng, 20);
    snprintf(cell[0], CELL, odd < 5 ? "%04d-%02d-%02d" : odd < 10 ? "%04d-%02d-%02dT%02d:%02d" : odd < 15
             ? "%04d-%02d-%02d %02d:%02d:59.25" : "%04d-%02d-%02dT%02d:%02d+05:30", year, month, day, hour, minute);
    if (odd == 0) strcpy(cell[0], odd % 2 ? "" : "0000-00-00");
    snprintf(cell[1], CELL, odd < 9 ? "%d:%02d" : "%d:%02d PM", odd < 9 ? hour : 1 + hour % 12, minute);
    snprintf(cell[2], CELL, "%d/%d/%d", month, day, year);
    any_text(rng, cell[3]);
    strcpy(cell[4], sizes[rng_below(rng, 6)]);
    snprintf(cell[5], CELL, "%.6g", rng_normal(rng));
    strcpy(cell[6], colours[rng_below(rng, 4)]);
    if (!fresh) return;
    switch (rng_below(rng, 12)) { /* what training never saw */
    case 0: strcpy(cell[0], "yesterday"); break;
    case 1: strcpy(cell[0], "2020-02-30"); break;
    case 2: strcpy(cell[1], "25:00"); break;
    case 3: strcpy(cell[4], "XXL"); break;
    case 4: strcpy(cell[6], "mauve"); break;
    case 5: strcpy(cell[3], "entirely other words, caf\xC3\xA9"); break;
    case 6: strcpy(cell[3], "NA"); break;
    case 7: strcpy(cell[2], "31/12/1999"); break;
    default: break;
    }
}

static void make_rows(uint64_t seed, bool fresh, bool texts, Text *csv, Text *cells)
{
    Rng rng = rng_stream(seed, 5, RNG_TEST);
    static char cell[COLUMNS][CELL];
    for (int c = 0; csv && c <= COLUMNS; c++) text_print(csv, "%s%s", names[c], c < COLUMNS ? "," : "\n");
    for (int i = 0; i < ROWS; i++) {
        any_row(&rng, fresh, cell);
        for (int c = 0; c < COLUMNS; c++) {
            text_print(csv, "\"%s\",", cell[c]);
            if (c == 3 && !texts) continue;
            text_print(cells, " %s ", cell[c]);
            text_add_n(cells, "", 1);
        }
        text_print(csv, "%c\n", "pqr"[rng_below(&rng, 3)]);
    }
}

static Table *read_csv_text(const Text *csv, const char *columns, const Schema *schema, Arena *arena)
{
    ReadOptions options = {0};
    ConfNode *node;
    Table *table = NULL;
    char path[100];
    put("rows.csv", csv->bytes, csv->n, path);
    assert_true(field_defaults(&read_fields, &options, arena, &err));
    if (!conf_read_value("columns", columns, arena, &node, &err)) fail_msg("%s", err.message);
    if (!schema) options.columns = node;
    options.no_labels = schema != NULL;
    if (!table_read(&(DataFile){path, NULL}, &options, schema, arena, &table, &err)) fail_msg("%s", err.message);
    return table;
}

/* A member for each of these. */
static const PrepOptions preps[] = {
    {.numeric = NUMERIC_ROBUST, .text_features = 64, .text_ngrams = TEXT_WORDS, .text_weight = TEXT_TFIDF},
    {.numeric = NUMERIC_QUANTILE, .impute = IMPUTE_MEAN, .text_features = 1000, .text_ngrams = TEXT_CHARS,
     .text_weight = TEXT_COUNT, .ordered = ORDERED_THERMOMETER},
    {.numeric = NUMERIC_NONE, .numeric_embedding = NUMERIC_EMBED_PLE, .ple_bins = 5, .text_features = 4096,
     .text_ngrams = TEXT_BOTH, .text_weight = TEXT_LOG, .ordered = ORDERED_ONEHOT},
    {.numeric = NUMERIC_MINMAX, .impute = IMPUTE_ZERO, .text_features = 17, .text_ngrams = TEXT_BOTH,
     .text_weight = TEXT_BINARY, .ordered = ORDERED_THERMOMETER, .min_count = 5},
};
enum { PREPS = sizeof preps / sizeof *preps };

static Model *fit(const Table *table, int first, int n, Arena *arena)
{
    Rng rng = rng_stream(9, 0, RNG_TEST);
    Model *model = ARENA_NEW(arena, Model, 1);
    const Prep **fitted = ARENA_NEW(arena, const Prep *, n);
    ModelMember *members = ARENA_NEW(arena, ModelMember, n);
    static const int hidden[] = {9};
    for (int p = 0; p < n; p++) {
        Prep *prep = NULL;
        ModelNet *net = ARENA_NEW(arena, ModelNet, 1);
        if (!prep_fit(&preps[first + p], table, NULL, table->n_rows, arena, &prep, &err)) fail_msg("%s", err.message);
        fitted[p] = prep;
        *net = (ModelNet){make_net(prep->n_features, hidden, 1, table->n_classes, ACT_RELU, &rng, arena), p};
        members[p] = (ModelMember){.name = make_name(arena, "m", p), .weight = 1, .n_nets = 1, .nets = net};
    }
    *model = (Model){.name = "it", .schema = table_schema(table), .n_preps = n, .preps = fitted, .n_members = n,
                     .members = members, .combine = COMBINE_AVERAGE, .temperature = 1, .provenance = "{}"};
    return model;
}

static const char driver[] =
    "#include \"it.h\"\n"
    "#include <stdio.h>\n"
    "#include <string.h>\n"
    "int main(void)\n"
    "{\n"
    "    static char all[1 << 20];\n"
    "    const char *fields[IT_N_INPUTS];\n"
    "    it_input x[IT_N_INPUTS];\n"
    "    float p[IT_N_CLASSES];\n"
    "    FILE *in = fopen(\"cells\", \"rb\"), *out = fopen(\"answers\", \"wb\");\n"
    "    size_t n, at = 0;\n"
    "    int i;\n"
    "    if (!in || !out) return 98;\n"
    "    if (it_selftest()) { printf(\"self-test: row %d\\n\", it_selftest()); return 99; }\n"
    "    n = fread(all, 1, sizeof all, in);\n"
    "    while (at < n) {\n"
    "        for (i = 0; i < IT_N_INPUTS; i++, at += strlen(all + at) + 1) fields[i] = all + at;\n"
    "        i = it_encode_row(fields, x);\n"
    "        if (i) { printf(\"field %d: %s\\n\", i, fields[i - 1]); return 97; }\n"
    "        (void)it_predict(x, p);\n"
    "        fwrite(p, sizeof p[0], IT_N_CLASSES, out);\n"
    "    }\n"
    "    return fclose(out);\n"
    "}\n";

/* What the C source makes of the cells, beside `want` (n, 3). */
static void same_in_c(const Model *model, const Table *sample, const Text *cells, const char *compiler, const float *want,
                      Arena *arena)
{
    Text header = {0}, source = {0};
    char path[100], command[400];
    Bytes log, answers;
    if (!c_source_write(model, &(CExportOptions){.name = "it", .sample = sample}, arena, &header, &source, &err))
        fail_msg("%s", err.message);
    put("it.h", header.bytes, header.n, path);
    put("it.c", source.bytes, source.n, path);
    put("cells", cells->bytes, cells->n, path);
    put("main.c", driver, sizeof driver - 1, path);
    snprintf(command, sizeof command, "cd %s && (%s -c it.c -o it.o && cc -c main.c && cc -o it it.o main.o -lm && ./it) > log"
             " 2>&1", folder, compiler);
    if (system(command) != 0) {
        snprintf(path, sizeof path, "%s/log", folder);
        assert_true(file_read(path, 0, &log, &err));
        fail_msg("%.3000s", log.bytes);
    }
    snprintf(path, sizeof path, "%s/answers", folder);
    assert_true(file_read(path, 0, &answers, &err));
    assert_int_equal(answers.n, ROWS * 3 * sizeof(float));
    for (int i = 0; i < ROWS * 3; i++) {
        float p;
        memcpy(&p, answers.bytes + (size_t)i * sizeof p, sizeof p);
        if (!(fabsf(p - want[i]) < 2e-6f))
            fail_msg("row %d: %.8f in C, %.8f by the model", i / 3, (double)p, (double)want[i]);
    }
    bytes_free(&answers);
    text_free(&header);
    text_free(&source);
}

static void alike(const char *columns, int first, int n, const char *compiler)
{
    Arena *arena = arena_create(0);
    Text train = {0}, fresh = {0}, cells = {0}, unused = {0};
    Model *loaded = NULL;
    char path[100];
    const bool texts = strstr(columns, "note: text") != NULL;
    make_rows(1, false, texts, &train, &unused);
    make_rows(2, true, texts, &fresh, &cells);
    Table *table = read_csv_text(&train, columns, NULL, arena);
    table_drop_useless(table, arena);
    assert_int_equal(table->n_columns, COLUMNS - !texts);
    Model *model = fit(table, first, n, arena);
    snprintf(path, sizeof path, "%s/it.consort", folder);
    if (!model_save(model, path, &err) || !model_load(path, arena, &loaded, &err)) fail_msg("%s", err.message);
    Table *rows = read_csv_text(&fresh, "{}", &loaded->schema, arena);
    float *own = ARENA_NEW(arena, float, ROWS * 3), *again = ARENA_NEW(arena, float, ROWS * 3);
    if (!model_predict(model, rows, arena, own, &err) || !model_predict(loaded, rows, arena, again, &err))
        fail_msg("%s", err.message);
    assert_memory_equal(own, again, ROWS * 3 * sizeof *own);
    same_in_c(loaded, NULL, &cells, compiler, again, arena);
    same_in_c(model, table, &cells, compiler, again, arena);
    text_free(&train);
    text_free(&fresh);
    text_free(&cells);
    text_free(&unused);
    arena_destroy(arena);
}

#define KINDS "when: date, clock: date, us: date, size: [S, M, L, XL]"

static void all_kinds_are_read_alike(void **state)
{
    (void)state;
    if (system("cc --version > /dev/null 2>&1") != 0) skip();
    alike("{" KINDS ", note: text}", 0, PREPS, "cc -std=c99 " WARNINGS);
}

static void so_is_each_way_of_encoding(void **state)
{
    (void)state;
    if (system("cc --version > /dev/null 2>&1") != 0) skip();
    for (int p = 0; p < PREPS; p++) alike("{" KINDS ", note: text}", p, 1, "cc -std=c99 " WARNINGS);
}

static void and_dates_without_texts(void **state)
{
    (void)state;
    if (system("cc --version > /dev/null 2>&1") != 0) skip();
    alike("{" KINDS ", note: ignore}", 0, 2, "cc -std=c99 " WARNINGS);
}

static void and_in_cxx(void **state)
{
    (void)state;
    if (system("c++ --version > /dev/null 2>&1") != 0) skip();
    alike("{" KINDS ", note: text}", 0, PREPS, "c++ -x c++ -Wall -Wextra -Wconversion -Wshadow -Werror");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_are_read_alike),
        cmocka_unit_test(so_is_each_way_of_encoding),
        cmocka_unit_test(and_dates_without_texts),
        cmocka_unit_test(and_in_cxx),
    };
    return cmocka_run_group_tests_name("export/columns", tests, set_up, tear_down);
}
