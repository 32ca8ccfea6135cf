/* job/alike.c - compares the best trials of a study with the best in pairs. */
#include "job/alike.h"

#include <math.h>

#include "job/common_rows.h"
#include "model/paired.h"

enum { MOST_RANKED = 64, FEWEST_DRAWS = 200 };
/* Rows times draws times trials, about a second of one core. */
static const double most_work = 2e8;

/* The first `most` of those that rank, best first. */
static int ranked(const TrialRow *rows, int n, int most, bool maximize, const TrialRow *out[MOST_RANKED])
{
    int found = 0;
    for (int i = 0; i < n; i++) {
        if (!trial_ranks(&rows[i])) continue;
        int at = found < most ? found++ : most;
        for (; at > 0 && trial_before(rows[i].value, rows[i].number, out[at - 1]->value, out[at - 1]->number,
                                      maximize); at--)
            if (at < most) out[at] = out[at - 1];
        if (at < most) out[at] = &rows[i];
    }
    return found;
}

/* Is the trial alike? *known false: its predictions are not there. ERR_MEMORY only. */
static bool compare(const Finished *f, const Predictions *best, const TrialRow *trial, MetricId metric,
                    int n_trials, bool *known, bool *alike, Error *err)
{
    Arena *arena = arena_create(0);
    Predictions own;
    PairedDelta d = {.low95 = NAN, .high95 = NAN};
    Error why = {0};
    Pair pair = {.seed = f->study.seed, .positive = f->data.positive};
    bool ok = arena && trial_predictions(f->store, f->place.folder, trial, arena, &own, &why)
           && common_rows(best, &own, f->data.train, arena, &pair, &why);
    if (ok) {
        const double draws = most_work / ((double)pair.n * n_trials);
        pair.draws = (int)fmax(FEWEST_DRAWS, fmin(PAIRED_DRAWS, draws));
        ok = paired_difference(&pair, metric, arena, &d, &why);
    }
    arena_destroy(arena);
    if (!arena || why.code == ERR_MEMORY) return error_memory(err);
    *known = ok && isfinite(d.low95) && isfinite(d.high95);
    *alike = *known && d.low95 <= 0 && d.high95 >= 0;
    return true;
}

bool alike_trials(const Finished *f, int most, int *n_alike, Error *err)
{
    const bool loss = f->config->metric == METRIC_LOSS && f->data.train->task.kind == TASK_LABELS;
    const MetricId metric = loss ? METRIC_LOG_LOSS : metric_of_model(f->config->metric);
    const TrialRow *order[MOST_RANKED] = {NULL};
    TrialRow *rows;
    Predictions best;
    Error why = {0};
    int n, found;
    *n_alike = 0;
    if (!metric_is_for(metric, f->data.train->task.kind)) return true;
    if (!store_trials_brief(f->store, f->study.id, f->arena, &rows, &n, err)) return false;
    if (most > MOST_RANKED) most = MOST_RANKED;
    found = ranked(rows, n, most, f->study.maximize, order);
    if (found == 0 || !order[0]) return true;
    if (!trial_predictions(f->store, f->place.folder, order[0], f->arena, &best, &why))
        return why.code != ERR_MEMORY || error_memory(err);
    *n_alike = 1;
    for (int i = 1; i < found && order[i]; i++) {
        bool known = false, alike = false;
        if (!compare(f, &best, order[i], metric, found, &known, &alike, err)) return false;
        if (!known) *n_alike = i == 1 ? 0 : *n_alike;
        if (!alike) break;
        ++*n_alike;
    }
    return true;
}
