#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tuner/study_internal.h"

const char *const study_end_names[] = {"all trials of run_cap are done",
                                       "the search space is used up",
                                       "time cap reached",
                                       "target reached",
                                       "no more progress",
                                       "too many failed trials",
                                       "interrupted"};

/* Stopping rules look at the same trials as the proposal of n does, so they are as repeatable. */
static bool should_end(Study *study, int n)
{
    const StudyOptions *o = study->o;
    int n_failed = 0, since_gain = 0, last = n - o->lookback;
    double best = INFINITY;
    for (int i = 0; i <= last && i < study->n_entries; i++) {
        const Entry *entry = study->entries[i];
        n_failed += entry->state == TRIAL_FAILED;
        if (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED) continue;
        since_gain++;
        if (entry->state != TRIAL_COMPLETE || !isfinite(entry->score)) continue;
        if (entry->score < best - o->plateau_delta) since_gain = 0;
        if (entry->score < best) best = entry->score;
    }
    bool end = true;
    if (isfinite(o->info->target) && best <= study_sign(study) * o->info->target)
        study->end = STUDY_DONE_TARGET;
    else if (o->max_failed > 0 && n_failed >= o->max_failed)
        study->end = STUDY_DONE_FAILED;
    else if (o->plateau_trials > 0 && since_gain >= o->plateau_trials && isfinite(best))
        study->end = STUDY_DONE_PLATEAU;
    else if (o->run_cap > 0 && n >= o->run_cap)
        study->end = STUDY_DONE_CAP;
    else if (o->time_cap_s > 0 && clock_seconds() - study->started_s >= o->time_cap_s)
        study->end = STUDY_DONE_TIME;
    else
        end = false;
    return end;
}

static void study_fail(Study *study, const Error *err)
{
    if (!study->failed) study->error = *err;
    study->failed = true;
    pthread_cond_broadcast(&study->settled);
}

static void notify(Study *study, StudyEvent event)
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

static TrialRow row_of(const Study *study, int number, Arena *arena)
{
    const Entry *entry = study->entries[number];
    Text params = {0};
    TrialRow row = {.id = entry->trial_id, .number = number, .state = entry->state,
                    .source = entry->source, .params_hash = entry->hash, .trace = entry->trace,
                    .seed = study->o->info->seed, .attempt = entry->attempt, .value = NAN,
                    .value_sd = NAN, .threads = 1};
    if (space_json(study->o->space, entry->values, &params))
        row.params = arena_copy(arena, params.bytes);
    text_free(&params);
    return row;
}

/* A configuration that breaks a constraint, given by the user: recorded, and done with. */
static bool refuse_infeasible(Study *study, int n, Arena *arena, bool *refused, Error *err)
{
    Entry *entry = study->entries[n];
    const char *violated;
    Error why = {0};
    *refused = !study_feasible(study, entry->values, &violated, &why);
    if (!*refused) return true;
    entry->state = TRIAL_INFEASIBLE;
    TrialRow row = row_of(study, n, arena);
    row.fail_code = "CONSTRAINT";
    row.fail_text = violated ? violated : why.message;
    if (!row.params) return error_memory(err);
    if (!store_trial_begin(study->o->store, study->o->info->id, &row, err)) return false;
    entry->trial_id = row.id;
    entry_settle(study, n, TRIAL_INFEASIBLE, NAN);
    return true;
}

/* Waits for trial n - lookback. False when the study ends meanwhile. */
static bool wait_for_turn(Study *study, int n)
{
    int needed = n - study->o->lookback;
    while (needed >= 0 && !study->entries[needed]->settled) {
        if (study->failed || (study->o->stop && atomic_load(study->o->stop))) return false;
        struct timespec until; /* a signal only sets a flag: look at it now and then */
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&study->settled, &study->lock, &until);
        if (study->next != n) return true; /* another worker took it */
    }
    return true;
}

