#include "app/verbs/verbs.h"

#include <stdio.h>

#include "job/products.h"

int cmd_report(Cli *cli)
{
    Error err;
    Finished finished;
    const char *path;
    int top;
    if (!cli_int(cli, "top", 1, 100000, 0, &top, &err)
        || !finished_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &finished, &err))
        return cli_fail(&err);
    bool ok = product_report(&finished, top, &path, &err);
    finished_close(&finished);
    if (!ok) return cli_fail(&err);
    puts(path);
    return EXIT_OK;
}
