/* Exported C that reads cells: hostile ones under sanitizers, each in memory of its own; without what reads text; and
 * what it says of types. */
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
#include "plan/plan.h"
#include "tests/model_maker.h"

#define CLANG_WARNINGS "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
#define WARNINGS "-Wdouble-promotion " CLANG_WARNINGS

static char folder[] = "/tmp/consort-cells-XXXXXX";
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

static void put(const char *name, const char *bytes, size_t n)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!file_write(path, bytes, n, &err)) fail_msg("%s", err.message);
}

static bool can(const char *command)
{
    char whole[500];
    snprintf(whole, sizeof whole, "cd %s && (%s) > log 2>&1", folder, command);
    return system(whole) == 0;
}

static void run_it(const char *command)
{
    char path[100];
    Bytes log;
    if (can(command)) return;
    snprintf(path, sizeof path, "%s/log", folder);
    assert_true(file_read(path, 0, &log, &err));
    fail_msg("%s\n%.3000s", command, log.bytes);
}

/* ---- a model ------------------------------------------------------------------------------------ */

enum { ROWS = 120 };
typedef enum { OF_NUMBERS, OF_WORDS, OF_TEXTS, OF_ALL, MODELS } Kind;

static Column *column(Table *table, const char *name, ColumnKind kind, Rng *rng, Arena *arena)
{
    static const char *const sizes[] = {"S", "M", "L"}, *const towns[] = {"Oslo", "Z\xC3\xBCrich", "?!"};
    static const char *const notes[] = {"good, not bad", "bad", "\xD0\x9C\xD0\xB8\xD1\x80 is good", "so-so"};
    Column *c = &table->columns[table->n_columns++];
    *c = (Column){.name = name, .kind = kind, .number = ARENA_NEW(arena, double, ROWS),
                  .code = ARENA_NEW(arena, int32_t, ROWS)};
    if (kind == COLUMN_DATE) c->format = "%Y-%m-%d[ %H:%M[:%S][ ][%p][ ][%z]]";
    c->levels = (const char **)(uintptr_t)(kind == COLUMN_ORDERED ? sizes : kind == COLUMN_NOMINAL ? towns : notes);
    c->n_levels = !column_has_words(kind) ? 0 : kind == COLUMN_FREE_TEXT ? 4 : 3;
    for (int i = 0; i < ROWS; i++) {
        c->number[i] = kind == COLUMN_DATE ? 1e9 * rng_uniform(rng) : rng_normal(rng);
        c->code[i] = rng_below(rng, 9) ? (int32_t)rng_below(rng, 3) : -1;
        if (rng_below(rng, 9) == 0) c->number[i] = NAN;
    }
    return c;
}

static Table *make_rows(Kind kind, Arena *arena)
{
    Rng rng = rng_stream(3, (uint32_t)kind, RNG_TEST);
    Table *table = ARENA_NEW(arena, Table, 1);
    *table = (Table){.n_rows = ROWS, .columns = ARENA_NEW(arena, Column, 8), .label_name = "y", .n_classes = 2,
                     .labels = ARENA_NEW(arena, int32_t, ROWS), .classes = ARENA_NEW(arena, const char *, 2)};
    table->classes[0] = "no", table->classes[1] = "yes";
    for (int i = 0; i < ROWS; i++) table->labels[i] = (int32_t)rng_below(&rng, 2);
    if (kind == OF_NUMBERS || kind == OF_ALL) {
        column(table, "a", COLUMN_NUMERIC, &rng, arena);
        column(table, "b", COLUMN_NUMERIC, &rng, arena)->style = STYLE_COMMA_POINT;
    }
    if (kind == OF_WORDS || kind == OF_ALL) {
        column(table, "town", COLUMN_NOMINAL, &rng, arena);
        column(table, "size", COLUMN_ORDERED, &rng, arena);
    }
    if (kind == OF_TEXTS || kind == OF_ALL) column(table, "note", COLUMN_FREE_TEXT, &rng, arena);
    if (kind == OF_ALL) column(table, "when", COLUMN_DATE, &rng, arena);
    return table;
}

static Model *make_it(const Table *table, PrepOptions options, Arena *arena)
{
    static const int hidden[] = {5};
    Rng rng = rng_stream(9, 0, RNG_TEST);
    Prep *prep = NULL;
    if (!prep_fit(&options, table, NULL, table->n_rows, arena, &prep, &err)) fail_msg("%s", err.message);
    ModelNet *net = ARENA_NEW(arena, ModelNet, 1);
    ModelMember *member = ARENA_NEW(arena, ModelMember, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, 1);
    Model *model = ARENA_NEW(arena, Model, 1);
    preps[0] = prep;
    *net = (ModelNet){make_net(prep->n_features, hidden, 1, table->n_classes, ACT_RELU, &rng, arena), 0};
    *member = (ModelMember){.name = "m", .weight = 1, .n_nets = 1, .nets = net};
    *model = (Model){.name = "it", .schema = table_schema(table), .n_preps = 1, .preps = preps, .n_members = 1,
                     .members = member, .combine = COMBINE_AVERAGE, .temperature = 1, .provenance = "{}"};
    return model;
}

