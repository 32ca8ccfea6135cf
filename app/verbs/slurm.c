/* app/verbs/slurm.c - prints a batch script for Slurm that runs the study of a configuration. */
#include "app/verbs/verbs.h"

#include <string.h>
#include <unistd.h>

#include "app/arguments.h"
#include "base/file.h"
#include "job/part.h"
#include "job/slurm.h"

static bool read_asked(const Cli *cli, SlurmOptions *o, Error *err)
{
    char program[4096];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    *o = (SlurmOptions){.time = cli_value(cli, "time"), .memory = cli_value(cli, "mem"),
                        .partition = cli_value(cli, "partition"), .account = cli_value(cli, "account"),
                        .mpi = cli_value(cli, "mpi"), .run = cli_flag(cli, "run"),
                        .more = cli->arguments + 1, .n_more = cli->n_arguments - 1,
                        .program = n > 0 ? arena_print(cli->arena, "%.*s", (int)n, program) : "consort",
                        .place = place_options(cli)};
    if (!o->program) return error_memory(err);
    return cli_int(cli, "nodes", 1, 100000, 0, &o->nodes, err)
        && cli_int(cli, "tasks-per-node", 1, 4096, 0, &o->tasks, err)
        && cli_int(cli, "cpus", 1, 4096, 0, &o->cpus, err)
        && cli_int(cli, "array", 1, PART_MOST, 0, &o->array, err);
}

static bool make(const Cli *cli, Text *text, Error *err)
{
    const char *file = cli->arguments[0], *out = cli_value(cli, "out");
    SlurmOptions asked;
    Config *config;
    if (strcmp(file, "-") == 0)
        return error_set(err, ERR_CONFIG, "a job reads its configuration again and again: write it to a file,"
                         " and name that");
    return read_asked(cli, &asked, err) && config_read(file, NULL, 0, cli->arena, &config, err)
        && slurm_script(config, &asked, cli->arena, text, err)
        && (!out || file_write(out, text->bytes, text->n, err));
}

int cmd_slurm(Cli *cli)
{
    Error err;
    Text text = {0};
    const char *out = cli_value(cli, "out");
    int code = !make(cli, &text, &err) ? cli_fail(&err) : out ? EXIT_OK : cli_answer(&text);
    if (code == EXIT_OK && out)
        cli_say(cli, "%s: `%s %s` submits it", out, cli_value(cli, "array") ? "bash" : "sbatch",
                shell_word(cli, out));
    text_free(&text);
    return code;
}
