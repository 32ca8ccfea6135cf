/* What may be seen in a turn is the same, kept from turn to turn or made anew: random histories, both ways. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "tuner/study/entries.h"
#include "tuner/study/next.h"
#include "tuner/study/sight.h"
#include "tuner/study/turns.h"

enum { TURNS = 160, LOOKBACK = 7, FULL = 9 };

/* ---- the plain way: all trials, each time ------------------------------------------------------------- */

static double plain_share(const Study *study, const Entry *entry, int n, int longest)
{
    int full = study->o->runner.full_epochs ? entry->full_epochs : longest;
    return full > 0 ? fmin(1, (double)n / full) : 1;
}

static int plain_seen(const Study *study, int n, int t, Seen *seen)
{
    int n_seen = 0, longest = 0;
    for (int i = 0; i < n; i++)
        if (entry_known(study, study->entries[i], t) && study->entries[i]->curve.n > longest)
            longest = study->entries[i]->curve.n;
    for (int i = 0; i < n; i++) {
        const Entry *entry = study->entries[i];
        bool known = entry_known(study, entry, t) && !entry->out;
        int rung = entry_reached(study, entry, t);
        if (known && (entry->state == TRIAL_INFEASIBLE || entry->state == TRIAL_EXCLUDED)) continue;
        Seen *s = &seen[n_seen++];
        *s = (Seen){.number = (uint32_t)i, .state = SEEN_PENDING, .u = entry->u, .score = NAN, .share = 1};
        bool scored = isfinite(entry->score);
        if (known) {
            s->state = entry->state == TRIAL_COMPLETE && scored ? SEEN_DONE
                     : entry->state == TRIAL_PRUNED && scored ? SEEN_PRUNED : SEEN_FAILED;
            if (s->state != SEEN_FAILED) s->score = entry->score;
            if (s->state == SEEN_PRUNED) s->share = plain_share(study, entry, entry->curve.n, longest);
            if (s->state == SEEN_FAILED) continue;
            s->n_curve = entry->curve.n;
            s->curve = entry->curve.value;
        } else if (rung >= 0) {
            int epoch = entry_epoch(study, entry, rung);
            if (epoch > entry->curve.n) epoch = entry->curve.n;
            double score = curve_best(&entry->curve, epoch, NULL);
            if (!isfinite(score)) continue;
            s->state = SEEN_PRUNED;
            s->score = score;
            s->share = plain_share(study, entry, epoch, longest);
            s->n_curve = epoch;
            s->curve = entry->curve.value;
        }
    }
    return n_seen;
}

static void assert_same_seen(const Seen *a, const Seen *b)
{
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->state, b->state);
    assert_ptr_equal(a->u, b->u);
    assert_memory_equal(&a->score, &b->score, sizeof a->score);
    assert_memory_equal(&a->share, &b->share, sizeof a->share);
    assert_int_equal(a->n_curve, b->n_curve);
    if (a->n_curve > 0) assert_memory_equal(a->curve, b->curve, (size_t)a->n_curve * sizeof *a->curve);
}

static void compare_seen(Study *study, int n, int t, Arena *arena)
{
    Seen want[TURNS];
    Ask ask = {0};
    Error err;
    int n_want = plain_seen(study, n, t, want);
    assert_true(sight_of(study, n, t, &ask, arena, &err));
    assert_int_equal(ask.n_seen, n_want);
    for (int i = 0; i < n_want; i++) assert_same_seen(&ask.seen[i], &want[i]);
}

/* Of curves the order does not count: each is there once. */
static void compare_curves(Study *study, int t)
{
    TrialTask task = {0};
    Error err;
    assert_true(sight_curves(study, t, &task, &err));
    int n = 0, n_finished = 0;
    for (int i = 0; i < study->n_started; i++) {
        const Entry *entry = study->entries[i];
        if (!entry_known(study, entry, t)) continue;
        if (entry->scores.n > 0 && entry->state == TRIAL_COMPLETE) n_finished++;
        if (entry->curve.n == 0 || !pruner_compares(study->o->pruner)) continue;
        int found = 0;
        for (int k = 0; k < task.n_others; k++) found += task.others[k].value == entry->curve.value;
        assert_int_equal(found, 1);
        n++;
    }
    assert_int_equal(task.n_others, n);
    assert_int_equal(task.n_finished, n_finished);
}

