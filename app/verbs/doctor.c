/* app/verbs/doctor.c - versions, processor, and the health of a database. */
#include "app/verbs/verbs.h"

#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "job/health.h"

/* Truths that a name alone does not explain. */
static const char *in_words(const char *key, bool truth)
{
    static const struct {
        const char *key, *yes, *no;
    } words[] = {{"wal_reset_fix", "yes: SQLite's bug of a reset log is mended in this version",
                  "no: this SQLite has the bug of a reset log; so one process at a time writes a database"},
                 {"wal_possible", "yes", "no: the file system is a network's"},
                 {"ok", "yes", "no"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].key, key) == 0) return truth ? words[i].yes : words[i].no;
    return truth ? "true" : "false";
}

/* A flat or nested document as "key: value" lines. */
static void print_doc(const Doc *doc, int indent, Text *out)
{
    const char *key;
    const Doc *child;
    for (size_t i = 0; doc_member(doc, i, &key, &child); i++) {
        text_print(out, "%*s%-22s ", indent, "", key);
        if (doc_kind(child) == DOC_OBJECT) {
            text_add(out, "\n");
            print_doc(child, indent + 2, out);
            continue;
        }
        if (doc_kind(child) == DOC_BOOL) text_add(out, in_words(key, doc_to_bool(child, false)));
        else if (doc_kind(child) == DOC_TEXT) text_add(out, doc_to_text(child, ""));
        else doc_print(child, 0, out);
        text_add(out, "\n");
    }
}

int cmd_doctor(Cli *cli)
{
    Error err;
    Place place = {0};
    if (cli->n_arguments > 0 && !find_place(cli, cli->arguments[0], &place, &err)) return cli_fail(&err);
    Text text = {0};
    bool sound;
    Doc *doc = health_doc(place.db, &sound);
    if (cli->json) {
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
    } else {
        print_doc(doc, 0, &text);
    }
    int code = output_lines(&text, output_width(cli, output_format(cli)));
    if (code == EXIT_OK && !sound) code = EXIT_STORE;
    doc_free(doc);
    return code;
}