static void export_it(const Model *model, Arena *arena)
{
    Text header = {0}, source = {0};
    if (!c_source_write(model, &(CExportOptions){.name = "it"}, arena, &header, &source, &err))
        fail_msg("%s", err.message);
    put("it.h", header.bytes, header.n);
    put("it.c", source.bytes, source.n);
    text_free(&header);
    text_free(&source);
}

static const PrepOptions robust = {.numeric = NUMERIC_ROBUST, .text_features = 64, .text_ngrams = TEXT_BOTH};

/* ---- hostile cells ------------------------------------------------------------------------------ */

/* Each cell of a line of its own, in memory of its own, in each column; that no number is told by its column. */
static const char driver[] =
    "#include \"it.h\"\n"
    "#include <math.h>\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "#include <string.h>\n"
    "static char all[1 << 20];\n"
    "int main(void)\n"
    "{\n"
    "    FILE *in = fopen(\"cells\", \"rb\");\n"
    "    size_t n, at = 0, length;\n"
    "    const char *fields[IT_N_INPUTS];\n"
    "    it_input x[IT_N_INPUTS];\n"
    "    float p[IT_N_CLASSES];\n"
    "    int i, wrong, lines = 0;\n"
    "    if (!in) return 98;\n"
    "    if (it_selftest()) return 99;\n"
    "    for (n = fread(all, 1, sizeof all, in); at < n; at += length + 1, lines++)\n"
    "        for (i = 0, length = strlen(all + at); i < IT_N_INPUTS; i++) {\n"
    "            char *cell = malloc(length + 1);\n"
    "            int k;\n"
    "            if (!cell) return 97;\n"
    "            memcpy(cell, all + at, length + 1);\n"
    "            for (k = 0; k < IT_N_INPUTS; k++) fields[k] = 0;\n"
    "            fields[i] = cell;\n"
    "            wrong = it_encode_row(fields, x);\n"
    "            if (wrong != 0 && wrong != i + 1) return 96;\n"
    "            if (!wrong) {\n"
    "                (void)it_predict(x, p);\n"
    "                if (!(fabsf(p[0] + p[1] - 1) < 1e-5f)) return 95;\n"
    "            }\n"
    "            free(cell);\n"
    "        }\n"
    "    fclose(in);\n"
    "    return lines > 40 ? 0 : 94;\n"
    "}\n";

static void add(Text *cells, const char *cell, size_t n)
{
    text_add_n(cells, cell, n);
    text_add_n(cells, "", 1);
}

static void hostile(Text *cells)
{
    static const char *const some[] = {"", " ", "\t \r", "-", "+", ".", "e", "1e", "1e+", "-.e1", "1e999999999999999999", "-1e308", "1e39", "-3.5e38",
        "4.9e-324", "inf", "-Infinity", "nan", "infinit", "0x10", "1,5", "1,234.5", "$", "($", "(1", "1)", "$$1", "(-1)", "12,34,567", "\xE2\x88\x92", "\xE2\x88",
        "\xC2", "\xF0\x9F", "\xFF\xFE", "\xED\xA0\x80", "S", "XXL", "Oslo", "Z\xC3\xBCrich", "2020-02-30", "2020-01-01 24:00", "0000-00-00", "9999-12-31 23:59:60",
        "2020-01-01T00:00:00.", "2020-01-01 1:00 PM +99", "2020-01-01 00:00 +", "%Y", "NA", "null", "\xE3\x80", "a\xC3", "1 2", "99999999999999999999-01-01"};
    static char many[70001];
    static const char *const long_ones[] = {"9", "a", "\xC3\xBC", "\xFF", " ", "0", "a ", "1,", "(", "$", "-", "\xF0\x9F\x98\x80", "."};
    Rng rng = rng_stream(1, 9, RNG_TEST);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) add(cells, some[i], strlen(some[i]));
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones; i++) {
        const size_t size = strlen(long_ones[i]);
        size_t n = 0;
        for (; n + size < 8000; n += size) memcpy(many + n, long_ones[i], size);
        add(cells, many, n);
    }
    for (int i = 0; i < 300; i++) { /* letters of dates and numbers, and any bytes */
        static const char letters[] = "0123456789-:. TZ+,$()%eE";
        size_t n = rng_below(&rng, 24);
        for (size_t k = 0; k < n; k++)
            many[k] = i % 3 ? letters[rng_below(&rng, sizeof letters - 1)] : (char)(1 + rng_below(&rng, 255));
        add(cells, many, n);
    }
}

