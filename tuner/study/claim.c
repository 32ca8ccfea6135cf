/* The search as work: the next turn, decided and begun, what is to be done in it, and what it comes to. */
#include "tuner/study/claim.h"

#include <math.h>

#include "tuner/study/ask.h"
#include "tuner/study/endings.h"
#include "tuner/study/entries.h"
#include "tuner/study/next.h"
#include "tuner/study/over.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/sight.h"
#include "tuner/study/turns.h"

/* A configuration that breaks a constraint or does not fit into memory: recorded, and done with. Given by the
 * user, that is: samplers propose others. */
static bool refuse_infeasible(Study *study, int n, Arena *arena, bool *refused, Error *err)
{
    Entry *entry = study->entries[n];
    const char *violated;
    Error why = {0};
    Value room[SPACE_MAX_PARAMS];
    *refused = !study_feasible(study, entry_values(study, entry, room), &violated, &why);
    if (!*refused) return true;
    entry->state = TRIAL_INFEASIBLE;
    TrialRow row;
    if (!study_row(study, n, arena, &row)) return error_memory(err);
    row.fail_code = !violated && why.code == ERR_MEMORY ? fail_code_names[FAIL_MEMORY]
                                                       : fail_code_names[FAIL_CONSTRAINT];
    row.fail_text = violated ? violated : why.message;
    if (!store_trial_begin(study->o->store, study->o->info->id, &row, err)) return false;
    entry->trial_id = row.id;
    entry_settle(study, n, TRIAL_INFEASIBLE, NULL, NAN, 0);
    if (!store_flush(study->o->store, err)) return false; /* nobody is told what is not on disk */
    study_notify(study, (StudyEvent){.kind = EVENT_TRIAL_END, .number = n, .row = &row});
    return true;
}

/* Has turn t - lookback ended? */
static bool turn_may_begin(const Study *study, int t)
{
    const int each = study->o->n_parts > 0 ? study->o->n_parts : 1; /* other parts' turns end at once */
    const int64_t needed = study->o->async ? -1 : t - (int64_t)study->o->lookback * each;
    return needed < 0 || study->turns[needed].ended;
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

/* Decides what turn t is for. WORK_RUNS: a trial, which has begun. WORK_OVER: none is in it, or it is no
 * turn; there may be another. */
static bool take_turn(Study *study, int t, Arena *arena, WorkNext *out, Error *err)
{
    const StudyOptions *o = study->o;
    NextTurn next;
    Proposal proposal = PROPOSED;
    *out = WORK_OVER;
    const bool full = o->run_cap > 0 && study->n_own_started >= o->run_cap;
    if (!study->no_more && full && !study_next_is_wanted(study)) {
        study->no_more = true;
        study->end = STUDY_DONE_CAP;
    }
    if (!study_next(study, t, arena, &next, err)) return false;
    study->ended = next.over;
    if (study->ended) return true;
    if (next.trial < 0 && o->async) { /* what comes next is decided by what is running */
        *out = WORK_LATER;
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
    if (entry && proposal == PROPOSED && !known && study_ends_too_late(study, next.trial, next.rung)) {
        study->ended = true;
        study->end = STUDY_DONE_TIME;
        return true;
    }
    if (!study_take(study, next.trial, next.rung, err)) return false;
    if (!entry) return true;
    if (proposal == REFUSED) entry->last_rung = next.rung;
    if (entry->settled || (entry->paused && entry->last_rung >= next.rung)) { /* it is known how it ends */
        turn_end(study, t);
        study_wake(study);
        return true;
    }
    *out = WORK_RUNS;
    return begin_trial(study, next.trial, arena, err);
}

static bool over(Study *study, void *self)
{
    (void)self;
    if (!study->ended && study_stopping(study)) {
        study->ended = true;
        study->end = STUDY_INTERRUPTED;
    }
    if (!study->ended && study->edited) {
        study->ended = true;
        study->end = STUDY_EDITED;
    }
    return study->ended;
}

static WorkNext next_turn(Study *study, void *self, Arena *arena, int *piece)
{
    while (!study->failed && !over(study, self)) {
        const int t = study->n_turns;
        WorkNext out = WORK_OVER;
        Error err = {0};
        if (!turn_may_begin(study, t) || study_waits_for_endings(study)) {
            return WORK_LATER;
        } else if (study_is_over(study)) {
            study->ended = true;
        } else if (!take_turn(study, t, arena, &out, &err)) {
            study_fail(study, &err);
        } else if (out != WORK_OVER) {
            *piece = t;
            return out;
        }
    }
    return WORK_OVER;
}

/* The trial of a turn whose seat was lost: another attempt. */
static bool begin_again(Study *study, void *self, int t, Arena *arena, Error *err)
{
    (void)self;
    const int n = study->turns[t].trial;
    TrialRow row;
    study->entries[n]->attempt++;
    if (!study_row(study, n, arena, &row)) return error_memory(err);
    row.worker = study->own_worker; /* until it is given to a seat */
    return store_trial_again(study->o->store, &row, err);
}

/* ---- what is to be done ---------------------------------------------------------------------------- */

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

static bool task_of(Study *study, void *self, int t, Arena *arena, TrialTask *task, Error *err)
{
    (void)self;
    int n = study->turns[t].trial, rung = study->turns[t].rung;
    const Entry *entry = study->entries[n];
    *task = (TrialTask){.number = n,
                        .rungs = study->ladder.n > 1, .n_known = entry->curve.n,
                        .seconds = entry->before ? entry->before->seconds : 0, .stop = study->o->stop,
                        .on_epoch = on_epoch,
                        .context = study};
    if (pruner_forecasts(study->o->pruner)) { /* its point becomes what it came to */
        const int m = study_n_goals(study);
        double *priced = ARENA_NEW(arena, double, m > 0 ? m : 1);
        if (!priced) return error_memory(err);
        entry_priced(study, entry, priced);
        task->n_goals = m > 0 ? m : 1;
        task->priced = priced;
        task->full = entry->full_epochs;
    }
    if (rung < study->ladder.n - 1) task->pause_after = entry_epoch(study, entry, rung);
    return entry_task(study, entry, arena, task, err) && sight_curves(study, t, task, err);
}

/* ---- what it comes to ------------------------------------------------------------------------------ */

static bool end_turn(Study *study, void *self, int t, const TrialRecord *record, Error *err)
{
    (void)self;
    return ending_send(study, t, record, err);
}

static int *n_lost(Study *study, void *self, int t)
{
    (void)self;
    return &study->entries[study->turns[t].trial]->n_lost;
}

const Work search_work = {.next = next_turn, .over = over, .task = task_of, .again = begin_again,
                          .end = end_turn, .tidy = endings_send_out, .n_lost = n_lost};
