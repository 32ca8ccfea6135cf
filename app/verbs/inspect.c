/* app/verbs/inspect.c - looks into a network: weights, layers, rows, columns; on the terminal, as JSON or a
 * page. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"
#include "job/inspect.h"
#include "reports/inside_text.h"

/* A model's file, and no study. */
static bool is_model_file(const char *argument)
{
    size_t n = strlen(argument);
    bool database = n > 3 && strcmp(argument + n - 3, ".db") == 0;
    return file_exists(argument) && !file_is_folder(argument) && !database && !names_config(argument);
}

static bool of_study(const Cli *cli, const InspectOptions *options, Doc **out, Error *err)
{
    Place place;
    Finished finished;
    if (!find_place(cli, study_argument(cli), &place, err)
        || !finished_open(&place, cli->arena, &finished, err))
        return false;
    bool ok = inspect_study(&finished, options, out, err);
    finished_close(&finished);
    return ok;
}

static bool of_model(const Cli *cli, const InspectOptions *options, Doc **out, Error *err)
{
    Model *model;
    const char *path;
    ReadOptions read;
    Table *table = NULL;
    PlaceOptions said = place_options(cli);
    DataFile file = {cli->n_arguments > 1 ? cli->arguments[1] : NULL, cli_value(cli, "labels")};
    if (!model_open(cli->arguments[0], &said, cli->arena, &model, &path, err)) return false;
    if (file.images) {
        if (!read_options(cli, &read, err)
            || !table_open(&file, &read, &model->schema, cli->arena, &table, err))
            return false;
        say_notes(cli, file.images, table);
        if (table->n_rows == 0) return error_set(err, ERR_DATA, "%s has no rows", file.images);
    }
    return inspect_model(model, table, options, cli->arena, out, err);
}

int cmd_inspect(Cli *cli)
{
    Error err;
    InspectOptions options = {.trial = -1};
    Doc *inside = NULL;
    Text text = {0};
    const char *html = cli_value(cli, "html");
    if (!cli_int(cli, "trial", 0, 100000000, -1, &options.trial, &err)
        || !cli_int(cli, "member", 1, 100000, 0, &options.member, &err)
        || !cli_int(cli, "net", 1, 100000, 0, &options.net, &err)
        || !cli_int(cli, "row", 1, 2000000000, 0, &options.row, &err))
        return cli_fail(&err);
    bool file = cli->n_arguments > 1 || (cli->n_arguments > 0 && is_model_file(cli->arguments[0]));
    if (options.trial >= 0 && options.member > 0)
        return cli_fail((error_set(&err, ERR_CONFIG, "--trial and --member name the same thing; give one"),
                         &err));
    if (!(file ? of_model : of_study)(cli, &options, &inside, &err)) return cli_fail(&err);
    bool ok = !html || inspect_page(inside, html, &err);
    if (ok && cli->json) {
        doc_set_number(inside, "schema", 1);
        ok = doc_print(inside, 1, &text) || error_memory(&err);
        text_add(&text, "\n");
    } else if (ok && html) {
        text_print(&text, "%s\n", html);
    } else if (ok) {
        ok = inside_text(inside, output_width(cli, OUTPUT_TABLE), cli->arena, &text, &err);
    }
    doc_free(inside);
    if (ok && !cli->json && !html) return output_lines(&text, output_width(cli, OUTPUT_TABLE));
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
