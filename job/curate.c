/* job/curate.c - opens a study for writing, changes a few of its trials, and closes it. */
#include "job/curate.h"

#include <string.h>
#include <strings.h>

#include "tuner/store/curate.h"
#include "tuner/study/request.h"

bool trials_in_state(const OpenStudy *open, const char *state, int **numbers, int *n, Error *err)
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

bool trials_retry(OpenStudy *open, const int *numbers, int n, Error *err)
{
    bool ok = study_open_writer(open, err) && curate_retry(open->store, open->study.id, numbers, n, err);
    return study_close_writer(open, ok, err);
}

bool trials_exclude(OpenStudy *open, const int *numbers, int n, bool excluded, Error *err)
{
    bool ok = study_open_writer(open, err)
           && curate_exclude(open->store, open->study.id, numbers, n, excluded, err);
    return study_close_writer(open, ok, err);
}

/* ---- notes ------------------------------------------------------------------------------------- */

/* Has the process that runs the study write it; `*there` is false where nobody does. */
static bool note_by_host(const OpenStudy *open, int number, const char *text, bool *there, Error *err)
{
    Doc *question = doc_object(), *answer = NULL;
    const char *identity = study_identity(&open->study, open->arena);
    doc_set_text(question, "note", text);
    if (number >= 0) doc_set_number(question, "trial", number);
    bool ok = (identity || error_memory(err))
           && study_ask(open->place.folder, identity, question, open->arena, &answer, err);
    *there = answer != NULL;
    doc_free(question);
    doc_free(answer);
    return ok;
}

bool note_add(OpenStudy *open, int number, const char *text, Error *err)
{
    bool there = false;
    study_close(open);
    if (!note_by_host(open, number, text, &there, err)) return false;
    if (there) return true;
    bool ok = study_open_writer(open, err) && curate_note(open->store, open->study.id, number, text, err);
    return study_close_writer(open, ok, err);
}
