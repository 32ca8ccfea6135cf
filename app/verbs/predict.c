/* app/verbs/predict.c - labels and probabilities, a row out for each row in. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "job/predict.h"
#include "model/decision.h"

/* Classes by falling probability, the lower number first among equals. */
static void rank(const float *proba, int n_classes, int *order)
{
    for (int c = 0; c < n_classes; c++) {
        int at = c;
        for (; at > 0 && proba[order[at - 1]] < proba[c]; at--) order[at] = order[at - 1];
        order[at] = c;
    }
}

typedef struct {
    const Model *model;
    bool json, proba;
    int top; /* 0: the decision only */
    const Column *id; /* what goes along with each row; NULL: nothing */
    int *order;
} Format;

/* As it stands in the file. */
static const char *id_of(const Format *f, int row)
{
    int code = f->id->code[row];
    return code < 0 ? "" : f->id->levels[code];
}

static void row_json(const Format *f, int row, const float *p, int decision, Text *out)
{
    const Schema *schema = &f->model->schema;
    char number[32];
    text_add(out, "{");
    if (f->id) {
        text_add(out, "\"id\":");
        text_json(out, id_of(f, row));
        text_add(out, ",");
    }
    text_add(out, "\"label\":");
    text_json(out, schema->classes[decision]);
    text_print(out, ",\"confidence\":%s", text_number((double)p[decision], number));
    if (f->proba) {
        text_add(out, ",\"proba\":{");
        for (int c = 0; c < schema->n_classes; c++) {
            if (c) text_add(out, ",");
            text_json(out, schema->classes[c]);
            text_print(out, ":%s", text_number((double)p[c], number));
        }
        text_add(out, "}");
    }
    if (f->top > 0) {
        text_add(out, ",\"top\":[");
        for (int i = 0; i < f->top && i < schema->n_classes; i++) {
            text_add(out, i ? ",[" : "[");
            text_json(out, schema->classes[f->order[i]]);
            text_print(out, ",%s]", text_number((double)p[f->order[i]], number));
        }
        text_add(out, "]");
    }
    text_add(out, "}\n");
}

static void row_csv(const Format *f, int row, const float *p, int decision, Text *out)
{
    const Schema *schema = &f->model->schema;
    if (f->id) {
        text_csv(out, id_of(f, row));
        text_add(out, ",");
    }
    text_csv(out, schema->classes[decision]);
    text_print(out, ",%.9g", (double)p[decision]);
    for (int c = 0; f->proba && c < schema->n_classes; c++)
        text_print(out, ",%.9g", (double)p[c]);
    for (int i = 0; i < f->top && i < schema->n_classes; i++) {
        text_add(out, ",");
        text_csv(out, schema->classes[f->order[i]]);
        text_print(out, ",%.9g", (double)p[f->order[i]]);
    }
    text_add(out, "\n");
}

static void header_csv(const Format *f, Text *out)
{
    const Schema *schema = &f->model->schema;
    if (f->id) {
        text_csv(out, f->id->name);
        text_add(out, ",");
    }
    text_add(out, "label,confidence");
    for (int c = 0; f->proba && c < schema->n_classes; c++) {
        text_add(out, ",");
        text_csv(out, schema->classes[c]);
    }
    for (int i = 0; i < f->top && i < schema->n_classes; i++)
        text_print(out, ",label_%d,p_%d", i + 1, i + 1);
    text_add(out, "\n");
}

/* The rule of the model, or what --threshold puts in its place; -v says it. */
static bool settle_rule(const Cli *cli, Model *model, Error *err)
{
    const char *threshold = cli_value(cli, "threshold");
    if (threshold && !decision_read_threshold(model, threshold, cli->arena, err)) return false;
    const char *rule = decision_rule(model, -1, cli->arena);
    if (!rule) return error_memory(err);
    if (cli->verbose && model->asked) cli_say(cli, "%s (for %s)", rule, model->asked);
    else if (cli->verbose) cli_say(cli, "%s", rule);
    return true;
}

/* --id: the file is read once more, for that column alone, word by word. */
static bool read_id(const Cli *cli, const DataFile *file, const ReadOptions *read, const Table *table,
                    const Column **out, Error *err)
{
    const char *nothing[] = {""}, *none = "none";
    const char *name = cli_value(cli, "id");
    ReadOptions alone = *read;
    Table *ids;
    *out = NULL;
    if (!name) return true;
    if (table->pixels) return error_set(err, ERR_CONFIG, "--id: pictures have no columns");
    alone.no_labels = false;
    alone.label = (TextList){1, &none};
    alone.features = alone.nominal = (TextList){1, &name};
    alone.drop = alone.numeric = (TextList){0};
    alone.missing_tokens = (TextList){1, nothing};
    if (!table_open(file, &alone, NULL, cli->arena, &ids, err)) return error_wrap(err, "--id");
    if (ids->n_columns != 1 || ids->n_rows != table->n_rows || !ids->columns[0].code)
        return error_set(err, ERR_DATA, "--id: %s has %d rows of `%s` and %d to predict", file->images,
                         ids->n_rows, name,
                         table->n_rows);
    *out = &ids->columns[0];
    return true;
}

int cmd_predict(Cli *cli)
{
    Error err;
    Model *model;
    const char *path;
    ReadOptions read;
    Table *table;
    DataFile file = {cli->n_arguments > 1 ? cli->arguments[1] : "-", cli_value(cli, "labels")};
    Format format = {.json = cli->json, .proba = cli_flag(cli, "proba")};
    PlaceOptions said = place_options(cli);
    int views;
    if (!cli_int(cli, "top", 1, 1000000, 0, &format.top, &err)
        || !cli_int(cli, "views", 1, 9, 1, &views, &err)
        || !model_open(cli->arguments[0], &said, cli->arena, &model, &path, &err)
        || !model_set_views(model, views, &err) || !settle_rule(cli, model, &err)
        || !read_options(cli, &read, &err))
        return cli_fail(&err);
    if (cli_value(cli, "id") && strcmp(file.images, "-") == 0) {
        error_set(&err, ERR_CONFIG, "--id reads DATA twice; give a file instead of standard input");
        return cli_fail(&err);
    }
    read.no_labels = true; /* what is there may be a placeholder */
    if (!table_open(&file, &read, &model->schema, cli->arena, &table, &err)) return cli_fail(&err);
    say_notes(cli, file.images, table);
    if (!read_id(cli, &file, &read, table, &format.id, &err)) return cli_fail(&err);
    if (table->pixels && table->id) format.id = table->id; /* the pictures' files */
    Predicted predicted;
    format.model = model;
    format.order = ARENA_NEW(cli->arena, int, model->schema.n_classes);
    if (!format.order) return cli_fail((error_memory(&err), &err));
    if (!predict_table(model, table, cli->arena, &predicted, &err)) return cli_fail(&err);
    Text text = {0};
    if (!format.json) header_csv(&format, &text);
    int code = EXIT_OK;
    for (int i = 0; i < predicted.n_rows && code == EXIT_OK; i++) {
        const float *p = predicted.proba + (size_t)i * (size_t)predicted.n_classes;
        if (format.top > 0) rank(p, predicted.n_classes, format.order);
        (format.json ? row_json : row_csv)(&format, i, p, predicted.decision[i], &text);
        if (text.n > 1 << 16 || !text_ok(&text)) { /* in pieces: a million rows need no memory */
            code = cli_answer_data(&text);
            text_free(&text);
            text = (Text){0};
        }
    }
    if (code == EXIT_OK) code = cli_answer_data(&text);
    text_free(&text);
    return code;
}
