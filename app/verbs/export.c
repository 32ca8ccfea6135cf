/* app/verbs/export.c - a model for elsewhere (job/ship.h); or, by --to, the trials for other tools
 * (app/export_trials.c). */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "app/export_trials.h"
#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"
#include "base/names.h"
#include "job/open.h"
#include "job/ship.h"

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
    const bool here = strcmp(*folder, ".") == 0;
    return (**name && strcmp(*name, ".") != 0)
        || error_set(err, ERR_CONFIG, "--out `%s` names no file; give it a name, such as --out %s%smodel", out,
                     here ? "" : *folder, here ? "" : "/");
}

static bool read_sample(const Cli *cli, const Model *model, Table **out, Error *err)
{
    const DataFile file = {cli_value(cli, "sample"), NULL};
    ReadOptions read;
    *out = NULL;
    if (!read_options(cli, &read, err)) return false;
    read.no_labels = true;
    if (!file.images) return true;
    if (!table_open(&file, &read, &model->schema, cli->arena, out, err)) return false;
    say_notes(cli, file.images, *out);
    return true;
}

static bool read_within(const Cli *cli, double *out, Error *err)
{
    const char *text = cli_value(cli, "within");
    *out = 0;
    return !text || (text_to_number(text, out) && *out > 0)
        || error_set(err, ERR_CONFIG, "--within %.40s: a number above 0, such as 1e-5", text);
}

/* How an export is proved: on some rows or all, by its plan or compiled, or not at all. */
const char *const export_ways[] = {"some", "all", "compile", "none", NULL};
typedef enum { VERIFY_SOME, VERIFY_ALL, VERIFY_COMPILE, VERIFY_NONE } Way;

static bool read_way(const Cli *cli, ShipTo to, Way *out, Error *err)
{
    const char *way = cli_value(cli, "verify");
    const int at = way ? names_find(export_ways, way) : VERIFY_SOME;
    *out = (Way)at;
    if (at < 0)
        return error_set(err, ERR_CONFIG, "--verify %.40s: one of some, all, compile, none%s", way,
                         names_suggest_as("; did you mean ", "?", way, export_ways, "").text);
    return at != VERIFY_COMPILE || to == SHIP_C
        || error_set(err, ERR_CONFIG, "--verify compile is for --to c; some and all are for any format");
}

/* The rows of --sample; else those of the study, which is around the model or was named. */
static bool find_rows(const Cli *cli, const ModelFacts *facts, const Table *sample, bool all, ProofRows *out,
                      Error *err)
{
    const char *argument = study_argument(cli);
    Place place = facts->place;
    Error ignored;
    bool known = facts->beside;
    if (sample)
        return proof_rows_of_table(facts->model, sample, cli_value(cli, "sample"), all, cli->arena, out, err);
    if (!known && cli_value(cli, "trial")) known = find_place(cli, argument, &place, &ignored);
    return proof_rows_of_study(facts->model, known ? &place : NULL, all, cli->arena, out, err);
}

/* Without files: the proof failed. */
static int answer_json(const Cli *cli, const Shipped *files)
{
    Doc *doc = output_answer();
    doc_set_text(doc, "to", cli_value(cli, "to"));
    if (files->n > 0) doc_set_text(doc, "path", files->file[0].path);
    else doc_set(doc, "path", NULL);
    for (int i = 1; i < files->n; i++) doc_set_text(doc, files->file[i].what, files->file[i].path);
    doc_set(doc, "proof", files->proved ? proof_doc(&files->proof) : NULL);
    return output_doc(doc);
}

static int answer(const Cli *cli, const Shipped *files)
{
    const char *said = files->proved ? proof_sentence(&files->proof, cli->arena) : "not asked for";
    if (cli->json) return answer_json(cli, files);
    cli_say(cli, "proof: %s", said ? said : "?");
    puts(files->file[0].path);
    return EXIT_OK;
}

static int missed(const Cli *cli, const Shipped *files)
{
    const char *said = proof_sentence(&files->proof, cli->arena);
    int code = cli->json ? answer_json(cli, files) : EXIT_OK;
    fprintf(stderr, "consort: the export does not say what the model says, and nothing was written: %s"
            " (%s)\n", said ? said : "?", files->proof.bar);
    return code == EXIT_OK ? EXIT_GATE : code;
}

