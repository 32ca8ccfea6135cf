/* Claims: the next turn, decided and begun, and what its worker is to do. */
#include "tuner/study/claim.h"

#include <math.h>
#include <time.h>

#include "tuner/study/ask.h"
#include "tuner/study/entries.h"
#include "tuner/study/over.h"
#include "tuner/study/turns.h"

/* How many of the trials that had a turn are the study's own. */
static int own_started(const Study *study)
{
    int n = study->n_started;
    for (int i = 0; study->n_imported && i < study->n_started; i++) n -= study->entries[i]->imported;
    return n;
}

/* A configuration that breaks a constraint or does not fit into memory: recorded, and done with. Given by the
 * user, that is: samplers propose others. */
static bool refuse_infeasible(Study *study, int n, Arena *arena, bool *refused, Error *err)
{
    Entry *entry = study->entries[n];
    const char *violated;
    Error why = {0};
    *refused = !study_feasible(study, entry->values, &violated, &why);
    if (!*refused) return true;
    entry->state = TRIAL_INFEASIBLE;
    TrialRow row;
    if (!study_row(study, n, arena, &row)) return error_memory(err);
    row.fail_code = !violated && why.code == ERR_MEMORY ? fail_code_names[FAIL_MEMORY]
                                                       : fail_code_names[FAIL_CONSTRAINT];
    row.fail_text = violated ? violated : why.message;
    if (!store_trial_begin(study->o->store, study->o->info->id, &row, err)) return false;
    entry->trial_id = row.id;
    entry_settle(study, n, TRIAL_INFEASIBLE, NULL, NAN);
    if (!store_flush(study->o->store, err)) return false; /* nobody is told what is not on disk */
    study_notify(study, (StudyEvent){.kind = EVENT_TRIAL_END, .number = n, .row = &row});
    return true;
}

static void wait_a_while(Study *study)
{
    struct timespec until; /* a signal only sets a flag: look at it now and then */
    clock_gettime(CLOCK_MONOTONIC, &until); /* the time of day may be set meanwhile */
    until.tv_nsec += 100000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&study->settled, &study->lock, &until);
}

/* Waits until turn t - lookback has ended. False when the study ends meanwhile, or another worker
 * took the turn. */
static bool wait_for_turn(Study *study, int t)
{
    const int each = study->o->n_parts > 0 ? study->o->n_parts : 1; /* other parts' turns end at once */
    const int64_t needed = study->o->async ? -1 : t - (int64_t)study->o->lookback * each;
    while (needed >= 0 && !study->turns[needed].ended) {
        if (study->failed || (study->o->stop && atomic_load(study->o->stop))) return false;
        wait_a_while(study);
        if (study->n_turns != t || study->ended) return false;
    }
    return true;
}

typedef enum {
    PROPOSED,
    EXHAUSTED, /* the space is used up: there is no such trial */
    REFUSED    /* it is there, and cannot be run */
} Proposal;

/* Makes sure that trial n is there. */
static bool propose(Study *study, int n, int t, Arena *arena, Proposal *out, Error *err)
{
    bool exhausted = false, refused = false;
    *out = PROPOSED;
    if (n < study->n_entries) { /* read back; what was queued by hand, or was missing, was not looked at yet */
        const Entry *entry = study->entries[n];
        if (entry->elsewhere || (entry->trial_id > 0 && !study_next_is_wanted(study))) return true;
    } else {
        Entry *entry = entry_add(study, err);
        if (!entry || !study_propose(study, n, t, entry, &exhausted, err)) return false;
        if (exhausted) {
            study->n_entries--;
            *out = EXHAUSTED;
            return true;
        }
        if (entry->elsewhere) return true;
    }
    if (!refuse_infeasible(study, n, arena, &refused, err)) return false;
    if (refused) *out = REFUSED;
    return true;
}

/* Trial n runs from now on. */
static bool begin_trial(Study *study, int n, Arena *arena, Error *err)
{
    Entry *entry = study->entries[n];
    bool resumed = entry->paused;
    TrialRow row;
    entry->state = TRIAL_RUNNING;
    entry->paused = false;
    if (!study_row(study, n, arena, &row)) return error_memory(err);
    if (!store_trial_begin(study->o->store, study->o->info->id, &row, err)) return false;
    entry->trial_id = row.id;
    entry->attempt = row.attempt;
    study->n_running++;
    study_notify(study, (StudyEvent){.kind = resumed ? EVENT_TRIAL_RESUME : EVENT_TRIAL_START, .number = n,
                                     .row = &row});
    return true;
}

