/* One meaning of a cell: training, `predict` with the model that was saved, and the C source that was written of it
 * read random tables with every quirk alike. Whatever is exported next belongs here, too. */
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
#include "plan/plan.h"
#include "tests/model_maker.h"

enum { TABLES = 20, MOST = 7, ROWS = 60, AGAIN = 20, NEW = 24, CELL = 40 };

typedef enum { NAMES_PLAIN, NAMES_NUMBERED, NAMES_TWICE, NAMES_DIGITS, NAMES_NONE, N_NAMES } Naming;

/* A table as text, and how it is written down. */
typedef struct {
    Rng rng;
    int n_columns, label; /* with the label's column */
    Naming naming;
    bool commas, own_words;
    char name[MOST][CELL];
    bool words[MOST], dressed[MOST];
    int dress[MOST]; /* which, of those that are dressed */
    char train[ROWS][MOST][CELL], row[AGAIN + NEW][MOST][CELL]; /* of `row` the first are of `train` */
} Raw;

static char folder[] = "/tmp/consort-reading-XXXXXX";
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
    return getenv("READING") ? 0 : system(command);
}

static const char *in_folder(const char *name)
{
    static char path[4][100];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

static void put(const char *name, const Text *text)
{
    assert_true(text_ok(text));
    if (!file_write(in_folder(name), text->bytes, text->n, &err)) fail_msg("%s", err.message);
}

/* ---- a table ---------------------------------------------------------------------------------- */

static uint32_t any(Raw *raw, uint32_t n)
{
    return rng_below(&raw->rng, n);
}

#define ANY(raw, list) ((list)[any(raw, sizeof(list) / sizeof *(list))])

static const char *const usual_missing[] = {"", "?", "NA", "N/A", "nan", "NaN", "null", "NULL", "None"};
static const char *own_missing[] = {"", "-999", "unk", "n/a, no", "null"};

static void any_number(Raw *raw, char *cell)
{
    static const char *const odd[] = {"inf", "-Infinity", "NAN", "1e400", "+.25", "00012.50", "-0", "1E-3", "7.", "-1e300",
                                      "0.1234567890123456789", "123456789012345678901234567890"};
    uint32_t kind = any(raw, 8);
    double value = 10 * rng_normal(&raw->rng);
    if (kind == 0) strcpy(cell, ANY(raw, odd));
    else if (kind < 3) snprintf(cell, CELL, "%d", (int)value);
    else snprintf(cell, CELL, "%.*g", (int)any(raw, 15) + 2, value);
    char *point = strchr(cell, '.');
    if (raw->commas && point) *point = ',';
}

/* Always with thousands and a fraction, so that whoever reads them knows the style. */
static void any_dressed(Raw *raw, int column, char *cell)
{
    static const char *const around[][2] = {{"$", ""}, {"", " \xe2\x82\xac"}, {"USD ", ""}, {"", " kr"}, {"", "%"}, {"", ""}};
    static const char *const between[] = {",", "'", " ", "\xe2\x80\xaf", "\xe2\x80\x99"};
    size_t which = (size_t)raw->dress[column] % (sizeof around / sizeof *around);
    const char *gap = between[(size_t)raw->dress[column] % (sizeof between / sizeof *between)];
    char text[CELL - 12];
    int thousands = (int)any(raw, 900) + 1, rest = (int)any(raw, 1000), cents = (int)any(raw, 100);
    bool open = any(raw, 8) == 0, minus = !open && any(raw, 4) == 0;
    if (raw->commas && *gap == ',') gap = ".";
    snprintf(text, sizeof text, "%d%s%03d%s%02d", thousands, gap, rest, raw->commas ? "," : ".", cents);
    snprintf(cell, CELL, "%s%s%s%s%s%s", open ? "(" : "", minus ? "-" : "", around[which][0], text, around[which][1],
             open ? ")" : "");
}

static void any_word(Raw *raw, bool seen, char *cell)
{
    static const char *const known[] = {"red", "Ulm, Donau", "TRUE", "a;b|c", "\xc3\xa9t\xc3\xa9", "say \"x\"", "two\nlines",
                                        "5 %", "no", "N.A."};
    static const char *const unknown[] = {"True", "RED", "never", "0x1p3", "tab\tin", "*/"};
    strcpy(cell, seen ? ANY(raw, known) : ANY(raw, unknown));
}

static void any_cell(Raw *raw, int column, bool fresh, char *cell)
{
    if (column == raw->label) {
        snprintf(cell, CELL, "%c", "pqr"[any(raw, 3)]);
    } else if (any(raw, 5) == 0 && column > 0) {
        strcpy(cell, raw->own_words ? ANY(raw, own_missing) : ANY(raw, usual_missing));
    } else if (raw->words[column]) {
        any_word(raw, !fresh || any(raw, 3) > 0, cell);
    } else if (raw->dressed[column]) {
        any_dressed(raw, column, cell);
    } else {
        any_number(raw, cell);
    }
}

static void any_name(Raw *raw, int column, const int *place)
{
    char *name = raw->name[column];
    switch (raw->naming) {
    case NAMES_NUMBERED: snprintf(name, CELL, "column_%d", place[column] + 1); break;
    case NAMES_TWICE: strcpy(name, column % 3 == 2 ? "" : "note"); break;
    case NAMES_DIGITS: snprintf(name, CELL, "%d", place[column]); break;
    case NAMES_NONE: snprintf(name, CELL, "column_%d", column + 1); break; /* what they will be called */
    default: snprintf(name, CELL, "a %c", 'A' + column);
    }
    if (column == raw->label && raw->naming != NAMES_DIGITS) strcpy(name, "y");
}

static void shuffle(Raw *raw, int *order, int n)
{
    for (int i = 0; i < n; i++) order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int k = (int)any(raw, (uint32_t)i + 1), keep = order[i];
        order[i] = order[k];
        order[k] = keep;
    }
}

