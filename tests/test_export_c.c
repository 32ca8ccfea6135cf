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

/* The generated file is compiled with the system's compiler and asked the same questions as the
 * model. Programs and files live in one folder of /tmp. */
static char folder[] = "/tmp/consort-export-XXXXXX";
static bool has_cc, has_cxx, has_clang;
static CTarget target; /* of what is generated */
static Error err;

enum { STRICT_C, CXX, CLANG, FAST };
#define WARNINGS "-Wall -Wextra -Wpedantic -Wconversion -Werror"

static int set_up(void **state)
{
    (void)state;
    mat_init(NULL);
    has_cc = system("cc --version > /dev/null 2>&1") == 0;
    has_cxx = system("g++ --version > /dev/null 2>&1") == 0;
    has_clang = system("clang --version > /dev/null 2>&1") == 0;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void in_folder(const char *name, char *path)
{
    snprintf(path, 100, "%s/%s", folder, name);
}

static void put(const char *name, const void *bytes, size_t n)
{
    char path[100];
    in_folder(name, path);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(out);
}

static Bytes get(const char *name)
{
    char path[100];
    Bytes bytes;
    in_folder(name, path);
    if (!file_read(path, 0, &bytes, &err)) fail_msg("%s", err.message);
    return bytes;
}

/* Runs in the folder; what it prints to "log" is shown when it fails. */
static void run_it(const char *command)
{
    char whole[1000];
    snprintf(whole, sizeof whole, "cd %s && (%s) > log 2>&1", folder, command);
    if (system(whole) == 0) return;
    Bytes log = get("log");
    fail_msg("%s\n%.3000s", command, log.bytes);
}

static void generate(const Model *model, const char *name, const Table *sample, Arena *arena)
{
    CExportOptions options = {.target = target, .name = name, .sample = sample, .model_sha256 = "abc"};
    Text header = {0}, source = {0};
    char file[60];
    if (!c_source_write(model, &options, arena, &header, &source, &err)) fail_msg("%s", err.message);
    snprintf(file, sizeof file, "%s.h", name);
    put(file, header.bytes, header.n);
    snprintf(file, sizeof file, "%s.c", name);
    put(file, source.bytes, source.n);
    text_free(&header);
    text_free(&source);
}

/* raw rows on "rows" -> classes and probabilities on "answers". */
static const char driver[] =
    "#include \"it.h\"\n"
    "#include <math.h>\n"
    "#include <stdio.h>\n"
    "int main(void)\n"
    "{\n"
    "    static it_input x[IT_N_INPUTS];\n"
    "    static IT_CELL cells[IT_N_INPUTS];\n"
    "    float p[IT_N_CLASSES];\n"
    "    FILE *in = fopen(\"rows\", \"rb\"), *out = fopen(\"answers\", \"wb\");\n"
    "    int i, bad = it_selftest();\n"
    "    if (!in || !out) return 98;\n"
    "    if (bad) { printf(\"self-test: row %d\\n\", bad); return 99; }\n"
    "    while (fread(cells, sizeof cells[0], IT_N_INPUTS, in) == IT_N_INPUTS) {\n"
    "        for (i = 0; i < IT_N_INPUTS; i++) x[i] = (it_input)cells[i];\n"
    "        i = it_predict(x, p);\n"
    "        fwrite(&i, sizeof i, 1, out);\n"
    "        fwrite(p, sizeof p[0], IT_N_CLASSES, out);\n"
    "    }\n"
    "#ifdef BATCH\n" /* blocks of each size, and rows behind the last whole one */
    "    {\n"
    "        enum { ROWS = 211 };\n"
    "        static it_input many[ROWS * IT_N_INPUTS];\n"
    "        static float all[(ROWS + 1) * IT_N_CLASSES];\n"
    "        int n, k;\n"
    "        rewind(in);\n"
    "        if (fread(many, sizeof many[0], ROWS * IT_N_INPUTS, in) != ROWS * IT_N_INPUTS) return 97;\n"
    "        for (n = 0; n <= ROWS; n += n < 104 ? 1 : 107) {\n"
    "            for (i = 0; i < (ROWS + 1) * IT_N_CLASSES; i++) all[i] = -1;\n"
    "            it_predict_batch(many, n, all);\n"
    "            for (i = 0; i < n; i++) {\n"
    "                (void)it_predict(many + i * IT_N_INPUTS, p);\n"
    "                for (k = 0; k < IT_N_CLASSES; k++)\n"
    "                    if (!(fabs((double)(all[i * IT_N_CLASSES + k] - p[k])) < 1e-5)) return 96;\n"
    "            }\n"
    "            if (all[n * IT_N_CLASSES] >= 0) return 95;\n"
    "        }\n"
    "    }\n"
    "#endif\n"
    "    for (i = 0; i < IT_N_CLASSES; i++) printf(\"%s\\n\", it_class_names[i]);\n"
    "    return fclose(out);\n"
    "}\n";

static void put_rows(const Table *table)
{
    if (table->pixels) {
        put("rows", table->pixels, (size_t)table->n_rows * PIXELS_OF(table));
        return;
    }
    double *x = calloc((size_t)(table->n_rows * table->n_columns), sizeof *x);
    assert_non_null(x);
    for (int i = 0; i < table->n_rows; i++)
        for (int j = 0; j < table->n_columns; j++) {
            const Column *column = &table->columns[j];
            int code = column->kind == COLUMN_NOMINAL ? column->code[i] : 0;
            x[i * table->n_columns + j] = column->kind == COLUMN_NUMERIC ? column_number(column, i)
                                          : code < 0                     ? NAN
                                                                         : code;
        }
    put("rows", x, (size_t)(table->n_rows * table->n_columns) * sizeof *x);
    free(x);
}

static void check_answers(const Model *model, const Table *table, Arena *arena)
{
    const int k = table->n_classes;
    float *proba = ARENA_NEW(arena, float, table->n_rows * k);
    if (!model_predict(model, table, arena, proba, &err)) fail_msg("%s", err.message);
    Bytes answers = get("answers");
    assert_int_equal(answers.n, (size_t)table->n_rows * (sizeof(int) + (size_t)k * sizeof(float)));
    const char *at = answers.bytes;
    for (int i = 0; i < table->n_rows; i++) {
        int class;
        float p[16], *want = proba + i * k;
        memcpy(&class, at, sizeof class);
        memcpy(p, at + sizeof class, (size_t)k * sizeof *p);
        at += sizeof class + (size_t)k * sizeof *p;
        for (int c = 0; c < k; c++)
            if (!(fabsf(p[c] - want[c]) < 1e-5f))
                fail_msg("row %d, class %d: %.8f, the model says %.8f", i, c, (double)p[c],
                         (double)want[c]);
        int decided = model_decide(model, want);
        if (class == decided) continue;
        if (model->cost) {
            double more = 0;
            for (int c = 0; c < k; c++) more += want[c] * (model->cost[c * k + class] - model->cost[c * k + decided]);
            if (more > 1e-4) fail_msg("row %d: class %d, the model says %d", i, class, decided);
            continue;
        }
        double weight[2] = {model->decision ? model->decision[class] : 1,
                            model->decision ? model->decision[decided] : 1};
        if (want[decided] * weight[1] - want[class] * weight[0] > 1e-4)
            fail_msg("row %d: class %d, the model says %d", i, class, decided);
    }
    bytes_free(&answers);
}

static void compile_and_compare(const Model *model, const Table *table, int language, Arena *arena)
{
    generate(model, "it", table, arena);
    put("driver.c", driver, sizeof driver - 1);
    put_rows(table);
    char command[200];
    snprintf(command, sizeof command, "%s " WARNINGS " -O1 '-DIT_CELL=%s' -o it it.c driver.c -lm",
             language == CXX ? "g++ -x c++" : "cc -std=c99", table->pixels ? "unsigned char" : "double");
    run_it(command);
    run_it("./it");
    Bytes log = get("log");
    for (char *line = strtok(log.bytes, "\n"), **name = (char **)model->schema.classes; line;
         line = strtok(NULL, "\n"), name++)
        assert_string_equal(line, *name);
    bytes_free(&log);
    check_answers(model, table, arena);
}

static void each_kind(int language, void (*change)(Model *), int n_members)
{
    if (language == CXX ? !has_cxx : language == CLANG ? !has_clang : !has_cc) {
        print_message("skipped: no %s here\n", language == CXX ? "g++" : language == CLANG ? "clang" : "cc");
        skip();
    }
    for (int kind = MAKE_COLOUR; kind <= MAKE_MIXED; kind++) {
        Arena *arena = arena_create(0);
        Table *table = make_table((MakeKind)kind, 400, 4, 21, arena);
        Model *model = make_model(table, n_members, -1, 13, arena, &err);
        if (!model) fail_msg("%s", err.message);
        if (change) change(model);
        compile_and_compare(model, table, language, arena);
        arena_destroy(arena);
    }
}

static void every_activation_averaged(void **state)
{
    (void)state;
    each_kind(STRICT_C, NULL, ACTIVATION_COUNT);
}

static const double decision[4] = {1, 0.3, 2, 1.5};

static void voting(Model *model)
{
    model->combine = COMBINE_VOTE;
    model->decision = decision;
}

static void votes_and_decision_weights(void **state)
{
    (void)state;
    each_kind(STRICT_C, voting, 5);
}

/* A member's second network is so sure that a pool's least probability matters. */
static void pooling(Model *model)
{
    for (int m = 0; m < model->n_members; m++) {
        if (model->members[m].n_nets < 2) continue;
        for (int k = 0; k < 2; k++) {
            const Mlp *mlp = model->members[m].nets[k].mlp;
            const int l = mlp->n_layers - 1;
            MlpLayer layer = mlp_layer(mlp, l);
            for (int i = 0; i < mlp->width[l] * layer.ld; i++) layer.w[i] *= 8;
        }
    }
    model->combine = COMBINE_POOL;
    model->temperature = 0.8;
}

static void pools_of_logarithms(void **state)
{
    (void)state;
    each_kind(STRICT_C, pooling, 5);
    each_kind(CXX, pooling, 1);
}

static void cooling(Model *model)
{
    model->temperature = 1.8;
    model->decision = decision;
}

static void temperature_and_the_same_in_cxx(void **state)
{
    (void)state;
    each_kind(CXX, cooling, 3);
}

/* Each calibration, and costs. */
static const double bias[4] = {0.2, -0.7, 0, 0.4}, cost[16] = {0, 1, 4, 2, 2, 0, 1, 1, 9, 3, 0, 1, 1, 1, 2, 0};
static const double scale[16] = {0.9, 0.1, 0, 0, -0.2, 1.3, 0, 0.1, 0, 0.05, 0.6, 0, 0, 0, 0, 1.1};
static const int n_knots[4] = {2, 4, 3, 2};
static const double at[11] = {0, 1, 0, 0.2, 0.5, 1, 0, 0.3, 1, 0, 1}, to[11] = {0, 1, 0, 0.05, 0.6, 1, 0, 0.5, 1, 0, 1};
static const Calibration forms[] = {{1, scale, bias, NULL, NULL, NULL}, {4, scale, bias, NULL, NULL, NULL},
                                    {16, scale, bias, NULL, NULL, NULL}, {1, scale, bias, n_knots, at, to}};
static int form;

static void calibrating(Model *model)
{
    model->calibration = &forms[form];
    if (form % 2) model->cost = cost;
    else model->decision = decision;
}

static void every_calibration_and_costs(void **state)
{
    (void)state;
    for (form = 0; form < 4; form++) each_kind(form == 3 ? CXX : STRICT_C, calibrating, 2);
}

static void a_server_takes_rows_in_blocks(void **state)
{
    (void)state;
    target = C_SERVER;
    each_kind(STRICT_C, NULL, ACTIVATION_COUNT);
    each_kind(FAST, NULL, ACTIVATION_COUNT);
    each_kind(FAST, voting, 3);
    each_kind(FAST, pooling, 3);
    if (has_cxx) each_kind(CXX, cooling, 3);
    if (has_clang) each_kind(CLANG, NULL, 3);
    form = 3;
    each_kind(FAST, calibrating, 2);
    target = C_MCU;
    if (has_clang) each_kind(CLANG, NULL, ACTIVATION_COUNT);
}

/* Numbers leave in their own unit, in double. */
static void a_server_of_numbers(void **state)
{
    (void)state;
    static const char numbers_driver[] =
        "#include \"it.h\"\n"
        "#include <math.h>\n"
        "int main(void)\n"
        "{\n"
        "    static it_input x[100 * IT_N_INPUTS];\n"
        "    double y[100 * IT_N_VALUES], one[IT_N_VALUES];\n"
        "    int i, k;\n"
        "    for (i = 0; i < 100 * IT_N_INPUTS; i++) x[i] = i % 7 ? (it_input)(i % 11) / 4 : (it_input)NAN;\n"
        "    it_predict_batch(x, 100, y);\n"
        "    for (i = 0; i < 100; i++) {\n"
        "        (void)it_predict(x + i * IT_N_INPUTS, one);\n"
        "        for (k = 0; k < IT_N_VALUES; k++)\n"
        "            if (!(fabs(one[k] - y[i * IT_N_VALUES + k]) < 1e-4)) return 1;\n"
        "    }\n"
        "    return it_selftest();\n"
        "}\n";
    static const Target targets[2] = {{.name = "a", .unit = 1, .shift = 30, .scale = 5}, {.name = "b", .origin = 1e6, .unit = 2, .shift = 1e6 + 3, .scale = 4}};
    if (!has_cc) skip();
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 100, 2, 2, arena);
    Model *model = make_model(table, 3, -1, 3, arena, NULL);
    model->schema.task = (Task){.kind = TASK_NUMBERS, .n_targets = 2, .targets = targets};
    for (int m = 0; m < 3; m++)
        for (int k = 0; k < model->members[m].n_nets; k++) ((Mlp *)(uintptr_t)model->members[m].nets[k].mlp)->link = LINK_IDENTITY;
    target = C_SERVER;
    generate(model, "it", table, arena);
    target = C_MCU;
    put("driver.c", numbers_driver, sizeof numbers_driver - 1);
    run_it("cc -std=c99 " WARNINGS " -O3 -o it it.c driver.c -lm && ./it");
    arena_destroy(arena);
}

