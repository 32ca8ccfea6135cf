/* Gathers the trials whose predictions and models are kept. */
#include "ensemble/gather.h"

#include <math.h>
#include <string.h>

#include "base/file.h"

typedef struct {
    const GatherInput *in;
    Arena *arena;
    Gathered out;
} Gathering;

static bool add_entry(Gathering *g, const TrialRow *row, Error *err)
{
    ArtifactRow *artifacts = NULL;
    int n = 0;
    Entry entry = {.row = row};
    if (!store_artifacts(g->in->store, row->id, g->arena, &artifacts, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        const char *path = path_join(g->arena, g->in->folder, artifacts[i].path);
        if (!path) return error_memory(err);
        if (artifact_is(&artifacts[i], ARTIFACT_WEIGHTS)) entry.weights_path = path;
        if (artifact_is(&artifacts[i], ARTIFACT_PROBA)) entry.proba_path = path;
    }
    if (entry.weights_path && entry.proba_path) g->out.entry[g->out.n_entries++] = entry;
    return true;
}

static void keep_promising(Gathering *g)
{
    const double sign = g->in->larger_is_better ? -1 : 1;
    while (g->in->most > 0 && g->out.n_entries > g->in->most) {
        int worst = 0;
        for (int i = 1; i < g->out.n_entries; i++)
            if (!(sign * g->out.entry[i].row->value < sign * g->out.entry[worst].row->value)) worst = i;
        memmove(&g->out.entry[worst], &g->out.entry[worst + 1],
                (size_t)(g->out.n_entries - worst - 1) * sizeof *g->out.entry);
        g->out.n_entries--;
    }
}

static const char *mismatch(const Gathering *g, const Predictions *first, const Predictions *p)
{
    if (p->n_classes != g->in->n_values)
        return task_has_classes(g->in->task) ? "predicts another number of classes"
                                             : "predicts another number of values";
    if (p->numbers != (g->in->task->kind == TASK_NUMBERS)) return "predicts for another task";
    if (p->row[p->n_rows - 1] >= g->in->n_rows) return "predicts rows that the data do not have";
    if (first && (first->n_rows != p->n_rows ||
                  memcmp(first->row, p->row, (size_t)p->n_rows * sizeof *p->row) != 0))
        return "predicts other rows than the first trial";
    return NULL;
}

static bool skip(Gathering *g, const TrialRow *row, const char *why)
{
    SkippedTrial *skipped = &g->out.skipped[g->out.n_skipped++];
    *skipped = (SkippedTrial){row->number, arena_copy(g->arena, why)};
    return skipped->why != NULL;
}

/* A file that is gone or damaged costs its trial, not the ensemble. */
static bool load_predictions(Gathering *g, Error *err)
{
    Error why = {0};
    int n = 0;
    g->out.skipped = ARENA_NEW(g->arena, SkippedTrial, g->out.n_entries);
    if (!g->out.skipped) return error_memory(err);
    for (int i = 0; i < g->out.n_entries; i++) {
        Entry *entry = &g->out.entry[i];
        const char *problem = why.message;
        bool ok = predictions_load(entry->proba_path, g->arena, &entry->predictions, &why);
        if (!ok && why.code == ERR_MEMORY) return error_memory(err);
        if (ok) {
            problem = mismatch(g, n ? &g->out.entry[0].predictions : NULL, &entry->predictions);
            ok = !problem;
        }
        if (ok) g->out.entry[n++] = *entry;
        else if (!skip(g, entry->row, problem)) return error_memory(err);
    }
    g->out.n_entries = n;
    return true;
}

bool gather_entries(const GatherInput *in, Arena *arena, Gathered *out, Error *err)
{
    Gathering g = {.in = in, .arena = arena};
    TrialRow *trials = NULL;
    int n_trials = 0, n_broken = 0;
    if (!store_trials(in->store, in->study->id, arena, &trials, &n_trials, err)) return false;
    g.out.entry = ARENA_NEW(arena, Entry, n_trials);
    g.out.complete = ARENA_NEW(arena, int, n_trials);
    if (!g.out.entry || !g.out.complete) return error_memory(err);
    for (int i = 0; i < n_trials; i++) {
        if (trials[i].state != TRIAL_COMPLETE || !isfinite(trials[i].value)) continue;
        n_broken += trials[i].fail_code != NULL;
        if (trials[i].fail_code) continue;
        g.out.complete[g.out.n_complete++] = trials[i].number;
        if (!add_entry(&g, &trials[i], err)) return false;
    }
    if (g.out.n_complete == 0 && n_broken > 0)
        return error_set(err, ERR_INVALID, "study %s has no finished trial that keeps the limits in"
                         " `constraints`; %d break one", in->study->name, n_broken);
    if (g.out.n_entries == 0)
        return error_set(err, ERR_INVALID,
                         g.out.n_complete ? "study %s: none of its %d finished trials has kept its "
                                      "predictions; raise run.keep_models and run the sweep again"
                                    : "study %s has no finished trial (%d)",
                         in->study->name, g.out.n_complete);
    keep_promising(&g);
    if (!load_predictions(&g, err)) return false;
    if (g.out.n_entries == 0)
        return error_set(err, ERR_DATA, "study %s: no stored predictions can be used; trial %d: %s",
                         in->study->name, g.out.skipped[0].trial, g.out.skipped[0].why);
    *out = g.out;
    return true;
}
