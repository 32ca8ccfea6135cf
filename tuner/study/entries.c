/* Entries are added and settled here, and the set of tried configurations grows here. */
#include "tuner/study/entries.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/grow.h"

/* ---- the set of configurations that were ever proposed --------------------------------------- */

/* By the head of its hash, which is a key good enough: whose it was does not matter. */
bool taken_has(const Study *study, const char *hash)
{
    uint32_t step = 0;
    return set_next(&study->taken, sha256_head(hash), &step) >= 0;
}

bool taken_add(Study *study, const char *hash, Error *err)
{
    return taken_has(study, hash) || set_add(&study->taken, NULL, sha256_head(hash), 0) || error_memory(err);
}

/* ---- entries --------------------------------------------------------------------------------- */

Entry *entry_add(Study *study, Error *err)
{
    if (!GROW(NULL, study->entries, study->n_entries, study->capacity)) return error_memory(err), NULL;
    const Space *space = study->o->space;
    Entry *entry = ARENA_NEW(study->arena, Entry, 1);
    if (entry) {
        entry->values = ARENA_NEW(study->arena, Value, space->n_params);
        entry->u = ARENA_NEW(study->arena, double, space->n_dims);
    }
    if (!entry || !entry->values || !entry->u) return error_memory(err), NULL;
    entry->attempt = 1;
    entry->source = trial_source_names[SOURCE_TUNER];
    entry->score = NAN;
    entry->sent = entry->last_rung = -1;
    study->entries[study->n_entries++] = entry;
    return entry;
}

bool entry_remember(Study *study, Entry *entry, const TrialRow *row, Error *err)
{
    if (!entry->before && !(entry->before = ARENA_NEW(study->arena, TrialRow, 1))) return error_memory(err);
    *entry->before = (TrialRow){0};
    record_join(&trial_columns, row, entry->before);
    return true;
}

double curve_best(const Curve *curve, int n, int *epoch)
{
    double best = NAN;
    for (int i = 0; i < n && i < curve->n; i++)
        if (!isnan(curve->value[i]) && !(curve->value[i] > best)) {
            best = curve->value[i];
            if (epoch) *epoch = i + 1;
        }
    return best;
}

/* For study_ends_too_late. Without memory it is not counted. */
static void add_cost(Study *study, const Entry *entry, double seconds)
{
    const Runner *runner = &study->o->runner;
    Costs *costs = &study->costs;
    if (!(seconds > 0) || !GROW(NULL, costs->took, costs->n, costs->capacity)) return;
    int low = 0, high = costs->n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (costs->took[middle] <= seconds) low = middle + 1;
        else high = middle;
    }
    memmove(&costs->took[low + 1], &costs->took[low], (size_t)(costs->n - low) * sizeof *costs->took);
    costs->took[low] = seconds;
    costs->n++;
    costs->seconds += seconds;
    if (runner->work) costs->work += runner->work(runner->self, entry->values);
}

void entry_settle(Study *study, int number, TrialState state, const char *fail_code, double value,
                  double seconds)
{
    Entry *entry = study->entries[number];
    int code = state == TRIAL_FAILED && fail_code ? names_find(fail_code_names, fail_code) : -1;
    entry->fail_code = code < 0 ? NULL : fail_code_names[code];
    entry->settled = true;
    entry->state = state;
    study->n_settled++;
    study->n_of_state[state]++;
    entry->score = study_sign(study) * value;
    if (state == TRIAL_COMPLETE && study->o->time_cap_s > 0) add_cost(study, entry, seconds);
    if (state == TRIAL_COMPLETE && isfinite(value)
        && (study->best_number < 0
            || trial_before(entry->score, number, study->best_score, study->best_number, false))) {
        study->best_number = number;
        study->best_score = entry->score;
    }
}
