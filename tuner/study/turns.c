/* What may be looked at in a turn, and turns as they are taken and end. */
#include "tuner/study/turns.h"

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

static bool join_bracket(Study *study, Error *err)
{
    const Bracket *last = study->n_brackets > 0 ? &study->brackets[study->n_brackets - 1] : NULL;
    int number = study->n_started++;
    study->n_own_started += !study->entries[number]->imported;
    if (study->ladder.n == 1 || pruner_thaws(study->o->pruner)) return true; /* there are no brackets */
    if (last && number < last->first + last->size) return true;
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
