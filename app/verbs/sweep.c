#include "app/verbs/verbs.h"

#include <stdio.h>

#include "job/sweep.h"

static int dry_run(const Cli *cli, const Config *config)
{
    Text text = {0};
    double size = config_size(config);
    char number[32];
    text_print(&text, "study     %s\nmethod    %s\nmetric    %s%s\n", config->name, config->method,
               config->metric_full, !config->metric_name ? "" : config->maximize
               ? ", larger is better" : ", smaller is better");
    if (config->program) text_print(&text, "program   %s\n", config->program);
    text_print(&text, "space     %d parameters, %s configurations\n", config->space->n_params,
               size < 1e15 ? text_number(size, number) : "endless");
    if (config->run_cap) text_print(&text, "trials    %d\n", config->run_cap);
    text_print(&text, "jobs      %d\n", sweep_jobs(cli, config));
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_sweep(Cli *cli)
{
    Error err;
    Config *config;
    Sweep sweep;
    if (!sweep_config(cli, cli->arena, &config, &err)) return cli_fail(&err);
    if (cli_flag(cli, "dry-run")) return dry_run(cli, config);
    int code = sweep_run(cli, config, &sweep);
    if (code != EXIT_OK || cli->json || sweep.joined) return code;
    const Finalist *winner = sweep.summary.n_finalists > 0 ? &sweep.summary.finalist[0] : NULL;
    if (winner)
        printf("best trial %d: %s %.6g, the mean of %d runs\n", winner->number, config->metric_full,
               winner->mean, winner->n_runs);
    else if (config->metric_name)
        printf("best trial %d: %s %.6g\n", sweep.summary.best_number, config->metric_full,
               sweep.summary.best_value);
    return EXIT_OK;
}
