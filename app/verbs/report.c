/* app/verbs/report.c - writes the report, and says where the page is. */
#include "app/verbs/verbs.h"

#include <stdio.h>

#include "app/arguments.h"
#include "app/output.h"
#include "job/figures.h"
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
    FigureFiles figures = {0};
    const char *folder = cli_value(cli, "figures");
    Doc *document = NULL;
    int top;
    bool several = false;
    int code = cli->n_arguments > 0 ? report_several(cli, &several) : EXIT_OK;
    if (several) return code;
    if (cli_value(cli, "metric")) {
        error_set(&err, ERR_CONFIG, "--metric is what several studies are compared by; the report of one has"
                                    " its own");
        return cli_fail(&err);
    }
    if (!cli_int(cli, "top", 1, 100000, 0, &top, &err)
        || !find_place(cli, study_argument(cli), &place, &err)
        || !finished_open(&place, cli->arena, &finished, &err))
        return cli_fail(&err);
    bool ok = take_paths(cli, &finished, &err);
    if (cli_value(cli, "out")) finished.config->report.html = cli_value(cli, "out");
    ok = ok && report_document(&finished, top, &document, &err)
      && report_write(&finished, document, &files, &err)
      && (!folder || figures_of_report(document, folder, cli->arena, &figures, &err));
    finished_close(&finished);
    doc_free(document);
    if (!ok) return cli_fail(&err);
    if (!cli->json) {
        puts(files.html);
        if (folder) cli_say(cli, "%d files in %s", figures.n, folder);
        return EXIT_OK;
    }
    Doc *doc = output_answer();
    doc_set_text(doc, "study", finished.study.name);
    doc_set_text(doc, "html", files.html);
    doc_set_text(doc, "json", files.json);
    doc_set_text(doc, "markdown", files.markdown);
    Doc *list = folder ? doc_set(doc, "figures", doc_array()) : NULL;
    for (int i = 0; i < figures.n; i++) doc_add(list, doc_text(figures.path[i]));
    return output_doc(doc);
}
