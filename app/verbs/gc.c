/* app/verbs/gc.c - removes models that nobody needs, and files that no trial owns. */
#include "app/verbs/verbs.h"

#include <stdio.h>

#include "app/arguments.h"
#include "base/doc.h"
#include "job/garbage.h"

static int answer(Cli *cli, const Garbage *g, bool dry)
{
    Text text = {0};
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    Doc *files = doc_set(doc, "files", doc_array());
    for (int i = 0; i < g->n_files; i++) {
        const GarbageFile *f = &g->files[i];
        Doc *file = doc_add(files, doc_object());
        doc_set_text(file, "path", f->path);
        doc_set_number(file, "bytes", f->bytes);
        doc_set_text(file, "why", f->why);
        if (!cli->json && (dry || cli->verbose))
            text_print(&text, "%10.0f  %s  (%s)\n", f->bytes, f->path, f->why);
    }
    doc_set_number(doc, "bytes", g->bytes);
    doc_set_bool(doc, "removed", !dry);
    if (cli->json) {
        text_free(&text);
        text = (Text){0};
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
    } else {
        text_print(&text, "%d file%s, %.1f MB %s\n", g->n_files, g->n_files == 1 ? "" : "s", g->bytes / 1e6,
                   dry ? "would be removed" : "removed");
    }
    doc_free(doc);
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_gc(Cli *cli)
{
    Error err;
    OpenStudy open;
    Garbage garbage = {0};
    bool dry = cli_flag(cli, "dry-run");
    int top;
    bool ok = cli_int(cli, "top", 0, 100000000, -1, &top, &err)
           && open_study(cli, study_argument(cli), &open, &err)
           && garbage_collect(&open, top, dry, &garbage, &err);
    for (int i = 0; i < garbage.n_files; i++)
        if (garbage.files[i].stays) cli_tell("consort: cannot remove %s\n", garbage.files[i].path);
    return ok ? answer(cli, &garbage, dry) : cli_fail(&err);
}
