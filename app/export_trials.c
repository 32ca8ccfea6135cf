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

static int give(Cli *cli, const Text *text, int n)
{
    Error err;
    const char *path = cli_value(cli, "out");
    if (!text_ok(text)) return cli_fail((error_memory(&err), &err));
    bool here = !path || strcmp(path, "-") == 0, trials_are_json = strcmp(cli_value(cli, "to"), "json") == 0;
    if (here && cli->json && !trials_are_json) {
        error_set(&err, ERR_CONFIG, "--json says which file the trials are in: give one with --out, or take"
                  " --to json");
        return cli_fail(&err);
    }
    if (here) return cli_answer_data(text);
    if (!file_write(path, text->bytes ? text->bytes : "", text->n, &err)) return cli_fail(&err);
    if (cli->json) return output_doc(answer(cli, path, n));
    cli_say(cli, "%d trial%s in %s", n, n == 1 ? "" : "s", path);
    return EXIT_OK;
}

typedef bool Writer(const OpenStudy *open, int top, Text *out, int *n, Error *err);

static int export_trials(Cli *cli, Writer *write)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    int top, n;
    if (!cli_int(cli, "top", 1, 100000000, 0, &top, &err) || !open_study(cli, study_argument(cli), &open, &err))
        return cli_fail(&err);
    bool ok = write(&open, top, &text, &n, &err);
    study_close(&open);
    int code = ok ? give(cli, &text, n) : cli_fail(&err);
    text_free(&text);
    return code;
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
