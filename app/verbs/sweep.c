/* app/verbs/sweep.c - runs or continues a study, or says what it would do. */
#include "app/verbs/verbs.h"

#include <math.h>

#include "app/arguments.h"
#include "app/output.h"
#include "app/sweeping.h"
#include "job/lookback.h"
#include "job/part.h"

static int dry_answer(const Config *config, const Sweep *sweep)
{
    Doc *doc = output_answer();
    double size = config_size(config);
    doc_set_text(doc, "study", config->name);
    doc_set_text(doc, "db", sweep->place.db);
    doc_set_bool(doc, "resumed", sweep->start.resumed);
    doc_set_text(doc, "method", config->method);
    doc_set_text(doc, "metric", config->metric_name ? config->metric_full : NULL);
    doc_set_bool(doc, "maximize", config->maximize);
    doc_set_text(doc, "program", config->program);
    doc_set_number(doc, "parameters", config->space->n_params);
    doc_set_number(doc, "configurations", size < 1e15 ? size : NAN);
    doc_set_number(doc, "trials", config->run_cap ? part_trials(config) : NAN);
    if (config->run.part) doc_set_text(doc, "part", config->run.part);
    doc_set_number(doc, "jobs", sweep->jobs);
    doc_set_number(doc, "lookback", config->run.async ? NAN : config->run.lookback);
    return output_doc(doc);
}

/* Refuses what the sweep would refuse. */
static int dry_run(const Cli *cli, Config *config)
{
    Error err;
    Sweep sweep;
    PlaceOptions said = place_options(cli);
    if (!sweep_look(config, &said, cli_flag(cli, "fresh"), cli->arena, &sweep, &err)) return cli_fail(&err);
    for (int i = 0; i < config->n_notices; i++) cli_say(cli, "consort: %s", config->notices[i]);
    Text text = {0};
    const int jobs = sweep.jobs;
    if (sweep.raised) cli_say(cli, "consort: %s", sweep.raised);
    if (jobs < config->run.jobs) cli_say(cli, "consort: %s", sweep_fewer_jobs(config, cli->arena));
    if (cli->json) return dry_answer(config, &sweep);
    double size = config_size(config);
    char number[32];
    text_print(&text, "study     %s\nmethod    %s\nmetric    %s%s\n", config->name, config->method,
               config->metric_full, !config->metric_name ? "" : config->maximize
               ? ", larger is better" : ", smaller is better");
    if (config->program) text_print(&text, "program   %s\n", config->program);
    text_print(&text, "space     %d parameters, %s configurations\n", config->space->n_params,
               size < 1e15 ? text_number(size, number) : "endless");
    if (config->run.part) text_print(&text, "part      %s, %s\n", config->run.part, part_by_number(config)
                                     ? "by number" : "with a seed of its own");
    if (config->run_cap) text_print(&text, "trials    %d\n", part_trials(config));
    text_print(&text, "jobs      %d\n", jobs);
    if (!config->run.async) text_print(&text, "lookback  %d\n", config->run.lookback);
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_sweep(Cli *cli)
{
    Error err;
    Config *config;
    Sweep sweep;
    Text text = {0};
    if (!sweeping_config(cli, &config, &err)) return cli_fail(&err);
    if (cli_flag(cli, "dry-run")) return dry_run(cli, config);
    int code = sweeping_run(cli, config, &sweep);
    if (code != EXIT_OK || cli->json || !sweep.ended) return code;
    sweeping_print_best(config, &sweep.summary, &text);
    code = cli_answer(&text);
    text_free(&text);
    return code;
}
