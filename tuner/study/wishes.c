/* Adds what people wish for to a running study: all configurations of a question, or none; edits; notes. */
#include "tuner/study/wishes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tuner/store/versions.h"
#include "tuner/study/entries.h"
#include "tuner/study/several_goals.h"
#include "tuner/trial/stored.h"

static bool read_wish(const Study *study, const Doc *params, Arena *arena, Value *values, char hash[65],
                      Error *err)
{
    const Space *space = study->o->space;
    char canonical[65];
    double *u = ARENA_NEW(arena, double, space->n_dims);
    if (!u) return error_memory(err);
    if (!space_from_doc(space, params, arena, values, err)) return false;
    space_hash(space, values, hash);
    bool inside = space_encode(space, values, u);
    if (inside) {
        space_decode(space, u, values);
        space_hash(space, values, canonical);
    }
    return (inside && strcmp(hash, canonical) == 0)
        || error_set(err, ERR_INVALID, "a configuration is not in the search space");
}

/* Called with the lock. */
static bool add_wish(Study *study, const Value *values, const char *hash, Arena *arena, Error *err)
{
    Entry *entry = entry_add(study, err);
    if (!entry) return false;
    int n = study->n_entries - 1;
    if (!entry_set_values(study, entry, values, err)
        || !entry_set_trace(entry, "{\"kind\":\"user\"}", err)) {
        study->n_entries--;
        return false;
    }
    entry_price(study, entry);
    entry->source = trial_source_names[SOURCE_USER];
    entry->state = TRIAL_QUEUED;
    TrialRow row;
    bool ok = (study_row(study, n, arena, &row) || error_memory(err))
           && store_trial_begin(study->o->store, study->o->info->id, &row, err)
           && store_event(study->o->store, study->o->info->id, row.id, "ENQUEUED", NULL, err)
           && taken_add(study, hash, err);
    entry->trial_id = row.id;
    entry->attempt = row.attempt;
    if (ok) return true;
    free(entry->trace);
    study->n_entries--;
    return false;
}

/* Called with the lock. */
static bool still_takes(const Study *study, Error *err)
{
    const bool stops = study->failed || (study->o->stop && atomic_load(study->o->stop));
    if (study->edited && !stops)
        return error_set(err, ERR_STORE, "study %s takes in an edit of its search space as soon as the trials"
                         " under way have ended; ask again then", study->o->info->name);
    return !(stops || study->ended)
        || error_set(err, ERR_STORE, "study %s is ending its last trials; ask again when it has ended",
                     study->o->info->name);
}

static bool add_wishes(Study *study, const Doc *list, Arena *arena, Doc *numbers, Error *err)
{
    int n = (int)doc_count(list), n_params = study->o->space->n_params;
    Value *values = ARENA_NEW(arena, Value, (size_t)n * (size_t)n_params + 1);
    char (*hashes)[65] = arena_alloc(arena, (size_t)n + 1, sizeof *hashes);
    if (!values || !hashes) return error_memory(err);
    for (int i = 0; i < n; i++) /* all or none */
        if (!read_wish(study, doc_at(list, (size_t)i), arena, values + i * n_params, hashes[i], err))
            return false;
    pthread_mutex_lock(&study->lock);
    bool ok = still_takes(study, err);
    for (int i = 0; ok && i < n; i++) {
        bool there = taken_has(study, hashes[i]);
        doc_add(numbers, doc_number(there ? -1 : study->n_entries));
        ok = there || add_wish(study, values + i * n_params, hashes[i], arena, err);
        if (ok && !there) study->no_more = false; /* beyond run_cap, too */
    }
    study_wake(study);
    pthread_mutex_unlock(&study->lock);
    return ok;
}

/* The database has it, from the next trial on; the study ends with what is under way, and is run again. */
static bool add_edit(Study *study, const Doc *asked, Arena *arena, Doc *answer, Error *err)
{
    const StudyOptions *o = study->o;
    StudyInfo info = *o->info;
    Stored stored;
    SpaceEdited edit = {.holds = true, .config_yaml = doc_to_text(doc_get(asked, "config_yaml"), "")};
    edit.first = (SpaceVersion){1, 0, doc_to_text(doc_get(asked, "first_parameters"), ""),
                                doc_to_text(doc_get(asked, "first_constraints"), ""), "", NULL, NULL};
    edit.next = (SpaceVersion){(int)doc_to_number(doc_get(asked, "version"), 0), 0,
                               doc_to_text(doc_get(asked, "parameters"), ""),
                               doc_to_text(doc_get(asked, "constraints"), ""),
                               doc_to_text(doc_get(asked, "changes"), ""), NULL,
                               doc_to_text(doc_get(asked, "note"), NULL)};
    if (!o->takes_edits)
        return error_set(err, ERR_STORE, "study %s is trained by several ranks, which would not hear of it;"
                         " stop it (`consort stop`), edit it, and go on", o->info->name);
    info.config_yaml = edit.config_yaml;
    if (!stored_read(&info, arena, &stored, err)) return false;
    if (!stored.space) return error_set(err, ERR_INVALID, "the edited configuration cannot be read");
    edit.space = stored.space;
    pthread_mutex_lock(&study->lock);
    const bool ok = still_takes(study, err) && store_version_add(o->store, o->info->id, &edit, err);
    if (ok) study->edited = true;
    study_wake(study);
    pthread_mutex_unlock(&study->lock);
    if (ok) doc_set_number(answer, "from_trial", edit.next.from_trial);
    return ok;
}

static bool add_note(Study *study, const char *text, double number, Error *err)
{
    int64_t trial_id = 0;
    pthread_mutex_lock(&study->lock);
    int n = study->n_entries;
    if (number >= 0 && number < n) trial_id = study->entries[(int)number]->trial_id;
    pthread_mutex_unlock(&study->lock);
    if (number >= 0 && trial_id == 0)
        return error_set(err, ERR_INVALID, "there is no trial %.0f; the study has 0 to %d", number, n - 1);
    return store_event(study->o->store, study->o->info->id, trial_id, "NOTE", text, err);
}

void study_answer(Study *study, const char *question, Arena *arena, Text *out)
{
    Error err = {0};
    Doc *asked = doc_parse(question, strlen(question), &err), *answer = doc_object();
    const Doc *list = doc_get(asked, "enqueue"), *edit = doc_get(asked, "edit");
    const char *note = doc_to_text(doc_get(asked, "note"), NULL);
    bool ok = asked != NULL;
    if (doc_kind(list) == DOC_ARRAY)
        ok = add_wishes(study, list, arena, doc_set(answer, "numbers", doc_array()), &err);
    else if (doc_kind(edit) == DOC_OBJECT) ok = add_edit(study, edit, arena, answer, &err);
    else if (note) ok = add_note(study, note, doc_to_number(doc_get(asked, "trial"), -1), &err);
    else if (asked) ok = error_set(&err, ERR_INVALID, "this is not known here");
    ok = ok && store_flush(study->o->store, &err);
    if (!ok) {
        doc_set_text(answer, "error", err.message);
        doc_set_bool(answer, "invalid", err.code == ERR_INVALID);
    }
    doc_print(answer, 0, out);
    doc_free(answer);
    doc_free(asked);
}
