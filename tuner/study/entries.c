/* Entries are added and settled here, and the set of tried configurations grows here. */
#include "tuner/study/entries.h"

#include <math.h>
#include <stdlib.h>
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

/* Entries are carved from blocks of many: each of its arrays apart would take more room than it needs. */
enum { BLOCK = 256 };

Entry *entry_add(Study *study, Error *err)
{
    const size_t d = (size_t)study->o->space->n_dims, m = study->o->goals ? (size_t)study->o->goals->n : 0;
    const size_t limits = (size_t)study->o->space->n_limits;
    const size_t rungs = (size_t)study->ladder.n + (size_t)study->ladder.n % 2; /* a whole number of doubles */
    const size_t size = sizeof(Entry) + (d + 2 * m + limits) * sizeof(double) + rungs * sizeof(int);
    if (!GROW(NULL, study->entries, study->n_entries, study->capacity)) return error_memory(err), NULL;
    if (study->n_room == 0) {
        if (!(study->room = arena_alloc(study->arena, BLOCK, size))) return error_memory(err), NULL;
        study->n_room = BLOCK;
    }
    Entry *entry = (void *)study->room;
    double *numbers = (void *)(entry + 1);
    study->room += size;
    study->n_room--;
    entry->u = numbers;
    entry->goal_value = numbers + d;
    entry->point = entry->goal_value + m;
    entry->slack = entry->point + m;
    for (size_t i = 0; i < limits; i++) entry->slack[i] = NAN;
    entry->turn = (void *)(entry->slack + limits);
    entry->attempt = 1;
    entry->source = trial_source_names[SOURCE_TUNER];
    entry->score = NAN;
    entry->sent = entry->last_rung = -1;
    study->entries[study->n_entries++] = entry;
    return entry;
}

static bool same_value(const Value *a, const Value *b)
{
    bool texts = a->text && b->text ? strcmp(a->text, b->text) == 0 : a->text == b->text;
    return a->kind == b->kind && memcmp(&a->number, &b->number, sizeof a->number) == 0 && texts;
}

bool entry_set_values(Study *study, Entry *entry, const Value *values, Error *err)
{
    const Space *space = study->o->space;
    const Runner *runner = &study->o->runner;
    Value decoded[SPACE_MAX_PARAMS];
    bool follows = true;
    if (runner->full_epochs) entry->full_epochs = runner->full_epochs(runner->self, values);
    space_encode(space, values, entry->u);
    space_decode(space, entry->u, decoded);
    for (int i = 0; i < space->n_params && follows; i++) follows = same_value(&values[i], &decoded[i]);
    entry->values = NULL;
    if (follows) return true;
    Value *kept = ARENA_NEW(study->arena, Value, space->n_params);
    for (int i = 0; kept && i < space->n_params; i++) {
        kept[i] = values[i];
        if (values[i].text && !(kept[i].text = arena_copy(study->arena, values[i].text))) kept = NULL;
    }
    entry->values = kept;
    return kept || error_memory(err);
}

bool entry_set_trace(Entry *entry, const char *json, Error *err)
{
    free(entry->trace);
    entry->trace = strdup(json);
    return entry->trace || error_memory(err);
}

bool study_keeps_curves(const Study *study)
{
    return study->o->race.most > 1 || (study->o->pruner && study->o->pruner->type != PRUNER_NONE);
}

bool entry_remember(Study *study, Entry *entry, const TrialRow *row, Error *err)
{
    if (!entry->before && !(entry->before = ARENA_NEW(study->arena, TrialRow, 1))) return error_memory(err);
    int host = row->host ? text_set_add(&study->hosts, study->arena, row->host, strlen(row->host)) : -1;
    *entry->before = (TrialRow){.pid = row->pid, .host = host < 0 ? NULL : study->hosts.text[host]};
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
    Value room[SPACE_MAX_PARAMS];
    if (runner->work) costs->work += runner->work(runner->self, entry_values(study, entry, room));
}

void entry_settle(Study *study, int number, TrialState state, const char *fail_code, double value,
                  double seconds)
{
    Entry *entry = study->entries[number];
    int code = state == TRIAL_FAILED && fail_code ? names_find(fail_code_names, fail_code) : -1;
    entry->fail_code = code < 0 ? NULL : fail_code_names[code];
    entry->settled = true;
    entry->state = state;
    free(entry->trace); /* it is written */
    entry->trace = NULL;
    study->n_settled++;
    study->n_of_state[state]++;
    entry->score = study_sign(study) * value;
    if (state == TRIAL_COMPLETE && study->o->time_cap_s > 0) add_cost(study, entry, seconds);
    if (state == TRIAL_COMPLETE && isfinite(value) && !entry->breaks
        && (study->best_number < 0
            || trial_before(entry->score, number, study->best_score, study->best_number, false))) {
        study->best_number = number;
        study->best_score = entry->score;
    }
}