static void make_raw(Raw *raw, int number)
{
    int place[MOST];
    *raw = (Raw){.rng = rng_stream(77, (uint32_t)number, RNG_TEST), .naming = (Naming)(number % N_NAMES)};
    raw->n_columns = 3 + (int)any(raw, MOST - 2);
    raw->label = 1 + (int)any(raw, (uint32_t)raw->n_columns - 1);
    raw->commas = any(raw, 3) == 0;
    raw->own_words = any(raw, 2) == 0;
    shuffle(raw, place, raw->n_columns);
    for (int c = 0; c < raw->n_columns; c++) {
        raw->words[c] = c > 0 && any(raw, 2) == 0;
        raw->dressed[c] = c > 0 && any(raw, 3) == 0;
        raw->dress[c] = (int)any(raw, 30);
        any_name(raw, c, place);
    }
    for (int i = 0; i < ROWS; i++)
        for (int c = 0; c < raw->n_columns; c++) any_cell(raw, c, false, raw->train[i][c]);
    for (int i = 0; i < AGAIN + NEW; i++)
        for (int c = 0; c < raw->n_columns; c++)
            if (i < AGAIN) strcpy(raw->row[i][c], raw->train[i][c]);
            else any_cell(raw, c, true, raw->row[i][c]);
}

/* ---- as a file -------------------------------------------------------------------------------- */

typedef struct {
    char delimiter;
    bool said; /* the reader is told the delimiter */
    bool header, crlf, blank_lines;
    bool hint, remarks;  /* sep=; and lines that begin with // */
    int skip, titles;    /* lines above the table: to be skipped, to be found out */
    bool rows_skipped;   /* the former have as many fields as a row */
    int n, order[MOST + 1]; /* columns; -1: one that is no column of the table */
    const char *label;      /* instead of what is there */
} Form;

static void add_cell(Raw *raw, const Form *form, const char *cell, Text *out)
{
    static const char *const blanks[] = {"", "", "", " ", "  "};
    const char special[] = {form->delimiter, '"', '\n', '\r', '\0'};
    if (form->n == 1 || any(raw, 4) == 0 || strpbrk(cell, special)) {
        text_print(out, "%s\"%s", ANY(raw, blanks), ANY(raw, blanks));
        for (; *cell; cell++) text_print(out, *cell == '"' ? "\"\"" : "%c", *cell);
        text_print(out, "%s\"%s", ANY(raw, blanks), ANY(raw, blanks));
    } else {
        text_print(out, "%s%s%s", ANY(raw, blanks), cell, ANY(raw, blanks));
    }
}

static void add_row(Raw *raw, const Form *form, char (*row)[CELL], bool is_header, Text *out)
{
    for (int i = 0; i < form->n; i++) {
        int c = form->order[i];
        const char *cell = c < 0 ? "zzz" : !is_header && c == raw->label && form->label ? form->label : row[c];
        if (i) text_print(out, "%c", form->delimiter);
        add_cell(raw, form, cell, out);
    }
    text_add(out, form->crlf ? "\r\n" : "\n");
    if (form->blank_lines && any(raw, 6) == 0) text_add(out, "\n");
}

