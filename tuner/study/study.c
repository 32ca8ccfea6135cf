/* A study from beginning to end: loads it, has its turns and its finals done, here and on seats of others,
 * sums up. */
#include "tuner/study/study.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tuner/study/claim.h"
#include "tuner/study/desk.h"
#include "tuner/study/endings.h"
#include "tuner/study/finals.h"
#include "tuner/study/link_socket.h"
#include "tuner/study/load.h"
#include "tuner/study/roster.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/workers.h"

/* ---- beginning and ending ---------------------------------------------------------------------- */

static void study_free(Study *study)
{
    for (int i = 0; i < study->n_entries; i++) free(study->entries[i]->trace);
    kept_destroy(study->kept);
    memo_destroy(study->memo);
    arena_destroy(study->arena);
    free(study->entries);
    free(study->turns);
    free(study->brackets);
    free(study->joined);
    free(study->sight.seen);
    free(study->sight.ended);
    free(study->sight.curve_turn);
    free(study->sight.score_turn);
    free(study->sight.run_turn);
    free(study->costs.took);
    free(study->returned);
    set_free(&study->taken);
    pthread_mutex_destroy(&study->lock);
    pthread_cond_destroy(&study->settled);
    pthread_cond_destroy(&study->sent);
}

static bool study_start(Study *study, const StudyOptions *options, Error *err)
{
    *study = (Study){.o = options, .best_number = -1, .started_s = clock_seconds()};
    pthread_mutex_init(&study->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&study->settled, &monotonic);
    pthread_cond_init(&study->sent, NULL);
    pthread_condattr_destroy(&monotonic);
    ladder_make(options->pruner, options->epochs, &study->ladder);
    if (pruner_pauses(options->pruner) && !options->runner.forget)
        return error_set(err, ERR_CONFIG, "`early_terminate`: these trials cannot be paused and continued;"
                         " use `type: hyperband`");
    study->arena = arena_create(0);
    /* Which models of a front are worth keeping is known at the end: until then all are. */
    bool front = study_n_goals(study) > 0;
    study->memo = memo_create();
    study->kept = kept_create(options->store, options->folder, front ? 0 : options->keep_models,
                              front ? 0 : options->disk_cap_bytes);
    if (!study->arena || !study->kept) return error_memory(err);
    study->scratch = ARENA_NEW(study->arena, Value, options->space->n_params);
    if (!study->scratch) return error_memory(err);
    if (!study_load(study, err) || !roster_ourselves(study, options->jobs, err)) return false;
    kept_clean(study->kept);
    return true;
}

/* A study that is over sends nobody to the next rung any more. */
static bool leave_waiting(Study *study, Error *err)
{
    for (int i = 0; i < study->n_started; i++)
        if (study->entries[i]->paused && !study->entries[i]->settled) study->entries[i]->out = true;
    study->n_out_written = 0;
    bool ok = endings_begin(study, err);
    if (!ok) return false;
    ok = endings_send_out(study, err);
    endings_end(study);
    if (ok && study->failed) *err = study->error;
    return ok && !study->failed;
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

static bool read_finalists(const Study *study, StudySummary *out, Error *err)
{
    const StudyOptions *o = study->o;
    Finalist *list;
    int n;
    if (!finalists_read(o->store, o->info, study->arena, &list, &n, err)) return false;
    out->n_finalists = n;
    for (int i = 0; i < n && i < 2; i++) out->finalist[i] = list[i];
    return true;
}

/* ---- running --------------------------------------------------------------------------------- */

/* Until nothing is left to try, or something says so. */
static bool search(Study *study, Error *err)
{
    if (!endings_begin(study, err)) return false;
    study_do(study, &search_work);
    endings_end(study);
    if (study->failed) {
        *err = study->error;
        return false;
    }
    return study->end == STUDY_INTERRUPTED || study->end == STUDY_DONE_TIME || study->end == STUDY_EDITED
        || leave_waiting(study, err);
}

/* With whoever lends seats meanwhile. */
static bool search_and_finals(Study *study, Error *err)
{
    const StudyOptions *o = study->o;
    StudyLink socket;
    bool listens = o->identity && o->folder && link_socket_listen(o->folder, &socket, NULL);
    Desk *near = listens ? desk_begin(study, &socket, NULL) : NULL;
    Desk *far = o->link ? desk_begin(study, o->link, err) : NULL;
    bool ok = (far || !o->link) && search(study, err) && study_finals(study, err);
    desk_end(far);
    desk_end(near);
    if (listens) link_socket_destroy(&socket);
    if (o->folder) token_remove(o->folder); /* also that of a process that was killed */
    return ok;
}

/* Sums up, and lets go of models and of the lease. */
static bool finish(Study *study, StudySummary *out, Error *err)
{
    const StudyOptions *o = study->o;
    summarize(study, out);
    if (out->end == STUDY_EDITED) /* it is run again, by this process */
        return store_worker_left(o->store, o->info->id, study->own_worker, WORKER_ENDED, err);
    const char *state = out->end == STUDY_INTERRUPTED || out->end == STUDY_DONE_TIME ? "STOPPED" : "DONE";
    if (!read_finalists(study, out, err) || !study_keep_front(study, err)
        || !store_study_end(o->store, o->info->id, state, err))
        return false;
    kept_sweep(study->kept, kept_mark(study->kept));
    return true;
}

bool study_run(const StudyOptions *options, StudySummary *out, Error *err)
{
    Study study;
    bool ok = study_start(&study, options, err) && search_and_finals(&study, err) && finish(&study, out, err);
    study_free(&study);
    return ok;
}