/* ---- histories ----------------------------------------------------------------------------------------- */

static int full_epochs(void *self, const Value *values)
{
    (void)self, (void)values;
    return FULL;
}

/* As far as it goes: what is there already stays. */
static void grow_curve(Study *study, Entry *entry, int n, Rng *rng)
{
    double *value = ARENA_NEW(study->arena, double, n);
    for (int i = 0; i < n; i++)
        value[i] = i < entry->curve.n ? entry->curve.value[i] : rng_below(rng, 9) ? rng_uniform(rng) : NAN;
    entry->curve = (Curve){n, value};
}

static void end_turn(Study *study, int turn, Rng *rng)
{
    static const TrialState states[] = {TRIAL_COMPLETE, TRIAL_COMPLETE, TRIAL_PRUNED, TRIAL_FAILED, TRIAL_EXCLUDED};
    int n = study->turns[turn].trial, rung = study->turns[turn].rung;
    Entry *entry = study->entries[n];
    bool pauses = rung < study->ladder.n - 1 && rng_below(rng, 6) > 0;
    int most = study->ladder.n > 1 ? ladder_epoch(&study->ladder, rung, FULL) : 1 + (int)rng_below(rng, FULL);
    grow_curve(study, entry, most > entry->curve.n ? most : entry->curve.n, rng);
    entry->last_rung = rung;
    entry->paused = pauses;
    if (!pauses) {
        TrialState state = states[rng_below(rng, sizeof states / sizeof *states)];
        if (state == TRIAL_COMPLETE) entry->scores = (Curve){1, entry->curve.value};
        entry_settle(study, n, state, "DIVERGED", rng_below(rng, 9) ? rng_uniform(rng) : NAN, 1);
    }
    turn_end(study, turn);
}

static void play(const StudyOptions *options, uint32_t history)
{
    Study study = {.o = options, .arena = arena_create(0), .best_number = -1};
    Arena *arena = arena_create(0);
    Rng rng = rng_stream(9, history, RNG_TEST);
    Error err;
    int open[TURNS], n_open = 0;
    ladder_make(options->pruner, FULL, &study.ladder);
    for (int t = 0; t < TURNS; t++) {
        while (n_open > 0 && (open[0] <= t - LOOKBACK || n_open == LOOKBACK || rng_below(&rng, 2) == 0)) {
            int at = open[0] <= t - LOOKBACK ? 0 : (int)rng_below(&rng, (uint32_t)n_open);
            end_turn(&study, open[at], &rng);
            memmove(&open[at], &open[at + 1], (size_t)(--n_open - at) * sizeof *open);
        }
        int out = study_next_out(&study);
        if (out >= 0 && rng_below(&rng, 2)) {
            const Curve *curve = &study.entries[out]->curve;
            entry_settle(&study, out, TRIAL_PRUNED, NULL, curve_best(curve, curve->n, NULL), 0);
        }
        NextTurn next;
        assert_true(study_next(&study, t, arena, &next, &err));
        if (next.trial == study.n_started) {
            compare_seen(&study, study.n_started, t, arena);
            Entry *entry = entry_add(&study, &err);
            assert_non_null(entry);
            entry->full_epochs = options->runner.full_epochs ? FULL : 0;
            if (rng_below(&rng, 10) == 0) { /* refused at once */
                entry_settle(&study, next.trial, TRIAL_INFEASIBLE, NULL, NAN, 0);
                entry->last_rung = next.rung;
            }
        }
        assert_true(study_take(&study, next.trial, next.rung, &err));
        if (next.trial < 0) continue;
        if (study.entries[next.trial]->settled) turn_end(&study, t);
        else open[n_open++] = t;
        if (rng_below(&rng, 3)) compare_curves(&study, t); /* not in every turn is there a task */
    }
    free(study.entries);
    free(study.turns);
    free(study.brackets);
    free(study.sight.seen);
    free(study.sight.ended);
    free(study.sight.curve_turn);
    free(study.sight.score_turn);
    arena_destroy(study.arena);
    arena_destroy(arena);
}

