/* What ends a study is the same, counted as trials end or over all trials again: random histories, both ways. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rng.h"
#include "tuner/study/entries.h"
#include "tuner/study/over.h"
#include "tuner/study/several_goals.h"
#include "tuner/study/turns.h"

enum { N = 150, WINDOW = 12 };

/* ---- the plain way: all of them, in number order ------------------------------------------------------ */

static bool plain_joins(const Study *study, int number)
{
    int m = study_n_goals(study);
    const Entry *entry = study->entries[number];
    for (int i = 0; i < number; i++) {
        const Entry *other = study->entries[i];
        if (!entry_known(study, other, INT_MAX) || other->state != TRIAL_COMPLETE) continue;
        if (pareto_dominates(m, other->point, entry->point)
            || memcmp(other->point, entry->point, (size_t)m * sizeof *entry->point) == 0)
            return false;
    }
    for (int g = 0; g < m; g++)
        if (isnan(entry->point[g])) return false;
    return true;
}

static int plain_end(const Study *study)
{
    const StudyOptions *o = study->o;
    int n_failed = 0, since_gain = 0, n_alike = 0, n_others = 0;
    double best = INFINITY;
    bool reached = false;
    const char *code = NULL;
    for (int i = 0; i < study->n_started; i++) {
        const Entry *entry = study->entries[i];
        if (entry->imported || (!entry->out && !entry_known(study, entry, INT_MAX))) continue;
        n_failed += entry->state == TRIAL_FAILED;
        if (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED) continue;
        if (!code) code = entry->fail_code;
        if (code && entry->fail_code == code) n_alike++;
        else n_others++;
        since_gain++;
        if (entry->state != TRIAL_COMPLETE || !isfinite(entry->score)) continue;
        reached |= entry_reaches_targets(study, entry);
        if (study_n_goals(study) > 0 ? plain_joins(study, i) : entry->score < best - o->plateau_delta)
            since_gain = 0;
        if (entry->score < best) best = entry->score;
    }
    if (reached || (isfinite(o->info->target) && best <= study_sign(study) * o->info->target))
        return STUDY_DONE_TARGET;
    if (o->max_failed > 0 && n_failed >= o->max_failed) return STUDY_DONE_FAILED;
    if (o->max_failed == 0 && n_alike >= STUDY_ALIKE && n_others == 0) return STUDY_DONE_ALIKE;
    if (o->plateau_trials > 0 && since_gain >= o->plateau_trials && isfinite(best)) return STUDY_DONE_PLATEAU;
    return -1;
}

/* ---- histories ----------------------------------------------------------------------------------------- */

static void start_trial(Study *study, Rng *rng)
{
    Error err;
    Entry *entry = entry_add(study, &err);
    assert_non_null(entry);
    entry->imported = rng_below(rng, 20) == 0; /* known from the start, and counted by nobody */
    if (entry->imported) {
        entry->settled = true;
        entry->state = TRIAL_COMPLETE;
        entry->score = rng_uniform(rng);
    }
    for (int g = 0; g < study_n_goals(study); g++)
        entry->point[g] = entry->goal_value[g] = entry->imported ? rng_uniform(rng) : NAN;
    assert_true(study_take(study, study->n_entries - 1, 0, &err));
}

/* Few different numbers, so that equal ones happen, and some that are none. */
static double some_score(Rng *rng)
{
    return rng_below(rng, 12) == 0 ? NAN : floor(20 * rng_uniform(rng)) / 20;
}

static void settle_trial(Study *study, int number, Rng *rng)
{
    static const TrialState states[] = {TRIAL_COMPLETE, TRIAL_COMPLETE, TRIAL_COMPLETE, TRIAL_COMPLETE, TRIAL_PRUNED,
                                        TRIAL_FAILED, TRIAL_INFEASIBLE, TRIAL_EXCLUDED};
    Entry *entry = study->entries[number];
    TrialState state = states[rng_below(rng, sizeof states / sizeof *states)];
    if (rng_below(rng, 30) == 0) entry->out = true; /* it waited at a rung, and nobody will call it */
    if (entry->out) state = TRIAL_PRUNED;
    for (int g = 0; g < study_n_goals(study) && state == TRIAL_COMPLETE; g++)
        entry->point[g] = entry->goal_value[g] = some_score(rng);
    entry->last_rung = 0;
    const FailCode code = rng_below(rng, 4) == 0 ? FAIL_CRASHED : FAIL_DIVERGED;
    entry_settle(study, number, state, fail_code_names[code], some_score(rng), 1);
}

static void compare(const StudyOptions *options, uint32_t history, int *ends)
{
    Study study = {.o = options, .arena = arena_create(0), .started_s = clock_seconds(), .best_number = -1,
                   .ladder = {.n = 1}};
    Rng rng = rng_stream(5, history, RNG_TEST);
    int open[WINDOW], n_open = 0;
    while (study.n_started < N) {
        start_trial(&study, &rng);
        if (!study.entries[study.n_started - 1]->settled) open[n_open++] = study.n_started - 1;
        while (n_open > 0 && (n_open == WINDOW || rng_below(&rng, 2) == 0)) { /* in any order */
            int at = (int)rng_below(&rng, (uint32_t)n_open);
            settle_trial(&study, open[at], &rng);
            open[at] = open[--n_open];
            const int want = plain_end(&study);
            const bool over = study_is_over(&study);
            assert_false(study.failed);
            assert_int_equal(over ? (int)study.end : -1, want);
            ends[want + 1]++;
        }
    }
    free(study.entries);
    free(study.turns);
    free(study.brackets);
    free(study.joined);
    arena_destroy(study.arena);
}

static void counted_once_or_each_time(void **state)
{
    (void)state;
    enum { GOALS = 2 };
    const Space space = {0};
    const Goals goals = {.n = GOALS, .goal = {{.key = "a"}, {.key = "b"}}};
    int ends[STUDY_END_COUNT + 1] = {0};
    for (uint32_t history = 0; history < 120; history++) {
        const StudyInfo info = {.target = history % 5 == 0 ? 0.05 : NAN};
        const StudyOptions options = {.space = &space, .info = &info, .lookback = WINDOW,
                                      .goals = history % 2 ? &goals : NULL,
                                      .max_failed = history % 3 == 1 ? 20 : 0,
                                      .plateau_trials = history % 4 == 3 ? 0 : 5 + (int)history / 4,
                                      .plateau_delta = history % 8 < 4 ? 0 : 0.06};
        compare(&options, history, ends);
    }
    /* All ends were met, and so was none. */
    assert_true(ends[0] > 0 && ends[STUDY_DONE_TARGET + 1] > 0 && ends[STUDY_DONE_FAILED + 1] > 0);
    assert_true(ends[STUDY_DONE_PLATEAU + 1] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counted_once_or_each_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
