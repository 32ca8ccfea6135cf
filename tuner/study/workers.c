/* A worker's loop: claims the next turn, trains it with its runner, sends what it came to, and again. */
#include "tuner/study/workers.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tuner/study/ask.h"
#include "tuner/study/endings.h"
#include "tuner/study/entries.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/turns.h"

/* ---- whose turn, and whether there is another: called with the lock --------------------------- */

/* Is the next trial to start one that a person put into the queue between two sweeps? It is run, whatever
 * the study came to before. */
static bool next_is_wanted(const Study *study)
{
    int n = study->n_started;
    return n < study->n_entries && !study->entries[n]->settled
        && strcmp(study->entries[n]->source, trial_source_names[SOURCE_USER]) == 0;
}

/* How many of the trials that had a turn are the study's own. */
static int own_started(const Study *study)
{
    int n = study->n_started;
    for (int i = 0; study->n_imported && i < study->n_started; i++) n -= study->entries[i]->imported;
    return n;
}

/* Is the study over by what is known now, whosever turn it would be? Of every turn: what ends a study is not
 * held back by its lookback. */
static bool has_enough(Study *study)
{
    const StudyOptions *o = study->o;
    const int t = INT_MAX;
    int n_failed = 0, since_gain = 0, n_alike = 0, n_others = 0;
    double best = INFINITY;
    bool reached = false;
    const char *code = NULL;
    for (int i = 0; i < study->n_started; i++) {
        const Entry *entry = study->entries[i];
        if (entry->imported || (!entry->out && !entry_known(study, entry, t))) continue;
        n_failed += entry->state == TRIAL_FAILED;
        if (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED) continue;
        if (!code) code = entry->fail_code;
        if (code && entry->fail_code == code) n_alike++;
        else n_others++;
        since_gain++;
        if (entry->state != TRIAL_COMPLETE || !isfinite(entry->score)) continue;
        reached |= entry_reaches_targets(study, entry);
        if (study_n_goals(study) > 0 ? entry_joins_front(study, i, t) : entry->score < best - o->plateau_delta)
            since_gain = 0;
        if (entry->score < best) best = entry->score;
    }
    if (reached || (isfinite(o->info->target) && best <= study_sign(study) * o->info->target))
        study->end = STUDY_DONE_TARGET;
    else if (o->max_failed > 0 && n_failed >= o->max_failed)
        study->end = STUDY_DONE_FAILED;
    else if (o->max_failed == 0 && n_alike >= STUDY_ALIKE && n_others == 0)
        study->end = STUDY_DONE_ALIKE;
    else if (o->plateau_trials > 0 && since_gain >= o->plateau_trials && isfinite(best))
        study->end = STUDY_DONE_PLATEAU;
    else
        return false;
    return true;
}

