/* Is a study over? By its target, its plateau, its failures, and the clock. */
#include "tuner/study/over.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/grow.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/turns.h"

bool study_next_is_wanted(const Study *study)
{
    int n = study->n_started;
    return n < study->n_entries && !study->entries[n]->settled
        && strcmp(study->entries[n]->source, trial_source_names[SOURCE_USER]) == 0;
}

/* Of every turn: what ends a study is not held back by its lookback. */
static bool is_known(const Study *study, const Entry *entry)
{
    return entry->imported || entry->out || entry_known(study, entry, INT_MAX);
}

/* Nothing that it counts for will change any more. */
static bool is_final(const Study *study, const Entry *entry)
{
    return entry->imported || (entry->settled && is_known(study, entry));
}

/* Does it join the front of those before it? Who is not there (n_joined) is dominated by somebody who is. */
static bool joins_front(Study *study, Tally *tally, int number, bool *joins, Error *err)
{
    *joins = entry_joins(study, number, study->joined, tally->n_joined);
    if (!*joins) return true;
    if (!GROW(NULL, study->joined, tally->n_joined, study->joined_capacity)) return error_memory(err);
    study->joined[tally->n_joined++] = number;
    return true;
}

/* Trials are tallied in number order. */
static bool tally_add(Study *study, Tally *tally, int number, Error *err)
{
    const StudyOptions *o = study->o;
    const Entry *entry = study->entries[number];
    const bool complete = entry->state == TRIAL_COMPLETE, goals = study_n_goals(study) > 0;
    bool gains = false;
    if (goals && complete && !entry->breaks && o->plateau_trials > 0
        && !joins_front(study, tally, number, &gains, err))
        return false;
    if (entry->imported || entry->elsewhere) return true;
    tally->n_failed += entry->state == TRIAL_FAILED;
    if (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED) return true;
    if (!tally->code) tally->code = entry->fail_code;
    if (tally->code && entry->fail_code == tally->code) tally->n_alike++;
    else tally->n_others++;
    tally->since_gain++;
    if (!complete || !isfinite(entry->score) || entry->breaks) return true;
    tally->reached |= entry_reaches_targets(study, entry);
    if (goals ? gains : entry->score < tally->best - o->plateau_delta) tally->since_gain = 0;
    if (entry->score < tally->best) tally->best = entry->score;
    return true;
}

/* Of all that is known now. Those before the first that is not are tallied once; the others, as many as may be
 * running, each time. */
static bool tally_all(Study *study, Tally *out, Error *err)
{
    Tally *known = &study->tally;
    if (known->n == 0) known->best = INFINITY;
    for (; known->n < study->n_started && is_final(study, study->entries[known->n]); known->n++)
        if (!tally_add(study, known, known->n, err)) return false;
    *out = *known;
    for (int i = known->n; i < study->n_started; i++)
        if (is_known(study, study->entries[i]) && !tally_add(study, out, i, err)) return false;
    return true;
}

/* Is the study over by what is known now, whosever turn it would be? */
static bool has_enough(Study *study)
{
    const StudyOptions *o = study->o;
    Tally now;
    Error err;
    if (!tally_all(study, &now, &err)) {
        study_fail(study, &err);
        return false;
    }
    if (now.reached || (isfinite(o->info->target) && now.best <= study_sign(study) * o->info->target))
        study->end = STUDY_DONE_TARGET;
    else if (o->max_failed > 0 && now.n_failed >= o->max_failed)
        study->end = STUDY_DONE_FAILED;
    else if (o->max_failed == 0 && now.n_alike >= STUDY_ALIKE && now.n_others == 0)
        study->end = STUDY_DONE_ALIKE;
    else if (o->plateau_trials > 0 && now.since_gain >= o->plateau_trials && isfinite(now.best))
        study->end = STUDY_DONE_PLATEAU;
    else
        return false;
    return true;
}

bool study_is_over(Study *study)
{
    const StudyOptions *o = study->o;
    if (study->n_started >= study->n_entries && has_enough(study)) return true;
    if (o->time_cap_s <= 0 || clock_seconds() - study->started_s < o->time_cap_s) return false;
    study->end = STUDY_DONE_TIME;
    return true;
}

bool study_waits_for_endings(const Study *study)
{
    const StudyOptions *o = study->o;
    bool may_end = isfinite(o->info->target) || o->max_failed > 0 || o->plateau_trials > 0
                || (study_n_goals(study) > 0 && goals_have_target(o->goals));
    return may_end && study->first_ending && study->n_started >= study->n_entries;
}

/* Seconds of running n as far as `rung`, by what complete trials took for their work; where nobody knows work,
 * their median. 0: no trial is complete yet. */
static double likely_seconds(const Study *study, int n, int rung)
{
    const Runner *runner = &study->o->runner;
    const Entry *entry = study->entries[n];
    const Costs *costs = &study->costs;
    if (costs->n == 0) return 0;
    Value room[SPACE_MAX_PARAMS];
    const double own = runner->work ? runner->work(runner->self, entry_values(study, entry, room)) : 0;
    const double whole = own > 0 && costs->work > 0 ? own * (costs->seconds / costs->work)
                                                    : costs->took[costs->n / 2];
    const int full = entry->full_epochs;
    if (study->ladder.n <= 1 || full <= 0) return whole;
    const int until = rung < study->ladder.n - 1 ? entry_epoch(study, entry, rung) : full;
    return whole * fmax(0, until - entry->curve.n) / full;
}

bool study_ends_too_late(Study *study, int n, int rung)
{
    const double left = study->o->time_cap_s - (clock_seconds() - study->started_s);
    return study->o->time_cap_s > 0 && likely_seconds(study, n, rung) > left;
}