/* Takes the next number that is to be trained; -1 when there is none. Called with the lock. */
static int claim(Study *study, Arena *arena, Error *err)
{
    const StudyOptions *o = study->o;
    for (;;) {
        if (study->failed || study->ended) return -1;
        if (o->stop && atomic_load(o->stop)) {
            study->ended = true;
            study->end = STUDY_INTERRUPTED;
            return -1;
        }
        int n = study->next;
        if (n < study->n_entries && study->entries[n]->settled) {
            study->next++;
            continue;
        }
        if (!wait_for_turn(study, n) || study->next != n) continue;
        if (should_end(study, n)) {
            study->ended = true;
            return -1;
        }
        if (n >= study->n_entries) {
            bool exhausted, refused;
            Entry *entry = entry_add(study, err);
            if (!entry || !study_propose(study, n, entry, &exhausted, err)) goto failed;
            if (exhausted) {
                study->n_entries--;
                study->ended = true;
                study->end = STUDY_DONE_EXHAUSTED;
                return -1;
            }
            if (!refuse_infeasible(study, n, arena, &refused, err)) goto failed;
            if (refused) continue;
        }
        study->next++;
        Entry *entry = study->entries[n];
        entry->state = TRIAL_RUNNING;
        TrialRow row = row_of(study, n, arena);
        if (!row.params) {
            error_memory(err);
            goto failed;
        }
        if (!store_trial_begin(o->store, o->info->id, &row, err)) goto failed;
        entry->trial_id = row.id;
        study->n_running++;
        notify(study, (StudyEvent){.kind = EVENT_TRIAL_START, .number = n, .row = &row});
        return n;
    }
failed:
    study_fail(study, err);
    return -1;
}

/* ---- running and settling -------------------------------------------------------------------- */

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
        notify(study, (StudyEvent){.kind = EVENT_EPOCH, .number = number, .epoch = row});
        pthread_mutex_unlock(&study->lock);
    }
    return true;
}

/* The curves that pruning of trial n may look at. Called with the lock. */
static bool curves_for(const Study *study, int n, Arena *arena, TrialTask *task, Error *err)
{
    if (!study->o->pruner || study->o->pruner->type == PRUNER_NONE) return true;
    Curve *curves = ARENA_NEW(arena, Curve, n + 1);
    if (!curves) return error_memory(err);
    for (int i = 0; i <= n - study->o->lookback; i++)
        if (study->entries[i]->curve.n > 0) curves[task->n_others++] = study->entries[i]->curve;
    task->others = curves;
    return true;
}

static bool keep_curve(Study *study, Entry *entry, const Curve *curve, Error *err)
{
    double *copy = ARENA_NEW(study->arena, double, curve->n);
    if (!copy) return error_memory(err);
    if (curve->n > 0) memcpy(copy, curve->value, (size_t)curve->n * sizeof *copy);
    entry->curve = (Curve){curve->n, copy};
    return true;
}

/* Writes the trial's end, waits until it is on disk, and only then lets the study know. */
static bool settle(Study *study, int n, const TrialRecord *record, Arena *arena, Error *err)
{
    pthread_mutex_lock(&study->lock);
    TrialRow row = row_of(study, n, arena);
    long mark = kept_mark(study->kept);
    pthread_mutex_unlock(&study->lock);
    if (!row.params) return error_memory(err);
    row.state = record->state;
    row.value = record->value;
    row.value_sd = record->value_sd;
    row.best_epoch = record->best_epoch;
    row.epochs = record->epochs;
    row.n_params = record->n_params;
    row.model_bytes = record->model_bytes;
    row.seconds = record->seconds;
    row.fail_code = record->fail_code;
    row.fail_text = record->fail_code ? record->fail_text : NULL;
    if (!store_trial_end(study->o->store, &row, record->metrics, record->n_metrics,
                         &record->confusion, record->confusion.count ? 1 : 0, record->artifacts,
                         record->n_artifacts, err))
        return false;
    pthread_mutex_lock(&study->lock);
    kept_sweep(study->kept, mark);
    Entry *entry = study->entries[n];
    bool ok = true;
    int best_before = study->best_number;
    study->n_running--;
    if (record->state == TRIAL_INTERRUPTED) {
        entry->state = TRIAL_INTERRUPTED;
    } else {
        ok = keep_curve(study, entry, &record->curve, err);
        entry_settle(study, n, record->state, record->value);
        if (ok && record->n_artifacts > 0)
            ok = kept_add(study->kept, n, entry->trial_id, entry->score,
                          (double)(record->artifacts[0].bytes + record->artifacts[1].bytes), err);
    }
    notify(study, (StudyEvent){.kind = EVENT_TRIAL_END, .number = n, .row = &row, .record = record,
                               .is_best = study->best_number != best_before});
    pthread_cond_broadcast(&study->settled);
    pthread_mutex_unlock(&study->lock);
    return ok;
}

