/* A worker's loop: claims the next turn, trains it with its runner, sends what it came to, and again. */
#include "tuner/study/workers.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "tuner/study/claim.h"
#include "tuner/study/endings.h"

/* One turn, trained by this runner. False when there is nothing more to do, or with `err`. */
static bool work_once(Study *study, const Runner *runner, Arena *arena, bool *ok, Error *err)
{
    TrialTask task;
    TrialRecord record;
    pthread_mutex_lock(&study->lock);
    int t = study_claim(study, arena, err);
    *ok = t < 0 || study_task(study, t, arena, &task, err);
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
