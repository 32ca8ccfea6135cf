/* app/verbs/config.c - is a configuration right, and what is it with every default filled in? */
#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>

#include "app/output.h"
#include "app/sweeping.h"
#include "base/conf_doc.h"

static int check_answer(const Config *config)
{
    Doc *doc = output_answer();
    double size = config_size(config);
    doc_set_text(doc, "file", config->file);
    doc_set_bool(doc, "ok", true); /* a mistake is a line on standard error, and exit 2 */
    doc_set_text(doc, "name", config->name);
    doc_set_text(doc, "method", config->method);
    doc_set_text(doc, "metric", config->metric_name ? config->metric_full : NULL);
    doc_set_bool(doc, "maximize", config->maximize);
    doc_set_number(doc, "parameters", config->space->n_params);
    doc_set_number(doc, "configurations", isfinite(size) && size < 1e15 ? size : NAN);
    Doc *notices = doc_set(doc, "notices", doc_array());
    for (int i = 0; i < config->n_notices; i++) doc_add(notices, doc_text(config->notices[i]));
    return output_doc(doc);
}

int cmd_config_check(Cli *cli)
{
    Error err;
    Config *config;
    if (!sweeping_config(cli, &config, &err)) return cli_fail(&err);
    if (cli->json) return check_answer(config);
    for (int i = 0; i < config->n_notices; i++)
        cli_tell("consort: %s\n", config->notices[i]);
    for (int i = 0; config->remarks && config->remarks[i]; i++) cli_say(cli, "%s", config->remarks[i]);
    double size = config_size(config);
    char number[32];
    printf("%s: ok: %s over %d parameter%s (%s configuration%s), %s%s\n",
           config->remarks ? cli->arguments[0] : config->file,
           config->method, config->space->n_params, config->space->n_params == 1 ? "" : "s",
           isfinite(size) && size < 1e15 ? text_number(size, number) : "endless", size == 1 ? "" : "s",
           config->metric_name ? config->metric_full : "no metric",
           config->metric_section.numbers ? ", another where the label is a quantity (metric.numbers)" : "");
    return EXIT_OK;
}

static int resolve_answer(const Config *config, const Text *yaml, Arena *arena)
{
    Error err;
    Conf *conf;
    if (!conf_read_text(config->file, yaml->bytes, yaml->n, arena, &conf, &err)) return cli_fail(&err);
    Doc *doc = output_answer();
    doc_set(doc, "config", conf_doc(conf->root));
    return output_doc(doc);
}

int cmd_config_resolve(Cli *cli)
{
    Error err;
    Config *config;
    Text text = {0};
    if (!sweeping_config(cli, &config, &err)) return cli_fail(&err);
    if (!config_print_resolved(config, &text)) text.broken = true;
    int code = cli->json && text_ok(&text) ? resolve_answer(config, &text, cli->arena) : cli_answer(&text);
    text_free(&text);
    return code;
}
