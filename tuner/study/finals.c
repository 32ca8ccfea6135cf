/* Picks the leaders of a search that is over, and has the workers run what is missing of their repeats. */
#include "tuner/study/finals.h"

#include <math.h>

#include "tuner/insight/finalists.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/workers.h"

typedef struct {
    Study *study;
    int *leader;          /* (n_leaders) entries, best first */
    int n_leaders, n_runs; /* runs of each */
    bool *done;           /* (n_leaders, n_runs) */
    int next, n_done;     /* of n_leaders * n_runs, in the order in which they are run */
    bool failed;
    Error error;
} Finals;

static bool leads(const Study *study, int a, int b)
{
    const Entry *x = study->entries[a], *y = study->entries[b];
    return x->score != y->score ? x->score < y->score : a < b;
}

/* The best few, by insertion: they are few. */
static void find_leaders(Finals *f, int most)
{
    const Study *study = f->study;
    for (int i = 0; i < study->n_entries; i++) {
        const Entry *entry = study->entries[i];
        bool ranks = entry->settled && !entry->imported && entry->state == TRIAL_COMPLETE;
        if (!ranks || !isfinite(entry->score)) continue;
        int at = f->n_leaders;
        while (at > 0 && leads(study, i, f->leader[at - 1])) at--;
        if (at == most) continue;
        if (f->n_leaders < most) f->n_leaders++;
        for (int j = f->n_leaders - 1; j > at; j--) f->leader[j] = f->leader[j - 1];
        f->leader[at] = i;
    }
}

static bool find_done(Finals *f, Error *err)
{
    Study *study = f->study;
    RepeatRow *rows;
    int n;
    if (!store_repeats(study->o->store, study->o->info->id, study->arena, &rows, &n, err)) return false;
    for (int i = 0; i < n; i++)
        for (int l = 0; l < f->n_leaders; l++)
            if (rows[i].number == f->leader[l] && rows[i].run <= f->n_runs && rows[i].run > 0) {
                f->done[l * f->n_runs + rows[i].run - 1] = true;
                f->n_done++;
            }
    return true;
}

/* The next that is missing; false: none is. */
static bool claim(Finals *f, int *leader, int *run)
{
    for (; f->next < f->n_leaders * f->n_runs; f->next++) {
        int l = f->next % f->n_leaders, r = f->next / f->n_leaders;
        if (f->done[l * f->n_runs + r]) continue;
        *leader = f->leader[l];
        *run = r + 1;
        f->next++;
        return true;
    }
    return false;
}

static RepeatRow row_of(const Study *study, int number, int run, const TrialRecord *record)
{
    bool whole = record->row.state == TRIAL_COMPLETE && isfinite(record->row.value);
    return (RepeatRow){.trial_id = study->entries[number]->trial_id, .number = number, .run = run,
                       .seed = repeat_seed(study->o->info->seed, run),
                       .state = whole ? TRIAL_COMPLETE : TRIAL_FAILED, .value = whole ? record->row.value : NAN,
                       .value_sd = record->row.value_sd, .epochs = record->row.epochs,
                       .seconds = record->row.seconds,
                       .fail_code = record->row.fail_code,
                       .fail_text = record->row.fail_code ? record->fail_text : NULL};
}

static void tell(Finals *f, const RepeatRow *repeat)
{
    const Study *study = f->study;
    if (!study->o->on_event) return;
    TrialRow row = {.number = repeat->number, .state = repeat->state, .value = repeat->value,
                    .value_sd = repeat->value_sd, .epochs = repeat->epochs, .seconds = repeat->seconds,
                    .seed = repeat->seed, .fail_code = repeat->fail_code, .fail_text = repeat->fail_text};
    study_notify(study, (StudyEvent){.kind = EVENT_REPEAT_END, .number = repeat->number, .row = &row,
                                     .run = repeat->run, .n_repeated = f->n_done,
                                     .n_repeats = f->n_leaders * f->n_runs});
}

/* One run. False when there is no more, or with `err`. */
static bool run_once(Finals *f, Arena *arena, bool *ok, Error *err)
{
    Study *study = f->study;
    const Runner *runner = &study->o->runner;
    TrialRecord record;
    int number, run;
    *ok = true;
    pthread_mutex_lock(&study->lock);
    bool stopped = study->o->stop && atomic_load(study->o->stop);
    bool more = !f->failed && !stopped && claim(f, &number, &run);
    pthread_mutex_unlock(&study->lock);
    if (!more) return false;
    const Entry *entry = study->entries[number];
    Value room[SPACE_MAX_PARAMS];
    char hash[65];
    entry_hash(study, entry, hash);
    TrialTask task = {.number = number, .values = entry_values(study, entry, room), .params_hash = hash,
                      .again = run, .stop = study->o->stop};
    *ok = runner->run(runner->self, &task, arena, &record, err);
    if (!*ok) return false;
    if (record.row.state == TRIAL_INTERRUPTED) return false; /* `stop` says the same to the others */
    RepeatRow row = row_of(study, number, run, &record);
    *ok = store_repeat(study->o->store, &row, err);
    if (!*ok) return false;
    pthread_mutex_lock(&study->lock);
    f->n_done++;
    tell(f, &row);
    pthread_mutex_unlock(&study->lock);
    return true;
}

static void work(void *context, Arena *arena)
{
    Finals *f = context;
    bool ok = true;
    Error err = {0};
    do arena_reset(arena);
    while (run_once(f, arena, &ok, &err));
    if (ok) return;
    pthread_mutex_lock(&f->study->lock);
    if (!f->failed) f->error = err;
    f->failed = true;
    pthread_mutex_unlock(&f->study->lock);
}

bool study_finals(Study *study, Arena **arenas, Error *err)
{
    const StudyOptions *o = study->o;
    Finals f = {.study = study, .n_runs = o->repeats};
    if (o->finalists <= 0 || o->repeats <= 0 || study_n_goals(study) > 0) return true;
    if (study->end == STUDY_INTERRUPTED || study->end == STUDY_DONE_FAILED || study->end == STUDY_DONE_ALIKE)
        return true;
    f.leader = ARENA_NEW(study->arena, int, o->finalists);
    f.done = arena_alloc(study->arena, (size_t)o->finalists, (size_t)o->repeats * sizeof *f.done);
    if (!f.leader || !f.done) return error_memory(err);
    find_leaders(&f, o->finalists);
    if (!find_done(&f, err)) return false;
    study_workers(study, arenas, work, &f);
    if (f.failed) *err = f.error;
    else if (f.n_done < f.n_leaders * f.n_runs) study->end = STUDY_INTERRUPTED;
    return !f.failed;
}
