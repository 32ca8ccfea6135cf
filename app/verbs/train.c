#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/sweep.h"

/* A single training is a study of one trial, so that it is logged like any other. Its name carries
 * the configuration's hash: the same configuration is found again, another never gets in its way. */
static bool as_single_study(Config *config, Arena *arena, Error *err)
{
    char identity[65];
    if (!config_identity(config, identity, err)) return false;
    config->name = arena_print(arena, "%s@%.8s", config->name, identity);
    config->run_cap = 1;
    if (config->n_enqueued > 1) config->n_enqueued = 1;
    if (config->n_enqueued == 1) config->enqueued_source[0] = "user";
    config->run.time_cap = 0;
    config->finalists.seeds = 0;
    config->pruner.type = PRUNER_NONE;
    if (config->run.dir || config->run.db) config->run.dir = config->run.db = NULL;
    return config->name || error_memory(err);
}

static bool copy_model(const char *from, const char *to, Error *err)
{
    Bytes bytes;
    if (!file_read(from, 0, &bytes, err)) return false;
    bool ok = file_write(to, bytes.bytes, bytes.n, err);
    bytes_free(&bytes);
    return ok;
}

int cmd_train(Cli *cli)
{
    Error err;
    Config *config;
    Sweep sweep;
    const char *out = cli_value(cli, "out");
    if (!sweep_config(cli, cli->arena, &config, &err)
        || !as_single_study(config, cli->arena, &err))
        return cli_fail(&err);
    if (config->runs_program && out) {
        error_set(&err, ERR_CONFIG, "--out: a program's run leaves no model of ours");
        return cli_fail(&err);
    }
    int code = sweep_run(cli, config, &sweep);
    if (code != EXIT_OK) return code;
    if (config->runs_program) {
        if (!cli->json && config->metric_name)
            printf("%s %.6g\n", config->metric_full, sweep.summary.best_value);
        return EXIT_OK;
    }
    const char *path = place_file(&sweep.place, "artifacts/trial-000000.consort", cli->arena);
    if (!path) return cli_fail((error_memory(&err), &err));
    if (out && !copy_model(path, out, &err)) return cli_fail(&err);
    if (!cli->json)
        printf("%s %.6g\nmodel %s\n", config->metric_full, sweep.summary.best_value,
               out ? out : path);
    return EXIT_OK;
}
