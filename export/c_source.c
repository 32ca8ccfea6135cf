/* The exporter: taking stock of a model, its header, its self-test, and all parts in order. */
#include "export/c_source.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "export/c_cells.h"
#include "export/c_code.h"
#include "export/c_conformal.h"
#include "export/c_encode.h"
#include "export/c_tables.h"
#include "export/c_targets.h"
#include "model/decision.h"

#ifndef CONSORT_VERSION
#define CONSORT_VERSION "unknown"
#endif

/* ---- naming ---------------------------------------------------------------------------------- */

/* Letters, digits and single underscores, beginning with a letter: legal in C and C++. */
static const char *identifier(Arena *arena, const char *text)
{
    enum { LONGEST = 40 };
    char name[LONGEST + 8];
    size_t n = 0;
    for (; *text && n < LONGEST; text++) {
        bool fine = isalnum((unsigned char)*text) && (unsigned char)*text < 0x80;
        if (n == 0 && fine && isdigit((unsigned char)*text)) name[n++] = 'm', name[n++] = '_';
        if (fine) name[n++] = *text;
        else if (n > 0 && name[n - 1] != '_') name[n++] = '_';
    }
    while (n > 0 && name[n - 1] == '_') n--;
    return n > 0 ? arena_copy_n(arena, name, n) : arena_copy(arena, "model");
}

static const char *capitals(Arena *arena, const char *name)
{
    char *copy = arena_copy(arena, name);
    for (char *c = copy; c && *c; c++) *c = (char)toupper((unsigned char)*c);
    return copy;
}

/* The header stands beside the source under the name that was asked for, if that can be written. */
static const char *header_file(const CExport *e, const CExportOptions *options)
{
    const char *name = options->name;
    if (!name || !*name || strpbrk(name, "\"\\\n\r/")) name = e->name;
    return arena_print(e->arena, "%s.h", name);
}

/* Text within a comment: nothing that could end it, and one line. */
static void comment_text(Text *out, const char *text)
{
    for (; text && *text; text++) {
        bool fine = *text >= 0x20 && *text < 0x7F && *text != '*' && *text != '?' && *text != '\\';
        text_add_n(out, fine ? text : "_", 1);
    }
}

/* ---- taking stock ---------------------------------------------------------------------------- */

static void look_at_network(CExport *e, const Mlp *mlp)
{
    e->n_nets++;
    if (mlp->n_layers > 1) e->used[mlp->activation] = true;
    for (int l = 1; l <= mlp->n_layers; l++)
        if (mlp->width[l] > e->most_width) e->most_width = mlp->width[l];
    for (int l = 0; l < mlp->n_layers; l++) e->has_skips = e->has_skips || mlp_skips(mlp, l);
    e->has_norms = e->has_norms || (mlp->layer_norm && mlp->n_layers > 1);
    if (!mlp->embed) return;
    e->has_embeds = true;
    if (mlp->width[0] > e->most_inputs) e->most_inputs = mlp->width[0];
}

static void count_links(CExport *e)
{
    bool seen[LINK_COUNT] = {false};
    for (int m = 0; m < e->model->n_members; m++)
        for (int k = 0; k < e->model->members[m].n_nets; k++)
            seen[e->model->members[m].nets[k].mlp->link] = true;
    for (int link = 0; link < LINK_COUNT; link++) e->n_links += seen[link];
}