static void one_linear_network_alone(void **state)
{
    (void)state;
    if (!has_cc) skip();
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_NUMERIC, 100, 2, 2, arena);
    Model *model = make_model(table, 1, -1, 3, arena, NULL);
    const Prep *prep = model->preps[0];
    Rng rng = rng_stream(1, 1, RNG_TEST);
    ModelNet net = {make_net(prep->n_features, NULL, 0, 2, ACT_RELU, &rng, arena), 0};
    ModelMember member = {.name = "alone", .weight = 3, .n_nets = 1, .nets = &net};
    model->n_members = 1;
    model->members = &member;
    model->n_preps = 1;
    compile_and_compare(model, table, STRICT_C, arena);
    arena_destroy(arena);
}

/* ---- rows of text ----------------------------------------------------------------------------- */

static const char text_driver[] =
    "#include \"it.h\"\n"
    "#include <stdio.h>\n"
    "#include <string.h>\n"
    "int main(void)\n"
    "{\n"
    "    static char line[4000];\n"
    "    const char *fields[IT_N_INPUTS];\n"
    "    it_input x[IT_N_INPUTS];\n"
    "    float p[IT_N_CLASSES];\n"
    "    FILE *in = fopen(\"cells\", \"rb\"), *out = fopen(\"answers\", \"wb\");\n"
    "    int i;\n"
    "    if (!in || !out) return 98;\n"
    "    while (fgets(line, sizeof line, in)) {\n"
    "        char *at = line;\n"
    "        for (i = 0; i < IT_N_INPUTS; i++) {\n"
    "            fields[i] = at;\n"
    "            at += strcspn(at, \"\\x1f\\n\");\n"
    "            *at++ = 0;\n"
    "        }\n"
    "        i = it_encode_row(fields, x);\n"
    "        if (i) { printf(\"field %d: %s\\n\", i, fields[i - 1]); return 97; }\n"
    "        i = it_predict(x, p);\n"
    "        fwrite(&i, sizeof i, 1, out);\n"
    "        fwrite(p, sizeof p[0], IT_N_CLASSES, out);\n"
    "    }\n"
    "    fields[0] = \"12,5\";\n"
    "    if (it_encode_row(fields, x) != 1) return 96;\n"
    "    fields[0] = 0;\n"
    "    if (it_encode_row(fields, x) != 0 || x[0] == x[0]) return 95;\n"
    "    if (it_level(1, \" plain \") != 0 || it_level(4, \"never\") != IT_UNSEEN) return 94;\n"
    "    return fclose(out);\n"
    "}\n";

