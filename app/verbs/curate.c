/* retry, exclude, include, note: a few trials, by number. */
#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/curating.h"
#include "tuner/study/request.h"

/* The numbers of the trials in a state, for `retry --state failed`. */
static bool numbers_in_state(OpenStudy *open, const char *state, int **numbers, int *n, Error *err)
{
    TrialRow *rows;
    int n_rows;
    if (strcasecmp(state, "failed") != 0 && strcasecmp(state, "interrupted") != 0)
        return error_set(err, ERR_CONFIG, "--state %.40s: only failed and interrupted trials are run again",
                         state);
    if (!store_trials(open->store, open->study.id, open->arena, &rows, &n_rows, err)) return false;
    *numbers = ARENA_NEW(open->arena, int, n_rows + 1);
    *n = 0;
    if (!*numbers) return error_memory(err);
    for (int i = 0; i < n_rows; i++)
        if (strcasecmp(state, trial_state_names[rows[i].state]) == 0
            && rows[i].seed == open->study.seed) /* not what was merged from elsewhere */
            (*numbers)[(*n)++] = rows[i].number;
    return true;
}

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
    int first = curating_first(cli), *numbers = NULL, n = 0;
    if (!state && first == cli->n_arguments) {
        error_set(&err, ERR_CONFIG,
                  "which trials? consort retry STUDY 3 7, or --state failed for all that failed");
        return cli_fail(&err);
    }
    bool ok = curating_numbers(cli, first, &numbers, &n, &err)
           && curating_open(cli, first ? cli->arguments[0] : NULL, &open, &err);
    if (ok && state) ok = numbers_in_state(&open, state, &numbers, &n, &err);
    ok = ok && curate_retry(open.store, open.study.id, numbers, n, &err);
    if (!curating_close(&open, ok, &err)) return cli_fail(&err);
    if (n > 0) cli_say(cli, "`consort sweep` with the study's configuration runs them first");
    return say(cli, &open, "queued", n);
}

static int exclude(Cli *cli, bool excluded)
{
    Error err;
    OpenStudy open = {0};
    int first = curating_first(cli), *numbers, n;
    if (first == cli->n_arguments) {
        error_set(&err, ERR_CONFIG, "which trials? usage: consort %s %s", cli->verb->name,
                  cli->verb->arguments);
        return cli_fail(&err);
    }
    bool ok = curating_numbers(cli, first, &numbers, &n, &err)
           && curating_open(cli, first ? cli->arguments[0] : NULL, &open, &err)
           && curate_exclude(open.store, open.study.id, numbers, n, excluded, &err);
    if (!curating_close(&open, ok, &err)) return cli_fail(&err);
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

static int list_notes(Cli *cli, const char *study)
{
    Error err;
    OpenStudy open;
    NoteRow *notes;
    int n;
    Text text = {0};
    if (!study_open(cli, study, &open, &err)) return cli_fail(&err);
    bool ok = curate_notes(open.store, open.study.id, cli->arena, &notes, &n, &err);
    study_close(&open);
    if (!ok) return cli_fail(&err);
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    Doc *list = doc_set(doc, "notes", doc_array());
    for (int i = 0; i < n; i++) {
        Doc *note = doc_add(list, doc_object());
        if (notes[i].number >= 0) doc_set_number(note, "trial", notes[i].number);
        doc_set_text(note, "utc", notes[i].utc);
        doc_set_text(note, "text", notes[i].text);
        if (cli->json) continue;
        text_print(&text, "%.10s %.5s  ", notes[i].utc, notes[i].utc + 11);
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

/* Has the process that runs the study write it; `*there` is false where nobody does. */
static bool note_by_host(const Cli *cli, const char *study, int number, const char *text, bool *there,
                         Error *err)
{
    OpenStudy open;
    if (!study_open(cli, study, &open, err)) return false;
    study_close(&open);
    Doc *question = doc_object(), *answer = NULL;
    const char *identity = study_identity(&open.study, open.arena);
    doc_set_text(question, "note", text);
    if (number >= 0) doc_set_number(question, "trial", number);
    bool ok = (identity || error_memory(err))
           && study_ask(open.place.folder, identity, question, open.arena, &answer, err);
    *there = answer != NULL;
    doc_free(question);
    doc_free(answer);
    return ok;
}

/* [STUDY] [TRIAL] [TEXT]: the last argument is the text when it is no trial and not alone as a study. */
int cmd_note(Cli *cli)
{
    Error err;
    OpenStudy open = {0};
    int first = curating_first(cli), left = cli->n_arguments - first, *numbers, n = 0;
    const char *study = first ? cli->arguments[0] : NULL;
    if (left == 0) return list_notes(cli, study);
    const char *text = cli->arguments[cli->n_arguments - 1];
    cli->n_arguments--; /* what is left are trials: one, or none for a note on the study */
    bool ok = curating_numbers(cli, first, &numbers, &n, &err);
    if (ok && n > 1) ok = error_set(&err, ERR_CONFIG,
                                    "one trial at a time; usage: consort note [STUDY] [TRIAL] TEXT");
    if (ok && strspn(text, " \t\r\n") == strlen(text)) ok = error_set(&err, ERR_CONFIG, "the note is empty");
    bool there = false;
    ok = ok && note_by_host(cli, study, n ? numbers[0] : -1, text, &there, &err);
    if (ok && !there)
        ok = curating_open(cli, study, &open, &err)
          && curate_note(open.store, open.study.id, n ? numbers[0] : -1, text, &err);
    return curating_close(&open, ok, &err) ? EXIT_OK : cli_fail(&err);
}
