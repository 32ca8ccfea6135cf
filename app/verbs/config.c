/* app/verbs/config.c - is a configuration right, and what is it with every default filled in?. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>

#include "app/sweeping.h"

int cmd_config_check(Cli *cli)
{
    Error err;
    Config *config;
    if (!sweeping_config(cli, &config, &err)) return cli_fail(&err);
    for (int i = 0; i < config->n_notices; i++)
        cli_tell("consort: %s\n", config->notices[i]);
    for (int i = 0; config->remarks && config->remarks[i]; i++) cli_say(cli, "%s", config->remarks[i]);
    double size = config_size(config);
    char number[32];
    printf("%s: ok: %s over %d parameter%s (%s configuration%s), %s\n",
           config->remarks ? cli->arguments[0] : config->file,
           config->method, config->space->n_params, config->space->n_params == 1 ? "" : "s",
           isfinite(size) && size < 1e15 ? text_number(size, number) : "endless", size == 1 ? "" : "s",
           config->metric_name ? config->metric_full : "no metric");
    return EXIT_OK;
}

int cmd_config_resolve(Cli *cli)
{
    Error err;
    Config *config;
    Text text = {0};
    if (!sweeping_config(cli, &config, &err)) return cli_fail(&err);
    if (!config_print_resolved(config, &text)) text.broken = true;
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}
