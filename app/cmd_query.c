#include "app/commands.h"

#include "app/output.h"
#include "app/workspace.h"

int cmd_query(Cli *cli)
{
    Error err;
    Text text = {0};
    double timeout = 30;
    /* One argument is the SQL, for the only study; two are STUDY and SQL. */
    const char *study = cli->n_arguments > 1 ? cli->arguments[0] : NULL;
    const char *sql = cli->arguments[cli->n_arguments - 1], *limit = cli_value(cli, "timeout");
    Place place;
    Store *store;
    if (limit && (!text_to_duration(limit, &timeout) || timeout <= 0)) {
        error_set(&err, ERR_CONFIG, "--timeout %.40s: a duration such as 30s or 2m", limit);
        return cli_fail(&err);
    }
    if (!place_of_argument(cli, study, cli->arena, &place, &err)
        || !store_open(place.db, STORE_READ, &store, &err))
        return cli_fail(&err);
    bool ok = output_query(store, sql, timeout, output_format(cli), false, false, cli->arena, &text,
                           &err);
    store_close(store, NULL);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
