/* app/export_trials.c - a study's trials as CSV, as JSON, or as an Optuna database, to --out or standard
 * output. */
#include "app/export_trials.h"

#include <stdio.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"
#include "job/trials.h"
#include "tuner/exchange/exchange.h"

static Doc *answer(const Cli *cli, const char *path, int n)
{
    Doc *doc = output_answer();
    doc_set_text(doc, "to", cli_value(cli, "to"));
    doc_set_text(doc, "path", path);
    doc_set_number(doc, "trials", n);
    return doc;
}

/* Where trials go as they come: into a file, or to standard output. */
typedef struct {
    FileWriting file;
    bool here;
    int code;
} Goes;

static bool take(void *to, const Text *piece, Error *err)
{
    Goes *goes = to;
    if (!goes->here) {
        file_add(&goes->file, piece->bytes, piece->n);
        return true;
    }
    goes->code = cli_answer_data(piece);
    return goes->code == EXIT_OK || error_set(err, ERR_IO, "standard output");
}

typedef bool Writer(const OpenStudy *open, int top, const TrialsTaker *taker, Text *out, int *n, Error *err);

/* Into a file that appears whole or not at all. What is there already, a pipe, say, gets it at the end. */
static bool into_file(const OpenStudy *open, Writer *write, int top, const char *path, int *n, Error *err)
{
    Goes goes = {0};
    Text text = {0};
    const TrialsTaker taker = {take, &goes};
    const bool whole = file_exists(path) || file_is_folder(path);
    bool ok = whole || file_begin(path, 0666, &goes.file, err);
    if (!ok) return false;
    ok = write(open, top, whole ? NULL : &taker, &text, n, err);
    if (whole) ok = ok && file_write(path, text.bytes, text.n, err);
    else if (!ok) file_end(&goes.file, false, NULL);
    else ok = file_end(&goes.file, true, err);
    text_free(&text);
    return ok;
}

static int export_trials(Cli *cli, Writer *write)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    Goes goes = {.here = true};
    const TrialsTaker taker = {take, &goes};
    const char *path = cli_value(cli, "out");
    const bool here = !path || strcmp(path, "-") == 0;
    const bool trials_are_json = strcmp(cli_value(cli, "to"), "json") == 0;
    int top, n;
    if (!cli_int(cli, "top", 1, 100000000, 0, &top, &err) || !open_study(cli, study_argument(cli), &open, &err))
        return cli_fail(&err);
    bool ok = !here || !cli->json || trials_are_json
           || error_set(&err, ERR_CONFIG, "--json says which file the trials are in: give one with --out, or"
                        " take --to json");
    ok = ok && (here ? write(&open, top, &taker, &text, &n, &err)
                     : into_file(&open, write, top, path, &n, &err));
    study_close(&open);
    text_free(&text);
    if (goes.code != EXIT_OK) return goes.code;
    if (!ok) return cli_fail(&err);
    if (here) return EXIT_OK;
    if (cli->json) return output_doc(answer(cli, path, n));
    cli_say(cli, "%d trial%s in %s", n, n == 1 ? "" : "s", path);
    return EXIT_OK;
}

int export_trials_csv(Cli *cli)
{
    return export_trials(cli, trials_csv);
}

int export_trials_json(Cli *cli)
{
    return export_trials(cli, trials_json);
}

/* A line to paste. A string of JSON is one of Python. */
static void say_python(const Cli *cli, const char *study, const char *path, int n)
{
    Text text = {0};
    char *storage = arena_print(cli->arena, "sqlite:///%s", path);
    text_add(&text, "optuna.load_study(study_name=");
    text_json(&text, study);
    text_add(&text, ", storage=");
    text_json(&text, storage ? storage : path);
    if (text_ok(&text)) cli_say(cli, "%d trial%s; in Python: %s)", n, n == 1 ? "" : "s", text.bytes);
    text_free(&text);
}

int export_trials_optuna(Cli *cli)
{
    Error err;
    OpenStudy open;
    Config *config;
    OptunaOptions options = {.utc = cli_flag(cli, "utc")};
    int n = 0;
    const char *path = cli_value(cli, "out");
    if (!path) {
        error_set(&err, ERR_CONFIG, "--out is missing: --to optuna --out study.db");
        return cli_fail(&err);
    }
    if (!cli_int(cli, "top", 1, 100000000, 0, &options.top, &err)
        || !open_study(cli, study_argument(cli), &open, &err))
        return cli_fail(&err);
    bool ok = study_config(&open, &config, &err)
           && (options.goals = &config->goals) != NULL
           && exchange_to_optuna(open.store, &open.study, config->space, &options, path, &n, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    if (n > 10000)
        cli_say(cli, "consort: optuna-dashboard is slow with more than 10,000 trials; --top 10000 leaves the"
                " best");
    if (cli->json) return output_doc(answer(cli, path, n));
    say_python(cli, open.study.name, path, n);
    puts(path);
    return EXIT_OK;
}
