/* app/verbs/export.c - a model as C source; or, by --to, the trials for other tools (app/export_trials.c). */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "app/export_trials.h"
#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"
#include "base/names.h"
#include "job/open.h"
#include "job/products.h"

/* ---- a model --------------------------------------------------------------------------------- */

/* Where the files go: --out DIR/NAME or DIR/NAME.c; default: beside the model, named after it; of one trial
 * trial-N in its study's folder. */
static bool target_of(const Cli *cli, const char *model_path, const char **folder,
                      const char **name, Error *err)
{
    const char *out = cli_value(cli, "out");
    const char *path = out ? out : model_path;
    int trial;
    *folder = *name = NULL;
    if (!cli_int(cli, "trial", 0, 1000000000, -1, &trial, err)) return false;
    if (!out && trial >= 0) { /* above artifacts/ */
        char *artifacts = path_folder(cli->arena, model_path);
        char *above = artifacts ? path_folder(cli->arena, artifacts) : NULL;
        path = above ? arena_print(cli->arena, "%s%strial-%d", above, *above ? "/" : "", trial) : NULL;
        if (!path) return error_memory(err);
    }
    *folder = path_folder(cli->arena, path);
    *name = path_stem(cli->arena, path);
    if (!*folder || !*name) return error_memory(err);
    if (!**folder) *folder = ".";
    return **name || error_set(err, ERR_CONFIG, "--out %s names no file", out);
}

static int export_c(Cli *cli)
{
    Error err;
    Model *model;
    const char *path, *folder, *name, *source;
    Table *sample = NULL;
    const char *data = cli_value(cli, "sample");
    ReadOptions read;
    PlaceOptions said = place_options(cli);
    int trial;
    if (!cli_int(cli, "trial", 0, 1000000000, -1, &trial, &err)
        || !(trial >= 0 ? model_of_trial(study_argument(cli), &said, trial, cli->arena, &model, &path, &err)
                        : model_open(study_argument(cli), &said, cli->arena, &model, &path, &err))
        || !target_of(cli, path, &folder, &name, &err)
        || !read_options(cli, &read, &err))
        return cli_fail(&err);
    DataFile file = {data, NULL};
    read.no_labels = true;
    if (data && !table_open(&file, &read, &model->schema, cli->arena, &sample, &err))
        return cli_fail(&err);
    if (sample) say_notes(cli, data, sample);
    if (!product_c(model, path, name, folder, sample, cli->arena, &source, &err))
        return cli_fail(&err);
    if (!cli->json) {
        puts(source);
        return EXIT_OK;
    }
    Doc *doc = output_answer();
    doc_set_text(doc, "to", "c");
    doc_set_text(doc, "path", source);
    doc_set_text(doc, "header", arena_print(cli->arena, "%s/%s.h", folder, name));
    return output_doc(doc);
}

/* ---- what --to decides ----------------------------------------------------------------------- */

#define EXPORT_LIST(X)                                                              \
    X(TO_C, "c", export_c) X(TO_CSV, "csv", export_trials_csv)                      \
    X(TO_JSON, "json", export_trials_json) X(TO_OPTUNA, "optuna", export_trials_optuna)
#define LIST_RUN(id, name, run) run,
const char *const export_names[] = {EXPORT_LIST(LIST_NAME) NULL};
static int (*const exports[])(Cli *cli) = {EXPORT_LIST(LIST_RUN)};

int cmd_export(Cli *cli)
{
    Error err;
    const char *to = cli_value(cli, "to");
    int format = to ? names_find(export_names, to) : -1;
    if (format > 0 && cli_value(cli, "trial")) {
        error_set(&err, ERR_CONFIG, "--trial is for --to c: %s writes all trials, or the --top N", to);
        return cli_fail(&err);
    }
    if (format >= 0) return exports[format](cli);
    if (to)
        error_set(&err, ERR_CONFIG, "--to %.40s: %s", to,
                  names_suggest_as("did you mean --to ", "?", to, export_names,
                                   "c is the model; csv, json and optuna are the trials").text);
    else
        error_set(&err, ERR_CONFIG, "--to is missing: c writes the model as a C99 source file; csv, json and"
                  " optuna write the trials");
    return cli_fail(&err);
}
