/* app/verbs/report.c - writes the report, and says where the page is. */
#include "app/verbs/verbs.h"

#include <stdio.h>

#include "app/arguments.h"
#include "job/report.h"

int cmd_report(Cli *cli)
{
    Error err;
    Place place;
    Finished finished;
    const char *path;
    int top;
    if (!cli_int(cli, "top", 1, 100000, 0, &top, &err)
        || !find_place(cli, study_argument(cli), &place, &err)
        || !finished_open(&place, cli->arena, &finished, &err))
        return cli_fail(&err);
    bool ok = product_report(&finished, top, &path, &err);
    finished_close(&finished);
    if (!ok) return cli_fail(&err);
    puts(path);
    return EXIT_OK;
}
