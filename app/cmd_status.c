#include "app/commands.h"

#include "app/output.h"
#include "app/workspace.h"

int cmd_status(Cli *cli)
{
    Error err;
    OpenStudy open;
    Text text = {0};
    if (!study_open(cli, cli->n_arguments ? cli->arguments[0] : NULL, &open, &err))
        return cli_fail(&err);
    const char *name = output_quote(open.study.name, cli->arena);
    const char *counts = arena_print(cli->arena, "SELECT p.*, b.value AS best, b.trial AS best_trial,"
                                     " CASE WHEN p.running > 0 AND p.run_cap > 0 THEN"
                                     " round((p.run_cap - p.trials + 0.5 * p.running) * p.trial_secs"
                                     " / (p.trials - p.running) / p.running) END AS eta_s"
                                     " FROM progress p LEFT JOIN best b ON b.study = p.study"
                                     " WHERE p.study = %s", name);
    const char *running = arena_print(cli->arena, "SELECT * FROM running WHERE study = %s", name);
    OutputFormat format = output_format(cli);
    bool ok = counts && running
           && output_query(open.store, counts, 10, format, format == OUTPUT_TABLE, false, cli->arena,
                           &text, &err);
    if (ok && format == OUTPUT_TABLE) {
        text_add(&text, "\n");
        ok = output_query(open.store, running, 10, format, true, false, cli->arena, &text, &err);
    }
    study_close(&open);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
