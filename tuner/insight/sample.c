/* Reads a study's trials, ranks them, and draws those that models are made of. */
#include "tuner/insight/sample.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    double value;
    int number, at;
    bool maximize;
} RankKey;

static int by_rank(const void *a, const void *b)
{
    const RankKey *x = a, *y = b;
    if (x->number == y->number) return 0;
    return trial_before(x->value, x->number, y->value, y->number, x->maximize) ? -1 : 1;
}

static bool rank(Sample *sample, bool maximize, Arena *arena, Error *err)
{
    RankKey *keys = calloc((size_t)sample->n_trials + 1, sizeof *keys);
    int *ranked = ARENA_NEW(arena, int, sample->n_trials), n = 0;
    for (int i = 0; keys && i < sample->n_trials; i++) {
        const TrialRow *trial = &sample->trials[i];
        if (trial_ranks(trial)) keys[n++] = (RankKey){trial->value, trial->number, i, maximize};
    }
    if (keys) qsort(keys, (size_t)n, sizeof *keys, by_rank);
    for (int i = 0; keys && ranked && i < n; i++) ranked[i] = keys[i].at;
    const bool ok = keys && ranked;
    free(keys);
    sample->ranked = ranked;
    sample->n_ranked = n;
    return ok || error_memory(err);
}

int sample_mark(int n, int most, bool *marked)
{
    int others = 0, rest = 0, count = 0;
    for (int i = 0; i < n; i++) others += !marked[i];
    for (int i = 0; i < n; i++) {
        if (marked[i]) continue;
        if (others <= most || (int)((double)(rest + 1) * most / others) > (int)((double)rest * most / others))
            marked[i] = true, count++;
        rest++;
    }
    return count;
}

/* What importance and the way to the winner speak of. */
static void mark_named(const Sample *sample, bool *marked)
{
    static const TrialSource sources[] = {SOURCE_BASELINE, SOURCE_USER};
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < sample->n_trials; i++) {
            const TrialRow *trial = &sample->trials[i];
            if (trial->state != TRIAL_COMPLETE || !trial_is_from(trial, sources[s])) continue;
            marked[i] = true;
            break;
        }
    if (sample->n_ranked == 0) return;
    marked[sample->ranked[0]] = true;
    marked[sample->ranked[sample->n_ranked / 2]] = true;
}

static bool draw(Store *store, Sample *sample, Arena *arena, Error *err)
{
    bool *marked = ARENA_NEW(arena, bool, sample->n_trials);
    int n = 0;
    if (!marked) return error_memory(err);
    mark_named(sample, marked);
    sample_mark(sample->n_trials, SAMPLE_WHOLE, marked);
    for (int i = 0; i < sample->n_trials; i++) n += marked[i];
    TrialRow *rows = ARENA_NEW(arena, TrialRow, n + 1);
    if (!rows) return error_memory(err);
    n = 0;
    for (int i = 0; i < sample->n_trials; i++) {
        if (!marked[i]) continue;
        if (!store_trial_whole(store, &sample->trials[i], arena, err)) return false;
        rows[n++] = sample->trials[i];
    }
    sample->modelled = rows;
    sample->n_modelled = n;
    return true;
}

bool sample_read(Store *store, int64_t study_id, bool maximize, Arena *arena, Sample *out, Error *err)
{
    int n;
    *out = (Sample){0};
    if (!store_count_trials(store, study_id, &n, err)) return false;
    out->thinned = n > SAMPLE_WHOLE;
    bool ok = out->thinned ? store_trials_brief(store, study_id, arena, &out->trials, &out->n_trials, err)
                           : store_trials(store, study_id, arena, &out->trials, &out->n_trials, err);
    if (!ok || !rank(out, maximize, arena, err)) return false;
    out->modelled = out->trials;
    out->n_modelled = out->n_trials;
    return !out->thinned || draw(store, out, arena, err);
}

int sample_place(const Sample *sample, int at)
{
    int low = 0, high = sample->n_modelled;
    if (!sample->thinned) return at;
    const int number = sample->trials[at].number;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (sample->modelled[middle].number < number) low = middle + 1;
        else high = middle;
    }
    return low < sample->n_modelled && sample->modelled[low].number == number ? low : -1;
}