/* Does a new trial have to wait until all that was sent is on disk, because it might end the study? */
static bool waits_for_endings(const Study *study)
{
    const StudyOptions *o = study->o;
    bool may_end = isfinite(o->info->target) || o->max_failed > 0 || o->plateau_trials > 0
                || (study_n_goals(study) > 0 && goals_have_target(o->goals));
    return may_end && study->first_ending && study->n_started >= study->n_entries;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Seconds of running n as far as `rung`, by what complete trials took for their work; where nobody knows work,
 * their median. 0: no trial is complete yet. */
static double likely_seconds(const Study *study, int n, int rung, Arena *arena)
{
    const Runner *runner = &study->o->runner;
    const Entry *entry = study->entries[n];
    double *took = ARENA_NEW(arena, double, study->n_started), seconds = 0, work = 0, own = 0;
    int known = 0;
    if (runner->work) own = runner->work(runner->self, entry->values);
    for (int i = 0; took && i < study->n_started; i++) {
        const Entry *other = study->entries[i];
        const bool done = other->settled && !other->imported && other->state == TRIAL_COMPLETE;
        if (!done || !(other->seconds > 0)) continue;
        took[known++] = other->seconds;
        seconds += other->seconds;
        if (own > 0) work += runner->work(runner->self, other->values);
    }
    if (known == 0) return 0;
    qsort(took, (size_t)known, sizeof *took, by_size);
    const double whole = own > 0 && work > 0 ? own * (seconds / work) : took[known / 2];
    const int full = runner->full_epochs ? runner->full_epochs(runner->self, entry->values) : 0;
    if (study->ladder.n <= 1 || full <= 0) return whole;
    const int until = rung < study->ladder.n - 1 ? entry_epoch(study, entry, rung) : full;
    return whole * fmax(0, until - entry->curve.n) / full;
}

/* Would what is to start most likely run beyond the time cap? */
static bool ends_too_late(Study *study, int n, int rung, Arena *arena)
{
    const double left = study->o->time_cap_s - (clock_seconds() - study->started_s);
    return study->o->time_cap_s > 0 && likely_seconds(study, n, rung, arena) > left;
}

/* A trial that is there already, of an earlier run or wished for, is not left out because of what others came
 * to: that it is to run was decided before. */
static bool should_end(Study *study)
{
    const StudyOptions *o = study->o;
    if (study->n_started >= study->n_entries && has_enough(study)) return true;
    if (o->time_cap_s <= 0 || clock_seconds() - study->started_s < o->time_cap_s) return false;
    study->end = STUDY_DONE_TIME;
    return true;
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
    int needed = study->o->async ? -1 : t - study->o->lookback;
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
    if (n < study->n_entries) { /* read back; what was queued by hand was not looked at yet */
        if (!next_is_wanted(study)) return true;
    } else {
        Entry *entry = entry_add(study, err);
        if (!entry || !study_propose(study, n, t, entry, &exhausted, err)) return false;
        if (exhausted) {
            study->n_entries--;
            *out = EXHAUSTED;
            return true;
        }
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
    if (!study->no_more && o->run_cap > 0 && own_started(study) >= o->run_cap && !next_is_wanted(study)) {
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
    if (entry && proposal == PROPOSED && !known && ends_too_late(study, next.trial, next.rung, arena)) {
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

/* Takes turns until one is to be trained: its number; -1 when there is none. */
static int claim(Study *study, Arena *arena, Error *err)
{
    while (!study->failed && !study->ended) {
        const int t = study->n_turns;
        bool runs;
        if (study->o->stop && atomic_load(study->o->stop)) {
            study->ended = true;
            study->end = STUDY_INTERRUPTED;
        } else if (!wait_for_turn(study, t)) {
            continue;
        } else if (waits_for_endings(study)) {
            wait_a_while(study);
        } else if (should_end(study)) {
            study->ended = true;
        } else if (!take_turn(study, t, arena, &runs, err)) {
            study_fail(study, err);
        } else if (runs) {
            return t;
        }
    }
    return -1;
}

/* ---- running --------------------------------------------------------------------------------- */

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

/* What the worker is to do in turn t. Called with the lock. */
static bool task_for(Study *study, int t, Arena *arena, TrialTask *task, Error *err)
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

/* One turn, trained by this runner. False when there is nothing more to do, or with `err`. */
static bool work_once(Study *study, const Runner *runner, Arena *arena, bool *ok, Error *err)
{
    TrialTask task;
    TrialRecord record;
    pthread_mutex_lock(&study->lock);
    int t = claim(study, arena, err);
    *ok = t < 0 || task_for(study, t, arena, &task, err);
    pthread_mutex_unlock(&study->lock);
    if (*ok) *ok = endings_send_out(study, err);
    if (t < 0) return false;
    *ok = *ok && runner->run(runner->self, &task, arena, &record, err);
    if (!*ok) { /* not the trial's fault: leave it to be run again */
        Error ignored;
        record = (TrialRecord){.row = {.state = TRIAL_INTERRUPTED, .value = NAN, .value_sd = NAN}};
        ending_send(study, t, &record, &ignored);
    } else {
        *ok = ending_send(study, t, &record, err);
    }
    return true;
}

void study_work(Study *study, const Runner *runner, Arena *arena, const bool *leave)
{
    bool ok = true, more = true;
    while (ok && more && !(leave && *leave)) {
        Error err = {0};
        arena_reset(arena);
        more = work_once(study, runner, arena, &ok, &err);
        if (ok) continue;
        pthread_mutex_lock(&study->lock);
        study_fail(study, &err);
        pthread_mutex_unlock(&study->lock);
    }
}

/* ---- the threads they run in --------------------------------------------------------------------- */

typedef struct {
    void (*each)(void *context, Arena *arena);
    void *context;
    Arena *arena;
    pthread_t thread;
} Hand;

static void *use(void *of)
{
    const Hand *hand = of;
    hand->each(hand->context, hand->arena);
    return NULL;
}

void study_workers(const Study *study, Arena **arenas, void (*each)(void *context, Arena *arena), void *context)
{
    int n = 0, more = study->o->jobs - 1;
    Hand *hands = more > 0 ? calloc((size_t)more, sizeof *hands) : NULL;
    if (!hands) more = 0;
    for (; n < more; n++) {
        hands[n] = (Hand){.each = each, .context = context, .arena = arenas[n + 1]};
        if (pthread_create(&hands[n].thread, NULL, use, &hands[n]) != 0) break;
    }
    each(context, arenas[0]);
    for (int i = 0; i < n; i++) pthread_join(hands[i].thread, NULL);
    free(hands);
}
