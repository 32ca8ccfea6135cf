/* Whose turn it is: promotions where a bracket of halving or freeze_thaw decides them, else a new trial. */
#include "tuner/study/next.h"

#include <math.h>

#include "tuner/search/thaw.h"
#include "tuner/study/entries.h"
#include "tuner/study/sight.h"
#include "tuner/study/turns.h"

/* Its scores at the rungs that may be looked at. What ended early is as good there as it was at its end;
 * what failed has nothing to hope for where it failed. */
static bool climb(const Study *study, const Entry *entry, int t, Arena *arena, Climber *out)
{
    int n = study->ladder.n;
    double *score = ARENA_NEW(arena, double, n);
    if (!score) return false;
    *out = (Climber){.sent = entry->sent, .reached = entry_reached(study, entry, t), .score = score};
    bool known = entry_known(study, entry, t);
    out->over = known || entry->out;
    for (int rung = 0; rung < n; rung++) {
        int epoch = entry_epoch(study, entry, rung);
        bool there = rung <= out->reached
                  || (known && (entry->state == TRIAL_COMPLETE || entry->curve.n >= epoch));
        bool lost = known && (entry->state == TRIAL_EXCLUDED || entry->state == TRIAL_INFEASIBLE ||
                              (entry->state == TRIAL_FAILED && rung >= entry->sent));
        score[rung] = there && !lost ? curve_best(&entry->curve, epoch, NULL) : NAN;
    }
    return true;
}

/* Decides about one bracket: see ladder_decide. */
static bool decide(Study *study, int number, int t, Arena *arena, Promotion *promotion, Error *err)
{
    const Bracket *bracket = &study->brackets[number];
    int there = study->n_started - bracket->first, n = there < bracket->size ? there : bracket->size;
    bool full = n == bracket->size || study->no_more;
    Climber *climbers = ARENA_NEW(arena, Climber, n);
    bool *out = ARENA_NEW(arena, bool, n);
    int *order = ARENA_NEW(arena, int, n);
    if (!climbers || !out || !order) return error_memory(err);
    for (int i = 0; i < n; i++)
        if (!climb(study, study->entries[bracket->first + i], t, arena, &climbers[i]))
            return error_memory(err);
    *promotion = ladder_decide(&study->ladder, bracket->lowest, n, full, climbers, out, order);
    for (int i = 0; i < n; i++) {
        Entry *entry = study->entries[bracket->first + i];
        if (!out[i]) continue;
        if (!entry->settled) entry->out = true;
        /* Read back, with more trials than it was ranked among then: it stays what it came to be. */
        else if (entry->last_rung != entry->sent) {
            entry->last_rung = entry->sent;
            study->sight.n = study->sight.n_entries = 0; /* no turn made that known: look at all again */
        }
    }
    if (promotion->promote >= 0) promotion->promote += bracket->first;
    return true;
}

/* Runs wait, and any may go on (thaw.h). A study that is read back knows who came to be out; until the turn
 * that found so they are weighed as they were. */
static bool next_of_thaw(Study *study, int t, Arena *arena, NextTurn *out, Error *err)
{
    const PrunerOptions *pruner = study->o->pruner;
    if (!sight_catch_up(study, study->n_started, t, err)) return false;
    const Sight *sight = &study->sight;
    bool *ready = ARENA_NEW(arena, bool, sight->n + 1), *out_now = ARENA_NEW(arena, bool, sight->n + 1);
    if (!ready || !out_now) return error_memory(err);
    Thaw question = {.n_seen = sight->n, .seen = sight->seen, .ready = ready, .n_begun = study->n_own_started,
                     .first = pruner->bracket > 0 ? pruner->bracket : thaw_first(study->o->space),
                     .more = !study->no_more, .n_limits = study->o->space->n_limits};
    int n_running = 0, send;
    for (int i = 0; i < study->n_started; i++) {
        const Entry *entry = study->entries[i];
        if (entry_known(study, entry, t) || entry_reached(study, entry, t) == entry->sent) continue;
        n_running++;
        question.n_on_the_way += entry->sent > 0;
    }
    for (int i = 0; i < sight->n; i++) {
        const Entry *entry = study->entries[sight->seen[i].number];
        ready[i] = sight->seen[i].state == SEEN_PRUNED && !entry->out && !entry->left
                && entry_reached(study, entry, t) == entry->sent && entry->sent < study->ladder.n - 1;
    }
    for (;;) {
        if (!thaw_decide(&question, arena, &send, out_now, err)) return false;
        Entry *entry = send >= 0 ? study->entries[sight->seen[send].number] : NULL;
        if (!entry || !entry_known(study, entry, t)) break;
        ready[send] = false; /* it was out when the study ended, and there are more trials now */
        entry->left = true;
    }
    for (int i = 0; i < sight->n; i++) {
        Entry *entry = study->entries[sight->seen[i].number];
        if (out_now[i]) *(entry->settled ? &entry->left : &entry->out) = true;
    }
    *out = (NextTurn){-1, 0, study->no_more && send < 0 && n_running == 0};
    if (send >= 0) {
        out->trial = (int)sight->seen[send].number;
        out->rung = study->entries[out->trial]->sent + 1;
    } else if (!study->no_more) {
        out->trial = study->n_started;
    }
    return true;
}

bool study_next(Study *study, int t, Arena *arena, NextTurn *out, Error *err)
{
    if (pruner_thaws(study->o->pruner)) return next_of_thaw(study, t, arena, out, err);
    *out = (NextTurn){-1, 0, study->no_more};
    for (int b = study->first_open; study->ladder.n > 1 && b < study->n_brackets; b++) {
        Promotion promotion = {-1, 0, false};
        if (!decide(study, b, t, arena, &promotion, err)) return false;
        if (promotion.promote >= 0) {
            *out = (NextTurn){promotion.promote, promotion.rung, false};
            return true;
        }
        if (!promotion.settled) out->over = false;
        else if (b == study->first_open) study->first_open++;
    }
    if (study->no_more) return true;
    out->trial = study->n_started;
    const Bracket *last = study->n_brackets > 0 ? &study->brackets[study->n_brackets - 1] : NULL;
    if (last && study->n_started < last->first + last->size) out->rung = last->lowest;
    else out->rung = ladder_bracket(&study->ladder, study->n_brackets, 0).lowest;
    return true;
}
