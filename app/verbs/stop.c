/* app/verbs/stop.c - asks a running sweep to end. */
#include "app/verbs/verbs.h"

#include <inttypes.h>

#include "app/arguments.h"
#include "app/output.h"
#include "job/stop.h"

static int answer(const OpenStudy *open, const StudyHolder *who)
{
    Doc *doc = output_answer();
    doc_set_text(doc, "study", open->study.name);
    doc_set_bool(doc, "stopped", who->alive); /* false: nobody was running it */
    doc_set(doc, "pid", who->alive ? doc_number((double)who->pid) : doc_null());
    return output_doc(doc);
}

int cmd_stop(Cli *cli)
{
    Error err;
    OpenStudy open;
    StudyHolder who;
    double timeout = 30;
    const char *limit = cli_value(cli, "timeout");
    if (limit && (!text_to_duration(limit, &timeout) || timeout < 0)) {
        error_set(&err, ERR_CONFIG, "--timeout %.40s: a duration such as 30s or 2m", limit);
        return cli_fail(&err);
    }
    if (!open_study(cli, study_argument(cli), &open, &err)) return cli_fail(&err);
    bool ok = study_stop(&open, cli_flag(cli, "now"), timeout, &who, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    if (cli->json) return answer(&open, &who);
    Text text = {0};
    text_print(&text, "study %s", open.study.name);
    if (who.alive) text_print(&text, ": stopped, pid %" PRId64 " has ended\n", who.pid);
    else text_add(&text, " is not running\n");
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}