/* Decides what turn t is for. `*runs`: a trial, which has begun; else there is none in it, or no turn. */
static bool take_turn(Study *study, int t, Arena *arena, bool *runs, Error *err)
{
    const StudyOptions *o = study->o;
    NextTurn next;
    Proposal proposal = PROPOSED;
    *runs = false;
    if (!study->no_more && o->run_cap > 0 && own_started(study) >= o->run_cap && !study_next_is_wanted(study)) {
        study->no_more = true;
        study->end = STUDY_DONE_CAP;
    }
    if (!study_next(study, t, arena, &next, err)) return false;
    study->ended = next.over;
    if (study->ended) return true;
    if (next.trial < 0 && o->async) { /* what comes next is decided by what is running */
        wait_a_while(study);
        return true;
    }
    if (next.trial == study->n_started && !propose(study, next.trial, t, arena, &proposal, err)) return false;
    if (proposal == EXHAUSTED) {
        study->no_more = true;
        study->end = STUDY_DONE_EXHAUSTED;
        return true;
    }
    Entry *entry = next.trial >= 0 ? study->entries[next.trial] : NULL;
    const bool known = entry && (entry->settled || (entry->paused && entry->last_rung >= next.rung));
    if (entry && proposal == PROPOSED && !known && study_ends_too_late(study, next.trial, next.rung, arena)) {
        study->ended = true;
        study->end = STUDY_DONE_TIME;
        return true;
    }
    if (!study_take(study, next.trial, next.rung, err)) return false;
    if (!entry) return true;
    if (proposal == REFUSED) entry->last_rung = next.rung;
    if (entry->settled || (entry->paused && entry->last_rung >= next.rung)) { /* it is known how it ends */
        study->turns[t].ended = true;
        pthread_cond_broadcast(&study->settled);
        return true;
    }
    *runs = true;
    return begin_trial(study, next.trial, arena, err);
}

int study_claim(Study *study, Arena *arena, Error *err)
{
    while (!study->failed && !study->ended) {
        const int t = study->n_turns;
        bool runs;
        if (study->o->stop && atomic_load(study->o->stop)) {
            study->ended = true;
            study->end = STUDY_INTERRUPTED;
        } else if (!wait_for_turn(study, t)) {
            continue;
        } else if (study_waits_for_endings(study)) {
            wait_a_while(study);
        } else if (study_is_over(study)) {
            study->ended = true;
        } else if (!take_turn(study, t, arena, &runs, err)) {
            study_fail(study, err);
        } else if (runs) {
            return t;
        }
    }
    return -1;
}

/* ---- what its worker is to do --------------------------------------------------------------------- */

static bool on_epoch(void *context, int number, const EpochRow *row)
{
    Study *study = context;
    Error err;
    pthread_mutex_lock(&study->lock); /* another worker's claim may be moving the array */
    int64_t trial_id = study->entries[number]->trial_id;
    pthread_mutex_unlock(&study->lock);
    if (!store_epoch(study->o->store, trial_id, row, &err)) {
        pthread_mutex_lock(&study->lock);
        study_fail(study, &err);
        pthread_mutex_unlock(&study->lock);
        return false;
    }
    if (study->o->on_event) {
        pthread_mutex_lock(&study->lock);
        study_notify(study, (StudyEvent){.kind = EVENT_EPOCH, .number = number, .epoch = row});
        pthread_mutex_unlock(&study->lock);
    }
    return true;
}

/* The curves and scores that pruning in turn t may look at. Called with the lock. */
static bool curves_for(const Study *study, int t, Arena *arena, TrialTask *task, Error *err)
{
    const PrunerOptions *pruner = study->o->pruner;
    if (!pruner || pruner->type == PRUNER_NONE) return true;
    Curve *curves = ARENA_NEW(arena, Curve, study->n_started);
    Curve *scores = ARENA_NEW(arena, Curve, study->n_started);
    if (!curves || !scores) return error_memory(err);
    for (int i = 0; i < study->n_started; i++) {
        const Entry *entry = study->entries[i];
        if (!entry_known(study, entry, t)) continue;
        if (entry->curve.n > 0 && pruner_compares(pruner)) curves[task->n_others++] = entry->curve;
        if (entry->scores.n > 0 && entry->state == TRIAL_COMPLETE)
            scores[task->n_finished++] = entry->scores;
    }
    task->others = curves;
    task->finished = scores;
    return true;
}

bool study_task(Study *study, int t, Arena *arena, TrialTask *task, Error *err)
{
    int n = study->turns[t].trial, rung = study->turns[t].rung;
    const Entry *entry = study->entries[n];
    *task = (TrialTask){.number = n, .values = entry->values, .params_hash = entry->hash,
                        .rungs = study->ladder.n > 1, .n_known = entry->curve.n,
                        .seconds = entry->before ? entry->before->seconds : 0, .stop = study->o->stop,
                        .on_epoch = on_epoch,
                        .context = study};
    if (rung < study->ladder.n - 1) task->pause_after = entry_epoch(study, entry, rung);
    return curves_for(study, t, arena, task, err);
}
