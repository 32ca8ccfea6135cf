/* app/verbs/predict.c - what a model says, a row out for each row in. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "app/verbs/predict_stream.h"
#include "model/decision.h"

/* What numbers and labels are said to be with -v, and what they have not. */
static bool settle_targets(const Cli *cli, const Model *model, Error *err)
{
    static const char *const of_classes[] = {"threshold", "proba", "top"};
    const Task *task = &model->schema.task;
    for (size_t i = 0; i < sizeof of_classes / sizeof *of_classes; i++)
        if (cli_value(cli, of_classes[i]) || cli_flag(cli, of_classes[i]))
            return error_set(err, ERR_CONFIG, "--%s is about classes, and this model predicts %s%s",
                             of_classes[i], task_names[task->kind],
                             task->kind == TASK_LABELS ? ", whose probabilities are in every row" : "");
    for (int t = 0; t < task->n_targets && cli->verbose; t++) {
        const Target *target = &task->targets[t];
        if (task->kind == TASK_LABELS)
            cli_say(cli, "decides %s for `%s` when p_%s > 0.5, else %s", target->answer[1], target->name,
                    target->name, target->answer[0]);
        else
            cli_say(cli, "predicts `%s`, which was %.6g to %.6g in training", target->name, target->low,
                    target->high);
    }
    return true;
}

/* The rule of the model, or what --threshold puts in its place; -v says it. */
static bool settle_rule(const Cli *cli, Model *model, Error *err)
{
    const char *threshold = cli_value(cli, "threshold");
    if (!task_has_classes(&model->schema.task)) return settle_targets(cli, model, err);
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
    alone.features_as = "--id";
    if (!table_open(file, &alone, NULL, cli->arena, &ids, err)) return false;
    if (ids->n_columns != 1 || ids->n_rows != table->n_rows || !ids->columns[0].code)
        return error_set(err, ERR_DATA, "--id: %s has %d rows of `%s` and %d to predict", file->images,
                         ids->n_rows, name,
                         table->n_rows);
    *out = &ids->columns[0];
    return true;
}

/* What only a stream has is not asked of a file. */
static bool is_of_stream(const Cli *cli, Error *err)
{
    static const char *const options[] = {"batch", "on-error", "threads"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (cli_value(cli, options[i]))
            return error_set(err, ERR_CONFIG, "--%s is for --stream; add that, or leave it out", options[i]);
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
    PredictFormat format = {.json = cli->json, .proba = cli_flag(cli, "proba")};
    PlaceOptions said = place_options(cli);
    int views;
    if (!cli_int(cli, "top", 1, 1000000, 0, &format.top, &err)
        || !cli_int(cli, "views", 1, 9, 1, &views, &err)
        || !model_open(cli->arguments[0], &said, cli->arena, &model, &path, &err)
        || !model_set_views(model, views, &err) || !settle_rule(cli, model, &err)
        || !predict_interval_levels(model, "--interval", cli_value(cli, "interval"), &format, &err)
        || !read_options(cli, &read, &err))
        return cli_fail(&err);
    read.no_labels = true; /* what is there may be a placeholder */
    format.model = model;
    if (cli_flag(cli, "stream")) return predict_stream(cli, &format, &read, file.images);
    if (!is_of_stream(cli, &err)) return cli_fail(&err);
    if (cli_value(cli, "id") && strcmp(file.images, "-") == 0) {
        error_set(&err, ERR_CONFIG, "--id reads DATA twice; give a file instead of standard input");
        return cli_fail(&err);
    }
    if (!table_open(&file, &read, &model->schema, cli->arena, &table, &err)) return cli_fail(&err);
    say_notes(cli, file.images, table);
    if (!read_id(cli, &file, &read, table, &format.id, &err)) return cli_fail(&err);
    if (table->pixels && table->id) format.id = table->id; /* the pictures' files */
    Predicted predicted;
    format.predicted = &predicted;
    if (!predict_format_room(&format, cli->arena, &err)
        || !predict_table(model, table, cli->arena, &predicted, &err))
        return cli_fail(&err);
    Text text = {0};
    if (!format.json) predict_header(&format, &text);
    int code = EXIT_OK;
    for (int i = 0; i < predicted.n_rows && code == EXIT_OK; i++) {
        predict_row(&format, i, &text);
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
