/* app/verbs/report.c - writes the report, and says where the page is. */
#include "app/verbs/verbs.h"

#include <stdio.h>

#include "app/arguments.h"
#include "app/output.h"
#include "job/report.h"

/* Where the report goes is said by a configuration file that this command names, never by one that lies in a
 * database. */
static bool take_paths(Cli *cli, Finished *finished, Error *err)
{
    const char *argument = study_argument(cli);
    Config *named;
    if (!argument || !names_config(argument)) return true;
    if (!config_read(argument, NULL, 0, cli->arena, &named, err)) return false;
    ReportOptions *to = &finished->config->report;
    const ReportOptions *from = &named->report;
    to->html = from->html, to->json = from->json, to->markdown = from->markdown;
    return true;
}

int cmd_report(Cli *cli)
{
    Error err;
    Place place;
    Finished finished;
    ReportFiles files;
    Doc *document = NULL;
    int top;
    if (!cli_int(cli, "top", 1, 100000, 0, &top, &err)
        || !find_place(cli, study_argument(cli), &place, &err)
        || !finished_open(&place, cli->arena, &finished, &err))
        return cli_fail(&err);
    bool ok = take_paths(cli, &finished, &err) && report_document(&finished, top, &document, &err)
           && report_write(&finished, document, &files, &err);
    finished_close(&finished);
    doc_free(document);
    if (!ok) return cli_fail(&err);
    if (!cli->json) {
        puts(files.html);
        return EXIT_OK;
    }
    Doc *doc = output_answer();
    doc_set_text(doc, "study", finished.study.name);
    doc_set_text(doc, "html", files.html);
    doc_set_text(doc, "json", files.json);
    doc_set_text(doc, "markdown", files.markdown);
    return output_doc(doc);
}
