/* Entries are added and settled here, and the set of tried configurations grows here. */
#include "tuner/study/entries.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"

/* ---- the set of configurations that were ever proposed --------------------------------------- */

/* 0 marks an empty place in the set. */
static uint64_t hash_key(const char *hex)
{
    uint64_t key = sha256_head(hex);
    return key ? key : 1;
}

bool taken_has(const Study *study, const char *hash)
{
    uint64_t key = hash_key(hash);
    if (study->taken_size == 0) return false;
    for (size_t i = key % study->taken_size;; i = (i + 1) % study->taken_size) {
        if (study->taken[i] == key) return true;
        if (study->taken[i] == 0) return false;
    }
}

bool taken_add(Study *study, const char *hash, Error *err)
{
    uint64_t key = hash_key(hash);
    if (2 * (study->n_taken + 1) > study->taken_size) {
        size_t size = study->taken_size ? 2 * study->taken_size : 256;
        uint64_t *old = study->taken, *grown = calloc(size, sizeof *grown);
        if (!grown) return error_memory(err);
        for (size_t i = 0; i < study->taken_size; i++) {
            if (!old[i]) continue;
            size_t to = old[i] % size;
            while (grown[to]) to = (to + 1) % size;
            grown[to] = old[i];
        }
        free(old);
        study->taken = grown;
        study->taken_size = size;
    }
    size_t to = key % study->taken_size;
    while (study->taken[to] && study->taken[to] != key) to = (to + 1) % study->taken_size;
    if (!study->taken[to]) study->n_taken++;
    study->taken[to] = key;
    return true;
}

/* ---- entries --------------------------------------------------------------------------------- */

Entry *entry_add(Study *study, Error *err)
{
    if (study->n_entries == study->capacity) {
        int capacity = study->capacity ? 2 * study->capacity : 64;
        Entry **grown = realloc(study->entries, (size_t)capacity * sizeof *grown);
        if (!grown) return error_memory(err), NULL;
        study->entries = grown;
        study->capacity = capacity;
    }
    const Space *space = study->o->space;
    Entry *entry = ARENA_NEW(study->arena, Entry, 1);
    if (entry) {
        entry->values = ARENA_NEW(study->arena, Value, space->n_params);
        entry->u = ARENA_NEW(study->arena, double, space->n_dims);
    }
    if (!entry || !entry->values || !entry->u) return error_memory(err), NULL;
    entry->attempt = 1;
    entry->source = "tuner";
    entry->score = NAN;
    entry->sent = entry->last_rung = -1;
    study->entries[study->n_entries++] = entry;
    return entry;
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

void entry_settle(Study *study, int number, TrialState state, double value)
{
    Entry *entry = study->entries[number];
    entry->settled = true;
    entry->state = state;
    study->n_settled++;
    study->n_of_state[state]++;
    entry->score = study_sign(study) * value;
    if (state == TRIAL_COMPLETE && isfinite(value)
        && (study->best_number < 0 || entry->score < study->best_score
            || (entry->score == study->best_score && number < study->best_number))) {
        study->best_number = number;
        study->best_score = entry->score;
    }
}
