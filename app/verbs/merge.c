/* app/verbs/merge.c - studies that several hosts ran, joined into one: what came of it, study by study. */
#include "app/verbs/verbs.h"

#include "app/arguments.h"
#include "base/doc.h"
#include "job/merge.h"

static void on_line(void *context, bool notice, const char *line)
{
    cli_say(context, "%s%s", notice ? "consort: " : "", line);
}

static void print_lines(const Merged *merged, bool dry, Text *out)
{
    for (int i = 0; i < merged->n_from; i++) {
        const MergeCount *c = &merged->from[i].count;
        text_print(out, "%d of %d trials of %s %s", c->n_merged, c->n_trials, merged->from[i].said,
                   dry ? "would be merged" : "merged");
        if (c->n_there) text_print(out, ", %d there already", c->n_there);
        if (c->n_unfinished) text_print(out, ", %d not ended", c->n_unfinished);
        text_add(out, "\n");
    }
}

static void print_json(const Merged *merged, bool dry, Text *out)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", merged->into);
    doc_set_bool(doc, "written", !dry);
    Doc *list = doc_set(doc, "from", doc_array());
    for (int i = 0; i < merged->n_from; i++) {
        const MergedFrom *one = &merged->from[i];
        Doc *from = doc_add(list, doc_object());
        doc_set_text(from, "study", one->name);
        doc_set_text(from, "db", one->db);
        doc_set_number(from, "trials", one->count.n_trials);
        doc_set_number(from, "merged", one->count.n_merged);
        doc_set_number(from, "there_already", one->count.n_there);
        doc_set_number(from, "not_ended", one->count.n_unfinished);
    }
    doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
}

int cmd_merge(Cli *cli)
{
    Error err;
    Merged merged;
    Text text = {0};
    MergeOptions options = {.studies = cli->arguments, .n = cli->n_arguments, .place = place_options(cli),
                            .parts = cli_flag(cli, "parts"), .dry = cli_flag(cli, "dry-run"),
                            .on_line = on_line, .context = cli};
    if (options.parts ? options.n > 1 : options.n < 2) {
        error_set(&err, ERR_CONFIG, options.parts ? "--parts merges the parts of %.200s, and no other study"
                  : "merge what into %.200s? Name the studies behind it, or give --parts", cli->arguments[0]);
        return cli_fail(&err);
    }
    bool ok = merge_studies(&options, cli->arena, &merged, &err);
    if (merged.n_apart > 0 && !options.dry)
        cli_say(cli, "study %s cannot be repeated from its seed alone any more; that is noted in it for good",
                merged.into);
    int code = EXIT_OK;
    if (merged.n_from > 0) { /* also where a later one failed */
        if (cli->json) print_json(&merged, options.dry, &text);
        else print_lines(&merged, options.dry, &text);
        code = cli_answer(&text);
    }
    text_free(&text);
    return ok ? code : cli_fail(&err);
}
