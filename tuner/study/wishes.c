/* What a person asks of a study while it runs: configurations to train next, notes. It goes through the host's
 * socket, since the process that runs a study alone writes its database, and alone knows what comes next.
 *
 * A wish becomes the trial with the next number, in place of the next proposal; what was proposed before is not
 * touched. Which number that is depends on when it was asked for: up to there the study is the one of its seed,
 * from there on the one of its seed with this wish at this place. Killed and continued it is the same, since
 * the wish is in the database, under its number, before the asker is told so.
 *
 * Both ways a message is JSON:
 *
 *     {"enqueue": [{PARAMETERS}, ...]}    {"numbers": [12, -1, ...]}; -1: in the study already
 *     {"note": TEXT, "trial": 12}         {}; without "trial" it is a note on the study
 *                                         {"error": TEXT, "invalid": true}: nothing was done,
 *                                         because of what was asked ("invalid"), or when
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tuner/study/study_internal.h"

/* ---- where the study runs ------------------------------------------------------------------------ */

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
    const Space *space = study->o->space;
    Entry *entry = entry_add(study, err);
    if (!entry) return false;
    int n = study->n_entries - 1;
    memcpy(entry->values, values, (size_t)space->n_params * sizeof *values);
    space_encode(space, entry->values, entry->u);
    snprintf(entry->hash, sizeof entry->hash, "%s", hash);
    entry_price(study, entry);
    entry->source = "user";
    entry->trace = "{\"kind\":\"user\"}";
    entry->state = TRIAL_QUEUED;
    TrialRow row;
    bool ok = (study_row(study, n, arena, &row) || error_memory(err))
           && store_trial_begin(study->o->store, study->o->info->id, &row, err)
           && store_event(study->o->store, study->o->info->id, row.id, "ENQUEUED", NULL, err)
           && taken_add(study, entry->hash, err);
    entry->trial_id = row.id;
    entry->attempt = row.attempt;
    if (!ok) study->n_entries--;
    return ok;
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
    bool ok = true;
    pthread_mutex_lock(&study->lock);
    if (study->failed || study->ended || (study->o->stop && atomic_load(study->o->stop)))
        ok = error_set(err, ERR_STORE, "study %s is ending its last trials; ask again when it has ended",
                       study->o->info->name);
    for (int i = 0; ok && i < n; i++) {
        bool there = taken_has(study, hashes[i]);
        doc_add(numbers, doc_number(there ? -1 : study->n_entries));
        ok = there || add_wish(study, values + i * n_params, hashes[i], arena, err);
        if (ok && !there) study->no_more = false; /* beyond run_cap, too */
    }
    pthread_cond_broadcast(&study->settled);
    pthread_mutex_unlock(&study->lock);
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

void study_answer(Study *study, Wire *wire, const char *question, Arena *arena)
{
    Error err = {0};
    Text text = {0};
    Doc *asked = doc_parse(question, strlen(question), &err), *answer = doc_object();
    const Doc *list = doc_get(asked, "enqueue");
    const char *note = doc_to_text(doc_get(asked, "note"), NULL);
    bool ok = asked != NULL;
    if (doc_kind(list) == DOC_ARRAY)
        ok = add_wishes(study, list, arena, doc_set(answer, "numbers", doc_array()), &err);
    else if (note) ok = add_note(study, note, doc_to_number(doc_get(asked, "trial"), -1), &err);
    else if (asked) ok = error_set(&err, ERR_INVALID, "this is not known here");
    ok = ok && store_flush(study->o->store, &err);
    if (!ok) {
        doc_set_text(answer, "error", err.message);
        doc_set_bool(answer, "invalid", err.code == ERR_INVALID);
    }
    if (doc_print(answer, 0, &text)) wire_send_text(wire, WIRE_ASK, text.bytes);
    text_free(&text);
    doc_free(answer);
    doc_free(asked);
}

/* ---- where it is asked ------------------------------------------------------------------------- */

static bool read_answer(Wire *wire, Arena *arena, Doc **answer, Error *err)
{
    enum { PATIENCE_MS = 120000 }; /* a proposal may be under way */
    WireKind kind;
    const char *body;
    size_t n;
    bool gone;
    if (!wire_waits(wire, PATIENCE_MS, &gone) || !wire_receive(wire, arena, &kind, &body, &n))
        return error_set(err, ERR_STORE, "the process that runs the study gave no answer; look with"
                         " `consort ls` whether it did what was asked");
    if (kind == WIRE_END)
        return error_set(err, ERR_STORE, "the process that runs the study is of another version of consort, or"
                         " of another configuration; stop it first (`consort stop`)");
    *answer = doc_parse(body, n, err);
    const char *error = doc_to_text(doc_get(*answer, "error"), NULL);
    bool invalid = doc_to_bool(doc_get(*answer, "invalid"), false);
    return *answer && (!error || error_set(err, invalid ? ERR_INVALID : ERR_STORE, "%s", error));
}

bool study_ask(const char *folder, const char *identity, const Doc *question, Arena *arena, Doc **answer,
               Error *err)
{
    Wire wire;
    Text text = {0};
    *answer = NULL;
    int fd = wire_connect(folder);
    if (fd < 0) return true;
    wire_create(&wire, fd);
    text_print(&text, "%s\n", identity);
    bool ok = doc_print(question, 0, &text) || error_memory(err);
    ok = ok && (wire_send_text(&wire, WIRE_ASK, text.bytes)
                || error_set(err, ERR_STORE, "the process that runs the study does not listen any more"));
    ok = ok && read_answer(&wire, arena, answer, err);
    wire_destroy(&wire);
    text_free(&text);
    if (ok) return true;
    doc_free(*answer);
    *answer = NULL;
    return false;
}

const char *study_identity(const StudyInfo *info, Arena *arena)
{
    return arena_print(arena, "consort %s, configuration %s, data %s, split %s", CONSORT_VERSION,
                       info->config_sha256, info->data_sha256, info->split_sha256);
}