/* Column 1 and 4 are words; each line is a row of cells as they might stand in a file. */
static const char *const cells[][MAKE_COLUMNS] = {
    {"0.5", "plain", "20260101.25", "0", "level 3"},
    {"-1e-3", "plain", " 2.02601e7 ", "1.5", "plain"},
    {"", "?", "20260101", "NA", "\xc3\xa9t\xc3\xa9 1"},
    {"+.25", "never seen", "20260101.0009", "-0", "nor this"},
    {"123456789012345678901234567890", "plain", "1e-300", "1e300", "NULL"},
    {"0.1234567890123456789", "NaN", "20260100.9999", "00012.50", "level 4"},
    {"1e400", "None", "20260101", "4.9e-324", "level 5"},
};

static void reads_rows_of_text_as_the_reader_does(void **state)
{
    (void)state;
    if (!has_cc) skip();
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 400, 3, 21, arena), *read = NULL;
    Model *model = make_model(table, 4, -1, 13, arena, &err);
    Text csv = {0}, plain = {0};
    ReadOptions options = {0};
    char path[100];
    text_add(&csv, "column 0,column 1,column 2,column 3,column 4\n");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (int j = 0; j < MAKE_COLUMNS; j++) {
            text_print(&csv, "%s%s", cells[i][j], j + 1 < MAKE_COLUMNS ? "," : "\n");
            text_print(&plain, "%s%s", cells[i][j], j + 1 < MAKE_COLUMNS ? "\x1f" : "\n");
        }
    put("rows.csv", csv.bytes, csv.n);
    put("cells", plain.bytes, plain.n);
    in_folder("rows.csv", path);
    assert_true(field_defaults(&read_fields, &options, arena, &err));
    if (!table_read(&(DataFile){path, NULL}, &options, &model->schema, arena, &read, &err))
        fail_msg("%s", err.message);
    assert_int_equal(read->n_rows, sizeof cells / sizeof *cells);
    read->n_classes = 3;
    generate(model, "it", NULL, arena); /* with a made-up self-test */
    put("driver.c", text_driver, sizeof text_driver - 1);
    run_it("cc -std=c99 " WARNINGS " -O1 -o it it.c driver.c -lm && ./it");
    check_answers(model, read, arena);
    put("main.c", driver, sizeof driver - 1);
    run_it("cc -std=c99 -O1 -DIT_CELL=double -o it it.c main.c -lm && ./it"); /* the made-up rows */
    text_free(&csv);
    text_free(&plain);
    arena_destroy(arena);
}

