/* app/verbs/query.c - read-only SQL on the trial database. */
#include "app/verbs/verbs.h"

#include "app/arguments.h"
#include "app/output.h"
#include "base/file.h"

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
    if (!study && is_forgotten(cli, sql, "SQL", &err)) return cli_fail(&err);
    if (limit && (!text_to_duration(limit, &timeout) || timeout <= 0)) {
        error_set(&err, ERR_CONFIG, "--timeout %.40s: a duration such as 30s or 2m", limit);
        return cli_fail(&err);
    }
    if (!find_place(cli, study, &place, &err)) return cli_fail(&err);
    if (!file_exists(place.db)) {
        error_set(&err, ERR_INVALID, "%s is not there; start the study with `consort sweep`",
                  place.db);
        return cli_fail(&err);
    }
    if (!store_open(place.db, STORE_READ, &store, &err))
        return cli_fail(&err);
    bool ok = output_query(store, sql, timeout, output_format(cli), false, false, 0, NULL, cli->arena, &text,
                           &err);
    if (!ok && err.code == ERR_STOPPED) {
        Error stopped = err; /* "busy beyond the timeout": exit code 4 */
        error_set(&err, ERR_STORE, "%.180s; --timeout 5m would give it longer", stopped.message);
    }
    store_close(store, NULL);
    int code = ok ? (cli_flag(cli, "csv") ? cli_answer_data : cli_answer)(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
