/* export/wasm.c - fills the templates of export/browser/ with what a model is. */
#include "export/wasm.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "data/dressed.h"

extern const char browser_shim[], browser_loader[], browser_load[], browser_css[];
extern const char browser_draw[], browser_form[], browser_page[];

void wasm_shim(const Model *model, Text *out)
{
    const Schema *schema = &model->schema;
    const Task *task = &schema->task;
    const bool picture = schema->n_columns == 0, numbers = task->kind == TASK_NUMBERS;
    const size_t inputs = picture ? PIXELS_OF(schema) : (size_t)schema->n_columns;
    text_print(out, "#include \"model.h\"\n#define SHIM_INPUTS %zu\n#define SHIM_VALUES %d\n"
                    "#define SHIM_PICTURE %d\n", inputs, model_values(model), picture);
    text_print(out, "#define SHIM_VALUE %s\n#define SHIM_TARGETS %d\n#define SHIM_LEVELS %d\n"
                    "#define SHIM_TEXT %d\n",
               numbers ? "double" : "float", numbers ? task->n_targets : 0,
               model->conformal ? model->conformal->n_levels : 0, (int)WASM_TEXT);
    text_print(out, "#define SHIM_PREDICT(x, v) %s\n",
               numbers ? "((void)model_predict((x), (v)), 0)" : "model_predict((x), (v))");
    text_add(out, browser_shim);
}

/* ---- INFO ------------------------------------------------------------------------------------ */

static Doc *names_doc(int n, const char *const *names)
{
    Doc *list = doc_array();
    for (int i = 0; i < n; i++) doc_add(list, doc_text(names[i]));
    return list;
}

static Doc *numbers_doc(int n, const double *numbers)
{
    Doc *list = doc_array();
    for (int i = 0; i < n; i++) doc_add(list, doc_number(numbers[i]));
    return list;
}

static Doc *targets_doc(const Task *task)
{
    Doc *list = doc_array();
    for (int t = 0; t < task->n_targets; t++) {
        Doc *entry = doc_add(list, doc_object());
        doc_set_text(entry, "name", task->targets[t].name);
        if (task->kind != TASK_LABELS) continue;
        doc_set_text(entry, "no", task->targets[t].answer[0]);
        doc_set_text(entry, "yes", task->targets[t].answer[1]);
    }
    return list;
}

/* A number to begin with: the middle of what training saw, to three digits. */
static const char *typical(const PrepColumn *prep, char text[32])
{
    double rounded;
    char digits[32];
    snprintf(digits, sizeof digits, "%.3g", prep->fill);
    return text_to_number(digits, &rounded) ? text_number(rounded, text) : NULL;
}

static Doc *column_doc(const Column *column, const PrepColumn *prep)
{
    char text[32];
    Doc *entry = doc_object();
    const bool comma = column->kind == COLUMN_NUMERIC && column->style && dressed_decimal(column->style) == ',';
    doc_set_text(entry, "name", column->name);
    doc_set_text(entry, "kind", column_kind_names[column->kind]);
    if (column->kind == COLUMN_NOMINAL || column->kind == COLUMN_ORDERED)
        doc_set(entry, "levels", names_doc(column->n_levels, (const char *const *)column->levels));
    if (column->kind == COLUMN_DATE) doc_set_text(entry, "format", column->format);
    if (column->kind != COLUMN_NUMERIC) return entry;
    doc_set_text(entry, "decimal", comma ? "," : ".");
    doc_set_bool(entry, "dressed", column->style != STYLE_PLAIN);
    const char *middle = typical(prep, text);
    for (char *c = text; middle && comma && *c; c++)
        if (*c == '.') *c = ',';
    if (middle) doc_set_text(entry, "typical", middle);
    return entry;
}

/* Was the paper light? By the mean level of training, where preprocessing took it off. */
static bool is_dark_on_light(const Model *model)
{
    const Prep *prep = model->preps[0];
    double sum = 0;
    for (int i = 0; i < prep->n_features; i++) sum += (double)prep->pixel_shift[i];
    return prep->n_features > 0 && sum / prep->n_features > 127.5;
}

