/* The ends of turns: copied and sent by workers, settled by one thread in the order in which they were sent. */
#include "tuner/study/endings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "tuner/study/entries.h"
#include "tuner/study/reported.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/turns.h"

struct Ending {
    Ending *next;
    Arena *arena;    /* where it and all it points to live */
    int turn;        /* -1: the trial was left behind at a rung, and its entry is settled already */
    TrialRow row;
    TrialRecord record;
    long mark;       /* of the models that were let go before (tuner/study/kept.h) */
    uint64_t ticket;
};

/* ---- sending --------------------------------------------------------------------------------- */

static const void *copy_array(Arena *arena, const void *array, int n, size_t size, bool *ok)
{
    void *copy = arena_alloc(arena, (size_t)n, size);
    *ok = *ok && copy;
    if (copy && n > 0) memcpy(copy, array, (size_t)n * size);
    return copy;
}

/* The worker's arena is reset for its next turn. */
static bool copy_record(Arena *arena, const TrialRecord *from, TrialRecord *to)
{
    const ConfusionRow *confusion = &from->confusion;
    int n_cells = confusion->count ? confusion->n_classes * confusion->n_classes : 0;
    *to = *from;
    to->metrics = record_copies(&metric_columns, from->metrics, from->n_metrics, arena);
    bool ok = to->metrics && record_copy(&trial_columns, OF_RUN, &from->row, &to->row, arena);
    for (int i = 0; ok && i < to->n_artifacts; i++)
        ok = record_copy(&artifact_columns, 0, &from->artifacts[i], &to->artifacts[i], arena);
    to->curve.value = copy_array(arena, from->curve.value, from->curve.n, sizeof(double), &ok);
    to->more.value = copy_array(arena, from->more.value, from->more.n, sizeof(double), &ok);
    to->scores.value = copy_array(arena, from->scores.value, from->scores.n, sizeof(double), &ok);
    if (n_cells > 0) to->confusion.count = copy_array(arena, confusion->count, n_cells, sizeof(int64_t), &ok);
    to->confusion.split = confusion->split ? arena_copy(arena, confusion->split) : NULL;
    to->row.host = from->row.host ? arena_copy(arena, from->row.host) : NULL;
    return ok && (to->row.host || !from->row.host) && (to->confusion.split || !confusion->split);
}

/* What is stored of a trial that waits, or that waited and is out. */
static void best_so_far(const Study *study, const Curve *curve, TrialRow *row)
{
    row->value = study_sign(study) * curve_best(curve, curve->n, &row->best_epoch);
}

/* The row of what a turn came to. Called with the lock. */
static void fill_row(const Study *study, int t, TrialRecord *record, TrialRow *row)
{
    const Entry *entry = study->entries[study->turns[t].trial];
    if (entry->before) record_join(&trial_columns, entry->before, &record->row);
    reported_mark(study->o->space, record);
    record_copy(&trial_columns, OF_RUN, &record->row, row, NULL);
    row->pid = record->row.pid;
    row->host = record->row.host;
    row->worker = record->row.worker;
    row->fail_text = record->row.fail_code ? record->fail_text : NULL;
    row->rung = study->ladder.n > 1 ? study->turns[t].rung + 1 : 0;
    if (record->row.state == TRIAL_QUEUED) best_so_far(study, &record->curve, row);
}

static Ending *ending_create(void)
{
    Arena *arena = arena_create(0);
    Ending *ending = arena ? ARENA_NEW(arena, Ending, 1) : NULL;
    if (ending) ending->arena = arena;
    else arena_destroy(arena);
    return ending;
}

/* It belongs to the settler now, or is gone. */
static bool send(Study *study, Ending *ending, Error *err)
{
    TrialRecord *record = &ending->record;
    bool sent = store_trial_end_send(study->o->store, &ending->row, record->metrics, record->n_metrics,
                                     &record->confusion, record->confusion.count ? 1 : 0, record->artifacts,
                                     record->n_artifacts, &ending->ticket, err);
    if (!sent) {
        arena_destroy(ending->arena);
        return false;
    }
    pthread_mutex_lock(&study->lock);
    *study->last_ending = ending;
    study->last_ending = &ending->next;
    pthread_cond_signal(&study->sent);
    pthread_mutex_unlock(&study->lock);
    return true;
}

bool ending_send(Study *study, int t, const TrialRecord *record, Error *err)
{
    Ending *ending = ending_create();
    if (!ending) return error_memory(err);
    ending->turn = t;
    bool ok = copy_record(ending->arena, record, &ending->record);
    pthread_mutex_lock(&study->lock);
    ok = ok && study_row(study, study->turns[t].trial, ending->arena, &ending->row);
    if (ok) fill_row(study, t, &ending->record, &ending->row);
    ending->mark = kept_mark(study->kept);
    study->n_running--; /* its worker is free, though its end is not told yet */
    pthread_mutex_unlock(&study->lock);
    if (ok) return send(study, ending, err);
    arena_destroy(ending->arena);
    return error_memory(err);
}

bool ending_may_keep(Study *study, int number, double value)
{
    pthread_mutex_lock(&study->lock);
    bool may = kept_may_add(study->kept, number, study_sign(study) * value);
    pthread_mutex_unlock(&study->lock);
    return may;
}

