/* app/verbs/curate.c - retry, exclude, include, note: a few trials, by number. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "base/doc.h"
#include "job/curate.h"
#include "tuner/store/curate.h"

static int say(Cli *cli, const OpenStudy *open, const char *what, int n)
{
    Text text = {0};
    if (cli->json) {
        Doc *doc = doc_object();
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "study", open->study.name);
        doc_set_number(doc, what, n);
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
        doc_free(doc);
    } else {
        text_print(&text, "%d trial%s %s\n", n, n == 1 ? "" : "s", what);
    }
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_retry(Cli *cli)
{
    Error err;
    OpenStudy open = {0};
    const char *state = cli_value(cli, "state");
    int first = first_trial(cli), *numbers = NULL, n = 0;
    if (!state && first == cli->n_arguments) {
        error_set(&err, ERR_CONFIG,
                  "which trials? consort retry STUDY 3 7, or --state failed for all that failed");
        return cli_fail(&err);
    }
    bool ok = trial_numbers(cli, first, &numbers, &n, &err)
           && open_study(cli, first ? cli->arguments[0] : NULL, &open, &err)
           && (!state || trials_in_state(&open, state, &numbers, &n, &err))
           && trials_retry(&open, numbers, n, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    if (n > 0) cli_say(cli, "`consort sweep` with the study's configuration runs them first");
    return say(cli, &open, "queued", n);
}

static int exclude(Cli *cli, bool excluded)
{
    Error err;
    OpenStudy open = {0};
    int first = first_trial(cli), *numbers, n;
    if (first == cli->n_arguments) {
        error_set(&err, ERR_CONFIG, "which trials? usage: consort %s %s", cli->verb->name,
                  cli->verb->arguments);
        return cli_fail(&err);
    }
    bool ok = trial_numbers(cli, first, &numbers, &n, &err)
           && open_study(cli, first ? cli->arguments[0] : NULL, &open, &err)
           && trials_exclude(&open, numbers, n, excluded, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    return say(cli, &open, excluded ? "excluded" : "included", n);
}

int cmd_exclude(Cli *cli)
{
    return exclude(cli, true);
}

int cmd_include(Cli *cli)
{
    return exclude(cli, false);
}

/* ---- notes ------------------------------------------------------------------------------------- */

static bool is_among(const int *numbers, int n, int number)
{
    for (int i = 0; i < n; i++)
        if (numbers[i] == number) return true;
    return false;
}

/* All notes there are; or, where trials are named, theirs. */
static int list_notes(Cli *cli, const char *study, const int *numbers, int n_numbers)
{
    Error err;
    OpenStudy open;
    NoteRow *notes;
    TrialRow row;
    int n;
    Text text = {0};
    if (!open_study(cli, study, &open, &err)) return cli_fail(&err);
    bool ok = n_numbers == 0 || study_trial(&open, numbers[n_numbers - 1], &row, &err);
    ok = ok && curate_notes(open.store, open.study.id, cli->arena, &notes, &n, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    Doc *list = doc_set(doc, "notes", doc_array());
    for (int i = 0; i < n; i++) {
        if (n_numbers > 0 && !is_among(numbers, n_numbers, notes[i].number)) continue;
        Doc *note = doc_add(list, doc_object());
        if (notes[i].number >= 0) doc_set_number(note, "trial", notes[i].number);
        doc_set_text(note, "utc", notes[i].utc);
        doc_set_text(note, "text", notes[i].text);
        if (cli->json) continue;
        text_print(&text, "%.10s %.5s UTC  ", notes[i].utc, notes[i].utc + 11);
        if (notes[i].number >= 0) text_print(&text, "trial %d: ", notes[i].number);
        text_print(&text, "%s\n", notes[i].text);
    }
    if (cli->json) {
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
    }
    doc_free(doc);
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

/* [STUDY] [TRIAL] [TEXT]: the last argument is the text when it is not the study, nor the only trial. */
int cmd_note(Cli *cli)
{
    Error err;
    OpenStudy open = {0};
    int first = first_trial(cli), left = cli->n_arguments - first, *numbers = NULL, n = 0;
    const char *study = first ? cli->arguments[0] : NULL;
    if (left == 0 || (left == 1 && trial_numbers(cli, first, &numbers, &n, &err)))
        return list_notes(cli, study, numbers, n);
    const char *text = cli->arguments[cli->n_arguments - 1];
    cli->n_arguments--; /* what is left are trials: one, or none for a note on the study */
    bool ok = trial_numbers(cli, first, &numbers, &n, &err);
    if (ok && n > 1) ok = error_set(&err, ERR_CONFIG,
                                    "one trial at a time; usage: consort note [STUDY] [TRIAL] TEXT");
    if (ok && strspn(text, " \t\r\n") == strlen(text)) ok = error_set(&err, ERR_CONFIG, "the note is empty");
    ok = ok && open_study(cli, study, &open, &err) && note_add(&open, n ? numbers[0] : -1, text, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    if (!cli->json) return EXIT_OK;
    Doc *doc = output_answer();
    doc_set_text(doc, "study", open.study.name);
    doc_set(doc, "trial", n ? doc_number(numbers[0]) : doc_null());
    doc_set_text(doc, "text", text);
    return output_doc(doc);
}
