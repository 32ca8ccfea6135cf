/* Pieces of work taken, ended and given back: those that came back go first. */
#include "tuner/study/work.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/grow.h"

bool study_stopping(const Study *study)
{
    return study->o->stop && atomic_load(study->o->stop);
}

/* The first that came back and is for this taker. */
static bool take_returned(Study *study, Taker taker, Arena *arena, int *piece)
{
    const Work *work = study->work;
    for (int i = 0; i < study->n_returned; i++) {
        const Returned back = study->returned[i];
        if (back.large ? taker == TAKER_SEAT : taker == TAKER_HOST) continue;
        Error err;
        memmove(&study->returned[i], &study->returned[i + 1],
                (size_t)(study->n_returned - i - 1) * sizeof *study->returned);
        study->n_returned--;
        *piece = back.piece;
        if (!back.begun || work->again(study, work->self, back.piece, arena, &err)) return true;
        study_fail(study, &err);
        return false;
    }
    return false;
}

WorkNext work_take(Study *study, Taker taker, Arena *arena, int *piece)
{
    const Work *work = study->work;
    const bool stopping = study_stopping(study);
    WorkNext next = WORK_LATER;
    if (!work || study->failed) return WORK_OVER;
    if (!stopping && take_returned(study, taker, arena, piece)) next = WORK_RUNS;
    else if (taker == TAKER_HOST) next = work->over(study, work->self) ? WORK_OVER : WORK_LATER;
    else next = work->next(study, work->self, arena, piece);
    if (study->failed) return WORK_OVER;
    if (next == WORK_RUNS && taker == TAKER_SEAT) study->n_away++;
    const bool out = study->n_away > 0 || (!stopping && study->n_returned > 0);
    return next == WORK_OVER && out ? WORK_LATER : next;
}

static void come_home(Study *study)
{
    study->n_away--;
    if (study->n_away == 0) study_wake(study);
}

void work_end(Study *study, int piece, const TrialRecord *record)
{
    Error err = {0};
    const Work *work = study->work; /* which stays while a piece is away */
    bool ok = work->end(study, work->self, piece, record, &err);
    pthread_mutex_lock(&study->lock);
    if (!ok) study_fail(study, &err);
    come_home(study);
    pthread_mutex_unlock(&study->lock);
}

void work_give_back(Study *study, int piece, Back how)
{
    TrialRecord record = {.row = {.state = TRIAL_INTERRUPTED, .value = NAN, .value_sd = NAN}};
    pthread_mutex_lock(&study->lock);
    const Work *work = study->work;
    int *n_lost = work->n_lost(study, work->self, piece);
    if (how == BACK_LOST) ++*n_lost;
    bool given_up = *n_lost >= STUDY_LOST_MOST, waits = !given_up && !study_stopping(study);
    if (given_up) {
        record.row.state = TRIAL_FAILED;
        record.row.fail_code = fail_code_names[FAIL_LOST];
        snprintf(record.fail_text, sizeof record.fail_text, "%d workers were lost while they trained it",
                 *n_lost);
    } else if (waits) {
        waits = GROW(NULL, study->returned, study->n_returned, study->returned_capacity);
        const Returned back = {piece, how == BACK_LARGE, how == BACK_LOST || how == BACK_LEFT};
        if (waits) {
            study->returned[study->n_returned++] = back;
            come_home(study);
            study_wake(study);
        } else { /* it comes home below, with its end */
            Error err;
            error_memory(&err);
            study_fail(study, &err);
        }
    }
    pthread_mutex_unlock(&study->lock);
    if (!waits) work_end(study, piece, &record);
}
