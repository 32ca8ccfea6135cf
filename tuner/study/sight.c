/* What is shown to samplers and to pruning, kept from turn to turn. */
#include "tuner/study/sight.h"

#include <math.h>
#include <string.h>

#include "base/grow.h"
#include "tuner/study/entries.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/turns.h"

/* ---- one trial ----------------------------------------------------------------------------------- */

/* How much of the epochs it could have had did a stopped trial have? Where nobody knows how many
 * those are, the longest trial seen stands for them. */
static double share_of(const Study *study, const Entry *entry, int n)
{
    int full = study->o->runner.full_epochs ? entry->full_epochs : study->sight.longest;
    return full > 0 ? fmin(1, (double)n / full) : 1;
}

static SeenState state_of(const Entry *entry)
{
    switch (entry->state) {
    case TRIAL_COMPLETE: return isfinite(entry->score) ? SEEN_DONE : SEEN_FAILED;
    case TRIAL_PRUNED: return isfinite(entry->score) ? SEEN_PRUNED : SEEN_FAILED;
    default: return SEEN_FAILED;
    }
}

/* A trial that waits at a rung, or went on from there to where this turn may not look. */
static void look_at_rung(const Study *study, const Entry *entry, int rung, Seen *s)
{
    int epoch = entry_epoch(study, entry, rung);
    if (epoch > entry->curve.n) epoch = entry->curve.n;
    double score = curve_best(&entry->curve, epoch, NULL);
    if (!isfinite(score)) return;
    s->state = SEEN_PRUNED;
    s->score = score;
    s->share = share_of(study, entry, epoch);
    s->n_curve = epoch;
    s->curve = entry->curve.value;
}

/* What may be seen of a trial at turn t. False: it is no evidence. */
static bool look(const Study *study, int number, int t, Seen *s)
{
    const Entry *entry = study->entries[number];
    /* Within the lookback nothing is known yet, not even that a trial turned out infeasible. */
    bool known = entry_known(study, entry, t) && !entry->out;
    int rung = entry_reached(study, entry, t);
    if (known && (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED)) return false;
    *s = (Seen){.number = (uint32_t)number, .state = SEEN_PENDING, .u = entry->u, .score = NAN, .share = 1};
    if (known) {
        if (entry->state == TRIAL_COMPLETE && study->o->space->n_limits > 0) s->slack = entry->slack;
        s->state = state_of(entry);
        if (s->state != SEEN_FAILED) s->score = entry->score;
        if (s->state == SEEN_PRUNED) s->share = share_of(study, entry, entry->curve.n);
        if (s->state == SEEN_FAILED) return true;
        s->n_repeats = entry->n_repeats;
        s->variance = entry->variance;
        if (s->state == SEEN_PRUNED && entry->n_repeats > 0) { /* it ran to the end, less often than others */
            s->state = SEEN_DONE;
            s->share = 1;
        }
        s->n_curve = entry->curve.n;
        s->curve = entry->curve.value;
    } else if (rung >= 0) {
        look_at_rung(study, entry, rung, s);
    }
    return true;
}

/* ---- all of them --------------------------------------------------------------------------------- */

/* Where its Seen is, or would be. */
static int place_of(const Sight *sight, int number)
{
    int low = 0, high = sight->n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (sight->seen[middle].number < (uint32_t)number) low = middle + 1;
        else high = middle;
    }
    return low;
}

static void look_again(Study *study, int number, int t)
{
    Sight *sight = &study->sight;
    const int at = place_of(sight, number);
    if (at == sight->n || sight->seen[at].number != (uint32_t)number) return; /* it was no evidence before */
    if (look(study, number, t, &sight->seen[at])) return;
    sight->n--;
    memmove(&sight->seen[at], &sight->seen[at + 1], (size_t)(sight->n - at) * sizeof *sight->seen);
}

/* One list, and the turn in which each was made known. */
static bool list(Study *study, Curve **curves, int *n, int *capacity, int **turns, int *turns_capacity,
                 const Curve *curve, int t)
{
    if (!GROW(study->arena, *curves, *n, *capacity) || !GROW(NULL, *turns, *n, *turns_capacity)) return false;
    (*curves)[*n] = *curve;
    (*turns)[(*n)++] = t;
    return true;
}

/* For forecasts: a trial that came to its end. */
static bool list_run(Study *study, const Entry *entry, int t)
{
    Sight *s = &study->sight;
    const ForecastRun run = entry_run(study, entry);
    if (!pruner_forecasts(study->o->pruner) || !run.end) return true;
    if (!GROW(study->arena, s->runs, s->n_runs, s->runs_capacity)
        || !GROW(NULL, s->run_turn, s->n_runs, s->turns_of_runs))
        return false;
    s->runs[s->n_runs] = run;
    s->run_turn[s->n_runs++] = t;
    return true;
}