static bool ship_model(const Cli *cli, const ModelFacts *facts, ShipOptions *options, Shipped *out, Error *err)
{
    ProofRows rows;
    Table *sample;
    Way way;
    if (!read_way(cli, options->to, &way, err) || !read_within(cli, &options->within, err)
        || !target_of(cli, facts->path, &options->folder, &options->name, err)
        || !read_sample(cli, facts->model, &sample, err)
        || (way != VERIFY_NONE && !find_rows(cli, facts, sample, way == VERIFY_ALL, &rows, err)))
        return false;
    if (options->numbers && strcmp(options->numbers, ship_numbers[0]) != 0 && cli_value(cli, "within"))
        return error_set(err, ERR_CONFIG, "--within is for floats; integers are held to their decisions:"
                         " leave it out");
    options->sample = sample;
    options->rows = way == VERIFY_NONE ? NULL : &rows;
    options->compile = way == VERIFY_COMPILE;
    return ship(facts, options, cli->arena, out, err);
}

static int export_model(Cli *cli, ShipTo to)
{
    Error err;
    ModelFacts facts;
    ShipOptions options = {.to = to, .target = cli_value(cli, "target"), .numbers = cli_value(cli, "numbers"),
                           .inputs = cli_value(cli, "inputs"), .classes = cli_value(cli, "classes")};
    Shipped files;
    const PlaceOptions said = place_options(cli);
    int trial;
    if (!cli_int(cli, "trial", 0, 1000000000, -1, &trial, &err)
        || !model_facts_open(study_argument(cli), &said, trial, cli->arena, &facts, &err))
        return cli_fail(&err);
    bool ok = ship_model(cli, &facts, &options, &files, &err);
    model_facts_free(&facts);
    if (!ok) return cli_fail(&err);
    return files.n > 0 ? answer(cli, &files) : missed(cli, &files);
}

/* ---- what --to decides ----------------------------------------------------------------------- */

#define TRIALS_LIST(X) /* format of trials, name, options that are its own */ \
    X(TO_CSV, "csv", "top", export_trials_csv) X(TO_JSON, "json", "top", export_trials_json) \
    X(TO_OPTUNA, "optuna", "top utc", export_trials_optuna)
#define LIST_TAKES(id, name, takes, run) takes,
#define LIST_RUN(id, name, takes, run) run,
const char *const export_names[] = {SHIP_LIST(LIST_NAME) TRIALS_LIST(LIST_NAME) NULL};
static const char *const trials_take[] = {TRIALS_LIST(LIST_TAKES) NULL};
static int (*const trials[])(Cli *cli) = {TRIALS_LIST(LIST_RUN)};

static const char *takes_of(int format)
{
    return format < SHIP_COUNT ? ship_takes[format] : trials_take[format - SHIP_COUNT];
}

static bool is_among(const char *words, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n])) return true;
    return false;
}

/* Options that are of some formats alone: one that means nothing for this one is refused. */
static bool check_options(const Cli *cli, int format, Error *err)
{
    if (format >= SHIP_COUNT && cli_value(cli, "trial"))
        return error_set(err, ERR_CONFIG, "--trial is for a model: %s writes all trials, or the --top N",
                         export_names[format]);
    for (int i = 0; i < cli->n_given; i++) {
        const char *name = cli->given[i].option->name;
        Text of = {0};
        bool known = is_among(takes_of(format), name);
        for (int k = 0; !known && export_names[k]; k++)
            if (is_among(takes_of(k), name)) text_print(&of, "%s%s", of.n ? ", " : "", export_names[k]);
        if (of.n) error_set(err, ERR_CONFIG, "--%s is for --to %s; leave it out", name, of.bytes);
        const bool wrong = of.n > 0;
        text_free(&of);
        if (wrong) return false;
    }
    return true;
}

int cmd_export(Cli *cli)
{
    Error err;
    const char *to = cli_value(cli, "to");
    int format = to ? names_find(export_names, to) : -1;
    if (format >= 0 && !check_options(cli, format, &err)) return cli_fail(&err);
    if (format >= 0) return format < SHIP_COUNT ? export_model(cli, format) : trials[format - SHIP_COUNT](cli);
    if (to)
        error_set(&err, ERR_CONFIG, "--to %.40s: %s", to,
                  names_suggest_as("did you mean --to ", "?", to, export_names,
                                   "c, onnx and wasm are the model; csv, json and optuna are the"
                                   " trials").text);
    else
        error_set(&err, ERR_CONFIG, "--to is missing: c writes the model as a C99 source file, onnx as an ONNX"
                  " file, wasm for browsers; csv, json and optuna write the trials");
    return cli_fail(&err);
}
