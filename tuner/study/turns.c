/* Whose turn it is: promotions where a bracket of halving decides them, else the next new trial. */
#include "tuner/study/turns.h"

#include <math.h>

#include "base/grow.h"
#include "tuner/study/entries.h"

bool turn_seen(const Study *study, int turn, int t)
{
    if (study->o->async) return turn >= 0 && study->turns[turn].ended;
    return turn >= 0 && turn <= t - study->o->lookback;
}

int entry_reached(const Study *study, const Entry *entry, int t)
{
    for (int rung = entry->sent; rung >= 0; rung--)
        if (turn_seen(study, entry->turn[rung], t)) return rung;
    return -1;
}

bool entry_known(const Study *study, const Entry *entry, int t)
{
    if (entry->imported || entry->merged) return true;
    return entry->settled && entry->sent >= entry->last_rung
        && turn_seen(study, entry->turn[entry->sent], t);
}

int entry_epoch(const Study *study, const Entry *entry, int rung)
{
    return entry->full_epochs > 0 ? ladder_epoch(&study->ladder, rung, entry->full_epochs) : 0;
}

/* ---- whose turn it is ------------------------------------------------------------------------ */

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

bool study_next(Study *study, int t, Arena *arena, NextTurn *out, Error *err)
{
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

static bool join_bracket(Study *study, Error *err)
{
    const Bracket *last = study->n_brackets > 0 ? &study->brackets[study->n_brackets - 1] : NULL;
    int number = study->n_started++;
    study->n_own_started += !study->entries[number]->imported;
    if (study->ladder.n == 1 || (last && number < last->first + last->size)) return true;
    if (study->entries[number]->imported) return true; /* its curve is not known: nothing to compare */
    if (!GROW(NULL, study->brackets, study->n_brackets, study->brackets_capacity)) return error_memory(err);
    study->brackets[study->n_brackets] = ladder_bracket(&study->ladder, study->n_brackets, number);
    study->n_brackets++;
    return true;
}

bool study_take(Study *study, int trial, int rung, Error *err)
{
    Sight *sight = &study->sight;
    if (!GROW(NULL, study->turns, study->n_turns, study->turns_capacity)
        || (study->o->async && !GROW(NULL, sight->ended, study->n_turns, sight->ended_capacity)))
        return error_memory(err);
    if (trial == study->n_started && !join_bracket(study, err)) return false;
    if (trial >= 0) {
        Entry *entry = study->entries[trial];
        for (int r = entry->sent + 1; r < rung; r++) entry->turn[r] = -1; /* a bracket that began higher */
        entry->sent = rung;
        entry->turn[rung] = study->n_turns;
    }
    study->turns[study->n_turns++] = (Turn){trial, rung, trial < 0};
    return true;
}

void turn_end(Study *study, int turn)
{
    Sight *sight = &study->sight;
    study->turns[turn].ended = true;
    if (study->o->async) sight->ended[sight->n_ended++] = turn; /* study_take made room */
}

int study_next_out(Study *study)
{
    for (int i = study->n_out_written; i < study->n_entries; i++) {
        Entry *entry = study->entries[i];
        if (i == study->n_out_written && entry->settled) study->n_out_written++;
        if (!entry->out || entry->settled) continue;
        return i;
    }
    return -1;
}
