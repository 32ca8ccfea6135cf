/* app/verbs/import.c - another tool's trials as a warm start: what was asked for, and what came of it. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "app/arguments.h"
#include "base/doc.h"
#include "job/import.h"

enum { SHOWN = 10 }; /* of the refused, unless -v */

static bool read_renames(const Cli *cli, Rename *renames, int *n, Error *err)
{
    const char *maps[CLI_MAX_OPTIONS];
    *n = cli_values(cli, "map", maps);
    for (int i = 0; i < *n; i++) {
        const char *equals = strchr(maps[i], '=');
        if (!equals || equals == maps[i])
            return error_set(err, ERR_CONFIG, "--map %.60s: the name there = the name here, --map"
                             " lr=learning_rate", maps[i]);
        renames[i] = (Rename){arena_copy_n(cli->arena, maps[i], (size_t)(equals - maps[i])), equals + 1};
        if (!renames[i].from) return error_memory(err);
    }
    return true;
}

/* On standard error, also where a later step failed. */
static void say(const Cli *cli, const Imported *in)
{
    if (in->made.db) cli_say(cli, "study %s in %s", in->made.name, in->made.folder);
    for (int i = 0; i < in->n_refused && (i < SHOWN || cli->verbose); i++)
        cli_say(cli, "refused %s: %s", in->refused[i].where, in->refused[i].why);
}

static void print_json(const Imported *in, bool dry, Text *out)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", in->study);
    doc_set_number(doc, "found", in->n_found);
    doc_set_number(doc, "imported", dry ? 0 : in->n_added);
    doc_set_number(doc, "fit", in->n_fit);
    doc_set_number(doc, "there_already", dry ? 0 : in->n_fit - in->n_added);
    doc_set_number(doc, "not_complete", in->n_not_complete);
    Doc *refused = doc_set(doc, "refused", doc_array());
    for (int i = 0; i < in->n_refused; i++) {
        Doc *entry = doc_add(refused, doc_object());
        doc_set_text(entry, "where", in->refused[i].where);
        doc_set_text(entry, "why", in->refused[i].why);
    }
    doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
}

static void print_line(const Imported *in, bool dry, Text *out)
{
    int known = in->n_fit - in->n_added;
    text_print(out, "%d of %d trials %s", dry ? in->n_fit : in->n_added, in->n_found,
               dry ? "would be imported" : "imported");
    if (!dry && known) text_print(out, ", %d there already", known);
    if (in->n_not_complete) text_print(out, ", %d not complete", in->n_not_complete);
    if (in->n_refused) text_print(out, ", %d refused", in->n_refused);
    text_add(out, "\n");
}

int cmd_import(Cli *cli)
{
    Error err;
    Rename renames[CLI_MAX_OPTIONS];
    Imported in = {0};
    Text text = {0};
    ImportOptions options = {.study = cli->n_arguments > 1 ? cli->arguments[0] : NULL,
                             .place = place_options(cli), .from = cli_value(cli, "from"),
                             .file = cli->arguments[cli->n_arguments - 1],
                             .foreign_study = cli_value(cli, "study"), .metric = cli_value(cli, "metric"),
                             .renames = renames, .dry = cli_flag(cli, "dry-run")};
    /* With --from consort a study is what is imported. */
    bool from_study = options.from && strcmp(options.from, import_tools[IMPORT_CONSORT]) == 0;
    if (!options.study && !from_study && is_forgotten(cli, options.file, "file", &err)) return cli_fail(&err);
    bool ok = read_renames(cli, renames, &options.n_renames, &err)
           && import_trials(&options, cli->arena, &in, &err);
    say(cli, &in);
    if (!ok) return cli_fail(&err);
    if (in.n_refused > SHOWN && !cli->verbose)
        cli_say(cli, "... and %d more; -v shows them all", in.n_refused - SHOWN);
    if (cli->json) print_json(&in, options.dry, &text);
    else print_line(&in, options.dry, &text);
    int code = cli_answer(&text);
    text_free(&text);
    return code == EXIT_OK && in.n_fit == 0 && in.n_refused > 0 ? EXIT_DATA : code;
}
