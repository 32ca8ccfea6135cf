/* Is a study over? By its target, its plateau, its failures, and the clock. */
#include "tuner/study/over.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/turns.h"

bool study_next_is_wanted(const Study *study)
{
    int n = study->n_started;
    return n < study->n_entries && !study->entries[n]->settled
        && strcmp(study->entries[n]->source, trial_source_names[SOURCE_USER]) == 0;
}

/* Is the study over by what is known now, whosever turn it would be? Of every turn: what ends a study is not
 * held back by its lookback. */
static bool has_enough(Study *study)
{
    const StudyOptions *o = study->o;
    const int t = INT_MAX;
    int n_failed = 0, since_gain = 0, n_alike = 0, n_others = 0;
    double best = INFINITY;
    bool reached = false;
    const char *code = NULL;
    for (int i = 0; i < study->n_started; i++) {
        const Entry *entry = study->entries[i];
        if (entry->imported || entry->elsewhere || (!entry->out && !entry_known(study, entry, t))) continue;
        n_failed += entry->state == TRIAL_FAILED;
        if (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED) continue;
        if (!code) code = entry->fail_code;
        if (code && entry->fail_code == code) n_alike++;
        else n_others++;
        since_gain++;
        if (entry->state != TRIAL_COMPLETE || !isfinite(entry->score)) continue;
        reached |= entry_reaches_targets(study, entry);
        if (study_n_goals(study) > 0 ? entry_joins_front(study, i, t) : entry->score < best - o->plateau_delta)
            since_gain = 0;
        if (entry->score < best) best = entry->score;
    }
    if (reached || (isfinite(o->info->target) && best <= study_sign(study) * o->info->target))
        study->end = STUDY_DONE_TARGET;
    else if (o->max_failed > 0 && n_failed >= o->max_failed)
        study->end = STUDY_DONE_FAILED;
    else if (o->max_failed == 0 && n_alike >= STUDY_ALIKE && n_others == 0)
        study->end = STUDY_DONE_ALIKE;
    else if (o->plateau_trials > 0 && since_gain >= o->plateau_trials && isfinite(best))
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

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Seconds of running n as far as `rung`, by what complete trials took for their work; where nobody knows work,
 * their median. 0: no trial is complete yet. */
static double likely_seconds(const Study *study, int n, int rung, Arena *arena)
{
    const Runner *runner = &study->o->runner;
    const Entry *entry = study->entries[n];
    double *took = ARENA_NEW(arena, double, study->n_started), seconds = 0, work = 0, own = 0;
    int known = 0;
    if (runner->work) own = runner->work(runner->self, entry->values);
    for (int i = 0; took && i < study->n_started; i++) {
        const Entry *other = study->entries[i];
        const bool done = other->settled && !other->imported && other->state == TRIAL_COMPLETE;
        if (!done || !(other->seconds > 0)) continue;
        took[known++] = other->seconds;
        seconds += other->seconds;
        if (own > 0) work += runner->work(runner->self, other->values);
    }
    if (known == 0) return 0;
    qsort(took, (size_t)known, sizeof *took, by_size);
    const double whole = own > 0 && work > 0 ? own * (seconds / work) : took[known / 2];
    const int full = runner->full_epochs ? runner->full_epochs(runner->self, entry->values) : 0;
    if (study->ladder.n <= 1 || full <= 0) return whole;
    const int until = rung < study->ladder.n - 1 ? entry_epoch(study, entry, rung) : full;
    return whole * fmax(0, until - entry->curve.n) / full;
}

bool study_ends_too_late(Study *study, int n, int rung, Arena *arena)
{
    const double left = study->o->time_cap_s - (clock_seconds() - study->started_s);
    return study->o->time_cap_s > 0 && likely_seconds(study, n, rung, arena) > left;
}