static bool take_stock(CExport *e, Error *err)
{
    /* A compiler needs some 100 bytes and 0.5 us a constant. */
    enum { MOST_PARAMS = 50000000, LONGEST_TEXT = 4000 };
    const Model *model = e->model;
    const Schema *schema = &model->schema;
    e->image = schema->n_columns == 0;
    e->n_inputs = e->image ? (int)PIXELS_OF(schema) : schema->n_columns;
    e->n_classes = schema->n_classes;
    e->n_values = e->most_width = model_values(model);
    for (int p = 0; p < model->n_preps; p++)
        if (model->preps[p]->n_features > e->most_features) e->most_features = model->preps[p]->n_features;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            look_at_network(e, model->members[m].nets[k].mlp);
    count_links(e);
    size_t longest = 0;
    for (int c = 0; c < schema->n_classes; c++)
        if (strlen(schema->classes[c]) > longest) longest = strlen(schema->classes[c]);
    for (int t = 0; t < schema->task.n_targets; t++) {
        const Target *target = &schema->task.targets[t];
        const char *const texts[3] = {target->name, target->answer[0], target->answer[1]};
        for (int i = 0; i < 3; i++)
            if (texts[i] && strlen(texts[i]) > longest) longest = strlen(texts[i]);
    }
    for (int j = 0; j < schema->n_columns; j++) {
        const Column *column = &schema->columns[j];
        if (column->kind == COLUMN_NUMERIC) e->has_numbers = true;
        else if (column->kind == COLUMN_DATE) e->has_dates = true;
        else if (column->kind == COLUMN_FREE_TEXT) e->has_texts = true;
        else e->has_words = true;
        e->has_levels = e->has_levels || column->kind == COLUMN_ORDERED;
        if (column->name && strlen(column->name) > longest) longest = strlen(column->name);
        if (column->kind == COLUMN_FREE_TEXT) continue; /* of which a table has levels, and a model has not */
        if (column->n_levels > 30000)
            return error_set(err, ERR_INVALID, "column `%.60s` has %d levels; at most 30000 can be"
                             " exported as C", column->name, column->n_levels);
        for (int i = 0; i < column->n_levels; i++)
            if (strlen(column->levels[i]) > longest) longest = strlen(column->levels[i]);
    }
    for (int i = 0; i < schema->rules.n_missing; i++)
        if (strlen(schema->rules.missing[i]) > longest) longest = strlen(schema->rules.missing[i]);
    if (longest > LONGEST_TEXT)
        return error_set(err, ERR_INVALID, "a class, column or level of %zu letters cannot be a C"
                         " string of at most 4095", longest);
    if (model_n_params(model) > MOST_PARAMS)
        return error_set(err, ERR_INVALID, "a model of %zu weights is too large for a C source"
                         " file (at most %d)", model_n_params(model), MOST_PARAMS);
    return true;
}

/* ---- the header ------------------------------------------------------------------------------ */

static size_t stack_bytes(const CExport *e)
{
    return sizeof(float) * ((size_t)e->most_features + (size_t)e->most_inputs + 2 * (size_t)e->most_width +
                            (e->model->combine != COMBINE_AVERAGE ? (size_t)e->n_classes : 0));
}

/* Weights, preprocessing and names; code and the self-test's rows come on top. */
static size_t constant_bytes(const CExport *e)
{
    const Schema *schema = &e->model->schema;
    size_t n = model_bytes(e->model), columns = (size_t)schema->n_columns;
    for (int s = 0; s < e->plan->n_steps; s++)
        if (e->plan->steps[s].op <= PLAN_DERIVED && e->coding && e->coding[s]) n += coding_bytes(e->coding[s]);
    for (int c = 0; c < schema->n_classes; c++) n += 8 + strlen(schema->classes[c]);
    for (size_t j = 0; j < columns; j++)
        for (int i = 0; i < schema->columns[j].n_levels && schema->columns[j].kind != COLUMN_FREE_TEXT; i++)
            n += 9 + strlen(schema->columns[j].levels[i]);
    return n;
}

static void write_title(CExport *e, const char *file, const char *model_sha256)
{
    text_print(e->out, "/* %s - generated by Consort " CONSORT_VERSION " from the model \"", file);
    comment_text(e->out, e->model->name);
    text_add(e->out, "\".\n");
    if (model_sha256) {
        text_add(e->out, " * SHA-256 of the model file: ");
        comment_text(e->out, model_sha256);
        text_add(e->out, "\n");
    }
}