/* ---- names, limits, memory -------------------------------------------------------------------- */

static void names_become_identifiers(void **state)
{
    (void)state;
    static const struct { const char *name, *prefix, *include; } cases[] = {
        {"mnist", "int mnist_predict(", "#include \"mnist.h\""},
        {"my-model 2", "int my_model_2_predict(", "#include \"my-model 2.h\""},
        {"9 lives", "int m_9_lives_predict(", "#include \"9 lives.h\""},
        {"__\xc3\xa9t\xc3\xa9--", "int t_predict(", "#include \"__\xc3\xa9t\xc3\xa9--.h\""},
        {"*/\"; system(", "int system_predict(", "#include \"system.h\""},
        {"???", "int model_predict(", "#include \"???.h\""},
        {NULL, "int made_up_predict(", "#include \"made_up.h\""},
    };
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_IMAGE, 20, 3, 1, arena);
    Model *model = make_model(table, 1, -1, 1, arena, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CExportOptions options = {.name = cases[i].name};
        Text header = {0}, source = {0};
        assert_true(c_source_write(model, &options, arena, &header, &source, &err));
        if (!strstr(header.bytes, cases[i].prefix)) fail_msg("%s", cases[i].prefix);
        if (!strstr(source.bytes, cases[i].include)) fail_msg("%s", cases[i].include);
        text_free(&header);
        text_free(&source);
    }
    arena_destroy(arena);
}

