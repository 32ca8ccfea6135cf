/* A study's few verbs that everything else in this room needs: fail, tell, a trial as a row. */
#include "tuner/study/state.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

double study_sign(const Study *study)
{
    return study->o->maximize ? -1 : 1;
}

const char *study_token(Study *study)
{
    pthread_mutex_lock(&study->lock);
    if (!*study->token) token_write(study->o->folder, study->token);
    pthread_mutex_unlock(&study->lock);
    return study->token;
}

const Value *entry_values(const Study *study, const Entry *entry, Value *room)
{
    if (entry->values) return entry->values;
    space_decode(study->o->space, entry->u, room);
    return room;
}

void entry_hash(const Study *study, const Entry *entry, char hash[65])
{
    Value room[SPACE_MAX_PARAMS];
    space_hash(study->o->space, entry_values(study, entry, room), hash);
}

bool entry_task(const Study *study, const Entry *entry, Arena *arena, TrialTask *out, Error *err)
{
    Value *room = ARENA_NEW(arena, Value, study->o->space->n_params);
    char *hash = ARENA_NEW(arena, char, 65);
    if (!room || !hash) return error_memory(err);
    entry_hash(study, entry, hash);
    out->values = entry_values(study, entry, room);
    out->params_hash = hash;
    return true;
}

bool study_row(const Study *study, int number, Arena *arena, TrialRow *out)
{
    const Entry *entry = study->entries[number];
    Value room[SPACE_MAX_PARAMS];
    char hash[65];
    Text params = {0};
    TrialRow row = {.id = entry->trial_id, .number = number, .state = entry->state,
                    .source = entry->source, .seed = study->o->info->seed, .attempt = entry->attempt,
                    .value = NAN, .value_sd = NAN, .threads = 1};
    if (space_json(study->o->space, entry_values(study, entry, room), &params))
        row.params = arena_copy(arena, params.bytes);
    text_free(&params);
    entry_hash(study, entry, hash);
    row.params_hash = arena_copy(arena, hash);
    if (entry->trace) row.trace = arena_copy(arena, entry->trace);
    *out = row;
    return row.params && row.params_hash && (row.trace || !entry->trace);
}

void study_wake(Study *study)
{
    pthread_cond_broadcast(&study->settled);
    for (int i = 0; i < STUDY_LINKS; i++) {
        Waiter *waiter = &study->waiters[i];
        if (!waiter->link || !waiter->waits) continue;
        waiter->waits = false;
        waiter->link->wake(waiter->link->self);
    }
}

void study_say(const Study *study, bool notice, const char *format, ...)
{
    char line[520];
    va_list arguments;
    if (!study->o->on_line) return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    study->o->on_line(study->o->context, notice, line);
}

void study_fail(Study *study, const Error *err)
{
    if (!study->failed) study->error = *err;
    study->failed = true;
    study_wake(study);
}

void study_notify(const Study *study, StudyEvent event)
{
    if (!study->o->on_event) return;
    event.n_settled = study->n_settled;
    event.n_complete = study->n_of_state[TRIAL_COMPLETE];
    event.n_pruned = study->n_of_state[TRIAL_PRUNED];
    event.n_failed = study->n_of_state[TRIAL_FAILED];
    event.n_running = study->n_running;
    event.best_number = study->best_number;
    event.best_value = study->best_number < 0 ? NAN : study_sign(study) * study->best_score;
    study->o->on_event(study->o->context, &event);
}