Doc *wasm_info(const Model *model)
{
    const Schema *schema = &model->schema;
    const Task *task = &schema->task;
    const Conformal *promises = model->conformal;
    Doc *info = doc_object();
    doc_set_text(info, "name", model->name);
    doc_set_text(info, "task", task_names[task->kind]);
    doc_set_text(info, "label", schema->label_name);
    doc_set(info, "classes", names_doc(schema->n_classes, (const char *const *)schema->classes));
    doc_set(info, "targets", targets_doc(task));
    doc_set(info, "quantiles", numbers_doc(task->n_quantiles, task->quantiles));
    doc_set_number(info, "point", task->n_quantiles ? task_point(task) : 0);
    doc_set(info, "levels", numbers_doc(promises ? promises->n_levels : 0, promises ? promises->level : NULL));
    if (schema->n_columns == 0) {
        Doc *image = doc_set(info, "image", doc_object());
        doc_set_number(image, "height", schema->height);
        doc_set_number(image, "width", schema->width);
        doc_set_number(image, "channels", pixels_channels(schema->channels));
        doc_set_bool(image, "dark", is_dark_on_light(model));
        return info;
    }
    Doc *columns = doc_set(info, "columns", doc_array());
    for (int j = 0; j < schema->n_columns; j++)
        doc_add(columns, column_doc(&schema->columns[j], &model->preps[0]->columns[j]));
    return info;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* JSON as JavaScript takes it, also within a page: no `<` ends a script. */
static void add_json(const Doc *doc, Text *out)
{
    Text json = {0};
    if (!doc_print(doc, 0, &json)) out->broken = true;
    for (const char *c = json.bytes; c && *c; c++) {
        if (*c == '<') text_add(out, "\\u003c");
        else text_add_n(out, c, 1);
    }
    text_free(&json);
}

/* A template in which `mark` stands once for what `fill` appends. */
static const char *until(const char *template, const char *mark, Text *out)
{
    const char *at = strstr(template, mark);
    if (!at) return template;
    text_add_n(out, template, (size_t)(at - template));
    return at + strlen(mark);
}

static void add_core(const Doc *info, Text *out)
{
    const char *rest = until(browser_loader, "/*INFO*/", out);
    add_json(info, out);
    text_add(out, rest);
}

void wasm_loader(const Doc *info, const char *file, Text *out)
{
    text_add(out, "// A model in WebAssembly, written by Consort: import {load} from \"./NAME.mjs\";"
                  " const model = await load(); model.predict(row)\n");
    add_core(info, out);
    const char *rest = until(browser_load, "/*FILE*/", out);
    Doc *name = doc_text(file);
    add_json(name, out);
    doc_free(name);
    text_add(out, rest);
}

void wasm_page(const Model *model, const Doc *info, const void *module, size_t n, Text *out)
{
    const bool picture = model->schema.n_columns == 0;
    text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
                  " style-src 'unsafe-inline';"
                  " script-src 'unsafe-inline' 'wasm-unsafe-eval'; img-src data: blob:\">\n<title>");
    text_html(out, model->name);
    text_add(out, "</title>\n<style>\n");
    text_add(out, browser_css);
    text_add(out, "</style>\n</head>\n<body>\n<main>\n<h1>");
    text_html(out, model->name);
    text_print(out,
               "</h1>\n<p class=\"lead\">%s It runs in this page; nothing that is entered leaves it.</p>\n",
               picture ? "What does the model see?" : "What does the model say of a row?");
    text_print(out, "<div class=\"both\">\n<section id=\"inputs\" aria-label=\"Input\">%s</section>\n"
                    "<section id=\"answers\" aria-label=\"Answer\">\n<h2>It says</h2>\n"
                    "<p class=\"answer\" aria-live=\"polite\"></p>\n"
                    "<table aria-label=\"%s\"><tbody></tbody></table>\n"
                    "</section>\n</div>\n</main>\n", picture ? "" : "<h2>A row</h2>",
               model->schema.task.kind == TASK_NUMBERS ? "Values" : "Probabilities");
    text_add(out, "<script type=\"application/octet-stream\" id=\"wasm\">");
    base64_add(module, n, out);
    text_add(out, "</script>\n<script type=\"module\">\n");
    add_core(info, out);
    text_add(out, picture ? browser_draw : browser_form);
    text_add(out, browser_page);
    text_add(out, "</script>\n</body>\n</html>\n");
}
