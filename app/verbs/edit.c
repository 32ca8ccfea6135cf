/* app/verbs/edit.c - another search space from the next trial on, by --set or a file; and what there was. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/arguments.h"
#include "base/doc.h"
#include "job/edit.h"

static void add_changes(Doc *doc, const char *changes, Arena *arena)
{
    Doc *list = doc_set(doc, "changes", doc_array());
    for (const char *at = changes; at && *at;) {
        const size_t n = strcspn(at, "\n");
        doc_add(list, doc_text(arena_copy_n(arena, at, n)));
        at += n + (at[n] == '\n');
    }
}

static void print_changes(const char *changes, Text *out)
{
    for (const char *at = changes; at && *at;) {
        const size_t n = strcspn(at, "\n");
        text_print(out, "  %.*s\n", (int)n, at);
        at += n + (at[n] == '\n');
    }
}

static int answer(Cli *cli, const char *study, const Edited *edited)
{
    Text text = {0};
    if (cli->json) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", study);
        doc_set_number(doc, "version", edited->version);
        if (edited->from_trial >= 0) doc_set_number(doc, "from_trial", edited->from_trial);
        add_changes(doc, edited->changes, cli->arena);
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
        doc_free(doc);
    } else {
        if (edited->from_trial < 0) text_print(&text, "would be version %d:\n", edited->version);
        else text_print(&text, "version %d, from trial %d on:\n", edited->version, edited->from_trial);
        print_changes(edited->changes, &text);
    }
    if (edited->from_trial >= 0)
        cli_say(cli, edited->running ? "the sweep that is running goes on with it when what it trains has ended"
                                     : "`consort sweep` with the study's file, as it was, goes on with it");
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

static void add_version(const SpaceVersion *v, Arena *arena, Doc *list, Text *out)
{
    Doc *doc = doc_add(list, doc_object());
    doc_set_number(doc, "version", v->version);
    doc_set_number(doc, "from_trial", v->from_trial);
    doc_set_text(doc, "parameters", v->parameters);
    if (*v->constraints) doc_set_text(doc, "constraints", v->constraints);
    add_changes(doc, v->changes, arena);
    if (v->version > 1) doc_set_text(doc, "utc", v->utc);
    if (v->note) doc_set_text(doc, "note", v->note);
    text_print(out, "version %d, from trial %d on", v->version, v->from_trial);
    if (v->version > 1) text_print(out, ", of %.10s %.5s UTC", v->utc, v->utc + 11);
    text_print(out, "%s%s\n", v->note ? ": " : "", v->note ? v->note : "");
    print_changes(v->changes, out);
}

/* The versions that there are. */
static int list_versions(Cli *cli)
{
    Error err;
    OpenStudy open;
    SpaceVersion *versions;
    int n;
    Text text = {0};
    if (!open_study(cli, cli->n_arguments > 0 ? cli->arguments[0] : NULL, &open, &err)) return cli_fail(&err);
    const bool ok = store_versions(open.store, open.study.id, cli->arena, &versions, &n, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", open.study.name);
    Doc *list = doc_set(doc, "versions", doc_array());
    for (int i = 0; i < n; i++) add_version(&versions[i], cli->arena, list, &text);
    if (n == 0) text_add(&text, "the search space was never edited\n");
    if (cli->json) {
        text_free(&text);
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
    }
    doc_free(doc);
    const int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_edit(Cli *cli)
{
    Error err;
    OpenStudy open = {0};
    Edited edited;
    const char *sets[CLI_MAX_OPTIONS];
    EditAsked asked = {.sets = sets, .n_sets = cli_values(cli, "set", sets), .note = cli_value(cli, "why"),
                       .dry_run = cli_flag(cli, "dry-run"),
                       .file = cli->n_arguments > 1 ? cli->arguments[1] : NULL};
    if (asked.file && asked.n_sets > 0) {
        error_set(&err, ERR_CONFIG, "a file or --set, not both; put it into the file");
        return cli_fail(&err);
    }
    if (!asked.file && asked.n_sets == 0) return list_versions(cli);
    const bool ok = open_study(cli, cli->n_arguments > 0 ? cli->arguments[0] : NULL, &open, &err)
                 && edit_space(&open, &asked, &edited, &err);
    study_close(&open);
    return ok ? answer(cli, open.study.name, &edited) : cli_fail(&err);
}