static void add_top(const Form *form, Text *out)
{
    static const char *const titles[] = {"# made for the test", "Table 7", "% by hand"};
    for (int i = 0; i < form->skip; i++) {
        for (int k = 1; form->rows_skipped && k < form->n; k++) text_print(out, "%d%c", k, form->delimiter);
        text_add(out, form->rows_skipped ? "8\n" : "an \"old\" line\n");
    }
    if (form->hint) text_print(out, "sep=%c\n", form->delimiter);
    for (int i = 0; i < form->titles; i++) text_print(out, "%s%s", titles[i % 3], form->crlf ? "\r\n" : "\n");
}

static void write_file(Raw *raw, const Form *form, const char *name, bool training)
{
    Text text = {0};
    add_top(form, &text);
    if (form->header) add_row(raw, form, raw->name, true, &text);
    for (int i = 0; i < (training ? ROWS : AGAIN + NEW); i++) {
        if (form->remarks && any(raw, 8) == 0) text_add(&text, "// a, b; c | \"d\n");
        add_row(raw, form, training ? raw->train[i] : raw->row[i], false, &text);
    }
    put(name, &text);
    text_free(&text);
}

static Form any_form(Raw *raw, bool for_training)
{
    static const char delimiters[] = {',', ';', '\t', '|'};
    Form form = {.delimiter = for_training && raw->commas ? ';' : ANY(raw, delimiters), .n = raw->n_columns,
                 .said = true, .header = raw->naming != NAMES_NONE, .crlf = any(raw, 2),
                 .blank_lines = any(raw, 2)};
    if (for_training) {
        form.hint = any(raw, 4) == 0;
        form.remarks = any(raw, 3) == 0;
        form.titles = any(raw, 2) ? (int)any(raw, 4) : 0;
        form.skip = any(raw, 3) == 0 ? 1 + (int)any(raw, 2) : 0;
        form.rows_skipped = form.skip && any(raw, 2);
    }
    for (int i = 0; i < form.n; i++) form.order[i] = i;
    return form;
}

static Table *read_file(const char *name, const Form *form, HeaderMode header, const Raw *raw, const Schema *schema,
                        Arena *arena)
{
    char delimiter[2] = {form->delimiter}, label[16];
    ReadOptions options = {0};
    Table *table = NULL;
    const char *named;
    assert_true(field_defaults(&read_fields, &options, arena, &err));
    options.header = (int)header;
    if (form->said) options.delimiter = form->delimiter == '\t' ? "tab" : delimiter;
    options.skip = form->skip;
    if (!schema) {
        options.comment = form->remarks ? "//" : NULL;
        snprintf(label, sizeof label, "%d", raw->label + 1);
        named = raw->naming == NAMES_NONE ? label : raw->name[raw->label];
        options.label = (TextList){1, &named};
        if (raw->own_words)
            options.missing_tokens = (TextList){sizeof own_missing / sizeof *own_missing, own_missing};
    } else {
        /* Nothing is said, but where rows might be taken for the lines to be skipped, or not. */
        bool may_be_rows = schema->rules.layout.skipped_rows && raw->naming == NAMES_NONE;
        if (form->skip || !may_be_rows) options.skip = -1;
        options.said_as = "--";
        options.no_labels = true;
    }
    if (!table_read(&(DataFile){in_folder(name), NULL}, &options, schema, arena, &table, &err))
        fail_msg("%s", err.message);
    return table;
}

/* ---- C ---------------------------------------------------------------------------------------- */

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
    "    n = fread(all, 1, sizeof all, in);\n"
    "    while (at < n) {\n"
    "        for (i = 0; i < IT_N_INPUTS; i++, at += strlen(all + at) + 1) fields[i] = all + at;\n"
    "        i = it_encode_row(fields, x);\n"
    "        if (i) { printf(\"field %d: %s\\n\", i, fields[i - 1]); return 97; }\n"
    "        (void)it_predict(x, p);\n"
    "        for (i = 0; i < IT_N_INPUTS; i++) {\n"
    "            double cell = x[i];\n"
    "            fwrite(&cell, sizeof cell, 1, out);\n"
    "        }\n"
    "        fwrite(p, sizeof p[0], IT_N_CLASSES, out);\n"
    "    }\n"
    "    return fclose(out);\n"
    "}\n";

