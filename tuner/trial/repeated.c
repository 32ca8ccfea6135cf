/* Runs of one trial after each other, and what they come to together. */
#include "tuner/trial/repeated.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"

uint64_t repeated_seed(uint64_t study_seed, const TrialTask *task)
{
    return rng_mix(rng_mix(repeat_seed(study_seed, task->again), 0x726570656174), (uint64_t)task->repeat);
}

typedef struct {
    const Repeats *o;
    Arena *arena;
    TrialRecord *run; /* (most) those that came to their end */
    double *scores;   /* minimized */
    int n;
    double seconds, cpu_s;
    int64_t peak_bytes;
    int epochs;
} Runs;

static void add_costs(Runs *runs, const TrialRecord *record)
{
    runs->seconds += record->row.seconds;
    runs->cpu_s += record->row.cpu_s;
    runs->epochs += record->row.epochs;
    if (record->row.peak_bytes > runs->peak_bytes) runs->peak_bytes = record->row.peak_bytes;
}

/* The mean of a metric over all runs; false: one of them did not report it. */
static bool mean_of(const Runs *runs, const MetricRow *row, double *mean)
{
    double sum = 0;
    for (int r = 0; r < runs->n; r++) {
        const TrialRecord *run = &runs->run[r];
        int i = 0;
        while (i < run->n_metrics && strcmp(run->metrics[i].name, row->name) != 0) i++;
        if (i == run->n_metrics) return false;
        sum += run->metrics[i].value;
    }
    *mean = sum / runs->n;
    return true;
}

static bool put_together(const Runs *runs, TrialState state, TrialRecord *out, Error *err)
{
    const TrialRecord *first = &runs->run[0];
    const double sign = runs->o->maximize ? -1 : 1;
    double sum = 0, square = 0;
    *out = *first;
    out->metrics = ARENA_NEW(runs->arena, MetricRow, first->n_metrics + runs->n);
    if (!out->metrics) return error_memory(err);
    out->n_metrics = 0;
    for (int i = 0; i < first->n_metrics; i++) {
        MetricRow row = first->metrics[i];
        if (mean_of(runs, &row, &row.value)) out->metrics[out->n_metrics++] = row;
    }
    for (int r = 0; r < runs->n; r++) {
        sum += runs->scores[r];
        const double score = sign * runs->scores[r];
        out->metrics[out->n_metrics++] = (MetricRow){"val", r, runs->o->metric, score, NAN, NAN};
    }
    for (int r = 0; r < runs->n; r++) square += pow(runs->scores[r] - sum / runs->n, 2);
    out->scores = (Curve){runs->n, runs->scores};
    out->row.state = state;
    out->row.value = sign * sum / runs->n;
    out->row.value_sd = runs->n > 1 ? sqrt(square / (runs->n - 1)) : NAN;
    return true;
}

/* How the trial ended with a run that did not complete. */
static void end_with(const Runs *runs, const TrialRecord *last, TrialRecord *out)
{
    *out = *last;
    if (runs->n == 0) return;
    out->curve = runs->run[0].curve;
    if (last->row.state == TRIAL_FAILED)
        snprintf(out->fail_text, sizeof out->fail_text, "repeat %d: %.200s", runs->n + 1, last->fail_text);
}

static bool stops(const Runs *runs, const TrialTask *task)
{
    const Curve scores = {runs->n, runs->scores};
    return race_stops(&runs->o->race, 1, &scores, task->n_finished, task->finished)
        || pruner_stops_between(runs->o->pruner, &scores, task->n_finished, task->finished, NULL);
}

bool repeated_run(const Repeats *o, const TrialTask *task, Arena *arena, TrialRecord *out, Error *err)
{
    const int most = o->race.most;
    Runs runs = {.o = o, .arena = arena, .run = ARENA_NEW(arena, TrialRecord, most),
                 .scores = ARENA_NEW(arena, double, most)};
    TrialState state = TRIAL_COMPLETE;
    if (!runs.run || !runs.scores) return error_memory(err);
    while (runs.n < most && state == TRIAL_COMPLETE) {
        TrialTask one = *task;
        TrialRecord record;
        one.repeat = runs.n;
        if (runs.n > 0) {
            one.n_others = one.n_goals = one.pause_after = one.n_known = 0;
            one.rungs = false;
            one.seconds += runs.seconds;
        }
        if (!o->once(o->self, &one, arena, &record, err)) return false;
        add_costs(&runs, &record);
        if (record.row.state != TRIAL_COMPLETE) {
            end_with(&runs, &record, out);
            state = record.row.state;
            break;
        }
        runs.scores[runs.n] = o->maximize ? -record.row.value : record.row.value;
        runs.run[runs.n++] = record;
        if (runs.n < most && stops(&runs, task)) state = TRIAL_PRUNED;
    }
    const bool ended = runs.n == most || state == TRIAL_COMPLETE || (state == TRIAL_PRUNED && runs.n > 0);
    if (ended && !put_together(&runs, state, out, err)) return false;
    out->row.seconds = runs.seconds;
    out->row.cpu_s = runs.cpu_s;
    out->row.peak_bytes = runs.peak_bytes;
    out->row.epochs = runs.epochs;
    return true;
}