static const char image_contract[] =
    "\n"
    " * x   grey levels 0 to 255 as they stand in the image, row by row ($_HEIGHT x $_WIDTH)\n";
static const char colour_contract[] =
    "\n"
    " * x   red, green and blue of each pixel, 0 to 255, side by side, row by row ($_HEIGHT x $_WIDTH x 3)\n";
static const char table_contract[] =
    "\n"
    " * x   raw column values in the order of @_input_names: numbers as they are, NAN where missing";
static const char words_contract[] =
    ";\n"
    " *     for columns of words what @_level() gives (or let @_encode_row() read the row)";
static const char common_contract[] =
    " * p   receives the probability of each class, in the order of @_class_names\n"
    " *\n"
    " * @_predict returns the class decided for. No memory is allocated, nothing global changes: it\n"
    " * may be called from several threads or an interrupt. Needs libm only.\n";

static const char text_input[] =
    "/* The value of a column. A text is borrowed, in UTF-8, and ends with a 0. */\n"
    "typedef struct {\n"
    "    %-6s number;    /* of a number, a word or a date */\n"
    "    const char *text; /* of a text; 0: it is missing */\n"
    "} %s_input;\n\n";

/* " * Decides bad when p(bad) >= 0.34, else good (for {recall: {bad: 0.8}})." */
static bool write_rule(CExport *e)
{
    if (c_has_targets(e)) return true;
    const char *rule = decision_rule(e->model, -1, e->arena);
    if (!rule) return false;
    text_add(e->out, " *\n * D");
    comment_text(e->out, rule + 1);
    if (e->model->asked) {
        text_add(e->out, " (for ");
        comment_text(e->out, e->model->asked);
        text_add(e->out, ")");
    }
    text_add(e->out, ".\n");
    return true;
}