static void work(Study *study, Arena *arena)
{
    for (;;) {
        Error err = {0};
        arena_reset(arena);
        pthread_mutex_lock(&study->lock);
        int n = claim(study, arena, &err);
        TrialTask task = {.number = n, .stop = study->o->stop, .on_epoch = on_epoch,
                          .context = study};
        bool ok = n < 0 || curves_for(study, n, arena, &task, &err);
        if (n >= 0) {
            task.values = study->entries[n]->values;
            task.params_hash = study->entries[n]->hash;
        }
        pthread_mutex_unlock(&study->lock);
        if (n < 0) return;
        TrialRecord record;
        ok = ok && study->o->runner.run(study->o->runner.self, &task, arena, &record, &err);
        if (!ok) { /* not the trial's fault: leave it to be run again */
            Error ignored;
            record = (TrialRecord){.state = TRIAL_INTERRUPTED, .value = NAN, .value_sd = NAN};
            settle(study, n, &record, arena, &ignored);
        } else {
            ok = settle(study, n, &record, arena, &err);
        }
        if (!ok) {
            pthread_mutex_lock(&study->lock);
            study_fail(study, &err);
            pthread_mutex_unlock(&study->lock);
            return;
        }
    }
}

/* ---- the study ------------------------------------------------------------------------------- */

static void study_free(Study *study)
{
    kept_destroy(study->kept);
    arena_destroy(study->arena);
    free(study->entries);
    free(study->taken);
    pthread_mutex_destroy(&study->lock);
    pthread_cond_destroy(&study->settled);
}

static bool study_start(Study *study, const StudyOptions *options, Error *err)
{
    *study = (Study){.o = options, .best_number = -1, .started_s = clock_seconds()};
    pthread_mutex_init(&study->lock, NULL);
    pthread_cond_init(&study->settled, NULL);
    study->arena = arena_create(0);
    study->kept = kept_create(options->store, options->folder, options->keep_models,
                              options->disk_cap_bytes);
    if (!study->arena || !study->kept) return error_memory(err);
    study->scratch = ARENA_NEW(study->arena, Value, options->space->n_params);
    if (!study->scratch) return error_memory(err);
    if (!study_load(study, err)) return false;
    kept_clean(study->kept);
    return true;
}

static void summarize(const Study *study, StudySummary *out)
{
    *out = (StudySummary){.end = study->end, .best_number = study->best_number,
                          .best_value = study->best_number < 0 ? NAN
                                                               : study_sign(study) * study->best_score,
                          .seconds = clock_seconds() - study->started_s};
    out->n_trials = study->n_settled;
    out->n_complete = study->n_of_state[TRIAL_COMPLETE];
    out->n_pruned = study->n_of_state[TRIAL_PRUNED];
    out->n_failed = study->n_of_state[TRIAL_FAILED];
    out->n_infeasible = study->n_of_state[TRIAL_INFEASIBLE];
}

bool study_run(const StudyOptions *options, StudySummary *out, Error *err)
{
    Study study;
    bool ok = study_start(&study, options, err);
    Arena **arenas = calloc((size_t)options->jobs, sizeof *arenas);
    if (!arenas) {
        if (ok) error_memory(err);
        ok = false;
    }
    for (int i = 0; ok && i < options->jobs; i++) {
        arenas[i] = arena_create(0);
        if (!arenas[i]) ok = error_memory(err);
    }
    if (ok) {
#pragma omp parallel num_threads(options->jobs)
        work(&study, arenas[omp_get_thread_num()]);
        if (study.failed) {
            ok = false;
            *err = study.error;
        }
    }
    if (ok) {
        summarize(&study, out);
        const char *state = out->end == STUDY_INTERRUPTED || out->end == STUDY_DONE_TIME
                              ? "STOPPED" : "DONE";
        ok = store_study_end(options->store, options->info->id, state, err);
        if (ok) kept_sweep(study.kept, kept_mark(study.kept));
    }
    for (int i = 0; arenas && i < options->jobs; i++) arena_destroy(arenas[i]);
    free(arenas);
    study_free(&study);
    return ok;
}
