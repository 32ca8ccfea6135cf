/* app/verbs/help.c - this manual, by verb or by key; the man page; shell completions. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "app/manual.h"
#include "app/width.h"
#include "job/config.h"
#include "job/presets.h"
#include "tuner/search/samplers.h"

int cmd_help(Cli *cli)
{
    Error err;
    Text text = {0};
    char name[128];
    const Verb *verb = NULL;
    bool is_family = false; /* "model", of which there are several */
    if (cli->n_arguments > 0) {
        snprintf(name, sizeof name, "%s%s%s", cli->arguments[0], cli->n_arguments > 1 ? " " : "",
                 cli->n_arguments > 1 ? cli->arguments[1] : "");
        verb = cli_find_verb(cli->table, name);
        is_family = !verb && strcmp(name, "config") != 0 && cli_family(cli->table, name, cli->arena);
        if (!verb && !is_family && strcmp(name, "config") != 0 && strcmp(name, "presets") != 0
            && strcmp(name, "methods") != 0) {
            error_set(&err, ERR_CONFIG, "no help on `%.60s`; `consort help` lists the verbs, `consort"
                      " help config` the keys of the YAML file, `consort help presets` the presets, `consort"
                      " help methods` the methods of search", name);
            return cli_fail(&err);
        }
    }
    if (is_family) manual_family(cli->table, name, &text);
    else if (cli->n_arguments > 0 && !verb && strcmp(name, "presets") == 0) presets_print(&text);
    else if (cli->n_arguments > 0 && !verb && strcmp(name, "methods") == 0) samplers_print(&text);
    else if (cli->n_arguments > 0 && !verb) config_print_help(&text);
    else manual_help(cli->table, verb, &text);
    Text folded = {0};
    if (text_ok(&text) && text.n > 0) width_fold(text.bytes, width_of_help(), &folded);
    int code = cli_answer(text_ok(&text) ? &folded : &text);
    text_free(&folded);
    text_free(&text);
    return code;
}

int cmd_completion(Cli *cli)
{
    Text text = {0};
    if (!manual_completion(cli->arguments[0], &text)) {
        Error err;
        error_set(&err, ERR_CONFIG, "no completion for `%.40s`; one of bash, zsh, fish",
                  cli->arguments[0]);
        return cli_fail(&err);
    }
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_man(Cli *cli)
{
    Text text = {0};
    manual_page(cli->table, &text);
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}
