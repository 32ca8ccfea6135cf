/* app/verbs/train.c - one trial, no search; it is logged as a study of its own. */
#include "app/verbs/verbs.h"

#include <stdio.h>

#include "app/sweeping.h"
#include "base/file.h"
#include "job/kind.h"

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
    const char *out = cli_value(cli, "out"), *path = NULL;
    if (!sweeping_config(cli, &config, &err) || !sweep_single(config, cli->arena, &err)) return cli_fail(&err);
    if (!config->kind->trains && out) {
        error_set(&err, ERR_CONFIG, "--out: a program's run leaves no model of ours");
        return cli_fail(&err);
    }
    int code = sweeping_run(cli, config, &sweep);
    if (code != EXIT_OK) return code;
    if (config->kind->trains) {
        path = sweep_single_model(&sweep, cli->arena);
        if (!path) return cli_fail((error_memory(&err), &err));
        if (out && !copy_model(path, out, &err)) return cli_fail(&err);
    }
    if (!cli->json && config->metric_name) printf("%s %.6g\n", config->metric_full, sweep.summary.best_value);
    if (!cli->json && path) printf("model %s\n", out ? out : path);
    return EXIT_OK;
}
