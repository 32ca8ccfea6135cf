/* app/verbs/status.c - how far a study is, as lines, a table or JSON. */
#include "app/verbs/verbs.h"

#include "app/arguments.h"
#include "app/output.h"
#include "app/status.h"

/* CSV and Markdown have one table: the counts. */
static bool print(const Cli *cli, const OpenStudy *open, const Status *status, Text *out, Error *err)
{
    OutputFormat format = output_format(cli);
    if (format == OUTPUT_TABLE) return status_print(open, status, cli->arena, out) || error_memory(err);
    if (format == OUTPUT_JSON) {
        Doc *doc = status_doc(status);
        bool ok = doc_print(doc, 1, out);
        text_add(out, "\n");
        doc_free(doc);
        return ok || error_memory(err);
    }
    const char *name = sql_quote(open->study.name, cli->arena);
    const char *sql = name ? arena_print(cli->arena, "SELECT p.*, b.value AS best, b.trial AS best_trial FROM"
                                         " progress p LEFT JOIN best b ON b.study = p.study WHERE p.study = %s",
                                         name) : NULL;
    return (sql || error_memory(err))
        && output_query(open->store, sql, 10, format, false, false, 0, NULL, cli->arena, out, err);
}

int cmd_status(Cli *cli)
{
    Error err;
    OpenStudy open;
    Status status = {0};
    Text text = {0};
    if (!open_study(cli, study_argument(cli), &open, &err)) return cli_fail(&err);
    bool ok = status_read(&open, &status, &err) && print(cli, &open, &status, &text, &err);
    status_free(&status);
    study_close(&open);
    int code = ok ? (cli_flag(cli, "csv") ? cli_answer_data : cli_answer)(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