/* What the C source makes of the rows: for each its inputs, then its probabilities. */
static Bytes ask_c(Raw *raw, const Model *model, const int *from, Arena *arena)
{
    Text header = {0}, source = {0}, cells = {0}, code = {0};
    if (!c_source_write(model, &(CExportOptions){.name = "it"}, arena, &header, &source, &err))
        fail_msg("%s", err.message);
    for (int i = 0; i < AGAIN + NEW; i++)
        for (int c = 0; c < model->schema.n_columns; c++) {
            const char *cell = raw->row[i][from[c]];
            text_print(&cells, "%s%s%s", any(raw, 3) ? "" : " ", cell, any(raw, 3) ? "" : " \t");
            text_add_n(&cells, "", 1);
        }
    text_add(&code, driver);
    put("it.h", &header);
    put("it.c", &source);
    put("cells", &cells);
    put("main.c", &code);
    char command[300];
    Bytes log, answers;
    snprintf(command, sizeof command, "cd %s && (cc -std=c99 -O0 -o it it.c main.c -lm && ./it) > log 2>&1", folder);
    if (system(command) != 0) {
        assert_true(file_read(in_folder("log"), 0, &log, &err));
        fail_msg("%.2000s", log.bytes);
    }
    assert_true(file_read(in_folder("answers"), 0, &answers, &err));
    text_free(&header);
    text_free(&source);
    text_free(&cells);
    text_free(&code);
    return answers;
}

/* ---- all read alike --------------------------------------------------------------------------- */

static const char *word_of(const Column *column, int row)
{
    return column->code[row] < 0 ? NULL : column->levels[column->code[row]];
}

static void same_as_training(const Table *train, const Table *read)
{
    assert_int_equal(read->n_rows, AGAIN + NEW);
    assert_int_equal(read->n_columns, train->n_columns);
    assert_null(read->labels);
    for (int c = 0; c < train->n_columns; c++) {
        const Column *a = &train->columns[c], *b = &read->columns[c];
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->kind, b->kind);
        for (int i = 0; i < AGAIN; i++) {
            if (a->kind == COLUMN_NUMERIC) {
                double x = column_number(a, i), y = column_number(b, i);
                if (isnan(x) ? !isnan(y) : memcmp(&x, &y, sizeof x) != 0)
                    fail_msg("%s, row %d: %g in training, %g for predict", a->name, i, x, y);
                continue;
            }
            const char *x = word_of(a, i), *y = word_of(b, i);
            if (x != y && (!x || !y || strcmp(x, y) != 0))
                fail_msg("%s, row %d: `%s` in training, `%s` for predict", a->name, i, x ? x : "-", y ? y : "-");
        }
    }
}

static void same_as_c(const Model *model, const Table *read, const Bytes *answers, Arena *arena)
{
    int n = read->n_columns, k = model->schema.n_classes;
    float *proba = ARENA_NEW(arena, float, read->n_rows * k);
    bool wide = false;
    for (int p = 0; p < model->n_preps; p++)
        for (int c = 0; c < n; c++) {
            const PrepColumn *column = &model->preps[p]->columns[c];
            wide = wide || (column->kind == COLUMN_NUMERIC && plan_column_wide(column, PLAN_FEATURES));
        }
    const double digits = wide ? 1e-12 : 1e-7; /* cells are doubles or floats */
    if (!model_predict(model, read, arena, proba, &err)) fail_msg("%s", err.message);
    size_t size = (size_t)n * sizeof(double) + (size_t)k * sizeof(float);
    assert_int_equal(answers->n, size * (size_t)read->n_rows);
    for (int i = 0; i < read->n_rows; i++) {
        const char *at = answers->bytes + size * (size_t)i;
        double x[MOST];
        float p[3];
        memcpy(x, at, (size_t)n * sizeof *x);
        memcpy(p, at + (size_t)n * sizeof *x, (size_t)k * sizeof *p);
        for (int c = 0; c < n; c++) {
            const Column *column = &read->columns[c];
            double want = column->kind == COLUMN_NUMERIC ? column_number(column, i) : column->code[i];
            if (column->kind == COLUMN_NOMINAL && want < 0) want = NAN;
            else if (column->kind == COLUMN_NOMINAL && want >= model->schema.columns[c].n_levels) want = -1;
            bool same = isnan(want) ? !isfinite(x[c]) : fabs(x[c] - want) <= digits * fabs(want);
            if (!same) fail_msg("%s, row %d: %g for predict, %g in C", column->name, i, want, x[c]);
        }
        for (int c = 0; c < k; c++)
            if (!(fabsf(p[c] - proba[i * k + c]) < 1e-5f))
                fail_msg("row %d, class %d: %.8f in C, %.8f by the model", i, c, (double)p[c],
                         (double)proba[i * k + c]);
    }
}

