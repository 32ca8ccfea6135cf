/* A verb run by one rank of a job: meets the others, or leaves it to rank 0. */
#include "app/ranks.h"

#include "app/sweeping.h"
#include "cluster/ranks.h"

int ranks_run_verb(Cli *cli, const Launched *launched, bool together)
{
    Error err;
    const bool others = launched->rank > 0;
    if (!together || cli_flag(cli, "dry-run")) return others ? EXIT_OK : cli->verb->run(cli);
    if (!ranks_begin(launched, sweeping_stop(), &cli->ranks, &err)) return others ? EXIT_OK : cli_fail(&err);
    if (others) cli->quiet = 2;
    const int code = cli->verb->run(cli);
    ranks_end(cli->ranks);
    return others ? EXIT_OK : code;
}
