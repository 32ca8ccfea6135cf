/* app/verbs/enqueue.c - configurations to train next: [STUDY] FILE, or [STUDY] KEY=VALUE... */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/arguments.h"
#include "base/doc.h"
#include "job/enqueue.h"

static void print_json(const char *study, const Enqueued *e, Text *out)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", study);
    Doc *trials = doc_set(doc, "trials", doc_array());
    for (int i = 0; i < e->n_added; i++) doc_add(trials, doc_number(e->number[i]));
    doc_set_number(doc, "there_already", e->n - e->n_added);
    doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
}

static int answer(Cli *cli, const char *study, const Enqueued *e)
{
    Text text = {0};
    int known = e->n - e->n_added;
    if (cli->json) print_json(study, e, &text);
    else if (e->n_added > 0) text_print(&text, "%d queued, from trial %d on\n", e->n_added, e->number[0]);
    else text_add(&text, "0 queued\n");
    if (known > 0)
        cli_say(cli, "%d %s in the study already, and nothing is trained twice", known,
                known == 1 ? "is" : "are");
    if (e->n_added > 0)
        cli_say(cli, e->running ? "the sweep that is running trains them next"
                                : "`consort sweep` with the study's configuration runs them first");
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_enqueue(Cli *cli)
{
    Error err;
    OpenStudy open = {0};
    const ConfNode *wishes;
    Enqueued enqueued;
    const int n = cli->n_arguments;
    bool pairs = strchr(cli->arguments[n - 1], '=') != NULL;
    bool named = pairs ? strchr(cli->arguments[0], '=') == NULL : n > 1;
    const char *const *given = cli->arguments + named;
    if (!pairs && n - named > 1) {
        error_set(&err, ERR_CONFIG, "one file at a time; usage: consort enqueue %s", cli->verb->arguments);
        return cli_fail(&err);
    }
    if (!pairs && !named && !names_config(given[0])
        && is_forgotten(cli, given[0], "configurations", &err))
        return cli_fail(&err);
    bool ok = open_study(cli, named ? cli->arguments[0] : NULL, &open, &err)
           && (pairs ? wishes_of_pairs(given, n - named, cli->arena, &wishes, &err)
                     : wishes_of_file(given[0], cli->arena, &wishes, &err))
           && enqueue_wishes(&open, wishes, &enqueued, &err);
    study_close(&open);
    return ok ? answer(cli, open.study.name, &enqueued) : cli_fail(&err);
}