static void hostile_cells_are_safe(void **state)
{
    (void)state;
    put("try.c", "int main(void) { return 0; }\n", 29);
    if (!can("cc -fsanitize=address,undefined -o try try.c && ./try")) {
        print_message("skipped: cc has no sanitizers here\n");
        skip();
    }
    Text cells = {0};
    hostile(&cells);
    put("cells", cells.bytes, cells.n);
    put("main.c", driver, sizeof driver - 1);
    text_free(&cells);
    for (Kind kind = OF_NUMBERS; kind < MODELS; kind++) {
        Arena *arena = arena_create(0);
        export_it(make_it(make_rows(kind, arena), robust, arena), arena);
        run_it("cc -std=c99 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all " WARNINGS " -o it it.c main.c -lm && ./it");
        arena_destroy(arena);
    }
}

/* ---- types, and what can be left out ------------------------------------------------------------- */

static const char bare_driver[] =
    "#include \"it.h\"\n"
    "int main(void)\n"
    "{\n"
    "    static it_input x[IT_N_INPUTS];\n"
    "    float p[IT_N_CLASSES];\n"
    "    return it_predict(x, p) > IT_N_CLASSES;\n"
    "}\n";

static long object_bytes(const char *options)
{
    char command[300], path[100];
    Bytes said;
    snprintf(command, sizeof command, "cc -std=c99 -Os " WARNINGS " %s -c it.c && size -A it.o | awk '/rodata|data.rel|text/ { n += $2 } END { print n }'",
             options);
    run_it(command);
    snprintf(path, sizeof path, "%s/log", folder);
    assert_true(file_read(path, 0, &said, &err));
    const long n = atol(said.bytes);
    bytes_free(&said);
    return n;
}

static void what_reads_text_can_be_left_out(void **state)
{
    (void)state;
    if (!can("cc --version")) skip();
    put("main.c", bare_driver, sizeof bare_driver - 1);
    for (Kind kind = OF_NUMBERS; kind < MODELS; kind++) {
        Arena *arena = arena_create(0);
        export_it(make_it(make_rows(kind, arena), robust, arena), arena);
        const long whole = object_bytes("-DIT_NO_SELFTEST"), bare = object_bytes("-DIT_NO_SELFTEST -DIT_NO_STRINGS");
        if (bare + 400 > whole) fail_msg("model %d: %ld bytes without strings, %ld with them", kind, bare, whole);
        run_it("cc -std=c99 " WARNINGS " -DIT_NO_STRINGS -o it it.c main.c -lm && ./it && ! strings -n 5 it | grep -E 'Infinity|null|encode_row'");
        if (can("c++ --version")) run_it("c++ -x c++ -Wall -Wextra -Wconversion -Wshadow -Werror -DIT_NO_STRINGS -c it.c");
        if (can("clang --version"))
            run_it("clang -std=c99 " CLANG_WARNINGS " -DIT_NO_STRINGS -c it.c && clang -std=c99 " CLANG_WARNINGS " -c it.c");
        arena_destroy(arena);
    }
}

static void header_has(const char *text, bool there)
{
    char path[100];
    Bytes header;
    snprintf(path, sizeof path, "%s/it.h", folder);
    assert_true(file_read(path, 0, &header, &err));
    if ((strstr(header.bytes, text) != NULL) != there) fail_msg("%s: %s", text, there ? "not there" : "there");
    bytes_free(&header);
}

/* No double anywhere in a model of plain numbers: on a Cortex-M4 each would be a call. */
static void plain_numbers_are_floats(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    const Table *table = make_rows(OF_NUMBERS, arena);
    export_it(make_it(table, robust, arena), arena);
    header_has("typedef float it_input;", true);
    header_has(" *     Floats are enough for all columns.\n", true);
    run_it("! cc -std=c99 -fpreprocessed -dD -E -P it.c | sed '/ifndef IT_NO_STRINGS/,/^#endif/d' | grep -n double");
    export_it(make_it(table, (PrepOptions){.numeric = NUMERIC_QUANTILE}, arena), arena);
    header_has("typedef double it_input;", true);
    header_has("with floats, of\n *     a (rank among quantiles),\n *     b (rank among quantiles).\n", true);
    for (int i = 0; i < ROWS; i++) table->columns[0].number[i] += 1e6;
    export_it(make_it(table, robust, arena), arena);
    header_has("typedef double it_input;", true);
    header_has("with floats, of\n *     a (varies little beside its size).\n", true);
    const Table *all = make_rows(OF_ALL, arena);
    all->columns[5].name = "when */ ever";
    export_it(make_it(all, robust, arena), arena);
    header_has("with floats, of\n *     when _/ ever (date).\n", true);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_cells_are_safe),
        cmocka_unit_test(what_reads_text_can_be_left_out),
        cmocka_unit_test(plain_numbers_are_floats),
    };
    return cmocka_run_group_tests_name("export/cells", tests, set_up, tear_down);
}
