/* app/verbs/evaluate.c - the full classification report of a model, and --min, a gate for continuous
 * integration. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"
#include "job/evaluate.h"
#include "model/decision.h"
#include "reports/classification.h"

/* --min: read before anything else is, and before the test set is looked at. */
typedef struct {
    Bound gate[CLI_MAX_OPTIONS];
    int n;
} Gates;

static bool read_gates(const Cli *cli, Gates *gates, Error *err)
{
    const char *texts[CLI_MAX_OPTIONS];
    gates->n = cli_values(cli, "min", texts);
    for (int i = 0; i < gates->n; i++)
        if (!bound_read(texts[i], &gates->gate[i], err)) return false;
    return true;
}

static int check_gates(const Gates *gates, const Doc *evaluation)
{
    double got;
    for (int i = 0; i < gates->n; i++) {
        const Bound *gate = &gates->gate[i];
        if (bound_holds(gate, evaluation, &got)) continue;
        if (!doc_get(doc_get(evaluation, "metrics"), metric_name(gate->metric))) {
            fprintf(stderr, "consort: --min %s: the evaluation has no such metric, because the model predicts"
                    " %s; `consort evaluate --json` names those it has\n", metric_name(gate->metric),
                    doc_to_text(doc_get(evaluation, "task"), "classes"));
            return EXIT_USAGE;
        }
        fprintf(stderr, "consort: %s is %.6g, the gate is %.6g\n", metric_name(gate->metric), got,
                gate->bound);
        return EXIT_GATE;
    }
    return EXIT_OK;
}

/* Of a program there is nothing to evaluate, whatever the data. */
static bool may_be_evaluated(const Cli *cli, Error *err)
{
    OpenStudy open;
    Config *config;
    Error ignored;
    if (!open_study(cli, cli->arguments[0], &open, &ignored)) return true; /* a model's file, say */
    bool ok = study_config(&open, &config, err)
           && study_has_networks(config, &open.study, open.place.folder, "an evaluation", err);
    study_close(&open);
    return ok;
}

static bool is_model(const char *argument)
{
    size_t n = strlen(argument);
    return n > 8 && strcmp(argument + n - 8, ".consort") == 0 && file_exists(argument)
        && !file_is_folder(argument);
}

/* --by: columns whose levels are scored apart. */
static bool read_by(const Cli *cli, TextList *out, Error *err)
{
    const char *texts[CLI_MAX_OPTIONS], **items;
    *out = (TextList){.n = cli_values(cli, "by", texts)};
    out->items = items = ARENA_NEW(cli->arena, const char *, out->n);
    if (!items) return error_memory(err);
    for (int i = 0; i < out->n; i++) items[i] = texts[i];
    return true;
}

/* No DATA: the study's own test set, which is looked at deliberately or not at all. */
static bool evaluate_own(const Cli *cli, Doc **out, Error *err)
{
    Place place;
    TextList by;
    if (cli_value(cli, "threshold"))
        return error_set(err, ERR_CONFIG, "--threshold needs DATA; --final looks at the study's own rule, which"
                         " ensemble.thresholds makes");
    if (cli_value(cli, "views"))
        return error_set(err, ERR_CONFIG, "--views needs DATA; --final looks at each picture once");
    if (!cli_flag(cli, "final") && !may_be_evaluated(cli, err)) return false;
    if (!cli_flag(cli, "final"))
        return error_set(err, ERR_CONFIG, "give DATA to evaluate on, or --final to open the study's test"
                         " set (each look is recorded)");
    if (is_model(cli->arguments[0]))
        return error_set(err, ERR_CONFIG, "--final needs a study, and %.200s is a model: it does not know its"
                         " test set; give DATA, or the study's folder", cli->arguments[0]);
    return read_by(cli, &by, err) && find_place(cli, cli->arguments[0], &place, err)
        && evaluate_final(&place, &by, cli_value(cli, "positive-class"), cli->arena, out, err);
}

static bool evaluate_data(const Cli *cli, Doc **out, Error *err)
{
    Model *model;
    const char *path;
    ReadOptions read;
    Table *table;
    PlaceOptions said = place_options(cli);
    DataFile file = {cli->arguments[1], cli_value(cli, "labels")};
    TextList by;
    Segments segments;
    int views;
    const char *threshold = cli_value(cli, "threshold");
    if (!cli_int(cli, "views", 1, 9, 1, &views, err)
        || !model_open(cli->arguments[0], &said, cli->arena, &model, &path, err)
        || !model_set_views(model, views, err)
        || (threshold && !decision_read_threshold(model, threshold, cli->arena, err))
        || !read_options(cli, &read, err)
        || !table_open(&file, &read, &model->schema, cli->arena, &table, err))
        return false;
    say_notes(cli, file.images, table);
    if (read.weight && !table->weight)
        return error_set(err, ERR_DATA, "--weight: %s has no column `%s`", file.images, read.weight);
    if (!table_has_label(table))
        return error_set(err, ERR_DATA, "%s has no label column; name it with --label, or use `consort"
                         " predict`", file.images);
    bool seen = evaluate_was_trained_on(model, table);
    if (seen)
        cli_tell("consort: warning: the model was trained on rows of %.200s: what it scores there says little"
                 " about new rows; `consort evaluate STUDY --final` opens the test set\n", file.images);
    if (!read_by(cli, &by, err)
        || !segments_read(&file, &read, table, true, &by, "--by", cli->arena, &segments, err)
        || !evaluate_table(model, table, &segments, cli_value(cli, "positive-class"), cli->arena, out, err))
        return false;
    doc_set_bool(*out, "trained_on", seen);
    return true;
}

int cmd_evaluate(Cli *cli)
{
    Error err;
    Gates gates;
    Doc *evaluation = NULL;
    Text text = {0};
    if (!read_gates(cli, &gates, &err)
        || !(cli->n_arguments == 1 ? evaluate_own : evaluate_data)(cli, &evaluation, &err))
        return cli_fail(&err);
    if (cli->json) {
        doc_set_number(evaluation, "schema", 1);
        doc_print(evaluation, 1, &text);
        text_add(&text, "\n");
    } else {
        classification_report(evaluation, output_width(cli, OUTPUT_TABLE), &text);
    }
    int code = output_lines(&text, output_width(cli, output_format(cli)));
    if (code == EXIT_OK) code = check_gates(&gates, evaluation);
    doc_free(evaluation);
    return code;
}