static void kept_or_made_anew(void **state)
{
    (void)state;
    static const int types[] = {PRUNER_HYPERBAND, PRUNER_MEDIAN, PRUNER_HALVING, PRUNER_HYPERBAND_SYNC,
                                PRUNER_FREEZE_THAW};
    const Sampler sampler = {.learns = true};
    const Space space = {0};
    const StudyInfo info = {.target = NAN};
    for (uint32_t history = 0; history < 200; history++) {
        const PrunerOptions pruner = {.type = types[history % 5], .min_iter = 1, .eta = 3, .folds = true};
        StudyOptions options = {.space = &space, .sampler = &sampler, .info = &info, .pruner = &pruner,
                                .lookback = LOOKBACK, .async = history % 10 >= 5 && history % 5 < 2};
        if (history % 20 < 12 || pruner_pauses(&pruner)) options.runner.full_epochs = full_epochs;
        play(&options, history);
    }
}

/* Where no pruning looks at curves none are made known; a turn that is run again sees what it saw. */
static void sees_what_it_saw(PrunerKind type)
{
    const Sampler sampler = {.learns = false};
    const Space space = {0};
    const StudyInfo info = {.target = NAN};
    const PrunerOptions pruner = {.type = type};
    const bool foretells = type == PRUNER_FORECAST;
    const StudyOptions options = {.space = &space, .sampler = &sampler, .info = &info, .pruner = &pruner,
                                  .lookback = 2};
    Study study = {.o = &options, .arena = arena_create(0), .best_number = -1, .ladder = {.n = 1}};
    Rng rng = rng_stream(1, 0, RNG_TEST);
    Error err;
    int seen[20];
    for (int t = 0; t < 20; t++) {
        TrialTask task = {0};
        assert_non_null(entry_add(&study, &err));
        assert_true(study_take(&study, t, 0, &err));
        assert_true(sight_curves(&study, t, &task, &err));
        seen[t] = foretells ? task.n_runs : task.n_others;
        if (!foretells) assert_int_equal(seen[t], t < 2 ? 0 : t - 1);
        for (int i = 0, at = 0; foretells && i < t - 1; i++) { /* those that came to their end */
            const Entry *entry = study.entries[i];
            if (entry->state != TRIAL_COMPLETE || !isfinite(entry->score)) continue;
            assert_true(at < seen[t]);
            assert_ptr_equal(task.runs[at].first, entry->curve.value);
            assert_ptr_equal(task.runs[at++].end, &entry->score);
        }
        end_turn(&study, t, &rng);
    }
    for (int t = 0; t < 20; t++) {
        TrialTask task = {0};
        assert_true(sight_curves(&study, t, &task, &err));
        assert_int_equal(foretells ? task.n_runs : task.n_others, seen[t]);
        assert_int_equal(foretells ? task.n_others : task.n_runs, 0);
    }
    assert_int_equal(study.sight.n, 0);
    free(study.entries);
    free(study.turns);
    free(study.sight.curve_turn);
    free(study.sight.score_turn);
    free(study.sight.run_turn);
    arena_destroy(study.arena);
}

static void an_earlier_turn_sees_what_it_saw(void **state)
{
    (void)state;
    sees_what_it_saw(PRUNER_MEDIAN);
    sees_what_it_saw(PRUNER_FORECAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_or_made_anew),
                                       cmocka_unit_test(an_earlier_turn_sees_what_it_saw)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