static void leave_label_out(const Raw *raw, Form *form)
{
    for (int i = form->n = 0; i < raw->n_columns; i++)
        if (i != raw->label) form->order[form->n++] = i;
}

static void leave_top_out(Form *form)
{
    form->hint = form->remarks = form->rows_skipped = false;
    form->skip = form->titles = 0;
}

/* The form of the training file, without a word; with less above the table, without its label, in another
 * order, without names. */
static int trained_forms(Raw *raw, const Form *trained, Form *forms)
{
    int n = 0;
    Form form = *trained;
    form.said = false;
    forms[n++] = form;
    forms[n] = form;
    leave_top_out(&forms[n++]);
    forms[n] = form;
    leave_label_out(raw, &forms[n]);
    if (forms[n].n < 3) forms[n].titles = 0; /* of one field */
    n++;
    if (raw->naming == NAMES_NONE) return n;
    if (raw->naming != NAMES_TWICE) { /* whose order counts */
        forms[n] = form;
        shuffle(raw, forms[n].order, forms[n].n);
        forms[n].order[forms[n].n] = -1;
        forms[n++].n++;
    }
    if (raw->naming == NAMES_DIGITS) return n; /* they could be cells */
    forms[n] = form;
    forms[n].header = false;
    leave_top_out(&forms[n++]);
    return n;
}

/* Other forms of the same rows: as somebody who uses the model may have them. */
static int other_forms(Raw *raw, const int *from, int n_features, Form *forms)
{
    int n = 0;
    forms[n++] = any_form(raw, false);
    forms[n] = any_form(raw, false);
    forms[n++].label = "TBD";
    forms[n] = any_form(raw, false);
    leave_label_out(raw, &forms[n++]);
    if (raw->naming != NAMES_TWICE) { /* whose order counts */
        forms[n] = any_form(raw, false);
        forms[n].header = true;
        shuffle(raw, forms[n].order, forms[n].n);
        forms[n].order[forms[n].n] = -1;
        forms[n++].n++;
    }
    /* No header: just what the model has, where its names could not be cells and do not say places. */
    if (raw->naming == NAMES_DIGITS || raw->naming == NAMES_NONE) return n;
    forms[n] = any_form(raw, false);
    forms[n].header = false;
    forms[n].n = n_features;
    for (int i = 0; i < n_features; i++) forms[n].order[i] = from[i];
    return n + 1;
}

static void read_alike(int number, Arena *arena)
{
    static Raw raw;
    make_raw(&raw, number);
    Form form = any_form(&raw, true), forms[11];
    write_file(&raw, &form, "train", true);
    Table *train = read_file("train", &form, form.header ? HEADER_YES : HEADER_NO, &raw, NULL, arena);
    assert_int_equal(train->n_rows, ROWS);
    const char *name[MOST];
    int from[MOST], n = train->n_columns;
    for (int c = 0; c < n; c++) name[c] = train->columns[c].name;
    table_drop_useless(train, arena);
    for (int c = 0; c < train->n_columns; c++)
        for (int k = 0; k < n; k++)
            if (strcmp(name[k], train->columns[c].name) == 0) from[c] = k + (k >= raw.label);
    assert_true(train->n_columns > 0 && train->n_classes == 3);
    Model *made = make_model(train, 3, -1, (uint64_t)number, arena, &err), *model = NULL;
    if (!made) fail_msg("%s", err.message);
    if (!model_save(made, in_folder("it.consort"), &err) || !model_load(in_folder("it.consort"), arena, &model, &err))
        fail_msg("%s", err.message);
    Bytes answers = ask_c(&raw, model, from, arena);
    int n_forms = trained_forms(&raw, &form, forms);
    n_forms += other_forms(&raw, from, train->n_columns, forms + n_forms);
    for (int f = 0; f < n_forms; f++) {
        print_message("table %d, form %d\n", number, f);
        write_file(&raw, &forms[f], "rows", false);
        Table *read = read_file("rows", &forms[f], HEADER_AUTO, &raw, &model->schema, arena);
        same_as_training(train, read);
        same_as_c(model, read, &answers, arena);
    }
    bytes_free(&answers);
}

static void training_predict_and_c_read_alike(void **state)
{
    (void)state;
    if (system("cc --version > /dev/null 2>&1") != 0) skip();
    const char *one = getenv("READING"); /* the number of one table */
    for (int i = one ? atoi(one) : 0; i < (one ? atoi(one) + 1 : TABLES); i++) {
        Arena *arena = arena_create(0);
        read_alike(i, arena);
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(training_predict_and_c_read_alike)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