/* A trial that is known now: its curve, and whether it is the longest. */
static bool list_curves(Study *study, int number, int t, Error *err)
{
    Sight *s = &study->sight;
    Entry *entry = study->entries[number];
    if (entry->listed || !entry_known(study, entry, t)) return true;
    entry->listed = true;
    if (entry->curve.n > s->longest) s->longest = entry->curve.n;
    if (!list_run(study, entry, t)) return error_memory(err);
    if (entry->curve.n > 0 && pruner_compares(study->o->pruner)
        && !list(study, &s->curves, &s->n_curves, &s->curves_capacity, &s->curve_turn, &s->turns_of_curves,
                 &entry->curve, t))
        return error_memory(err);
    if (entry->scores.n > 0 && entry->state == TRIAL_COMPLETE && !entry->breaks
        && !list(study, &s->scores, &s->n_scores, &s->scores_capacity, &s->score_turn, &s->turns_of_scores,
                 &entry->scores, t))
        return error_memory(err);
    return true;
}

/* The trial of the next turn that has become known; -1 after the last. */
static int next_news(Study *study, int t)
{
    Sight *sight = &study->sight;
    while (study->o->async ? sight->next_ended < sight->n_ended : sight->next_turn <= t - study->o->lookback) {
        const int turn = study->o->async ? sight->ended[sight->next_ended++] : sight->next_turn++;
        if (study->turns[turn].trial >= 0) return study->turns[turn].trial;
    }
    return -1;
}

bool sight_catch_up(Study *study, int n, int t, Error *err)
{
    Sight *sight = &study->sight;
    const bool shows = study->o->sampler->learns || pruner_thaws(study->o->pruner);
    const bool measures = !study->o->runner.full_epochs;
    const int longest = sight->longest, had = sight->n_entries;
    if (t < sight->turn) t = sight->turn; /* an earlier turn is run again: what is known stays so */
    sight->turn = t;
    for (int i = had; i < n; i++)
        if (!list_curves(study, i, t, err)) return false;
    for (int i; (i = next_news(study, t)) >= 0;) {
        if (!list_curves(study, i, t, err)) return false;
        if (shows && i < had) look_again(study, i, t);
    }
    if (shows && measures && sight->longest != longest) /* all shares are others */
        sight->n = sight->n_entries = sight->n_steady = 0;
    for (int i = shows ? sight->n_entries : n; i < n; i++) {
        if (!GROW(NULL, sight->seen, sight->n, sight->capacity)) return error_memory(err);
        sight->n += look(study, i, t, &sight->seen[sight->n]);
    }
    sight->n_entries = n;
    for (int *i = &sight->n_steady; *i < sight->n; ++*i) {
        const Entry *entry = study->entries[sight->seen[*i].number];
        if (!entry_known(study, entry, t) || entry->out) break;
    }
    return true;
}

/* How many were made known by turn t. */
static int known_by(const Study *study, const int *turns, int n, int t)
{
    while (!study->o->async && n > 0 && turns[n - 1] > t) n--;
    return n;
}

/* Without what is due to the seeds of the repeats. */
static bool pair(const Study *study, int t, Seen *seen, Arena *arena, Error *err)
{
    const Sight *sight = &study->sight;
    const Race *race = &study->o->race;
    const int n_folds = study->o->n_folds > 0 ? study->o->n_folds : 1;
    double *effect = ARENA_NEW(arena, double, race->most);
    if (!effect) return error_memory(err);
    const int n = noise_effects(race, n_folds, known_by(study, sight->score_turn, sight->n_scores, t),
                                sight->scores, effect);
    for (int i = 0; i < sight->n; i++)
        if (seen[i].state == SEEN_DONE && seen[i].n_repeats > 0)
            noise_take_out(race, n_folds, n, effect, &study->entries[seen[i].number]->scores, &seen[i].score,
                           &seen[i].variance);
    return true;
}

bool sight_of(Study *study, int n, int t, Ask *ask, Arena *arena, Error *err)
{
    const Sight *sight = &study->sight;
    if (!sight_catch_up(study, n, t, err)) return false;
    ask->n_seen = sight->n;
    ask->seen = sight->seen;
    const bool goals = study_n_goals(study) > 0, repeats = study->o->race.most > 1;
    ask->n_steady = goals || repeats ? 0 : sight->n_steady;
    if (!goals && !repeats) return true;
    Seen *copy = ARENA_NEW(arena, Seen, sight->n);
    if (!copy) return error_memory(err);
    if (sight->n > 0) memcpy(copy, sight->seen, (size_t)sight->n * sizeof *copy);
    ask->seen = copy;
    return goals ? study_scalarize(study, t, ask, copy, arena, err) : pair(study, t, copy, arena, err);
}

bool sight_curves(Study *study, int t, TrialTask *task, Error *err)
{
    const Sight *sight = &study->sight;
    if (!study_keeps_curves(study)) return true;
    if (!sight_catch_up(study, study->n_started, t, err)) return false;
    task->others = sight->curves;
    task->n_others = known_by(study, sight->curve_turn, sight->n_curves, t);
    task->finished = sight->scores;
    task->n_finished = known_by(study, sight->score_turn, sight->n_scores, t);
    task->runs = sight->runs;
    task->n_runs = known_by(study, sight->run_turn, sight->n_runs, t);
    return true;
}