static bool write_header(CExport *e, const char *file, const char *model_sha256, Text *header)
{
    const bool colour = pixels_channels(e->model->schema.channels) == 3;
    e->out = header;
    write_title(e, file, model_sha256);
    const Task *task = &e->model->schema.task;
    text_print(header, " *\n * %d %s, %d %s, %d networks, %zu weights. Constants take about %zu"
               " bytes of flash;\n * a prediction takes about %zu bytes of stack.\n *",
               e->n_inputs, colour ? "values of pixels" : e->image ? "pixels" : "columns",
               c_has_targets(e) ? task->n_targets : e->n_classes,
               !c_has_targets(e) ? "classes" : task->kind == TASK_LABELS ? "labels" : "numbers", e->n_nets,
                   model_n_params(e->model), constant_bytes(e), stack_bytes(e) + 256);
    c_emit(e, !e->image ? table_contract : colour ? colour_contract : image_contract);
    if (e->has_words) c_emit(e, words_contract);
    if (!e->image) text_add(header, "\n");
    if (c_has_targets(e)) c_targets_contract(e);
    else c_emit(e, common_contract);
    if (!write_rule(e)) return false;
    c_emit(e, " */\n#ifndef $_MODEL_H\n#define $_MODEL_H\n\n");
    if (e->image) {
        text_print(header, "#define %s_HEIGHT %d\n#define %s_WIDTH %d\n", e->capitals,
                   e->model->schema.height, e->capitals, e->model->schema.width);
        if (colour) text_print(header, "#define %s_CHANNELS 3\n", e->capitals);
    }
    text_print(header, "#define %s_N_INPUTS %d\n", e->capitals, e->n_inputs);
    if (!c_has_targets(e)) text_print(header, "#define %s_N_CLASSES %d\n", e->capitals, e->n_classes);
    else
        text_print(header, "#define %s_N_TARGETS %d\n#define %s_N_VALUES %d\n", e->capitals, task->n_targets,
                   e->capitals, e->n_values);
    if (task->n_quantiles > 0) text_print(header, "#define %s_N_QUANTILES %d\n", e->capitals,
                                          task->n_quantiles);
    c_conformal_defines(e);
    text_add(header, "\n");
    c_emit(e, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    if (e->has_texts) text_print(header, text_input, c_cell_type(e), e->name);
    else text_print(header, "typedef %s %s_input;\n\n", e->image ? "unsigned char" : c_cell_type(e), e->name);
    if (c_has_targets(e)) c_targets_api(e);
    else
        c_emit(e, "#ifndef $_NO_STRINGS\nextern const char *const @_class_names[$_N_CLASSES];\n#endif\n"
                  "int @_predict(const @_input x[$_N_INPUTS], float p[$_N_CLASSES]);\n\n");
    c_conformal_api(e);
    c_cells_api(e);
    c_emit(e, e->image ? "" : "\n");
    c_emit(e, c_has_numbers(e)
              ? "/* Predicts rows whose numbers are known. Returns 0 when all are right to 0.0001 of them and\n"
                " * of how much they vary, else the first row (from 1) that is not. Leave it out with\n"
                " * -D$_NO_SELFTEST. */\n"
              : "/* Predicts rows whose probabilities are known. Returns 0 when all are right to 0.0001, else\n"
                " * the first row (from 1) that is not. Leave it out with -D$_NO_SELFTEST. */\n");
    c_emit(e, "int @_selftest(void);\n\n"
              "#ifdef __cplusplus\n}\n#endif\n#endif\n");
    return true;
}

/* ---- the self-test --------------------------------------------------------------------------- */

enum { SELFTEST_ROWS = 10 };

/* Rows to test with when none were given: around where each column's values lie, with some missing
 * and some words that were never seen. */
static bool make_up(CExport *e, Table *table, Error *err)
{
    const Schema *schema = &e->model->schema;
    const int n = SELFTEST_ROWS;
    Rng rng = rng_stream(1, 0, RNG_SYNTH);
    *table = (Table){.n_rows = n, .n_columns = schema->n_columns, .height = schema->height,
                     .width = schema->width, .channels = schema->channels, .n_classes = schema->n_classes};
    if (e->image) {
        uint8_t *pixels = ARENA_NEW(e->arena, uint8_t, (size_t)n * (size_t)e->n_inputs);
        if (!pixels) return error_memory(err);
        for (int i = 0; i < n * e->n_inputs; i++) /* a third lit, as in drawings */
            pixels[i] = rng_below(&rng, 3) ? 0 : (uint8_t)rng_below(&rng, 256);
        table->pixels = pixels;
        return true;
    }
    table->columns = ARENA_NEW(e->arena, Column, schema->n_columns);
    if (!table->columns) return error_memory(err);
    for (int j = 0; j < schema->n_columns; j++) {
        const PrepColumn *prep = &e->model->preps[0]->columns[j];
        Column *column = &table->columns[j];
        *column = schema->columns[j];
        if (column->kind == COLUMN_FREE_TEXT) {
            static const char *const made[] = {"Made up: good, and not so good", "it is the best",
                                         "\303\234ber alles", "no. 1"};
            column->levels = (const char **)made;
            column->n_levels = sizeof made / sizeof *made;
        }
        column->number = ARENA_NEW(e->arena, double, n);
        column->code = ARENA_NEW(e->arena, int32_t, n);
        if (!column->number || !column->code) return error_memory(err);
        for (int i = 0; i < n; i++) {
            double unit = column->kind == COLUMN_DATE ? 86400 : 1; /* of days */
            double spread = prep->n_knots ? 0 : prep->scale != 0 ? 1 / prep->scale : 1;
            double z = rng_normal(&rng);
            uint32_t draw = rng_u32(&rng);
            column->number[i] = (prep->shift + spread * z) * unit;
            if (prep->n_knots)
                column->number[i] = prep->knots[draw % (uint32_t)prep->n_knots] * unit;
            if (draw % 8 == 0) column->number[i] = NAN;
            column->code[i] = (int32_t)(draw % (uint32_t)(column->n_levels + 1)) - 1;
        }
    }
    return true;
}

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

static const char selftest_code[] =
    "\n"
    "int @_selftest(void)\n"
    "{\n"
    "    int row, c;\n"
    "    float p[$_N_CLASSES];\n"
    "    for (row = 0; row < (int)(sizeof @_test_x / sizeof @_test_x[0]); row++) {\n"
    "        (void)@_predict(@_test_x[row], p);\n"
    "        for (c = 0; c < $_N_CLASSES; c++)\n"
    "            if (!(fabsf(p[c] - @_test_p[row][c]) < 1e-4f)) return row + 1;\n"
    "    }\n"
    "    return 0;\n"
    "}\n"
    "#endif\n";

static bool write_selftest(CExport *e, const Table *table, Error *err)
{
    Table made;
    if (!table || table->n_rows == 0) {
        if (!make_up(e, &made, err)) return false;
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
    if (!model_predict(e->model, rows, e->arena, proba, err)) return error_wrap(err, "self-test");
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
    if (c_has_targets(e)) {
        c_targets_test(e, n, proba);
        return true;
    }
    text_print(e->out, "static const float %s_test_p[%d][%s_N_CLASSES] = {", e->name, n, e->capitals);
    for (int i = 0; i < n; i++) {
        text_add(e->out, i ? ",\n    {" : "\n    {");
        for (int c = 0; c < e->n_classes; c++) {
            if (c) text_add(e->out, ", ");
            c_float(e->out, proba[(size_t)i * (size_t)e->n_classes + (size_t)c]);
        }
        text_add(e->out, "}");
    }
    text_add(e->out, "};\n");
    c_emit(e, selftest_code);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

bool c_source_write(const Model *model, const CExportOptions *options, Arena *arena, Text *header,
                    Text *source, Error *err)
{
    CExport e = {.model = model, .arena = arena};
    e.name = identifier(arena, options->name && *options->name ? options->name : model->name);
    e.capitals = e.name ? capitals(arena, e.name) : NULL;
    if (!e.capitals) return error_memory(err);
    const char *file = header_file(&e, options);
    if (!file) return error_memory(err);
    if (!take_stock(&e, err)) return false;
    Plan *plan = NULL;
    if (!plan_make(model, arena, &plan, err)) return false;
    e.plan = plan;
    /* What is called stands before it is, and is known when all else was written. */
    Text body = {0};
    e.out = &body;
    c_tables(&e);
    c_code(&e);
    bool ok = write_selftest(&e, options->sample, err);
    if (ok && !write_header(&e, file, options->model_sha256, header)) ok = error_memory(err);
    e.out = source;
    write_title(&e, "the source", options->model_sha256);
    if (ok && !write_rule(&e)) ok = error_memory(err);
    text_print(source, " */\n#include \"%s\"\n\n#include <math.h>\n#include <stddef.h>\n"
               "#include <stdint.h>\n", file);
    if (!e.image) text_add(source, "#include <string.h>\n");
    text_print(source, "\nenum { %s_MOST_FEATURES = %d, %s_MOST_WIDTH = %d };\n", e.capitals,
               e.most_features, e.capitals, e.most_width);
    if (e.has_embeds)
        text_print(source, "enum { %s_MOST_INPUTS = %d };\n", e.capitals, e.most_inputs);
    if (text_ok(&body) && text_ok(&e.pieces)) {
        text_add_n(source, e.pieces.bytes, e.pieces.n);
        text_add_n(source, body.bytes, body.n);
    } else {
        source->broken = true;
    }
    text_free(&body);
    text_free(&e.pieces);
    if (!ok) return false;
    return text_ok(header) && text_ok(source) ? true : error_memory(err);
}
