/* The exporter: taking stock of a model, its header, and all parts in order. */
#include "export/c_source.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "export/c_cells.h"
#include "export/c_encode.h"
#include "export/c_networks.h"
#include "export/c_predict.h"
#include "export/c_selftest.h"
#include "model/decision.h"

#ifndef CONSORT_VERSION
#define CONSORT_VERSION "unknown"
#endif

const char *const c_target_names[] = {C_TARGET_LIST(LIST_NAME) NULL};

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

static bool take_stock(CExport *e, Error *err)
{
    /* A compiler needs some 100 bytes and 0.5 us a constant. */
    enum { MOST_PARAMS = 50000000, LONGEST_TEXT = 4000 };
    const Model *model = e->model;
    const Schema *schema = &model->schema;
    e->image = schema->n_columns == 0;
    e->n_inputs = e->image ? (int)PIXELS_OF(schema) : schema->n_columns;
    e->n_classes = schema->n_classes;
    e->n_values = model_values(model);
    for (int m = 0; m < model->n_members; m++) e->n_nets += model->members[m].n_nets;
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
                   model_n_params(e->model), constant_bytes(e), c_predict_stack(e) + 256);
    c_emit(e, !e->image ? table_contract : colour ? colour_contract : image_contract);
    if (e->has_words) c_emit(e, words_contract);
    if (!e->image) text_add(header, "\n");
    c_predict_contract(e);
    if (!write_rule(e)) return false;
    c_emit(e, " */\n#ifndef $_MODEL_H\n#define $_MODEL_H\n\n");
    if (e->image) {
        text_print(header, "#define %s_HEIGHT %d\n#define %s_WIDTH %d\n", e->capitals,
                   e->model->schema.height, e->capitals, e->model->schema.width);
        if (colour) text_print(header, "#define %s_CHANNELS 3\n", e->capitals);
    }
    text_print(header, "#define %s_N_INPUTS %d\n", e->capitals, e->n_inputs);
    c_predict_defines(e);
    text_add(header, "\n");
    c_emit(e, "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    if (e->has_texts) text_print(header, text_input, c_cell_type(e), e->name);
    else text_print(header, "typedef %s %s_input;\n\n", e->image ? "unsigned char" : c_cell_type(e), e->name);
    c_predict_api(e);
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

/* ---- the whole ------------------------------------------------------------------------------- */

bool c_source_write(const Model *model, const CExportOptions *options, Arena *arena, Text *header,
                    Text *source, Error *err)
{
    CExport e = {.model = model, .arena = arena, .server = options->target == C_SERVER};
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
    c_predict_tables(&e);
    c_encode_tables(&e);
    c_networks_tables(&e);
    for (int s = 0, last = -1; s < plan->n_steps; s++)
        if (plan->steps[s].op <= PLAN_DERIVED && plan->steps[s].prep != last)
            c_encode_prep(&e, last = plan->steps[s].prep);
    c_networks_code(&e);
    c_predict_code(&e);
    c_cells(&e);
    bool ok = c_selftest(&e, options->sample, err);
    if (ok && !write_header(&e, file, options->model_sha256, header)) ok = error_memory(err);
    e.out = source;
    write_title(&e, "the source", options->model_sha256);
    if (ok && !write_rule(&e)) ok = error_memory(err);
    text_print(source, " */\n#include \"%s\"\n\n#include <math.h>\n#include <stddef.h>\n"
               "#include <stdint.h>\n#include <string.h>\n", file);
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
