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
    bool *done;           /* (n_runs, n_leaders): in the order in which they are run */
    int *n_lost;          /* the same: seats that were lost with it */
    int next, n_done;     /* of n_leaders * n_runs */
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
        bool ranks = entry->settled && !entry->imported && entry->state == TRIAL_COMPLETE
                  && !entry->breaks;
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
                f->done[(rows[i].run - 1) * f->n_leaders + l] = true;
                f->n_done++;
            }
    return true;
}

/* ---- as work: a piece is a place in the list ---------------------------------------------------- */

static bool over(Study *study, void *self)
{
    Finals *f = self;
    while (f->next < f->n_leaders * f->n_runs && f->done[f->next]) f->next++;
    return study_stopping(study) || f->next == f->n_leaders * f->n_runs;
}

static WorkNext next_run(Study *study, void *self, Arena *arena, int *piece)
{
    Finals *f = self;
    (void)arena;
    if (over(study, self)) return WORK_OVER;
    *piece = f->next++;
    return WORK_RUNS;
}

static bool task_of(Study *study, void *self, int piece, Arena *arena, TrialTask *task, Error *err)
{
    const Finals *f = self;
    const int number = f->leader[piece % f->n_leaders];
    const Entry *entry = study->entries[number];
    *task = (TrialTask){.number = number, .again = piece / f->n_leaders + 1, .stop = study->o->stop};
    return entry_task(study, entry, arena, task, err);
}

static bool run_again(Study *study, void *self, int piece, Arena *arena, Error *err)
{
    (void)study, (void)self, (void)piece, (void)arena, (void)err;
    return true; /* nothing was written of it */
}

static int *n_lost(Study *study, void *self, int piece)
{
    const Finals *f = self;
    (void)study;
    return &f->n_lost[piece];
}

static RepeatRow row_of(const Study *study, int number, int run, const TrialRecord *record)
{
    bool whole = record->row.state == TRIAL_COMPLETE && isfinite(record->row.value);
    return (RepeatRow){.trial_id = study->entries[number]->trial_id, .number = number, .run = run,
                       .seed = repeat_seed(study->o->info->seed, run),
                       .state = whole ? TRIAL_COMPLETE : TRIAL_FAILED, .value = whole ? record->row.value : NAN,
                       .value_sd = record->row.value_sd, .epochs = record->row.epochs,
                       .seconds = record->row.seconds, .worker = record->row.worker,
                       .host = record->row.host, .pid = record->row.pid,
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

static bool end_run(Study *study, void *self, int piece, const TrialRecord *record, Error *err)
{
    Finals *f = self;
    if (record->row.state == TRIAL_INTERRUPTED) return true; /* it is missing, and the study interrupted */
    RepeatRow row = row_of(study, f->leader[piece % f->n_leaders], piece / f->n_leaders + 1, record);
    if (!store_repeat(study->o->store, &row, err)) return false;
    pthread_mutex_lock(&study->lock);
    f->n_done++;
    tell(f, &row);
    pthread_mutex_unlock(&study->lock);
    return true;
}

bool study_finals(Study *study, Error *err)
{
    const StudyOptions *o = study->o;
    Finals f = {.study = study, .n_runs = o->repeats};
    const Work work = {.self = &f, .next = next_run, .over = over, .task = task_of, .again = run_again,
                       .end = end_run, .n_lost = n_lost};
    if (o->finalists <= 0 || o->repeats <= 0 || study_n_goals(study) > 0) return true;
    if (study->end == STUDY_INTERRUPTED || study->end == STUDY_DONE_FAILED || study->end == STUDY_DONE_ALIKE
        || study->end == STUDY_EDITED)
        return true;
    f.leader = ARENA_NEW(study->arena, int, o->finalists);
    f.done = arena_alloc(study->arena, (size_t)o->finalists, (size_t)o->repeats * sizeof *f.done);
    f.n_lost = arena_alloc(study->arena, (size_t)o->finalists, (size_t)o->repeats * sizeof *f.n_lost);
    if (!f.leader || !f.done || !f.n_lost) return error_memory(err);
    find_leaders(&f, o->finalists);
    if (!find_done(&f, err)) return false;
    study_do(study, &work);
    if (study->failed) *err = study->error;
    else if (f.n_done < f.n_leaders * f.n_runs) study->end = STUDY_INTERRUPTED;
    return !study->failed;
}
