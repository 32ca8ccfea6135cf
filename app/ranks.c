/* A verb run by one rank of a job: meets the others, or leaves it to rank 0. */
#include "app/ranks.h"

#include <string.h>

#include "app/again.h"
#include "app/sweeping.h"
#include "cluster/ranks.h"

/* Once the ranks have met none can begin again: what its configuration wants of libraries is seen to before.
 * Whether that can be read at all is said later, and what comes through standard input can be read but once. */
static void take_kernels(Cli *cli)
{
    Config *config;
    Error said_later;
    if (strcmp(cli->arguments[0], "-") != 0 && sweeping_config(cli, &config, &said_later))
        again_for_kernels(cli, config);
}

int ranks_run_verb(Cli *cli, const Launched *launched, bool together)
{
    Error err;
    const bool others = launched->rank > 0;
    if (!together || cli_flag(cli, "dry-run")) return others ? EXIT_OK : cli->verb->run(cli);
    take_kernels(cli);
    if (!ranks_begin(launched, sweeping_stop(), &cli->ranks, &err)) return others ? EXIT_OK : cli_fail(&err);
    if (others) cli->quiet = 2;
    const int code = cli->verb->run(cli);
    ranks_end(cli->ranks);
    return others ? EXIT_OK : code;
}