bool endings_send_out(Study *study, Error *err)
{
    for (;;) {
        Ending *ending = ending_create();
        if (!ending) return error_memory(err);
        bool ok = true;
        ending->turn = -1;
        pthread_mutex_lock(&study->lock);
        int n = study->failed ? -1 : study_next_out(study);
        if (n >= 0) {
            const Entry *entry = study->entries[n];
            TrialRow *row = &ending->row;
            ok = study_row(study, n, ending->arena, row);
            best_so_far(study, &entry->curve, row);
            row->epochs = entry->curve.n;
            if (entry->before) {
                record_join(&trial_columns, entry->before, row);
                row->pid = entry->before->pid;
                row->host = entry->before->host;
            }
            row->rung = study->ladder.n > 1 ? entry->last_rung + 1 : 0;
            row->state = TRIAL_PRUNED;
            entry_settle(study, n, TRIAL_PRUNED, NULL, row->value, 0);
        }
        pthread_mutex_unlock(&study->lock);
        if (n >= 0 && ok) {
            if (!send(study, ending, err)) return false;
            continue;
        }
        arena_destroy(ending->arena);
        return ok || error_memory(err);
    }
}

/* ---- settling -------------------------------------------------------------------------------- */

static bool keep_curve(Study *study, const Curve *curve, Curve *out, Error *err)
{
    double *copy = ARENA_NEW(study->arena, double, curve->n);
    if (!copy) return error_memory(err);
    if (curve->n > 0) memcpy(copy, curve->value, (size_t)curve->n * sizeof *copy);
    *out = (Curve){curve->n, copy};
    return true;
}

/* It is on disk. Called with the lock. */
static bool settle(Study *study, const Ending *ending, Error *err)
{
    const TrialRecord *record = &ending->record;
    int n = ending->row.number, best_before = study->best_number;
    bool pauses = record->row.state == TRIAL_QUEUED, ok = true;
    Entry *entry = study->entries[n];
    kept_sweep(study->kept, ending->mark);
    if (record->row.state == TRIAL_INTERRUPTED) {
        entry->state = TRIAL_INTERRUPTED;
    } else {
        ok = !study_keeps_curves(study) || (keep_curve(study, &record->curve, &entry->curve, err)
                                            && keep_curve(study, &record->more, &entry->more, err)
                                            && keep_curve(study, &record->scores, &entry->scores, err));
        entry->last_rung = study->turns[ending->turn].rung;
        ok = ok && (!pauses || entry_remember(study, entry, &record->row, err));
        entry->paused = pauses;
        entry->state = record->row.state;
        entry_set_goals(study, entry, record->metrics, record->n_metrics);
        if (!pauses)
            entry_set_reported(study, entry, record->metrics, record->n_metrics);
        ok = ok && reported_check(study, n, record, err);
        if (!pauses)
            entry_settle(study, n, record->row.state, record->row.fail_code, record->row.value,
                         record->row.seconds);
        turn_end(study, ending->turn);
        double bytes = kept_bytes(record->artifacts, record->n_artifacts);
        if (ok && bytes > 0)
            ok = kept_add(study->kept, n, entry->trial_id, entry->breaks ? NAN : entry->score, bytes, err);
    }
    study_notify(study, (StudyEvent){.kind = pauses ? EVENT_TRIAL_PAUSE : EVENT_TRIAL_END, .number = n,
                                     .row = &ending->row, .is_best = study->best_number != best_before});
    return ok;
}

static bool make_known(Study *study, const Ending *ending, Error *err)
{
    const Runner *runner = &study->o->runner;
    bool out = ending->turn < 0, ok = true;
    if (out && runner->forget) runner->forget(runner->self, ending->row.number);
    pthread_mutex_lock(&study->lock);
    if (!out) ok = settle(study, ending, err);
    else study_notify(study, (StudyEvent){.kind = EVENT_TRIAL_END, .number = ending->row.number,
                                          .row = &ending->row});
    pthread_mutex_unlock(&study->lock);
    return ok;
}

static void *settler(void *context)
{
    Study *study = context;
    pthread_mutex_lock(&study->lock);
    for (;;) {
        while (!study->first_ending && !study->no_endings) pthread_cond_wait(&study->sent, &study->lock);
        Ending *ending = study->first_ending;
        if (!ending) break;
        pthread_mutex_unlock(&study->lock);
        Error err = {0};
        bool ok = store_trial_end_wait(study->o->store, ending->ticket, &err)
               && make_known(study, ending, &err);
        pthread_mutex_lock(&study->lock);
        if (!ok) study_fail(study, &err);
        study->first_ending = ending->next;
        if (!ending->next) study->last_ending = &study->first_ending;
        arena_destroy(ending->arena);
        study_wake(study);
    }
    pthread_mutex_unlock(&study->lock);
    return NULL;
}

bool endings_begin(Study *study, Error *err)
{
    study->no_endings = false;
    study->last_ending = &study->first_ending;
    int rc = pthread_create(&study->settler, NULL, settler, study);
    return rc == 0 || threads_error("thread", rc, err);
}

void endings_end(Study *study)
{
    pthread_mutex_lock(&study->lock);
    study->no_endings = true;
    pthread_cond_signal(&study->sent);
    pthread_mutex_unlock(&study->lock);
    pthread_join(study->settler, NULL);
}