static void comments_cannot_be_left(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_IMAGE, 20, 3, 1, arena);
    Model *model = make_model(table, 1, -1, 1, arena, NULL);
    Text header = {0}, source = {0};
    model->name = "x */ int evil; /*\n#error ?\?/";
    assert_true(c_source_write(model, &(CExportOptions){.name = "it"}, arena, &header, &source, &err));
    assert_null(strstr(header.bytes, "*/ int"));
    assert_null(strstr(header.bytes, "\n#error"));
    text_free(&header);
    text_free(&source);
    arena_destroy(arena);
}

static void says_what_cannot_be_exported(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Table *table = make_table(MAKE_IMAGE, 20, 3, 1, arena);
    Model *model = make_model(table, 1, -1, 1, arena, NULL);
    char *name = arena_alloc(arena, 5000, 1);
    Text header = {0}, source = {0};
    memset(name, 'x', 4500);
    model->schema.classes[1] = name;
    assert_false(c_source_write(model, &(CExportOptions){0}, arena, &header, &source, &err));
    assert_int_equal(err.code, ERR_INVALID);
    model->schema.classes[1] = "fine";
    Table *other = make_table(MAKE_NUMERIC, 20, 3, 1, arena);
    assert_false(c_source_write(model, &(CExportOptions){.sample = other}, arena, &header, &source,
                                &err));
    assert_int_equal(err.code, ERR_DATA);
    text_free(&header);
    text_free(&source);
    arena_destroy(arena);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    Arena *arena = arena_create(0), *poor = arena_create(0);
    Table *table = make_table(MAKE_MIXED, 40, 3, 1, arena);
    Model *model = make_model(table, 2, -1, 1, arena, NULL);
    for (int with_sample = 0; with_sample < 2; with_sample++) {
        bool ok = false;
        for (long n = 0; !ok; n++) {
            Text header = {0}, source = {0};
            CExportOptions options = {.name = "it", .sample = with_sample ? table : NULL};
            arena_reset(poor);
            arena_fail_after(poor, n);
            ok = c_source_write(model, &options, poor, &header, &source, &err);
            arena_fail_after(poor, -1);
            if (!ok) assert_int_equal(err.code, ERR_MEMORY);
            text_free(&header);
            text_free(&source);
        }
    }
    arena_destroy(poor);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_activation_averaged),
        cmocka_unit_test(votes_and_decision_weights),
        cmocka_unit_test(pools_of_logarithms),
        cmocka_unit_test(temperature_and_the_same_in_cxx),
        cmocka_unit_test(every_calibration_and_costs),
        cmocka_unit_test(a_server_takes_rows_in_blocks),
        cmocka_unit_test(a_server_of_numbers),
        cmocka_unit_test(one_linear_network_alone),
        cmocka_unit_test(reads_rows_of_text_as_the_reader_does),
        cmocka_unit_test(names_become_identifiers),
        cmocka_unit_test(comments_cannot_be_left),
        cmocka_unit_test(says_what_cannot_be_exported),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests_name("export/c", tests, set_up, tear_down);
}
